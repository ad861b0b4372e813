// The commands against the real API of a node that is made up, over its socket in a folder of a cluster.
#include "cli/client/client.h"

#include "cli/client/render.h"
#include "cli/client/test_client.h"

namespace rs {
namespace {
TEST_F(ClientTest, Nodes) {
  EXPECT_EQ((*this)({"node", "ls"}), 0) << err;
  EXPECT_EQ(out,
            "NAME  ID                STATE    GENERATION  REFUTATION  UPDATED\n"
            "n1    127.0.0.1:7001#3  alive    3           0           2023-11-14T22:13:20.123Z\n"
            "n2    127.0.0.1:7002#1  suspect  1           2           2023-11-14T22:13:21.000Z\n"
            "n3    127.0.0.1:7003#1  failed   1           0           1970-01-01T00:00:00.000Z\n");
  EXPECT_EQ((*this)({"--json", "node", "ls"}), 0);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3);
  EXPECT_TRUE(out.starts_with(R"({"name":"n1","id":"127.0.0.1:7001#3",)")) << out;
  EXPECT_EQ((*this)({"node", "self"}), 0);
  EXPECT_NE(out.find("id          127.0.0.1:7001#3\n"), std::string::npos) << out;
}

TEST_F(ClientTest, Suspects) {
  EXPECT_EQ((*this)({"node", "suspects"}), 0);
  EXPECT_NE(out.find("n2    127.0.0.1:7002#1  2023-11-14T22:13:21.000Z  -      suspected\n"), std::string::npos) << out;
  EXPECT_EQ((*this)({"node", "suspects", "--all", "--json"}), 0);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
  node().suspected.clear();
  EXPECT_EQ((*this)({"node", "suspects"}), 0);
  EXPECT_EQ(out, "nobody is suspected\n");
}

TEST_F(ClientTest, ProtocolAndDrop) {
  EXPECT_EQ((*this)({"node", "protocol"}), 0);
  EXPECT_EQ(out, "<gossip, suspect>\n");
  EXPECT_EQ((*this)({"node", "protocol", "ping", "nosuspect"}), 0);
  EXPECT_EQ(out, "<ping, nosuspect>\n");
  EXPECT_EQ(node().now, (MemberProtocol{MemberMode::kPing, false}));
  EXPECT_EQ((*this)({"node", "protocol", "ping"}), 2);
  EXPECT_EQ((*this)({"node", "protocol", "swim", "suspect"}), 2);
  for (const char* given : {"0.25", "25%"}) {
    EXPECT_EQ((*this)({"node", "drop", given, "--all"}), 0) << err;
    EXPECT_EQ(out, "25 %\n");
    EXPECT_EQ(node().dropped, 0.25);
  }
  EXPECT_EQ(node().asked.back(), "drop all");
  EXPECT_EQ((*this)({"node", "drop"}), 0);
  EXPECT_EQ(out, "25 %\n");
  for (const char* bad : {"1.5", "101%", "x", "%", "-1"}) EXPECT_EQ((*this)({"node", "drop", "--", bad}), 2) << bad;
}

TEST_F(ClientTest, JoinAndLeaveWaitUntilItIsDone) {
  int naps = 0;
  on_nap = [&] {
    if (++naps == 3) node().presence = "out";
  };
  node().presence = "leaving";
  EXPECT_EQ((*this)({"node", "leave"}), 0) << err;
  EXPECT_EQ(naps, 3);
  EXPECT_NE(out.find("presence    out\n"), std::string::npos) << out;
  on_nap = [&] { node().presence = "in"; };
  EXPECT_EQ((*this)({"node", "join", "127.0.0.1:7002", "--json"}), 0) << err;
  EXPECT_EQ(node().joined_by, Words{"127.0.0.1:7002"});
  EXPECT_NE(out.find(R"("presence":"in")"), std::string::npos);
  on_nap = [] {};
  EXPECT_EQ((*this)({"node", "leave"}), static_cast<int>(Exit::kTimedOut)) << "it never is";
  node().failure = make_error(ErrorId::kMembership, "it is a member already");
  EXPECT_EQ((*this)({"node", "join"}), static_cast<int>(Exit::kConflict));
  EXPECT_NE(err.find("error[RS1227]: it is a member already"), std::string::npos) << err;
}

TEST_F(ClientTest, AChangeThatIsAskedQuietlyIsNotShown) {
  for (const Words& words : {Words{"-q", "node", "join"}, Words{"node", "protocol", "ping", "suspect", "-q"},
                             Words{"node", "drop", "0.5", "--quiet"}}) {
    EXPECT_EQ((*this)(words), 0) << err;
    EXPECT_EQ(out + err, "");
  }
  EXPECT_EQ((*this)({"-q", "node", "drop"}), 0);
  EXPECT_EQ(out, "50 %\n") << "what was asked for is";
}

TEST_F(ClientTest, WhetherAChangeWasMadeMayStayUnknown) {
  backend.call = [](const io::Endpoint&, const io::HttpCall&, const io::HttpReader&,
                    const std::function<bool()>&) -> StatusOr<io::HttpAnswer> {
    return absl::DeadlineExceededError("paused");
  };
  EXPECT_EQ((*this)({"node", "leave"}), static_cast<int>(Exit::kTimedOut));
  EXPECT_NE(err.find("it may yet do what was asked"), std::string::npos) << err;
  EXPECT_EQ((*this)({"node", "self"}), static_cast<int>(Exit::kTimedOut));
  EXPECT_EQ(err.find("may yet"), std::string::npos) << err;
}

TEST_F(ClientTest, StatusConfigurationAndLogs) {
  EXPECT_EQ((*this)({"status"}), 0);
  EXPECT_NE(out.find("nodes     1 alive, 1 suspect, 1 failed, 0 left\n"), std::string::npos) << out;
  EXPECT_TRUE(out.ends_with("warning: the disk is slow\n"));
  EXPECT_EQ((*this)({"config", "show", "--origin"}), 0);
  EXPECT_EQ(out, "NAME    VALUE           ORIGIN\nlisten  127.0.0.1:7001  flag\nname    n1              default\n");
  EXPECT_EQ((*this)({"config", "show"}), 0);
  EXPECT_EQ(out.find("flag"), std::string::npos);
  EXPECT_EQ((*this)({"logs", "-n", "7"}), 0);
  EXPECT_EQ(out, "join n1\nfail n3\n");
  EXPECT_EQ(node().log_asked.lines, 7u);
  EXPECT_EQ((*this)({"logs", "--json"}), 0);
  EXPECT_EQ(out, "{\"line\":\"join n1\"}\n{\"line\":\"fail n3\"}\n");
  EXPECT_EQ((*this)({"logs", "--lines=many"}), 2);
  readable = 0;
  EXPECT_EQ((*this)({"logs", "--follow"}), 0) << "its reader left, so it ends";
}

TEST_F(ClientTest, WatchShowsEachEvent) {
  node().events.push_back({1, 1'700'000'000'000'000'000, "fail", "n3", "x#1", "by n2"});
  // It waits for what comes from then on: a number from the future, as after a new start of the node, brings all.
  backend.call = [](const io::Endpoint& to, const io::HttpCall& call, const io::HttpReader& reader,
                    const std::function<bool()>& cancelled) {
    io::HttpCall from_start = call;
    if (call.target.find("events") != std::string::npos) from_start.target += "?after=0";
    return io::http_call(to, from_start, reader, cancelled);
  };
  readable = 0;
  EXPECT_EQ((*this)({"node", "watch"}), 0);
  EXPECT_EQ(out, "2023-11-14T22:13:20.000Z fail n3 x#1 by n2\n");
  EXPECT_EQ((*this)({"node", "watch", "--json"}), 0);
  EXPECT_TRUE(out.starts_with("{\"sequence\":1,")) << out;
}

TEST_F(ClientTest, GrepPassesItsOptionsOnAndTellsWhatIsMissing) {
  EXPECT_EQ((*this)({"grep", "-i", "-A", "3", "--node=n1", "-e", "a b", "--files", "x*", "--nodes", "n1,n2",
                     "--max-count=2"}),
            11)
      << err;
  EXPECT_EQ(node().grepped.arguments, (Words{"-i", "-A", "3", "-e", "a b", "--max-count=2"}));
  EXPECT_EQ(node().grepped.files, "x*");
  EXPECT_EQ(node().grepped.nodes, (Words{"n1", "n2"}));
  EXPECT_EQ(out, "n1:a.log:one\nn1:a.log:\xff two\n");
  EXPECT_EQ(err, "n1: 2 lines\nn3: 0 lines; refused\ntotal: 2 lines on 1 node; the answer is partial\n");
  node().grep_pieces = {{GrepPiece::Kind::kEnd, "", "", 0, "no file is called y*", 1}};
  EXPECT_EQ((*this)({"grep", "--", "-x", "--json"}), 1);
  EXPECT_EQ(node().grepped.arguments, (Words{"--", "-x", "--json"}));
  EXPECT_EQ(err, "total: 0 lines on 0 nodes; no file is called y*\n");
  node().grep_pieces = {{GrepPiece::Kind::kLines, "n1", "n1:a:b\n"}, {GrepPiece::Kind::kEnd, "", "", 1, "", 0}};
  EXPECT_EQ((*this)({"grep", "--json", "b"}), 0);
  EXPECT_EQ(out,
            "{\"node\":\"n1\",\"line\":\"n1:a:b\"}\n{\"end\":true,\"matches\":1,\"problem\":\"\",\"partial\":false,"
            "\"exit_code\":0}\n");
  node().grep_pieces = {{GrepPiece::Kind::kNode, "n1", "", 1}, {GrepPiece::Kind::kEnd, "", "", 1, "", 0}};
  EXPECT_EQ((*this)({"grep", "-q", "b"}), 0);
  EXPECT_EQ(err, "");
  EXPECT_EQ((*this)({"grep", "\xff"}), 2);
  EXPECT_EQ((*this)({"grep", "--files", "x"}), 2) << "no pattern";
  EXPECT_EQ((*this)({"grep", std::string(70'000, 'x')}), 2);
  EXPECT_NE(err.find("at most 64 KiB, this one has 68"), std::string::npos) << err;
}

TEST_F(ClientTest, AQueryThatWasNotAnsweredHasNotFoundNothing) {
  node().failure = make_error(ErrorId::kQueriesBusy, "too many at once");
  EXPECT_EQ((*this)({"grep", "x"}), 2) << err;
  EXPECT_EQ((*this)({"logs"}), 1) << err;
}

TEST_F(ClientTest, GrepEndsWhenItsReaderLeaves) {
  node().grep_pieces = {{GrepPiece::Kind::kLines, "n1", "n1:a:b\n"}};  // and then nothing, for ever
  readable = 0;
  EXPECT_EQ((*this)({"grep", "b"}), 0) << err;
}

TEST_F(ClientTest, WhatGoesOnEndsWhenTheNodeFallsSilent) {
  backend.call = [](const io::Endpoint& to, const io::HttpCall& call, const io::HttpReader& reader,
                    const std::function<bool()>& cancelled) {
    io::HttpCall impatient = call;
    EXPECT_EQ(impatient.silence_ms, reader ? 10'000 : 0);
    if (reader) impatient.silence_ms = 20;
    return io::http_call(to, impatient, reader, cancelled);
  };
  node().grep_pieces.clear();
  for (const Words& words :
       {Words{"node", "watch"}, Words{"logs", "-f"}, Words{"grep", "x"}, Words{"grep", "--json", "x"}})
    EXPECT_EQ((*this)(words), static_cast<int>(Exit::kTimedOut)) << words[0];
}

TEST_F(ClientTest, WhatGoesOnEndsWhenNobodyReadsIt) {
  console.reader_left = [this] { return readable = 0, out += " ", true; };
  node().grep_pieces.clear();
  for (const Words& words : {Words{"node", "watch"}, Words{"logs", "-f"}, Words{"grep", "x"}})
    EXPECT_EQ((*this)(words), 0) << "what that means is said for all commands alike: " << err;
}

TEST_F(ClientTest, SignsOfLifeAreNoLines) {
  backend.call = [](const io::Endpoint&, const io::HttpCall& call, const io::HttpReader& reader,
                    const std::function<bool()>&) -> StatusOr<io::HttpAnswer> {
    if (call.method == "GET") return io::HttpAnswer{};
    for (const char* piece : {"\n{\"node\":\"n1\",", "\"line\":\"\"}\n\n", "{\"end\":true,\"exit_code\":1}\n"})
      reader(piece);
    return io::HttpAnswer{};
  };
  EXPECT_EQ((*this)({"grep", "--json", "x"}), 1) << err;
  EXPECT_EQ(out, "{\"node\":\"n1\",\"line\":\"\"}\n{\"end\":true,\"exit_code\":1}\n");
}

TEST_F(ClientTest, TheNodeThatIsAsked) {
  const auto second = add("n10"), third = add("n2");
  second->node.members[0].name = "the second";
  EXPECT_EQ((*this)({"node", "protocol"}), 0) << "the first that answers";
  EXPECT_EQ((*this)({"node", "leave"}), 2);
  EXPECT_NE(err.find("nodes    n1, n2, n10\n"), std::string::npos) << err;
  EXPECT_TRUE(node().asked.empty());
  EXPECT_EQ((*this)({"node", "self", "--node", "n10"}), 0) << err;
  EXPECT_NE(out.find("the second"), std::string::npos);
  environment["RAINSTORM_NODE"] = "n10";
  EXPECT_EQ((*this)({"node", "self"}), 0);
  EXPECT_NE(out.find("the second"), std::string::npos);
  environment.clear();
  EXPECT_EQ((*this)({"node", "self", "--node", "n10", "--cluster", folder_.path()}), 0) << err;
  environment["RAINSTORM_CLUSTER"] = folder_.path();
  served.reset();
  EXPECT_EQ((*this)({"node", "ls"}), 0) << "another one answers: " << err;
  EXPECT_EQ((*this)({"node", "ls", "--node", "n1"}), static_cast<int>(Exit::kUnreachable));
}

TEST_F(ClientTest, ANodeWhoseDoorIsFullIsPassedOver) {
  const auto second = add("n2");
  backend.call = [](const io::Endpoint& to, const io::HttpCall& call, const io::HttpReader& reader,
                    const std::function<bool()>& cancelled) -> StatusOr<io::HttpAnswer> {
    if (to.host.ends_with("/n1/api.sock")) return io::HttpAnswer{503, {}, R"({"detail":"too many connections"})"};
    return io::http_call(to, call, reader, cancelled);
  };
  EXPECT_EQ((*this)({"node", "ls"}), 0) << err;
  EXPECT_EQ((*this)({"node", "ls", "--node", "n1"}), static_cast<int>(Exit::kUnreachable));
}

TEST_F(ClientTest, AnEndpointIsAskedWithTheToken) {
  EXPECT_EQ((*this)({"node", "self", "--node", served->tcp.text()}), 0) << err;
  token = std::string("wrong");
  EXPECT_EQ((*this)({"node", "self", "--node", served->tcp.text()}), static_cast<int>(Exit::kDenied));
  token = absl::NotFoundError("no file");
  EXPECT_EQ((*this)({"node", "self", "--node", served->tcp.text()}), static_cast<int>(Exit::kDenied));
  EXPECT_EQ((*this)({"node", "self", "--node", "192.168.0.1:80"}), 2);
  EXPECT_EQ((*this)({"node", "self", "--node", "127.0.0.1:1"}), static_cast<int>(Exit::kUnreachable));
}

TEST_F(ClientTest, WhatCannotBeReached) {
  EXPECT_EQ((*this)({"node", "ls", "--node", "n3"}), static_cast<int>(Exit::kNotFound));
  EXPECT_NE(err.find("did you mean n1?"), std::string::npos) << err;
  EXPECT_EQ((*this)({"node", "ls", "--cluster", folder_ / "nothing"}), static_cast<int>(Exit::kUnreachable));
  const auto node_names = std::exchange(backend.node_names, [](const ClusterFolder& cluster) {
    return cluster_denied(cluster, absl::PermissionDeniedError("Permission denied"));
  });
  EXPECT_EQ((*this)({"node", "ls"}), static_cast<int>(Exit::kDenied));
  EXPECT_NE(err.find("another user's"), std::string::npos) << err;
  backend.node_names = node_names;
  EXPECT_EQ((*this)({"node", "ls", "--json", "--cluster", folder_ / "nothing"}), static_cast<int>(Exit::kUnreachable));
  EXPECT_TRUE(err.starts_with(R"({"error":{"code":"RS1220",)")) << err;
  backend.call = [](const io::Endpoint&, const io::HttpCall&, const io::HttpReader&,
                    const std::function<bool()>&) -> StatusOr<io::HttpAnswer> {
    return absl::DeadlineExceededError("paused");
  };
  EXPECT_EQ((*this)({"node", "ls"}), static_cast<int>(Exit::kTimedOut));
  backend.call = [](const io::Endpoint&, const io::HttpCall&, const io::HttpReader&,
                    const std::function<bool()>&) -> StatusOr<io::HttpAnswer> {
    return io::HttpAnswer{200, {}, "<html>"};
  };
  for (const Words& words : {Words{"node", "ls"}, Words{"node", "self"}, Words{"status"}, Words{"node", "protocol"}})
    EXPECT_EQ((*this)(words), static_cast<int>(Exit::kFailure)) << words.back();
}

TEST_F(ClientTest, WrongUse) {
  for (const Words& words :
       {Words{"node"}, Words{"node", "lss"}, Words{"node", "ls", "x"}, Words{"config"}, Words{"logs", "x"},
        Words{"node", "ls", "--al"}, Words{"logs", "--lines"}, Words{"status", "--json=1"}, Words{"grep"}})
    EXPECT_EQ((*this)(words), 2) << words.back();
  (*this)({"node", "suspect"});
  EXPECT_NE(err.find("did you mean suspects?"), std::string::npos) << err;
  (*this)({"logs", "--folow"});
  EXPECT_NE(err.find("did you mean --follow?"), std::string::npos) << err;
  EXPECT_EQ(whole_command("watch"), "rainstorm node watch");
  EXPECT_EQ(whole_command("switch"), "rainstorm node protocol");
  for (const char* word : {"run", "node", "what", ""}) EXPECT_EQ(whole_command(word), "") << word;
  for (const Words& words : {Words{"run", "node"}, Words{"node", "run"}, Words{"node", "--config", "f", "run"},
                             Words{"help", "grep"}, Words{"node", "ls", "--help"}, Words{}, Words{"--version"},
                             Words{"--", "grep"}, Words{"node", "run", "--node", "ls"}})
    EXPECT_FALSE(is_client_command(words)) << words.size();
  EXPECT_EQ((*this)({"node", "--cluster", folder_.path(), "--node", "n1", "ls"}), 0) << err;
}

TEST_F(ClientTest, TheShellKnowsTheClassicNames) {
  const std::pair<const char*, const char*> same[] = {{"list_mem", "node ls"},
                                                      {"list_self", "node self"},
                                                      {"display_suspects --all", "node suspects --all"},
                                                      {"display_protocol", "status"},
                                                      {"switch ping suspect", "node ls"},
                                                      {"drop 0.5 --all", "node drop 0.5"},
                                                      {"config show --origin", "logs"}};
  for (const auto& [classic, modern] : same) {
    EXPECT_EQ((*this)({"shell", "-c", classic}), 0) << classic << err;
    EXPECT_EQ((*this)({"shell", "-c", modern}), 0) << modern << err;
  }
  EXPECT_EQ((*this)({"shell", "-c", "list_mem"}), 0);
  const std::string classic = out;
  EXPECT_EQ((*this)({"node", "ls"}), 0);
  EXPECT_EQ(out, classic);
  EXPECT_EQ((*this)({"shell", "-c", "grep -i 'a  b|c'"}), 11);
  EXPECT_EQ(node().grepped.arguments, (Words{"-i", "a  b|c"}));
  EXPECT_EQ((*this)({"shell", "--json", "-c", "list_mem"}), 0);
  EXPECT_EQ(out[0], '{');
  for (const char* bad : {"list_men", "run x", "shell", "list_mem | cat", "grep 'x", "node run", "$(x)"}) {
    EXPECT_EQ((*this)({"shell", "-c", bad}), 2) << bad;
    EXPECT_FALSE(err.empty());
  }
  EXPECT_EQ((*this)({"shell", "-c", "leave --node n9"}), 4);
}

TEST_F(ClientTest, TheShellReadsLinesUntilTheyEnd) {
  std::vector<std::string> lines = {"",      "display_protocol", "list_men", "help", "switch ping nosuspect", "exit",
                                    "drop 1"};
  size_t at = 0;
  backend.read_line = [&]() -> std::optional<std::string> {
    return at < lines.size() ? std::optional(lines[at++]) : std::nullopt;
  };
  EXPECT_EQ((*this)({"shell"}), 0) << err;
  EXPECT_TRUE(out.starts_with("<gossip, suspect>\n")) << out;
  EXPECT_TRUE(out.ends_with("<ping, nosuspect>\n"));
  EXPECT_NE(err.find("did you mean list_mem?"), std::string::npos);
  EXPECT_EQ(err.find("rainstorm> "), std::string::npos);
  lines = {"list_men"};
  at = 0;
  backend.input_is_terminal = console.stderr_is_terminal = true;
  EXPECT_EQ((*this)({"shell"}), 2);
  EXPECT_TRUE(err.starts_with("rainstorm> "));
}

TEST_F(ClientTest, AnInterruptEndsTheCommandAndNotTheShell) {
  std::vector<std::string> lines = {"logs -f", "display_protocol"};
  size_t at = 0;
  int interrupts = 0;
  backend.input_is_terminal = true;
  backend.read_line = [&]() -> std::optional<std::string> {
    return at < lines.size() ? std::optional(lines[at++]) : std::nullopt;
  };
  backend.interrupts = [&] { return interrupts; };
  console.out = [&](std::string_view text) {
    out += text;
    ++interrupts;
  };
  EXPECT_EQ((*this)({"shell"}), 0) << err;
  EXPECT_EQ(out, "join n1\nfail n3\n<gossip, suspect>\n");
}

TEST(EventReader, AnyCutGivesTheSameEvents) {
  const std::string stream = ": hello\n\nid: 1\nevent: x\ndata: {\"a\":1}\n\ndata: 2\n\n";
  for (size_t step = 1; step <= stream.size(); ++step) {
    EventReader reader;
    std::string seen;
    for (size_t at = 0; at < stream.size(); at += step)
      reader.feed(std::string_view(stream).substr(at, step),
                  [&](std::string_view data) { seen += std::string(data) + ";"; });
    EXPECT_EQ(seen, "{\"a\":1};2;");
  }
}
}  // namespace
}  // namespace rs
