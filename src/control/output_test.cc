#include "control/output.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "control/test_tree.h"

namespace rs {
namespace {
TestTree tree_of_inputs() {
  TestTree tree;
  tree.folder("d");
  tree.folder("e");
  for (const char* name : {"a.txt", "b.txt", "d/x.log", "d/y.log", "out"}) tree.file(name);
  tree.link("linked", "a.txt");
  tree.link("also-d", "d");
  return tree;
}

Status check(std::string_view line) {
  TestTree tree = tree_of_inputs();
  const auto job = parse_job(line);
  if (!job.ok()) return job.status();
  const auto inputs = expand_inputs(job->source, tree);
  if (!inputs.ok()) return inputs.status();
  return check_output(job->sink.path, job->source, *inputs, "/w", tree);
}

TEST(Output, MayBeAnythingThatIsNotRead) {
  for (const char* line :
       {"file:a.txt > file:new", "file:a.txt > file:out", "file:a.txt > file:b.txt", "dir:d > file:e/x.log",
        "dir:d > file:x.log", "file:d/*.log > file:d/sum.tsv", "file:*.txt > file:e/new.txt", "stdin: > file:a.txt",
        "file:d/*.log > file:new.log", "file:d/'x'.log file:a.txt > file:d/z.log"}) {
    const Status status = check(line);
    EXPECT_TRUE(status.ok()) << line << ": " << status;
  }
}

TEST(Output, IsRefusedWhereTheJobReadsIt) {
  for (const char* line : {"file:a.txt > file:a.txt", "file:a.txt > file:./a.txt", "file:a.txt > file:linked",
                           "file:b.txt file:a.txt > file:linked", "dir:d > file:d/new", "dir:d > file:also-d/new",
                           "dir:d/ > file:d/x.log", "file:*.txt > file:new.txt", "file:*.txt > file:/w/new.txt",
                           "file:*/x.log > file:e/x.log", "tail:a.txt > file:a.txt"}) {
    const Status status = check(line);
    EXPECT_EQ(error_id(status), ErrorId::kOutputIsInput) << line << ": " << status;
    EXPECT_EQ(report_of(status).row->exit_code, 5);
  }
}
}  // namespace
}  // namespace rs
