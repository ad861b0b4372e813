// What must hold for the replicas after every step of any of them (design.md section 10, 1 and 2), and what must have
// come about when faults have stopped.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/files/file_cluster.h"
#include "sim/invariants.h"

namespace rs::sim {
class FileWatch {
 public:
  FileWatch(FileCluster* cluster, Verdict* verdict) : cluster_(*cluster), verdict_(*verdict) {}
  void stepped(size_t node, FileLife& life);
  void died(size_t node) { seen_.erase(node); }

  std::string unlike();                     // what is not yet as it should be when all is quiet; empty: nothing
  std::string weak();                       // which group lacks a sound member; empty: none
  bool would_survive_without(size_t node);  // every group has another sound member beside this node's
  uint64_t views() const;
  uint64_t commits() const;

 private:
  struct Group {
    std::vector<uint64_t> committed;           // hashes of the heads, by index - 1
    std::map<uint64_t, Uuid> commits_in_view;  // who committed
    hydfs::ViewRecord newest;
  };
  hydfs::Replica* sound_member(const Group& group, hydfs::GroupId number, size_t node);
  void look(size_t node, hydfs::GroupId group, hydfs::Replica& replica);

  FileCluster& cluster_;
  Verdict& verdict_;
  std::map<hydfs::GroupId, Group> groups_;
  std::map<size_t, std::map<hydfs::GroupId, hydfs::LogIndex>> seen_;  // of each life: commit index looked at
};
}  // namespace rs::sim
