// Moves a child's stderr to where people read it, and keeps the last bytes for the error message. It is pumped
// from every call on the child, so a child that floods stderr never blocks for ever.
#pragma once
#include <string>

#include "io/real/descriptor.h"

namespace rs::io {
class StderrPump {
 public:
  // `to` not valid: our own stderr.
  StderrPump(Descriptor from, Descriptor to, size_t tail_bytes);

  void pump();   // one read at most
  void drain();  // all that is in the pipe now
  std::string tail() const;

 private:
  bool move_some();  // false: nothing there now

  Descriptor from_;  // closed at its end
  const Descriptor to_;
  const size_t tail_bytes_;
  std::string tail_;  // up to twice tail_bytes_, so that cutting costs little for each byte
};
}  // namespace rs::io
