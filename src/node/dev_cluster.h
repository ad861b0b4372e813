// `rainstorm dev cluster N`: real nodes on loopback in one folder, for developing and testing. One process supervises
// them: it holds D/dev.lock, starts the nodes beneath a guardian, reaps them, and starts those that `dev start` asks
// for by a file. However it ends, the guardian ends all nodes, paused ones too. The other commands need no more than
// the locks: they find processes by these, never by a name.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/child.h"
#include "io/clock.h"
#include "io/endpoint.h"
#include "io/file.h"
#include "node/cluster_folder.h"

namespace rs {
constexpr int kMostDevNodes = 100;

StatusOr<std::string> dev_program();  // the path of this process's own binary

class DevCluster {  // one thread
 public:
  // `program` is the binary of the nodes. Takes the lock, makes the folder, catches signals. kDevClusterRuns.
  static StatusOr<std::unique_ptr<DevCluster>> open(const ClusterFolder& cluster, const std::string& program);

  // n1 .. nN, each with a free port, each knowing the first three. Returns when all listen. kDevStart; kCancelled: a
  // signal came.
  Status start(int nodes);
  struct Node {
    std::string name;
    io::Endpoint address;
  };
  std::vector<Node> nodes() const;

  // Until a signal comes, or the folder was removed; then ends the nodes: politely, and after a few seconds not. `each`
  // is called all the time.
  void supervise(const std::function<void()>& each);

 private:
  struct Running {
    Node node;
    std::unique_ptr<io::Child> child;  // null: it does not run
  };
  DevCluster(const ClusterFolder& cluster, std::string program);
  Status launch(const std::string& name);
  Status await_ready(Running* node);
  void reap();
  void heed_requests();
  void end_all();

  const ClusterFolder cluster_;
  const std::string program_;
  const std::unique_ptr<io::Directory> directory_;
  const std::unique_ptr<io::Clock> clock_;
  std::unique_ptr<io::File> lock_;
  std::unique_ptr<io::Children> children_;
  std::vector<io::Endpoint> seeds_;
  std::string copies_ = "3";  // of each file
  std::map<std::string, Running> nodes_;
};

// For the other commands. kNoDevCluster, kDevNode.
enum class DevOrder { kKill, kPause, kResume };
Status order_dev_node(const ClusterFolder& cluster, const std::string& name, DevOrder order);  // kill: until it is dead
Status start_dev_node(const ClusterFolder& cluster, const std::string& name);  // until it listens. kDevStart
Status stop_dev_cluster(const ClusterFolder& cluster);                         // until all have ended

// A supervisor of its own, beyond this process. Returns when all nodes see each other. kDevClusterRuns, kDevStart.
Status detach_dev_cluster(const ClusterFolder& cluster, const std::string& program, int nodes);

// Whether each of these nodes has all of them alive in its list, by the API.
bool all_see_all(const ClusterFolder& cluster, const std::vector<std::string>& names);
std::vector<std::string> dev_names(int nodes);                          // n1 .. nN
Status dev_runs_already(const ClusterFolder& cluster, int64_t holder);  // kDevClusterRuns
// For a cluster that is to start. kNodeFolder: it can't be made, or its path is too long for a socket in it.
Status make_dev_folder(const ClusterFolder& cluster, io::Directory* directory);
}  // namespace rs
