#include "node/query/command.h"

#include <gtest/gtest.h>

#include "node/query/message.h"

namespace rs {
namespace {
using namespace std::string_literals;
using Words = std::vector<std::string>;
using Shows = GrepCommand::Shows;

GrepCommand judged(const Words& arguments) {
  const auto command = judge_grep(arguments);
  EXPECT_TRUE(command.ok()) << command.status();
  return command.value_or(GrepCommand());
}
std::string refusal(const Words& arguments) {
  const auto command = judge_grep(arguments);
  EXPECT_EQ(command.status().code(), absl::StatusCode::kInvalidArgument) << testing::PrintToString(arguments);
  return std::string(command.status().message());
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(GrepCommand, OptionsPassUnchangedAndThePatternStandsBehindE) {
  EXPECT_EQ(judged({"error"}).words, (Words{"-e", "error"}));
  EXPECT_EQ(judged({"-i", "error", "-A", "3"}).words, (Words{"-i", "-A", "3", "-e", "error"}));
  EXPECT_EQ(judged({"-ivA3", "x"}).words, (Words{"-ivA3", "-e", "x"}));
  EXPECT_EQ(judged({"--after-context", "3", "--max-count=2", "x"}).words,
            (Words{"--after-context", "3", "--max-count=2", "-e", "x"}));
  EXPECT_EQ(judged({"-e", "a", "-ieb"}).words, (Words{"-e", "a", "-ieb"}));
  EXPECT_EQ(judged({"x", "-5"}).words, (Words{"-5", "-e", "x"}));
  EXPECT_EQ(judged({"--regexp=a b"}).words, Words{"--regexp=a b"});
  EXPECT_EQ(judged({""}).words, (Words{"-e", ""})) << "the empty pattern is one";
}

TEST(GrepCommand, APatternMayLookLikeAnOption) {
  EXPECT_EQ(judged({"--", "-rf"}).words, (Words{"-e", "-rf"}));
  EXPECT_EQ(judged({"-e", "-r"}).words, (Words{"-e", "-r"}));
  EXPECT_EQ(judged({"-n", "--", "--include=x"}).words, (Words{"-n", "-e", "--include=x"}));
  EXPECT_EQ(judged({"-"}).words, (Words{"-e", "-"}));
  EXPECT_EQ(judged({"-A", "-r", "x"}).words, (Words{"-A", "-r", "-e", "x"})) << "a value, which grep will refuse";
}

TEST(GrepCommand, WhatNamesFilesIsRefusedWithTheReason) {
  for (const Words& words : {Words{"-f", "patterns"}, {"-fpatterns"}, {"-if", "x"}, {"--file=x"}, {"--file", "x"}}) {
    EXPECT_TRUE(has(refusal(words), "give the patterns with -e")) << words[0];
  }
  for (const Words& words : {Words{"-r", "x"},
                             {"-R", "x"},
                             {"-ir", "x"},
                             {"--recursive", "x"},
                             {"--include=*", "x"},
                             {"--exclude=x", "x"},
                             {"--exclude-from=/etc/passwd", "x"},
                             {"--exclude-dir", "d", "x"},
                             {"-d", "recurse", "x"},
                             {"-drecurse", "x"},
                             {"--directories=recurse", "x"},
                             {"-D", "read", "x"},
                             {"--devices=read", "x"},
                             {"--dereference-recursive", "x"}}) {
    EXPECT_TRUE(has(refusal(words), "--files")) << words[0];
  }
  EXPECT_TRUE(has(refusal({"x", "/etc/passwd"}), "\"/etc/passwd\" would be a file"));
  EXPECT_TRUE(has(refusal({"-e", "x", "y"}), "\"y\" would be a file"));
  EXPECT_TRUE(has(refusal({"-e", "x", "--", "-y"}), "\"-y\" would be a file"));
  EXPECT_TRUE(has(refusal({"--label=n9", "x"}), "--label"));
  EXPECT_TRUE(has(refusal({"--label", "n9", "x"}), "--label"));
  EXPECT_TRUE(has(refusal({"--version"}), "searches nothing"));
  EXPECT_TRUE(has(refusal({"-V"}), "searches nothing"));
}

TEST(GrepCommand, WhatGrepDoesNotKnowIsRefused) {
  EXPECT_TRUE(has(refusal({"-k", "x"}), "-k"));
  EXPECT_TRUE(has(refusal({"-i-", "x"}), "unknown option --"));
  EXPECT_TRUE(has(refusal({"-.", "x"}), "unknown option -."));
  EXPECT_TRUE(has(refusal({"--colou", "--wat", "x"}), "--wat"));
  EXPECT_TRUE(has(refusal({"--no", "x"}), "could be"));
  EXPECT_TRUE(has(refusal({"--count=3", "x"}), "takes no value"));
  EXPECT_TRUE(has(refusal({"x", "-A"}), "-A needs a value")) << "it must not take a word that is added behind it";
  EXPECT_TRUE(has(refusal({"x", "--regexp"}), "needs a value"));
  EXPECT_TRUE(has(refusal({}), "no pattern"));
  EXPECT_TRUE(has(refusal({"-i"}), "no pattern"));
}

TEST(GrepCommand, WordsAreBounded) {
  EXPECT_TRUE(has(refusal({"a\0b"s}), "NUL"));
  EXPECT_EQ(judged({"a\nb"}).words, (Words{"-e", "a\nb"})) << "two patterns, as grep has it";
  EXPECT_TRUE(has(refusal({std::string(kMaxGrepBytes + 1, 'x')}), "too long"));
  EXPECT_TRUE(has(refusal(Words(kMaxGrepArguments + 1, "-i")), "too long"));
}

TEST(GrepCommand, KnowsWhatTheLinesWillBe) {
  EXPECT_EQ(judged({"x"}).shows, Shows::kLines);
  EXPECT_EQ(judged({"-ic", "x"}).shows, Shows::kCounts);
  EXPECT_EQ(judged({"-c", "--files-without-match", "x"}).shows, Shows::kNames);
  EXPECT_EQ(judged({"-lq", "x"}).shows, Shows::kNothing);
  EXPECT_EQ(judged({"-e", "-c"}).shows, Shows::kLines);
  EXPECT_EQ(judged({"-ec"}).shows, Shows::kLines) << "c is the pattern";
  EXPECT_TRUE(judged({"-3", "x"}).context);
  EXPECT_TRUE(judged({"--context=1", "x"}).context);
  EXPECT_FALSE(judged({"-m3", "x"}).context);
  EXPECT_EQ(judged({"-z", "x"}).line_end, '\0');
  EXPECT_EQ(judged({"-zc", "x"}).line_end, '\n');
  EXPECT_EQ(judged({"-lZ", "x"}).line_end, '\0');
  EXPECT_EQ(judged({"-lz", "x"}).line_end, '\n');
  EXPECT_EQ(judged({"-Z", "x"}).label_end, '\0');
}

TEST(GrepCommand, KnowsWhatDependsOnTheBeginOfAFile) {
  for (const Words& words : {Words{"x"}, {"-iv", "x"}, {"-zw", "x"}, {"-h", "x"}, {"-P", "x"}}) {
    EXPECT_TRUE(judged(words).resumable) << words[0];
  }
  for (const Words& words : {Words{"-n", "x"},
                             {"-ib", "x"},
                             {"-m5", "x"},
                             {"--max-count=5", "x"},
                             {"-A1", "x"},
                             {"-2", "x"},
                             {"-o", "x"},
                             {"-c", "x"},
                             {"-l", "x"},
                             {"-q", "x"}}) {
    EXPECT_FALSE(judged(words).resumable) << words[0];
  }
  EXPECT_EQ(judged({"x"}).first_lines_argv("n1", 7),
            (Words{"grep", "-e", "x", "-H", "--label=n1", "--line-buffered", "--max-count=7", "--", "-"}));
}

TEST(GrepCommand, TheLabelTellsNodeAndFile) {
  EXPECT_EQ(judged({"x"}).label("n1", "node.log"), "n1:node.log");
  EXPECT_EQ(judged({"-h", "x"}).label("n1", "node.log"), "n1");
  EXPECT_EQ(judged({"-h", "-H", "x"}).label("n1", "node.log"), "n1:node.log");
  EXPECT_EQ(judged({"-hl", "x"}).label("n1", "node.log"), "n1:node.log");
  EXPECT_EQ(judged({"-h", "x"}).argv("n1"), (Words{"grep", "-h", "-e", "x", "-H", "--label=n1", "--", "-"}));
}
}  // namespace
}  // namespace rs
