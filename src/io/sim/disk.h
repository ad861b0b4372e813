// A file system in memory that fails like a real one. What each process sees of it is a view; what may be left after
// a crash is told in platter.h. Each injected fault is counted: a test must prove that its fault happened.
//
//   process crash     The process's files and locks go; everything it wrote stays, for the page cache survives.
//   crash at op n     The same in the middle of a step: the n-th next operation of the process that changes something
//                     does a part of its work (a prefix of a write, some pages of a fdatasync, a name or none) and it
//                     and all later ones of that process answer kAborted.
//   power loss        All processes are dead. Every file keeps what is durable and an arbitrary part of the rest.
//   read error        EIO (kInternal) for a read or a stat, once; the bytes are there at the next try.
//   write error       EIO (kInternal) after any prefix of the bytes. fdatasync error: kInternal once; what was dirty is
//                     never durable from then on, though reads show it and the next fdatasync is OK (Linux).
//   full disk         Over the capacity a write is kResourceExhausted, and may have written what fitted; preallocated
//                     space is the file's own; a removed file frees its space at once.
//   slow disk         Each operation spends virtual time of its loop, by its kind and size, times a factor.
//   at rest           Bits flip, files are cut, whatever the kernel holds. No process is told.
//   foreign hands     Files that belong to others change: appended to, overwritten in place, cut, replaced by another
//                     inode. These changes are durable at once, for their writer's crashes are not our subject.
//   short read        A read gives fewer bytes than there are.
//   write-back        Not a fault: the kernel makes unsynced pages and names durable at any time.
//
// Not modelled: reordering between files and names beyond "anything unsynced may be missing"; hard and symbolic links;
// permissions. One thread.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.h"
#include "io/sim/clock.h"
#include "io/sim/platter.h"
#include "io/sim/process.h"
#include "io/sim/random.h"
#include "io/sim/trace.h"

namespace rs::io {
struct DiskFaults {  // chances for each operation that could show it
  double write_error = 0;
  double sync_error = 0;
  double short_read = 0;
  double write_back = 0.05;
  std::string below;  // errors only on paths that begin so, as the program spells them
};

struct DiskLatency {
  int64_t operation_ns = 5'000;
  int64_t sync_ns = 300'000;
  int64_t picoseconds_per_byte = 1'000;
  double factor = 1;  // slow disk: > 1
  std::string below;  // only on paths that begin so
};

struct DiskCounts : PlatterCounts {
  uint64_t power_losses = 0, crashes_at_operation = 0, aborted = 0;
  uint64_t read_errors = 0, write_errors = 0, sync_errors = 0, short_reads = 0, write_backs = 0, full = 0;
  uint64_t flips = 0, cuts = 0, foreign_changes = 0, slow_operations = 0, locks_refused = 0;
};

class SimDisk {
 public:
  SimDisk(uint64_t seed, SimClock* clock, Processes* processes, Trace* trace);

  // The file system as one process sees it. Views and their files must not outlive the disk.
  std::unique_ptr<Directory> view(ProcessId process);

  void crash_at_operation(ProcessId process, uint64_t n);  // 1 = the next one
  uint64_t operations(ProcessId process) const;            // so far, of those that change something
  void power_loss();                                       // after Processes::kill_all
  void fail_next_read(const std::string& path);
  void fail_next_write(const std::string& path);
  void fail_next_sync(const std::string& path);
  void set_capacity(uint64_t bytes) { capacity_ = bytes; }
  DiskFaults& faults() { return faults_; }
  DiskLatency& latency() { return latency_; }
  const DiskCounts& counts() const { return counts_; }

  void flip(const std::string& path, uint64_t offset, uint32_t bit);
  void cut(const std::string& path, uint64_t size);           // at rest: no new mtime
  void put(const std::string& path, std::string_view bytes);  // another inode, parents made; replaces
  void append(const std::string& path, std::string_view bytes);
  void overwrite(const std::string& path, uint64_t offset, std::string_view bytes);
  void truncate(const std::string& path, uint64_t size);

  // For checks: no fault, no time.
  bool exists(const std::string& path) const { return find(path) != nullptr; }
  std::string contents(const std::string& path) const;
  std::string durable_contents(const std::string& path) const;  // what is safe now
  std::vector<std::string> files() const;                       // paths of all regular files
  uint64_t used_bytes() const;

 private:
  friend class SimFile;
  friend class SimDirectory;
  enum class Operation { kRead, kWrite, kSync, kNames };
  enum class Fate { kHappens, kCrashes, kRefused };
  struct Place {
    InodeRef directory;
    std::string name;
  };

  Fate begin(ProcessId process, Operation operation, const std::string& path, uint64_t bytes = 0);
  template <class Work>
  auto attempt(ProcessId process, Operation operation, const std::string& path, Work work) -> decltype(work());
  Status write(ProcessId process, const std::string& path, Inode* inode, uint64_t offset, std::string_view bytes);
  Status sync(ProcessId process, const std::string& path, Inode* inode);
  Status take_read_error(const std::string& path, Inode* inode);
  bool hits(double chance, const std::string& path);
  uint64_t room(const Inode& inode, uint64_t end) const;
  Status make_directories(const std::string& path);

  InodeRef find(const std::string& path) const;
  InodeRef existing_file(const std::string& path) const;
  StatusOr<Place> place(const std::string& path) const;
  InodeRef new_inode(FileStat::Type type);
  void set_at_rest(const std::string& path, std::string bytes);
  void settle_after_power_loss(Inode* directory);

  SimClock* clock_;
  Processes* processes_;
  Trace* trace_;
  SimRandom crashes_, errors_, latencies_, platter_, numbering_;
  InodeNumbers numbers_;
  InodeRef root_;
  NameJournal names_;
  DiskFaults faults_;
  DiskLatency latency_;
  DiskCounts counts_;
  uint64_t capacity_ = UINT64_MAX;
  std::map<ProcessId, uint64_t> operations_, crash_at_;  // crash_at_: the operation's number
};

template <class Work>
auto SimDisk::attempt(ProcessId process, Operation operation, const std::string& path, Work work) -> decltype(work()) {
  const Fate fate = begin(process, operation, path);
  if (fate == Fate::kHappens) return work();
  if (fate == Fate::kCrashes && crashes_.coin()) static_cast<void>(work());
  return absl::AbortedError("the process is dead");
}
}  // namespace rs::io
