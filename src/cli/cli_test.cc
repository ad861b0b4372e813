#include "cli/cli.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "cli/exit_codes.h"
#include "cli/help.h"

namespace rs {
namespace {
// A command line whose terminal is two strings and whose node answers what a test says.
struct Shell {
  std::string out, err;
  std::map<std::string, std::string> environment = {{"HOME", "/h/a"}};
  Console console;
  Backend backend;
  RunOptions ran;
  RunReport report;
  Status failure;
  bool progress_asked = false;
  std::string state_asked;
  std::error_code fault;

  Shell() {
    console.out_fault = [this] { return fault; };
    console.out = [this](std::string_view text) { out += text; };
    console.err = [this](std::string_view text) { err += text; };
    console.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
    console.working_directory = "/w";
    backend.run = [this](const RunOptions& options, const RunWatch& watch) -> StatusOr<RunReport> {
      ran = options;
      progress_asked = watch.progress != nullptr;
      if (watch.note) watch.note("a note");
      if (watch.progress) watch.progress({1, 2, 3, 4, 5});
      if (!failure.ok()) return failure;
      return report;
    };
    backend.plan = [this](const RunOptions& options) -> StatusOr<Plan> {
      ran = options;
      Plan plan;
      plan.source = "the source";
      plan.sink = "the sink";
      plan.delivery = "all or nothing";
      return plan;
    };
    backend.list_states = [this](const std::string& root) -> StatusOr<std::vector<StateInfo>> {
      state_asked = root;
      return std::vector<StateInfo>{{"wc", root + "/wc", "the job", "stopped", 0, 3, 4, ""}};
    };
    backend.read_state = [this](const std::string& folder) -> StatusOr<StateInfo> {
      state_asked = folder;
      if (!failure.ok()) return failure;
      return StateInfo{"wc", folder, "the job", "finished", 0, 3, 4, "identity\n"};
    };
    backend.remove_state = [this](const std::string& folder) { return state_asked = folder, failure; };
  }

  int operator()(std::vector<std::string> arguments) {
    out.clear();
    err.clear();
    return run_cli(arguments, console, backend);
  }
};

using Words = std::vector<std::string>;

TEST(Cli, NoArgumentsIsAShortHelpWithTwoExamples) {
  Shell shell;
  EXPECT_EQ(shell({}), 0);
  EXPECT_EQ(shell.out, short_help());
  EXPECT_EQ(shell.err, "");
  size_t examples = 0;
  for (size_t at = shell.out.find("rainstorm run"); at != std::string::npos;
       at = shell.out.find("rainstorm run", at + 1))
    ++examples;
  EXPECT_EQ(examples, 2u);
}

TEST(Cli, AJobIsRunWithItsOptionsInAnyOrder) {
  const Words orders[] = {
      {"run", "--state", "wc", "--rate=100k/s", "--fresh", "--emit", "changes", "--grace", "2s", "--memory", "1GiB",
       "file:a | count > file:b"},
      {"run", "file:a | count > file:b", "--memory=1GiB", "--grace=2s", "--emit=changes", "--fresh", "--rate", "100k/s",
       "--state=wc"},
      {"--state", "wc", "--fresh", "run", "--rate", "100k/s", "--grace", "2s", "--emit", "changes", "--memory", "1GiB",
       "--", "file:a | count > file:b"},
  };
  for (const Words& words : orders) {
    Shell shell;
    EXPECT_EQ(shell(words), 0) << shell.err;
    EXPECT_EQ(shell.ran.line, "file:a | count > file:b");
    EXPECT_EQ(shell.ran.state, "/h/a/.local/state/rainstorm/wc");
    EXPECT_EQ(shell.ran.state_name, "wc");
    EXPECT_EQ(shell.ran.working_directory, "/w");
    EXPECT_DOUBLE_EQ(shell.ran.rate, 1e5);
    EXPECT_TRUE(shell.ran.fresh && shell.ran.emit_changes);
    EXPECT_FALSE(shell.ran.overwrite || shell.ran.no_chain || shell.ran.at_least_once || shell.ran.stdin_resend);
    EXPECT_EQ(shell.ran.grace_ms, 2000);
    EXPECT_EQ(shell.ran.memory_bytes, 1u << 30);
    EXPECT_EQ(shell.ran.job.stages.size(), 1u);
    EXPECT_EQ(shell.out, "");
    EXPECT_TRUE(shell.err.starts_with("note: a note\n0 tuples in, 0 out")) << shell.err;
  }
}

TEST(Cli, TheOtherRunOptions) {
  Shell shell;
  EXPECT_EQ(shell({"run", "--overwrite", "--no-chain", "--at-least-once", "--stdin=resend", "--on-error", "fail",
                   "--state", "./s", "> file:b"}),
            0);
  EXPECT_TRUE(shell.ran.overwrite && shell.ran.no_chain && shell.ran.at_least_once && shell.ran.stdin_resend);
  EXPECT_EQ(shell.ran.state, "/w/s");
  EXPECT_EQ(shell({"run", "file:a"}), 0);
  EXPECT_FALSE(shell.ran.state.has_value());
  EXPECT_EQ(shell.ran.rate, 0);
  EXPECT_EQ(shell.ran.grace_ms, 10'000);
  EXPECT_EQ(shell({"run", "- | count > -"}), 0) << shell.err;
}

TEST(Cli, QuietSaysNothing) {
  Shell shell;
  EXPECT_EQ(shell({"run", "-q", "file:a > file:b"}), 0);
  EXPECT_EQ(shell.err, "");
  EXPECT_EQ(shell.out, "");
  shell.failure = make_error(ErrorId::kNoInput, "there is no a");
  EXPECT_EQ(shell({"run", "--quiet", "file:a > file:b"}), 4);
  EXPECT_EQ(shell.err, "error[RS1100]: there is no a\n");
}

TEST(Cli, JsonGoesWhereNoDataGoes) {
  Shell shell;
  EXPECT_EQ(shell({"run", "--json", "file:a > file:b"}), 0);
  EXPECT_TRUE(shell.out.starts_with(R"({"job":"file:a > file:b","state":"finished")")) << shell.out;
  EXPECT_EQ(shell.err, "{\"note\":\"a note\"}\n");
  EXPECT_EQ(shell({"--json", "run", "file:a"}), 0);
  EXPECT_EQ(shell.out, "");
  EXPECT_NE(shell.err.find("\"state\":\"finished\""), std::string::npos);
  EXPECT_EQ(shell({"run", "file:a |", "--json"}), 2);
  EXPECT_TRUE(shell.err.starts_with(R"({"error":{"code":"RS1010","message":")")) << shell.err;
  EXPECT_EQ(shell({"rnu", "--json"}), 2);
  EXPECT_TRUE(shell.err.starts_with(R"({"error":{"code":"RS1001",)")) << shell.err;
}

TEST(Cli, ExitCodesOfARun) {
  Shell shell;
  const Words words = {"run", "file:a > file:b"};
  shell.report.quarantined = 1;
  EXPECT_EQ(shell(words), 10);
  shell.report = {};
  shell.report.end = RunEnd::kStopped;
  shell.report.signal = 2;
  EXPECT_EQ(shell(words), 130);
  shell.report.signal = 15;
  EXPECT_EQ(shell(words), 143);
  shell.report.end = RunEnd::kReaderGone;
  EXPECT_EQ(shell(words), 141);
  EXPECT_EQ(shell.err, "note: a note\n");
  shell.report.end = RunEnd::kAlreadyFinished;
  EXPECT_EQ(shell(words), 0);
  shell.failure = absl::InternalError("odd");
  EXPECT_EQ(shell(words), 1);
  EXPECT_EQ(shell.err, "note: a note\nerror[RS9001]: odd\n");
}

TEST(Cli, AnAnswerThatDoesNotArriveIsAnError) {
  Shell shell;
  shell.fault = std::make_error_code(std::errc::no_space_on_device);
  EXPECT_EQ(shell({"help"}), 1);
  EXPECT_EQ(shell.err,
            "error[RS1006]: standard output can't be written: No space left on device\n"
            "   next     make room where it leads, or lead it elsewhere\n");
  EXPECT_EQ(shell({"rnu"}), 2) << "the first error counts";
  EXPECT_EQ(shell({"version", "--json"}), 1);
  EXPECT_TRUE(shell.err.starts_with(R"({"error":{"code":"RS1006",)")) << shell.err;
  shell.fault = std::make_error_code(std::errc::broken_pipe);
  EXPECT_EQ(shell({"help"}), 141);
  EXPECT_EQ(shell.err, "");
}

TEST(Cli, ProgressMovesOnTerminalsOnly) {
  Shell shell;
  shell({"run", "file:a > file:b"});
  EXPECT_FALSE(shell.progress_asked);
  shell.console.stderr_is_terminal = true;
  shell.environment["TERM"] = "xterm";
  shell({"run", "file:a > file:b"});
  EXPECT_TRUE(shell.progress_asked);
  EXPECT_NE(shell.err.find("\x1b[K"), std::string::npos);
  for (const Words& words : {Words{"run", "-q", "file:a > file:b"}, Words{"run", "--json", "file:a > file:b"}}) {
    shell(words);
    EXPECT_FALSE(shell.progress_asked);
  }
  shell.console.stdout_is_terminal = true;
  shell({"run", "file:a"});
  EXPECT_FALSE(shell.progress_asked);
  shell.environment["TERM"] = "dumb";
  shell({"run", "file:a > file:b"});
  EXPECT_FALSE(shell.progress_asked);
}

TEST(Cli, ColourIsForTerminalsThatWantIt) {
  Shell shell;
  const auto coloured = [&] { return shell({"rnu"}), shell.err.find('\x1b') != std::string::npos; };
  EXPECT_FALSE(coloured());
  shell.console.stderr_is_terminal = true;
  shell.environment["TERM"] = "xterm";
  EXPECT_TRUE(coloured());
  shell.environment["NO_COLOR"] = "1";
  EXPECT_FALSE(coloured());
  shell.environment["NO_COLOR"] = "";
  EXPECT_TRUE(coloured());
  shell.environment["TERM"] = "dumb";
  EXPECT_FALSE(coloured());
}

TEST(Cli, PlanRunsNothing) {
  Shell shell;
  for (const char* flag : {"-n", "--plan"}) {
    EXPECT_EQ(shell({"run", flag, "file:a > file:b"}), 0);
    EXPECT_NE(shell.out.find("the source"), std::string::npos);
    EXPECT_EQ(shell.err, "");
  }
  EXPECT_EQ(shell({"run", "-n", "--json", "file:a > file:b"}), 0);
  EXPECT_TRUE(shell.out.starts_with("{\"source\":\"the source\""));
}

struct Wrong {
  Words words;
  const char* code;
  const char* message;  // parts
  const char* next;
};

TEST(Cli, WrongUseIsToldWithACure) {
  const Wrong rows[] = {
      {{"rnu"}, "RS1001", "no command is called `rnu`", "did you mean run?"},
      {{"stae", "ls"}, "RS1001", "no command is called `stae`", "did you mean state?"},
      {{"stat", "ls"}, "RS1001", "no command is called `stat`", "rainstorm fs stat"},
      {{"file:a | count"}, "RS1001", "no command is called", "rainstorm run 'JOB'"},
      {{"list_mem"}, "RS1001", "no command is called `list_mem`", "rainstorm node ls"},
      {{"frobnicate"}, "RS1001", "no command is called", "rainstorm help lists"},
      {{"submit", "x"}, "RS1005", "`submit` is not in this version", "rainstorm help"},
      {{"run"}, "RS1001", "run needs a job", "rainstorm run '"},
      {{"run", "file:a", "count"}, "RS1001", "`count` is a second word", "single quotes"},
      {{"run", "job.yaml"}, "RS1005", "from a file", "rainstorm run"},
      {{"run", "--sate", "x", "file:a"}, "RS1001", "no option is called --sate", "did you mean --state?"},
      {{"run", "--parallel=3", "file:a"}, "RS1001", "no option is called --parallel", "rainstorm help run lists"},
      {{"run", "-x", "file:a"}, "RS1001", "no option is called -x", "rainstorm help run"},
      {{"--jsn"}, "RS1001", "no option is called --jsn", "did you mean --json?"},
      {{"run", "--state", "file:a | count > file:b"}, "RS1001", "--state took the job", "--state NAME 'JOB'"},
      {{"run", "file:a", "--state"}, "RS1001", "--state needs a value", "rainstorm help run"},
      {{"run", "--rate", "1/s", "--rate", "2/s", "file:a"}, "RS1001", "--rate is given twice", "rainstorm help run"},
      {{"run", "--rate", "100", "file:a"}, "RS1002", "--rate 100: the unit is missing", "100k/s"},
      {{"run", "--rate", "file:a"}, "RS1002", "--rate file:a: no number", "100k/s"},
      {{"run", "--grace", "10", "file:a"}, "RS1002", "--grace 10: the unit is missing", "250ms"},
      {{"run", "--memory", "4G", "file:a"}, "RS1002", "no unit is called G", "4GiB"},
      {{"run", "--emit", "all", "file:a"}, "RS1002", "--emit all", "--emit=changes"},
      {{"run", "--stdin=again", "file:a"}, "RS1002", "--stdin again", "--stdin=resend"},
      {{"run", "--on-error", "quarantine:f", "file:a"}, "RS1005", "not in this version", "--on-error=fail"},
      {{"run", "--on-error", "ignore", "file:a"}, "RS1002", "no such choice", "--on-error=fail"},
      {{"run", "--unordered", "file:a"}, "RS1005", "--unordered is not in this version", "order"},
      {{"run", "--save", "job.yaml", "file:a"}, "RS1005", "--save is not in this version", "leave it out"},
      {{"run", "--state", "..", "file:a"}, "RS1002", "--state needs the name", "--state NAME"},
      {{"run", "a.txt | count"}, "RS1013", "looks like a path", "file:a.txt"},
      {{"state"}, "RS1001", "state needs an action", "state ls"},
      {{"state", "list"}, "RS1001", "no action is called `list`", "state ls"},
      {{"state", "shwo", "x"}, "RS1001", "no action is called `shwo`", "did you mean show?"},
      {{"state", "rm"}, "RS1001", "one state is to be named", "rm NAME"},
      {{"state", "ls", "x"}, "RS1001", "takes no name", "state ls"},
      {{"state", "rm", "-x"}, "RS1001", "no option is called -x", "-h, -q and --json are all there is; a name like"},
      {{"state", "rm", "--force", "x"}, "RS1001", "no option is called --force", "are all there is"},
      {{"state", "ls", "--jsno"}, "RS1001", "no option is called --jsno", "did you mean --json?"},
      {{"help", "-x"}, "RS1001", "no option is called -x", "are all there is"},
      {{"version", "--quit"}, "RS1001", "no option is called --quit", "did you mean --quiet?"},
      {{"version", "x"}, "RS1001", "version takes no word", "rainstorm version"},
      {{"-x"}, "RS1001", "no option is called -x", "are all there is"},
      {{"explain"}, "RS1001", "needs the code", "rainstorm explain RS1012"},
      {{"explain", "RS1", "RS2"}, "RS1001", "takes one word", "rainstorm help"},
  };
  for (const Wrong& row : rows) {
    Shell shell;
    EXPECT_EQ(shell(row.words), 2) << row.message;
    EXPECT_EQ(shell.out, "");
    EXPECT_TRUE(shell.err.starts_with(std::string("error[") + row.code + "]: ")) << shell.err;
    EXPECT_NE(shell.err.find(row.message), std::string::npos) << shell.err;
    const size_t next = shell.err.find("   next     ");
    ASSERT_NE(next, std::string::npos) << shell.err;
    EXPECT_NE(shell.err.find(row.next, next), std::string::npos) << shell.err;
  }
}

TEST(Cli, ANameMayLookLikeAnOption) {
  Shell shell;
  EXPECT_EQ(shell({"state", "rm", "--", "-x"}), 0) << shell.err;
  EXPECT_EQ(shell.state_asked, "/h/a/.local/state/rainstorm/-x");
}

TEST(Cli, AnErrorInAJobLooksLikeThis) {
  Shell shell;
  EXPECT_EQ(shell({"run", "file:a.txt | grep x; sort > file:b"}), 2);
  EXPECT_EQ(shell.err,
            "error[RS1012]: `;` outside quotes is shell syntax, and no shell is started\n"
            "   where    column 20\n"
            "            file:a.txt | grep x; sort > file:b\n"
            "                               ^\n"
            "   next     quote it to mean the character; two jobs are two commands\n");
}

TEST(Cli, Help) {
  Shell shell;
  EXPECT_EQ(shell({"help"}), 0);
  for (const std::string_view topic : help_topics()) EXPECT_NE(shell.out.find(topic), std::string::npos);
  for (const std::string_view topic : help_topics()) {
    EXPECT_EQ(shell({"help", std::string(topic)}), 0);
    EXPECT_FALSE(shell.out.empty());
    for (size_t begin = 0; begin < shell.out.size();) {
      const size_t end = std::min(shell.out.find('\n', begin), shell.out.size());
      EXPECT_LE(end - begin, 125u) << shell.out.substr(begin, end - begin);
      begin = end + 1;
    }
  }
  const std::string run = (shell({"help", "run"}), shell.out);
  for (const char* flag : {"--help", "-h"}) EXPECT_EQ((shell({"run", flag}), shell.out), run);
  EXPECT_EQ(shell({"--help"}), 0);
  EXPECT_EQ(shell({"help", "piplines"}), 4);
  EXPECT_EQ(shell.err, "error[RS1003]: no page is called `piplines`\n   next     did you mean pipeline?\n");
  EXPECT_EQ(shell({"help", "run", "--json"}), 0);
  EXPECT_TRUE(shell.out.starts_with("{\"page\":\"run\",\"text\":\"rainstorm run [OPTIONS]"));
}

TEST(Cli, HelpNamesEachRunOption) {
  Shell shell;
  shell({"help", "run"});
  for (const char* option : {"--state", "--fresh", "--overwrite", "--plan", "--rate", "--emit", "--stdin=resend",
                             "--no-chain", "--at-least-once", "--on-error", "--grace", "--memory", "--quiet", "--json"})
    EXPECT_NE(shell.out.find(option), std::string::npos) << option;
}

TEST(Cli, ExitCodesHaveOneTable) {
  Shell shell;
  EXPECT_EQ(shell({"help", "exit-codes"}), 0);
  EXPECT_TRUE(shell.out.starts_with("    0  done\n    1  failure"));
  EXPECT_NE(shell.out.find("  130  stopped by Ctrl-C"), std::string::npos);
  EXPECT_EQ(shell({"help", "exit-codes", "--json"}), 0);
  EXPECT_TRUE(shell.out.starts_with("{\"exit_code\":0,\"meaning\":\"done\"}\n{\"exit_code\":1,"));
  for (const ErrorRow* row : all_errors()) {
    bool listed = false;
    for (const ExitRow& exit : exit_table()) listed |= static_cast<int>(exit.code) == row->exit_code;
    EXPECT_TRUE(listed) << row->title;
  }
}

TEST(Cli, EveryErrorIsExplained) {
  Shell shell;
  shell({"help", "errors"});
  const std::string list = shell.out;
  for (const ErrorRow* row : all_errors()) {
    EXPECT_NE(list.find(row->title), std::string::npos);
    EXPECT_EQ(shell({"explain", std::to_string(row->number)}), 0);
    EXPECT_NE(shell.out.find("exit code " + std::to_string(row->exit_code)), std::string::npos);
  }
  EXPECT_EQ(shell({"explain", "rs1123"}), 0);
  EXPECT_EQ(
      shell.out,
      "RS1123  two options contradict each other\n\nThe message names both. Leave one of them out.\n\nexit code 2\n");
  EXPECT_EQ(shell({"explain", "RS1123", "--json"}), 0);
  EXPECT_TRUE(shell.out.starts_with(R"({"code":"RS1123","title":"two options contradict each other","text":")"));
  for (const char* code : {"RS0000", "RS99999999999", "fish", "RS", "-1"})
    EXPECT_NE(shell({"explain", code}), 0) << code;
  EXPECT_EQ(shell({"explain", "RS0007"}), 4);
}

TEST(Cli, Version) {
  Shell shell;
  for (const Words& words : {Words{"version"}, Words{"--version"}, Words{"run", "--version"}}) {
    EXPECT_EQ(shell(words), 0);
    EXPECT_TRUE(shell.out.starts_with("rainstorm ")) << shell.out;
  }
  EXPECT_EQ(shell({"version", "--json"}), 0);
  EXPECT_TRUE(shell.out.starts_with("{\"version\":\""));
}

TEST(Cli, States) {
  Shell shell;
  EXPECT_EQ(shell({"state", "ls"}), 0);
  EXPECT_EQ(shell.state_asked, "/h/a/.local/state/rainstorm");
  EXPECT_NE(shell.out.find("wc    stopped  3      4 B   the job"), std::string::npos) << shell.out;
  EXPECT_EQ(shell({"state", "ls", "--json"}), 0);
  EXPECT_TRUE(shell.out.starts_with(R"({"name":"wc","status":"stopped",)"));
  EXPECT_EQ(shell({"state", "show", "wc"}), 0);
  EXPECT_EQ(shell.state_asked, "/h/a/.local/state/rainstorm/wc");
  EXPECT_NE(shell.out.find("identity\n"), std::string::npos);
  EXPECT_EQ(shell({"state", "rm", "x/wc"}), 0);
  EXPECT_EQ(shell.state_asked, "/w/x/wc");
  EXPECT_NE(shell.err.find("removed the state x/wc"), std::string::npos);
  EXPECT_EQ(shell({"state", "rm", "wc", "--json"}), 0);
  EXPECT_EQ(shell.out, "{\"removed\":\"wc\"}\n");
  shell.failure = make_error(ErrorId::kNoState, "there is no state wc");
  EXPECT_EQ(shell({"state", "show", "wc"}), 4);
  EXPECT_EQ(shell({"state", "rm", "wc"}), 4);
  shell.environment.clear();
  EXPECT_EQ(shell({"state", "ls"}), 2);
}
}  // namespace
}  // namespace rs
