// What the commands that speak to a node ask of the world. Tests hand in answers of their own.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/file.h"
#include "io/http.h"
#include "node/cluster_folder.h"

namespace rs {
struct ClientBackend {
  std::function<StatusOr<io::HttpAnswer>(const io::Endpoint&, const io::HttpCall&, const io::HttpReader&,
                                         const std::function<bool()>& cancelled)>
      call;  // io::http_call
  std::function<StatusOr<std::vector<std::string>>(const ClusterFolder&)> node_names;
  std::function<StatusOr<std::string>(const ClusterFolder&)> token;
  std::function<void(int64_t ms)> nap;
  // The shell's input, without the line end; nullopt: no more comes.
  std::function<std::optional<std::string>()> read_line;
  bool input_is_terminal = false;
  io::Directory* directory = nullptr;                 // local files
  std::function<std::unique_ptr<io::File>()> std_in;  // as a stream
  std::function<int64_t()> now_ms;                    // since some moment
  // Runs each on a thread of its own, and returns when all are done.
  std::function<void(const std::vector<std::function<void()>>&)> at_once;
  // From its first call on an interrupt ends no process any more; how many came so far.
  std::function<int()> interrupts;
};
}  // namespace rs
