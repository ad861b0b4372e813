#include "hydfs/table.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace rs::hydfs {
namespace {
using Kind = Verdict::Kind;
constexpr Uuid kFile{1, 1}, kOther{1, 2}, kWriter{2, 1}, kSecond{2, 2};

EntryHead head(EntryKind kind, const Uuid& file, const Uuid& writer, uint64_t epoch = 0, uint64_t sequence = 0) {
  EntryHead out;
  out.kind = kind;
  out.file = file;
  out.writer = writer;
  out.epoch = WriterEpoch(epoch);
  out.sequence = Sequence(sequence);
  return out;
}
EntryHead create(const Uuid& file, const std::string& name, uint32_t length = 0) {
  EntryHead out = head(EntryKind::kCreate, file, {});
  out.name = name;
  out.length = length;
  return out;
}
EntryHead open_writer(uint64_t epoch, uint64_t first = 0) {
  return head(EntryKind::kOpenWriter, kFile, kWriter, epoch, first);
}
EntryHead append(uint64_t epoch, uint64_t sequence, uint64_t digest = 5, uint32_t length = 10) {
  EntryHead out = head(EntryKind::kAppend, kFile, kWriter, epoch, sequence);
  out.digest = digest;
  out.length = length;
  return out;
}
EntryHead stage(uint64_t epoch, uint64_t sequence, uint32_t part, uint64_t digest, uint32_t length = 4) {
  EntryHead out = head(EntryKind::kStage, kFile, kWriter, epoch, sequence);
  out.part = part;
  out.digest = digest;
  out.length = length;
  return out;
}
EntryHead commit_stage(uint64_t epoch, uint64_t sequence, const std::vector<uint64_t>& digests) {
  std::string bytes;
  for (const uint64_t digest : digests) put_fixed(&bytes, digest);
  EntryHead out = head(EntryKind::kCommitStage, kFile, kWriter, epoch, sequence);
  out.part = static_cast<uint32_t>(digests.size());
  out.digest = hash64(bytes);
  return out;
}

class TableTest : public ::testing::Test {
 protected:
  Verdict admit(const EntryHead& proposal) { return table_.admit(proposal); }
  LogIndex fold(EntryHead entry) {
    entry.at = {ViewNumber(1), table_.folded().next()};
    table_.fold(entry);
    return entry.at.index;
  }
  LogIndex take(const EntryHead& proposal) {
    EXPECT_EQ(admit(proposal).kind, Kind::kNew);
    return fold(proposal);
  }
  void begin() {
    take(create(kFile, "f"));
    take(open_writer(1));
  }
  Table table_;
};

TEST_F(TableTest, ANameIsTakenOnce) {
  const LogIndex made = take(create(kFile, "f", 3));
  const Verdict again = admit(create(kFile, "f", 3));
  EXPECT_EQ(again.kind, Kind::kRepeat);
  EXPECT_EQ(again.wait, made);
  EXPECT_EQ(admit(create(kOther, "f")).kind, Kind::kExists);
  EXPECT_EQ(admit(create(kOther, "f")).wait, made);
  EXPECT_EQ(table_.find_name("f", made)->id, kFile);
  EXPECT_EQ(table_.find_name("f", LogIndex(made.value - 1)), nullptr);
}

TEST_F(TableTest, AppendsFollowEachOther) {
  begin();
  EXPECT_EQ(admit(append(1, 2)).kind, Kind::kGap);
  const LogIndex first = take(append(1, 1));
  take(append(1, 2, 6));
  const Verdict again = admit(append(1, 1));
  EXPECT_EQ(again.kind, Kind::kRepeat);
  EXPECT_EQ(again.offset, 0U);
  EXPECT_EQ(again.wait, first);
  EXPECT_EQ(admit(append(1, 2, 6)).offset, 10U);
  EXPECT_EQ(admit(append(1, 2, 7)).kind, Kind::kFenced);  // other bytes
  EXPECT_EQ(table_.next_offset(kFile), 20U);
  EXPECT_EQ(table_.find(kFile)->size_at(first), 10U);
}

TEST_F(TableTest, UnknownWritersAreNeverNew) {
  take(create(kFile, "f"));
  EXPECT_EQ(admit(append(1, 1)).kind, Kind::kUnknownWriter);
  EXPECT_EQ(admit(head(EntryKind::kExpire, kFile, kWriter)).kind, Kind::kUnknownWriter);
  EXPECT_EQ(admit(head(EntryKind::kAppend, kOther, kWriter, 1, 1)).kind, Kind::kMissing);
}

TEST_F(TableTest, AHigherEpochFencesAndKeepsTheLastSequence) {
  begin();
  take(append(1, 1));
  EXPECT_EQ(admit(open_writer(1)).kind, Kind::kRepeat);
  EXPECT_EQ(admit(open_writer(0)).kind, Kind::kFenced);
  take(open_writer(2, 7));
  EXPECT_EQ(admit(append(1, 2)).kind, Kind::kFenced);
  EXPECT_EQ(admit(append(2, 1)).kind, Kind::kRepeat);
  EXPECT_EQ(admit(append(2, 2)).kind, Kind::kNew);
}

TEST_F(TableTest, AnUnknownWriterBeginsWhereItSays) {
  take(create(kFile, "f"));
  take(open_writer(1, 7));
  EXPECT_EQ(admit(append(1, 7)).kind, Kind::kOldSequence);
  EXPECT_EQ(admit(append(1, 8)).kind, Kind::kNew);
}

TEST_F(TableTest, SixtyFourOffsetsAreKept) {
  begin();
  for (uint64_t i = 1; i <= 65; ++i) take(append(1, i));
  const Verdict old = admit(append(1, 1));
  EXPECT_EQ(old.kind, Kind::kOldSequence);
  EXPECT_EQ(old.last, Sequence(65));
  EXPECT_EQ(admit(append(1, 2)).kind, Kind::kRepeat);
  EXPECT_EQ(admit(append(1, 2)).offset, 10U);
}

TEST_F(TableTest, ExpiryKeepsTheEpoch) {
  begin();
  take(append(1, 1));
  take(head(EntryKind::kExpire, kFile, kWriter));
  EXPECT_TRUE(table_.writers().empty());
  EXPECT_EQ(admit(append(1, 2)).kind, Kind::kUnknownWriter);
  EXPECT_EQ(admit(open_writer(1)).kind, Kind::kFenced);
  take(open_writer(2));
  EXPECT_EQ(admit(append(2, 1)).kind, Kind::kOldSequence);
  EXPECT_EQ(admit(append(2, 2)).kind, Kind::kNew);
}

TEST_F(TableTest, SealedFilesTakeNoMore) {
  begin();
  take(append(1, 1));
  const LogIndex sealed = take(head(EntryKind::kSeal, kFile, {}));
  EXPECT_EQ(admit(append(1, 2)).kind, Kind::kSealed);
  EXPECT_EQ(admit(append(1, 1)).kind, Kind::kRepeat);
  EXPECT_EQ(admit(head(EntryKind::kSeal, kFile, {})).wait, sealed);
}

TEST_F(TableTest, DeletedFilesDoNotComeBack) {
  begin();
  const LogIndex before = take(append(1, 1));
  const LogIndex deleted = take(head(EntryKind::kDelete, kFile, {}));
  EXPECT_EQ(admit(append(1, 2)).kind, Kind::kMissing);
  EXPECT_EQ(admit(open_writer(9)).kind, Kind::kMissing);
  EXPECT_EQ(admit(create(kFile, "f")).kind, Kind::kMissing);
  EXPECT_EQ(admit(head(EntryKind::kDelete, kFile, {})).kind, Kind::kRepeat);
  EXPECT_EQ(table_.writer_count(), 0U);
  EXPECT_EQ(table_.find_name("f", before)->id, kFile);  // to who reads at an older index
  EXPECT_EQ(table_.find_name("f", deleted), nullptr);
  take(create(kOther, "f"));
  EXPECT_EQ(table_.find_name("f", table_.folded())->id, kOther);
  EXPECT_EQ(table_.find_name("f", before)->id, kFile);
}

TEST_F(TableTest, StagesAreInvisibleUntilTheyAreWhole) {
  begin();
  EXPECT_EQ(admit(stage(1, 1, 1, 21)).kind, Kind::kGap);
  EXPECT_EQ(admit(commit_stage(1, 1, {20})).kind, Kind::kGap);
  take(stage(1, 1, 0, 20));
  EXPECT_EQ(admit(stage(1, 1, 0, 20)).kind, Kind::kRepeat);
  EXPECT_EQ(admit(stage(1, 1, 0, 99)).kind, Kind::kFenced);
  EXPECT_EQ(admit(commit_stage(1, 1, {20, 21})).kind, Kind::kGap);
  take(stage(1, 1, 1, 21));
  EXPECT_EQ(table_.find(kFile)->size, 0U);
  const LogIndex whole = take(commit_stage(1, 1, {20, 21}));
  EXPECT_EQ(table_.find(kFile)->size, 8U);
  EXPECT_EQ(table_.find(kFile)->size_at(LogIndex(whole.value - 1)), 0U);
  EXPECT_EQ(admit(commit_stage(1, 1, {20, 21})).kind, Kind::kRepeat);
  EXPECT_EQ(admit(append(1, 2)).kind, Kind::kNew);
}

TEST_F(TableTest, ANewEpochAndExpiryDropStages) {
  begin();
  take(stage(1, 1, 0, 20));
  take(open_writer(2));
  EXPECT_EQ(admit(commit_stage(2, 1, {20})).kind, Kind::kGap);
  take(stage(2, 1, 0, 20));
  take(head(EntryKind::kExpire, kFile, kWriter));
  take(open_writer(3));
  EXPECT_EQ(admit(commit_stage(3, 1, {20})).kind, Kind::kGap);
  EXPECT_EQ(admit(stage(3, 1, 1, 21)).kind, Kind::kGap);
  EXPECT_EQ(admit(stage(3, 1, 0, 20)).kind, Kind::kNew);
}

TEST_F(TableTest, OfTwoStagedCreatesTheFirstToEndHasTheName) {
  for (const Uuid& file : {kFile, kOther}) {
    EntryHead opens = head(EntryKind::kOpenWriter, file, kSecond, 1);
    opens.name = "f";
    take(opens);
    EntryHead part = stage(1, 1, 0, 20);
    part.file = file, part.writer = kSecond;
    take(part);
  }
  EXPECT_EQ(table_.find_name("f", table_.folded()), nullptr);
  EntryHead first = commit_stage(1, 1, {20});
  first.writer = kSecond, first.name = "f";
  EntryHead second = first;
  second.file = kOther;
  take(second);
  EXPECT_EQ(admit(first).kind, Kind::kExists);
  EXPECT_EQ(admit(second).kind, Kind::kRepeat);
  EXPECT_EQ(table_.find_name("f", table_.folded())->id, kOther);
}
}  // namespace
}  // namespace rs::hydfs
