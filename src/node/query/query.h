// One log query at the node that was asked for it by a person: all nodes at once, their lines in the order in which
// they come and each line whole, and every node accounted for. Pure: what came from the nodes and the time go in,
// what to do about it and the pieces for the reader come out. One thread.
//
// It ends whatever the nodes do: each of them says something at least every ten seconds or is given up and named.
// A reader that takes nothing holds the greps: a node may be ahead of it by one window.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "io/endpoint.h"
#include "node/node_service.h"
#include "node/query/message.h"

namespace rs {
struct QueryTarget {
  std::string name;
  Uuid node;
  io::Endpoint address;
};

struct QueryStep {
  enum class Kind { kDial, kSend, kHangUp };
  Kind kind = Kind::kDial;
  size_t target = 0;
  QueryMessage message;  // kSend
};

class GrepQuery {
 public:
  // `line_end`: of the lines that grep will print.
  GrepQuery(std::vector<QueryTarget> targets, GrepAsk ask, char line_end, int64_t now_ns);

  const QueryTarget& target(size_t i) const { return nodes_[i].target; }
  void reached(int64_t now_ns, size_t target, const Uuid& node);  // logged in
  void heard(int64_t now_ns, size_t target, QueryMessage message);
  void lost(size_t target, const Status& why);  // not reached, or not any more
  int64_t tick(int64_t now_ns);                 // the next time it must be called; INT64_MAX: never

  std::vector<QueryStep> take();
  GrepPiece next(size_t at_most);
  bool over() const { return over_; }  // kEnd was handed out

 private:
  enum class State { kDialled, kAsked, kThrough };
  struct Node {
    QueryTarget target;
    State state = State::kDialled;
    int64_t heard_ns = 0;
    std::deque<std::string> pieces;
    size_t taken = 0;      // of the first piece
    uint64_t waiting = 0;  // bytes in pieces
    uint64_t matches = 0;
    uint64_t files = 0;
    int exit = 0;
    bool partial = false;  // it did not answer, or not to the end
    bool told = false;     // to the reader, that it is through
    std::string problem;
  };

  void through(size_t target);
  void fail(size_t target, const std::string& problem);
  void refuse(size_t target, const std::string& problem);
  size_t choose() const;
  GrepPiece lines(size_t target, size_t at_most);
  GrepPiece summary(size_t target);
  GrepPiece end();
  bool has_more(const Node& node) const {
    return !node.pieces.empty() || (node.state == State::kThrough && !node.told);
  }

  std::vector<Node> nodes_;
  const GrepAsk ask_;
  const char line_end_;
  std::vector<QueryStep> steps_;
  size_t current_ = 0;   // whose line was handed out last
  bool inside_ = false;  // that line has not ended
  bool refused_ = false;
  bool over_ = false;
};

// How many bytes of each of so many nodes may be under way.
uint64_t query_window(size_t nodes);
}  // namespace rs
