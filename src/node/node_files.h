// The file system of a daemon: its disk, and HyDFS over it. It belongs to the node's loop; the store has a loop of its
// own.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hydfs/file_system.h"

namespace rs {
class NodeFiles {
 public:
  struct Options {
    Uuid node;
    std::string folder;  // of the store; made if it is not there
    size_t copies = 3;   // of each file
  };
  struct Doors {  // borrowed; the runner ends after this
    io::Clock& clock;
    io::Random& random;
    io::Directory& directory;
    io::Network& network;
    io::MetaStore& meta;
    io::Runner& runner;
    std::function<void()> wake;  // the node's loop; any thread
  };
  // kFailedPrecondition: a store of another version; else what the system says of the folder.
  static StatusOr<std::unique_ptr<NodeFiles>> open(const Options& options, const Doors& doors);

  bool handle(const io::NetEvent& event) { return files_->handle(event); }  // false: it is not for the file system
  void see(std::shared_ptr<const membership::MemberView> view) { files_->see(std::move(view)); }
  int64_t step() { return files_->step(); }  // the next time to call it
  void close();                              // the store's loop ends when all is durable

  hydfs::FileSystem& files() { return *files_; }

 private:
  explicit NodeFiles(const Doors& doors) : doors_(doors) {}

  const Doors doors_;
  std::unique_ptr<hydfs::Store> store_;
  std::optional<hydfs::FileSystem> files_;
};
}  // namespace rs
