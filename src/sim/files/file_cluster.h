// A cluster of nodes of the file system in virtual time: homes, lives, the wire, the meta store, and the rumours of who
// lives.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/files/file_life.h"

namespace rs::sim {
class FileCluster {
 public:
  FileCluster(io::SimWorld* world, const FileLifeOptions& options, int64_t hint_ns);
  ~FileCluster();

  size_t add();
  size_t size() const { return nodes_.size(); }
  size_t copies() const { return options_.host.copies; }
  void boot(size_t node);
  void crash(size_t node);
  void power_loss();
  void new_disk(size_t node);  // it crashes; what comes back has nothing
  void pause(size_t node, int64_t ns);
  void rumour(size_t node, int64_t ns);  // all others take it for dead for so long
  bool lives(size_t node) const { return nodes_[node]->life != nullptr; }
  FileLife& life(size_t node) { return *nodes_[node]->life; }
  const FileHome& home(size_t node) const { return nodes_[node]->home; }
  std::vector<size_t> living() const;
  uint64_t tails_cut() const { return tails_cut_; }
  uint64_t disks_failed() const { return disks_failed_; }
  void reap();  // lives whose disk failed end; they boot again after a while
  void later(int64_t ns, std::function<void()> event);

  io::SimWorld& world() { return world_; }
  io::SimWire& wire() { return wire_; }
  io::SimMeta& meta() { return meta_; }

  std::function<void(size_t, FileLife&)> stepped;
  std::function<void(size_t)> died;
  bool restarts = true;

 private:
  struct Node {
    FileHome home;
    std::unique_ptr<FileLife> life;
    uint64_t lives = 0;
    bool rumoured = false;
  };
  void end(size_t node);
  void spread();  // everybody hears, each in its own time, who lives now
  std::shared_ptr<const membership::MemberView> view();

  io::SimWorld& world_;
  const FileLifeOptions options_;
  const int64_t hint_ns_;
  io::SimRandom random_;
  io::SimWire wire_;
  io::SimMeta meta_;
  std::vector<std::unique_ptr<Node>> nodes_;
  uint64_t views_ = 0, disks_ = 0, tails_cut_ = 0, disks_failed_ = 0;
};
}  // namespace rs::sim
