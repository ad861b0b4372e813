#include "control/inputs.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "control/test_tree.h"

namespace rs {
namespace {
StatusOr<std::vector<std::string>> paths(TestTree& tree, std::string_view line) {
  const auto job = parse_job(line);
  if (!job.ok()) return job.status();
  const auto inputs = expand_inputs(job->source, tree);
  if (!inputs.ok()) return inputs.status();
  std::vector<std::string> out;
  for (const InputPath& input : *inputs) out.push_back(input.path);
  return out;
}

using List = std::vector<std::string>;

TestTree small_tree() {
  TestTree tree;
  for (const char* name : {"b.txt", "a.txt", "a10.txt", "a2.txt", ".hidden.txt", "B.txt", "we*ird.txt", "a]b"})
    tree.file(name);
  for (const char* name : {"d", "d/x", "d/y", "d/.z", "d/empty.txt"}) tree.folder(name);
  for (const char* name : {"d/x/1.log", "d/x/2.log", "d/y/1.log", "d/.z/1.log", "d/f.log", "d/.dot"}) tree.file(name);
  tree.other("d/pipe");
  tree.folder("/abs");
  tree.file("/abs/q.log", 77);
  return tree;
}

TEST(Inputs, ExpandInByteOrder) {
  TestTree tree = small_tree();
  const std::vector<std::pair<const char*, List>> rows = {
      {"file:b.txt file:a.txt", {"b.txt", "a.txt"}},
      {"file:*.txt", {"B.txt", "a.txt", "a10.txt", "a2.txt", "b.txt", "we*ird.txt"}},
      {"file:a?.txt", {"a2.txt"}},
      {"file:[ab].txt", {"a.txt", "b.txt"}},
      {"file:[!a]*.txt", {"B.txt", "b.txt", "we*ird.txt"}},
      {"file:[a-b]*.txt", {"a.txt", "a10.txt", "a2.txt", "b.txt"}},
      {"file:.h*", {".hidden.txt"}},
      {"file:d/*/*.log", {"d/x/1.log", "d/x/2.log", "d/y/1.log"}},
      {"file:*/x/1.log", {"d/x/1.log"}},
      {"file:d/*/2.log", {"d/x/2.log"}},
      {"file:/abs/*.log", {"/abs/q.log"}},
      {"file:'we*'*", {"we*ird.txt"}},
      {"'file:we*ird.txt'", {"we*ird.txt"}},
      {"dir:d", {"d/f.log"}},
      {"dir:d/", {"d/f.log"}},
      {"dir:.", {"./B.txt", "./a.txt", "./a10.txt", "./a2.txt", "./a]b", "./b.txt", "./we*ird.txt"}},
      {"tail:b.txt", {"b.txt"}},
      {"stdin:", {}},
      {"dir:d/y/", {"d/y/1.log"}},
  };
  for (const auto& [line, expected] : rows) {
    const auto found = paths(tree, line);
    ASSERT_TRUE(found.ok()) << line << ": " << found.status();
    EXPECT_EQ(*found, expected) << line;
  }
}

TEST(Inputs, EachComesWithItsStat) {
  TestTree tree = small_tree();
  const auto job = parse_job("file:/abs/*");
  const auto inputs = expand_inputs(job->source, tree);
  ASSERT_TRUE(inputs.ok());
  EXPECT_EQ((*inputs)[0].stat.size, 77u);
}

TEST(Inputs, ErrorsSayWhatIsThere) {
  TestTree tree = small_tree();
  const std::vector<std::pair<const char*, ErrorId>> rows = {
      {"file:none.txt", ErrorId::kNoInput},     {"file:*.none", ErrorId::kNoInput},
      {"dir:none", ErrorId::kNoInput},          {"file:d", ErrorId::kInputKind},
      {"dir:a.txt", ErrorId::kInputKind},       {"tail:d", ErrorId::kInputKind},
      {"file:a.txt/*", ErrorId::kNoInput},      {"file:b.txt file:none", ErrorId::kNoInput},
      {"file:d/*/none.log", ErrorId::kNoInput}, {"file:d/[x]", ErrorId::kNoInput},
  };
  for (const auto& [line, id] : rows) EXPECT_EQ(error_id(paths(tree, line).status()), id) << line;
  EXPECT_EQ(report_of(paths(tree, "file:none").status()).row->exit_code, 4);
  tree.deny("d/y");
  EXPECT_EQ(error_id(paths(tree, "file:d/*/*.log").status()), ErrorId::kInputDenied);
  EXPECT_EQ(error_id(paths(tree, "dir:d/y").status()), ErrorId::kInputDenied);
}

TEST(Inputs, WhatHasNoSizeIsNoFile) {
  TestTree tree = small_tree();
  tree.folder("s");
  tree.sizeless("s/proc");
  tree.file("s/empty", 0);
  for (const char* line : {"file:d/pipe", "file:d/*", "tail:d/pipe", "file:s/proc", "file:s/p*", "dir:s"})
    EXPECT_EQ(error_id(paths(tree, line).status()), ErrorId::kInputKind) << line;
  EXPECT_EQ(paths(tree, "file:s/empty").value(), List{"s/empty"});
}

TEST(Inputs, AFileThatCannotBeOpenedIsRefusedBeforeTheJobBegins) {
  TestTree tree = small_tree();
  tree.lock("d/f.log");
  for (const char* line : {"file:d/f.log", "file:d/f*", "dir:d", "tail:d/f.log"})
    EXPECT_EQ(error_id(paths(tree, line).status()), ErrorId::kInputDenied) << line;
}

TEST(Inputs, AFileThatGoesAwayIsTold) {
  TestTree tree = small_tree();
  tree.forget("d/f.log");
  EXPECT_EQ(error_id(paths(tree, "dir:d").status()), ErrorId::kNoInput);
}

struct Row {
  const char *pattern, *name;
  bool hit;
};

TEST(Glob, Matches) {
  const Row rows[] = {
      {"", "", true},
      {"*", "", true},
      {"*", "abc", true},
      {"*", ".abc", false},
      {".*", ".abc", true},
      {"\\.*", ".abc", true},
      {"?bc", ".bc", false},
      {"[.]a", ".a", false},
      {"a*c", "abbc", true},
      {"a*c", "abbd", false},
      {"a*b*c", "axbxbxc", true},
      {"a**c", "ac", true},
      {"?", "", false},
      {"?", "ab", false},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[!a-c]x", "dx", true},
      {"[^a]x", "ax", false},
      {"[]]", "]", true},
      {"[!]]", "]", false},
      {"[a", "[a", true},
      {"[a", "a", false},
      {"[a-]", "-", true},
      {"[\\]]", "]", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"a\\", "a\\", true},
      {"[\\a-\\c]", "b", true},
      {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
      {"[\x80-\xff]", "\xc3", true},
  };
  for (const Row& row : rows) EXPECT_EQ(matches(row.pattern, row.name), row.hit) << row.pattern << " " << row.name;
}
}  // namespace
}  // namespace rs
