// Who runs the loops. Real: one thread per loop. Simulated: all loops in one thread, in an order drawn from
// the seed. A loop is a state machine that is stepped: it never blocks but in File calls.
#pragma once
#include <cstdint>
#include <string>

namespace rs::io {
struct Wake {
  enum class Kind {
    kAgain,  // there is more to do at once
    kAt,     // step again at at_ns (Clock::now_ns) or when woken
    kIdle,   // step again when woken
    kDone,   // never again
  };
  Kind kind = Kind::kIdle;
  int64_t at_ns = 0;
};

class Loop {
 public:
  virtual ~Loop() = default;
  virtual Wake step() = 0;  // runs on the loop's own thread only
};

class Runner {
 public:
  virtual ~Runner() = default;
  virtual void start(Loop* loop, const std::string& name) = 0;  // borrowed until it is done or the runner has joined
  virtual void wake(Loop* loop) = 0;  // any thread. A wake during a step, or before it, causes one more step
  virtual void join() = 0;            // returns when all loops are done (simulated: runs them)
};
}  // namespace rs::io
