#include "sim/model/search.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/check_observer.h"
#include "sim/model/promises.h"
#include "sim/model/recover.h"
#include "sim/model/spy.h"
#include "sim/model/steps.h"
#include "sim/outcome.h"

namespace rs::sim::model {
namespace {
// A set of prints: open addressing, 0 is a free place.
class Seen {
 public:
  bool insert(uint64_t print) {
    if (used_ * 2 > places_.size()) grow();
    size_t i = print & (places_.size() - 1);
    while (places_[i] != 0 && places_[i] != print) i = (i + 1) & (places_.size() - 1);
    if (places_[i] == print) return false;
    places_[i] = print;
    ++used_;
    return true;
  }

 private:
  void grow() {
    const std::vector<uint64_t> old = std::exchange(places_, std::vector<uint64_t>(places_.size() * 2));
    used_ = 0;
    for (const uint64_t print : old)
      if (print != 0) insert(print);
  }
  std::vector<uint64_t> places_ = std::vector<uint64_t>(1 << 16);
  size_t used_ = 0;
};

class Judge {
 public:
  Judge(const Configuration& configuration, const Bounds& bounds) : configuration_(configuration), bounds_(bounds) {}
  std::string operator()(const World& world) {
    std::string broken = broken_promise(world, configuration_);
    if (!broken.empty() || world.beyond || !bounds_.liveness) return broken;
    if (!recovered_.insert(print_of_core(world, configuration_))) return "";
    const Recovery recovery = recover(world, configuration_);
    losses_ += recovery.data_loss && recovery.stuck.empty();
    return recovery.stuck;
  }
  uint64_t losses() const { return losses_; }

 private:
  const Configuration& configuration_;
  const Bounds& bounds_;
  Seen recovered_;  // states whose end is known, without what is under way in them
  uint64_t losses_ = 0;
};

class Listening {  // to failed assertions
 public:
  Listening() : before_(std::exchange(check_observer, throw_failure)) {}
  ~Listening() { check_observer = before_; }
  Listening(const Listening&) = delete;

 private:
  const CheckObserver before_;
};

void tell(const Configuration& configuration, const Bounds& bounds, const std::vector<size_t>& path, Finding* finding) {
  World world = initial(configuration);
  for (const size_t choice : path) {
    std::vector<Step> steps = Steps(world, configuration, bounds.deeper, true).take();
    finding->history.push_back(steps[choice].words);
    world = std::move(steps[choice].world);
  }
  finding->picture = picture(world, configuration);
}

class Search {
 public:
  Search(const Configuration& configuration, const Bounds& bounds)
      : configuration_(configuration), bounds_(bounds), judge_(configuration, bounds) {}
  Finding go() {
    World first = initial(configuration_);
    seen_.insert(print_of(first, configuration_));
    from_.push_back({});
    finding_.broken = judge_(first);
    std::vector<World> now;
    now.push_back(std::move(first));
    for (size_t id = 0; !now.empty() && open(); ++finding_.depth) {
      next_.clear();
      known_.clear();
      for (size_t k = 0; k < now.size() && open(); ++k, ++id) follow(now[k], id);
      now.swap(next_);
    }
    finding_.states = from_.size();
    finding_.losses = judge_.losses();
    if (!finding_.broken.empty()) tell(configuration_, bounds_, path(), &finding_);
    return std::move(finding_);
  }

 private:
  struct From {
    uint32_t parent = 0;
    uint32_t choice = 0;
  };
  bool open() {
    if (from_.size() >= bounds_.states) finding_.whole = false;
    return finding_.whole && finding_.broken.empty();
  }
  void follow(const World& world, size_t id) {
    std::vector<Step> steps = Steps(world, configuration_, bounds_.deeper, false).take();
    for (size_t i = 0; i < steps.size() && finding_.broken.empty(); ++i) {
      World& to = steps[i].world;
      if (!seen_.insert(print_of(to, configuration_))) continue;
      from_.push_back({static_cast<uint32_t>(id), static_cast<uint32_t>(i)});
      finding_.broken = judge_(to);
      share(&to);
      next_.push_back(std::move(to));
    }
  }
  // Few nodes differ, though many worlds do.
  void share(World* world) {
    for (int n = 0; n < configuration_.nodes; ++n) {
      std::shared_ptr<const Node>& node = world->nodes[static_cast<size_t>(n)];
      node = known_.try_emplace(node->exact, node).first->second;
    }
  }
  std::vector<size_t> path() const {
    std::vector<size_t> out;
    for (size_t id = from_.size() - 1; id > 0; id = from_[id].parent) out.push_back(from_[id].choice);
    std::reverse(out.begin(), out.end());
    return out;
  }

  const Configuration& configuration_;
  const Bounds& bounds_;
  Judge judge_;
  Seen seen_;
  std::vector<From> from_;  // by the order in which states were found
  std::vector<World> next_;
  std::unordered_map<uint64_t, std::shared_ptr<const Node>> known_;
  Finding finding_;
};

// Faults and new views are rarer than the rest: else a walk is used up by them before anything is replicated.
bool rare(const World& from, const World& to) {
  return from.view != to.view || from.left != to.left || from.record().registered != to.records[from.view].registered;
}
}  // namespace

Finding explore(const Configuration& configuration, const Bounds& bounds) {
  const Listening listening;
  return Search(configuration, bounds).go();
}

Finding walk(const Configuration& configuration, const Bounds& bounds, uint64_t seed,
             const std::function<bool()>& go_on) {
  const Listening listening;
  Judge judge(configuration, bounds);
  Finding finding;
  finding.whole = false;
  uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
  const auto random = [&](size_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return static_cast<size_t>(state % below);
  };
  std::vector<size_t> path;
  while (finding.broken.empty() && go_on()) {
    World world = initial(configuration);
    path.clear();
    while (path.size() < 90 && finding.broken.empty()) {
      std::vector<Step> steps = Steps(world, configuration, bounds.deeper, false).take();
      if (steps.empty()) break;
      size_t choice = random(steps.size());
      for (int again = 0; again < 4 && rare(world, steps[choice].world); ++again) choice = random(steps.size());
      path.push_back(choice);
      world = std::move(steps[choice].world);
      ++finding.states;
      finding.broken = judge(world);
    }
    finding.depth = std::max(finding.depth, static_cast<int>(path.size()));
  }
  finding.losses = judge.losses();
  if (!finding.broken.empty()) tell(configuration, bounds, path, &finding);
  return finding;
}
}  // namespace rs::sim::model
