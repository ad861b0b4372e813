#include <cerrno>
#include <cstdio>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/exit_codes.h"
#include "cli/render.h"
#include "io/surroundings.h"
#include "node/client_door.h"

namespace rs {
namespace {
// Standard output without buffers of our own, so that it cannot fail behind our back at exit.
class Stream {
 public:
  explicit Stream(std::FILE* file) : file_(file) {}
  void write(std::string_view text) {
    if (fault_) return;
    const bool all = std::fwrite(text.data(), 1, text.size(), file_) == text.size();
    if (!all || std::fflush(file_) != 0) fault_ = std::error_code(errno, std::generic_category());
  }
  std::error_code fault() const { return fault_; }
  bool reader_left() {
    if (!fault_ && io::stdout_reader_left()) fault_ = std::make_error_code(std::errc::broken_pipe);
    return fault_ == std::errc::broken_pipe;
  }

 private:
  std::FILE* file_;
  std::error_code fault_;
};

std::optional<std::string> read_line() {
  std::string line;
  for (int c; (c = std::getchar()) != EOF;) {
    if (c == '\n') return line;
    line += static_cast<char>(c);
  }
  return line.empty() ? std::nullopt : std::optional(line);
}

ClientBackend client_backend(const io::Surroundings& surroundings) {
  return {.call = io::http_call,
          .node_names = local_nodes,
          .token = read_token,
          .nap = nap_ms,
          .read_line = read_line,
          .input_is_terminal = surroundings.stdin_is_terminal,
          .directory = local_directory(),
          .std_in = standard_input,
          .now_ms = now_ms,
          .at_once = run_at_once,
          .interrupts = interrupts_so_far};
}
}  // namespace

int cli_main(int argc, char** argv) {
  Stream out(stdout), err(stderr);
  Console console;
  console.out = [&out](std::string_view text) { out.write(text); };
  console.err = [&err](std::string_view text) { err.write(text); };
  console.out_fault = [&out] { return out.fault(); };
  console.reader_left = [&out] { return out.reader_left(); };
  console.environment = io::environment;
  const auto found = io::look_around();
  if (!found.ok()) {
    const Status error =
        make_error(ErrorId::kNoInput, std::string(found.status().message()), {{"next", "cd to a folder that exists"}});
    console.err(error_text(error, console.may_colour()));
    return static_cast<int>(Exit::kNotFound);
  }
  console.working_directory = found->working_directory;
  console.stdout_is_terminal = found->stdout_is_terminal;
  console.stderr_is_terminal = found->stderr_is_terminal;
  console.columns = found->stderr_columns;
  const Backend backend = {run_job,      plan_job,   list_states,           read_state,
                           remove_state, run_daemon, client_backend(*found)};
  return run_cli(std::vector<std::string>(argv + (argc > 0), argv + argc), console, backend);
}
}  // namespace rs
