// Every step that some rule or fault allows in a state.
#pragma once
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/model/move.h"
#include "sim/model/world.h"
#include "sim/outcome.h"

namespace rs::sim::model {
struct Step {
  World world;
  std::string words;  // only if they were asked for
};

class Steps {
 public:
  // `deeper` is added to the bounds on views and log.
  Steps(const World& from, const Configuration& configuration, int deeper, bool in_words);
  std::vector<Step> take() { return std::move(steps_); }

 private:
  template <class Action, class... Words>
  void attempt(const Action& action, const Words&... words);
  void of_node(int n);
  void requests(int n);
  void replication(int n);
  void appends(int n);
  void doubt(int n);
  void views(int n);
  void proposals(int n);
  void propose(int n, unsigned keep, bool with_learner);
  void copies(int n);
  void reads(int n);
  void faults(int n);
  void bad_records(int n);
  void scrub(int n, hydfs::LogIndex inside);
  void late();
  bool may_use(Fault fault) const { return world_.left[fault] > 0; }
  std::string members(unsigned mask) const;

  const World& world_;
  const Configuration& configuration_;
  const int most_views_, most_log_;
  const bool in_words_;
  std::vector<Step> steps_;
};
// The action says whether anything happened. An assertion of the code that fails is a broken promise too.
template <class Action, class... Words>
void Steps::attempt(const Action& action, const Words&... words) {
  Move move(world_, configuration_);
  Step step{world_, {}};
  try {
    if (!action(move)) return;
    step.world = move.finish();
  } catch (const CheckFailure& failure) {
    step.world.bad = failure.what;
  } catch (const std::exception& failure) {
    step.world.bad = absl::StrCat("the code ends with ", failure.what());
  }
  if (in_words_) step.words = absl::StrCat(words...);
  steps_.push_back(std::move(step));
}
}  // namespace rs::sim::model
