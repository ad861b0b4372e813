#include "cli/dev.h"

#include <charconv>

#include "base/check.h"
#include "base/error.h"
#include "cli/format.h"
#include "cli/json.h"
#include "node/dev_cluster.h"

namespace rs {
namespace {
StatusOr<int> read_count(const std::string& text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (whole && number >= 1 && number <= kMostDevNodes) return number;
  return make_error(ErrorId::kUsage, "dev cluster " + text + ": a cluster has 1 to 100 nodes",
                    {{"next", "rainstorm dev cluster 3"}});
}

std::string how_to_use(const ClusterFolder& cluster, int nodes, bool attached) {
  return count_of(static_cast<uint64_t>(nodes), "node", "nodes") + " in " + cluster.path +
         ", each of which sees all others\n\n  export RAINSTORM_CLUSTER=" + cluster.path +
         "\n  rainstorm node ls\n  rainstorm node watch\n  rainstorm dev kill n1\n  rainstorm dev start n1\n" +
         "  rainstorm grep join\n  rainstorm shell\n\n" +
         (attached ? "Ctrl-C ends them all.\n" : "rainstorm dev stop ends them all.\n");
}

std::string cluster_json(const ClusterFolder& cluster, int nodes) {
  std::string names;
  for (const std::string& name : dev_names(nodes)) names += (names.empty() ? "" : ",") + json_text(name);
  return JsonObject().text("cluster", cluster.path).array("nodes", names).str() + "\n";
}

class Dev {
 public:
  Dev(const Invocation& invocation, const Console& console, ClusterFolder cluster)
      : invocation_(invocation), console_(console), cluster_(std::move(cluster)) {}

  StatusOr<std::string> cluster() {
    const StatusOr<int> nodes = read_count(invocation_.words[1]);
    if (!nodes.ok()) return nodes.status();
    const StatusOr<std::string> program = dev_program();
    if (!program.ok()) return program.status();
    if (!invocation_.detach) return attached(*program, *nodes);
    RS_RETURN_IF_ERROR(detach_dev_cluster(cluster_, *program, *nodes));
    return about(*nodes);
  }

  StatusOr<std::string> act() {
    const std::string& action = invocation_.words[0];
    if (action == "stop") return done("stopped", stop_dev_cluster(cluster_), cluster_.path);
    RS_CHECK(invocation_.words.size() == 2, "the other actions name a node");
    const std::string& name = invocation_.words[1];
    if (action == "start") return done("started", start_dev_node(cluster_, name), name);
    if (action == "kill") return done("killed", order_dev_node(cluster_, name, DevOrder::kKill), name);
    if (action == "pause") return done("paused", order_dev_node(cluster_, name, DevOrder::kPause), name);
    return done("resumed", order_dev_node(cluster_, name, DevOrder::kResume), name);
  }

 private:
  StatusOr<std::string> attached(const std::string& program, int nodes) {
    const StatusOr<std::unique_ptr<DevCluster>> dev = DevCluster::open(cluster_, program);
    if (!dev.ok()) return dev.status();
    RS_RETURN_IF_ERROR((*dev)->start(nodes));
    bool told = false;
    (*dev)->supervise([&] {
      if (told || !all_see_all(cluster_, dev_names(nodes))) return;
      told = true;
      console_.out(about(nodes));
    });
    return std::string();
  }

  std::string about(int nodes) const {
    if (invocation_.json) return cluster_json(cluster_, nodes);
    return invocation_.quiet ? "" : how_to_use(cluster_, nodes, !invocation_.detach);
  }

  StatusOr<std::string> done(const std::string& what, const Status& status, const std::string& whom) const {
    if (!status.ok()) return status;
    if (invocation_.json) return JsonObject().text(what, whom).str() + "\n";
    return invocation_.quiet ? "" : what + " " + whom + "\n";
  }

  const Invocation& invocation_;
  const Console& console_;
  const ClusterFolder cluster_;
};
}  // namespace

StatusOr<std::string> run_dev(const Invocation& invocation, const Console& console) {
  RS_CHECK(!invocation.words.empty(), "an action was read");
  const auto cluster = find_cluster(invocation.folder, console.environment, console.working_directory);
  if (!cluster.ok()) return cluster.status();
  Dev dev(invocation, console, *cluster);
  return invocation.words[0] == "cluster" ? dev.cluster() : dev.act();
}

std::string ready_text(const DaemonReady& ready) {
  std::string text = "node " + ready.self.name + " listens at " + ready.self.address + "\n";
  for (const std::string& api : ready.api) text += "  api  " + api + "\n";
  return text + "  log  " + ready.folder + "/log/node.log\n";
}

std::string ready_json(const DaemonReady& ready) {
  std::string api;
  for (const std::string& each : ready.api) api += (api.empty() ? "" : ",") + json_text(each);
  JsonObject object;
  object.text("name", ready.self.name).text("id", ready.self.uuid).text("address", ready.self.address);
  object.array("api", api).text("folder", ready.folder).number("pid", static_cast<uint64_t>(ready.pid));
  return object.str() + "\n";
}
}  // namespace rs
