// The file system of a daemon: its disk, its way to the meta store, and HyDFS over both. It belongs to the node's loop;
// the store and the journal of an embedded meta store have loops of their own.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "hydfs/file_system.h"
#include "io/meta/client.h"
#include "io/meta/journal.h"
#include "io/meta/remote.h"
#include "node/files/doors.h"

namespace rs {
class NodeFiles {
 public:
  struct Options {
    Uuid node;
    std::string folder;    // of the node
    io::Endpoint listens;  // this node
    io::Endpoint meta;     // the node that keeps the embedded meta store; perhaps this one
    size_t copies = 3;
  };
  struct Doors {  // borrowed; the runner ends after this
    io::Clock& clock;
    io::Random& random;
    io::Directory& directory;
    io::Network& network;
    io::Runner& runner;
    std::function<void()> wake;  // the node's loop; any thread
  };
  // kNodeFolder, or what the disk says.
  static StatusOr<std::unique_ptr<NodeFiles>> open(const Options& options, const Doors& doors);

  bool handle(const io::NetEvent& event);  // false: it is not for the file system
  void see(std::shared_ptr<const membership::MemberView> view) { files_->see(std::move(view)); }
  int64_t step();  // the next time to call it
  void close();    // its loops end when all is durable

  hydfs::FileSystem& files() { return *files_; }
  Status health() { return files_->host().disk().ok() ? meta_->health() : files_->host().disk(); }

 private:
  NodeFiles(const Options& options, const Doors& doors) : options_(options), doors_(doors) {}
  Status open_meta();
  Status open_store();

  const Options options_;
  const Doors doors_;
  std::unique_ptr<io::MetaJournal> journal_;  // with host_ and server_: on the node that keeps the meta store
  std::optional<io::MetaHost> host_;
  std::optional<io::MetaServer> server_;
  io::RemoteMetaLine* remote_ = nullptr;  // of meta_, on all others
  std::unique_ptr<io::MetaClient> meta_;
  std::unique_ptr<hydfs::Store> store_;
  std::optional<hydfs::FileSystem> files_;
};

// For NetworkLimits::frame_bytes.
std::map<uint16_t, uint32_t> file_frame_bytes();
}  // namespace rs
