// What the commands that speak to a node need of this machine, besides HTTP.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "node/cluster_folder.h"

namespace rs {
StatusOr<std::vector<std::string>> local_nodes(const ClusterFolder& cluster);  // node_names() of the real folder
void nap_ms(int64_t ms);
int interrupts_so_far();  // from the first call on an interrupt ends no process
}  // namespace rs
