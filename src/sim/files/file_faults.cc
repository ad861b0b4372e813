#include "sim/files/file_faults.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "base/check.h"

namespace rs::sim {
namespace {
constexpr const char* kNames[] = {"crash",     "crash_at", "crash_all", "power_loss", "pause",       "split",
                                  "one_way",   "cut_meta", "meta_down", "new_disk",   "flip",        "sync_error",
                                  "slow_disk", "rumour",   "join",      "compact",    "learner_disk"};
}  // namespace

FileFaults::FileFaults(const FilesWorkload& workload, FileCluster* cluster, FileWatch* watch)
    : workload_(workload), cluster_(*cluster), watch_(*watch), random_(cluster->world().seed, "file faults") {
  RS_CHECK(cluster->size() > 0, "somebody to harm");
}

void FileFaults::begin(int64_t weather_ns) {
  for (const std::string name : kNames) {
    const uint64_t times = workload_.fault(name).draw(&random_);
    for (uint64_t i = 0; i < times; ++i) {
      const auto at = static_cast<int64_t>(random_.below(static_cast<uint64_t>(weather_ns)));
      cluster_.later(at, [this, name] {
        if (!mended_) strike(name);
      });
    }
  }
}

void FileFaults::heal_later(int64_t ns, std::function<void()> heal) {
  cluster_.later(ns, [this, heal = std::move(heal)] {
    if (!mended_) heal();
  });
}

void FileFaults::crash(size_t node) {
  cluster_.crash(node);
  const int64_t away = random_.coin() ? between_ms(10, 1'000) : between_ms(1'000, 15'000);
  cluster_.later(away, [this, node] { cluster_.boot(node); });
}

void FileFaults::strike(const std::string& name) {
  const size_t node = some_node();
  const int64_t ns = between_ms(100, 8'000);
  static const std::set<std::string> kOfNobody = {"flip",       "new_disk",  "learner_disk",
                                                  "power_loss", "meta_down", "compact"};
  if (!cluster_.lives(node) && kOfNobody.count(name) == 0) return;
  ++counts_[name];
  io::SimWorld& world = cluster_.world();
  if (name == "crash") return crash(node);
  if (name == "crash_at") return world.disk.crash_at_operation(cluster_.life(node).process(), 1 + random_.below(20));
  if (name == "pause") return cluster_.pause(node, random_.coin() ? ns : between_ms(10, 400));
  if (name == "rumour") return cluster_.rumour(node, ns);
  if (name == "compact") return cluster_.meta().compact();
  if (name == "learner_disk") {
    --counts_[name];
    ++learner_disks_;
    return;
  }
  if (name == "sync_error") {
    if (!fail_sync(node)) again(name);
    return;
  }
  if (name == "flip" || name == "new_disk") {
    if (!may_harm()) return again(name);
    return name == "flip" ? flip(node) : take_disk(name, node);
  }
  if (name == "crash_all" || name == "power_loss") {
    if (name == "power_loss") cluster_.power_loss();
    for (size_t each = 0; each < cluster_.size(); ++each) {
      if (cluster_.lives(each)) cluster_.crash(each);
      cluster_.later(between_ms(10, 3'000), [this, each] { cluster_.boot(each); });
    }
    return;
  }
  if (name == "split") {
    std::set<io::HostId> side;
    for (size_t each = 0; each < cluster_.size(); ++each)
      if (random_.coin()) side.insert(cluster_.home(each).host);
    cluster_.wire().split(side);
    return heal_later(ns, [this] { cluster_.wire().heal(); });
  }
  if (name == "one_way") {
    const size_t other = some_node();
    if (other == node) return;
    cluster_.wire().faults(cluster_.home(node).host, cluster_.home(other).host).blocked = true;
    return heal_later(ns, [this] { cluster_.wire().heal(); });
  }
  if (name == "cut_meta") {
    if (cut_off_.insert(node).second) cluster_.meta().cut_off(cluster_.home(node).node);
    return heal_later(ns, [this, node] { reach_meta(node); });
  }
  if (name == "meta_down") {
    if (!std::exchange(meta_down_, true)) cluster_.meta().down();
    return heal_later(ns, [this] { meta_up(); });
  }
  if (name == "slow_disk") {
    world.disk.latency().factor = 100;
    world.disk.latency().below = cluster_.home(node).folder + "/";
    return heal_later(ns, [this] { cluster_.world().disk.latency().factor = 1; });
  }
  if (name == "join") return cluster_.boot(cluster_.add());
}

// Disks are harmed one at a time, and when no group lacks a sound member: so none loses more than is promised.
bool FileFaults::may_harm() { return cluster_.living().size() == cluster_.size() && watch_.weak().empty(); }

void FileFaults::again(const std::string& name) {
  --counts_[name];
  heal_later(between_ms(50, 250), [this, name] { strike(name); });
}

void FileFaults::take_disk(const std::string& name, size_t node) {
  if (flipped_.size() > 1 && flipped_.count(node) == 0) return again(name);  // the one whole disk there may be
  flipped_.erase(node);
  cluster_.new_disk(node);
  cluster_.later(between_ms(100, 5'000), [this, node] { cluster_.boot(node); });
}

void FileFaults::stepped(FileLife& life) {
  if (learner_disks_ == 0 || mended_) return;
  for (const hydfs::GroupId group : life.files().host().groups()) {
    const hydfs::Replica& replica = *life.files().host().replica(group);
    if (!replica.learner() || !replica.learner_caught_up()) continue;
    for (size_t node = 0; node < cluster_.size(); ++node)
      if (cluster_.home(node).node == replica.learner()->node) {
        --learner_disks_;
        return cluster_.later(0, [this, node] { take_learner(node); });
      }
  }
}

void FileFaults::take_learner(size_t node) {
  const bool harmless = cluster_.lives(node) && watch_.would_survive_without(node);
  if (mended_ || !harmless) {
    ++learner_disks_;
    return;
  }
  ++counts_["learner_disk"];
  cluster_.new_disk(node);
  cluster_.later(between_ms(10, 2'000), [this, node] { cluster_.boot(node); });
}

std::vector<std::string> FileFaults::files_of(size_t node) const {
  std::vector<std::string> files;
  for (const std::string& path : cluster_.world().disk.files())
    if (absl::StartsWith(path, cluster_.home(node).folder + "/") && !cluster_.world().disk.contents(path).empty())
      files.push_back(path);
  return files;
}

// While the node is down.
void FileFaults::flip(size_t node) {
  if (flipped_.size() > 1 && flipped_.count(node) == 0) node = *flipped_.begin();
  flipped_.insert(node);
  cluster_.crash(node);
  const std::vector<std::string> files = files_of(node);
  const std::string path = random_.pick(files);
  const size_t size = cluster_.world().disk.contents(path).size();
  cluster_.world().disk.flip(path, random_.below(size), static_cast<uint32_t>(random_.below(8)));
  cluster_.later(between_ms(100, 3'000), [this, node] { cluster_.boot(node); });
}

bool FileFaults::fail_sync(size_t node) {
  std::vector<std::string> segments;
  for (const std::string& path : files_of(node))
    if (absl::StrContains(path, "/hydfs-") && !absl::EndsWith(path, ".index")) segments.push_back(path);
  if (segments.empty()) return false;
  cluster_.world().disk.fail_next_sync(*std::max_element(segments.begin(), segments.end()));
  return true;
}

void FileFaults::reach_meta(size_t node) {
  if (cut_off_.erase(node) > 0) cluster_.meta().mend(cluster_.home(node).node);
}
void FileFaults::meta_up() {
  if (std::exchange(meta_down_, false)) cluster_.meta().up();
}

void FileFaults::mend() {
  mended_ = true;
  cluster_.wire().heal();
  cluster_.wire().usual.breaks = 0;
  meta_up();
  cluster_.meta().faults.lost_ask = cluster_.meta().faults.lost_answer = cluster_.meta().faults.late = 0;
  cluster_.world().disk.latency().factor = 1;
  for (size_t node = 0; node < cluster_.size(); ++node) {
    reach_meta(node);
    cluster_.boot(node);
  }
}
}  // namespace rs::sim
