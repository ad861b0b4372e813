#include "node/client_door.h"

#include "io/real/real.h"
#include "io/real/signals.h"

namespace rs {
StatusOr<std::vector<std::string>> local_nodes(const ClusterFolder& cluster) {
  return node_names(cluster, io::real_directory().get());
}

void nap_ms(int64_t ms) {
  constexpr int64_t kNsPerMs = 1'000'000;
  io::nap_ns(ms * kNsPerMs);
}

int64_t now_ms() {
  static const std::unique_ptr<io::Clock> clock = io::real_clock();
  return clock->now_ns() / 1'000'000;
}

io::Directory* local_directory() {
  static const std::unique_ptr<io::Directory> directory = io::real_directory();
  return directory.get();
}

std::unique_ptr<io::File> standard_input() { return io::std_in(); }

namespace {
struct Job final : io::Loop {
  explicit Job(const std::function<void()>& run) : run(run) {}
  io::Wake step() override { return run(), io::Wake{io::Wake::Kind::kDone}; }
  const std::function<void()>& run;
};
}  // namespace

void run_at_once(const std::vector<std::function<void()>>& jobs) {
  const std::unique_ptr<io::Clock> clock = io::real_clock();
  std::vector<std::unique_ptr<Job>> loops;
  const std::unique_ptr<io::Runner> runner = io::thread_runner(*clock);
  for (const auto& job : jobs) runner->start(loops.emplace_back(std::make_unique<Job>(job)).get(), "transfer");
  runner->join();
}

int interrupts_so_far() { return io::interrupts_so_far(); }
}  // namespace rs
