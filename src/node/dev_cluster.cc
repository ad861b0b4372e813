#include "node/dev_cluster.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "io/real/guardian.h"
#include "io/real/processes.h"
#include "io/real/real.h"
#include "io/real/signals.h"
#include "node/durable_file.h"

namespace rs {
namespace {
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNapNs = 20'000'000;
constexpr int64_t kReadyNs = 60 * kSecond, kEndNs = 5 * kSecond;
constexpr size_t kSeeds = 3;
constexpr int kLastWordsNaps = 50;

std::string start_file(const ClusterFolder& cluster, const std::string& name) {
  return cluster.node(name).folder + "/start";
}
}  // namespace

StatusOr<std::string> dev_program() { return io::own_program(); }

DevCluster::DevCluster(const ClusterFolder& cluster, std::string program)
    : cluster_(cluster), program_(std::move(program)), directory_(io::real_directory()), clock_(io::real_clock()) {}

StatusOr<std::unique_ptr<DevCluster>> DevCluster::open(const ClusterFolder& cluster, const std::string& program) {
  std::unique_ptr<DevCluster> dev(new DevCluster(cluster, program));
  RS_RETURN_IF_ERROR(make_dev_folder(cluster, dev->directory_.get()));
  StatusOr<std::unique_ptr<io::Children>> guardian = io::start_guardian();  // before the lock, which it must not hold
  if (!guardian.ok()) return guardian.status();
  dev->children_ = *std::move(guardian);
  io::catch_signals();
  StatusOr<std::unique_ptr<io::File>> file = dev->directory_->open(cluster.dev_lock(), io::OpenMode::kCreate);
  if (!file.ok()) return folder_refused(cluster.path, file.status());
  const StatusOr<int64_t> holder = (*file)->lock("rainstorm dev cluster\n");
  if (!holder.ok()) return folder_refused(cluster.path, holder.status());
  if (*holder != 0) return dev_runs_already(cluster, *holder);
  dev->lock_ = *std::move(file);
  return dev;
}

Status dev_runs_already(const ClusterFolder& cluster, int64_t holder) {
  return make_error(ErrorId::kDevClusterRuns,
                    absl::StrCat("a cluster runs in ", cluster.path, " already: process ", holder),
                    {{"next", "rainstorm dev stop, or choose another --dir"}});
}

Status make_dev_folder(const ClusterFolder& cluster, io::Directory* directory) {
  const std::string socket = cluster.node(absl::StrCat("n", kMostDevNodes)).api_socket;
  if (const auto fits = io::parse_endpoint("unix:" + socket); !fits.ok())
    return folder_refused(cluster.path, absl::FailedPreconditionError(fits.status().message()));
  const Status made = make_durably(cluster.path, directory);
  return made.ok() ? made : folder_refused(cluster.path, made);
}

std::vector<std::string> dev_names(int nodes) {
  std::vector<std::string> names;
  for (int i = 1; i <= nodes; ++i) names.push_back(absl::StrCat("n", i));
  return names;
}

std::vector<DevCluster::Node> DevCluster::nodes() const {
  std::vector<Node> list;
  for (const std::string& name : dev_names(static_cast<int>(nodes_.size())))
    if (const auto node = nodes_.find(name); node != nodes_.end()) list.push_back(node->second.node);
  return list;
}

Status DevCluster::start(int nodes) {
  RS_CHECK(nodes >= 1 && nodes <= kMostDevNodes && nodes_.empty(), "a cluster is started once");
  const StatusOr<std::vector<uint16_t>> ports = io::free_ports(static_cast<size_t>(nodes), io::real_random()->next());
  if (!ports.ok()) return ports.status();
  for (const std::string& name : dev_names(nodes)) {
    const io::Endpoint address{io::Endpoint::Kind::kIp4, "127.0.0.1", (*ports)[nodes_.size()]};
    if (seeds_.size() < kSeeds) seeds_.push_back(address);
    nodes_[name].node = {name, address};
  }
  copies_ = nodes == 1 ? "1" : "3";
  for (const std::string& name : dev_names(nodes)) RS_RETURN_IF_ERROR(launch(name));
  for (auto& [name, node] : nodes_) RS_RETURN_IF_ERROR(await_ready(&node));
  return Ok();
}

Status DevCluster::launch(const std::string& name) {
  Running& running = nodes_.at(name);
  RS_CHECK(running.child == nullptr, "a node runs once");
  if (const Status made = make_durably(cluster_.node(name).folder, directory_.get()); !made.ok())
    return folder_refused(cluster_.path, made);
  std::string join;
  for (const io::Endpoint& seed : seeds_) absl::StrAppend(&join, join.empty() ? "" : ",", seed.text());
  RS_CHECK(running.node.name == name && running.node.address.port != 0, "a node has its address before it starts");
  const io::ChildSpec spec{.argv = {program_, "node", "run", "--json", "--dir", cluster_.path, "--name", name,
                                    "--listen", running.node.address.text(), "--join", join, "--files-copies", copies_},
                           .stderr_path = cluster_.node(name).errors};
  StatusOr<std::unique_ptr<io::Child>> child = children_->start(spec);
  if (!child.ok()) return child.status();
  running.child = *std::move(child);
  running.child->close_stdin();
  return Ok();
}

// The line that says that it listens is all that a node ever writes to its stdout.
Status DevCluster::await_ready(Running* node) {
  RS_CHECK(node->child != nullptr, "only what was launched can become ready");
  std::string said;
  const int64_t end_ns = clock_->now_ns() + kReadyNs;
  while (said.find('\n') == said.npos) {
    char block[4096];
    const StatusOr<io::ReadResult> got = node->child->read(block);
    if (got.ok() && got->kind == io::ReadResult::Kind::kData) {
      said.append(block, got->size);
      continue;
    }
    if (io::caught_signals() > 0) return absl::CancelledError("interrupted");
    const bool over = !got.ok() || got->kind == io::ReadResult::Kind::kEof || clock_->now_ns() > end_ns;
    if (over) {
      for (int i = 0; i < kLastWordsNaps && !node->child->exit().exited; ++i) io::nap_ns(kNapNs);
      const std::string words = node->child->stderr_tail();
      node->child.reset();
      return make_error(ErrorId::kDevStart, absl::StrCat("node ", node->node.name, " did not start"),
                        {{"stderr", words}, {"next", "look into " + cluster_.node(node->node.name).log}});
    }
    io::nap_ns(kNapNs / 10);
  }
  return Ok();
}

void DevCluster::supervise(const std::function<void()>& each) {
  const auto removed = [&] { return absl::IsNotFound(directory_->stat(cluster_.dev_lock()).status()); };
  while (io::caught_signals() == 0 && !removed()) {  // a folder that was removed: nobody could find the nodes any more
    reap();
    heed_requests();
    each();
    io::nap_ns(kNapNs);
  }
  end_all();
  RS_CHECK(nodes_.empty() && children_ == nullptr, "nothing of it is left");
}

void DevCluster::reap() {
  for (auto& [name, node] : nodes_) {
    if (node.child == nullptr) continue;
    char block[4096];
    const StatusOr<io::ReadResult> nothing = node.child->read(block);
    if (nothing.ok() && nothing->kind == io::ReadResult::Kind::kWait) continue;
    if (node.child->exit().exited) node.child.reset();
  }
}

// A name that is new gets a port: a cluster can grow.
void DevCluster::heed_requests() {
  for (const std::string& name : directory_->list(cluster_.path).value_or(std::vector<std::string>{})) {
    if (!valid_node_name(name) || !directory_->stat(start_file(cluster_, name)).ok()) continue;
    Running& node = nodes_[name];
    if (node.node.name.empty()) {
      const auto ports = io::free_ports(1, io::real_random()->next());
      if (ports.ok()) node.node = {name, {io::Endpoint::Kind::kIp4, "127.0.0.1", ports->front()}};
    }
    if (node.child == nullptr && launch(name).ok()) await_ready(&node).IgnoreError();  // its end is seen by its lock
    directory_->remove(start_file(cluster_, name)).IgnoreError();
  }
}

void DevCluster::end_all() {
  for (auto& [name, node] : nodes_)
    if (node.child) io::order_holder(cluster_.node(name).lock, io::ProcessOrder::kEnd).IgnoreError();
  const int64_t end_ns = clock_->now_ns() + kEndNs;
  const auto runs = [](const auto& each) { return each.second.child != nullptr; };
  while (clock_->now_ns() < end_ns && std::any_of(nodes_.begin(), nodes_.end(), runs)) {
    reap();
    io::nap_ns(kNapNs);
  }
  nodes_.clear();
  children_.reset();  // returns when nothing is left of them
}
}  // namespace rs
