#include "hydfs/store/segment.h"

#include <gtest/gtest.h>

#include "hydfs/store/rig.h"
#include "hydfs/store/segment_writer.h"

namespace rs::hydfs::store {
namespace {
class Segment : public testing::Test {
 protected:
  Segment() {
    EXPECT_TRUE(writer_.begin(3, 10).ok());
    for (uint64_t index = 1; index <= 4; ++index) put(index, std::string(50 * index, 'p'));
    EXPECT_TRUE(writer_.sync().ok());
  }
  void put(uint64_t index, const std::string& payload) {
    Record record;
    record.kind = RecordKind::kEntry;
    record.entry = entry_of(index, payload).head;
    auto found = writer_.put(std::move(record), payload);
    ASSERT_TRUE(found.ok());
    offsets_.push_back(found->offset);
  }
  std::string bytes() { return rig_.world.disk.contents(segment_path("store", 3)); }

  Rig rig_;
  SegmentWriter writer_{rig_.process.directory.get(), {"store", 7, 1 << 20, 1000}};
  std::vector<uint64_t> offsets_;
};

TEST_F(Segment, IsScannedAsItWasWritten) {
  const Scan scan = scan_segment(bytes(), 7, 3);
  ASSERT_EQ(scan.records.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(scan.records[i].offset, offsets_[i]);
    EXPECT_EQ(scan.records[i].record.number, 10 + i);
    EXPECT_TRUE(scan.records[i].payload_good);
  }
  EXPECT_EQ(scan.end, writer_.end());
  EXPECT_EQ(scan.first_bad, scan.end);
  EXPECT_TRUE(scan_segment(bytes() + std::string(100, '\0'), 7, 3).blank_behind);
  EXPECT_FALSE(scan_segment(bytes() + std::string(100, '\1'), 7, 3).blank_behind);
  EXPECT_TRUE(scan_segment(bytes(), 8, 3).records.empty()) << "of another store";
}

TEST_F(Segment, ABadRecordHidesNoOther) {
  std::string bad = bytes();
  bad[offsets_[1] + 50] ^= 1;
  const Scan scan = scan_segment(bad, 7, 3);
  ASSERT_EQ(scan.records.size(), 3u);
  EXPECT_EQ(scan.first_bad, offsets_[1]);
  EXPECT_EQ(scan.records[1].offset, offsets_[2]);
}

TEST_F(Segment, ABadPayloadLeavesItsHead) {
  std::string bad = bytes();
  bad[offsets_[2] - 20] ^= 1;
  const Scan scan = scan_segment(bad, 7, 3);
  ASSERT_EQ(scan.records.size(), 4u);
  EXPECT_FALSE(scan.records[1].payload_good);
  EXPECT_EQ(scan.records[1].record.entry.at.index, LogIndex(2));
}

TEST_F(Segment, MarksSayWhatIsSynced) {
  EXPECT_TRUE(writer_.needs_mark());
  const uint64_t synced = writer_.synced();
  ASSERT_TRUE(writer_.put_mark().ok());
  EXPECT_FALSE(writer_.needs_mark());
  EXPECT_TRUE(writer_.is_synced()) << "a mark alone needs no sync";
  const Scan scan = scan_segment(bytes(), 7, 3);
  EXPECT_EQ(scan.records.back().record.kind, RecordKind::kMark);
  EXPECT_EQ(scan.records.back().record.synced, synced);
  EXPECT_EQ(scan.records.back().record.number, writer_.next_number()) << "it takes none";
}

TEST_F(Segment, IndexNamesTheSameRecords) {
  ASSERT_TRUE(writer_.write_index().ok());
  const std::string index = rig_.world.disk.contents(index_path("store", 3));
  const auto found = decode_index(index, 7, 3, writer_.end());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ((*found)[i].offset, offsets_[i]);
  EXPECT_FALSE(decode_index(index, 8, 3, writer_.end()));
  EXPECT_FALSE(decode_index(index, 7, 4, writer_.end()));
  EXPECT_FALSE(decode_index(index, 7, 3, writer_.end() + 8));
  for (size_t i = 0; i < index.size(); ++i) {
    std::string bad = index;
    bad[i] ^= 4;
    EXPECT_FALSE(decode_index(bad, 7, 3, writer_.end())) << i;
  }
}

TEST_F(Segment, AnIndexThatSavesNothingIsNotWritten) {
  for (uint64_t index = 5; index < 40; ++index) put(index, "x");
  ASSERT_TRUE(writer_.sync().ok());
  ASSERT_TRUE(writer_.write_index().ok());
  EXPECT_FALSE(rig_.world.disk.exists(index_path("store", 3)));
}

TEST(SegmentNames, AreTold) {
  EXPECT_EQ(segment_path("f", 31), "f/hydfs-000000000000001f");
  EXPECT_EQ(index_path("f", 31), "f/hydfs-000000000000001f.index");
  EXPECT_TRUE(is_store_file("hydfs-000000000000001f"));
  EXPECT_TRUE(is_store_file("hydfs-000000000000001f.index"));
  for (const char* name : {"hydfs-superblock-0", "hydfs-1f", "hydfs-000000000000001f.new", "lock", "hydfs-"})
    EXPECT_FALSE(is_store_file(name)) << name;
}
}  // namespace
}  // namespace rs::hydfs::store
