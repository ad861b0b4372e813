#include "node/api/handlers.h"
#include "node/api/json.h"
#include "node/api/metric_sheet.h"

namespace rs {
StatusOr<ApiReply> get_health(const ApiRequest&, const NodeService&) {
  return ApiReply{200, "text/plain; charset=utf-8", "ok\n", nullptr};  // the loop that answers is the node's own
}

StatusOr<ApiReply> get_metrics(const ApiRequest&, const NodeService& node) {
  MetricSheet sheet;
  node.status.measure(&sheet);
  return ApiReply{200, std::string(MetricSheet::kContentType), sheet.text(), nullptr};
}

StatusOr<ApiReply> get_status(const ApiRequest&, const NodeService& node) {
  const NodeStatus status = node.status.status();
  const MemberProtocol protocol = node.protocol.protocol();
  Json counts = {{"alive", 0}, {"suspect", 0}, {"failed", 0}, {"left", 0}};
  for (const NodeInfo& info : node.members.nodes()) {
    Json& count = counts[std::string(state_name(info.state))];
    count = count.get<uint64_t>() + 1;
  }
  Json warnings = Json::array();
  for (const std::string& warning : status.warnings) warnings.push_back(warning);
  return json_reply({{"node", json_of(node.members.self())},
                     {"version", status.version},
                     {"pid", status.pid},
                     {"started", time_text(status.started_wall_ns)},
                     {"folder", status.folder},
                     {"nodes", counts},
                     {"protocol", {{"mode", mode_name(protocol.mode)}, {"suspicion", protocol.suspicion}}},
                     {"drop", node.protocol.drop()},
                     {"warnings", warnings}});
}

StatusOr<ApiReply> get_config(const ApiRequest&, const NodeService& node) {
  Json values = Json::array();
  for (const ConfigValue& value : node.status.config())
    values.push_back({{"name", value.name}, {"value", value.value}, {"origin", value.origin}});
  return json_reply({{"values", values}});
}
}  // namespace rs
