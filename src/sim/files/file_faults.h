// What goes wrong in a simulated file system, and when. A workload says how many of each a seed may meet; then
// everything is mended.
//
//   crash        a process dies, and comes back after a while
//   crash_at     the same in the middle of a step, between or within two operations of its disk
//   crash_all    all processes die within a moment
//   power_loss   of the whole house: unsynced bytes are gone
//   pause        a process stands still (SIGSTOP), perhaps for longer than it takes to replace it
//   split        two parts do not hear each other, for a while
//   one_way      nothing passes from one node to another
//   cut_meta     a node does not reach the meta store
//   meta_down    nobody does
//   compact      the history of the meta store goes
//   new_disk     a node comes back with an empty disk: one at a time, when every group has its sound members
//   learner_disk the same, of a learner that has caught up, before the swap that lets it in
//   flip         a bit of a file of a dead node; of two nodes at most, for a bit that nobody reads stays flipped
//   sync_error   a fdatasync of a node's newest segment fails, once: the process ends (H16)
//   slow_disk    all operations of one node's disk take 100 times as long for a while
//   rumour       a living node is taken for dead
//   join         a new node comes
#pragma once
#include <map>
#include <set>
#include <string>

#include "sim/files/file_cluster.h"
#include "sim/files/file_watch.h"
#include "sim/files/workload.h"

namespace rs::sim {
class FileFaults {
 public:
  FileFaults(const FilesWorkload& workload, FileCluster* cluster, FileWatch* watch);
  void begin(int64_t weather_ns);
  void mend();
  void stepped(FileLife& life);
  const std::map<std::string, uint64_t>& counts() const { return counts_; }  // that took place

 private:
  void strike(const std::string& name);
  void crash(size_t node);
  bool may_harm();  // the disk of one node, and no group loses more than is promised
  void again(const std::string& name);
  void take_disk(const std::string& name, size_t node);
  void take_learner(size_t node);
  std::vector<std::string> files_of(size_t node) const;
  bool fail_sync(size_t node);
  void reach_meta(size_t node);
  void meta_up();
  void flip(size_t node);
  size_t some_node() { return random_.below(cluster_.size()); }
  int64_t between_ms(uint64_t low, uint64_t high) {
    return static_cast<int64_t>(random_.between(low, high)) * 1'000'000;
  }
  void heal_later(int64_t ns, std::function<void()> heal);

  const FilesWorkload& workload_;
  FileCluster& cluster_;
  FileWatch& watch_;
  io::SimRandom random_;
  std::map<std::string, uint64_t> counts_;
  std::set<size_t> flipped_;    // nodes whose disk has a flipped bit, for all that is known
  uint64_t learner_disks_ = 0;  // that are still to be taken
  std::set<size_t> cut_off_;    // from the meta store
  bool meta_down_ = false, mended_ = false;
};
}  // namespace rs::sim
