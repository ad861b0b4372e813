#include "node/api/api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "node/api/json.h"
#include "node/api/output_frames.h"
#include "node/api/problem.h"
#include "node/test_node.h"

namespace rs {
namespace {
class ApiTest : public testing::Test {
 protected:
  io::HttpAnswer call(const io::Endpoint& to, io::HttpCall call) {
    if (!call.body.empty()) call.headers.emplace_back("Content-Type", "application/json");
    const auto answer = io::http_call(to, call);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(io::HttpAnswer{});
  }
  io::HttpAnswer get(const std::string& target) { return call(served.local, {.target = target}); }
  io::HttpAnswer send(const std::string& method, const std::string& target, const std::string& body) {
    return call(served.local, {.method = method, .target = target, .body = body});
  }
  // An answer that has no end is read until it holds `mark`.
  std::string stream(io::HttpCall call, std::string_view mark) {
    std::string all;
    const auto answer = io::http_call(served.local, call, [&](std::string_view piece) {
      all += piece;
      return all.find(mark) == std::string::npos;
    });
    EXPECT_TRUE(answer.ok()) << answer.status();
    return all;
  }

  ServedNode served;
  FakeNode& node = served.node;
};

io::HttpCall call_of(const Route& route) {
  return {.method = std::string(route.method), .target = std::string(route.path)};
}

TEST_F(ApiTest, WithoutATokenEveryRouteIsClosedOverTcp) {
  for (const Route& route : api_routes()) {
    for (const char* given : {"", "Bearer ", "Bearer 0123456789abcdee", "Bearer 0123456789abcdef ",
                              "Basic 0123456789abcdef", "0123456789abcdef", "bearer0123456789abcdef"}) {
      io::HttpCall asked = call_of(route);
      if (*given) asked.headers = {{"Authorization", given}};
      // Blanks around a value belong to no value: HTTP drops them.
      const bool open = route.access == Access::kAnybody || std::string_view(given) == "Bearer 0123456789abcdef ";
      if (open) continue;
      const io::HttpAnswer answer = call(served.tcp, asked);
      EXPECT_EQ(answer.status, 401) << route.method << " " << route.path << " " << given;
      EXPECT_EQ(error_id(problem_status(answer)), ErrorId::kApiToken);
      EXPECT_EQ(answer.body.find(ServedNode::kToken), std::string::npos);
    }
  }
  EXPECT_TRUE(node.asked.empty()) << node.asked[0];
  EXPECT_EQ(call(served.tcp, {.target = "/healthz"}).body, "ok\n");
}

// A stream without end is left as soon as it has begun; that a route is let in is all that counts here.
TEST_F(ApiTest, WithTheTokenOrByTheSocketEveryRouteIsOpen) {
  for (const Route& route : api_routes()) {
    for (const io::Endpoint& to : {served.tcp, served.local}) {
      io::HttpCall asked = call_of(route);
      if (to == served.tcp) asked.headers = {{"Authorization", "Bearer 0123456789abcdef"}};
      const auto answer = io::http_call(to, asked, [](std::string_view) { return false; });
      ASSERT_TRUE(answer.ok()) << route.path << answer.status();
      EXPECT_NE(answer->status, 401) << route.path;
      EXPECT_NE(answer->status, 405) << route.path;
      if (route.path.find('{') != std::string_view::npos || route.path == "/api/v1/uploads") continue;
      const bool needs_body = route.method == "PUT" || route.path == "/api/v1/grep";
      EXPECT_EQ(answer->status, needs_body ? 400 : route.method == "POST" ? 202 : 200) << route.path;
      EXPECT_EQ(io::find_header(answer->headers, "x-content-type-options"), "nosniff");
    }
  }
}

TEST_F(ApiTest, UnknownRoutesMethodsAndParameters) {
  EXPECT_EQ(get("/api/v1/node/").status, 404);
  EXPECT_EQ(get("/").status, 404);
  EXPECT_EQ(send("DELETE", "/api/v1/nodes", "").status, 405);
  EXPECT_EQ(send("HEALTH", "/healthz", "").status, 405);
  EXPECT_EQ(get("/api/v1/nodes?al").status, 400);
  EXPECT_EQ(get("/api/v1/suspects?all=%zz").status, 400);
  const Status status = problem_status(get("/api/v1/nods"));
  EXPECT_EQ(error_id(status), ErrorId::kApiPath);
  EXPECT_EQ(report_of(status).details[0].second, "did you mean /api/v1/node?");
}

TEST_F(ApiTest, Nodes) {
  EXPECT_EQ(get("/api/v1/node").body,
            R"({"name":"n1","id":"127.0.0.1:7001#3","uuid":"u1","address":"127.0.0.1:7001","state":"alive",)"
            R"("generation":3,"refutation":0,"updated":"2023-11-14T22:13:20.123Z","presence":"in"})"
            "\n");
  const Json nodes = Json::parse(get("/api/v1/nodes").body)["nodes"];
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[1]["state"], "suspect");
  EXPECT_EQ(nodes[1]["refutation"], 2);
  EXPECT_EQ(Json::parse(get("/api/v1/suspects").body)["suspects"].size(), 1u);
  const Json all = Json::parse(get("/api/v1/suspects?all").body)["suspects"];
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].dump(), R"({"node":"n3","id":"127.0.0.1:7003#1","since":"2023-11-14T22:13:22.000Z",)"
                           R"("until":"2023-11-14T22:13:23.000Z","outcome":"failed"})");
  EXPECT_EQ(get("/api/v1/suspects?all=false").body, get("/api/v1/suspects").body);
  EXPECT_EQ(get("/api/v1/suspects?all=2").status, 400);
}

TEST_F(ApiTest, JoinAndLeave) {
  EXPECT_EQ(send("POST", "/api/v1/join", R"({"seeds":["127.0.0.1:7002"]})").status, 202);
  EXPECT_EQ(node.joined_by, std::vector<std::string>{"127.0.0.1:7002"});
  EXPECT_EQ(send("POST", "/api/v1/join", "").status, 202);
  EXPECT_TRUE(node.joined_by.empty());
  for (const char* bad : {"[]", "{", R"({"seeds":"x"})", R"({"seeds":[1]})", R"({"seed":[]})", "\xff"})
    EXPECT_EQ(send("POST", "/api/v1/join", bad).status, 400) << bad;
  EXPECT_EQ(send("POST", "/api/v1/join", std::string(60'000, '[')).status, 400);
  EXPECT_EQ(send("POST", "/api/v1/leave", "").status, 202);
  node.failure = make_error(ErrorId::kMembership, "it left already", {{"next", "join"}});
  const io::HttpAnswer refused = send("POST", "/api/v1/leave", "");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(report_of(problem_status(refused)).details, (ErrorDetails{{"next", "join"}}));
  EXPECT_EQ(node.asked, (std::vector<std::string>{"join", "join", "leave", "leave"}));
}

TEST_F(ApiTest, ABodyIsDeclaredAsJson) {
  io::HttpCall form{.method = "PUT", .target = "/api/v1/drop", .body = R"({"fraction":1})"};
  form.headers = {{"Content-Type", "text/plain"}};  // what a form of a foreign page could send
  EXPECT_EQ(io::http_call(served.local, form)->status, 400);
  EXPECT_EQ(node.dropped, 0);
}

TEST_F(ApiTest, ProtocolAndDrop) {
  EXPECT_EQ(get("/api/v1/protocol").body, "{\"mode\":\"gossip\",\"suspicion\":true}\n");
  EXPECT_EQ(send("PUT", "/api/v1/protocol", R"({"mode":"ping","suspicion":false})").status, 200);
  EXPECT_EQ(node.now, (MemberProtocol{MemberMode::kPing, false}));
  for (const char* bad : {"{}", R"({"mode":"ping"})", R"({"mode":"swim","suspicion":true})",
                          R"({"mode":1,"suspicion":true})", R"({"mode":"ping","suspicion":1})"})
    EXPECT_EQ(send("PUT", "/api/v1/protocol", bad).status, 400) << bad;
  EXPECT_EQ(send("PUT", "/api/v1/drop", R"({"fraction":0.3,"all":true})").status, 200);
  EXPECT_EQ(get("/api/v1/drop").body, "{\"fraction\":0.3}\n");
  for (const char* bad : {"{}", R"({"fraction":1.01})", R"({"fraction":-0.1})", R"({"fraction":"0.1"})",
                          R"({"fraction":1e999})", R"({"fraction":0,"all":1})"})
    EXPECT_EQ(send("PUT", "/api/v1/drop", bad).status, 400) << bad;
  EXPECT_EQ(node.asked, (std::vector<std::string>{"protocol", "drop all"}));
}

TEST_F(ApiTest, StatusConfigurationAndMetrics) {
  const Json status = Json::parse(get("/api/v1/status").body);
  EXPECT_EQ(status["node"]["name"], "n1");
  EXPECT_EQ(status["nodes"].dump(), R"({"alive":1,"suspect":1,"failed":1,"left":0})");
  EXPECT_EQ(status["warnings"][0], "the disk is slow");
  EXPECT_EQ(get("/api/v1/config").body, R"({"values":[{"name":"listen","value":"127.0.0.1:7001","origin":"flag"},)"
                                        R"({"name":"name","value":"n1","origin":"default"}]})"
                                        "\n");
  const io::HttpAnswer metrics = get("/metrics");
  EXPECT_TRUE(metrics.body.ends_with("rainstorm_members{state=\"alive\"} 3\n# EOF\n")) << metrics.body;
  EXPECT_EQ(io::find_header(metrics.headers, "content-type"), MetricSheet::kContentType);
}

TEST_F(ApiTest, EventsAreStreamedFromWhereTheReaderWas) {
  for (uint64_t i = 5; i <= 7; ++i) node.events.push_back({i, 1'700'000'000'000'000'000, "fail", "n3", "x#1", "by n2"});
  const std::string from_six =
      "id: 7\nevent: fail\ndata: {\"sequence\":7,\"time\":\"2023-11-14T22:13:20.000Z\",\"kind\":\"fail\","
      "\"node\":\"n3\",\"id\":\"x#1\",\"detail\":\"by n2\"}\n\n";
  EXPECT_EQ(stream({.target = "/api/v1/nodes/events?after=6"}, "}\n\n"), ": events\n\n" + from_six);
  EXPECT_EQ(stream({.target = "/api/v1/nodes/events", .headers = {{"Last-Event-ID", "6"}}}, "}\n\n"),
            ": events\n\n" + from_six);
  const std::string all = stream({.target = "/api/v1/nodes/events?after=0"}, "id: 7");
  EXPECT_NE(all.find("event: gap\ndata: {\"missed\":4}\n\nid: 5\n"), std::string::npos) << all;
  EXPECT_NE(stream({.target = "/api/v1/nodes/events?after=99"}, "id: 7").find("id: 5"), std::string::npos)
      << "the node has started anew meanwhile";
  EXPECT_EQ(get("/api/v1/nodes/events?after=x").status, 400);
  EXPECT_EQ(stream({.target = "/api/v1/nodes/events"}, "\n\n"), ": events\n\n") << "from now on";
}

TEST_F(ApiTest, GrepAsLinesOfJson) {
  const io::HttpAnswer answer =
      send("POST", "/api/v1/grep", R"({"arguments":["-i","a\nb"],"files":"*.log","nodes":["n1"]})");
  EXPECT_EQ(answer.body,
            "{\"node\":\"n1\",\"line\":\"n1:a.log:one\"}\n"
            "{\"node\":\"n1\",\"line\":\"n1:a.log:\xEF\xBF\xBD two\"}\n"
            "{\"node\":\"n1\",\"matches\":2,\"problem\":\"\"}\n"
            "{\"node\":\"n3\",\"matches\":0,\"problem\":\"refused\"}\n"
            "{\"end\":true,\"matches\":2,\"problem\":\"\",\"partial\":true,\"exit_code\":11}\n");
  EXPECT_EQ(node.grepped.arguments, (std::vector<std::string>{"-i", "a\nb"}));
  EXPECT_EQ(node.grepped.files, "*.log");
  EXPECT_EQ(node.grepped.nodes, std::vector<std::string>{"n1"});
  for (const char* bad : {"{}", R"({"arguments":[]})", R"({"arguments":"x"})", R"({"arguments":["a\u0000b"]})",
                          R"({"arguments":["x"],"files":1})"})
    EXPECT_EQ(send("POST", "/api/v1/grep", bad).status, 400) << bad;
}

TEST_F(ApiTest, GrepAsFramesHasTheExactBytes) {
  // A piece as large as they come, and many that are small: the answer is larger than any queue.
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    const std::string text = i % 2 ? std::string("n1:a:\n") : std::string(64 << 10, static_cast<char>('a' + i % 26));
    node.grep_pieces.push_front({GrepPiece::Kind::kLines, "n1", text});
    expected.insert(0, text);
  }
  io::HttpCall asked{.method = "POST", .target = "/api/v1/grep", .body = R"({"arguments":["x"]})"};
  asked.headers = {{"Accept", std::string(kFramesType)}, {"Content-Type", "application/json"}};
  FrameReader frames;
  std::string output, summary;
  const auto answer = io::http_call(served.local, asked, [&](std::string_view piece) {
    return frames
        .feed(piece, [&](OutputFrame kind,
                         std::string_view bytes) { (kind == OutputFrame::kOutput ? output : summary) += bytes; })
        .ok();
  });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(frames.between());
  EXPECT_EQ(output, expected + "n1:a.log:one\nn1:a.log:\xff two\n");
  EXPECT_TRUE(summary.ends_with("{\"end\":true,\"matches\":2,\"problem\":\"\",\"partial\":true,\"exit_code\":11}\n"));
}

TEST_F(ApiTest, AReaderThatLeavesEndsTheQuery) {
  node.grep_pieces.erase(node.grep_pieces.begin() + 1, node.grep_pieces.end());  // and then nothing, for ever
  stream({.method = "POST",
          .target = "/api/v1/grep",
          .headers = {{"Content-Type", "application/json"}},
          .body = R"({"arguments":["x"]})"},
         "one");
  EXPECT_EQ(stream({.target = "/api/v1/logs?follow&lines=3"}, "fail n3\n"), "join n1\nfail n3\n");
  EXPECT_TRUE(node.log_asked.follow);
  EXPECT_EQ(node.log_asked.lines, 3u);
  while (node.open_streams > 0) std::this_thread::yield();
}

TEST_F(ApiTest, AStreamWithNothingToSayTellsThatItsNodeLives) {
  node.grep_pieces = {{GrepPiece::Kind::kLines, "n1", "a:b\n"}};  // and then nothing, for ever
  std::string frame, empty;
  put_frame(&frame, OutputFrame::kOutput, "join n1\nfail n3\n");
  put_frame(&empty, OutputFrame::kOutput, "");
  const io::HttpHeaders frames = {{"Accept", std::string(kFramesType)}}, json = {{"Content-Type", "application/json"}};
  const std::tuple<io::HttpCall, std::string, std::string> cases[] = {
      {{.target = "/api/v1/nodes/events"}, ": events\n\n", ": alive\n\n"},
      {{.target = "/api/v1/logs?follow", .headers = frames}, frame, empty},
      {{.method = "POST", .target = "/api/v1/grep", .headers = json, .body = R"({"arguments":["x"]})"},
       "{\"node\":\"n1\",\"line\":\"a:b\"}\n",
       "\n"}};
  for (const auto& [call, said, beat] : cases) {
    std::string all;
    const auto answer = io::http_call(served.local, call, [&, said = said, beat = beat](std::string_view piece) {
      all += piece;
      served.clock.advance_ms(1'999);
      served.wake();  // too early
      served.clock.advance_ms(1);
      served.wake();
      return all.size() < said.size() + 2 * beat.size();
    });
    EXPECT_TRUE(answer.ok()) << answer.status();
    EXPECT_TRUE(all.starts_with(said + beat + beat)) << all;
  }
}

TEST_F(ApiTest, LogsEnd) {
  EXPECT_EQ(get("/api/v1/logs").body, "join n1\nfail n3\n");
  EXPECT_FALSE(node.log_asked.follow);
  EXPECT_EQ(node.log_asked.lines, 10u);
  for (const char* bad : {"lines=x", "lines=100001", "lines=-1", "lines=", "follow=1"})
    EXPECT_EQ(get(std::string("/api/v1/logs?") + bad).status, 400) << bad;
}

TEST(Frames, AnyCutGivesTheSameFrames) {
  std::string bytes;
  put_frame(&bytes, OutputFrame::kOutput, "hello\n");
  put_frame(&bytes, OutputFrame::kSummary, "");
  for (size_t step = 1; step <= bytes.size(); ++step) {
    FrameReader reader;
    std::string seen;
    for (size_t at = 0; at < bytes.size(); at += step)
      ASSERT_TRUE(reader
                      .feed(std::string_view(bytes).substr(at, step),
                            [&](OutputFrame kind, std::string_view text) { (seen += static_cast<char>(kind)) += text; })
                      .ok());
    EXPECT_EQ(seen, "ohello\ns");
    EXPECT_TRUE(reader.between());
  }
  FrameReader reader;
  EXPECT_FALSE(reader.feed("HTTP/", [](OutputFrame, std::string_view) {}).ok());
  EXPECT_FALSE(FrameReader().feed("o\xff\xff\xff\xff", [](OutputFrame, std::string_view) {}).ok());
}

TEST(Json, TimesAreThoseOfTheCalendar) {
  constexpr int64_t kSecond = 1'000'000'000;
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(951'782'399 * kSecond), "2000-02-28T23:59:59.000Z");
  EXPECT_EQ(time_text(951'782'400 * kSecond), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(time_text(1'798'761'599 * kSecond + 999'999'999), "2026-12-31T23:59:59.999Z");
  EXPECT_EQ(time_text(4'107'542'400 * kSecond), "2100-03-01T00:00:00.000Z");
}

TEST(Problem, WhatIsNoneIsTold) {
  EXPECT_EQ(error_id(problem_status({502, {}, "<html>"})), ErrorId::kApiAnswer);
  EXPECT_EQ(error_id(problem_status({400, {}, R"({"detail":"foreign","code":"RS0000"})"})), ErrorId::kApiAnswer);
  EXPECT_EQ(error_id(problem_status({403, {}, R"({"detail":"another user"})"})), ErrorId::kClusterDenied);
  EXPECT_EQ(error_id(problem_status({503, {}, R"({"detail":"too many connections"})"})), ErrorId::kUnreachable);
  EXPECT_EQ(error_id(problem_status({503, {}, "<html>"})), ErrorId::kApiAnswer);
  EXPECT_EQ(problem_status({403, {}, R"({"detail":"foreign"})"}).message(), "foreign");
}
}  // namespace
}  // namespace rs
