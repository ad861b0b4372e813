// What must hold for the list of one life after each of its steps, and for its log and its counters.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/cluster/life.h"
#include "sim/invariants.h"

namespace rs::sim {
class ListWatch {
 public:
  ListWatch(Verdict* verdict, std::string name, Uuid node) : verdict_(*verdict), name_(std::move(name)), node_(node) {}

  void joined_anew();  // the list begins anew
  bool look(const membership::MemberView& view,
            const std::vector<membership::Event>& events);  // whether the list has changed
  void look_at_counters(const membership::Metrics& metrics, const Carried& carried);

 private:
  struct Living {
    membership::Generation generation;
    bool suspect = false;
    bool operator==(const Living&) const = default;
  };
  struct Known {
    membership::Generation newest;
    std::optional<membership::Generation> ended;
  };
  using List = std::map<Uuid, Living>;
  void read_log(const membership::Event& event);
  List read_list(const membership::MemberView& view);
  void breach(Invariant invariant, const std::string& detail);

  Verdict& verdict_;
  const std::string name_;
  const Uuid node_;
  uint64_t view_number_ = 0;
  std::map<Uuid, Known> known_;
  List logged_;  // what a reader of the log takes for living
  membership::MemberId self_;
  membership::Refutation refutation_;
};
}  // namespace rs::sim
