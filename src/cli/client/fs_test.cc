// `rainstorm fs` and the classic names for it, against the API of a node whose files are in memory.
#include "cli/client/fs.h"

#include <gtest/gtest.h>

#include "cli/client/fields.h"
#include "cli/client/fs_render.h"
#include "cli/client/test_client.h"
#include "cli/help.h"

namespace rs {
namespace {
class FsTest : public ClientTest {
 protected:
  FsTest() { console.working_directory = local_.path(); }
  std::string local(const std::string& name, const std::string& bytes) {
    io::ScratchFolder::write(local_ / name, bytes);
    return local_ / name;
  }
  std::string read(const std::string& name) { return io::ScratchFolder::read(local_ / name); }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(local_.path()))
      found.push_back(entry.path().filename());
    return found;
  }
  FakeFiles& files() { return node().files; }
  int shell(const std::string& line) { return (*this)({"shell", "-c", line}); }

  io::ScratchFolder local_;
};

std::string some_bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  return bytes;
}

TEST_F(FsTest, AFileGoesThereAndComesBack) {
  const std::string bytes = some_bytes(5'300'000);
  local("a", bytes);
  EXPECT_EQ((*this)({"fs", "put", "a", "dir/\xC3\xA4 +%"}), 0) << err;
  EXPECT_TRUE(out.starts_with("created dir/\xC3\xA4 +%: 5,300,000 bytes in ")) << out;
  EXPECT_TRUE(out.ends_with("; on n1, n2, n3\n")) << out;
  EXPECT_EQ(files().files.at("dir/\xC3\xA4 +%").bytes, bytes);
  EXPECT_EQ((*this)({"fs", "get", "dir/\xC3\xA4 +%", "b"}), 0) << err;
  EXPECT_EQ(read("b"), bytes);
  EXPECT_EQ((*this)({"fs", "get", "dir/\xC3\xA4 +%"}), 0) << "into a file of its last name";
  EXPECT_EQ(read("\xC3\xA4 +%"), bytes);
  EXPECT_EQ((*this)({"fs", "cat", "dir/\xC3\xA4 +%"}), 0);
  EXPECT_EQ(out, bytes);
  EXPECT_EQ((*this)({"fs", "get", "--json", "dir/\xC3\xA4 +%", "-"}), 0);
  EXPECT_EQ(out, bytes);
  EXPECT_TRUE(err.starts_with(R"({"name":"dir/)")) << err;
  EXPECT_EQ((*this)({"fs", "put", "a", "dir/\xC3\xA4 +%"}), static_cast<int>(Exit::kConflict));
  EXPECT_NE(err.find("error[RS1301]"), std::string::npos) << err;
  EXPECT_EQ(names().size(), 3u) << "no temporary file stays";
}

TEST_F(FsTest, StandardInputIsRead) {
  input = some_bytes(1'500'000);
  EXPECT_EQ((*this)({"fs", "put", "-", "a", "--json"}), 0) << err;
  EXPECT_TRUE(
      out.starts_with(R"({"name":"a","id":"f1","ring_id":"15","size":1500000,"appends":1,"replicas":[{"node")"));
  EXPECT_EQ(files().files.at("a").bytes, input);
  EXPECT_EQ((*this)({"fs", "append", "a", "-", "-q"}), 0) << err;
  EXPECT_EQ(out + err, "");
  EXPECT_EQ(files().files.at("a").bytes, input + input);
  input = "";
  EXPECT_EQ((*this)({"fs", "append", "a", "-"}), 0) << "an empty append is fine: " << err;
  EXPECT_EQ(files().files.at("a").appends, 3u);
}

TEST_F(FsTest, WhatIsNotWholeIsNoFile) {
  files().put("a", some_bytes(300'000));
  local("b", "old");
  files().break_at = 200'000;
  files().broken = make_error(ErrorId::kReplicasLost, "all replicas of group 7 are lost");
  EXPECT_EQ((*this)({"fs", "get", "a", "b"}), 1);
  EXPECT_NE(err.find("error[RS1305]: all replicas of group 7 are lost"), std::string::npos) << err;
  EXPECT_EQ(read("b"), "old");
  EXPECT_EQ(names(), Words{"b"});
  EXPECT_EQ((*this)({"fs", "cat", "a"}), 1);
  files().break_at = SIZE_MAX;
  EXPECT_EQ((*this)({"fs", "get", "a", "b"}), 0);
  EXPECT_EQ(read("b").size(), 300'000u);
  // A node that dies in the middle, or says another checksum.
  for (const bool lies : {false, true}) {
    backend.call = [](const io::Endpoint& to, const io::HttpCall& call, const io::HttpReader& reader,
                      const std::function<bool()>& cancelled) -> StatusOr<io::HttpAnswer> {
      std::string all;
      auto answer = io::http_call(
          to, call, reader ? [&](std::string_view piece) { return all += piece, true; } : reader, cancelled);
      if (reader) reader(std::string_view(all).substr(0, 200'000));
      return answer;
    };
    if (lies)
      backend.call = [](const io::Endpoint& to, const io::HttpCall& call, const io::HttpReader& reader,
                        const std::function<bool()>& cancelled) -> StatusOr<io::HttpAnswer> {
        bool first = true;
        const io::HttpReader lying = [&](std::string_view piece) {
          std::string changed(piece);
          if (std::exchange(first, false) && changed.size() > 1'000) changed[900] ^= 1;
          if (changed.size() > 60'000) changed[50'000] ^= 1;
          return reader(changed);
        };
        return io::http_call(to, call, reader ? lying : reader, cancelled);
      };
    EXPECT_NE((*this)({"fs", "get", "a", "c"}), 0);
    EXPECT_EQ(names(), Words{"b"}) << err;
  }
}

TEST_F(FsTest, LocalFilesThatCannotBeUsed) {
  files().put("a", "x");
  EXPECT_EQ((*this)({"fs", "put", "nothing", "b"}), static_cast<int>(Exit::kNotFound));
  EXPECT_NE(err.find("error[RS1100]: nothing can't be read"), std::string::npos) << err;
  EXPECT_EQ((*this)({"fs", "put", ".", "b"}), 2);
  EXPECT_EQ((*this)({"fs", "append", "a", "nothing"}), static_cast<int>(Exit::kNotFound));
  EXPECT_EQ((*this)({"fs", "get", "a", "no/folder/here"}), static_cast<int>(Exit::kNotFound));
  EXPECT_EQ((*this)({"fs", "get", "a", "/dev/null"}), static_cast<int>(Exit::kNotFound)) << "it would be renamed over";
  std::filesystem::create_directory(local_ / "folder");
  EXPECT_EQ((*this)({"fs", "get", "a", "folder"}), 0) << err;
  EXPECT_EQ(read("folder/a"), "x");
  EXPECT_EQ(files().files.size(), 1u);
  EXPECT_EQ(files().open, 0) << "what could not be read left no upload behind";
}

TEST_F(FsTest, ListsAndOneFile) {
  EXPECT_EQ((*this)({"fs", "ls"}), 0) << err;
  EXPECT_EQ(out, "");
  files().put("logs/a", "12345");
  files().put("logs/b", "");
  files().put("x", std::string(1'234, 'x'));
  EXPECT_EQ((*this)({"fs", "ls"}), 0);
  EXPECT_EQ(out,
            "SIZE   APPENDS  ID  NAME\n"
            "5      1        f1  logs/a\n"
            "0      1        f2  logs/b\n"
            "1,234  1        f3  x\n");
  for (const char* prefix : {"logs/", "log"}) {
    EXPECT_EQ((*this)({"fs", "ls", prefix, "--json"}), 0) << err;
    EXPECT_EQ(out,
              "{\"name\":\"logs/a\",\"id\":\"f1\",\"ring_id\":\"15\",\"size\":5,\"appends\":1}\n"
              "{\"name\":\"logs/b\",\"id\":\"f2\",\"ring_id\":\"15\",\"size\":0,\"appends\":1}\n");
  }
  const std::string one =
      "name     logs/a\nid       f1\nring id  15\nsize     5\nappends  1\n"
      "NODE  ADDRESS         RING ID  BYTES\n"
      "n1    127.0.0.1:7001  20       5\nn2    127.0.0.1:7002  20       5\nn3    127.0.0.1:7003  20       5\n";
  EXPECT_EQ((*this)({"fs", "ls", "logs/a"}), 0);
  EXPECT_EQ(out, one);
  EXPECT_EQ((*this)({"fs", "stat", "logs/a", "x"}), 0);
  EXPECT_TRUE(out.starts_with(one + "name     x\n")) << out;
  EXPECT_EQ((*this)({"fs", "ls", "y"}), static_cast<int>(Exit::kNotFound));
  EXPECT_EQ((*this)({"fs", "stat", "y"}), static_cast<int>(Exit::kNotFound));
  EXPECT_EQ((*this)({"fs", "ls", "--node", "n1"}), 0) << err;
  EXPECT_TRUE(out.starts_with("NODE  RING ID  BYTES  SIZE   ID  NAME\nn1    20       5      5      f1  logs/a\n"))
      << out;
  EXPECT_EQ(files().orders.back().kind, FileOrder::Kind::kStore);
  files().problems = {{"n2", "", "does not answer"}, {"", "z", "waits for a copy"}};
  EXPECT_EQ((*this)({"fs", "ls", "--json"}), static_cast<int>(Exit::kPartial));
  EXPECT_EQ(err,
            "{\"problem\":\"does not answer\",\"node\":\"n2\"}\n{\"problem\":\"waits for a copy\",\"name\":\"z\"}\n");
  EXPECT_EQ((*this)({"fs", "ls"}), static_cast<int>(Exit::kPartial));
  EXPECT_EQ(err, "n2: does not answer\nz: waits for a copy\n");
}

TEST_F(FsTest, RemoveMergeUsageAndCheck) {
  files().put("a", "12345");
  EXPECT_EQ((*this)({"fs", "merge", "a"}), 0) << err;
  EXPECT_EQ(out, "merged a: 5 bytes, identical on n1, n2, n3\n");
  EXPECT_EQ((*this)({"fs", "merge", "b"}), static_cast<int>(Exit::kNotFound));
  EXPECT_EQ((*this)({"fs", "du"}), 0);
  EXPECT_TRUE(out.starts_with("NODE  ADDRESS         FILES  BYTES  ON DISK\nn3    127.0.0.1:7003  1      7 B")) << out;
  EXPECT_EQ((*this)({"fs", "check"}), 0);
  EXPECT_EQ(out, "1 file, 5 B: all replicas are identical\n");
  files().problems = {{"n2", "a", "differs behind byte 3"}};
  EXPECT_EQ((*this)({"fs", "check", "a"}), static_cast<int>(Exit::kCheckFailed));
  EXPECT_TRUE(err.starts_with("a: differs behind byte 3 (n2)\nerror[RS1309]")) << err;
  files().problems.clear();
  EXPECT_EQ((*this)({"fs", "rm", "a", "b"}), static_cast<int>(Exit::kNotFound));
  EXPECT_EQ(out, "removed a: 5 bytes\n");
  EXPECT_TRUE(files().files.empty());
  EXPECT_EQ((*this)({"node", "ls", "--ring"}), 0) << err;
  EXPECT_EQ(out,
            "RING ID  NAME  ID                STATE\n10       n3    127.0.0.1:7003#1  alive\n"
            "20       n1    127.0.0.1:7001#3  alive\n30       n2    127.0.0.1:7002#1  suspect\n");
  EXPECT_EQ((*this)({"node", "ls", "--ring", "--json"}), 0);
  EXPECT_TRUE(out.starts_with("{\"name\":\"n3\",")) << out;
}

TEST_F(FsTest, EachErrorHasItsExitCode) {
  files().put("a", "x");
  const std::pair<ErrorId, int> errors[] = {
      {ErrorId::kFileName, 2}, {ErrorId::kFsNoSpace, 1},  {ErrorId::kNoQuorum, 8},        {ErrorId::kReplicasLost, 1},
      {ErrorId::kFsFenced, 5}, {ErrorId::kFsTimedOut, 8}, {ErrorId::kFsUnknownOutcome, 8}};
  local("l", "bytes");
  for (const auto& [id, code] : errors) {
    files().failure = make_error(id, "it fails", {{"waits for", "group 7 on n2"}});
    for (const Words& words : {Words{"fs", "ls"}, Words{"fs", "stat", "a"}, Words{"fs", "get", "a", "b"},
                               Words{"fs", "cat", "a"}, Words{"fs", "put", "l", "b"}, Words{"fs", "append", "a", "l"},
                               Words{"fs", "rm", "a"}, Words{"fs", "merge", "a"}, Words{"fs", "tail", "a"}}) {
      EXPECT_EQ((*this)(words), code) << words[1] << err;
      EXPECT_NE(err.find("waits for  group 7 on n2"), std::string::npos) << err;
    }
  }
  files().failure = Ok();
  files().broken = make_error(ErrorId::kFsUnknownOutcome, "the session ended");
  EXPECT_EQ((*this)({"fs", "append", "a", "l"}), 8) << err;
  EXPECT_EQ(names(), Words{"l"});
}

TEST_F(FsTest, ALostCommitIsNoSuccessAndNoFailure) {
  local("l", "bytes");
  backend.call = [](const io::Endpoint& to, const io::HttpCall& call, const io::HttpReader& reader,
                    const std::function<bool()>& cancelled) -> StatusOr<io::HttpAnswer> {
    if (call.target.ends_with("/commit")) return absl::DeadlineExceededError("paused");
    return io::http_call(to, call, reader, cancelled);
  };
  EXPECT_EQ((*this)({"fs", "put", "l", "a"}), static_cast<int>(Exit::kTimedOut));
  EXPECT_NE(err.find("error[RS1306]: it is not known whether a got all bytes or none"), std::string::npos) << err;
}

TEST_F(FsTest, APieceWhoseAnswerIsLostIsSentAgain) {
  const std::string bytes = some_bytes(2'500'000);
  local("l", bytes);
  int lost = 0;
  backend.call = [&](const io::Endpoint& to, const io::HttpCall& call, const io::HttpReader& reader,
                     const std::function<bool()>& cancelled) -> StatusOr<io::HttpAnswer> {
    auto answer = io::http_call(to, call, reader, cancelled);
    if (call.method == "PUT" && ++lost % 2) return absl::UnavailableError("the connection broke");
    return answer;
  };
  EXPECT_EQ((*this)({"fs", "put", "l", "a"}), 0) << err;
  EXPECT_EQ(files().files.at("a").bytes, bytes);
}

TEST_F(FsTest, AnInterruptTakesBackWhatWasBegun) {
  local("l", some_bytes(3'000'000));
  files().put("b", some_bytes(3'000'000));
  backend.call = [&](const io::Endpoint& to, const io::HttpCall& call, const io::HttpReader& reader,
                     const std::function<bool()>& cancelled) -> StatusOr<io::HttpAnswer> {
    if (call.method == "PUT") ++interrupts;
    if (!reader) return io::http_call(to, call, reader, cancelled);
    return io::http_call(
        to, call, [&](std::string_view piece) { return ++interrupts, reader(piece); }, [&] { return interrupts > 0; });
  };
  EXPECT_EQ((*this)({"fs", "put", "l", "a"}), static_cast<int>(Exit::kInterrupted)) << err;
  EXPECT_EQ(files().files.count("a"), 0u);
  EXPECT_EQ(files().open, 0);
  interrupts = 0;
  files().break_at = 100'000;
  files().stuck = false;
  files().broken = absl::CancelledError("as when it is");
  EXPECT_NE((*this)({"fs", "get", "b", "c"}), 0);
  EXPECT_EQ(names(), Words{"l"});
}

TEST_F(FsTest, Tail) {
  std::string lines;
  for (int i = 1; i <= 100'000; ++i) lines += "line " + std::to_string(i) + "\n";
  files().put("a", lines);
  EXPECT_EQ((*this)({"fs", "tail", "a", "-n", "2"}), 0) << err;
  EXPECT_EQ(out, "line 99999\nline 100000\n");
  EXPECT_EQ((*this)({"fs", "tail", "a"}), 0);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 10);
  EXPECT_EQ((*this)({"fs", "tail", "--lines=90000", "a"}), 0);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 90'000);
  EXPECT_TRUE(out.starts_with("line 10001\n")) << out.substr(0, 20);
  EXPECT_EQ((*this)({"fs", "tail", "--lines=200000", "a"}), 0);
  EXPECT_EQ(out, lines);
  EXPECT_EQ((*this)({"fs", "tail", "-n", "0", "a"}), 0);
  EXPECT_EQ(out, "");
  files().put("b", "one\ntwo\nthree");
  EXPECT_EQ((*this)({"fs", "tail", "-n", "2", "b"}), 0);
  EXPECT_EQ(out, "two\nthree") << "the last line has no end yet, and is one";
  readable = 3;
  EXPECT_EQ((*this)({"fs", "tail", "-f", "b"}), 0) << "its reader left";
  EXPECT_TRUE(files().downloads.back().follow);
  for (const char* bad : {"x", "-1", "1000001"})
    EXPECT_EQ((*this)({"fs", "tail", "b", std::string("--lines=") + bad}), 2);
}

TEST_F(FsTest, AppendsThroughSeveralNodesAtOnce) {
  const auto second = add("n2");
  for (FakeFiles* all : {&files(), &second->node.files}) all->put("log", "");
  local("a", "aaa");
  local("b", some_bytes(2'000'000));
  local("c", "ccc");
  EXPECT_EQ((*this)({"fs", "append", "--via", "n1,n2", "log", "a", "b", "c"}), 0) << err;
  EXPECT_EQ(files().files.at("log").appends, 3u);
  EXPECT_EQ(second->node.files.files.at("log").bytes, some_bytes(2'000'000));
  EXPECT_TRUE(out.starts_with("appended a to log through n1: 3 bytes in ")) << out;
  EXPECT_NE(out.find("appended b to log through n2: 2,000,000 bytes"), std::string::npos) << out;
  EXPECT_EQ((*this)({"fs", "append", "--via", "n1,n2", "log", "a"}), 2);
  EXPECT_EQ((*this)({"fs", "append", "--via", "n1,n9", "log", "a", "b"}), 4);
  EXPECT_EQ((*this)({"fs", "append", "--via", "n1,n2", "log", "a", "nothing"}), 4);
  EXPECT_EQ(second->node.files.files.at("log").appends, 2u) << "what is wrong is told before the first byte goes";
  second->node.files.failure = make_error(ErrorId::kFsNoSpace, "full");
  EXPECT_EQ((*this)({"fs", "append", "--via", "n1,n2", "log", "a", "b"}), 1);
  EXPECT_NE(err.find("b through n2: full"), std::string::npos) << err;
  EXPECT_TRUE(out.starts_with("appended a to log through n1")) << out;
}

TEST_F(FsTest, TheShellKnowsTheClassicNames) {
  local("l", "12345");
  EXPECT_EQ(shell("create l 'h f'"), 0) << err;
  EXPECT_TRUE(out.ends_with("on n1, n2, n3\n")) << out;
  EXPECT_EQ(shell("create l 'h f'"), static_cast<int>(Exit::kConflict));
  EXPECT_EQ(shell("append l 'h f'"), 0) << err;
  EXPECT_EQ(shell("append --node n1 l 'h f'"), 0) << err;
  EXPECT_EQ(files().files.at("h f").bytes, "123451234512345");
  EXPECT_EQ(shell("append l missing"), static_cast<int>(Exit::kNotFound));
  EXPECT_EQ(shell("get 'h f' back"), 0) << err;
  EXPECT_EQ(read("back"), "123451234512345");
  EXPECT_EQ(shell("getfromreplica n2 'h f' raw"), 0) << err;
  EXPECT_EQ(read("raw"), "123451234512345");
  EXPECT_EQ(files().downloads.back().replica, "n2");
  EXPECT_EQ(shell("merge 'h f'"), 0) << err;
  const std::pair<const char*, Words> same[] = {{"ls 'h f'", {"fs", "ls", "h f"}},
                                                {"stat 'h f'", {"fs", "stat", "h f"}},
                                                {"list", {"fs", "ls"}},
                                                {"liststore", {"fs", "ls", "--store"}},
                                                {"store", {"fs", "ls", "--node", "n1"}},
                                                {"cat 'h f'", {"fs", "cat", "h f"}},
                                                {"list_mem_ids", {"node", "ls", "--ring"}},
                                                {"tail -n 1 'h f'", {"fs", "tail", "-n", "1", "h f"}}};
  for (const auto& [classic, modern] : same) {
    EXPECT_EQ(shell(classic), 0) << classic << err;
    const std::string shown = out;
    EXPECT_FALSE(shown.empty()) << classic;
    EXPECT_EQ((*this)(modern), 0) << err;
    EXPECT_EQ(out, shown) << classic;
  }
  readable = 3;
  EXPECT_EQ(shell("tail -f 'h f'"), 0) << err;
  readable = SIZE_MAX;
  EXPECT_EQ(shell("delete 'h f'"), 0) << err;
  EXPECT_EQ(shell("ls 'h f'"), static_cast<int>(Exit::kNotFound));
  EXPECT_EQ((*this)({"shell", "--node", "n1", "-c", "list"}), 0) << err;
  EXPECT_EQ(files().orders.back().kind, FileOrder::Kind::kList) << "the shell's node asks for no store";
}

TEST_F(FsTest, MultiappendTakesBothOrders) {
  const auto second = add("n2");
  for (FakeFiles* all : {&files(), &second->node.files}) all->put("log", "");
  local("a", "aaa");
  local("b", "bb");
  local("n1", "a file with the name of a node");
  for (const char* line : {"multiappend log n1 n2 a b", "multiappend log n1 a n2 b", "multiappend log n1 n2 -q a b"}) {
    EXPECT_EQ(shell(line), 0) << line << err;
    EXPECT_EQ(std::exchange(files().files.at("log").bytes, ""), "aaa") << line;
    EXPECT_EQ(std::exchange(second->node.files.files.at("log").bytes, ""), "bb") << line;
  }
  EXPECT_EQ(shell("multiappend log n2 n1"), 0) << "one node, one file: " << err;
  EXPECT_EQ(second->node.files.files.at("log").bytes, "a file with the name of a node");
  for (const char* bad : {"multiappend log", "multiappend log n1", "multiappend log n1 n2 a",
                          "multiappend log a b n1 n2", "multiappend log n9 a"}) {
    EXPECT_EQ(shell(bad), 2) << bad;
    EXPECT_NE(err.find("multiappend FILE NODE"), std::string::npos) << err;
  }
}

TEST_F(FsTest, WrongUse) {
  for (const Words& words :
       {Words{"fs"}, Words{"fs", "lss"}, Words{"fs", "put", "a"}, Words{"fs", "put", "a", "b", "c"}, Words{"fs", "get"},
        Words{"fs", "append", "a"}, Words{"fs", "rm"}, Words{"fs", "du", "a", "b"}, Words{"fs", "ls", "--via", "n1"},
        Words{"fs", "get", "a", "--replica"}})
    EXPECT_EQ((*this)(words), 2) << words.back();
  (*this)({"fs", "pul"});
  EXPECT_NE(err.find("did you mean put?"), std::string::npos) << err;
  EXPECT_EQ((*this)({"fs", "put", "/dev/null", "\xff"}), 2);
  EXPECT_NE(err.find("error[RS1300]"), std::string::npos) << err;
  EXPECT_EQ(whole_command("getfromreplica"), "rainstorm fs get");
  EXPECT_NE(help_page("fs")->find("rainstorm fs put LOCAL NAME"), std::string::npos);
}

TEST_F(FsTest, ALongTransferShowsHowFarItIs) {
  local("l", some_bytes(4'000'000));
  environment["TERM"] = "xterm";
  console.stderr_is_terminal = true;
  int64_t now = 0;
  backend.now_ms = [&] { return now += 300; };
  EXPECT_EQ((*this)({"fs", "put", "l", "a"}), 0);
  EXPECT_NE(err.find(" % "), std::string::npos) << err;
  EXPECT_EQ(err.find("tuples"), std::string::npos);
  EXPECT_TRUE(err.ends_with("\r\x1b[K"));
  EXPECT_EQ((*this)({"fs", "put", "l", "b", "--json"}), 0);
  EXPECT_EQ(err, "");
}

TEST_F(FsTest, ANodeThatSaysSomethingElse) {
  for (const char* body : {"[]", "{}", "{\"file\":1}", "garbage\n", ""}) {
    backend.call = [body](const io::Endpoint&, const io::HttpCall& call, const io::HttpReader& reader,
                          const std::function<bool()>&) -> StatusOr<io::HttpAnswer> {
      if (reader) reader(body);
      return io::HttpAnswer{200, {}, call.target == "/healthz" || reader ? "" : body};
    };
    for (const Words& words :
         {Words{"fs", "ls"}, Words{"fs", "get", "a"}, Words{"fs", "put", "-", "a"}, Words{"fs", "merge", "a"}})
      EXPECT_NE((*this)(words), 0) << body << words[1];
    EXPECT_TRUE(names().empty());
  }
}
}  // namespace
}  // namespace rs
