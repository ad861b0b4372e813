#include "hydfs/store/superblock.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hash.h"
#include "hydfs/store/rig.h"

namespace rs::hydfs::store {
namespace {
Superblock full_block() {
  Superblock block;
  block.version = 7;
  block.store = 0x1234567890abcdef;
  block.floor = 900;
  block.segments = {{3, 10, 5000, 64, 400}, {5, 500, 0, 200, 0}};
  GroupRow row{row_of(8, 3), 12, {{2, 100}, {5, 200}}};
  row.row.frozen = row.row.in_doubt = true;
  row.row.source = {1, 2};
  block.groups = {{GroupId(0), {row_of(1), 1, {}}}, {GroupId(255), row}};
  block.bad = {{{GroupId(255), LogIndex(4)}, 800}};
  block.lost = {{20, 25}, {30, 31}};
  return block;
}

TEST(Superblock, ComesBackAsItWas) {
  const auto found = decode_superblock(encode_superblock(full_block(), true), "x");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->block, full_block());
  EXPECT_TRUE(found->second);
}

TEST(Superblock, EachBitAndEachByteCounts) {
  const std::string whole = encode_superblock(full_block(), false);
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_TRUE(absl::IsDataLoss(decode_superblock(bytes, "x").status())) << bit;
  }
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(decode_superblock(whole.substr(0, size), "x").ok());
  EXPECT_TRUE(decode_superblock(whole + "what a longer one left", "x").ok());
}

TEST(Superblock, AnotherFormatIsNamed) {
  std::string bytes = encode_superblock(full_block(), false);
  bytes[8] = 2;
  const uint32_t crc = crc32c(std::string_view(bytes).substr(16), crc32c(std::string_view(bytes).substr(0, 12)));
  std::memcpy(bytes.data() + 12, &crc, sizeof crc);
  EXPECT_EQ(error_id(decode_superblock(bytes, "x").status()), ErrorId::kJournalFormat);
  Rig rig;
  rig.world.disk.put(SuperblockFiles::path("store", 0), bytes);
  EXPECT_EQ(error_id(rig.boot()), ErrorId::kJournalFormat) << "and not taken for an empty store";
}

TEST(Superblock, CutsThatSayNothingAreForgotten) {
  GroupRow row;
  row.cut(5, 100);
  row.cut(9, 200);
  row.cut(7, 300);
  EXPECT_EQ(row.cuts, (std::vector<Cut>{{5, 100}, {7, 300}}));
  EXPECT_FALSE(row.counts(99, LogIndex(6)));
  EXPECT_TRUE(row.counts(100, LogIndex(6)));
  EXPECT_FALSE(row.counts(299, LogIndex(8)));
  EXPECT_TRUE(row.counts(300, LogIndex(8)));
  row.born = 50;
  EXPECT_FALSE(row.counts(49, LogIndex(1)));
}

class Copies : public testing::Test {
 protected:
  SuperblockFiles files() { return {rig_.process.directory.get(), "store"}; }
  uint64_t version() {
    auto block = files().read();
    return block.ok() ? block->version : UINT64_MAX;
  }
  void flip(int copy) { rig_.world.disk.flip(SuperblockFiles::path("store", copy), 30, 1); }
  Rig rig_;
};

TEST_F(Copies, OneIsAsNewAsTheOther) {
  for (int bad = 0; bad < 2; ++bad) {
    Superblock block = full_block();
    auto writer = files();
    ASSERT_TRUE(writer.read().ok());
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(writer.write(&block).ok());
      flip(bad);
      EXPECT_EQ(version(), block.version);
    }
  }
  flip(0);
  EXPECT_EQ(version(), 0u) << "none";
}

TEST_F(Copies, ACrashAtEachOperationLeavesTheOldOrTheNewOne) {
  for (uint64_t operation = 1; operation <= 6; ++operation) {
    Superblock block = full_block();
    auto writer = files();
    ASSERT_TRUE(writer.read().ok());
    ASSERT_TRUE(writer.write(&block).ok());
    const uint64_t before = block.version;
    rig_.world.disk.crash_at_operation(rig_.process.id, operation);
    const bool done = writer.write(&block).ok();
    rig_.world.power_loss();
    rig_.process = rig_.world.boot();
    EXPECT_GE(version(), done ? before + 1 : before) << operation;
    EXPECT_LE(version(), before + 1);
  }
}

TEST_F(Copies, AnErrorOfTheDiskIsNoEmptyStore) {
  Superblock block = full_block();
  auto writer = files();
  ASSERT_TRUE(writer.read().ok());
  ASSERT_TRUE(writer.write(&block).ok());
  rig_.world.disk.fail_next_read(SuperblockFiles::path("store", 0));
  EXPECT_EQ(version(), block.version);
}
}  // namespace
}  // namespace rs::hydfs::store
