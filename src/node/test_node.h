// For tests: a node that is three names and what was asked of it, and its API behind a real HTTP server.
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>

#include "base/error.h"
#include "io/real/http_server.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "node/api/api.h"
#include "node/test_files.h"

namespace rs {
class FakeNode final : public MemberService, public ProtocolService, public LogService, public StatusService {
 public:
  FakeNode() {
    members = {{"n1", "u1", "127.0.0.1:7001", 3, 0, NodeState::kAlive, 1'700'000'000'123'000'000},
               {"n2", "u2", "127.0.0.1:7002", 1, 2, NodeState::kSuspect, 1'700'000'001'000'000'000},
               {"n3", "u3", "127.0.0.1:7003", 1, 0, NodeState::kFailed, 0}};
    suspected = {{"n2", "127.0.0.1:7002#1", 1'700'000'001'000'000'000, std::nullopt, "suspected"}};
    grep_pieces = {{GrepPiece::Kind::kLines, "n1", "n1:a.log:one\nn1:a.log:\xff two\n"},
                   {GrepPiece::Kind::kNothing},
                   {GrepPiece::Kind::kNode, "n1", "", 2},
                   {GrepPiece::Kind::kNode, "n3", "", 0, "refused"},
                   {GrepPiece::Kind::kEnd, "", "", 2, "", 11}};
  }
  NodeService service() { return {*this, *this, *this, *this, &files}; }

  NodeInfo self() override {
    NodeInfo info = members[0];
    info.presence = presence;
    return info;
  }
  std::vector<NodeInfo> nodes() override { return members; }
  std::vector<Suspicion> suspicions(bool all) override {
    std::vector<Suspicion> found = suspected;
    if (all)
      found.push_back({"n3", "127.0.0.1:7003#1", 1'700'000'002'000'000'000, 1'700'000'003'000'000'000, "failed"});
    return found;
  }
  uint64_t last_event() override { return events.empty() ? 0 : events.back().sequence; }
  std::vector<MemberEvent> events_after(uint64_t sequence) override {
    std::vector<MemberEvent> found;
    for (const MemberEvent& event : events)
      if (event.sequence > sequence) found.push_back(event);
    return found;
  }
  Status join(const std::vector<std::string>& seeds) override {
    joined_by = seeds;
    return answer("join");
  }
  Status leave() override { return answer("leave"); }

  MemberProtocol protocol() override { return now; }
  Status set_protocol(const MemberProtocol& wanted) override {
    now = wanted;
    return answer("protocol");
  }
  double drop() override { return dropped; }
  Status set_drop(double fraction, bool all_nodes) override {
    dropped = fraction;
    return answer(all_nodes ? "drop all" : "drop");
  }

  StatusOr<std::unique_ptr<GrepStream>> grep(const GrepRequest& request) override {
    grepped = request;
    RS_RETURN_IF_ERROR(answer("grep"));
    return std::make_unique<Pieces>(*this);
  }
  StatusOr<std::unique_ptr<LogStream>> logs(const LogRequest& request) override {
    log_asked = request;
    RS_RETURN_IF_ERROR(answer("logs"));
    return std::make_unique<Lines>(request.follow, &open_streams);
  }

  NodeStatus status() override { return {"1.0", 42, 1'700'000'000'000'000'000, "data", {"the disk is slow"}}; }
  std::vector<ConfigValue> config() override {
    return {{"listen", "127.0.0.1:7001", "flag"}, {"name", "n1", "default"}};
  }
  void measure(MetricSheet* sheet) override {
    sheet->gauge("members", "Nodes that are known.", 3, {{"state", "alive"}});
  }

  FakeFiles files;
  std::vector<NodeInfo> members;
  std::string presence = "in";
  std::vector<Suspicion> suspected;
  std::vector<MemberEvent> events;
  MemberProtocol now;
  double dropped = 0;
  Status failure;  // what everything that may fail answers
  std::vector<std::string> asked, joined_by;
  GrepRequest grepped;
  LogRequest log_asked;
  std::deque<GrepPiece> grep_pieces;  // when they are through: nothing, for ever
  std::atomic<int> open_streams{0};

 private:
  struct Pieces final : GrepStream {
    explicit Pieces(FakeNode& node) : node(node) { ++node.open_streams; }
    ~Pieces() override { --node.open_streams; }
    GrepPiece next(size_t) override {
      if (node.grep_pieces.empty()) return {};
      GrepPiece piece = node.grep_pieces.front();
      node.grep_pieces.pop_front();
      return piece;
    }
    FakeNode& node;
  };
  struct Lines final : LogStream {
    Lines(bool follow, std::atomic<int>* open) : follow(follow), open(open) { ++*open; }
    ~Lines() override { --*open; }
    State read(size_t at_most, std::string* to) override {
      const std::string text = "join n1\nfail n3\n";
      const size_t size = std::min(at_most, text.size() - at);
      to->append(text, at, size);
      at += size;
      return follow || at < text.size() ? State::kOpen : State::kEnd;
    }
    bool follow;
    std::atomic<int>* open;
    size_t at = 0;
  };
  Status answer(const std::string& what) {
    asked.push_back(what);
    return failure;
  }
};

class HandClock final : public io::Clock {  // any thread
 public:
  int64_t now_ns() override { return now_ns_; }
  int64_t wall_ns() override { return now_ns_; }
  void advance_ms(int64_t ms) { now_ns_ += ms * 1'000'000; }

 private:
  std::atomic<int64_t> now_ns_{0};
};

// Steps the API on a thread of its own until it ends, as the loop of a node would.
class ServedNode {
 public:
  static constexpr const char* kToken = "0123456789abcdef";

  explicit ServedNode(const std::string& socket = "")
      : server_(io::real_http_server({.body_bound = Api::body_bound, .wake = [this] { wake(); }})),
        api_(*server_, node.service(), kToken, clock) {
    const auto bound = server_->listen({io::Endpoint::Kind::kIp4, "127.0.0.1", 0});
    EXPECT_TRUE(bound.ok()) << bound.status();
    tcp = *bound;
    local = {io::Endpoint::Kind::kUnix, socket.empty() ? folder_ / "api.sock" : socket, 0};
    EXPECT_TRUE(server_->listen(local).ok());
    node.files.wake = [this] { wake(); };
    thread_ = std::thread([this] { run(); });
  }
  ~ServedNode() {
    end_ = true;
    wake();
    thread_.join();
  }
  void wake() {
    ++wakes_;
    wakes_.notify_one();
  }

  FakeNode node;  // between calls only
  HandClock clock;
  io::Endpoint tcp, local;

 private:
  void run() {
    for (int seen = 0; !end_;) {
      while (api_.step()) {
      }
      wakes_.wait(seen);
      seen = wakes_;
    }
  }

  io::ScratchFolder folder_;
  std::atomic<int> wakes_{0};
  std::atomic<bool> end_{false};
  std::unique_ptr<io::HttpServer> server_;
  Api api_;
  std::thread thread_;
};
}  // namespace rs
