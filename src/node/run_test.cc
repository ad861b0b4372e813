#include "node/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "io/real/scratch_folder.h"

namespace rs {
namespace {
// Jobs in a folder of their own, as a person types them.
class RunTest : public testing::Test {
 protected:
  RunTest() { put("in", "the cat\na dog\nthe end\n"); }

  void put(const std::string& name, const std::string& content) { io::ScratchFolder::write(folder_ / name, content); }
  std::string get(const std::string& name) { return io::ScratchFolder::read(folder_ / name); }
  bool exists(const std::string& name) { return std::filesystem::exists(folder_ / name); }

  RunOptions options(const std::string& line, const std::string& state = "") {
    std::string placed = line;  // paths of a line are relative to the folder
    for (const char* scheme : {"file:", "dir:"}) {
      for (size_t at = 0; (at = placed.find(scheme, at)) != std::string::npos;) {
        at += std::string_view(scheme).size();
        placed.insert(at, folder_.path() + "/");
      }
    }
    RunOptions options{.job = parse_job(placed).value(), .line = line, .working_directory = folder_.path()};
    if (!state.empty()) options.state = folder_ / state;
    return options;
  }
  StatusOr<RunReport> run(const RunOptions& options) {
    notes_.clear();
    return run_job(options, {.note = [this](const std::string& text) { notes_.push_back(text); }});
  }
  StatusOr<RunReport> run(const std::string& line, const std::string& state = "") { return run(options(line, state)); }
  std::optional<ErrorId> error(const RunOptions& options) { return error_id(run(options).status()); }

  io::ScratchFolder folder_;
  std::vector<std::string> notes_;
};

std::string sorted(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line;
  return all;
}

constexpr char kReplace[] = "file:in | grep the | replace the THE > file:out";
constexpr char kCount[] = "file:in | words | count > file:out";
constexpr char kCounted[] = "a\t1\ncat\t1\ndog\t1\nend\t1\nthe\t2\n";

TEST_F(RunTest, FilterAndReplace) {
  for (const char* state : {"", "s"}) {
    const StatusOr<RunReport> report = run(kReplace, state);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->end, RunEnd::kFinished);
    EXPECT_EQ(report->tuples_in, 3u);
    EXPECT_EQ(report->tuples_out, 2u);
    EXPECT_EQ(report->bytes_in, 22u);
    EXPECT_EQ(get("out"), "THE cat\nTHE end\n");
    std::filesystem::remove(folder_ / "out");
  }
}

TEST_F(RunTest, WordsAndCount) {
  for (const char* state : {"", "s"}) {
    const StatusOr<RunReport> report = run(kCount, state);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->tuples_out, 5u);
    EXPECT_EQ(sorted(get("out")), kCounted);
    std::filesystem::remove(folder_ / "out");
  }
}

TEST_F(RunTest, OrderIsKeptOverManySplitsAndFiles) {
  std::string all;
  for (int file = 0; file < 3; ++file) {
    std::string text;
    for (int i = 0; text.size() < (file + 1) * 900'000u; ++i)
      text += std::to_string(file) + " line " + std::to_string(i) + "\n";
    put("part" + std::to_string(file), text);
    all += text;
  }
  ASSERT_TRUE(run("file:part* | identity > file:out").ok());
  EXPECT_TRUE(get("out") == all);
  ASSERT_TRUE(run("file:part* | 3x grep line | 2x replace x y > file:out2", "s").ok());
  EXPECT_TRUE(get("out2") == all);
}

TEST_F(RunTest, NothingInNothingOut) {
  put("in", "");
  for (const char* line : {kReplace, kCount, "file:in > file:out"}) {
    ASSERT_TRUE(run(line).ok());
    EXPECT_TRUE(exists("out")) << line;
    EXPECT_EQ(get("out"), "") << line;
  }
}

TEST_F(RunTest, AFinishedJobSaysSo) {
  for (const char* line : {kReplace, kCount}) {
    ASSERT_TRUE(run(line, "s").ok());
    const std::string out = get("out");
    const StatusOr<RunReport> again = run(line, "s");
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->end, RunEnd::kAlreadyFinished);
    EXPECT_EQ(again->tuples_in, 3u);
    EXPECT_EQ(get("out"), out);
    std::filesystem::remove_all(folder_ / "s");
    std::filesystem::remove(folder_ / "out");
  }
}

TEST_F(RunTest, AChangedJobIsRefusedAndTheStateStays) {
  ASSERT_TRUE(run(kReplace, "s").ok());
  EXPECT_EQ(error(options("file:in | grep a | replace the THE > file:out", "s")), ErrorId::kJobChanged);
  EXPECT_EQ(error(options("file:in | grep the | 3x replace the THE > file:out", "s")), ErrorId::kJobChanged);
  EXPECT_EQ(error(options(kCount, "s")), ErrorId::kJobChanged);
  RunOptions changed = options(kReplace, "s");
  changed.no_chain = true;
  EXPECT_EQ(error(changed), ErrorId::kJobChanged) << "other tasks, other logs";
  changed = options(kReplace, "s");
  changed.emit_changes = true;
  EXPECT_EQ(error(changed), ErrorId::kJobChanged);
  EXPECT_EQ(get("out"), "THE cat\nTHE end\n");
  changed = options(kReplace, "s");
  changed.rate = 5;
  EXPECT_EQ(run(changed)->end, RunEnd::kAlreadyFinished) << "the rate may change";
}

TEST_F(RunTest, FreshDiscardsTheStateAndItsOutput) {
  ASSERT_TRUE(run(kReplace, "s").ok());
  put("in", "the sequel\n");
  RunOptions again = options(kReplace, "s");
  again.fresh = true;
  EXPECT_EQ(run(again)->end, RunEnd::kFinished);
  EXPECT_EQ(get("out"), "THE sequel\n");
  RunOptions another = options(kCount, "s");
  another.fresh = true;
  EXPECT_EQ(run(another)->end, RunEnd::kFinished);
  EXPECT_EQ(sorted(get("out")), "sequel\t1\nthe\t1\n");
}

TEST_F(RunTest, AForeignOutputIsKept) {
  put("out", "dear\n");
  EXPECT_EQ(error(options(kReplace, "s")), ErrorId::kOutputExists);
  RunOptions fresh = options(kReplace, "s");
  fresh.fresh = true;
  EXPECT_EQ(error(fresh), ErrorId::kOutputExists);
  EXPECT_EQ(get("out"), "dear\n");
  RunOptions overwrite = options(kReplace, "s");
  overwrite.overwrite = true;
  EXPECT_TRUE(run(overwrite).ok());
  EXPECT_EQ(get("out"), "THE cat\nTHE end\n");
  EXPECT_TRUE(run(kReplace).ok()) << "without a state it is replaced at the end";
}

TEST_F(RunTest, AnOutputThatCantBeIsRefusedBeforeAnythingIsMade) {
  std::filesystem::create_directory(folder_ / "folder");
  for (const char* state : {"", "s"}) {
    EXPECT_EQ(error(options("file:in > file:no/such/out", state)), ErrorId::kOutputPath);
    EXPECT_EQ(error(options("file:in > file:folder", state)), ErrorId::kBadSink);
    EXPECT_FALSE(run("file:in > file:in", state).ok()) << "an output equal to a source";
    EXPECT_EQ(error(options("file:missing > file:out", state)), ErrorId::kNoInput);
    EXPECT_FALSE(exists("out"));
    EXPECT_FALSE(exists("s/job"));
  }
  EXPECT_EQ(get("in"), "the cat\na dog\nthe end\n");
}

TEST_F(RunTest, AFailureLeavesTheOldOutput) {
  put("out", "old\n");
  put("in", "1\nno number\n");
  EXPECT_FALSE(run("file:in | sum 1 > file:out").ok());
  EXPECT_EQ(get("out"), "old\n");
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) files += entry.exists();
  EXPECT_EQ(files, 2u) << "and no temporary file";
}

// A state whose first start failed goes on when the cause is gone.
TEST_F(RunTest, AStateGoesOn) {
  put("in", "a 1\nb x\n");
  const RunOptions sum = options("file:in | by 1 | sum 2 > file:out", "s");
  EXPECT_FALSE(run(sum).ok());
  EXPECT_FALSE(run(sum).ok()) << "the same line is still there";
  EXPECT_EQ(error(options(kCount, "s")), ErrorId::kJobChanged);
  put("in", "a 1\n");
  EXPECT_EQ(error(sum), ErrorId::kInputChanged) << "it became shorter";
  EXPECT_FALSE(exists("out"));
  put("in", "a 1\nb 2\nc 3\n");
  ASSERT_TRUE(run(sum).ok());
  EXPECT_EQ(sorted(get("out")), "a\t1\nb\t2\n") << "an input that grew is read to its first size";
  EXPECT_EQ(notes_.size(), 1u);
}

TEST_F(RunTest, AnInputThatHasGrownIsReadToItsFirstSize) {
  ASSERT_TRUE(run(kReplace, "s").ok());
  std::ofstream(folder_ / "in", std::ios::app) << "the rest\n";
  ASSERT_TRUE(run(kReplace, "s").ok());
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_NE(notes_[0].find("22 bytes"), std::string::npos) << notes_[0];
}

TEST_F(RunTest, APlanMakesNothing) {
  const StatusOr<Plan> plan = plan_job(options(kCount, "s"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->stages.size(), 2u);
  EXPECT_EQ(plan->stages[1].text, "count");
  EXPECT_TRUE(plan->stages[1].shuffled && plan->stages[1].durable);
  EXPECT_NE(plan->delivery.find("exactly once"), std::string::npos);
  EXPECT_FALSE(exists("out"));
  EXPECT_FALSE(exists("s"));
}
}  // namespace
}  // namespace rs
