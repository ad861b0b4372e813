// The exit codes of every command, in one place: `rainstorm help exit-codes` prints this table.
#pragma once
#include <span>
#include <string_view>

namespace rs {
enum class Exit {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kJobFailed = 3,
  kNotFound = 4,
  kConflict = 5,
  kDenied = 6,
  kUnreachable = 7,
  kTimedOut = 8,
  kCheckFailed = 9,
  kQuarantined = 10,
  kPartial = 11,
  kDaemonData = 65,  // sysexits, of `node run`
  kDaemonUnavailable = 69,
  kDaemonFolder = 73,
  kDaemonBusy = 75,
  kDaemonDenied = 77,
  kDaemonConfig = 78,
  kInterrupted = 130,
  kReaderGone = 141,
};

struct ExitRow {
  Exit code;
  std::string_view meaning;
};
std::span<const ExitRow> exit_table();
}  // namespace rs
