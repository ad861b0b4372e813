#include "cli/cli.h"

#include "base/check.h"
#include "base/error.h"
#include "cli/client/client.h"
#include "cli/dev.h"
#include "cli/exit_codes.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "cli/values.h"

namespace rs {
namespace {
using Command = Invocation::Command;

class Commands {
 public:
  Commands(const Console& console, const Backend& backend) : console_(console), backend_(backend) {}
  int dispatch(const std::vector<std::string>& arguments);
  int end(int code);

 private:
  int help();
  int explain();
  int version();
  int run();
  int plan();
  int list_states();
  int show_state();
  int remove_state();
  int run_node();
  int dev();
  RunWatch watch(ProgressLine* line);
  int end_of_run(const RunReport& report);
  int fail(const Status& status);
  int say(const std::string& text) { return console_.out(text), static_cast<int>(Exit::kOk); }

  const Console& console_;
  const Backend& backend_;
  Invocation invocation_;
};

int Commands::dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return say(short_help());
  if (const Status status = parse_command_line(arguments, console_, &invocation_); !status.ok()) return fail(status);
  switch (invocation_.command) {
    case Command::kHelp:
      return help();
    case Command::kRun:
      return invocation_.plan ? plan() : run();
    case Command::kExplain:
      return explain();
    case Command::kVersion:
      return version();
    case Command::kStateList:
      return list_states();
    case Command::kStateShow:
      return show_state();
    case Command::kStateRemove:
      return remove_state();
    case Command::kNodeRun:
      return run_node();
    case Command::kDev:
      return dev();
  }
  RS_CHECK(false, "all commands are served");
}

// What was said must have arrived, or the exit code would lie. A reader that left wanted no more.
int Commands::end(int code) {
  const std::error_code fault = code == 0 ? console_.out_fault() : std::error_code();
  if (!fault) return code;
  if (fault == std::errc::broken_pipe) return static_cast<int>(Exit::kReaderGone);
  return fail(make_error(ErrorId::kUnsaid, "standard output can't be written: " + fault.message(),
                         {{"next", "make room where it leads, or lead it elsewhere"}}));
}

int Commands::fail(const Status& status) {
  if (absl::IsCancelled(status)) return static_cast<int>(Exit::kInterrupted);
  console_.err(invocation_.json ? error_json(status) : error_text(status, console_.may_colour()));
  const int code = report_of(status).row->exit_code;
  RS_CHECK(code != 0, "an error is no success");
  return code;
}

int Commands::help() {
  const auto page = help_page(invocation_.argument);
  if (!page.ok()) return fail(page.status());
  if (!invocation_.json) return say(*page);
  if (invocation_.argument != "exit-codes")
    return say(JsonObject().text("page", invocation_.argument).text("text", *page).str() + "\n");
  for (const ExitRow& row : exit_table()) {
    JsonObject object;
    object.number("exit_code", static_cast<uint64_t>(row.code)).text("meaning", row.meaning);
    console_.out(object.str() + "\n");
  }
  return 0;
}

int Commands::explain() {
  const auto number = error_number(invocation_.argument);
  if (!number.ok()) return fail(number.status());
  if (!invocation_.json) return say(explain_page(*number));
  const ErrorRow& row = *find_error(*number);
  JsonObject object;
  object.text("code", error_code(*number)).text("title", row.title).text("text", row.text);
  object.number("exit_code", static_cast<uint64_t>(row.exit_code));
  return say(object.str() + "\n");
}

int Commands::version() {
  if (invocation_.json) return say(JsonObject().text("version", RAINSTORM_VERSION).str() + "\n");
  return say(std::string("rainstorm ") + RAINSTORM_VERSION + "\n");
}

int Commands::plan() {
  const auto plan = backend_.plan(invocation_.run);
  if (!plan.ok()) return fail(plan.status());
  return say(invocation_.json ? plan_json(*plan) : plan_text(*plan));
}

RunWatch Commands::watch(ProgressLine* line) {
  RunWatch watch;
  if (invocation_.quiet) return watch;
  watch.note = [this, line](const std::string& text) {
    line->clear();
    console_.err(invocation_.json ? JsonObject().text("note", text).str() + "\n" : "note: " + text + "\n");
  };
  const bool data_on_terminal = invocation_.run.job.sink.kind == SinkSpec::Kind::kStdout && console_.stdout_is_terminal;
  if (!invocation_.json && !data_on_terminal && console_.may_animate())
    watch.progress = [line](const Progress& now) { line->show(now); };
  return watch;
}

int Commands::run() {
  ProgressLine line(console_);
  const auto report = backend_.run(invocation_.run, watch(&line));
  line.clear();
  if (!report.ok()) return fail(report.status());
  return end_of_run(*report);
}

int Commands::end_of_run(const RunReport& report) {
  constexpr int kSignalBase = 128;
  const bool data_on_stdout = invocation_.run.job.sink.kind == SinkSpec::Kind::kStdout;
  if (invocation_.json)
    (data_on_stdout ? console_.err : console_.out)(end_json(invocation_.run, report));
  else if (!invocation_.quiet && report.end != RunEnd::kReaderGone)
    console_.err(end_line(invocation_.run, report));
  if (report.end == RunEnd::kStopped) return kSignalBase + report.signal;
  if (report.end == RunEnd::kReaderGone) return static_cast<int>(Exit::kReaderGone);
  return static_cast<int>(report.quarantined > 0 ? Exit::kQuarantined : Exit::kOk);
}

int Commands::list_states() {
  const auto root = state_root(console_);
  if (!root.ok()) return fail(root.status());
  const auto states = backend_.list_states(*root);
  if (!states.ok()) return fail(states.status());
  if (!invocation_.json) return say(states_table(*states));
  for (const StateInfo& state : *states) console_.out(state_json(state));
  return 0;
}

int Commands::show_state() {
  const auto folder = state_folder(console_, invocation_.argument);
  if (!folder.ok()) return fail(folder.status());
  const auto state = backend_.read_state(*folder);
  if (!state.ok()) return fail(state.status());
  return say(invocation_.json ? state_json(*state) : state_text(*state));
}

int Commands::remove_state() {
  const auto folder = state_folder(console_, invocation_.argument);
  if (!folder.ok()) return fail(folder.status());
  if (const Status status = backend_.remove_state(*folder); !status.ok()) return fail(status);
  if (invocation_.json) return say(JsonObject().text("removed", invocation_.argument).str() + "\n");
  if (!invocation_.quiet)
    console_.err("removed the state " + invocation_.argument + "; what the job wrote is still there\n");
  return 0;
}

int Commands::run_node() {
  DaemonOptions options{.version = RAINSTORM_VERSION};
  options.sources = {invocation_.settings, console_.environment, invocation_.config_file, console_.working_directory};
  options.ready = [this](const DaemonReady& ready) {
    console_.out(invocation_.json ? ready_json(ready) : invocation_.quiet ? "" : ready_text(ready));
  };
  const Status end = backend_.run_node(options);
  return end.ok() ? static_cast<int>(Exit::kOk) : fail(end);
}

int Commands::dev() {
  const auto told = run_dev(invocation_, console_);
  if (!told.ok()) return fail(told.status());
  if (!told->empty()) console_.out(*told);
  return static_cast<int>(Exit::kOk);
}
}  // namespace

int run_cli(const std::vector<std::string>& arguments, const Console& console, const Backend& backend) {
  RS_CHECK(console.out && console.err && console.out_fault && console.environment, "a console is whole");
  Commands commands(console, backend);
  const bool speaks_to_node = is_client_command(arguments);
  return commands.end(speaks_to_node ? run_client(arguments, console, backend.client) : commands.dispatch(arguments));
}
}  // namespace rs
