// What happened to members since this node started: the newest events, and each suspicion with its outcome. Pure; it
// belongs to the node's loop.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "membership/event.h"
#include "membership/view.h"
#include "node/node_service.h"

namespace rs {
NodeInfo node_info(const membership::Member& member, int64_t updated_wall_ns);

class MemberBook {
 public:
  static constexpr size_t kEvents = 4096, kSuspicions = 1024;  // the newest that are kept

  const MemberEvent& add(const membership::Event& event, int64_t wall_ns);
  uint64_t last() const { return last_; }  // 0: none
  std::vector<MemberEvent> events_after(uint64_t sequence) const;
  std::vector<Suspicion> suspicions(bool all) const;

 private:
  void note_suspicion(const membership::Event& event, const MemberEvent& told);

  uint64_t last_ = 0;
  std::deque<MemberEvent> events_;
  std::deque<Suspicion> suspicions_;
};
}  // namespace rs
