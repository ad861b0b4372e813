#include "control/identity.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rs {
namespace {
JobIdentity identity(std::string_view line, uint32_t parallel = 2) {
  auto job = parse_job(line);
  EXPECT_TRUE(job.ok()) << job.status();
  fix_parallelism(nullptr, parallel, &*job);
  return identity_of(*job, "/data");
}

TEST(Identity, TextIsOneElementALine) {
  EXPECT_EQ(identity("file:a.txt file:logs/*.gz | 4x grep -i 'x y' | by 3 | count > file:../out").text(),
            "rainstorm-job 1\n"
            "source file:/data/a.txt\n"
            "source glob:/data/logs/*.gz\n"
            "stage 1-grep verb 4x key line run grep -i \"x y\"\n"
            "stage 2-by verb 2x key line run by 3\n"
            "stage 3-count verb 2x key \"by 3\" run count\n"
            "sink file:/data/../out\n");
  EXPECT_EQ(
      identity("words | ./x/tok.py | count").text(),
      "rainstorm-job 1\nsource stdin:\nstage 1-words verb 2x key line run words\n"
      "stage 2-tok.py program 2x key words run ./x/tok.py\nstage 3-count verb 2x key line run count\nsink stdout:\n");
}

TEST(Identity, KeysLastUntilLinesAreNew) {
  std::vector<std::string> keys;
  for (const StageIdentity& stage :
       identity("words | grep x | cut -f1 | count | by csv:2 | grep -c x | 2x top 3").stages)
    keys.push_back(stage.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"line", "words", "words", "words", "line", "by csv:2", "line"}));
}

TEST(Identity, AnyBytesReadBack) {
  for (const char* line : {"file:a > file:b", "dir:'a \"b\"'", "tail:x | grep -F '\n\t\"\\' | 'my prog' '' '\x01\xff'",
                           "file:'k y' | replace a '' > file:'o\nut'", "'my prog' key run stage"}) {
    const JobIdentity job = identity(line);
    const auto again = parse_identity(job.text());
    ASSERT_TRUE(again.ok()) << job.text();
    EXPECT_EQ(*again, job) << job.text();
    EXPECT_EQ(again->hash(), job.hash());
    EXPECT_TRUE(check_same_job(job, *again).ok());
  }
}

TEST(Identity, DamagedTextsAreRefused) {
  const std::string good = identity("file:a | grep 'x y' > file:b").text();
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_EQ(error_id(parse_identity(good.substr(0, length)).status()), ErrorId::kIdentityDamaged) << length;
  const std::string head = "rainstorm-job 1\n";
  for (const char* rest :
       {"sink a\n", "source a\n", "source a\nsink b\nsink c\n", "source a\nsink b\nsource c\n", "source a b\nsink c\n",
        "source \"a\nsink b\n", "source \"\\x0\"\nsink b\n", "source \"\\q\"\nsink b\n", "source  a\nsink b\n",
        "source a \nsink b\n", "source a\nstage 1-x verb 2 key line run x\nsink b\n", "source \"\"\nsink b\n",
        "source a\nstage 1-x verb 2x key line run\nsink b\n", "source a\nstage 1-x fish 2x key line run x\nsink b\n",
        "source a\nstage 1-x verb x key line run x\nsink b\n", "pond a\nsource a\nsink b\n", "source \"a\"b\nsink b\n"})
    EXPECT_EQ(error_id(parse_identity(head + rest).status()), ErrorId::kIdentityDamaged) << rest;
  EXPECT_FALSE(parse_identity("rainstorm-job 2\nsource a\nsink b\n").ok());
}

TEST(Identity, WhatCountsAndWhatDoesNot) {
  const JobIdentity base = identity("file:a | grep x | count > file:b");
  for (const char* same :
       {"file:./a | grep x | count > file:b", "file:/data//a | 2x grep 'x' | count > file:/data/./b"})
    EXPECT_EQ(identity(same).hash(), base.hash()) << same;
  for (const char* other :
       {"file:a* | grep x | count > file:b", "file:a | grep y | count > file:b", "file:a | 3x grep x | count > file:b",
        "file:a | exec grep x | count > file:b", "file:a | grep x | words | count > file:b",
        "tail:a | grep x | count > file:b", "file:a | grep x | count > file:c",
        "file:a file:a | grep x | count > file:b", "file:a | count > file:b"})
    EXPECT_NE(identity(other).hash(), base.hash()) << other;
}

TEST(Identity, TheFirstStartsParallelismStays) {
  const JobIdentity recorded = identity("file:a | 3x grep x | count > file:b", 8);
  auto job = parse_job("file:a | grep x | count > file:b");
  ASSERT_TRUE(job.ok());
  fix_parallelism(&recorded, 2, &*job);
  EXPECT_EQ(identity_of(*job, "/data"), recorded);

  auto longer = parse_job("file:a | grep x | 5x count | top 3 > file:b");
  ASSERT_TRUE(longer.ok());
  fix_parallelism(&recorded, 2, &*longer);
  EXPECT_EQ(longer->stages[0].parallel, 3u);
  EXPECT_EQ(longer->stages[1].parallel, 5u);
  EXPECT_EQ(longer->stages[2].parallel, 2u);
}

TEST(Identity, ChangesAreShownAsADifference) {
  const JobIdentity before = identity("file:a | grep x | count > file:b");
  const JobIdentity after = identity("file:a | grep y | count > file:c");
  const std::vector<std::string> expected = {"- stage 1-grep verb 2x key line run grep x",
                                             "+ stage 1-grep verb 2x key line run grep y", "- sink file:/data/b",
                                             "+ sink file:/data/c"};
  EXPECT_EQ(difference(before, after), expected);
  EXPECT_TRUE(difference(before, before).empty());

  const Status status = check_same_job(before, after);
  const ErrorReport report = report_of(status);
  EXPECT_EQ(report.row->id, ErrorId::kJobChanged);
  EXPECT_EQ(report.row->exit_code, 5);
  EXPECT_EQ(report.details[0].second, expected[0] + "\n" + expected[1] + "\n" + expected[2] + "\n" + expected[3]);
  EXPECT_NE(report.details[1].second.find("--fresh"), std::string::npos);
}

TEST(Identity, PathsAreAbsolute) {
  EXPECT_EQ(absolute_path("a", "/w"), "/w/a");
  EXPECT_EQ(absolute_path("./a//b/.", "/w/"), "/w/a/b");
  EXPECT_EQ(absolute_path("/x/../y", "/w"), "/x/../y");
  EXPECT_EQ(absolute_path(".", "/"), "/");
}
}  // namespace
}  // namespace rs
