// What the commands that speak to a node need of this machine, besides HTTP.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/file.h"
#include "node/cluster_folder.h"

namespace rs {
StatusOr<std::vector<std::string>> local_nodes(const ClusterFolder& cluster);  // node_names() of the real folder
void nap_ms(int64_t ms);
int64_t now_ms();
io::Directory* local_directory();  // any thread
std::unique_ptr<io::File> standard_input();
void run_at_once(const std::vector<std::function<void()>>& jobs);  // each on a thread of its own; returns behind all
int interrupts_so_far();  // from the first call on an interrupt ends no process
}  // namespace rs
