#include "engine/split.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace rs {
namespace {
std::vector<InputFile> files(std::initializer_list<uint64_t> sizes) {
  std::vector<InputFile> all;
  for (uint64_t size : sizes) all.push_back({"f", {io::FileStat::Type::kRegular, 1, 1, size, 0}});
  return all;
}

// "number:file[begin,end) ..." of all that is dealt.
std::string dealt(SplitDealer dealer, uint64_t bytes) {
  std::string text;
  while (const std::optional<Split> split = dealer.next(bytes)) {
    text += std::to_string(split->number) + ":" + std::to_string(split->file) + "[" + std::to_string(split->begin) +
            "," + std::to_string(split->end) + ") ";
  }
  return text;
}

TEST(Split, SplitsCoverEachFileInOrder) {
  struct Row {
    std::initializer_list<uint64_t> sizes;
    uint64_t bytes;
    const char* splits;
  };
  const Row rows[] = {
      {{}, 10, ""},
      {{0}, 10, ""},
      {{0, 0, 0}, 1, ""},
      {{1}, 10, "0:0[0,1) "},
      {{10}, 10, "0:0[0,10) "},
      {{11}, 10, "0:0[0,10) 1:0[10,11) "},
      {{3}, 1, "0:0[0,1) 1:0[1,2) 2:0[2,3) "},
      {{0, 5, 0, 0, 4, 0}, 3, "0:1[0,3) 1:1[3,5) 2:4[0,3) 3:4[3,4) "},
      {{1ull << 40}, 1ull << 39, "0:0[0,549755813888) 1:0[549755813888,1099511627776) "},
  };
  for (const Row& row : rows) {
    const std::vector<InputFile> input = files(row.sizes);
    EXPECT_EQ(dealt(SplitDealer(&input), row.bytes), row.splits);
  }
}

TEST(Split, BehindAnySplitTheRestIsDealtAsBefore) {
  const std::vector<InputFile> input = files({4, 0, 7, 1, 0});
  SplitDealer dealer(&input);
  while (const std::optional<Split> split = dealer.next(3)) {
    SplitDealer later(&input);
    later.seek_behind(*split);
    EXPECT_EQ(dealt(later, 3), dealt(dealer, 3)) << split->number;
    EXPECT_EQ(later.done(), dealer.done());
  }
  EXPECT_TRUE(dealer.done());
}

TEST(Split, DoneLooksOverEmptyFilesAndTakesNothing) {
  const std::vector<InputFile> input = files({2, 0, 0});
  SplitDealer dealer(&input);
  EXPECT_FALSE(dealer.done());
  EXPECT_EQ(dealer.next(2)->end, 2u);
  EXPECT_TRUE(dealer.done());
  EXPECT_FALSE(dealer.next(2));
}

TEST(Split, ReadsBackAtItsBounds) {
  for (const Split& split : {Split{}, Split{1, 2, 3, 4}, Split{UINT64_MAX, UINT32_MAX, UINT64_MAX - 1, UINT64_MAX}}) {
    std::string bytes;
    encode_split(split, &bytes);
    ByteReader in(bytes);
    const Split again = decode_split(&in);
    EXPECT_TRUE(in.ok() && in.done());
    EXPECT_EQ(again, split);
    for (size_t size = 0; size < bytes.size(); ++size) {
      ByteReader cut(std::string_view(bytes).substr(0, size));
      decode_split(&cut);
      EXPECT_FALSE(cut.ok()) << size;
    }
  }
}
}  // namespace
}  // namespace rs
