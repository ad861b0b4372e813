#include "cli/client/fs_render.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
TEST(FsRender, WhatIsMissingShowsAsNothing) {
  EXPECT_EQ(file_text("{}"), "name     \nid       \nring id  \nsize     0\nappends  0\nno node stores it\n");
  EXPECT_EQ(files_table({"{}", "[]", R"({"name":7,"size":"x"})"}).substr(0, 24), "SIZE  APPENDS  ID  NAME\n");
  for (const char* odd : {"", "[]", "null", R"({"replicas":7,"members":"x"})"}) {
    EXPECT_EQ(replica_nodes(odd), "no node");
    EXPECT_EQ(ring_table(odd), "RING ID  NAME  ID  STATE\n");
    EXPECT_EQ(problem_line(odd), "\n");
  }
  EXPECT_EQ(store_table({R"({"name":"a","size":1})"}),
            "NODE  RING ID  BYTES  SIZE  ID  NAME\n               0      1         a\n");
}

TEST(FsRender, Problems) {
  EXPECT_EQ(problem_line(R"({"problem":"x"})"), "x\n");
  EXPECT_EQ(problem_line(R"({"problem":"x","node":"n1"})"), "n1: x\n");
  EXPECT_EQ(problem_line(R"({"problem":"x","name":"a"})"), "a: x\n");
  EXPECT_EQ(problem_line(R"({"problem":"x","name":"a","node":"n1"})"), "a: x (n1)\n");
  const std::string file = file_text(R"({"name":"a","size":12345,"problems":[{"problem":"is silent","node":"n2"}]})");
  EXPECT_NE(file.find("size     12,345\n"), std::string::npos) << file;
  EXPECT_TRUE(file.ends_with("no node stores it\nwarning: n2: is silent\n")) << file;
}

TEST(FsRender, Usage) {
  EXPECT_EQ(usage_table({R"({"node":"n1","address":"h:1","files":1234,"bytes":1500,"disk_bytes":2000000})"}),
            "NODE  ADDRESS  FILES  BYTES    ON DISK\nn1    h:1      1,234  1.50 kB  2.00 MB\n");
}
}  // namespace
}  // namespace rs
