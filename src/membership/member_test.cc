#include "membership/member.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace rs::membership {
namespace {
MemberId id(uint64_t node, uint16_t port, uint64_t generation) {
  return {Uuid{node, 1}, {io::Endpoint::Kind::kIp4, "127.0.0.1", port}, Generation(generation)};
}

TEST(Member, OfTwoReportsOneCounts) {
  const std::vector<Standing> rising = {
      {State::kAlive, Refutation(0)},   {State::kSuspect, Refutation(0)}, {State::kAlive, Refutation(1)},
      {State::kSuspect, Refutation(1)}, {State::kAlive, Refutation(7)},   {State::kFailed, Refutation(0)},
      {State::kLeft, Refutation(0)},
  };
  for (size_t a = 0; a < rising.size(); ++a) {
    for (size_t b = 0; b < rising.size(); ++b) EXPECT_EQ(outranks(rising[a], rising[b]), a > b) << a << " " << b;
  }
}

TEST(Member, AnEndIsFinalWhateverTheRefutation) {
  EXPECT_FALSE(outranks({State::kAlive, Refutation(9)}, {State::kFailed, Refutation(0)}));
  EXPECT_FALSE(outranks({State::kFailed, Refutation(9)}, {State::kFailed, Refutation(0)}));
  EXPECT_FALSE(outranks({State::kFailed, Refutation(9)}, {State::kLeft, Refutation(0)}));
}

TEST(Member, EachPartOfTheIdMakesAnotherTag) {
  const std::set<MemberTag> tags = {id(1, 7001, 1).tag(), id(2, 7001, 1).tag(), id(1, 7002, 1).tag(),
                                    id(1, 7001, 2).tag()};
  EXPECT_EQ(tags.size(), 4u);
  EXPECT_EQ(id(1, 7001, 1).tag(), id(1, 7001, 1).tag());
  for (const MemberTag tag : tags) EXPECT_LT(tag.value, uint64_t{1} << 48);
}

TEST(Member, IdIsReadByPeople) { EXPECT_EQ(id(1, 7001, 3).text(), "127.0.0.1:7001/3"); }

TEST(Member, NamesAreShortAndPlain) {
  for (const char* good : {"n1", "127.0.0.1:7001", "a.b_c-d"}) EXPECT_TRUE(valid_name(good)) << good;
  for (const char* bad : {"", "a b", "a/b", "n\n1", "\xc3\xa4"}) EXPECT_FALSE(valid_name(bad)) << bad;
  EXPECT_TRUE(valid_name(std::string(kMaxNameBytes, 'n')));
  EXPECT_FALSE(valid_name(std::string(kMaxNameBytes + 1, 'n')));
}
}  // namespace
}  // namespace rs::membership
