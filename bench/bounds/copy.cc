// copy THREADS: GB/s of memcpy over blocks that do not fit the caches, each thread in memory of its own.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

constexpr size_t kBytes = 256 << 20;
constexpr size_t kBlock = 256 << 10;
constexpr int kPasses = 4;

double seconds_of_copy() {
  std::vector<char> from(kBytes, 'a');
  std::vector<char> to(kBytes, 'b');
  const auto start = std::chrono::steady_clock::now();
  for (int pass = 0; pass < kPasses; ++pass) {
    for (size_t at = 0; at < kBytes; at += kBlock) {
      memcpy(to.data() + at, from.data() + at, kBlock);
      asm volatile("" ::"r"(to.data()) : "memory");
    }
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? atoi(argv[1]) : 1;
  std::vector<double> rates(static_cast<size_t>(count));
  std::vector<std::thread> threads;
  for (double& rate : rates) {
    threads.emplace_back([&rate] { rate = kPasses * static_cast<double>(kBytes) / seconds_of_copy() / 1e9; });
  }
  for (std::thread& thread : threads) thread.join();
  double total = 0;
  for (const double rate : rates) total += rate;
  printf("%.2f\n", total);
}
