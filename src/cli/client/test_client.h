// For tests of the commands that speak to a node: a folder of a cluster with nodes that are made up, a console that is
// two strings.
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>

#include "cli/client/client.h"
#include "cli/exit_codes.h"
#include "node/client_door.h"
#include "node/test_node.h"

namespace rs {
using Words = std::vector<std::string>;

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    served = add("n1");
    console.out = [this](std::string_view text) { out += text; };
    console.err = [this](std::string_view text) { err += text; };
    console.out_fault = [this] {
      return out.size() > readable ? std::make_error_code(std::errc::broken_pipe) : std::error_code();
    };
    console.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    console.working_directory = "/";
    environment["RAINSTORM_CLUSTER"] = folder_.path();
    backend.call = io::http_call;
    backend.node_names = [](const ClusterFolder& cluster) { return node_names(cluster, io::real_directory().get()); };
    backend.token = [this](const ClusterFolder&) { return token; };
    backend.nap = [this](int64_t) { on_nap(); };
    backend.interrupts = [this] { return interrupts.load(); };
    backend.directory = directory_.get();
    backend.std_in = [this] { return std::make_unique<Input>(input); };
    backend.now_ms = now_ms;
    backend.at_once = run_at_once;
  }

  // One more node in the folder.
  std::unique_ptr<ServedNode> add(const std::string& name) {
    std::filesystem::create_directory(folder_ / name);
    io::ScratchFolder::write(folder_ / name + "/identity", "");
    return std::make_unique<ServedNode>(folder_ / name + "/api.sock");
  }
  FakeNode& node() { return served->node; }

  int operator()(const Words& arguments) {
    out.clear();
    err.clear();
    EXPECT_TRUE(is_client_command(arguments)) << arguments[0];
    return run_client(arguments, console, backend);
  }

  // Standard input: comes in small pieces, and has nothing every other time.
  struct Input final : io::File {
    explicit Input(std::string bytes) : bytes(std::move(bytes)) {}
    Status append(std::string_view) override { return absl::UnimplementedError("an input"); }
    Status pwrite(uint64_t, std::string_view) override { return absl::UnimplementedError("an input"); }
    StatusOr<io::ReadResult> read(uint64_t, std::span<char> to) override {
      if ((waits = !waits)) return io::ReadResult{io::ReadResult::Kind::kWait, 0};
      const size_t size = std::min({to.size(), bytes.size() - at, size_t{70'000}});
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, to.begin());
      at += size;
      return io::ReadResult{size > 0 ? io::ReadResult::Kind::kData : io::ReadResult::Kind::kEof, size};
    }
    Status fdatasync() override { return Ok(); }
    Status preallocate(uint64_t) override { return Ok(); }
    StatusOr<uint64_t> size() override { return bytes.size(); }
    StatusOr<int64_t> lock(std::string_view) override { return 0; }
    std::string bytes;
    size_t at = 0;
    bool waits = false;
  };

  const std::unique_ptr<io::Directory> directory_ = io::real_directory();
  std::string input;
  std::atomic<int> interrupts{0};
  io::ScratchFolder folder_;
  std::unique_ptr<ServedNode> served;
  Console console;
  ClientBackend backend;
  std::map<std::string, std::string> environment;
  StatusOr<std::string> token = std::string(ServedNode::kToken);
  std::function<void()> on_nap = [] {};
  std::string out, err;
  size_t readable = SIZE_MAX;
};
}  // namespace rs
