#include <pthread.h>
#include <sys/prctl.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "io/real/real.h"

namespace rs::io {
namespace {
// The thread of one loop. A wake of a running loop is one atomic exchange; the mutex and the condition
// variable are touched only when it sleeps.
class Seat {
 public:
  Seat(Loop* loop, std::string name, Clock& clock)
      : loop_(loop), name_(std::move(name)), clock_(clock), thread_([this] { run(); }) {}
  ~Seat() { RS_CHECK(!thread_.joinable(), "a thread is joined before its seat goes"); }

  void wake() {
    if (state_.exchange(State::kWoken, std::memory_order_acq_rel) != State::kSleeping) return;
    // With the mutex taken, the sleeper has either not looked at the state yet, or already waits.
    { std::lock_guard lock(mutex_); }
    sleeper_.notify_one();
  }
  bool done() const { return done_.load(std::memory_order_acquire); }
  void join() {
    std::call_once(joined_, [this] { thread_.join(); });
  }

 private:
  enum class State { kRunning, kWoken, kSleeping };

  void run() {
    constexpr size_t kNameBytes = 15;
    ::pthread_setname_np(::pthread_self(), name_.substr(0, kNameBytes).c_str());
    ::prctl(PR_SET_TIMERSLACK, 1);  // the default lets every deadline come 50 us late
    for (;;) {
      state_.exchange(State::kRunning, std::memory_order_acq_rel);
      const Wake wake = loop_->step();
      if (wake.kind == Wake::Kind::kDone) break;
      if (wake.kind != Wake::Kind::kAgain) sleep(wake);
    }
    done_.store(true, std::memory_order_release);
  }

  void sleep(const Wake& wake) {
    using std::chrono::nanoseconds, std::chrono::steady_clock;
    const bool timed = wake.kind == Wake::Kind::kAt;
    const int64_t nap_ns = timed ? wake.at_ns - clock_.now_ns() : 0;
    if (timed && nap_ns <= 0) return;
    State running = State::kRunning;
    if (!state_.compare_exchange_strong(running, State::kSleeping, std::memory_order_acq_rel)) {
      RS_CHECK(running == State::kWoken, "only the loop's own thread makes it sleep");
      return;
    }
    const auto woken = [this] { return state_.load(std::memory_order_acquire) != State::kSleeping; };
    std::unique_lock lock(mutex_);
    if (timed) {
      sleeper_.wait_until(lock, steady_clock::now() + nanoseconds(nap_ns), woken);
    } else {
      sleeper_.wait(lock, woken);
    }
  }

  Loop* const loop_;
  const std::string name_;
  Clock& clock_;
  std::atomic<State> state_{State::kRunning};
  std::atomic<bool> done_{false};
  std::mutex mutex_;
  std::condition_variable sleeper_;
  std::once_flag joined_;  // the runner's join and a start at the same address may meet
  std::thread thread_;     // last: it uses all the others
};

class ThreadRunner final : public Runner {
 public:
  explicit ThreadRunner(Clock& clock) : clock_(clock) {}
  ~ThreadRunner() override { join(); }

  void start(Loop* loop, const std::string& name) override {
    std::lock_guard lock(mutex_);
    std::shared_ptr<Seat>& seat = seats_[loop];
    if (seat) {  // a new loop at the address of one that is done
      RS_CHECK(seat->done(), "a loop is started once");
      seat->join();
    }
    seat = std::make_shared<Seat>(loop, name, clock_);
  }

  void wake(Loop* loop) override {
    if (const std::shared_ptr<Seat> seat = find(loop)) seat->wake();
  }

  void join() override {
    for (;;) {  // a loop may have started others meanwhile
      std::shared_ptr<Seat> seat;
      {
        std::lock_guard lock(mutex_);
        if (seats_.empty()) return;
        seat = seats_.begin()->second;
      }
      seat->join();
      std::lock_guard lock(mutex_);
      std::erase_if(seats_, [&](const auto& entry) { return entry.second == seat; });
    }
  }

 private:
  std::shared_ptr<Seat> find(Loop* loop) {
    std::lock_guard lock(mutex_);
    const auto found = seats_.find(loop);
    return found == seats_.end() ? nullptr : found->second;
  }

  Clock& clock_;
  std::mutex mutex_;                                        // guards seats_
  std::unordered_map<Loop*, std::shared_ptr<Seat>> seats_;  // shared: a late wake may still hold one that is done
};
}  // namespace

std::unique_ptr<Runner> thread_runner(Clock& clock) { return std::make_unique<ThreadRunner>(clock); }
}  // namespace rs::io
