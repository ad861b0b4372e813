// What a store does with the questions of its clients: the same for the embedded one and the simulated one. Pure.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "io/meta/message.h"
#include "io/meta/table.h"

namespace rs::io {
MetaAnswer perform(const MetaAsk& ask, MetaTable* table);  // all but watches
bool may_change(const MetaQuestion& question);

// All entries below the prefix, as a snapshot in pieces.
std::deque<MetaSeen> snapshot_pieces(MetaAskId watch, const std::string& prefix, const MetaTable& table);

// When leases end, if nobody keeps them.
class MetaExpiry {
 public:
  void all(const MetaTable& table, int64_t now_ns);  // after a start: each from now on
  void heard(const MetaAsk& ask, const MetaAnswer& answer, const MetaTable& table, int64_t now_ns);
  std::vector<LeaseId> due(int64_t now_ns);  // and forgets them
  int64_t next_ns() const;                   // INT64_MAX: none

 private:
  std::map<LeaseId, int64_t> ends_ns_;
};
}  // namespace rs::io
