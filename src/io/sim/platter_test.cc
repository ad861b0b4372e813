#include "io/sim/platter.h"

#include <gtest/gtest.h>

#include <string>

namespace rs::io {
namespace {
constexpr int kSeeds = 500;

std::string letters(size_t size, char first = 'a') {
  std::string text(size, first);
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(first + i % 20);
  return text;
}

TEST(Content, SyncedBytesAlwaysSurvive) {
  PlatterCounts counts;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimRandom random(seed, "test");
    Content content;
    content.write(0, letters(10'000));
    content.sync();
    content.write(10'000, letters(10'000));
    content.lose_power(&random, &counts);
    ASSERT_GE(content.now().size(), 10'000u);
    ASSERT_EQ(content.now().substr(0, 10'000), letters(10'000));
    ASSERT_EQ(content.now(), content.durable());
    ASSERT_FALSE(content.dirty());
  }
}

TEST(Content, UnsyncedPagesAreKeptLostOrTorn) {
  PlatterCounts counts;
  int later_without_earlier = 0, all = 0, none = 0, inside_a_sector = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimRandom random(seed, "test");
    Content content;
    const std::string text = letters(3 * Content::kPage);
    content.write(0, text);
    content.lose_power(&random, &counts);
    const std::string_view left = content.now();
    all += left == text;
    none += left.empty();
    inside_a_sector += left.size() % Content::kSector != 0;
    later_without_earlier += left.size() == text.size() && left[0] == 0 && left.back() == text.back();
    for (size_t i = 0; i < left.size(); ++i) ASSERT_TRUE(left[i] == text[i] || left[i] == 0) << "bytes from nowhere";
  }
  EXPECT_GT(all, 0);
  EXPECT_GT(none, 0);
  EXPECT_GT(inside_a_sector, 0);
  EXPECT_GT(later_without_earlier, 0);
  EXPECT_GT(counts.kept_pages, 0u);
  EXPECT_GT(counts.lost_pages, 0u);
  EXPECT_GT(counts.torn_pages, 0u);
  EXPECT_GT(counts.holes, 0u);
}

TEST(Content, AnOverwrittenPageHoldsOldOrNewBytesOfEachPlace) {
  PlatterCounts counts;
  int old_bytes = 0, new_bytes = 0, both = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimRandom random(seed, "test");
    Content content;
    content.write(0, std::string(5000, 'o'));
    content.sync();
    content.write(1000, std::string(1000, 'n'));
    content.lose_power(&random, &counts);
    const std::string_view left = content.now();
    ASSERT_EQ(left.size(), 5000u);
    ASSERT_EQ(left.substr(0, 1000), std::string(1000, 'o'));
    ASSERT_EQ(left.substr(2000), std::string(3000, 'o'));
    const bool has_old = left.substr(1000, 1000).find('o') != std::string::npos;
    const bool has_new = left.find('n') != std::string::npos;
    both += has_old && has_new;
    old_bytes += !has_new;
    new_bytes += !has_old;
  }
  EXPECT_GT(old_bytes, 0);
  EXPECT_GT(new_bytes, 0);
  EXPECT_GT(both, 0);
}

TEST(Content, AFailedSyncLeavesBytesThatOnlyReadsShow) {
  PlatterCounts counts;
  int gone = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimRandom random(seed, "test");
    Content content;
    content.write(0, "journal");
    content.fail_sync();
    ASSERT_EQ(content.now(), "journal");
    content.sync();
    ASSERT_EQ(content.durable(), "");
    content.lose_power(&random, &counts);
    ASSERT_EQ(content.now().find('j'), std::string::npos);
    gone += content.now().empty();
  }
  EXPECT_GT(gone, 0);
}

TEST(Content, WriteBackMayKeepAnOlderContent) {
  PlatterCounts counts;
  int older = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimRandom random(seed, "test");
    Content content;
    content.write(0, "first");
    content.write_back(&random);
    content.write(0, "again");
    content.lose_power(&random, &counts);
    older += content.now() == "first";
  }
  EXPECT_GT(older, 0);
}

TEST(Content, AGapIsZeros) {
  Content content;
  content.write(5, "x");
  EXPECT_EQ(content.now(), std::string("\0\0\0\0\0x", 6));
  content.sync();
  EXPECT_EQ(content.durable(), content.now());
}

TEST(Content, AFlippedBitIsInBothImages) {
  Content content;
  content.write(0, "aa");
  content.sync();
  content.write(2, "a");
  content.flip(1, 0);
  content.flip(2, 1);
  EXPECT_EQ(content.now(), "a`c");
  EXPECT_EQ(content.durable(), "a`");
}

class NamesTest : public testing::Test {
 protected:
  InodeRef make(FileStat::Type type = FileStat::Type::kRegular) {
    return std::make_shared<Inode>(type, numbers.take(&numbering), &numbers);
  }
  InodeRef make_directory() { return make(FileStat::Type::kDirectory); }
  void lose_power(uint64_t seed) {
    SimRandom random(seed, "test");
    journal.lose_power(&random, &counts);
    folder->names = folder->durable_names;
  }
  void fresh() {
    journal = NameJournal();
    folder = make_directory();
  }

  InodeNumbers numbers;
  SimRandom numbering{1, "numbers"};
  InodeRef folder = make_directory();
  NameJournal journal;
  PlatterCounts counts;
};

TEST_F(NamesTest, SyncedNamesAlwaysSurviveAndOthersSometimes) {
  int kept = 0, lost = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    fresh();
    journal.add({{folder, "synced", make()}});
    journal.sync(folder.get());
    journal.add({{folder, "pending", make()}});
    EXPECT_EQ(folder->names.size(), 2u);
    lose_power(seed);
    ASSERT_EQ(folder->names.count("synced"), 1u);
    (folder->names.count("pending") ? kept : lost) += 1;
  }
  EXPECT_GT(kept, 0);
  EXPECT_GT(lost, 0);
  EXPECT_EQ(counts.kept_names, static_cast<uint64_t>(kept));
  EXPECT_EQ(counts.lost_names, static_cast<uint64_t>(lost));
}

TEST_F(NamesTest, ALaterChangeMaySurviveAnEarlierOneOfAnotherName) {
  int later_alone = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    fresh();
    journal.add({{folder, "first", make()}});
    journal.add({{folder, "second", make()}});
    lose_power(seed);
    later_alone += folder->names.count("second") && !folder->names.count("first");
  }
  EXPECT_GT(later_alone, 0);
}

TEST_F(NamesTest, ARenameLeavesTheOldOrTheNewNameNeverNeither) {
  int old_name = 0, new_name = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    fresh();
    const InodeRef file = make();
    journal.add({{folder, "old", file}});
    journal.sync(folder.get());
    journal.add({{folder, "old", nullptr}, {folder, "new", file}});
    journal.add({{folder, "old", make()}});  // the old name is used again: not before the rename
    lose_power(seed);
    const bool at_new = folder->names.count("new") && folder->names["new"] == file;
    const bool at_old = folder->names.count("old") && folder->names["old"] == file;
    ASSERT_NE(at_old, at_new);
    old_name += at_old;
    new_name += at_new;
  }
  EXPECT_GT(old_name, 0);
  EXPECT_GT(new_name, 0);
}

TEST_F(NamesTest, AFileThatLeftADirectoryIsNotLostWithIt) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    fresh();
    const InodeRef inner = make_directory(), other = make_directory(), file = make();
    journal.add({{folder, "inner", inner}});
    journal.add({{inner, "file", file}});
    journal.sync(folder.get());
    journal.sync(inner.get());
    journal.add({{folder, "other", other}});
    journal.add({{inner, "file", nullptr}, {other, "file", file}});
    journal.add({{folder, "inner", nullptr, inner}});
    lose_power(seed);
    const bool stayed = folder->names.count("inner") && inner->durable_names.count("file");
    const bool moved = folder->names.count("other") && other->durable_names.count("file");
    ASSERT_NE(stayed, moved);
  }
}

TEST_F(NamesTest, SyncOfADirectoryBringsWhatItsNamesNeedAndNothingElse) {
  const InodeRef other = make_directory(), file = make();
  journal.add({{folder, "other", other}});
  journal.add({{folder, "unrelated", make()}});
  journal.add({{folder, "file", file}});
  journal.add({{folder, "file", nullptr}, {other, "file", file}});
  journal.sync(other.get());
  EXPECT_EQ(other->durable_names.count("file"), 1u);
  EXPECT_EQ(folder->durable_names.count("other"), 1u);
  EXPECT_EQ(folder->durable_names.count("file"), 0u);
  EXPECT_EQ(folder->durable_names.count("unrelated"), 0u);
}

TEST_F(NamesTest, AFileInANewDirectoryNeedsTheParentToBeSyncedToo) {
  int lost = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    fresh();
    const InodeRef inner = make_directory();
    journal.add({{folder, "inner", inner}});
    journal.add({{inner, "file", make()}});
    journal.sync(inner.get());
    lose_power(seed);
    lost += !folder->names.count("inner");
  }
  EXPECT_GT(lost, 0);
}

TEST_F(NamesTest, InodeNumbersAreUniqueAmongTheLivingAndReused) {
  std::set<uint64_t> living, dead;
  std::vector<InodeRef> files;
  int reused = 0;
  for (int i = 0; i < 200; ++i) {
    files.push_back(make());
    ASSERT_TRUE(living.insert(files.back()->number).second);
    reused += dead.count(files.back()->number);
    if (i % 2) {
      living.erase(files.front()->number);
      dead.insert(files.front()->number);
      files.erase(files.begin());
    }
  }
  EXPECT_GT(reused, 0);
}
}  // namespace
}  // namespace rs::io
