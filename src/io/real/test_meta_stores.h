// Tests only: meta stores of each kind, and lines to them. The test's own thread is the loop of all clients and of the
// node that hosts an embedded store.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "io/meta/client.h"
#include "io/meta/host.h"
#include "io/meta/journal.h"
#include "io/meta/remote.h"
#include "io/real/network.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "io/sim/meta.h"
#include "io/sim/wire.h"

namespace rs::io {
class TestStores {
 public:
  virtual ~TestStores() = default;
  virtual std::unique_ptr<MetaLine> line(const Uuid& client) = 0;
  virtual bool wait(int64_t at_ns) = 0;  // until then, or until something may have happened; false: for too long
  virtual void restart() = 0;
  virtual void compact() = 0;  // forgets the history
  virtual Clock& clock() = 0;
  virtual Random& random() = 0;
};

class SimulatedStores final : public TestStores {
 public:
  std::unique_ptr<MetaLine> line(const Uuid& client) override {
    struct Line final : MetaLine {
      Line(SimMeta* meta_, uint64_t tap_) : meta(*meta_), tap(tap_) {}
      ~Line() override { meta.unplug(tap); }
      bool send(const MetaAsk& ask) override { return meta.send(tap, ask), true; }
      std::vector<MetaReply> take() override { return meta.take(tap); }
      int64_t step() override { return INT64_MAX; }
      Status health() override { return Ok(); }
      SimMeta& meta;
      const uint64_t tap;
    };
    return std::make_unique<Line>(&meta_, meta_.plug(world_.boot().id, client, [] {}));
  }
  bool wait(int64_t at_ns) override {
    if (at_ns != INT64_MAX) world_.scheduler.post(std::max(at_ns, clock().now_ns()), [] {});
    return world_.scheduler.step() && clock().now_ns() < int64_t{3600} * 1'000'000'000;
  }
  void restart() override {
    meta_.down();
    meta_.up();
  }
  void compact() override { meta_.compact(); }
  Clock& clock() override { return world_.clock; }
  Random& random() override { return random_; }

 private:
  SimWorld world_{11};
  SimMeta meta_{&world_};
  SimRandom random_{11, "clients"};
};

// The embedded store, and lines over a network.
class EmbeddedStores : public TestStores {
 public:
  std::unique_ptr<MetaLine> line(const Uuid& client) override {
    if (!host_) start_host();
    lines_.emplace_back();
    Joined& joined = lines_.back();
    joined.network = network(client, next_host_++);
    struct Line final : MetaLine {  // its network outlives it here
      Line(std::unique_ptr<RemoteMetaLine> line_, RemoteMetaLine** slot_) : line(std::move(line_)), slot(slot_) {}
      ~Line() override { *slot = nullptr; }
      bool send(const MetaAsk& ask) override { return line->send(ask); }
      std::vector<MetaReply> take() override { return line->take(); }
      int64_t step() override { return line->step(); }
      Status health() override { return line->health(); }
      std::unique_ptr<RemoteMetaLine> line;
      RemoteMetaLine** slot;
    };
    auto remote = std::make_unique<RemoteMetaLine>(RemoteMetaLine::Doors{joined.network.get(), &clock(), &random()},
                                                   at_, LinkLimits{.first_ns = 10'000'000, .longest_ns = 200'000'000});
    joined.line = remote.get();
    return std::make_unique<Line>(std::move(remote), &joined.line);
  }
  bool wait(int64_t at_ns) override {
    if (pump()) return true;
    return nap(host_ ? std::min(at_ns, host_due_ns_) : at_ns);
  }
  void restart() override {
    stop_host();
    start_host();
  }
  void compact() override {}  // the contract writes more than the history holds

 protected:
  virtual std::unique_ptr<Network> network(const Uuid& node, uint32_t host) = 0;
  virtual Endpoint endpoint() = 0;
  virtual bool nap(int64_t at_ns) = 0;
  virtual Directory& directory() = 0;
  virtual Runner& runner() = 0;  // of this life of the host
  virtual std::string folder() = 0;
  virtual void host_died() = 0;

  static NetworkOptions options(const Uuid& node) {
    NetworkOptions options;
    options.self = {"demo", node, absl::StrCat("n", node.low), "node"};
    options.cluster_key = "a key of the cluster";
    options.limits.frame_bytes = meta_frame_bytes();
    return options;
  }
  void start_host() {
    auto recovered = MetaJournal::recover(
        {.folder = folder(), .growth_bytes = 2000, .table = {.history_changes = kHistory}}, &directory());
    RS_CHECK(recovered.ok(), "a journal is recovered");
    journal_ = std::move(recovered->journal);
    journal_->wake = [this] { ring(); };
    runner().start(journal_.get(), "meta");
    host_ = std::make_unique<MetaHost>(std::move(recovered->table), journal_.get(), &runner(), &clock());
    host_network_ = network({1, 1}, 1);
    const StatusOr<Endpoint> got = host_network_->listen(at_.host.empty() ? endpoint() : at_);
    RS_CHECK(got.ok(), "the host listens");
    at_ = *got;
    server_.emplace(host_network_.get(), host_.get());
  }
  void stop_host() {
    journal_->close();
    runner().wake(journal_.get());
    host_died();  // its loops have ended
    server_.reset();
    host_network_.reset();
    host_.reset();
    journal_.reset();
  }
  void end() {  // before the doors go
    if (host_) stop_host();
    lines_.clear();
  }
  virtual void ring() {}
  bool pump() {  // whether something came
    bool came = false;
    for (Joined& joined : lines_) {
      for (const NetEvent& event : joined.network->take()) {
        came = true;
        if (joined.line) joined.line->handle(event);
      }
    }
    if (!host_) return came;
    for (const NetEvent& event : host_network_->take()) server_->handle(event);
    host_due_ns_ = host_->step();
    server_->pump();
    return came;
  }
  static constexpr size_t kHistory = 20;

 private:
  struct Joined {
    std::unique_ptr<Network> network;
    RemoteMetaLine* line = nullptr;
  };
  std::deque<Joined> lines_;
  uint32_t next_host_ = 2;
  Endpoint at_;
  std::unique_ptr<MetaJournal> journal_;
  std::unique_ptr<MetaHost> host_;
  std::unique_ptr<Network> host_network_;
  std::optional<MetaServer> server_;
  int64_t host_due_ns_ = INT64_MAX;
};

class EmbeddedSimulated final : public EmbeddedStores {
 public:
  EmbeddedSimulated() { world_.disk.put("meta/anchor", ""); }
  ~EmbeddedSimulated() override { end(); }
  Clock& clock() override { return world_.clock; }
  Random& random() override { return random_; }

 protected:
  std::unique_ptr<Network> network(const Uuid& node, uint32_t host) override {
    NetworkOptions all = options(node);
    all.wake = [] {};
    return wire_.attach(HostId(host), host == 1 ? process_.id : world_.boot().id, std::move(all), &random_);
  }
  Endpoint endpoint() override { return parse_endpoint("unix:/host").value(); }
  bool nap(int64_t at_ns) override {
    if (at_ns != INT64_MAX) world_.scheduler.post(std::max(at_ns, clock().now_ns()), [] {});
    return world_.scheduler.step() && clock().now_ns() < int64_t{3600} * 1'000'000'000;
  }
  Directory& directory() override { return *process_.directory; }
  Runner& runner() override { return *process_.runner; }
  std::string folder() override { return "meta"; }
  void host_died() override {
    world_.crash(process_.id);
    process_ = world_.boot();
  }

 private:
  SimWorld world_{12};
  SimWire wire_{&world_};
  SimRandom random_{12, "clients"};
  SimProcess process_ = world_.boot();
};

class Bell {  // real time
 public:
  void ring() {
    std::lock_guard lock(mutex_);
    rung_ = true;
    bell_.notify_one();
  }
  bool wait(int64_t ns) {  // false: for too long
    std::unique_lock lock(mutex_);
    constexpr int64_t kLongest = 60'000'000'000;
    bell_.wait_for(lock, std::chrono::nanoseconds(std::clamp<int64_t>(ns, 0, kLongest)), [this] { return rung_; });
    return std::exchange(rung_, false) || ns < kLongest;
  }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
};

class EmbeddedReal final : public EmbeddedStores {
 public:
  ~EmbeddedReal() override { end(); }
  Clock& clock() override { return *clock_; }
  Random& random() override { return *random_; }

 protected:
  std::unique_ptr<Network> network(const Uuid& node, uint32_t) override {
    NetworkOptions all = options(node);
    all.wake = [this] { ring(); };
    return real_network(std::move(all), random_.get());
  }
  Endpoint endpoint() override { return parse_endpoint(absl::StrCat("unix:", folder_ / "host.sock")).value(); }
  bool nap(int64_t at_ns) override { return bell_.wait(at_ns == INT64_MAX ? INT64_MAX : until(at_ns)); }
  Directory& directory() override { return *directory_; }
  Runner& runner() override { return *runner_; }
  std::string folder() override { return folder_.path(); }
  void host_died() override {
    runner_->join();
    runner_ = thread_runner(*clock_);
  }
  void ring() override { bell_.ring(); }

 private:
  int64_t until(int64_t at_ns) {
    const int64_t now_ns = clock_->now_ns();
    return std::max(at_ns, now_ns) - now_ns;
  }

  ScratchFolder folder_;
  Bell bell_;
  const std::unique_ptr<Clock> clock_ = real_clock();
  const std::unique_ptr<Random> random_ = real_random();
  const std::unique_ptr<Directory> directory_ = real_directory();
  std::unique_ptr<Runner> runner_ = thread_runner(*clock_);
};
}  // namespace rs::io
