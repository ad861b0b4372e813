// A node's meta store: hosts the embedded one if this is the node that does, and opens it as a client. Belongs to the
// loop of the node; only the journal writes on a loop of its own.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/uuid.h"
#include "io/clock.h"
#include "io/endpoint.h"
#include "io/file.h"
#include "io/meta/client.h"
#include "io/meta/host.h"
#include "io/meta/journal.h"
#include "io/meta/remote.h"
#include "io/runner.h"

namespace rs {
struct MetaDeskOptions {
  Uuid node;
  io::Endpoint self, host;     // the same: this node hosts it
  std::string folder;          // of the journal; made if it is not there
  std::function<void()> wake;  // any thread: there is something to do
};

class MetaDesk {
 public:
  struct Doors {  // all borrowed
    io::Clock* clock;
    io::Random* random;
    io::Directory* directory;
    io::Network* network;
    io::Runner* runner;
  };
  // kDataLoss, kFailedPrecondition: the journal can't be used; else what the system says of its folder.
  static StatusOr<std::unique_ptr<MetaDesk>> open(const MetaDeskOptions& options, const Doors& doors);

  bool handle(const io::NetEvent& event);  // false: it belongs to another connection
  int64_t step();                          // the next time that something is due
  io::MetaStore& store() { return *client_; }
  std::string warning();  // for people; empty: the store is there, or has had no time to be
  void close();           // the journal's loop will end

 private:
  MetaDesk(const MetaDeskOptions& options, const Doors& doors)
      : options_(options), doors_(doors), opened_ns_(doors.clock->now_ns()) {}
  Status host();

  const MetaDeskOptions options_;
  const Doors doors_;
  const int64_t opened_ns_;
  std::unique_ptr<io::MetaJournal> journal_;
  std::unique_ptr<io::MetaHost> host_;
  std::optional<io::MetaServer> server_;
  io::RemoteMetaLine* remote_ = nullptr;  // of client_, on other nodes
  std::unique_ptr<io::MetaClient> client_;
};
}  // namespace rs
