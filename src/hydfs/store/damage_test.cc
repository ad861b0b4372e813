// A small store, and each of its bytes made bad: what was durable is found, or is told to be a hole, or all are in
// doubt. It is never served with other contents, and never silently gone (H7).
#include <gtest/gtest.h>

#include "hydfs/store/model.h"
#include "hydfs/store/superblock.h"

namespace rs::hydfs::store {
namespace {
StoreOptions three_segments() {
  StoreOptions options;
  options.segment_bytes = 1500;
  options.scrub_bytes_per_s = 0;
  return options;
}

// Sealed segments with and without an index, a cut, a drop, a forgotten group, and a last one that is being written.
class Damage : public testing::Test {
 protected:
  void build(Rig* rig, Model* model) {
    ASSERT_TRUE(rig->boot(three_segments()).ok());
    ask(rig, model, {Act::Kind::kRow, 1, 0, row_of(1)});
    ask(rig, model, {Act::Kind::kRow, 2, 0, row_of(2)});
    ask(rig, model, {Act::Kind::kRow, 3, 0, row_of(3)});
    for (uint64_t index = 1; index <= 6; ++index) {
      ask(rig, model, append(1, index, "one ", 300));
      ask(rig, model, append(2, index, "two ", 200));
      if (index == 2) ask(rig, model, append(3, 1, "three", 100));
      if (index == 3) ask(rig, model, {Act::Kind::kForget, 3});
      if (index == 4) ask(rig, model, {Act::Kind::kCut, 2, 3});
      if (index == 4) ask(rig, model, append(2, 4, "again", 200));
      if (index == 5) ask(rig, model, {Act::Kind::kDrop, 1, 4});
    }
    rig->run();
    ASSERT_TRUE(rig->usable()) << rig->failed;
  }

  // Boots on the damaged disk and says what is wrong; "" if all is well or said.
  static std::string verdict(Rig* rig, const Model& model) {
    const Status status = rig->boot(three_segments());
    if (!status.ok()) return status.ToString();
    if (rig->found.empty) return "empty";
    const std::string wrong = compare(rig, model, true);
    if (!wrong.empty()) return wrong;
    return again(rig);
  }

  // What was found once is found again, and nothing new is doubted.
  static std::string again(Rig* rig) {
    const Recovered before = rig->found;
    rig->lose_power();
    if (!rig->boot(three_segments()).ok()) return "no second boot";
    if (rig->found.tail_was_cut) return "in doubt again, for the same place";
    for (const auto& [id, group] : before.groups) {
      const RecoveredGroup& now = rig->found.groups.at(id);
      if (now.log.size() != group.log.size() || now.row != group.row) return "another log at the second boot";
      for (LogIndex hole : group.holes)
        if (std::count(now.holes.begin(), now.holes.end(), hole) == 0) return "a hole was forgotten";
    }
    return "";
  }

  static Act append(uint16_t group, uint64_t index, const std::string& text, size_t size) {
    std::string payload = absl::StrCat(text, index);
    payload.resize(size, '.');
    return {Act::Kind::kAppend, group, index, {}, {payload, index}};
  }
  static void ask(Rig* rig, Model* model, const Act& act) {
    act.ask(rig);
    act.apply(model);
    rig->run();
  }
};

TEST_F(Damage, OfNothing) {
  Rig rig;
  Model model;
  build(&rig, &model);
  ASSERT_GE(rig.segments().size(), 3u);
  rig.lose_power();
  ASSERT_TRUE(rig.boot(three_segments()).ok());
  EXPECT_EQ(compare(&rig, model, false), "");
  EXPECT_FALSE(rig.found.tail_was_cut);
}

struct Tally {
  int holes = 0, doubts = 0, unharmed = 0;
};

TEST_F(Damage, OneBitOfEachByteOfEachFile) {
  Tally tally;
  Rig whole;
  Model model;
  build(&whole, &model);
  for (const std::string& path : whole.files("hydfs-")) {
    const size_t size = whole.world.disk.contents(path).size();
    for (size_t offset = 0; offset < size; ++offset) {
      Rig rig;
      Model ignored;
      build(&rig, &ignored);
      rig.crash();
      rig.world.disk.flip(path, offset, static_cast<uint32_t>(offset * 5 % 8));
      ASSERT_EQ(verdict(&rig, model), "") << path << ", offset " << offset;
      size_t holes = 0;
      for (const auto& [id, group] : rig.found.groups) holes += group.holes.size();
      tally.holes += holes > 0;
      const bool doubt = rig.group(1).row.in_doubt;
      tally.doubts += doubt;
      tally.unharmed += !doubt && holes == 0;
      const bool superblock = path.find("superblock") != std::string::npos;
      EXPECT_TRUE(!superblock || (!doubt && holes == 0)) << offset;
    }
  }
  EXPECT_GT(tally.holes, 100);
  EXPECT_GT(tally.doubts, 100);
  EXPECT_GT(tally.unharmed, 100) << "superblocks, indexes, padding, headers of segments";
}

TEST_F(Damage, IsCaughtWhenABadRecordIsReadAsTheEnd) {
  const Broken variant(Variant::kHydfsBadIsEnd);
  Rig whole;
  Model model;
  build(&whole, &model);
  int caught = 0;
  const std::string path = whole.segments().back();
  for (size_t offset = 64; offset < 200; ++offset) {
    Rig rig;
    Model ignored;
    build(&rig, &ignored);
    rig.crash();
    rig.world.disk.flip(path, offset, 0);
    caught += !verdict(&rig, model).empty();
  }
  EXPECT_GT(caught, 10);
}

TEST_F(Damage, CutAtEachByteOfEachFile) {
  Rig whole;
  Model model;
  build(&whole, &model);
  for (const std::string& path : whole.files("hydfs-")) {
    const size_t size = whole.world.disk.contents(path).size();
    const bool last = path == whole.segments().back();
    for (size_t kept = 0; kept < size; kept += 3) {
      Rig rig;
      Model ignored;
      build(&rig, &ignored);
      // A clean end names in the superblock what is durable; without it an end at a record's end can't be seen.
      if (last) rig.close();
      rig.crash();
      rig.world.disk.cut(path, kept);
      ASSERT_EQ(verdict(&rig, model), "") << path << ", cut to " << kept;
    }
  }
}

TEST_F(Damage, APageThatCannotBeRead) {
  Rig rig;
  Model model;
  build(&rig, &model);
  rig.crash();
  rig.world.disk.fail_next_read(rig.segments().front());
  EXPECT_EQ(verdict(&rig, model), "");
  EXPECT_FALSE(rig.group(1).row.in_doubt) << "the second try could";
}

TEST_F(Damage, AMissingSegmentIsNoEmptyOne) {
  Rig whole;
  Model model;
  build(&whole, &model);
  for (size_t which = 0; which < whole.segments().size(); ++which) {
    Rig rig;
    Model ignored;
    build(&rig, &ignored);
    const std::string path = rig.segments()[which];
    ASSERT_TRUE(rig.process.directory->remove(path).ok());
    const Status removed = rig.process.directory->remove(path + ".index");
    ASSERT_TRUE(removed.ok() || absl::IsNotFound(removed));
    ASSERT_TRUE(rig.process.directory->sync("store").ok());
    rig.crash();
    EXPECT_EQ(verdict(&rig, model), "");
    EXPECT_TRUE(rig.group(1).row.in_doubt || !rig.group(1).holes.empty());
  }
}

TEST_F(Damage, AnotherStoresSegmentIsNotBelieved) {
  Rig rig, other(99);
  Model model, others;
  build(&rig, &model);
  build(&other, &others);
  rig.crash();
  ASSERT_EQ(rig.segments(), other.segments());
  for (const std::string& path : {rig.segments().front(), rig.segments().back()})
    rig.world.disk.put(path, other.world.disk.contents(path));
  EXPECT_EQ(verdict(&rig, model), "");
  EXPECT_TRUE(rig.group(1).row.in_doubt);
}

TEST_F(Damage, TwoSegmentsThatChangedNames) {
  Rig rig;
  Model model;
  build(&rig, &model);
  rig.crash();
  const std::string a = rig.segments().at(0), b = rig.segments().at(1);
  const std::string bytes = rig.world.disk.contents(a);
  rig.world.disk.put(a, rig.world.disk.contents(b));
  rig.world.disk.put(b, bytes);
  EXPECT_EQ(verdict(&rig, model), "");
}

TEST_F(Damage, WithoutASuperblockNothingIsBelieved) {
  Rig rig;
  Model model;
  build(&rig, &model);
  rig.crash();
  const std::vector<std::string> old = rig.segments();
  for (int copy = 0; copy < 2; ++copy) rig.world.disk.flip(SuperblockFiles::path("store", copy), 30, 2);
  ASSERT_TRUE(rig.boot(three_segments()).ok());
  EXPECT_TRUE(rig.found.empty);
  EXPECT_TRUE(rig.found.groups.empty());
  EXPECT_EQ(rig.segments().size(), 1u) << "what was there is gone";
  rig.store->set_row(GroupId(1), row_of(9));
  rig.run();
  rig.lose_power();
  ASSERT_TRUE(rig.boot(three_segments()).ok());
  EXPECT_EQ(rig.group(1).row, row_of(9));
  EXPECT_TRUE(rig.group(1).log.empty());
}

TEST_F(Damage, ATornWriteIsNeverATruth) {
  Rig whole;
  Model model;
  build(&whole, &model);
  const std::string path = whole.segments().back();
  const size_t before = whole.world.disk.contents(path).size();
  Model longer = model;
  ask(&whole, &longer, append(1, 7, "last", 90));
  const std::string after = whole.world.disk.contents(path);
  for (size_t end = before; end <= after.size(); ++end) {
    Rig rig;
    Model ignored;
    build(&rig, &ignored);
    rig.crash();
    rig.world.disk.put(path, after.substr(0, end));
    ASSERT_TRUE(rig.boot(three_segments()).ok());
    const bool all = rig.group(1).log.size() == 7;
    EXPECT_EQ(compare(&rig, all ? longer : model, false), "") << end;
    EXPECT_TRUE(all || end == before || rig.found.tail_was_cut) << end;
  }
}

TEST_F(Damage, OneLostEntryIsAHoleAndPutsNobodyInDoubt) {
  Rig rig;
  Model model;
  build(&rig, &model);
  rig.crash();
  rig.world.disk.flip(rig.segments().back(), 70, 0);
  ASSERT_TRUE(rig.boot(three_segments()).ok());
  size_t holes = 0;
  for (const auto& [id, group] : rig.found.groups) holes += group.holes.size();
  EXPECT_EQ(holes == 1, !rig.found.tail_was_cut) << "a hole accounts for it, or all are in doubt";
}

TEST_F(Damage, MendingAHoleIsDurable) {
  Rig rig;
  Model model;
  build(&rig, &model);
  rig.crash();
  const std::string path = rig.segments().front();
  rig.world.disk.flip(path, 80, 0);
  const std::string index = path + ".index";
  if (rig.world.disk.exists(index)) rig.world.disk.flip(index, 60, 0);
  ASSERT_TRUE(rig.boot(three_segments()).ok());
  ASSERT_EQ(rig.group(1).holes, std::vector<LogIndex>{LogIndex(1)});
  EXPECT_EQ(rig.group(1).log.at(0).at.index, LogIndex(1));
  rig.append(1, 1, model[1].log[0].payload, model[1].log[0].view);
  rig.run();
  rig.lose_power();
  ASSERT_TRUE(rig.boot(three_segments()).ok());
  EXPECT_EQ(compare(&rig, model, false), "");
}
}  // namespace
}  // namespace rs::hydfs::store
