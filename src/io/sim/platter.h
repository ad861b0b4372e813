// What is written and what is durable: the bytes of one file, the names of all directories. No policy here about
// when something goes wrong (disk.h); this is what may be left when it does.
//
// Bytes. A file has two images: `now`, which every process reads (the page cache), and the platter's. A write changes
// `now` and makes its 4 KiB pages dirty; fdatasync copies the dirty pages and the size. Of the dirty pages a power
// loss keeps any subset, so a later page may survive an earlier one; a page may tear, into any of its 512-byte sectors
// or after any byte of it; the size may grow without its bytes, which leaves zeros. The kernel writes dirty pages back
// on its own at any time, so an older content of a page may be what survives.
// After a failed fdatasync the dirty pages count as clean although they are not on the platter (Linux): reads show
// them, the next fdatasync says OK, a power loss takes them.
//
// Names. A change of names (create, rename, remove) is atomic: all its edits or none. Changes wait in a journal until
// the directory is synced. The kernel on its own, and a power loss, make any of them durable, but never a change
// without an earlier one that it must follow (must_follow below); the power loss then takes the rest. So a file that
// was durable has after a rename the old or the new name, never neither.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.h"
#include "io/sim/process.h"
#include "io/sim/random.h"

namespace rs::io {
struct PlatterCounts {
  uint64_t kept_pages = 0, lost_pages = 0, torn_pages = 0, holes = 0;  // by power losses
  uint64_t kept_names = 0, lost_names = 0;
};

class Content {
 public:
  static constexpr uint64_t kPage = 4096;
  static constexpr uint64_t kSector = 512;

  std::string_view now() const { return now_; }
  std::string_view durable() const { return durable_; }
  bool dirty() const { return !dirty_.empty(); }

  void write(uint64_t offset, std::string_view bytes);
  void sync();
  void fail_sync() { dirty_.clear(); }
  void write_back(SimRandom* random);
  void lose_power(SimRandom* random, PlatterCounts* counts);

  void set_at_rest(std::string bytes);       // both images
  void flip(uint64_t offset, uint32_t bit);  // both images

 private:
  void persist(uint64_t begin, uint64_t end);
  std::string_view page(uint64_t number) const { return now().substr(number * kPage, kPage); }

  std::string now_, durable_;
  std::set<uint64_t> dirty_;  // page numbers
};

struct Inode;
using InodeRef = std::shared_ptr<Inode>;  // shared: an open file outlives its names, a lost name its inode

// Gives inode numbers, and, as real file systems do, gives those of vanished files again.
class InodeNumbers {
 public:
  uint64_t take(SimRandom* random);
  void give_back(uint64_t number) { free_.push_back(number); }

 private:
  std::vector<uint64_t> free_;
  uint64_t next_ = 2;
};

struct Inode {
  Inode(FileStat::Type type_, uint64_t number_, InodeNumbers* numbers_)
      : type(type_), number(number_), numbers(numbers_) {}
  ~Inode() { numbers->give_back(number); }
  Inode(const Inode&) = delete;
  Inode& operator=(const Inode&) = delete;

  const FileStat::Type type;
  const uint64_t number;
  InodeNumbers* const numbers;
  int64_t mtime_ns = 0;

  Content content;                  // of a file
  uint64_t reserved = 0;            // preallocated bytes
  const void* locked_by = nullptr;  // the open file that holds the lock,
  ProcessId lock_owner;             // if this process is alive
  bool fail_next_read = false, fail_next_write = false, fail_next_sync = false;

  std::map<std::string, InodeRef> names, durable_names;  // of a directory
  bool is_directory() const { return type == FileStat::Type::kDirectory; }
  uint64_t space() const { return std::max<uint64_t>(reserved, content.now().size()); }
};

struct NameEdit {
  InodeRef directory;
  std::string name;
  InodeRef target;          // null: the name goes
  InodeRef gone = nullptr;  // the directory that loses its name by this edit
};
using NameChange = std::vector<NameEdit>;

class NameJournal {
 public:
  void add(NameChange change);  // seen at once, not durable
  void sync(const Inode* directory);
  void write_back(SimRandom* random);
  void lose_power(SimRandom* random, PlatterCounts* counts);  // the `names` of all directories are stale after this

 private:
  using Choice = std::vector<bool>;  // by position in pending_
  static bool must_follow(const NameChange& later, const NameChange& earlier);
  Choice any_subset(SimRandom* random) const;
  void make_durable(const Choice& chosen);
  std::vector<NameChange> pending_;
};
}  // namespace rs::io
