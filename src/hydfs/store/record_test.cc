#include "hydfs/store/record.h"

#include <gtest/gtest.h>

#include "hydfs/store/rig.h"

namespace rs::hydfs::store {
namespace {
constexpr Place kPlace{11, 2, 64};

Record record_of(RecordKind kind, const Entry& entry) {
  Record record;
  record.kind = kind;
  record.group = GroupId(200);
  record.number = 9;
  record.synced = 64;
  record.entry = entry.head;
  return record;
}
std::string bytes_of(Record* record, const std::string& payload) {
  std::string out;
  put_record(&out, kPlace, record, payload);
  return out;
}

TEST(Record, ComesBackAsItWas) {
  Entry entry = entry_of(5, "payload");
  entry.head.name = "a/b";
  Record record = record_of(RecordKind::kEntry, entry);
  const std::string bytes = bytes_of(&record, "payload");
  const auto parsed = parse_record(bytes, kPlace);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->entry, entry.head);
  EXPECT_EQ(parsed->group, GroupId(200));
  EXPECT_EQ(parsed->number, 9u);
  EXPECT_EQ(parsed->synced, 64u);
  EXPECT_EQ(record_bytes(*parsed), padded(bytes.size() + 7));
  EXPECT_TRUE(payload_is_good(*parsed, kPlace, "payload"));
  EXPECT_FALSE(payload_is_good(*parsed, kPlace, "paylaod"));
  EXPECT_FALSE(payload_is_good(*parsed, kPlace, "payloa"));
}

TEST(Record, IsOfItsPlaceAlone) {
  Record record = record_of(RecordKind::kEntry, entry_of(5, "x"));
  const std::string bytes = bytes_of(&record, "x");
  EXPECT_TRUE(parse_record(bytes, kPlace));
  EXPECT_FALSE(parse_record(bytes, {12, 2, 64}));
  EXPECT_FALSE(parse_record(bytes, {11, 3, 64}));
  EXPECT_FALSE(parse_record(bytes, {11, 2, 72}));
  EXPECT_FALSE(payload_is_good(record, {11, 2, 72}, "x")) << "the payload too";
}

TEST(Record, EachBitCounts) {
  Record record = record_of(RecordKind::kEntry, entry_of(5, "x"));
  const std::string whole = bytes_of(&record, "x");
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(parse_record(bytes, kPlace)) << bit;
  }
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_record(whole.substr(0, size), kPlace)) << size;
}

TEST(Record, PayloadsAreWhereTheyBelong) {
  Entry dropped = entry_of(5, "gone");
  dropped.head.dropped = true;
  Record bare = record_of(RecordKind::kEntry, dropped);
  EXPECT_TRUE(parse_record(bytes_of(&bare, ""), kPlace));
  EXPECT_FALSE(parse_record(bytes_of(&bare, "gone"), kPlace)) << "dropped, and yet there";
  Record lost = record_of(RecordKind::kLost, entry_of(5, "gone"));
  EXPECT_TRUE(parse_record(bytes_of(&lost, ""), kPlace));
  Record missing = record_of(RecordKind::kEntry, entry_of(5, "gone"));
  EXPECT_FALSE(parse_record(bytes_of(&missing, ""), kPlace)) << "not dropped, and yet not there";
}

TEST(Record, DropsAndMarks) {
  Record drop = record_of(RecordKind::kDrop, entry_of(77, ""));
  const auto parsed = parse_record(bytes_of(&drop, ""), kPlace);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->entry.at.index, LogIndex(77));
  Record mark = record_of(RecordKind::kMark, Entry{});
  EXPECT_TRUE(parse_record(bytes_of(&mark, ""), kPlace));
  Record nothing = record_of(static_cast<RecordKind>(9), Entry{});
  EXPECT_FALSE(parse_record(bytes_of(&nothing, ""), kPlace));
}
}  // namespace
}  // namespace rs::hydfs::store
