// The commands beside `dev cluster`: they act on processes that others started.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "io/http.h"
#include "io/real/processes.h"
#include "io/real/real.h"
#include "io/real/signals.h"
#include "node/dev_cluster.h"
#include "node/durable_file.h"

namespace rs {
namespace {
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNapNs = 20'000'000, kPatienceNs = 90 * kSecond;

template <class Condition>
bool eventually(Condition holds) {
  const std::unique_ptr<io::Clock> clock = io::real_clock();
  const int64_t end_ns = clock->now_ns() + kPatienceNs;
  while (!holds()) {
    if (clock->now_ns() > end_ns) return false;
    io::nap_ns(kNapNs);
  }
  return true;
}

bool held(const std::string& lock) { return io::lock_holder(lock).value_or(0) != 0; }

Status no_cluster(const ClusterFolder& cluster) {
  return make_error(ErrorId::kNoDevCluster, "no cluster of `rainstorm dev cluster` runs in " + cluster.path,
                    {{"next", "rainstorm dev cluster 3, or name the folder with --dir"}});
}

// kNoDevCluster, kClusterDenied.
Status expect_cluster(const ClusterFolder& cluster) {
  const StatusOr<int64_t> holder = io::lock_holder(cluster.dev_lock());
  if (absl::IsPermissionDenied(holder.status())) return cluster_denied(cluster, holder.status());
  if (!holder.ok()) return holder.status();
  return *holder == 0 ? no_cluster(cluster) : Ok();
}

Status wrong_state(const std::string& name, std::string_view what) {
  return make_error(ErrorId::kDevNode, absl::StrCat("node ", name, " ", std::string(what)),
                    {{"next", "rainstorm node ls shows the nodes"}});
}

Status slow(const std::string& what) {
  return make_error(ErrorId::kTimedOut, absl::StrCat(what, " did not happen within ", kPatienceNs / kSecond, " s"),
                    {{"next", "rainstorm node ls shows what there is; rainstorm dev stop ends it"}});
}

io::ProcessOrder process_order(DevOrder order) {
  switch (order) {
    case DevOrder::kKill:
      return io::ProcessOrder::kKill;
    case DevOrder::kPause:
      return io::ProcessOrder::kPause;
    case DevOrder::kResume:
      return io::ProcessOrder::kResume;
  }
  RS_CHECK(false, "all orders are known");
}

// The names that a node has alive in its list.
std::vector<std::string> seen_alive(const ClusterFolder& cluster, const std::string& name) {
  const io::Endpoint api{io::Endpoint::Kind::kUnix, cluster.node(name).api_socket, 0};
  const StatusOr<io::HttpAnswer> answer = io::http_call(api, {.target = "/api/v1/nodes", .answer_ms = 1000});
  if (!answer.ok() || answer->status != 200) return {};
  const auto body = nlohmann::json::parse(answer->body, nullptr, false);
  std::vector<std::string> names;
  if (!body.is_object() || !body.contains("nodes")) return names;
  for (const auto& node : body["nodes"])
    if (node.value("state", "") == "alive") names.push_back(node.value("name", ""));
  return names;
}
}  // namespace

Status order_dev_node(const ClusterFolder& cluster, const std::string& name, DevOrder order) {
  RS_RETURN_IF_ERROR(expect_cluster(cluster));
  if (!valid_node_name(name)) return wrong_state(name, "can't be: that is no name of a node");
  const std::string lock = cluster.node(name).lock;
  const Status ordered = io::order_holder(lock, process_order(order));
  if (ordered.code() == absl::StatusCode::kNotFound) return wrong_state(name, "does not run");
  RS_RETURN_IF_ERROR(ordered);
  if (order != DevOrder::kKill || eventually([&] { return !held(lock); })) return Ok();
  return slow("the end of " + name);
}

Status start_dev_node(const ClusterFolder& cluster, const std::string& name) {
  RS_RETURN_IF_ERROR(expect_cluster(cluster));
  if (!valid_node_name(name)) return wrong_state(name, "can't be: that is no name of a node");
  const NodePaths node = cluster.node(name);
  if (held(node.lock)) return wrong_state(name, "runs already; one that is paused goes on by dev resume");
  const std::unique_ptr<io::Directory> directory = io::real_directory();
  RS_RETURN_IF_ERROR(make_durably(node.folder, directory.get()));
  const std::string request = node.folder + "/start";
  const auto file = directory->open(request, io::OpenMode::kCreate);
  if (!file.ok()) return folder_refused(node.folder, file.status());
  if (!eventually([&] { return !directory->stat(request).ok() || !held(cluster.dev_lock()); }))
    return slow("the start of " + name);
  if (held(node.lock)) return Ok();
  return make_error(ErrorId::kDevStart, absl::StrCat("node ", name, " did not start"),
                    {{"next", "look into " + node.errors}});
}

Status stop_dev_cluster(const ClusterFolder& cluster) {
  RS_RETURN_IF_ERROR(expect_cluster(cluster));
  const Status ordered = io::order_holder(cluster.dev_lock(), io::ProcessOrder::kEnd);
  if (ordered.code() == absl::StatusCode::kNotFound) return no_cluster(cluster);
  RS_RETURN_IF_ERROR(ordered);
  return eventually([&] { return !held(cluster.dev_lock()); }) ? Ok() : slow("the end of the cluster");
}

bool all_see_all(const ClusterFolder& cluster, const std::vector<std::string>& names) {
  RS_CHECK(!names.empty(), "nobody sees nobody");
  for (const std::string& name : names) {
    const std::vector<std::string> alive = seen_alive(cluster, name);
    for (const std::string& other : names)
      if (std::find(alive.begin(), alive.end(), other) == alive.end()) return false;
  }
  return true;
}

// It tells of a failure by its end, and why by what it wrote to stderr.
Status detach_dev_cluster(const ClusterFolder& cluster, const std::string& program, int nodes) {
  const std::unique_ptr<io::Directory> directory = io::real_directory();
  RS_RETURN_IF_ERROR(make_dev_folder(cluster, directory.get()));
  if (const int64_t holder = io::lock_holder(cluster.dev_lock()).value_or(0); holder != 0)
    return dev_runs_already(cluster, holder);
  RS_CHECK(nodes >= 1 && nodes <= kMostDevNodes, "the caller has looked");
  const std::string errors = cluster.path + "/dev.errors";
  if (directory->stat(errors).ok()) RS_RETURN_IF_ERROR(directory->remove(errors));
  const auto ended =
      io::start_detached({program, "dev", "cluster", absl::StrCat(nodes), "--dir", cluster.path, "--quiet"}, errors);
  if (!ended.ok()) return folder_refused(cluster.path, ended.status());
  bool ready = false;
  const bool decided = eventually([&] { return (*ended)() || (ready = all_see_all(cluster, dev_names(nodes))); });
  if (ready) return Ok();
  if (!decided) return slow("the start of the cluster");
  constexpr size_t kMostWords = 4096;
  return make_error(ErrorId::kDevStart, "the cluster did not start",
                    {{"stderr", read_whole(errors, kMostWords, directory.get()).value_or("")},
                     {"next", "is the disk full? without --detach it says on the terminal what is wrong"}});
}
}  // namespace rs
