#include "sim/cluster/cluster_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::sim {
using membership::Event;
using membership::MemberId;

namespace {
constexpr int64_t kAfterwards = 10 * kSec;  // what was begun in one mode may end in another

// "suspected for 812 ms by n3": of whom alone, and for how long.
std::optional<int64_t> lone_suspicion_ms(const std::string& detail) {
  const std::string kBefore = "suspected for ";
  if (!absl::StartsWith(detail, kBefore) || absl::StrContains(detail, ", ")) return std::nullopt;
  int64_t ms = 0;
  const std::string number = detail.substr(kBefore.size(), detail.find(' ', kBefore.size()) - kBefore.size());
  return absl::SimpleAtoi(number, &ms) ? std::optional(ms) : std::nullopt;
}
}  // namespace

ClusterWatch::ClusterWatch(Cluster* cluster, Verdict* verdict) : cluster_(*cluster), verdict_(*verdict) {
  cluster->stepped = [this](Life& life, const std::vector<Event>& events) { stepped(life, events); };
  cluster->made_durable = [this](Life& life, membership::Generation before) { made_durable(life, before); };
  cluster->dying = [this](Life& life) { dying(life); };
  cluster->joining = [this](Life& life) {
    list_of(life).joined_anew();
    joined_ns_[life.process()] = cluster_.world().clock.now_ns();
  };
}

MemberId ClusterWatch::id_of(const Life& life, membership::Generation generation) const {
  return {life.node(), life.home().address, generation};
}

void ClusterWatch::made_durable(Life& life, membership::Generation before) {
  const membership::Generation after = life.home().durable;
  if (after <= before) {
    verdict_.breach(Invariant::kGeneration, absl::StrCat(life.name(), ": ", after.value, " onto its disk"));
  }
  const auto old = book_.find(id_of(life, before));
  if (old != book_.end()) old->second.died = true;
  book_[id_of(life, after)] = {.name = life.name()};
}

void ClusterWatch::dying(Life& life) {
  const auto id = book_.find(id_of(life, life.home().durable));
  if (id != book_.end()) id->second.died = true;
  list_of(life).look_at_counters(life.metrics(), life.carried());
  lists_.erase(life.process());
}

bool ClusterWatch::calm() const {
  const int64_t now = cluster_.world().clock.now_ns();
  return calm_from_ns_ <= now && gentle_from_ns_ <= now - kAfterwards;
}

void ClusterWatch::stepped(Life& life, const std::vector<Event>& events) {
  for (const Event& event : events) on_event(life, event);
  const auto view = life.view();
  if (list_of(life).look(*view, events)) look_for_strangers(life);
}

void ClusterWatch::on_event(Life& life, const Event& event) {
  const std::string name = membership::event_name(event.kind);
  cluster_.world().trace.add(
      name, life.home().number + 1,
      absl::StrCat(life.name(), ": ", event.member.name, " ", event.member.id.text(), " ", event.detail));
  ++told_[name];
  const auto entry = book_.find(event.member.id);
  if (entry == book_.end()) return verdict_.breach(Invariant::kStranger, "the log tells of " + event.member.id.text());
  if (event.kind == Event::Kind::kSwitched && absl::EndsWith(event.detail, "nosuspect")) {
    gentle_from_ns_ = INT64_MAX;
  }
  if (event.kind == Event::Kind::kLeft && event.member.id.node == life.node())
    entry->second.left_ns = cluster_.world().clock.now_ns();
  if (event.kind == Event::Kind::kFailed) on_failed(life, event, &entry->second);
  for (auto& [victim, exam] : exams_) {
    const bool ends = event.kind == Event::Kind::kFailed || event.kind == Event::Kind::kReplaced;
    if (ends && exam.id == event.member.id)
      exam.known_by.try_emplace(life.home().number, cluster_.world().clock.now_ns());
  }
}

void ClusterWatch::on_failed(Life& life, const Event& event, Fate* fate) {
  const std::string what =
      absl::StrCat(event.member.name, " ", event.member.id.text(), " by ", life.name(), ": ", event.detail);
  const std::optional<int64_t> alone_ms = lone_suspicion_ms(event.detail);
  const bool first = !std::exchange(fate->called_failed, true);
  if (first && alone_ms && *alone_ms < cluster_.timing().suspicion_long_ns / kMs) {
    verdict_.breach(Invariant::kPatience, what);
  }
  if (fate->died) return;
  if (first && !fate->left_ns) ++false_positives_;
  // This list is younger than the leave: an old datagram may have shown it a leaver of long ago.
  if (fate->left_ns && *fate->left_ns < joined_ns_[life.process()]) return;
  if (calm()) verdict_.breach(fate->left_ns ? Invariant::kLeaveIsNoFailure : Invariant::kFalsePositive, what);
}

void ClusterWatch::look_for_strangers(Life& life) {
  const auto view = life.view();
  for (const membership::ListedMember& listed : view->members) {
    const auto entry = book_.find(listed.member.id);
    if (entry == book_.end() || entry->second.name != listed.member.name) {
      verdict_.breach(Invariant::kStranger, absl::StrCat(listed.member.name, " ", listed.member.id.text()));
    }
  }
}

void ClusterWatch::poll() {
  if (!suspicion_everywhere())
    gentle_from_ns_ = INT64_MAX;
  else if (gentle_from_ns_ == INT64_MAX)
    gentle_from_ns_ = cluster_.world().clock.now_ns();
}

bool ClusterWatch::suspicion_everywhere() {
  for (const size_t node : cluster_.homes(true)) {
    if (!cluster_.life(node).view()->protocol.suspicion) return false;
  }
  return true;
}

bool ClusterWatch::one_protocol() {
  const std::vector<size_t> members = cluster_.members();
  for (const size_t node : members) {
    const auto view = cluster_.life(node).view(), first = cluster_.life(members[0]).view();
    if (view->protocol != first->protocol || view->drop != 0) return false;
  }
  return true;
}

std::string ClusterWatch::untrue() {
  const std::vector<size_t> members = cluster_.members();
  for (const size_t by : members) {
    Life& life = cluster_.life(by);
    const auto view = life.view();
    if (view->presence != membership::Presence::kIn) return life.name() + " is not in";
    std::map<Uuid, membership::Generation> living;
    for (const membership::ListedMember& listed : view->members) {
      if (!final(listed.member.standing.state)) living[listed.member.id.node] = listed.member.id.generation;
    }
    if (living.size() != members.size()) {
      return absl::StrCat(life.name(), " lists ", living.size(), " living, not ", members.size());
    }
    for (const size_t of : members) {
      const auto listed = living.find(cluster_.life(of).node());
      if (listed == living.end() || listed->second != cluster_.life(of).view()->self.id.generation) {
        return absl::StrCat(life.name(), " does not list ", cluster_.life(of).name());
      }
    }
  }
  return one_protocol() ? "" : "not one protocol";
}

void ClusterWatch::begin_exam(const std::vector<size_t>& victims) {
  for (const size_t victim : victims) {
    exams_[victim] = {cluster_.world().clock.now_ns(), cluster_.life(victim).view()->self.id, {}};
  }
}

Detection ClusterWatch::detection(size_t victim) const {
  const Exam& exam = exams_.at(victim);
  Detection detection;
  bool all = true;
  int64_t last = 0;
  for (const size_t node : cluster_.members()) {
    const auto known = exam.known_by.find(node);
    all = all && known != exam.known_by.end();
    if (known == exam.known_by.end()) continue;
    const int64_t took = known->second - exam.at_ns;
    detection.first_ns = std::min(detection.first_ns.value_or(INT64_MAX), took);
    last = std::max(last, took);
  }
  if (all) detection.all_ns = last;
  return detection;
}

ListWatch& ClusterWatch::list_of(const Life& life) {
  return lists_.try_emplace(life.process(), &verdict_, life.name(), life.node()).first->second;
}

void ClusterWatch::end() {
  for (const size_t node : cluster_.homes(true)) {
    Life& life = cluster_.life(node);
    list_of(life).look_at_counters(life.metrics(), life.carried());
  }
}
}  // namespace rs::sim
