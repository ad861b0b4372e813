// The folder that the nodes of one machine share with the commands that speak to them (docs/formats/cluster.md).
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/clock.h"
#include "io/file.h"

namespace rs {
using Environment = std::function<std::optional<std::string>(const std::string&)>;

struct NodePaths {
  std::string folder, lock, identity, config, api_socket, log_root, log, errors;
};

struct ClusterFolder {
  std::string path;  // absolute

  std::string key() const { return path + "/key"; }
  std::string token() const { return path + "/token"; }
  std::string dev_lock() const { return path + "/dev.lock"; }  // held by the process of `dev cluster`
  NodePaths node(const std::string& name) const;
};

// `given` if it says something, else RAINSTORM_CLUSTER, else the usual one. kUsage: nothing says which.
StatusOr<ClusterFolder> find_cluster(const std::string& given, const Environment& environment,
                                     const std::string& working_directory);

// A member's name that can also name a folder here: it has no leading dot and is not one of the files above.
bool valid_node_name(std::string_view name);

// In the order n1 n2 n10; no folder: none. kClusterDenied.
StatusOr<std::vector<std::string>> node_names(const ClusterFolder& cluster, io::Directory* directory);

struct ClusterSecrets {
  std::string key, token;  // 64 hexadecimal digits each
};
// Makes the folder and what is missing in it. kNodeFolder, kOpenSecret.
StatusOr<ClusterSecrets> open_secrets(const ClusterFolder& cluster, io::Directory* directory, io::Random* random);
StatusOr<std::string> read_token(const ClusterFolder& cluster);  // kNotFound, kOpenSecret

// Makes the folder of a node and holds its lock until the file is closed; waits up to two seconds for a holder that may
// be dying. kNodeBusy names the process; kNodeFolder.
StatusOr<std::unique_ptr<io::File>> lock_node(const NodePaths& node, io::Directory* directory);

Status cluster_denied(const ClusterFolder& cluster, const Status& why);  // kClusterDenied

// kNodeFolder, for what the system says when `path` can't be used; else `why`.
Status folder_refused(const std::string& path, const Status& why);
}  // namespace rs
