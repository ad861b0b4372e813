#include "node/config.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/error.h"
#include "base/suggest.h"
#include "membership/member.h"
#include "node/durable_file.h"
#include "node/settings_file.h"

namespace rs {
namespace {
constexpr size_t kMostFileBytes = 64 << 10;
constexpr size_t kMostSeeds = 64;
constexpr uint64_t kLeastLog = 4 << 10, kMostLog = uint64_t{1} << 40;
constexpr int kMostLogFiles = 100;

Status bad(const std::string& why) { return make_error(ErrorId::kNodeConfig, why); }

Status not_an_endpoint(const Status& why) {
  if (why.code() == absl::StatusCode::kPermissionDenied)
    return make_error(ErrorId::kNodeWide, std::string(why.message()));
  return bad(std::string(why.message()));
}

Status set_listen(const std::string& text, NodeConfig* to) {
  const StatusOr<io::Endpoint> endpoint = io::parse_endpoint(text);
  if (!endpoint.ok()) return not_an_endpoint(endpoint.status());
  if (endpoint->kind == io::Endpoint::Kind::kUnix) return bad(text + ": nodes meet at an address with a port");
  to->listen = *endpoint;
  return Ok();
}

Status set_join(const std::string& text, NodeConfig* to) {
  to->join.clear();
  for (const auto word : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::string seed(absl::StripAsciiWhitespace(word));
    const StatusOr<io::Endpoint> endpoint = io::parse_endpoint(seed);
    if (!endpoint.ok()) return not_an_endpoint(endpoint.status());
    if (endpoint->port == 0) return bad(seed + ": a seed is an address with a port");
    to->join.push_back(*endpoint);
  }
  if (to->join.size() > kMostSeeds) return bad(absl::StrCat("more than ", kMostSeeds, " seeds"));
  return Ok();
}

Status set_api(const std::string& text, NodeConfig* to) {
  if (text == "none") return to->api.reset(), Ok();
  const StatusOr<io::Endpoint> endpoint = io::parse_endpoint(text);
  if (!endpoint.ok()) return not_an_endpoint(endpoint.status());
  if (endpoint->kind == io::Endpoint::Kind::kUnix)
    return bad(text + ": the socket of the node's folder is always there");
  to->api = *endpoint;
  return Ok();
}

Status set_meta_host(const std::string& text, NodeConfig* to) {
  if (text.empty()) return to->meta_host.reset(), Ok();
  const StatusOr<io::Endpoint> endpoint = io::parse_endpoint(text);
  if (!endpoint.ok()) return not_an_endpoint(endpoint.status());
  if (endpoint->port == 0) return bad(text + ": the host is a node's address with a port");
  to->meta_host = *endpoint;
  return Ok();
}

Status set_name(const std::string& text, NodeConfig* to) {
  to->name = text;
  if (valid_node_name(text)) return Ok();
  return bad("\"" + text +
             "\" is no name of a node: 1-64 of A-Z a-z 0-9 . _ : -, no leading dot, not key, token or dev.lock");
}

Status set_file_copies(const std::string& text, NodeConfig* to) {
  if (text != "1" && text != "3") return bad("\"" + text + "\": a cluster keeps 3 copies of its files, or 1");
  to->file_copies = text == "1" ? 1 : 3;
  return Ok();
}

Status set_cluster_name(const std::string& text, NodeConfig* to) {
  to->cluster_name = text;
  if (membership::valid_name(text)) return Ok();
  return bad("\"" + text + "\" is no name of a cluster: 1-64 of A-Z a-z 0-9 . _ : -");
}

template <class Value>
struct Word {
  std::string_view text;
  Value value;
};

// The value of the word; an error says what is near to it.
template <class Value, size_t N>
Status choose(const std::string& text, const Word<Value> (&words)[N], Value* to) {
  std::vector<std::string_view> known;
  std::string all;
  for (const Word<Value>& word : words) {
    if (word.text == text) return *to = word.value, Ok();
    known.push_back(word.text);
    absl::StrAppend(&all, all.empty() ? "" : ", ", std::string(word.text));
  }
  const std::string_view near = nearest(text, known);
  const std::string hint =
      near.empty() ? "it is one of: " + all : absl::StrCat("did you mean \"", std::string(near), "\"?");
  return bad("\"" + text + "\" is not known; " + hint);
}

Status set_protocol(const std::string& text, NodeConfig* to) {
  using membership::Detector;
  constexpr Word<Detector> kDetectors[] = {{"ping", Detector::kPing}, {"gossip", Detector::kGossip}};
  constexpr Word<bool> kSuspicions[] = {{"suspect", true}, {"nosuspect", false}};
  const std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (words.empty() || words.size() > 2) return bad("\"" + text + "\": it is written as `ping suspect`");
  RS_RETURN_IF_ERROR(choose(words[0], kDetectors, &to->protocol.detector));
  return words.size() == 1 ? Ok() : choose(words[1], kSuspicions, &to->protocol.suspicion);
}

Status set_log_level(const std::string& text, NodeConfig* to) {
  constexpr Word<LogLevel> kLevels[] = {
      {"debug", LogLevel::kDebug}, {"info", LogLevel::kInfo}, {"warn", LogLevel::kWarn}, {"error", LogLevel::kError}};
  return choose(text, kLevels, &to->log_level);
}

template <class Number>
std::string_view read_number(std::string_view text, Number* to) {  // what stands behind it; all of it: no number
  const auto read = std::from_chars(text.data(), text.data() + text.size(), *to);
  return read.ec == std::errc() ? text.substr(static_cast<size_t>(read.ptr - text.data())) : text;
}

Status set_log_size(const std::string& text, NodeConfig* to) {
  constexpr Word<int> kUnits[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  uint64_t number = 0;
  const std::string unit(read_number(text, &number));
  int shift = 0;
  if (unit.size() == text.size() || unit.empty()) return bad("\"" + text + "\": a size is a number and a unit: 16MiB");
  RS_RETURN_IF_ERROR(choose(unit, kUnits, &shift));
  const bool fits = number <= (kMostLog >> shift) && (number << shift) >= kLeastLog;
  if (!fits) return bad("\"" + text + "\": a log has 4KiB to 1024GiB");
  to->log_bytes = number << shift;
  return Ok();
}

Status set_log_files(const std::string& text, NodeConfig* to) {
  if (text.empty() || !read_number(text, &to->log_files).empty() || to->log_files < 0 || to->log_files > kMostLogFiles)
    return bad("\"" + text + "\": a number of files from 0 to 100");
  return Ok();
}

Status set_nothing(const std::string&, NodeConfig*) { return Ok(); }  // dir: read before all others

struct Setter {
  std::string_view name;
  Status (*set)(const std::string& text, NodeConfig* to);
};
constexpr Setter kSetters[] = {{"dir", set_nothing},
                               {"name", set_name},
                               {"listen", set_listen},
                               {"join", set_join},
                               {"api", set_api},
                               {"cluster-name", set_cluster_name},
                               {"protocol", set_protocol},
                               {"log.level", set_log_level},
                               {"log.size", set_log_size},
                               {"log.files", set_log_files},
                               {"meta.host", set_meta_host},
                               {"files.copies", set_file_copies}};

struct Given {
  std::string text, origin;
};

class ConfigReader {
 public:
  explicit ConfigReader(const ConfigSources& sources) : sources_(sources) {}

  StatusOr<NodeConfig> read() {
    if (!sources_.file.empty()) RS_RETURN_IF_ERROR(read_file(sources_.file));
    RS_RETURN_IF_ERROR(find_folder());
    if (sources_.file.empty()) RS_RETURN_IF_ERROR(read_file_of_folder());
    for (const SettingRow& row : setting_rows()) RS_RETURN_IF_ERROR(set(row));
    return std::move(config_);
  }

 private:
  Given given(const SettingRow& row) const {
    if (const auto option = sources_.options.find(std::string(row.name)); option != sources_.options.end())
      return {option->second, "flag " + option_of(row)};
    const std::string variable(row.variable);
    if (const auto value = sources_.environment(variable); value && !value->empty()) return {*value, variable};
    for (const FileSetting& setting : file_)
      if (setting.name == row.name) return {absl::StrJoin(setting.values, ","), setting.place};
    if (row.name == "name") return {config_.listen.text(), "default"};
    return {std::string(row.otherwise), "default"};
  }

  const SettingRow& row(std::string_view name) const {
    for (const SettingRow& row : setting_rows())
      if (row.name == name) return row;
    RS_CHECK(false, "a setting of the table");
  }

  // `dir` tells where everything else is, so it comes first.
  Status find_folder() {
    const Given dir = given(row("dir"));
    StatusOr<ClusterFolder> cluster = find_cluster(dir.text, sources_.environment, sources_.working_directory);
    if (!cluster.ok())
      return make_error(ErrorId::kNodeConfig, "dir: nothing says where the cluster's folder is", {{"next", "--dir D"}});
    config_.cluster = *std::move(cluster);
    return Ok();
  }

  Status read_file_of_folder() {
    const Given name = given(row("name"));
    if (name.origin == "default" || !valid_node_name(name.text)) return Ok();
    const std::string path = config_.cluster.node(name.text).config;
    if (!sources_.directory->stat(path).ok()) return Ok();
    RS_RETURN_IF_ERROR(read_file(path));
    for (const FileSetting& setting : file_) {
      if (setting.name == "dir" || setting.name == "name")
        return fault(setting.name_place, setting.name + " tells where this file is, so it can't stand in it");
    }
    return Ok();
  }

  Status read_file(const std::string& path) {
    const StatusOr<std::string> text = read_whole(path, kMostFileBytes, sources_.directory);
    if (!text.ok()) return fault("the configuration", std::string(text.status().message()));
    StatusOr<std::vector<FileSetting>> settings = parse_settings(path, *text);
    if (!settings.ok()) return settings.status();
    file_ = *std::move(settings);
    std::vector<std::string_view> known;
    for (const SettingRow& row : setting_rows()) known.push_back(row.name);
    for (const FileSetting& setting : file_) {
      if (std::find(known.begin(), known.end(), setting.name) == known.end()) {
        const std::string near(nearest(setting.name, known));
        return fault(setting.name_place, "unknown setting \"" + setting.name + "\"" +
                                             (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
      }
      if (setting.is_list && setting.name != "join") return fault(setting.place, setting.name + " is no list");
    }
    return Ok();
  }

  Status set(const SettingRow& row) {
    const Given found = row.name == "dir" ? Given{config_.cluster.path, given(row).origin} : given(row);
    const auto* setter = std::find_if(std::begin(kSetters), std::end(kSetters),
                                      [&](const Setter& each) { return each.name == row.name; });
    RS_CHECK(setter != std::end(kSetters), "each setting is read somehow");
    config_.values.push_back({std::string(row.name), found.text, found.origin});
    if (row.name == "name" && found.origin == "default" && config_.listen.port == 0)
      return fault("name", "a node on any free port needs one: --name n1");
    const Status status = setter->set(found.text, &config_);
    if (status.ok()) return Ok();
    const ErrorReport report = report_of(status);
    return fault(found.origin, absl::StrCat(std::string(row.name), ": ", report.message), report.row->id);
  }

  static Status fault(const std::string& place, const std::string& what, ErrorId id = ErrorId::kNodeConfig) {
    return make_error(id, place + ": " + what, {{"next", "rainstorm help node-config"}});
  }

  const ConfigSources& sources_;
  std::vector<FileSetting> file_;
  NodeConfig config_;
};
}  // namespace

const std::vector<SettingRow>& setting_rows() {
  // listen stands before name, which takes its default from it.
  static const auto& rows = *new std::vector<SettingRow>{
      {"dir", "RAINSTORM_CLUSTER", "", false, "the cluster's folder"},
      {"listen", "RAINSTORM_LISTEN", "127.0.0.1:7001", false, "where other nodes reach this one; port 0: any"},
      {"name", "RAINSTORM_NODE", "", false, "for people, and of the node's folder; else as listen"},
      {"join", "RAINSTORM_JOIN", "", false, "addresses of nodes that know the cluster"},
      {"api", "RAINSTORM_API", "none", false, "TCP address of the API, besides the socket"},
      {"cluster-name", "RAINSTORM_CLUSTER_NAME", "rainstorm", false, "nodes of another one are not spoken to"},
      {"meta.host", "RAINSTORM_META_HOST", "", false, "node that keeps the meta store; else the first of join"},
      {"files.copies", "RAINSTORM_FILES_COPIES", "3", false, "replicas of each file: 3, or 1; as the cluster was made"},
      {"protocol", "RAINSTORM_PROTOCOL", "ping suspect", false, "until it is switched: rainstorm node protocol"},
      {"log.level", "RAINSTORM_LOG_LEVEL", "info", true, "debug, info, warn, error"},
      {"log.size", "RAINSTORM_LOG_SIZE", "16MiB", true, "of a log file before a new one begins"},
      {"log.files", "RAINSTORM_LOG_FILES", "4", true, "old log files that are kept"},
  };
  return rows;
}

std::string option_of(const SettingRow& row) { return "--" + absl::StrReplaceAll(std::string(row.name), {{".", "-"}}); }

StatusOr<NodeConfig> read_config(const ConfigSources& sources) {
  RS_CHECK(sources.environment && sources.directory, "the sources are whole");
  return ConfigReader(sources).read();
}

void NodeConfig::take_live(const NodeConfig& newer) {
  RS_CHECK(values.size() == newer.values.size(), "both have all settings");
  for (size_t i = 0; i < values.size(); ++i)
    if (setting_rows()[i].live) values[i] = newer.values[i];
  log_level = newer.log_level;
  log_bytes = newer.log_bytes;
  log_files = newer.log_files;
}

std::vector<ConfigChange> changes(const NodeConfig& before, const NodeConfig& after) {
  RS_CHECK(before.values.size() == after.values.size(), "both have all settings");
  std::vector<ConfigChange> list;
  for (size_t i = 0; i < before.values.size(); ++i) {
    RS_CHECK(before.values[i].name == after.values[i].name, "in the same order");
    if (before.values[i].value == after.values[i].value) continue;
    list.push_back({before.values[i].name, before.values[i].value, after.values[i].value, setting_rows()[i].live});
  }
  return list;
}
}  // namespace rs
