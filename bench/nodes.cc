// Clusters in virtual time, as figures for bench/nodes.py: how soon crashes are known, how often the living are called
// dead, what a node sends. One line a measurement:
//   detection MODE NODES LOSS% FAILURES FIRST_MS ALL_MS
//   false MODE NODES LOSS% IDS_A_MINUTE
//   bytes MODE NODES BYTES_A_SECOND
// bench_nodes [RUNS]: that many clusters for each point, 20 by default.
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "sim/cluster/cluster.h"
#include "sim/cluster/cluster_watch.h"

namespace rs::sim {
namespace {
using membership::Detector;

struct Mode {
  const char* name;
  membership::Protocol protocol;
};
constexpr Mode kModes[] = {{"ping", {Detector::kPing, false}},
                           {"ping+suspicion", {Detector::kPing, true}},
                           {"gossip", {Detector::kGossip, false}},
                           {"gossip+suspicion", {Detector::kGossip, true}}};

class Trial {
 public:
  Trial(uint64_t seed, size_t nodes, const Mode& mode)
      : world_(seed), random_(seed, "trial"), cluster_(&world_, {.introducers = 1, .protocol = mode.protocol}) {
    for (size_t i = 0; i < nodes; ++i) {
      cluster_.add();
      cluster_.later(static_cast<int64_t>(random_.below(kSec)), [this, i] { cluster_.boot(i); });
    }
    do run(kSec);
    while (!watch_.converged());
  }

  void run(int64_t ns) {
    bool ended = false;
    cluster_.later(ns, [&ended] { ended = true; });
    while (!ended) world_.scheduler.step();
  }

  void lose(int percent) {
    cluster_.wire().usual.loss = percent / 100.0;
    run(10 * kSec + static_cast<int64_t>(random_.below(kSec)));
  }

  Detection crash(size_t failures) {
    std::vector<size_t> victims;
    for (size_t i = 0; i < failures; ++i) victims.push_back(cluster_.size() - 1 - i);
    watch_.begin_exam(victims);
    for (const size_t victim : victims) cluster_.crash(victim);
    run(20 * kSec);
    Detection last;
    for (const size_t victim : victims) {
      const Detection found = watch_.detection(victim);
      last.first_ns = std::max(last.first_ns.value_or(0), found.first_ns.value_or(INT64_MAX));
      last.all_ns = std::max(last.all_ns.value_or(0), found.all_ns.value_or(INT64_MAX));
    }
    return last;
  }

  double false_positives_a_minute(int64_t minutes) {
    const uint64_t before = watch_.false_positives();
    run(minutes * 60 * kSec);
    return static_cast<double>(watch_.false_positives() - before) / static_cast<double>(minutes);
  }

  double bytes_a_second(int64_t seconds) {
    const uint64_t before = sent();
    run(seconds * kSec);
    return static_cast<double>(sent() - before) / static_cast<double>(seconds) / static_cast<double>(cluster_.size());
  }

 private:
  uint64_t sent() {
    uint64_t bytes = 0;
    for (const size_t node : cluster_.members()) {
      const membership::Metrics& metrics = cluster_.life(node).metrics();
      bytes += metrics.bytes_out + metrics.exchange_bytes_out;
    }
    return bytes;
  }

  io::SimWorld world_;
  io::SimRandom random_;
  Verdict verdict_;
  Cluster cluster_;
  ClusterWatch watch_{&cluster_, &verdict_};
};

void measure(const Mode& mode, uint64_t runs) {
  constexpr size_t kNodes = 10;
  for (const int loss : {0, 10}) {
    for (size_t failures = 1; failures <= 5; ++failures) {
      for (uint64_t seed = 1; seed <= runs; ++seed) {
        Trial trial(seed, kNodes, mode);
        trial.lose(loss);
        const Detection found = trial.crash(failures);
        std::printf("detection %s %zu %d %zu %.1f %.1f\n", mode.name, kNodes, loss, failures,
                    static_cast<double>(*found.first_ns) / 1e6, static_cast<double>(*found.all_ns) / 1e6);
      }
    }
  }
  for (int loss = 0; loss <= 60; loss += 10) {
    for (uint64_t seed = 1; seed <= (runs + 3) / 4; ++seed) {
      Trial trial(seed, kNodes, mode);
      trial.lose(loss);
      std::printf("false %s %zu %d %.2f\n", mode.name, kNodes, loss, trial.false_positives_a_minute(2));
    }
  }
  for (const size_t nodes : {2, 5, 10, 20, 30, 40, 50}) {
    Trial trial(1, nodes, mode);
    trial.lose(0);
    std::printf("bytes %s %zu %.0f\n", mode.name, nodes, trial.bytes_a_second(60));
  }
}
}  // namespace
}  // namespace rs::sim

int main(int argc, char** argv) {
  const uint64_t runs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20;
  for (const rs::sim::Mode& mode : rs::sim::kModes) rs::sim::measure(mode, runs);
}
