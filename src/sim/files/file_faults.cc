#include "sim/files/file_faults.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "base/check.h"

namespace rs::sim {
namespace {
constexpr int64_t kDiskPauseNs = 20'000'000'000;  // copies are made again meanwhile
constexpr const char* kNames[] = {"crash",     "crash_at", "crash_all", "power_loss", "pause", "split",
                                  "one_way",   "cut_meta", "meta_down", "new_disk",   "flip",  "sync_error",
                                  "slow_disk", "rumour",   "join",      "compact"};
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
  if (!cluster_.lives(node) && name != "flip" && name != "power_loss" && name != "meta_down" && name != "compact")
    return;
  ++counts_[name];
  io::SimWorld& world = cluster_.world();
  if (name == "crash") return crash(node);
  if (name == "crash_at") return world.disk.crash_at_operation(cluster_.life(node).process(), 1 + random_.below(20));
  if (name == "pause") return cluster_.pause(node, random_.coin() ? ns : between_ms(10, 400));
  if (name == "rumour") return cluster_.rumour(node, ns);
  if (name == "compact") return cluster_.meta().compact();
  if (name == "sync_error" || name == "flip" || name == "new_disk") {
    if (name == "new_disk") return take_disk();
    return flip();
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
    return heal_later(ns, [this] { cluster_.world().disk.latency().factor = 1; });
  }
  if (name == "join") return cluster_.boot(cluster_.add());
}

// One disk at a time, and only while all others live: two at once may be more than is promised.
void FileFaults::take_disk() {
  const int64_t now = cluster_.world().clock.now_ns();
  if (now < disk_safe_ns_ || cluster_.living().size() < cluster_.size() || !watch_.unlike().empty()) {
    --counts_["new_disk"];
    return;
  }
  disk_safe_ns_ = now + kDiskPauseNs;
  const size_t node = some_node();
  watch_.hurt(node);
  cluster_.new_disk(node);
  cluster_.later(between_ms(100, 5'000), [this, node] { cluster_.boot(node); });
}

// A bit of one file of one node flips while the node is down; as with disks, one at a time.
void FileFaults::flip() {
  const int64_t now = cluster_.world().clock.now_ns();
  if (now < disk_safe_ns_ || cluster_.living().size() < cluster_.size() || !watch_.unlike().empty()) {
    return;
  }
  disk_safe_ns_ = now + kDiskPauseNs;
  const size_t node = some_node();
  watch_.hurt(node);
  cluster_.crash(node);
  std::vector<std::string> files;
  for (const std::string& path : cluster_.world().disk.files())
    if (absl::StartsWith(path, cluster_.home(node).folder + "/") && !cluster_.world().disk.contents(path).empty())
      files.push_back(path);
  const std::string path = random_.pick(files);
  const size_t size = cluster_.world().disk.contents(path).size();
  cluster_.world().disk.flip(path, random_.below(size), static_cast<uint32_t>(random_.below(8)));
  ++counts_["bits flipped"];
  cluster_.later(between_ms(100, 3'000), [this, node] { cluster_.boot(node); });
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
