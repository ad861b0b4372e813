// What a byte and a round trip cost between two nodes of one machine, each with its owner's thread and its network's,
// as design.md section 11 states it: CPU-seconds for each GB, both ends together, in frames of 256 KiB (and of 1 KiB);
// microseconds for 1 KiB to go and come back, and the CPU time of both ends in it. Run on a quiet machine.
#include <benchmark/benchmark.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/check.h"
#include "io/real/network.h"
#include "io/real/real.h"
#include "io/real/signals.h"

namespace rs::io {
namespace {
constexpr uint16_t kData = kFirstFrameType, kQuestion = kData + 1, kAnswer = kData + 2;

class Node {
 public:
  Node(const std::string& name, uint64_t number) {
    NetworkOptions options;
    options.self = {"bench", {1, number}, name, "node"};
    options.cluster_key = "key";
    options.limits.frame_bytes = {{kData, 1 << 20}, {kQuestion, 4096}, {kAnswer, 4096}};
    options.wake = [this] { wake(); };
    network = real_network(std::move(options), random_.get());
  }
  void wake() {
    std::lock_guard lock(mutex_);
    rung_ = true;
    bell_.notify_one();
  }
  std::vector<NetEvent> next() {  // empty: woken by hand
    std::unique_lock lock(mutex_);
    bell_.wait(lock, [this] { return rung_; });
    rung_ = false;
    lock.unlock();
    return network->take();
  }
  template <class Event>
  Event next_of() {
    for (;;) {
      for (NetEvent& event : next()) {
        if (std::holds_alternative<Event>(event)) return std::get<Event>(std::move(event));
      }
    }
  }

 private:
  const std::unique_ptr<Random> random_ = real_random();
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;

 public:
  std::unique_ptr<Network> network;  // last: its thread rings the bell
};

double cpu_seconds() {
  rusage used{};
  RS_CHECK(::getrusage(RUSAGE_SELF, &used) == 0, "a process has a usage");
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Two nodes, one of which answers questions and swallows data on a thread of its own.
class Pair {
 public:
  explicit Pair(bool tcp) : b_("b", 2), a("a", 1) {
    char folder[] = "/tmp/rainstorm-bench-XXXXXX";
    RS_CHECK(tcp || ::mkdtemp(folder) != nullptr, "room for a socket");
    const std::string at = tcp ? "127.0.0.1:0" : std::string("unix:") + folder + "/b";
    a.network->connect(b_.network->listen(parse_endpoint(at).value()).value());
    to_b = a.next_of<Connected>().connection;
    answers_ = std::thread([this] { answer(); });
  }
  ~Pair() {
    over_ = true;
    b_.wake();
    answers_.join();
  }
  size_t swallowed() const { return swallowed_; }

 private:
  void answer() {
    while (!over_) {
      for (NetEvent& event : b_.next()) {
        auto* received = std::get_if<Received>(&event);
        if (!received) continue;
        swallowed_ += received->frame.body.size();
        if (received->frame.type == kQuestion) {
          received->frame.type = kAnswer;
          RS_CHECK(b_.network->send(received->connection, std::move(received->frame)).ok(), "one answer at a time");
        }
      }
    }
  }

  Node b_;
  std::atomic<bool> over_{false};
  std::atomic<size_t> swallowed_{0};
  std::thread answers_;

 public:
  Node a;
  ConnectionId to_b;
};

constexpr size_t kChunk = size_t{256} << 10, kMessage = 1024;

void stream(benchmark::State& state, bool tcp, size_t frame_bytes) {
  const size_t frames = (size_t{1} << 30) / 256 / 1024 * std::min(kChunk / frame_bytes, size_t{64});
  Pair pair(tcp);
  double cpu = 0;
  for (auto _ : state) {
    const size_t end = pair.swallowed() + frames * frame_bytes;
    const double before = cpu_seconds();
    const std::string body(frame_bytes, 'x');
    for (size_t i = 0; i < frames;) {
      if (pair.a.network->send(pair.to_b, {kData, body}).ok()) {
        ++i;
      } else {
        pair.a.next_of<Writable>();
      }
    }
    while (pair.swallowed() < end) std::this_thread::yield();
    cpu += cpu_seconds() - before;
  }
  const double bytes = static_cast<double>(state.iterations()) * static_cast<double>(frames * frame_bytes);
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.counters["cpu_s_per_GB"] = cpu / (bytes / 1e9);
}

void round_trip(benchmark::State& state, bool tcp) {
  Pair pair(tcp);
  const double before = cpu_seconds();
  for (auto _ : state) {
    RS_CHECK(pair.a.network->send(pair.to_b, {kQuestion, std::string(kMessage, 'x')}).ok(), "one question at a time");
    pair.a.next_of<Received>();
  }
  state.counters["cpu_us"] = (cpu_seconds() - before) * 1e6 / static_cast<double>(state.iterations());
}

// What this machine takes for as much without a network: two threads, a pair of sockets, calls that block.
class BarePair {
 public:
  BarePair() { RS_CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "two sockets"); }
  ~BarePair() {
    ::shutdown(ends[0], SHUT_RDWR);
    other.join();
    for (const int end : ends) ::close(end);
  }
  static bool take(int end, std::string* into) {
    for (size_t got = 0; got < into->size();) {
      const ssize_t n = ::read(end, into->data() + got, into->size() - got);
      if (n <= 0) return false;
      got += static_cast<size_t>(n);
    }
    return true;
  }
  static void give(int end, const std::string& bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t n = ::write(end, bytes.data() + sent, bytes.size() - sent);
      RS_CHECK(n > 0, "the other end is open");
      sent += static_cast<size_t>(n);
    }
  }

  int ends[2] = {-1, -1};
  std::thread other;
};

void bare_stream(benchmark::State& state) {
  constexpr size_t kChunks = 4096;
  BarePair pair;
  std::atomic<size_t> taken{0};
  pair.other = std::thread([&] {
    for (std::string body(kChunk, '\0'); BarePair::take(pair.ends[1], &body);) ++taken;
  });
  const double before = cpu_seconds();
  const std::string body(kChunk, 'x');
  size_t given = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < kChunks; ++i, ++given) BarePair::give(pair.ends[0], body);
    while (taken < given) std::this_thread::yield();
  }
  const double bytes = static_cast<double>(given * kChunk);
  state.counters["cpu_s_per_GB"] = (cpu_seconds() - before) / (bytes / 1e9);
}

void bare_round_trip(benchmark::State& state) {
  BarePair pair;
  pair.other = std::thread([&] {
    for (std::string body(kMessage, '\0'); BarePair::take(pair.ends[1], &body);) BarePair::give(pair.ends[1], body);
  });
  const double before = cpu_seconds();
  std::string body(kMessage, 'x');
  for (auto _ : state) {
    BarePair::give(pair.ends[0], body);
    RS_CHECK(BarePair::take(pair.ends[0], &body), "an answer");
  }
  state.counters["cpu_us"] = (cpu_seconds() - before) * 1e6 / static_cast<double>(state.iterations());
}

BENCHMARK_CAPTURE(stream, unix_socket, false, kChunk)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(stream, tcp, true, kChunk)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(stream, unix_socket_1_KiB, false, kMessage)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(round_trip, unix_socket, false)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(round_trip, tcp, true)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(bare_stream)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(bare_round_trip)->UseRealTime()->Unit(benchmark::kMicrosecond);
}  // namespace
}  // namespace rs::io

int main(int argc, char** argv) {
  rs::io::tune_allocator();  // as the program does: else half of the time goes into pages of bodies that come and go
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
