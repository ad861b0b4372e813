// Decides for one replica when to suspect, to ask, to copy, to swap: the policy beside the rules. It sees time and the
// hints of membership; the replica checks each decision (replica.h), so that nothing here can lose data.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hydfs/replica.h"

namespace rs::hydfs {
struct KeeperTiming {
  int64_t probe_ns = 50'000'000;         // until a question to a peer is said again
  int64_t ask_ns = 50'000'000;           // between two inquiries
  int64_t propose_ns = 300'000'000;      // until a swap that nothing came of is proposed again
  int64_t slow_ns = 1'500'000'000;       // a member that acknowledges nothing for so long is swapped out (H11)
  int64_t copy_ns = 3'000'000'000;       // a learner that takes nothing for so long is given up
  int64_t stagger_ns = 250'000'000;      // the second member waits so much longer than the first to take over
  int64_t unreachable_ns = 150'000'000;  // no connection can be had for so long: as good as dead
  int64_t stray_ns = 1'000'000'000;      // H14: until a replica that is in no view goes
};

// What a node sees around it. Hints.
struct Around {
  int64_t now_ns = 0;
  size_t copies = 3;
  std::vector<Uuid> targets;                                 // living nodes, in the order of placement
  std::function<bool(const Uuid&)> alive;                    // by membership
  std::function<int64_t(const Uuid&)> unreachable_since_ns;  // INT64_MAX: it can be reached, or nobody tried
};

class Keeper {
 public:
  explicit Keeper(const KeeperTiming& timing) : timing_(timing) {}
  // Decides what is due. The next time to be called, if nothing else happens.
  int64_t tick(Replica* replica, const Around& around);
  void touch_lost() { doubts_primary_ = true; }  // a connection ended: does the primary still lead?
  // What the group waits for, for people; empty: nothing.
  const std::string& waits_for() const { return waits_for_; }

 private:
  bool bad(const Replica& replica, const Around& around, const Uuid& node);
  bool bad_member(const Replica& replica, const Around& around, const Uuid& node);
  bool due(int64_t* last_ns, int64_t now_ns, int64_t pause_ns);
  void lead(Replica* replica, const Around& around);
  void keep_in_touch(Replica* replica, const Around& around);
  void improve(Replica* replica, const Around& around, const std::set<Uuid>& bad_ones);
  void copy(Replica* replica, const Around& around);
  void tend_learner(Replica* replica, const Around& around, std::set<Uuid> keep);
  bool wanted(const Around& around, const Uuid& node) const;  // H14: one of the first n
  std::optional<Uuid> newcomer(const Replica& replica, const Around& around) const;
  void follow(Replica* replica, const Around& around);
  bool primary_gone(Replica* replica, const Around& around);
  void take_over(Replica* replica, const Around& around);
  void recover(Replica* replica, const Around& around);
  void propose(Replica* replica, const Around& around, const std::set<Uuid>& keep, bool with_learner);

  struct Progress {
    LogIndex acked;
    uint64_t round = 0;
    int64_t since_ns = 0;
    int64_t probed_ns = 0;
  };
  const KeeperTiming timing_;
  ViewNumber view_;
  std::map<Uuid, Progress> progress_;
  int64_t asked_ns_ = 0, proposed_ns_ = 0, copy_ns_ = 0, recovered_ns_ = 0;
  int64_t trouble_since_ns_ = 0, stray_since_ns_ = 0, mismatch_since_ns_ = 0;  // 0: none
  bool doubts_primary_ = true;  // it may have restarted: ask whether it leads
  std::string waits_for_;
};
}  // namespace rs::hydfs
