#include "membership/contacts.h"

#include <gtest/gtest.h>

#include <set>

#include "io/sim/random.h"

namespace rs::membership {
namespace {
using Purpose = Contacts::Purpose;

io::Endpoint at(uint16_t port) { return {io::Endpoint::Kind::kIp4, "127.0.0.1", port}; }

class ContactsTest : public testing::Test {
 protected:
  // All contacts until `end_ns`; none is answered.
  std::vector<Contacts::Contact> until(int64_t end_ns, const Contacts::Known& known) {
    std::vector<Contacts::Contact> all;
    while (contacts_.next_ns() <= end_ns) {
      now_ns_ = contacts_.next_ns();
      for (const auto& contact : contacts_.due(now_ns_, known)) all.push_back(contact);
    }
    return all;
  }
  static size_t count(const std::vector<Contacts::Contact>& all, Purpose purpose) {
    size_t found = 0;
    for (const auto& contact : all) found += contact.purpose == purpose;
    return found;
  }
  io::SimRandom random_{1, "contacts"};
  const Timing timing_;
  Contacts contacts_{timing_, &random_};
  int64_t now_ns_ = 0;
};

TEST_F(ContactsTest, SeedsAreAskedInTurnForEver) {
  contacts_.start(0, {at(1), at(2), at(3)});
  std::map<uint16_t, int> asked;
  for (const auto& contact : until(3600 * kSecond, {})) {
    if (contact.purpose == Purpose::kSeed) ++asked[contact.to.port];
  }
  EXPECT_EQ(asked.size(), 3u);
  for (const auto& [port, times] : asked) EXPECT_GT(times, 1000);
}

TEST_F(ContactsTest, WhoHasJoinedComparesWithTheLivingAndLooksForTheMissing) {
  contacts_.start(0, {at(1), at(2)});
  contacts_.joined();
  const auto all = until(100 * kSecond, {.living = {at(1), at(4)}, .failed = {at(5)}});
  EXPECT_EQ(count(all, Purpose::kSeed), 0u);
  EXPECT_GE(count(all, Purpose::kCompare), 8u);
  std::set<uint16_t> missed;
  for (const auto& contact : all) {
    if (contact.purpose == Purpose::kReunion) missed.insert(contact.to.port);
  }
  EXPECT_EQ(missed, (std::set<uint16_t>{2, 5})) << "failed ones, and seeds that are not in the list";
}

TEST_F(ContactsTest, WhoIsMissedIsLookedForInTurnSoThatNobodyWaitsForLong) {
  contacts_.start(0, {at(1), at(2)});
  contacts_.joined();
  const Contacts::Known known{.failed = {at(1), at(2), at(3), at(4)}};  // a dead seed has one turn, not two
  const int64_t round_ns = 4 * timing_.reunion_ns * 6 / 5;
  for (int round = 1; round <= 20; ++round) {
    std::set<uint16_t> asked;
    for (const auto& contact : until(round * round_ns, known)) asked.insert(contact.to.port);
    EXPECT_EQ(asked.size(), 4u) << round;
  }
}

TEST_F(ContactsTest, WhereSomebodyLivesNobodyIsMissed) {
  contacts_.start(0, {});
  const Contacts::Known known{.living = {at(1)}, .failed = {at(1)}};  // a node that lost its disk is another node
  EXPECT_EQ(count(until(100 * kSecond, known), Purpose::kReunion), 0u);
}

TEST_F(ContactsTest, NothingIsMissedWhenAllAreThere) {
  contacts_.start(0, {at(1)});
  contacts_.joined();
  EXPECT_EQ(count(until(100 * kSecond, {.living = {at(1)}}), Purpose::kReunion), 0u);
}

TEST_F(ContactsTest, ReunionsOfALargeClusterAreNotMore) {
  Contacts::Known known{.failed = {at(5)}};
  for (uint16_t port = 100; port < 199; ++port) known.living.push_back(at(port));
  contacts_.start(0, {});
  const size_t tried = count(until(1000 * kSecond, known), Purpose::kReunion);
  EXPECT_LE(tried, 30u);
  EXPECT_GE(tried, 15u);
}

TEST_F(ContactsTest, AnExchangeIsAnsweredOnceAndInTime) {
  const auto contact = contacts_.open(0, at(1), Purpose::kReunion);
  EXPECT_EQ(contacts_.close(contact.number)->to, at(1));
  EXPECT_FALSE(contacts_.close(contact.number));
  const auto late = contacts_.open(0, at(1), Purpose::kReunion);
  contacts_.due(timing_.exchange_limit_ns, {});
  EXPECT_FALSE(contacts_.close(late.number));
  EXPECT_FALSE(contacts_.close(12345));
}

TEST_F(ContactsTest, ALeaverLooksForNobody) {
  contacts_.start(0, {at(1)});
  contacts_.stop();
  EXPECT_TRUE(until(100 * kSecond, {.failed = {at(5)}}).empty());
  EXPECT_EQ(contacts_.next_ns(), INT64_MAX);
}
}  // namespace
}  // namespace rs::membership
