#include "cli/dev.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "io/real/scratch_folder.h"

namespace rs {
namespace {
// A command line whose node listens at once, and then ends as a test says.
struct Shell {
  std::string out, err;
  Console console;
  Backend backend;
  std::map<std::string, std::string> options;
  std::string file;
  Status end;

  Shell() {
    console.out = [this](std::string_view text) { out += text; };
    console.err = [this](std::string_view text) { err += text; };
    console.out_fault = [] { return std::error_code(); };
    console.environment = [](const std::string&) { return std::nullopt; };
    console.working_directory = "/w";
    backend.run_node = [this](const DaemonOptions& given) {
      options = given.sources.options;
      file = given.sources.file;
      DaemonReady ready{.folder = "/c/n1", .api = {"unix:/c/n1/api.sock", "127.0.0.1:8001"}, .pid = 7};
      ready.self.name = "n1";
      ready.self.uuid = "some-uuid";
      ready.self.address = "127.0.0.1:7001";
      if (end.ok()) given.ready(ready);
      return end;
    };
  }
  int operator()(std::vector<std::string> arguments) {
    out.clear();
    err.clear();
    return run_cli(arguments, console, backend);
  }
};

TEST(NodeRun, HandsItsOptionsOnByTheNamesOfTheSettings) {
  Shell shell;
  EXPECT_EQ(shell({"node", "run", "--name", "n1", "--listen=127.0.0.1:7001", "--join", "a,b", "--log-level", "debug",
                   "--config", "f.yaml"}),
            0);
  EXPECT_EQ(shell.options, (std::map<std::string, std::string>{
                               {"name", "n1"}, {"listen", "127.0.0.1:7001"}, {"join", "a,b"}, {"log.level", "debug"}}));
  EXPECT_EQ(shell.file, "f.yaml");
  EXPECT_EQ(shell({"node", "run"}), 0);
  EXPECT_TRUE(shell.options.empty());
}

TEST(NodeRun, WhoInterruptedItIsToldNothing) {
  Shell shell;
  shell.end = absl::CancelledError("interrupted");
  EXPECT_EQ(shell({"node", "run"}), 130);
  EXPECT_EQ(shell.out + shell.err, "");
}

TEST(NodeRun, SaysWhereItListens) {
  Shell shell;
  shell({"node", "run"});
  EXPECT_EQ(shell.out,
            "node n1 listens at 127.0.0.1:7001\n  api  unix:/c/n1/api.sock\n  api  127.0.0.1:8001\n"
            "  log  /c/n1/log/node.log\n");
  shell({"node", "run", "--json"});
  EXPECT_EQ(shell.out,
            "{\"name\":\"n1\",\"id\":\"some-uuid\",\"address\":\"127.0.0.1:7001\","
            "\"api\":[\"unix:/c/n1/api.sock\",\"127.0.0.1:8001\"],\"folder\":\"/c/n1\",\"pid\":7}\n");
  shell({"node", "run", "-q"});
  EXPECT_EQ(shell.out, "");
}

TEST(NodeRun, FailsWithTheCodesOfSysexits) {
  Shell shell;
  for (const auto& [id, code] :
       {std::pair(ErrorId::kNodeConfig, 78), std::pair(ErrorId::kNodeWide, 78), std::pair(ErrorId::kNodeBusy, 75),
        std::pair(ErrorId::kNodeListen, 69), std::pair(ErrorId::kNodeIdentity, 65), std::pair(ErrorId::kNodeFolder, 73),
        std::pair(ErrorId::kOpenSecret, 77)}) {
    shell.end = make_error(id, "no");
    EXPECT_EQ(shell({"node", "run"}), code);
  }
}

TEST(NodeRun, EachSettingIsInTheHelp) {
  const std::string page = help_page("node-config").value();
  for (const SettingRow& row : setting_rows()) {
    const size_t at = page.find("\n  " + std::string(row.name) + " ");
    ASSERT_NE(at, std::string::npos) << row.name;
    const std::string line = page.substr(at + 1, page.find('\n', at + 1) - at);
    EXPECT_NE(line.find(" " + option_of(row) + " "), std::string::npos) << line;
    EXPECT_NE(line.find(" " + std::string(row.variable) + " "), std::string::npos) << line;
    EXPECT_NE(line.find(row.otherwise), std::string::npos) << line;
  }
}

TEST(Dev, WordsThatMeanNothingAreWrongUse) {
  Shell shell;
  const std::vector<std::vector<std::string>> kWrong = {{"dev"},
                                                        {"dev", "clutser", "3"},
                                                        {"dev", "cluster"},
                                                        {"dev", "cluster", "3x"},
                                                        {"dev", "cluster", "101"},
                                                        {"dev", "kill"},
                                                        {"dev", "stop", "n1"},
                                                        {"dev", "pause", "n1", "n2"},
                                                        {"dev", "stop", "--detach"},
                                                        {"node"},
                                                        {"node", "rum"},
                                                        {"node", "run", "n1"},
                                                        {"node", "run", "--nmae", "x"}};
  for (const auto& words : kWrong) EXPECT_EQ(shell(words), 2) << words.back() << shell.err;
  shell({"dev", "clutser", "3"});
  EXPECT_NE(shell.err.find("did you mean cluster?"), std::string::npos);
}

TEST(Dev, WithoutAClusterThereIsNothingToDo) {
  io::ScratchFolder folder;
  Shell shell;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"kill", "n1"}, {"start", "n1"}, {"stop"}}) {
    std::vector<std::string> all = {"dev", "--dir", folder.path()};
    all.insert(all.begin() + 1, words.begin(), words.end());
    EXPECT_EQ(shell(all), 4) << shell.err;
    EXPECT_NE(shell.err.find("RS1210"), std::string::npos);
  }
  EXPECT_EQ(shell({"dev", "stop"}), 2) << "nothing says where";
}
}  // namespace
}  // namespace rs
