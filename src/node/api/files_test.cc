// The file system behind the API: what a client may do, and what a hostile one may not.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "node/api/json.h"
#include "node/api/output_frames.h"
#include "node/api/problem.h"
#include "node/test_node.h"

namespace rs {
namespace {
class FilesTest : public testing::Test {
 protected:
  io::HttpAnswer call(const std::string& method, const std::string& target, const std::string& body = "") {
    io::HttpCall asked{.method = method, .target = target, .body = body};
    if (body.starts_with("{")) asked.headers = {{"Content-Type", "application/json"}};
    const auto answer = io::http_call(served.local, asked);
    EXPECT_TRUE(answer.ok()) << target.substr(0, 100) << answer.status();
    return answer.value_or(io::HttpAnswer{});
  }
  io::HttpAnswer get(const std::string& target) { return call("GET", target); }
  ErrorId error(const io::HttpAnswer& answer) {
    EXPECT_GE(answer.status, 400) << answer.body;
    return error_id(problem_status(answer)).value_or(ErrorId::kInternal);
  }

  // The target of a new upload.
  std::string begin(const std::string& name, const char* kind = "create") {
    const io::HttpAnswer answer = call("POST", "/api/v1/uploads", Json({{"name", name}, {"kind", kind}}).dump());
    EXPECT_EQ(answer.status, 201) << answer.body;
    return "/api/v1/uploads/" + Json::parse(answer.body)["upload"].get<std::string>();
  }
  io::HttpAnswer commit(const std::string& upload, uint64_t pieces, const std::string& all) {
    char crc[16];
    std::snprintf(crc, sizeof crc, "%08x", crc32c(all));
    return call("POST", upload + "/commit", Json({{"pieces", pieces}, {"bytes", all.size()}, {"crc32c", crc}}).dump());
  }
  // The bytes and the summaries of an answer in frames.
  std::pair<std::string, std::vector<Json>> content(const std::string& target) {
    FrameReader reader;
    std::pair<std::string, std::vector<Json>> got;
    const auto answer =
        io::http_call(served.local, {.target = target, .headers = {{"Accept", std::string(kFramesType)}}},
                      [&](std::string_view piece) {
                        return reader
                            .feed(piece,
                                  [&](OutputFrame kind, std::string_view bytes) {
                                    if (kind == OutputFrame::kOutput) got.first += bytes;
                                    if (kind == OutputFrame::kSummary) got.second.push_back(Json::parse(bytes));
                                  })
                            .ok();
                      });
    EXPECT_TRUE(answer.ok()) << answer.status();
    EXPECT_TRUE(reader.between());
    return got;
  }

  // Seconds pass while it runs, and in each of them somebody asks for `target`.
  void as_time_goes_on(const std::string& target, const std::function<void()>& run) {
    std::atomic<bool> done{false};
    std::thread ticking([&] {
      while (!done) {
        get(target);
        served.clock.advance_ms(1'000);
        served.wake();
      }
    });
    run();
    done = true;
    ticking.join();
  }

  ServedNode served;
  FakeFiles& files = served.node.files;
};

TEST_F(FilesTest, ListsAreRowsAndAnEnd) {
  files.put("a/1", "one");
  files.put("a/2", "");
  files.put("b", "x");
  const char* const first = R"({"name":"a/1","id":"f1","ring_id":"15","size":3,"appends":1)";
  EXPECT_EQ(get("/api/v1/files?prefix=a%2F").body,
            std::string(first) + "}\n" + R"({"name":"a/2","id":"f2","ring_id":"15","size":0,"appends":1})" + "\n" +
                R"({"end":true,"files":2,"bytes":3,"problems":0})" + "\n");
  files.problems = {{"n2", "", "does not answer"}};
  EXPECT_TRUE(get("/api/v1/files")
                  .body.ends_with("{\"problem\":\"does not answer\",\"node\":\"n2\"}\n"
                                  "{\"end\":true,\"files\":3,\"bytes\":4,\"problems\":1}\n"));
  EXPECT_TRUE(get("/api/v1/files?store").body.starts_with(std::string(first) + R"(,"replicas":[{"node":"n1",)"));
  EXPECT_EQ(files.orders.back().kind, FileOrder::Kind::kStore);
  EXPECT_EQ(get("/api/v1/files?store&prefix=a").status, 400);
  const std::string usage = get("/api/v1/usage?prefix=a").body;
  EXPECT_TRUE(usage.starts_with(R"({"node":"n3","address":"127.0.0.1:7003","files":3,"bytes":7,"disk_bytes":4096})"));
  EXPECT_EQ(Json::parse(get("/api/v1/ring").body)["members"][0]["ring_id"], "10");
}

TEST_F(FilesTest, ALongListIsLargerThanAnyBuffer) {
  for (int i = 0; i < 20'000; ++i) files.put("file-" + std::to_string(i), "");
  const std::string body = get("/api/v1/files").body;
  EXPECT_EQ(std::count(body.begin(), body.end(), '\n'), 20'001);
}

TEST_F(FilesTest, AFileByItsName) {
  const std::string name = "p\xC3\xA4th/with +%/\xE6\x97\xA5";
  files.put(name, "12345");
  const std::string target = "/api/v1/files/" + encode_component(name);
  const Json file = Json::parse(get(target).body);
  EXPECT_EQ(file["name"], name);
  EXPECT_EQ(file["replicas"][2].dump(), R"({"node":"n3","address":"127.0.0.1:7003","ring_id":"20","bytes":5})");
  files.problems = {{"n2", name, "does not answer"}};
  EXPECT_EQ(Json::parse(get(target).body)["problems"][0]["node"], "n2");
  EXPECT_TRUE(call("POST", target + "/merge").body.ends_with("\"problems\":1}\n"));
  EXPECT_EQ(Json::parse(call("DELETE", target).body)["size"], 5);
  EXPECT_TRUE(files.files.empty());
  for (const char* method : {"GET", "DELETE"}) EXPECT_EQ(error(call(method, target)), ErrorId::kFileMissing);
  EXPECT_EQ(error(call("POST", target + "/merge")), ErrorId::kFileMissing);
  EXPECT_EQ(call("GET", target + "/content").status, 404);
  EXPECT_EQ(call("DELETE", target).status, 404);
}

TEST_F(FilesTest, NamesThatAreNone) {
  for (const char* bad : {"/api/v1/files/%", "/api/v1/files/%zz", "/api/v1/files/a%2", "/api/v1/files/%e/content"})
    EXPECT_EQ(get(bad).status, 400) << bad;
  EXPECT_EQ(get("/api/v1/files/").status, 404);
  EXPECT_EQ(get("/api/v1/files/a/b").status, 404) << "a slash of a name is escaped";
  EXPECT_EQ(get("/api/v1/files//content").status, 404);
  EXPECT_EQ(get("/api/v1/files/" + std::string(3'000, 'x')).status, 404) << "the file system judges it";
  EXPECT_EQ(files.orders.back().name.size(), 3'000u);
  EXPECT_EQ(get("/api/v1/files/" + std::string(20'000, 'x')).status, 431);
}

TEST_F(FilesTest, EachErrorOfTheFileSystemIsTold) {
  files.put("a", "x");
  for (const ErrorId id :
       {ErrorId::kFileName, ErrorId::kFsNoSpace, ErrorId::kNoQuorum, ErrorId::kReplicasLost, ErrorId::kFsTimedOut}) {
    files.failure = make_error(id, "it fails", {{"waits for", "n2"}});
    for (const char* target : {"/api/v1/files", "/api/v1/files/a", "/api/v1/files/a/content", "/api/v1/usage"}) {
      const io::HttpAnswer answer = get(target);
      EXPECT_EQ(error(answer), id) << target;
      EXPECT_EQ(report_of(problem_status(answer)).details[0].second, "n2");
    }
    EXPECT_EQ(error(call("POST", "/api/v1/uploads", R"({"name":"b","kind":"create"})")), id);
  }
  files.failure = Ok();
  files.problems = {{"", "a", "n1 and n2 differ"}};
  EXPECT_NE(get("/api/v1/check").body.find(R"("problems":1,"error":{"type":"about:blank",)"), std::string::npos);
}

TEST_F(FilesTest, SlowAnswersComeAndLateErrorsStandAtTheEnd) {
  files.slow = 50;
  files.put("a", "slow");
  EXPECT_EQ(get("/api/v1/files/a").status, 200);
  EXPECT_EQ(content("/api/v1/files/a/content").first, "slow");
  files.slow = 0;
  files.stuck = true;
  std::string all;
  StatusOr<io::HttpAnswer> answer;
  as_time_goes_on("/api/v1/ring", [&] {
    answer = io::http_call(served.local, {.target = "/api/v1/files"}, [&](std::string_view piece) {
      all += piece;
      return false;
    });
  });
  EXPECT_TRUE(answer.ok()) << "the head came though nothing else did";
}

TEST_F(FilesTest, ContentInFramesIsCountedAndSummed) {
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += std::to_string(i);
  files.put("a", bytes);
  const auto [all, said] = content("/api/v1/files/a/content");
  EXPECT_EQ(all, bytes);
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0]["length"], bytes.size());
  EXPECT_EQ(said[0]["file"]["id"], "f1");
  char crc[16];
  std::snprintf(crc, sizeof crc, "%08x", crc32c(bytes));
  EXPECT_EQ(said[1], Json({{"end", true}, {"bytes", bytes.size()}, {"crc32c", crc}}));
  EXPECT_EQ(get("/api/v1/files/a/content").body, bytes);
  EXPECT_EQ(io::find_header(get("/api/v1/files/a/content?from=7").headers, "x-rainstorm-length"),
            std::to_string(bytes.size() - 7));
}

TEST_F(FilesTest, Ranges) {
  files.put("a", "0123456789");
  const std::pair<const char*, const char*> cases[] = {
      {"from=3", "3456789"}, {"from=3&length=2", "34"}, {"last=4", "6789"},         {"last=99", "0123456789"},
      {"from=10", ""},       {"length=0", ""},          {"from=8&length=99", "89"}, {"replica=n2", "0123456789"},
      {"last=0", ""}};
  for (const auto& [range, wanted] : cases)
    EXPECT_EQ(get(std::string("/api/v1/files/a/content?") + range).body, wanted) << range;
  EXPECT_EQ(files.downloads[7].replica, "n2");
  for (const char* bad : {"from=11", "from=x", "from=-1", "from=", "from=99999999999999999999", "from=1&last=1", "to=3",
                          "follow=1", "follow&length=3", "follow&replica=n1"})
    EXPECT_EQ(get(std::string("/api/v1/files/a/content?") + bad).status, 400) << bad;
}

TEST_F(FilesTest, AStreamThatBreaksIsNeverTakenForTheFile) {
  files.put("a", std::string(200'000, 'a'));
  files.break_at = 100'000;
  files.broken = make_error(ErrorId::kReplicasLost, "all replicas of group 7 are lost");
  const auto [all, said] = content("/api/v1/files/a/content");
  EXPECT_EQ(all.size(), 100'000u);
  EXPECT_EQ(error_id(problem_status({500, {}, said.at(1)["error"].dump()})), ErrorId::kReplicasLost);
  const auto raw = io::http_call(served.local, {.target = "/api/v1/files/a/content"});
  EXPECT_TRUE(absl::IsUnavailable(raw.status())) << "HTTP's own end does not come: " << raw.status();
}

TEST_F(FilesTest, AReaderThatLeavesEndsTheDownload) {
  files.put("a", std::string(5'000'000, 'a'));
  for (const char* target : {"/api/v1/files/a/content", "/api/v1/files/a/content?follow"}) {
    const auto answer = io::http_call(served.local, {.target = target}, [](std::string_view) { return false; });
    EXPECT_TRUE(answer.ok());
    while (files.open > 0) std::this_thread::yield();
  }
}

TEST_F(FilesTest, AnUploadOfPieces) {
  const std::string upload = begin("a"), one(kPieceBytes, 'x'), two = "yz";
  EXPECT_EQ(call("PUT", upload + "/1", one).status, 200);
  EXPECT_EQ(call("PUT", upload + "/1", one).status, 200) << "its answer was lost, say";
  EXPECT_EQ(Json::parse(get(upload).body)["bytes"], kPieceBytes);
  EXPECT_EQ(error(call("PUT", upload + "/1", two)), ErrorId::kFsFenced);
  EXPECT_EQ(call("PUT", upload + "/2", two).status, 200);
  for (const char* bad : {"/1", "/4", "/0", "/x", "/-1", "/commit"})
    EXPECT_EQ(call("PUT", upload + bad, two).status, 400) << bad;
  EXPECT_EQ(call("PUT", upload + "/3", one + "x").status, 413);
  EXPECT_EQ(files.files.count("a"), 0u) << "nothing shows before the commit";
  EXPECT_EQ(commit(upload, 3, one + two).status, 400);
  EXPECT_EQ(commit(upload, 2, two + one).status, 400) << "other bytes";
  const io::HttpAnswer done = commit(upload, 2, one + two);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Json::parse(done.body)["file"]["size"], kPieceBytes + 2);
  EXPECT_EQ(commit(upload, 2, one + two).body, done.body) << "it may be asked again";
  EXPECT_EQ(call("PUT", upload + "/3", two).status, 400);
  EXPECT_EQ(files.files.at("a").bytes, one + two);
  EXPECT_EQ(call("DELETE", upload).status, 200);
  EXPECT_EQ(error(get(upload)), ErrorId::kUploadGone);
}

TEST_F(FilesTest, AppendsAndWhatCannotBegin) {
  files.put("a", "1");
  const std::string upload = begin("a", "append");
  EXPECT_EQ(commit(upload, 0, "").status, 200) << "an empty append is fine";
  EXPECT_EQ(files.files.at("a").appends, 2u);
  EXPECT_EQ(error(call("POST", "/api/v1/uploads", R"({"name":"a","kind":"create"})")), ErrorId::kFileExists);
  EXPECT_EQ(error(call("POST", "/api/v1/uploads", R"({"name":"b","kind":"append"})")), ErrorId::kFileMissing);
  for (const char* bad :
       {"{}", R"({"name":"a"})", R"({"name":1,"kind":"append"})", R"({"name":"a","kind":"truncate"})"})
    EXPECT_EQ(call("POST", "/api/v1/uploads", bad).status, 400) << bad;
}

TEST_F(FilesTest, AnUploadThatIsLeftAppendsNothing) {
  const std::string left = begin("a"), ended = begin("b");
  EXPECT_EQ(call("PUT", left + "/1", "x").status, 200);
  EXPECT_EQ(call("DELETE", ended).status, 200);
  EXPECT_EQ(files.open, 1);
  served.clock.advance_ms(60'001);
  served.wake();
  while (files.open > 0) std::this_thread::yield();
  EXPECT_EQ(error(call("PUT", left + "/2", "x")), ErrorId::kUploadGone);
  EXPECT_EQ(error(commit(left, 1, "x")), ErrorId::kUploadGone);
  EXPECT_TRUE(files.files.empty());
}

TEST_F(FilesTest, UploadsHaveABoundAndFinishedOnesMakeRoom) {
  std::vector<std::string> uploads;
  for (size_t i = 0; i < UploadDesk::kMostSessions; ++i) uploads.push_back(begin("f" + std::to_string(i)));
  EXPECT_EQ(error(call("POST", "/api/v1/uploads", R"({"name":"x","kind":"create"})")), ErrorId::kUploadsBusy);
  EXPECT_EQ(commit(uploads[3], 0, "").status, 200);
  begin("x");
  EXPECT_EQ(error(get(uploads[3])), ErrorId::kUploadGone);
  EXPECT_EQ(get(uploads[4]).status, 200);
}

TEST_F(FilesTest, AFullFileSystemHoldsTheUploadBack) {
  files.room = 300'000;
  const std::string upload = begin("a"), piece(kPieceBytes, 'x');
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(call("PUT", upload + "/" + std::to_string(i), piece).status, 200);
  EXPECT_EQ(commit(upload, 3, piece + piece + piece).status, 200);
  EXPECT_EQ(files.files.at("a").bytes.size(), 3 * kPieceBytes);
  files.room = 0;
  const std::string full = begin("b");
  EXPECT_EQ(call("PUT", full + "/1", piece).status, 200) << "one is held";
  io::HttpAnswer second;
  as_time_goes_on(full, [&] { second = call("PUT", full + "/2", piece); });
  EXPECT_EQ(second.status, 202) << second.body;
  EXPECT_EQ(Json::parse(second.body)["pieces"], 1);
}

TEST_F(FilesTest, ACommitThatFailsSaysSoEachTime) {
  files.broken = make_error(ErrorId::kFsUnknownOutcome, "the primary is gone");
  const std::string upload = begin("a");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(error(commit(upload, 0, "")), ErrorId::kFsUnknownOutcome);
  EXPECT_EQ(Json::parse(get(upload).body)["phase"], "failed");
}

TEST(Files, ANodeWithoutAFileSystemSaysSo) {
  FakeNode node;
  NodeService service = node.service();
  service.files = nullptr;
  HandClock clock;
  UploadDesk uploads(clock);
  const io::HttpRequest http{.method = "GET", .target = "/"};
  for (const Route& route : api_routes()) {
    if (!route.path.starts_with("/api/v1/files") && route.path != "/api/v1/ring") continue;
    const auto reply = route.handle({http, {}, uploads, {"a"}}, service);
    EXPECT_EQ(error_id(reply.status()), ErrorId::kNotYet) << route.path;
  }
}
}  // namespace
}  // namespace rs
