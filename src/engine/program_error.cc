#include "engine/program_error.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"

namespace rs {
namespace {
// Between quotes, as names are; what has quotes of its own stands between backticks, as words of a job do.
std::string quoted(const std::string& stage) {
  const char quote = stage.find('"') == std::string::npos ? '"' : '`';
  return absl::StrCat("stage ", std::string(1, quote), stage, std::string(1, quote));
}
}  // namespace

std::string left_unread(const ProgramSpec& program) {
  return quoted(program.stage) + " left a part of its input unread";
}

bool ended_well(const ProgramSpec& program, const io::ChildExit& exit) {
  return exit.signal == 0 && std::count(program.ok_exits.begin(), program.ok_exits.end(), exit.code) > 0;
}

Status program_failed(const ProgramSpec& program, io::Child& child, const std::string& where) {
  io::ChildExit exit = child.exit();
  std::string how = exit.signal ? absl::StrCat("signal ", exit.signal) : absl::StrCat("exit ", exit.code);
  std::string tail(absl::StripTrailingAsciiWhitespace(child.stderr_tail()));
  ErrorDetails details = {{"where", where}, {"program", absl::StrCat(absl::StrJoin(program.argv, " "), "  ", how)}};
  if (!tail.empty()) details.emplace_back("stderr", tail);
  details.emplace_back("next", "mend the program and run the same command again");
  return make_error(ErrorId::kProgramFailed, absl::StrCat(quoted(program.stage), " failed; the job stops"), details);
}

Status program_not_started(const ProgramSpec& program, const Status& why) {
  return make_error(ErrorId::kProgramStart,
                    absl::StrCat(quoted(program.stage), " could not be started: ", why.message()),
                    {{"program", absl::StrJoin(program.argv, " ")},
                     {"next", program.meant.empty()
                                  ? "name a program in PATH, or its path with a slash (./prog), and make it executable"
                                  : program.meant}});
}
}  // namespace rs
