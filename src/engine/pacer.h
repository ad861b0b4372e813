// The pacer (E1): deals splits to the sources of a job and closes job-wide epochs. A pure state machine; the first
// source task owns it, logs what it decides and tells the others.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/graph.h"
#include "engine/task_log.h"

namespace rs {
class Pacer {
 public:
  struct Plan {                       // an epoch
    std::vector<SourceShare> shares;  // for each source
    int64_t time_ns = 0;
    bool closed = false;   // by close()
    bool durable = false;  // its record is: the sources may be told
    bool final = false;
  };

  Pacer(size_t sources, const SourcePolicy& policy, SplitDealer dealer);
  void restore(const SourceRecord& record);  // from the log, in order

  Epoch open() const { return open_; }
  bool input_done() const { return input_done_; }
  bool ended() const { return ended_; }
  // The next split for a source, of the open epoch. nullopt: the input is dealt out, or close() is due first.
  std::optional<Split> deal(size_t source, int64_t now_ns);
  Split add(uint32_t file, uint64_t begin, uint64_t end, int64_t now_ns);  // the pacer made a split itself (live)
  void end_input() { input_done_ = true; }                                 // live: nothing will come any more

  // `live`: the job waits for its input or for the rate. `settled`: the previous commit is durable.
  bool due(int64_t now_ns, bool live, bool settled) const;
  int64_t due_at(bool live) const;      // when the age alone will make it due; 0: nothing is open
  SourceRecord close(int64_t wall_ns);  // of the open epoch; opens the next
  void durable(Epoch epoch) { plans_.at(epoch).durable = true; }

  const Plan* plan(Epoch epoch) const;
  void forget(Epoch up_to);  // recorded by all sources, acknowledged by all receivers
  uint64_t next_number() const { return next_number_; }
  const std::optional<Split>& last_split() const { return last_split_; }

 private:
  Plan& opened(int64_t now_ns);
  void retire();

  SourcePolicy policy_;
  SplitDealer dealer_;
  std::vector<bool> retired_;  // sources that will get no further split
  std::map<Epoch, Plan> plans_;
  Epoch open_{1};
  bool first_ = true;  // of this start: closes early, so that output shows soon
  bool input_done_ = false;
  bool ended_ = false;  // the final epoch is closed
  uint64_t bytes_ = 0;  // dealt in the open epoch
  int64_t opened_ns_ = 0, last_time_ns_ = 0;
  uint64_t next_number_ = 0;
  std::optional<Split> last_split_;
};
}  // namespace rs
