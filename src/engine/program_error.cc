#include "engine/program_error.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"

namespace rs {
bool ended_well(const ProgramSpec& program, const io::ChildExit& exit) {
  return exit.signal == 0 && std::count(program.ok_exits.begin(), program.ok_exits.end(), exit.code) > 0;
}

Status program_failed(const ProgramSpec& program, io::Child& child, const std::string& where) {
  io::ChildExit exit = child.exit();
  std::string how = exit.signal ? absl::StrCat("signal ", exit.signal) : absl::StrCat("exit ", exit.code);
  std::string tail(absl::StripTrailingAsciiWhitespace(child.stderr_tail()));
  ErrorDetails details = {{"where", where}, {"program", absl::StrCat(absl::StrJoin(program.argv, " "), "  ", how)}};
  if (!tail.empty()) details.emplace_back("stderr", tail.substr(tail.size() - std::min<size_t>(tail.size(), 1000)));
  details.emplace_back("next", "mend the program and run the same command again; with --state it goes on where it was");
  return make_error(ErrorId::kProgramFailed, absl::StrCat("stage \"", program.stage, "\" failed; the job stops"),
                    details);
}

Status program_not_started(const ProgramSpec& program, const Status& why) {
  return make_error(ErrorId::kProgramStart,
                    absl::StrCat("stage \"", program.stage, "\" could not be started: ", why.message()),
                    {{"program", absl::StrJoin(program.argv, " ")},
                     {"next", program.meant.empty()
                                  ? "name a program in PATH, or its path with a slash (./prog), and make it executable"
                                  : program.meant}});
}
}  // namespace rs
