#include "sim/random_shape.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace rs::sim {
namespace {
using Kind = StageSpec::Kind;

class Drawer {
 public:
  Drawer(const Workload& workload, uint64_t seed) : drawn_(workload), random_(seed, "shape") {}

  Workload draw() {
    add(Kind::kSource, pick({"identity", "grep", "replace"}), 3);
    for (uint64_t left = drawn_.knob("stages").draw(&random_); left > 0; --left) add_stage();
    const size_t stages = drawn_.stages.size();
    for (size_t s = 0; s < stages; ++s) {
      if (!feeds_[s] || random_.below(6) == 0) add_sink(s);
    }
    return std::move(drawn_);
  }

 private:
  std::string pick(std::vector<std::string> from) { return random_.pick(from); }

  // What the stages behind must know of a stage's output.
  void add(Kind kind, const std::string& what, uint64_t most_tasks) {
    drawn_.stages.push_back(
        {absl::StrCat(what, drawn_.stages.size()), kind, what, static_cast<uint32_t>(random_.between(1, most_tasks))});
    at_end_.push_back(kind == Kind::kFold);
    transparent_.push_back(kind == Kind::kSource || kind == Kind::kLines);
    feeds_.push_back(false);
  }

  void connect(size_t from) {
    const size_t to = drawn_.stages.size() - 1;
    const bool first =
        std::none_of(drawn_.edges.begin(), drawn_.edges.end(), [&](const auto& e) { return e.to == to; });
    drawn_.edges.push_back({from, to});
    feeds_[from] = true;
    if (drawn_.stages[to].kind != Kind::kFold) at_end_[to] = at_end_[from] && (first || at_end_[to]);
    transparent_[to] = transparent_[to] && transparent_[from] && first;  // fan-in does not keep the order
  }

  void add_stage() {
    const size_t before = drawn_.stages.size();
    switch (random_.below(4)) {
      case 0:
        add(Kind::kFold, pick({"count", "words"}), 2);
        break;
      case 1:
        add(Kind::kProgram, pick({"cat", "upper"}), 2);
        break;
      default:
        add(Kind::kLines, pick({"identity", "grep", "replace"}), 2);
    }
    const size_t one = random_.coin() ? before - 1 : random_.below(before);
    connect(one);
    const size_t other = random_.below(before);
    if (other != one && random_.below(3) == 0) connect(other);
  }

  // E12a: bytes are left out only where all is TRANSPARENT and in order; a result appears whole only if all of it comes
  // at the end.
  void add_sink(size_t from) {
    std::string mode = "append";
    if (at_end_[from] && random_.coin()) mode = "final";
    if (transparent_[from] && random_.below(3) > 0) mode = "lean";
    drawn_.stages.push_back({absl::StrCat("sink", drawn_.stages.size()), Kind::kSink, mode, 1});
    at_end_.push_back(false);
    transparent_.push_back(true);
    feeds_.push_back(false);
    connect(from);
  }

  Workload drawn_;
  io::SimRandom random_;
  std::vector<bool> at_end_, transparent_, feeds_;
};
}  // namespace

Workload with_shape(const Workload& workload, uint64_t seed) {
  return workload.stages.empty() ? Drawer(workload, seed).draw() : workload;
}
}  // namespace rs::sim
