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

int interrupts_so_far() { return io::interrupts_so_far(); }
}  // namespace rs
