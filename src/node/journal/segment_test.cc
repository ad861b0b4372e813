#include "node/journal/segment.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

namespace rs::journal {
namespace {
const Place kPlace{0x1122334455667788, 3, 4096};

std::string sample_group() {
  std::string group = empty_group();
  put_tail_cut(&group);
  put_task(&group, {TaskId(7), 3, 9, Incarnation(5), true});
  put_record(&group, TaskId(7), 9, Incarnation(5), "payload");
  put_record(&group, TaskId(8), 1, Incarnation(300), "");
  seal_group(&group, kPlace, 2048);
  return group;
}

TEST(SegmentHeader, ComesBack) {
  const std::string bytes = encode_header({11, 12, 13, 14});
  ASSERT_EQ(bytes.size(), kHeaderBytes);
  auto header = decode_header(bytes, "f");
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->state, 11u);
  EXPECT_EQ(header->number, 12u);
  EXPECT_EQ(header->previous_end, 13u);
  EXPECT_EQ(header->born_end, 14u);
}

TEST(SegmentHeader, AnyFlippedBitIsDamage) {
  const std::string bytes = encode_header({11, 12, 13, 14});
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string other = bytes;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(error_id(decode_header(other, "f").status()), ErrorId::kJournalDamaged) << "bit " << bit;
  }
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_TRUE(absl::IsDataLoss(decode_header(std::string_view(bytes).substr(0, size), "f").status()));
}

TEST(SegmentHeader, AnotherFormatIsRefusedByName) {
  std::string bytes = encode_header({11, 12, 13, 14});
  bytes[8] = 9;
  bytes.resize(kHeaderBytes - 4);
  put_fixed(&bytes, crc32c(bytes));
  const Status status = decode_header(bytes, "state/journal-1").status();
  EXPECT_EQ(error_id(status), ErrorId::kJournalFormat);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(report_of(status).message, "the journal has format 9");
}

TEST(SegmentName, IsReadBackAndNothingElseIs) {
  EXPECT_EQ(segment_path("state", 0xab), "state/journal-00000000000000ab");
  EXPECT_EQ(segment_number("journal-00000000000000ab"), 0xabu);
  for (const char* name : {"journal-00000000000000ab.new", "journal-00000000000000AB", "journal-ab", "journal", "",
                           "journal-0000000000000000", "journal-ffffffffffffffff"})
    EXPECT_FALSE(segment_number(name)) << name;
}

TEST(Group, ComesBack) {
  const std::string bytes = sample_group();
  EXPECT_EQ(bytes.size() % kAlign, 0u);
  const std::string more = bytes + "what follows";
  auto group = parse_group(more, kPlace);
  ASSERT_TRUE(group);
  EXPECT_EQ(group->synced, 2048u);
  EXPECT_EQ(group->end, kPlace.offset + bytes.size());
  EntryReader entries(group->payload);
  Entry entry;
  ASSERT_TRUE(entries.next(&entry));
  EXPECT_EQ(entry.kind, Entry::Kind::kTailCut);
  ASSERT_TRUE(entries.next(&entry));
  EXPECT_EQ(entry.kind, Entry::Kind::kTask);
  EXPECT_EQ(entry.row.task, TaskId(7));
  EXPECT_EQ(entry.row.before, 3u);
  EXPECT_EQ(entry.row.end, 9u);
  EXPECT_EQ(entry.row.writer, Incarnation(5));
  EXPECT_TRUE(entry.row.tail_was_cut);
  ASSERT_TRUE(entries.next(&entry));
  EXPECT_EQ(entry.kind, Entry::Kind::kRecord);
  EXPECT_EQ(entry.position, 9u);
  EXPECT_EQ(entry.bytes, "payload");
  ASSERT_TRUE(entries.next(&entry));
  EXPECT_EQ(entry.writer, Incarnation(300));
  EXPECT_FALSE(entries.next(&entry));
  EXPECT_TRUE(entries.ok());
}

TEST(Group, AnyFlippedBitIsSeenButInThePadding) {
  const std::string bytes = sample_group();
  const size_t size = group_bytes(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string other = bytes;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(parse_group(other, kPlace).has_value(), bit / 8 >= size) << "bit " << bit;
  }
  for (size_t cut = 0; cut < size; ++cut) EXPECT_FALSE(parse_group(std::string_view(bytes).substr(0, cut), kPlace));
}

// Old contents of the same blocks, or a write that went astray.
TEST(Group, BelongsToItsPlace) {
  const std::string bytes = sample_group();
  EXPECT_FALSE(parse_group(bytes, {kPlace.state + 1, kPlace.segment, kPlace.offset}));
  EXPECT_FALSE(parse_group(bytes, {kPlace.state, kPlace.segment + 1, kPlace.offset}));
  EXPECT_FALSE(parse_group(bytes, {kPlace.state, kPlace.segment, kPlace.offset + 8}));
}

TEST(EntryReader, RefusesWhatIsCutOrUnknown) {
  const std::string bytes = sample_group();
  const std::string_view payload = parse_group(bytes, kPlace)->payload;
  size_t whole = 0;
  for (size_t size = 0; size <= payload.size(); ++size) {
    EntryReader entries(payload.substr(0, size));
    for (Entry entry; entries.next(&entry);) {
    }
    whole += entries.ok();
  }
  EXPECT_EQ(whole, 5u) << "the empty payload and the end of each entry";
  EntryReader unknown("\x09");
  Entry entry;
  EXPECT_FALSE(unknown.next(&entry));
  EXPECT_FALSE(unknown.ok());
}

TEST(EntryReader, RefusesARowThatTrimsWhatWasNeverWritten) {
  std::string group = empty_group();
  group.push_back(2);
  put_varint(&group, 1);   // task
  put_varint(&group, 10);  // before
  put_varint(&group, 9);   // end
  put_varint(&group, 1);
  group.push_back(0);
  EntryReader entries(std::string_view(group).substr(kGroupHeaderBytes));
  Entry entry;
  EXPECT_FALSE(entries.next(&entry));
  EXPECT_FALSE(entries.ok());
}
}  // namespace
}  // namespace rs::journal
