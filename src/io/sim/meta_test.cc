#include "io/sim/meta.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/variants.h"

namespace rs::io {
namespace {
using absl::StatusCode;
constexpr int64_t kSecond = 1'000'000'000;

// Clients that write keys of their own, each once, under all faults; and what they were told of each.
class Chaos {
 public:
  explicit Chaos(uint64_t seed) : world_(seed), draws_(seed, "test") {
    meta_.faults.lost_ask = meta_.faults.lost_answer = meta_.faults.late = 0.1;
    for (uint64_t i = 0; i < 3; ++i) start(i);
  }

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (Client& client : clients_)
        if (client.told.size() < 30) write(&client);
      disturb();
      pass(kSecond);
    }
    meta_.faults = {};
    for (uint64_t i = 0; i < clients_.size(); ++i) meta_.mend({8, i + 1});
    pass(200 * kSecond);
  }
  // What was said of a write that is not so; empty: nothing.
  std::string lie() const {
    for (const Client& client : clients_) {
      for (const auto& [key, how] : client.told) {
        const auto entry = meta_.table().find(key);
        if (how.ok() && (!entry || entry->modified != *how)) return key + " happened, and is not there";
        if (how.status().code() == StatusCode::kAborted && entry) return key + " never happens, and is there";
      }
    }
    return "";
  }
  size_t told(StatusCode code) const {
    size_t count = 0;
    for (const Client& client : clients_)
      for (const auto& [key, how] : client.told) count += how.status().code() == code ? 1 : 0;
    return count;
  }
  const SimMetaCounts& counts() const { return meta_.counts(); }

 private:
  struct Client {
    std::optional<SimProcess> process;
    std::unique_ptr<MetaStore> store;
    std::map<MetaCall, std::string> asked;
    std::vector<std::pair<std::string, StatusOr<Revision>>> told;
    int lives = 0, writes = 0;
  };

  void start(uint64_t number) {
    if (clients_.size() <= number) clients_.emplace_back();
    Client& client = clients_[number];
    client.store.reset();
    client.process = world_.boot();
    client.store = meta_.attach(&*client.process, {8, number + 1}, [] {});
    client.asked.clear();
    ++client.lives;
  }
  void write(Client* client) {
    const std::string key = absl::StrCat("w/", client - clients_.data(), "/", client->lives, "/", ++client->writes);
    client->asked[client->store->commit({{}, {{key, "1", {}}}})] = key;
  }
  void disturb() {
    const uint64_t who = draws_.below(clients_.size());
    switch (draws_.below(6)) {
      case 0:
        world_.crash(clients_[who].process->id);
        return start(who);
      case 1:
        return meta_.cut_off({8, who + 1});
      case 2:
      case 3:
        return meta_.mend({8, who + 1});
      case 4:
        meta_.down();
        pass(static_cast<int64_t>(draws_.below(20)) * kSecond);
        return meta_.up();
      default:
        return meta_.compact();
    }
  }
  void pass(int64_t ns) {
    const int64_t end_ns = world_.clock.now_ns() + ns;
    while (world_.clock.now_ns() < end_ns) {
      int64_t next_ns = end_ns;
      for (Client& client : clients_) {
        next_ns = std::min(next_ns, client.store->step());
        for (const MetaEvent& event : client.store->take())
          if (const auto* done = std::get_if<MetaCommitted>(&event))
            client.told.emplace_back(client.asked.at(done->call), done->revision);
      }
      world_.scheduler.post(std::max(next_ns, world_.clock.now_ns()), [] {});
      world_.scheduler.step();
    }
  }

  SimWorld world_;
  SimMeta meta_{&world_};
  SimRandom draws_;
  std::vector<Client> clients_;
};

TEST(SimMeta, WhatIsSaidOfATransactionIsSo) {
  size_t happened = 0, never = 0, open = 0, late = 0, lost = 0, fenced = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    Chaos chaos(seed);
    chaos.run(40);
    ASSERT_EQ(chaos.lie(), "") << "seed " << seed;
    happened += chaos.told(StatusCode::kOk);
    never += chaos.told(StatusCode::kAborted);
    open += chaos.told(StatusCode::kUnavailable);
    late += chaos.counts().late;
    lost += chaos.counts().lost_answers;
    fenced += chaos.counts().fenced;
  }
  EXPECT_GT(happened, 500u);
  EXPECT_GT(never, 50u);
  EXPECT_GT(open, 5u);
  EXPECT_GT(late, 50u);
  EXPECT_GT(lost, 50u);
  EXPECT_GT(fenced, 20u) << "swaps under way came late, and were refused";
}

TEST(SimMeta, AGuessedOutcomeIsCaught) {
  broken_variant = Variant::kMetaGuesses;
  bool caught = false;
  for (uint64_t seed = 1; seed <= 10 && !caught; ++seed) {
    Chaos chaos(seed);
    chaos.run(40);
    caught = !chaos.lie().empty();
  }
  broken_variant = Variant::kNone;
  EXPECT_TRUE(caught);
}
}  // namespace
}  // namespace rs::io
