// The log queries of one node, those that it asks and those that it answers: connects the state machines of this
// folder with the network, the logs and the programs.
//
// One thread, the node's loop: hand it what the network brought, then call step(), and again when it says so and after
// each use of a stream.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/clock.h"
#include "io/network.h"
#include "io/runner.h"
#include "membership/view.h"
#include "node/node_service.h"
#include "node/query/answer.h"
#include "node/query/query.h"

namespace rs {
struct QueryDoors {  // borrowed
  io::Network* network;
  io::Beneath* logs;
  io::Children* children;
  io::Clock* clock;
};

class QueryDesk {
 public:
  QueryDesk(QueryTarget self, QueryDoors doors) : self_(std::move(self)), doors_(doors) {}
  ~QueryDesk();  // after its streams

  // kGrepRefused: grep would not take it, or it asks for more than logs; kNoNode: one that is named; kQueriesBusy.
  StatusOr<std::unique_ptr<GrepStream>> grep(const GrepRequest& request, const membership::MemberView& view);

  bool take(const io::NetEvent& event);  // false: it is no query's
  io::Wake step();

 private:
  class Stream;
  using QueryId = Id<struct QueryTag, uint64_t>;
  struct Asked {
    GrepQuery query;
    std::vector<io::ConnectionId> connections;  // by target
    std::optional<GrepAnswer> here;             // this node's own, which needs no connection
  };
  struct Dialled {
    QueryId query;
    size_t target;
  };

  int64_t now_ns() { return doors_.clock->now_ns(); }
  bool took(const io::Received& received);
  bool took(const io::Closed& closed);
  void hear(const Dialled& from, const io::Frame& frame);
  Status serve(io::ConnectionId connection, const io::Frame& frame);
  io::Wake answer(io::ConnectionId connection, GrepAnswer* answer);
  io::Wake advance(Asked* asked);
  void carry_out(QueryId id, Asked* asked);
  void carry_out(QueryId id, Asked* asked, const QueryStep& step);
  void forget(QueryId id);

  const QueryTarget self_;
  const QueryDoors doors_;
  QueryId last_;
  bool news_ = false;  // a stream may have something to take
  std::map<QueryId, Asked> asked_;
  std::map<io::ConnectionId, Dialled> dialled_;
  std::map<io::ConnectionId, GrepAnswer> answers_;  // of those who dialled us
};
}  // namespace rs
