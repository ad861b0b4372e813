#include "node/query/local_grep.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "io/real/beneath.h"
#include "io/real/guardian.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "io/sim/beneath.h"
#include "io/sim/world.h"
#include "node/query/log_files.h"

namespace rs {
namespace {
using namespace std::string_literals;
using Kind = LocalGrep::Piece::Kind;
using Words = std::vector<std::string>;
using io::ScratchFolder;

struct Answer {
  std::string text;
  uint64_t matches = 0;
  GrepDone done;
};

// The real program on real files.
class RealGrepTest : public testing::Test {
 protected:
  RealGrepTest() { std::filesystem::create_directory(folder_ / "log"); }
  void write(const std::string& name, const std::string& content) {
    ScratchFolder::write(folder_ / "log/" + name, content);
  }

  Answer grep(const Words& arguments, const std::string& files = "") {
    const auto logs = io::real_beneath(folder_ / "log").value();
    LocalGrep grep(judge_grep(arguments).value(), "n1", find_logs(logs.get(), files).value(),
                   {logs.get(), children_.get()}, clock_->now_ns());
    Answer answer;
    for (;;) {
      LocalGrep::Piece piece = grep.next(clock_->now_ns());
      if (piece.kind == Kind::kEnd) break;
      answer.text += piece.lines.text;
      answer.matches += piece.lines.matches;
    }
    answer.done = grep.result();
    return answer;
  }
  // The same by hand, in the folder of the logs: what a person would type there.
  Answer by_hand(const Words& arguments, const Words& files) {
    Words script = {"sh", "-c", "cd \"$1\" && shift && exec grep \"$@\"", "sh", folder_ / "log", "-H"};
    script.insert(script.end(), arguments.begin(), arguments.end());
    script.push_back("--");
    script.insert(script.end(), files.begin(), files.end());
    auto child = children_->start({.argv = script}).value();
    child->close_stdin();
    Answer answer;
    std::vector<char> buffer(64 << 10);
    for (auto got = child->read(buffer); got->kind != io::ReadResult::Kind::kEof; got = child->read(buffer)) {
      answer.text.append(buffer.data(), got->size);
    }
    while (!child->exit().exited) {
    }
    answer.done.exit = child->exit().code;
    return answer;
  }

  ScratchFolder folder_;
  const std::unique_ptr<io::Clock> clock_ = io::real_clock();
  const std::unique_ptr<io::Children> children_ = io::start_guardian().value();
};

TEST_F(RealGrepTest, EachLineIsLabelledAndCounted) {
  write("node.log", "error one\nfine\nerror two\n");
  write("node.log.1", "older error\n");
  const Answer answer = grep({"error"});
  EXPECT_EQ(answer.text, "n1:node.log:error one\nn1:node.log:error two\nn1:node.log.1:older error\n");
  EXPECT_EQ(answer.matches, 3u);
  EXPECT_EQ(answer.done, (GrepDone{0, false, 2, ""}));
  EXPECT_EQ(grep({"nowhere"}).done.exit, 1);
  EXPECT_EQ(grep({"error"}, "none*").done, (GrepDone{1, false, 0, ""}));
}

TEST_F(RealGrepTest, CountsNamesAndQuiet) {
  write("a.log", "x\nx\ny\n");
  write("b.log", "y\n");
  EXPECT_EQ(grep({"-c", "x"}).text, "n1:a.log:2\nn1:b.log:0\n");
  EXPECT_EQ(grep({"-c", "x"}).matches, 2u);
  EXPECT_EQ(grep({"-l", "x"}).text, "n1:a.log\n");
  EXPECT_EQ(grep({"-L", "x"}).text, "n1:b.log\n");
  EXPECT_EQ(grep({"-q", "x"}).text, "");
  EXPECT_EQ(grep({"-q", "x"}).done.exit, 0);
  EXPECT_EQ(grep({"-h", "x"}).text, "n1:x\nn1:x\n");
}

TEST_F(RealGrepTest, APatternIsOnlyAPattern) {
  write("node.log", "-rf /\nnode.log\na;b $(id)\n--\n");
  EXPECT_EQ(grep({"--", "-rf"}).text, "n1:node.log:-rf /\n");
  EXPECT_EQ(grep({"-e", "--"}).text, "n1:node.log:--\n");
  EXPECT_EQ(grep({"node.log"}).text, "n1:node.log:node.log\n");
  EXPECT_EQ(grep({"-F", ";b $(id)"}).text, "n1:node.log:a;b $(id)\n");
  EXPECT_EQ(grep({"-F", "rf\n;b"}).matches, 2u) << "two patterns";
  EXPECT_EQ(grep({""}).matches, 4u);
}

TEST_F(RealGrepTest, BytesOfAnyKindPass) {
  write("binary", "a\0b\nx\xff\xfey\nlast without an end"s);
  EXPECT_EQ(grep({"-a", "a"}).text, "n1:binary:a\0b\nn1:binary:last without an end\n"s);
  EXPECT_EQ(grep({"a"}).text, "");
  EXPECT_EQ(grep({"a"}).done, (GrepDone{0, false, 1, "grep: n1:binary: binary file matches"})) << "nothing is hidden";
  EXPECT_EQ(grep({"-aP", "\\x00"}).matches, 1u);
  write("nul", "one\0two\0"s);
  EXPECT_EQ(grep({"-z", "t"}, "nul").text, "n1:nul:two\0"s);
}

TEST_F(RealGrepTest, APatternThatGrepRefusesIsTheQuestionsFault) {
  write("a", "x\n"), write("b", "x\n");
  const GrepDone done = grep({"-E", "("}).done;
  EXPECT_TRUE(done.refused);
  EXPECT_EQ(done.exit, 2);
  EXPECT_NE(done.problem.find("Unmatched"), std::string::npos) << done.problem;
}

TEST_F(RealGrepTest, ALineLongerThanAPieceComesInSeveral) {
  const std::string line(3 * kGrepPieceBytes, 'x');
  write("a", "short\n" + line + "\nshort\n");
  const Answer answer = grep({"-v", "nowhere"});
  EXPECT_EQ(answer.text, "n1:a:short\nn1:a:" + line + "\nn1:a:short\n");
  EXPECT_EQ(answer.matches, 3u);
}

TEST_F(RealGrepTest, AFileThatCannotBeReadIsNamedAndTheOthersAreSearched) {
  write("a", "x\n"), write("c", "x\n");
  std::filesystem::create_symlink("a", folder_ / "log/b");
  const auto logs = io::real_beneath(folder_ / "log").value();
  LocalGrep grep(judge_grep({"x"}).value(), "n1", {"a", "b", "c", "gone"}, {logs.get(), children_.get()}, 0);
  uint64_t matches = 0;
  for (auto piece = grep.next(0); piece.kind != Kind::kEnd; piece = grep.next(0)) matches += piece.lines.matches;
  EXPECT_EQ(matches, 2u);
  EXPECT_EQ(grep.result().exit, 2);
  EXPECT_EQ(grep.result().problem, "open b: links are not followed");
}

TEST_F(RealGrepTest, ALogThatIsRotatedMeanwhileIsReadOnce) {
  for (int i = 0; i < 5; ++i) write(absl::StrCat("log.", i), absl::StrCat("x", i, "\n"));
  const auto logs = io::real_beneath(folder_ / "log").value();
  LocalGrep grep(judge_grep({"-h", "x"}).value(), "n1", find_logs(logs.get(), "").value(),
                 {logs.get(), children_.get()}, 0);
  for (int i = 4; i >= 0; --i) {
    std::filesystem::rename(folder_ / absl::StrCat("log/log.", i), folder_ / absl::StrCat("log/log.", i + 1));
  }
  std::string text;
  for (auto piece = grep.next(0); piece.kind != Kind::kEnd; piece = grep.next(0)) text += piece.lines.text;
  EXPECT_EQ(text, "n1:x0\nn1:x1\nn1:x2\nn1:x3\nn1:x4\n");
}

TEST_F(RealGrepTest, ManyFilesInTurn) {
  std::string expected;
  for (int i = 100; i < 400; ++i) {
    write(absl::StrCat(i), "x\n");
    absl::StrAppend(&expected, "n1:", i, ":x\n");
  }
  const Answer answer = grep({"x"});
  EXPECT_EQ(answer.text, expected);
  EXPECT_EQ(answer.done, (GrepDone{0, false, 300, ""}));
}

// The first lines of a file, and the rest, are of two greps.
TEST_F(RealGrepTest, NoLineIsLostOrDoubledWhereTheSecondGrepBegins) {
  for (const size_t lines : {199, 200, 201, 1000}) {
    for (const bool ended : {true, false}) {
      std::string content;
      for (size_t i = 0; i < lines; ++i)
        absl::StrAppend(&content, "no\n", "hit ", i, i + 1 < lines || ended ? "\n" : "");
      write("a", content);
      write("b", "no\nhit b\nno\n");
      for (const Words& arguments :
           {Words{"hit"}, {"-v", "hit"}, {"-n", "hit"}, {"-o", "hit"}, {"-m", "300", "hit"}, {"^"}}) {
        std::string hand = by_hand(arguments, {"a", "b"}).text, labelled;
        for (size_t at = 0, end; at < hand.size(); at = end + 1) {
          end = hand.find('\n', at);
          labelled += "n1:" + hand.substr(at, end + 1 - at);
        }
        const Answer ours = grep(arguments);
        EXPECT_EQ(ours.text, labelled) << testing::PrintToString(arguments) << " " << lines;
        EXPECT_EQ(ours.done, (GrepDone{0, false, 2, ""}));
      }
    }
  }
}

TEST_F(RealGrepTest, RecordsThatEndWithNulGoOnBehindTheFirstOnes) {
  std::string content, expected;
  for (int i = 0; i < 500; ++i) {
    content += absl::StrCat("two\nlines ", i) + '\0';
    expected += absl::StrCat("n1:a:two\nlines ", i) + '\0';
  }
  write("a", content);
  EXPECT_EQ(grep({"-z", "lines"}).text, expected);
}

// What differs from the grep of a person is the node in front of each line, and no more: the marks between groups of
// lines stand within a file alone, for each file has a grep of its own.
TEST_F(RealGrepTest, IsWhatGrepByHandSays) {
  io::SimRandom random(11, "logs");
  const Words words = {"error", "warn", "Error", "-v", "a.b", "aab", "x\ty", "\xc3\xa9t\xc3\xa9", "", "--", "grep:"};
  for (const char* name : {"a.log", "b.log", "c"}) {
    std::string content;
    for (uint64_t lines = random.below(60); lines > 0; --lines) {
      for (uint64_t n = random.below(5); n > 0; --n) absl::StrAppend(&content, words[random.below(words.size())], " ");
      content += '\n';
    }
    if (random.coin()) content += "error without an end";
    write(name, content);
  }
  const std::vector<Words> options = {{},
                                      {"-i"},
                                      {"-v"},
                                      {"-c"},
                                      {"-n"},
                                      {"-o"},
                                      {"-w"},
                                      {"-x"},
                                      {"-b"},
                                      {"-l"},
                                      {"-L"},
                                      {"-in"},
                                      {"-m", "2"},
                                      {"-m1", "-n"},
                                      {"-E"},
                                      {"-F"},
                                      {"-P"},
                                      {"-s"},
                                      {"-T"},
                                      {"-q"},
                                      {"-nob"},
                                      {"-vc"},
                                      {"--max-count=3"},
                                      {"-U"},
                                      {"-lv"},
                                      {"-cv", "-i"}};
  const char* patterns[] = {"error", "a.b", "^", "-v", "x\ty", "error\nwarn", "\xc3\xa9", "nowhere"};
  for (const Words& option : options) {
    for (int tries = 0; tries < 3; ++tries) {
      const char* pattern = patterns[random.below(std::size(patterns))];
      Words arguments = option;
      arguments.insert(arguments.end(), {"-e", pattern});
      Answer hand = by_hand(arguments, {"a.log", "b.log", "c"});
      std::string labelled;
      for (size_t at = 0, end; at < hand.text.size(); at = end + 1) {
        end = hand.text.find('\n', at);
        labelled += "n1:" + hand.text.substr(at, end + 1 - at);
      }
      const Answer ours = grep(arguments);
      EXPECT_EQ(ours.text, labelled) << testing::PrintToString(arguments);
      EXPECT_EQ(ours.done.exit, hand.done.exit) << testing::PrintToString(arguments);
    }
  }
}

TEST_F(RealGrepTest, LinesOfContextAreNoMatches) {
  write("a", "1\n2 x\n3\n4\n5\n6 x\n");
  for (const char* option : {"-1", "-C1", "-A1", "--before-context=1", "-nA1"}) {
    EXPECT_EQ(grep({option, "x"}).matches, 2u) << option;
  }
  EXPECT_EQ(grep({"-A1", "x"}).text, "n1:a:2 x\nn1:a-3\n--\nn1:a:6 x\n");
}

// Programs that misbehave, in virtual time.
class SimGrepTest : public testing::Test {
 protected:
  SimGrepTest() {
    for (const char* name : {"a", "b", "c"}) world_.disk.put(absl::StrCat("log/", name), "x\ny\n");
    world_.disk.faults() = {.write_back = 0};
  }
  void program(io::Program program) {
    world_.children.add("grep", [program](const Words&) { return program; });
  }
  LocalGrep grep() {
    return LocalGrep(judge_grep({"x"}).value(), "n1", find_logs(&logs_, "").value(), {&logs_, process_.children.get()},
                     now());
  }
  int64_t now() { return world_.clock.now_ns(); }
  // As its owner does: again in a millisecond.
  LocalGrep::Piece next(LocalGrep* grep) {
    for (;;) {
      LocalGrep::Piece piece = grep->next(now());
      if (piece.kind != Kind::kNothing) return piece;
      world_.clock.spend(1'000'000);
    }
  }

  io::SimWorld world_{3};
  io::SimProcess process_ = world_.boot();
  io::SimBeneath logs_{process_.directory.get(), "log"};
};

io::ProgramStep echo(const io::ProgramIo& io) {
  io.out->append(io.input);
  return {};
}

TEST_F(SimGrepTest, AGrepThatHangsIsKilledAndNamed) {
  program([](const io::ProgramIo& io) {
    io.out->append("n1:a:x\n");
    return io::ProgramStep{io::ProgramState::kHangs};
  });
  LocalGrep grep = this->grep();
  EXPECT_EQ(next(&grep).lines.text, "n1:a:x\n");
  const int64_t since = now();
  EXPECT_EQ(next(&grep).kind, Kind::kEnd);
  EXPECT_GE(now() - since, 10'000'000'000);
  EXPECT_LE(now() - since, 10'100'000'000);
  EXPECT_EQ(grep.result().exit, kPartialExit);
  EXPECT_NE(grep.result().problem.find("neither read nor printed"), std::string::npos);
  EXPECT_EQ(world_.children.counts().killed, 2u) << "the one that was started ahead too";
}

TEST_F(SimGrepTest, SilenceCountsOnlyWhileSomebodyWantsMore) {
  program([](const io::ProgramIo&) { return io::ProgramStep{io::ProgramState::kHangs}; });
  LocalGrep grep = this->grep();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(grep.next(now()).kind, Kind::kNothing);
    world_.clock.spend(1'000'000'000);
    grep.hold(now());
  }
  EXPECT_EQ(next(&grep).kind, Kind::kEnd);
}

TEST_F(SimGrepTest, AGrepThatReadsIsNotSilent) {
  world_.disk.put("log/a", std::string(1000, 'a'));
  world_.children.faults().piece_bytes = 100;
  world_.children.faults().piece_ns = 9'000'000'000;
  program([](const io::ProgramIo& io) {
    if (io.at_end) io.out->append("n1:a:x\n");
    return io::ProgramStep{};
  });
  LocalGrep grep = this->grep();
  const int64_t since = now();
  EXPECT_EQ(next(&grep).lines.text, "n1:a:x\n");
  EXPECT_GT(now() - since, 10'000'000'000);
}

TEST_F(SimGrepTest, AGrepThatCrashesIsNamedAndTheOtherFilesAreSearched) {
  int runs = 0;
  program([&runs](const io::ProgramIo& io) {
    if (++runs == 1) return io::ProgramStep{io::ProgramState::kEnded, 0, 11};
    return echo(io);
  });
  LocalGrep grep = this->grep();
  uint64_t matches = 0;
  for (auto piece = next(&grep); piece.kind != Kind::kEnd; piece = next(&grep)) matches += piece.lines.matches;
  EXPECT_EQ(matches, 4u);
  EXPECT_EQ(grep.result().exit, kPartialExit);
  EXPECT_EQ(grep.result().problem, "its grep was killed by signal 11");
}

TEST_F(SimGrepTest, WithoutTheProgramNothingIsSearched) {
  world_.children.faults().start_error = 1;
  program(echo);
  LocalGrep grep = this->grep();
  EXPECT_EQ(next(&grep).kind, Kind::kEnd);
  EXPECT_EQ(grep.result().exit, kPartialExit);
  EXPECT_NE(grep.result().problem.find("fork"), std::string::npos);
}

TEST_F(SimGrepTest, WhoLosesInterestKillsIt) {
  program([](const io::ProgramIo&) { return io::ProgramStep{io::ProgramState::kHangs}; });
  {
    LocalGrep grep = this->grep();
    grep.next(now());
  }
  EXPECT_EQ(world_.children.counts().started, 2u);
  EXPECT_EQ(world_.children.counts().killed, 2u);
}
}  // namespace
}  // namespace rs
