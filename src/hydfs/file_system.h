// HyDFS on one node: its replicas, what answers clients, and a client of its own. The node's loop hands it all events.
#pragma once
#include <memory>

#include "hydfs/caller.h"
#include "hydfs/host.h"
#include "hydfs/server.h"

namespace rs::hydfs {
class FileSystem {
 public:
  FileSystem(const HostOptions& options, const HostDoors& doors, Recovered found)
      : host_(options, doors, std::move(found)),
        server_(&host_, &doors.network, &doors.clock),
        caller_(&host_, &server_, &doors.network, &doors.clock) {}

  bool handle(const io::NetEvent& event) {
    return server_.handle(event) || caller_.handle(event) || host_.handle(event);
  }
  void see(std::shared_ptr<const membership::MemberView> view) { host_.see(std::move(view)); }
  int64_t step() {  // the next time to call it, or after any other call
    int64_t next_ns = host_.step();
    next_ns = std::min({next_ns, server_.step(), caller_.step()});
    return std::min(next_ns, host_.step());  // what was asked meanwhile
  }

  Host& host() { return host_; }
  Caller& caller() { return caller_; }

 private:
  Host host_;
  Server server_;
  Caller caller_;
};

// For NetworkLimits::frame_bytes.
inline std::map<uint16_t, uint32_t> frame_bounds() {
  return {{kReplicationFrame, kMaxReplicationBytes}, {kAskFrame, kMaxAskBytes}, {kReplyFrame, kMaxReplyBytes}};
}
}  // namespace rs::hydfs
