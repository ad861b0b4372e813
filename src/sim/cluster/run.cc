#include "sim/cluster/run.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "sim/cluster/cluster.h"
#include "sim/cluster/cluster_watch.h"
#include "sim/cluster/faults.h"

namespace rs::sim {
namespace {
constexpr int64_t kPoll = 100 * kMs;
constexpr int64_t kSettle = 30 * kSec, kQuiet = 12 * kSec;
constexpr size_t kPromised = 20;  // nodes, up to which times are promised
constexpr int64_t kFirst = 3 * kSec, kAll = 6 * kSec;

// Of N nodes, and all may be well after that time.
int64_t convergence_limit(size_t nodes) { return 60 * kSec + static_cast<int64_t>(nodes) * kSec; }
// What one node may send, exchanges too, while nothing happens. Gossip tells of all members at once.
uint64_t bytes_a_second(membership::Detector detector, size_t nodes) {
  return detector == membership::Detector::kGossip ? 500 + 200 * nodes : 500 + 40 * nodes;
}

class ClusterRun {
 public:
  ClusterRun(const ClusterWorkload& workload, uint64_t seed, const TraceLine& trace)
      : workload_(workload), world_(seed), knobs_(seed, "knobs") {
    if (trace) world_.trace.print_to(trace);
  }

  Outcome go() {
    make();
    if (!converges("after all were started")) return outcome();
    if (knob("introducers_gone") > 0) {
      for (size_t node = 0; node < cluster_->introducers(); ++node) cluster_->crash(node);
      if (!converges("after the introducers died")) return outcome();
    }
    const auto weather_ns = static_cast<int64_t>(knob("weather_s")) * kSec;
    faults_->begin(weather_ns);
    run(weather_ns);
    world_.trace.add("mend", 0);
    faults_->mend();
    mended_ = true;
    run(std::max<int64_t>(0, cluster_->paused_until_ns() - world_.clock.now_ns()));
    if (!converges("after all was mended")) return outcome();
    quiet();
    exam();
    if (!verdict_.first()) watch_->end();
    finished_ = !verdict_.first();
    return outcome();
  }

  Outcome outcome() {
    Outcome out{.breach = verdict_.first(),
                .finished = finished_,
                .trace_hash = world_.trace.hash(),
                .steps = world_.scheduler.steps(),
                .virtual_ns = world_.clock.now_ns()};
    count(&out);
    return out;
  }
  Verdict& verdict() { return verdict_; }

 private:
  uint64_t knob(const char* name) { return workload_.knob(name).draw(&knobs_); }

  void make() {
    const size_t nodes = knob("nodes"), newcomers = knob("newcomers");
    ClusterOptions options{.introducers = std::min<size_t>(knob("introducers"), nodes), .drift_ppm = knob("drift_ppm")};
    options.protocol.detector = knob("gossip") > 0 ? membership::Detector::kGossip : membership::Detector::kPing;
    options.protocol.suspicion = knob("suspicion") > 0;
    if (const auto round_ns = static_cast<int64_t>(knob("round_ms")) * kMs; round_ns > 0) {
      options.timing.ping_round_ns = options.timing.gossip_round_ns = round_ns;
    }
    cluster_.emplace(&world_, options);
    watch_.emplace(&*cluster_, &verdict_);
    for (size_t i = 0; i < nodes + newcomers; ++i) cluster_->add();
    faults_.emplace(workload_, &*cluster_, &*watch_);
    for (size_t i = 0; i < nodes; ++i) {
      cluster_->later(static_cast<int64_t>(knobs_.below(2 * kSec)), [this, i] { cluster_->boot(i); });
    }
    run(2 * kSec);
  }

  bool over() const { return verdict_.first().has_value(); }

  void run(int64_t ns) {
    const int64_t end_ns = world_.clock.now_ns() + ns;
    bool ended = false;
    world_.scheduler.post(end_ns, [&ended] { ended = true; });
    while (!ended && !over()) {
      world_.scheduler.step();
      if (world_.clock.now_ns() < next_poll_ns_) continue;
      next_poll_ns_ = world_.clock.now_ns() + kPoll;
      watch_->poll();
      if (mended_) faults_->stop_dropping();
    }
  }

  bool converges(const std::string& when) {
    const int64_t began_ns = world_.clock.now_ns();
    const int64_t limit_ns = began_ns + convergence_limit(cluster_->size());
    while (!over() && !watch_->converged()) {
      if (world_.clock.now_ns() > limit_ns) {
        verdict_.breach(watch_->one_protocol() ? Invariant::kConverges : Invariant::kOneProtocol,
                        absl::StrCat(when, ": ", watch_->untrue()));
      }
      run(kPoll);
    }
    world_.trace.add("converged", 0, when);
    at_most("s until all lists were true", static_cast<uint64_t>((world_.clock.now_ns() - began_ns) / kSec));
    return !over();
  }

  // What a node sends while nothing happens: when exchanges have told all of the dead too, and for long enough to hold
  // some of them.
  void quiet() {
    std::map<size_t, uint64_t> before;
    run(kSettle);
    for (const size_t node : cluster_->members()) before[node] = sent(node);
    run(kQuiet);
    for (const auto& [node, bytes] : before) {
      if (over() || !cluster_->lives(node)) return;
      const uint64_t rate = (sent(node) - bytes) / (kQuiet / kSec);
      const membership::Detector detector = cluster_->life(node).view()->protocol.detector;
      const bool gossips = detector == membership::Detector::kGossip;
      at_most(absl::StrCat("bytes/s of a quiet node that ", gossips ? "gossips" : "pings"), rate);
      if (rate <= bytes_a_second(detector, before.size())) continue;
      verdict_.breach(Invariant::kBytes, absl::StrCat(rate, " bytes/s by one of ", before.size()));
    }
  }

  void at_most(const std::string& name, uint64_t value) { most_[name] = std::max(most_[name], value); }

  uint64_t sent(size_t node) {
    const membership::Metrics& metrics = cluster_->life(node).metrics();
    return metrics.bytes_out + metrics.exchange_bytes_out;
  }

  void exam() {
    if (over()) return;
    std::vector<size_t> members = cluster_->members();
    if (members.size() < 2) return;  // nobody would be left to see it
    std::vector<size_t> victims;
    const size_t most = members.size() > 3 ? members.size() - 2 : 1;
    for (size_t left = std::min<size_t>(knob("victims"), most); left > 0; --left) {
      const size_t at = knobs_.below(members.size());
      victims.push_back(members[at]);
      members.erase(members.begin() + static_cast<int64_t>(at));
    }
    const bool promised = cluster_->members().size() <= kPromised;
    watch_->begin_exam(victims);
    for (const size_t victim : victims) cluster_->crash(victim);
    run(kAll + kPoll);
    for (const size_t victim : victims) {
      if (over()) return;
      const Detection found = watch_->detection(victim);
      if (found.first_ns)
        at_most("ms until a crash is in the first list", static_cast<uint64_t>(*found.first_ns / kMs));
      if (found.all_ns) at_most("ms until it is in all", static_cast<uint64_t>(*found.all_ns / kMs));
      if (!promised || (found.first_ns.value_or(INT64_MAX) <= kFirst && found.all_ns.value_or(INT64_MAX) <= kAll))
        continue;
      const auto shown = [](const std::optional<int64_t>& ns) { return ns ? absl::StrCat(*ns / kMs, " ms") : "never"; };
      verdict_.breach(Invariant::kInTime, absl::StrCat("first ", shown(found.first_ns), ", all ", shown(found.all_ns)));
    }
    converges("after the last exam");
  }

  void count(Outcome* out) {
    std::map<std::string, uint64_t>* counts = &out->counts;
    if (!faults_) return;
    for (const auto& [name, n] : faults_->counts()) (*counts)["fault " + name] = n;
    for (const auto& [name, n] : watch_->told()) (*counts)["told " + name] = n;
    const io::WireCounts& wire = cluster_->wire().counts();
    (*counts)["datagrams"] = wire.datagrams;
    (*counts)["datagrams lost"] = wire.lost;
    (*counts)["datagrams repeated"] = wire.repeated;
    (*counts)["datagrams late"] = wire.late;
    (*counts)["datagrams blocked"] = wire.blocked;
    (*counts)["exchanges broken"] = wire.breaks;
    (*counts)["false positives"] = watch_->false_positives();
    out->most = most_;
  }

  const ClusterWorkload workload_;
  io::SimWorld world_;
  io::SimRandom knobs_;
  Verdict verdict_;
  std::optional<Cluster> cluster_;
  std::optional<ClusterWatch> watch_;
  std::optional<ClusterFaults> faults_;
  int64_t next_poll_ns_ = 0;
  std::map<std::string, uint64_t> most_;
  bool mended_ = false, finished_ = false;
};
}  // namespace

Outcome run_cluster(const ClusterWorkload& workload, uint64_t seed, const TraceLine& trace) {
  ClusterRun run(workload, seed, trace);
  return outcome_of(&run);
}
}  // namespace rs::sim
