// The configuration of a node: each setting comes from an option, else a variable of the environment, else the file,
// else a default, and it is known from where.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "io/endpoint.h"
#include "io/file.h"
#include "membership/settings.h"
#include "node/cluster_folder.h"
#include "node/node_service.h"

namespace rs {
struct SettingRow {
  std::string_view name;      // in the file: "log.level"; as an option: --log-level
  std::string_view variable;  // "RAINSTORM_LOG_LEVEL"
  std::string_view otherwise;
  bool live;  // a change is heard at SIGHUP; else it needs a restart
  std::string_view meaning;
};
const std::vector<SettingRow>& setting_rows();
std::string option_of(const SettingRow& row);  // "--log-level"

struct NodeConfig {
  ClusterFolder cluster;
  std::string name;
  io::Endpoint listen;                    // of datagrams and connections of nodes
  std::vector<io::Endpoint> join;         // seeds
  std::optional<io::Endpoint> api;        // besides the socket in the node's folder
  std::optional<io::Endpoint> meta_host;  // of the embedded meta store; nullopt: the first seed, or this node
  std::string cluster_name;
  size_t file_copies = 3;
  membership::Protocol protocol;
  LogLevel log_level = LogLevel::kInfo;
  uint64_t log_bytes = 0;
  int log_files = 0;

  std::vector<ConfigValue> values;  // all of the above as they were read, in the order of setting_rows()

  void take_live(const NodeConfig& newer);  // the settings that need no restart
};

struct ConfigSources {
  std::map<std::string, std::string> options;  // by the name of the setting; lists with commas
  Environment environment;
  std::string file;  // empty: config.yaml in the node's folder, if it is there
  std::string working_directory;
  io::Directory* directory = nullptr;
};

// kNodeConfig, kNodeWide: the message begins with the place.
StatusOr<NodeConfig> read_config(const ConfigSources& sources);

struct ConfigChange {
  std::string name, before, after;
  bool live = false;
};
std::vector<ConfigChange> changes(const NodeConfig& before, const NodeConfig& after);
}  // namespace rs
