// Gossip's evidence: each member counts up, everybody hands on the highest counts it knows, and whose count stands
// still for too long is silent. A member of which nothing was heard since the start (it has just joined, or does not
// gossip yet after a switch) cannot be judged by its silence; it is probed instead.
#pragma once
#include <cstdint>
#include <map>
#include <optional>

#include "membership/member.h"

namespace rs::membership {
class Heartbeats {
 public:
  void start() { heard_.clear(); }  // gossip begins, or begins again
  bool hear(int64_t now_ns, MemberTag member, uint64_t count) {
    const auto [it, fresh] = heard_.try_emplace(member, Beat{count, now_ns});
    if (!fresh && count <= it->second.count) return false;
    it->second = {count, now_ns};
    return true;
  }
  std::optional<uint64_t> count(MemberTag member) const {
    const auto it = heard_.find(member);
    return it == heard_.end() ? std::nullopt : std::optional(it->second.count);
  }
  std::optional<int64_t> last_ns(MemberTag member) const {
    const auto it = heard_.find(member);
    return it == heard_.end() ? std::nullopt : std::optional(it->second.at_ns);
  }
  void forget(MemberTag member) { heard_.erase(member); }
  void postpone(int64_t ns) {  // this node could hear nothing for so long
    for (auto& [member, beat] : heard_) beat.at_ns += ns;
  }

 private:
  struct Beat {
    uint64_t count;
    int64_t at_ns;
  };
  std::map<MemberTag, Beat> heard_;
};
}  // namespace rs::membership
