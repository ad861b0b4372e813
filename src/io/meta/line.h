// How a client reaches its meta store: a connection, HTTP to etcd, or a call within the process. It carries questions
// and replies and decides nothing. Threads: of the client's owner.
#pragma once
#include <cstdint>
#include <vector>

#include "io/meta/message.h"

namespace rs::io {
class MetaLine {
 public:
  virtual ~MetaLine() = default;
  virtual bool send(const MetaAsk& ask) = 0;  // false: not now, and it was not sent
  // What was sent and can't be answered any more is answered kUnavailable, or MetaUnseen.
  virtual std::vector<MetaReply> take() = 0;
  virtual int64_t step() = 0;   // as MetaStore::step
  virtual Status health() = 0;  // OK, or why nothing can be sent
};
}  // namespace rs::io
