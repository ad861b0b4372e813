// What the commands that speak to a node ask of the world. Tests hand in answers of their own.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/http.h"
#include "node/cluster_folder.h"

namespace rs {
struct ClientBackend {
  decltype(&io::http_call) call = nullptr;
  std::function<StatusOr<std::vector<std::string>>(const ClusterFolder&)> node_names;
  std::function<StatusOr<std::string>(const ClusterFolder&)> token;
  std::function<void(int64_t ms)> nap;
  // The shell's input, without the line end; nullopt: no more comes.
  std::function<std::optional<std::string>()> read_line;
  bool input_is_terminal = false;
  // From its first call on an interrupt ends no process any more; how many came so far.
  std::function<int()> interrupts;
};
}  // namespace rs
