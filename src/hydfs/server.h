// Answers the questions of clients out of the replicas of this node: their own node's clients, and those of others.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hydfs/host.h"
#include "hydfs/rpc.h"

namespace rs::hydfs {
class Server {  // the host's thread
 public:
  using Done = std::function<void(Reply)>;
  Server(Host* host, io::Network* network, io::Clock* clock);

  bool handle(const io::NetEvent& event);  // false: no question
  void ask(Ask ask, Done done);
  int64_t step();

 private:
  struct Pending {
    Ask ask;
    Done done;
    int64_t until_ns = INT64_MAX;  // H10: a member that is behind passes the read on then
  };
  struct Gather {  // bytes that are being read
    Reply reply;
    Done done;
    std::vector<Payload> pieces;
    size_t missing = 0;
    bool failed = false;
    uint64_t skip = 0, length = 0;
  };

  void answered(GroupId group, const Answer& answer);
  void look(GroupId group, const LookAsk& look, LogIndex commit, Reply reply, const Done& done);
  void bytes(GroupId group, const BytesAsk& ask, LogIndex commit, Reply reply, const Done& done);
  void finish(const std::shared_ptr<Gather>& gather);
  void send(io::ConnectionId connection, Reply reply);
  void flush(io::ConnectionId connection);

  Host& host_;
  io::Network& network_;
  io::Clock& clock_;
  uint64_t last_ = 0;
  std::map<RequestId, Pending> pending_;
  std::map<io::ConnectionId, std::deque<io::Frame>> replies_;  // that found no room
};
}  // namespace rs::hydfs
