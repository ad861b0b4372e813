// Moves a child's stderr to where people read it, and keeps the last bytes for the error message. It is pumped
// from every call on the child, so a child that floods stderr never blocks for ever. What goes to our own stderr is
// held for a moment: the last words of a child that fails stand in the error message, and nowhere else.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "io/real/descriptor.h"

namespace rs::io {
class StderrPump {
 public:
  // `to` not valid: our own stderr.
  StderrPump(Descriptor from, Descriptor to, size_t tail_bytes);
  ~StderrPump();

  void pump(int64_t now_ns);  // one read at most
  void drain();               // all that is in the pipe now
  std::string take_tail();    // whoever takes it shows it

 private:
  bool move_some();  // false: nothing there now
  void hold(std::string_view bytes);
  void show(size_t bytes);  // the first of what is held

  Descriptor from_;  // closed at its end
  const Descriptor to_;
  const size_t tail_bytes_;
  std::string tail_;  // up to twice tail_bytes_, so that cutting costs little for each byte
  std::string held_;  // the end of what was said, not shown yet
  int64_t held_since_ns_ = 0;
};
}  // namespace rs::io
