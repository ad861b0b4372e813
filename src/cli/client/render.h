// What a node answers, for people. The texts that go in are the API's JSON; kApiAnswer when they are something else.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rs {
StatusOr<std::string> nodes_text(std::string_view json);  // a table
StatusOr<std::string> self_text(std::string_view json);
StatusOr<std::string> suspects_text(std::string_view json, bool all);
StatusOr<std::string> protocol_text(std::string_view json);  // "<gossip, suspect>"
StatusOr<std::string> drop_text(std::string_view json);      // "10 %"
StatusOr<std::string> status_text(std::string_view json);
StatusOr<std::string> config_text(std::string_view json, bool origin);
StatusOr<std::string> event_text(std::string_view json);

// The objects of the list `name`, one on each line.
StatusOr<std::string> lines_of(std::string_view json, std::string_view name);
StatusOr<std::string> presence_of(std::string_view json);  // of a node itself: "in"

struct GrepSummary {
  bool end = false;  // else of one node
  std::string node, problem;
  uint64_t matches = 0;
  bool partial = false;
  int exit_code = 0;
};
StatusOr<GrepSummary> read_summary(std::string_view json);

// The `data` of server-sent events, from a stream that comes in pieces.
class EventReader {
 public:
  void feed(std::string_view piece, const std::function<void(std::string_view data)>& sink);

 private:
  std::string input_;
};
}  // namespace rs
