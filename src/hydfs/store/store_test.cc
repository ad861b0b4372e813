// What a store promises, on a disk that does as it is told.
#include "hydfs/store/store.h"

#include <gtest/gtest.h>

#include "hydfs/store/rig.h"

namespace rs::hydfs::store {
namespace {
using Log = std::vector<std::string>;

StoreOptions small() {
  StoreOptions options;
  options.segment_bytes = 2000;
  options.group_bytes = 1000;
  return options;
}

TEST(Store, IsEmptyAtFirst) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_TRUE(rig.found.empty);
  EXPECT_TRUE(rig.found.groups.empty());
  EXPECT_FALSE(rig.found.tail_was_cut);
  rig.close();
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_TRUE(rig.found.empty) << "no replica was ever here";
}

TEST(Store, FindsWhatWasDurable) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  ReplicaRow row = row_of(5, 9);
  row.frozen = true;
  row.source = {3, 4};
  rig.store->set_row(GroupId(7), row);
  rig.append(7, 1, "one");
  const WriteId last = rig.append(7, 2, "two");
  rig.run();
  EXPECT_EQ(rig.durable, last);
  EXPECT_GT(rig.woken, 0);
  rig.lose_power();
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_FALSE(rig.found.empty);
  EXPECT_EQ(rig.group(7).row, row);
  EXPECT_EQ(rig.group(7).log.at(1), entry_of(2, "two").head);
  EXPECT_EQ(rig.log(7), (Log{"one", "two"}));
  EXPECT_FALSE(rig.found.tail_was_cut);
}

TEST(Store, GroupsShareASync) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  for (uint16_t group = 0; group < 20; ++group) rig.store->set_row(GroupId(group), row_of(group + 1u));
  rig.run();
  const uint64_t before = rig.world.disk.operations(rig.process.id);
  for (uint16_t group = 0; group < 20; ++group) rig.append(group, 1, "x");
  rig.run();
  EXPECT_LE(rig.world.disk.operations(rig.process.id) - before, 4u) << "a write, a sync, and a mark";
}

TEST(Store, ReadsWhatIsNotDurableYet) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  rig.store->set_row(GroupId(1), row_of(1));
  rig.append(1, 1, "soon");
  rig.append(1, 2, std::string(100'000, 'b'));
  EXPECT_EQ(*rig.read(1, 2), std::string(100'000, 'b'));
  EXPECT_EQ(*rig.read(1, 1), "soon");
  EXPECT_TRUE(absl::IsNotFound(rig.read(1, 3).status()));
  EXPECT_TRUE(absl::IsNotFound(rig.read(2, 1).status()));
}

TEST(Store, EmptyPayloadsAndLongOnes) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  rig.store->set_row(GroupId(1), row_of(1));
  Entry bare = entry_of(1, "");
  bare.payload = nullptr;
  rig.store->append(GroupId(1), std::move(bare));
  rig.append(1, 2, std::string(kMaxPayloadBytes, 'x'));
  rig.append(1, 3, "y");
  EXPECT_EQ(*rig.read(1, 1), "");
  rig.lose_power();
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_EQ(rig.log(1), (Log{"", std::string(kMaxPayloadBytes, 'x'), "y"}));
}

TEST(Store, ACutIsForGood) {
  Rig rig;
  ASSERT_TRUE(rig.boot(small()).ok());
  rig.store->set_row(GroupId(1), row_of(1));
  for (uint64_t i = 1; i <= 5; ++i) rig.append(1, i, absl::StrCat("old ", i));
  rig.store->cut(GroupId(1), LogIndex(2));
  rig.append(1, 3, "new 3", 2);
  rig.store->cut(GroupId(1), LogIndex(10));
  rig.run();
  EXPECT_EQ(*rig.read(1, 3), "new 3");
  EXPECT_TRUE(absl::IsNotFound(rig.read(1, 4).status()));
  rig.lose_power();
  ASSERT_TRUE(rig.boot(small()).ok());
  EXPECT_EQ(rig.log(1), (Log{"old 1", "old 2", "new 3"}));
  rig.store->cut(GroupId(1), LogIndex(0));
  rig.run();
  rig.lose_power();
  ASSERT_TRUE(rig.boot(small()).ok());
  EXPECT_EQ(rig.log(1), Log{});
  EXPECT_EQ(rig.group(1).row, row_of(1));
}

TEST(Store, AReadBeforeACutAnswersForThen) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  rig.store->set_row(GroupId(1), row_of(1));
  rig.append(1, 1, "then");
  const ReadId id = rig.store->read(GroupId(1), LogIndex(1));
  rig.store->cut(GroupId(1), LogIndex(0));
  rig.append(1, 1, "now", 2);
  rig.run();
  EXPECT_EQ(**rig.reads.at(id), "then");
}

TEST(Store, AForgottenGroupDoesNotComeBack) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  rig.store->set_row(GroupId(1), row_of(1));
  rig.append(1, 1, "old");
  rig.append(1, 2, "old too");
  rig.store->set_row(GroupId(1), ReplicaRow{});
  rig.store->set_row(GroupId(1), row_of(2));
  rig.append(1, 1, "new");
  rig.run();
  rig.lose_power();
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_EQ(rig.group(1).row, row_of(2));
  EXPECT_EQ(rig.log(1), (Log{"new"}));
}

TEST(Store, IsFullUntilItIsDurable) {
  Rig rig;
  StoreOptions options;
  options.queued_bytes = 10'000;
  ASSERT_TRUE(rig.boot(options).ok());
  rig.store->set_row(GroupId(1), row_of(1));
  EXPECT_FALSE(rig.store->full());
  rig.append(1, 1, std::string(10'000, 'x'));
  EXPECT_TRUE(rig.store->full());
  rig.run();
  EXPECT_FALSE(rig.store->full());
}

TEST(Store, WakesItsLoopOnceForWhatItTakesAtOnce) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  rig.run();
  const int before = rig.runner.count;
  rig.store->set_row(GroupId(1), row_of(1));
  rig.append(1, 1, "a");
  EXPECT_EQ(rig.runner.count, before + 1);
}

TEST(Store, CloseWritesWhatWaits) {
  Rig rig;
  ASSERT_TRUE(rig.boot(small()).ok());
  rig.store->set_row(GroupId(1), row_of(1));
  Log expected;
  for (uint64_t i = 1; i <= 30; ++i) {
    expected.push_back(std::string(200, static_cast<char>('a' + i % 26)));
    rig.append(1, i, expected.back());
  }
  rig.store->close();
  rig.run();
  EXPECT_TRUE(rig.is_done);
  rig.lose_power();
  ASSERT_TRUE(rig.boot(small()).ok());
  EXPECT_EQ(rig.log(1), expected);
}

TEST(Store, AFailedSyncIsFinal) {
  for (const bool broken : {false, true}) {
    const Broken variant(broken ? Variant::kHydfsFsyncTrusted : Variant::kNone);
    Rig rig;
    ASSERT_TRUE(rig.boot().ok());
    rig.store->set_row(GroupId(1), row_of(1));
    rig.append(1, 1, "safe");
    rig.run();
    rig.world.disk.fail_next_sync(rig.segments().back());
    const WriteId lost = rig.append(1, 2, "lost");
    rig.run();
    EXPECT_EQ(rig.durable >= lost, broken);
    EXPECT_EQ(rig.failed.ok(), broken);
    EXPECT_EQ(rig.is_done, !broken);
  }
}

TEST(Store, AFullDiskIsFinalToo) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  rig.store->set_row(GroupId(1), row_of(1));
  rig.append(1, 1, "safe");
  rig.run();
  rig.world.disk.set_capacity(rig.world.disk.used_bytes());
  rig.append(1, 2, std::string(kMaxPayloadBytes, 'x'));
  rig.append(1, 3, std::string(kMaxPayloadBytes, 'x'));
  rig.run();
  EXPECT_TRUE(absl::IsResourceExhausted(rig.failed)) << rig.failed;
  rig.world.disk.set_capacity(UINT64_MAX);
  rig.crash();
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_EQ(rig.log(1).at(0), "safe");
}

TEST(Store, DroppedPayloadsGiveTheirSpaceBack) {
  Rig rig;
  ASSERT_TRUE(rig.boot(small()).ok());
  rig.store->set_row(GroupId(1), row_of(1));
  for (uint64_t i = 1; i <= 40; ++i) rig.append(1, i, std::string(900, 'x'));
  rig.run();
  const uint64_t before = rig.store->space().disk_bytes;
  EXPECT_EQ(rig.store->space().live_bytes, 40 * 900u);
  EXPECT_GT(before, 40 * 900u);
  for (uint64_t i = 1; i <= 40; ++i)
    if (i != 20) rig.store->drop_payload(GroupId(1), LogIndex(i));
  rig.run();
  EXPECT_LT(rig.store->space().disk_bytes, before / 2);
  EXPECT_EQ(rig.store->space().live_bytes, 900u);
  EXPECT_TRUE(absl::IsNotFound(rig.read(1, 19).status()));
  rig.lose_power();
  ASSERT_TRUE(rig.boot(small()).ok());
  ASSERT_EQ(rig.group(1).log.size(), 40u);
  EXPECT_TRUE(rig.group(1).holes.empty());
  EXPECT_FALSE(rig.found.tail_was_cut);
  EXPECT_EQ(*rig.read(1, 20), std::string(900, 'x'));
  for (uint64_t i = 1; i <= 40; ++i) EXPECT_EQ(rig.group(1).log[i - 1].dropped, i != 20) << i;
}

TEST(Store, CutsAndForgottenGroupsGiveTheirSpaceBack) {
  Rig rig;
  ASSERT_TRUE(rig.boot(small()).ok());
  for (uint16_t group = 1; group <= 2; ++group) {
    rig.store->set_row(GroupId(group), row_of(group));
    for (uint64_t i = 1; i <= 20; ++i) rig.append(group, i, std::string(900, 'x'));
  }
  rig.run();
  rig.store->cut(GroupId(1), LogIndex(1));
  rig.store->set_row(GroupId(2), ReplicaRow{});
  rig.run();
  EXPECT_LT(rig.store->space().disk_bytes, 5000u);
  EXPECT_LE(rig.segments().size(), 3u);
  rig.lose_power();
  ASSERT_TRUE(rig.boot(small()).ok());
  EXPECT_EQ(rig.log(1), Log{std::string(900, 'x')});
  EXPECT_EQ(rig.found.groups.count(GroupId(2)), 0u);
}

TEST(Store, ManyBootsLeaveFewFiles) {
  Rig rig;
  for (uint64_t i = 1; i <= 20; ++i) {
    ASSERT_TRUE(rig.boot().ok());
    if (i == 1) rig.store->set_row(GroupId(1), row_of(1));
    rig.append(1, i, "x");
    rig.run();
    rig.lose_power();
  }
  EXPECT_LE(rig.segments().size(), 2u);
  ASSERT_TRUE(rig.boot().ok());
  EXPECT_EQ(rig.group(1).log.size(), 20u);
  EXPECT_FALSE(rig.found.tail_was_cut);
}

TEST(Store, BootReadsTheIndexAndNotThePayloads) {
  Rig rig;
  StoreOptions options;
  options.segment_bytes = 400'000;
  options.scrub_bytes_per_s = 0;
  ASSERT_TRUE(rig.boot(options).ok());
  rig.store->set_row(GroupId(1), row_of(1));
  for (uint64_t i = 1; i <= 8; ++i) {
    rig.append(1, i, std::string(100'000, 'x'));
    rig.run();
  }
  ASSERT_EQ(rig.files(".index").size(), 1u);
  rig.lose_power();
  const std::string first = rig.segments().front(), index = rig.files(".index").front();
  rig.world.disk.flip(first, 50'000, 3);
  ASSERT_TRUE(rig.boot(options).ok());
  EXPECT_TRUE(rig.group(1).holes.empty()) << "nobody has looked";
  EXPECT_TRUE(absl::IsDataLoss(rig.read(1, 1).status()));
  rig.crash();
  ASSERT_TRUE(rig.boot(options).ok());
  EXPECT_EQ(rig.group(1).holes, std::vector<LogIndex>{LogIndex(1)}) << "what a reader found is not forgotten";
  rig.crash();
  rig.world.disk.flip(index, 100, 3);
  ASSERT_TRUE(rig.boot(options).ok());
  EXPECT_EQ(rig.group(1).holes, std::vector<LogIndex>{LogIndex(1)}) << "a bad index: the segment itself was read";
  EXPECT_EQ(rig.group(1).log.at(0), entry_of(1, std::string(100'000, 'x')).head);
  EXPECT_FALSE(rig.found.tail_was_cut);
}

TEST(Store, ScrubbingFindsWhatRots) {
  Rig rig;
  StoreOptions options = small();
  ASSERT_TRUE(rig.boot(options).ok());
  rig.store->set_row(GroupId(1), row_of(1));
  for (uint64_t i = 1; i <= 6; ++i) rig.append(1, i, std::string(800, 'x'));
  rig.run();
  rig.world.disk.flip(rig.segments().front(), 500, 1);
  for (int i = 0; i < 100 && rig.found_bad.empty(); ++i) {
    rig.world.clock.spend(int64_t{3600} * 1'000'000'000);
    rig.step();
  }
  ASSERT_EQ(rig.found_bad.size(), 1u);
  EXPECT_EQ(rig.found_bad[0], std::make_pair(GroupId(1), LogIndex(1)));
  rig.lose_power();
  ASSERT_TRUE(rig.boot(options).ok());
  EXPECT_EQ(rig.group(1).holes, std::vector<LogIndex>{LogIndex(1)}) << "known from now on";
  rig.append(1, 1, std::string(800, 'x'));
  rig.run();
  EXPECT_EQ(*rig.read(1, 1), std::string(800, 'x'));
  rig.lose_power();
  ASSERT_TRUE(rig.boot(options).ok());
  EXPECT_TRUE(rig.group(1).holes.empty());
  EXPECT_EQ(*rig.read(1, 1), std::string(800, 'x'));
}
}  // namespace
}  // namespace rs::hydfs::store
