// Random clusters under random faults from one seed: crashes, restarts, pauses, splits, cut links, loss, leaves,
// switches. All the while no list takes an id back that it saw end, ids of a node only rise, and when the faults stop
// all lists become one within a minute.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "membership/virtual_cluster.h"

namespace rs::membership {
namespace {
class Chaos {
 public:
  explicit Chaos(uint64_t seed)
      : random_(seed, "chaos"),
        cluster_(3 + random_.below(10), seed, {},
                 {random_.coin() ? Detector::kPing : Detector::kGossip, random_.coin()}) {}

  size_t count(Event::Kind kind) const { return cluster_.count(kind); }
  std::string run() {
    cluster_.boot_all(seeds());
    cluster_.run(2 * kSecond);
    for (int step = 0; step < 40; ++step) {
      hurt();
      cluster_.run(static_cast<int64_t>(random_.below(8000)) * kMillisecond);
      watch();
    }
    stop_faults();
    const bool healed = cluster_.run_until(60 * kSecond, [&] { return cluster_.complete() && one_protocol(); });
    watch();
    if (!healed) absl::StrAppend(&breach_, "not one list a minute after the faults; ");
    return breach_;
  }

 private:
  std::vector<size_t> seeds() { return {0, cluster_.nodes.size() / 2}; }
  bool out(size_t node) { return cluster_[node].view()->presence == Presence::kOut; }

  void hurt() {
    const size_t node = random_.below(cluster_.nodes.size());
    switch (random_.below(12)) {
      case 0:
        return cluster_.crash(node);
      case 1:
      case 2:
        if (!cluster_.lives(node)) cluster_.boot(node, seeds());
        return;
      case 3:
        if (cluster_.lives(node)) cluster_.pause(node);
        return;
      case 4:
        return cluster_.resume(node);
      case 5:
        return cluster_.split(1 + random_.below(cluster_.nodes.size() - 1));
      case 6:
        cluster_.blocked.insert({node, random_.below(cluster_.nodes.size())});
        return;
      case 7:
        return cluster_.heal();
      case 8:
        cluster_.loss = static_cast<double>(random_.below(7)) / 10;
        return;
      case 9:
        cluster_.most_delay_ns = static_cast<int64_t>(1 + random_.below(80)) * kMillisecond;
        return;
      case 10:
        return come_or_go(node);
      case 11:
        if (!cluster_.lives(node) || out(node)) return;
        (void)cluster_[node].switch_protocol(cluster_.now_ns,
                                             {random_.coin() ? Detector::kPing : Detector::kGossip, random_.coin()});
        return cluster_.settle(node);
    }
  }

  void come_or_go(size_t node) {
    if (!cluster_.lives(node) || cluster_.nodes[node].paused) return;
    if (out(node)) {
      (void)cluster_[node].join(cluster_.now_ns,
                                {cluster_.nodes[seeds()[0]].address, cluster_.nodes[seeds()[1]].address});
    } else {
      (void)cluster_[node].leave(cluster_.now_ns);
    }
    cluster_.settle(node);
  }

  void stop_faults() {
    cluster_.heal();
    cluster_.loss = 0;
    cluster_.most_delay_ns = 2 * kMillisecond;
    for (size_t node = 0; node < cluster_.nodes.size(); ++node) cluster_.resume(node);
    for (const size_t seed : seeds()) {
      if (!cluster_.lives(seed)) cluster_.boot(seed, seeds());
    }
    cluster_.run(2 * kSecond);
    for (const size_t seed : seeds()) {
      if (out(seed)) come_or_go(seed);
    }
  }

  bool one_protocol() {
    std::optional<Protocol> protocol;
    for (size_t node = 0; node < cluster_.nodes.size(); ++node) {
      if (!cluster_.lives(node) || out(node)) continue;
      if (protocol && *protocol != cluster_[node].view()->protocol) return false;
      protocol = cluster_[node].view()->protocol;
    }
    return true;
  }

  // One list over time: a higher id, or a later state of the same one.
  void watch() {
    for (size_t by = 0; by < cluster_.nodes.size(); ++by) {
      if (!cluster_.lives(by)) continue;
      const auto view = cluster_[by].view();
      for (const ListedMember& listed : view->members) {
        const auto key = std::pair(cluster_.nodes[by].disk, std::pair(by, listed.member.id.node));
        Member& before = seen_.try_emplace(key, listed.member).first->second;
        if (listed.member.id.generation < before.id.generation) absl::StrAppend(&breach_, "an old id came back; ");
        const bool same = listed.member.id == before.id;
        if (same && outranks(before.standing, listed.member.standing)) absl::StrAppend(&breach_, "a state went back; ");
        before = listed.member;
      }
    }
  }

  io::SimRandom random_;
  VirtualCluster cluster_;
  std::map<std::pair<Generation, std::pair<size_t, Uuid>>, Member> seen_;
  std::string breach_;
};

TEST(Chaos, EveryClusterBecomesOneAgainAndNoIdComesBack) {
  std::map<Event::Kind, size_t> happened;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Chaos chaos(seed);
    EXPECT_EQ(chaos.run(), "") << "seed " << seed;
    for (const Event::Kind kind : {Event::Kind::kLeft, Event::Kind::kRefuted, Event::Kind::kFailed,
                                   Event::Kind::kReplaced, Event::Kind::kReborn, Event::Kind::kSwitched}) {
      happened[kind] += chaos.count(kind);
    }
  }
  for (const auto& [kind, times] : happened) EXPECT_GT(times, 40u) << event_name(kind);
}

TEST(Chaos, SeedsThatFoundSomething) {
  for (const uint64_t seed : {1051, 3076}) EXPECT_EQ(Chaos(seed).run(), "") << "seed " << seed;
}
}  // namespace
}  // namespace rs::membership
