// One line for each event, for machines as much as for people: UTC time, level, event, key=value pairs. Safe from
// every thread. Nothing of the logic may depend on it: it reads the wall clock, and the simulator leaves it off.
#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rs {
enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };

struct LogField {
  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, std::integral auto number) : key(name), value(std::to_string(number)) {}
  std::string_view key;
  std::string value;
};

struct LogTarget {
  std::string path;           // appended to; empty: stderr
  uint64_t rotate_bytes = 0;  // a file that would grow beyond becomes PATH.1, that PATH.2, ...; 0: never
  int kept_files = 0;         // so many of them
};

// Where events from `least` on go. Until the first call warnings and errors go to stderr. Fails with the system's
// reason when the file cannot be opened. Called while the process has one thread.
Status open_log(const LogTarget& target, LogLevel least);

// From any thread. reopen_log: somebody renamed the file; what follows goes to a new one of the old name.
void reopen_log();
void set_log_level(LogLevel least);
void limit_log(uint64_t rotate_bytes, int kept_files);  // as in LogTarget, from the next line on

bool log_enabled(LogLevel level);  // ask before building costly fields

// `event` is a fixed phrase without data: the data are fields.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// `2026-01-31T23:59:59.123Z warn disk is slow file="a b" ms=12` without the time. Values that hold a space, a quote or
// a control byte are quoted and escaped, so an event never breaks its line.
std::string log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
}  // namespace rs
