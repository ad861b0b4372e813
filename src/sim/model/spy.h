// All that makes a replica what it is, as one number under each renaming of the nodes.
#pragma once
#include "sim/model/world.h"

namespace rs::hydfs {
struct ReplicaSpy {
  static LogIndex matched(const Replica& replica) { return replica.matched_; }
  static bool may_speak(const Replica& replica) { return replica.row_write_ <= replica.durable_writes_; }
  static bool reads(const Replica& replica) { return !replica.reads_.empty(); }
  static const std::optional<LogIndex>& told_end(const Replica& replica) { return replica.end_told_; }
  static uint64_t round_answered(const Replica& replica) { return replica.round_seen_; }
  struct Parts;
};
}  // namespace rs::hydfs

namespace rs::sim::model {
class Print {
 public:
  void add(uint64_t word) {
    value_ = (value_ ^ word) * 0xff51afd7ed558ccd;
    value_ ^= value_ >> 32;
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0x9e3779b97f4a7c15;
};

using Renaming = std::array<uint8_t, kMostNodes>;   // node -> its place
const std::vector<Renaming>& renamings(int nodes);  // node 0 keeps its name; the first one renames nothing
void take_prints(Node* node, const Configuration& configuration);
uint64_t print_of_log(const hydfs::GroupLog& log);
uint64_t print_of(const World& world, const Configuration& configuration);       // the least of all renamings
uint64_t print_of_core(const World& world, const Configuration& configuration);  // without what is under way
}  // namespace rs::sim::model
