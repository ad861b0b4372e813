// One log query at the node that was asked: its grep, and how much the asking node can still take. It says something
// each second, so that whoever asked can tell a grep that takes its time from a node that is gone.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "io/runner.h"
#include "node/query/local_grep.h"
#include "node/query/message.h"

namespace rs {
class GrepAnswer {  // one thread
 public:
  // A question that cannot be answered is answered by GrepDone at once.
  GrepAnswer(const GrepAsk& ask, const std::string& node, GrepDoors doors, int64_t now_ns);

  void room(uint64_t bytes);  // the asking node has read so much
  std::optional<QueryMessage> next(int64_t now_ns);
  bool over() const { return over_; }  // GrepDone was said
  io::Wake wake() const;               // when next() may have something to say

 private:
  std::unique_ptr<LocalGrep> grep_;  // null: refused
  GrepDone refusal_;
  const int64_t window_;
  int64_t room_;  // below 0: a piece that began within the window ended beyond it
  int64_t said_ns_, looked_ns_;
  bool over_ = false, busy_ = false;
};
}  // namespace rs
