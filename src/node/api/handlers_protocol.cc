#include "node/api/handlers.h"
#include "node/api/json.h"

namespace rs {
namespace {
Json json_of(const MemberProtocol& protocol) {
  return {{"mode", mode_name(protocol.mode)}, {"suspicion", protocol.suspicion}};
}
}  // namespace

StatusOr<ApiReply> get_protocol(const ApiRequest&, const NodeService& node) {
  return json_reply(json_of(node.protocol.protocol()));
}

StatusOr<ApiReply> put_protocol(const ApiRequest& request, const NodeService& node) {
  const auto body = read_object(request.http, {"mode", "suspicion"});
  if (!body.ok()) return body.status();
  const Json mode = body->value("mode", Json()), suspicion = body->value("suspicion", Json());
  if (mode != "gossip" && mode != "ping") return bad_field("mode", "gossip or ping");
  if (!suspicion.is_boolean()) return bad_field("suspicion", "true or false");
  const MemberProtocol wanted{mode == "ping" ? MemberMode::kPing : MemberMode::kGossip, suspicion.get<bool>()};
  RS_RETURN_IF_ERROR(node.protocol.set_protocol(wanted));
  return json_reply(json_of(wanted));
}

StatusOr<ApiReply> get_drop(const ApiRequest&, const NodeService& node) {
  return json_reply({{"fraction", node.protocol.drop()}});
}

StatusOr<ApiReply> put_drop(const ApiRequest& request, const NodeService& node) {
  const auto body = read_object(request.http, {"fraction", "all"});
  if (!body.ok()) return body.status();
  const Json fraction = body->value("fraction", Json()), all = body->value("all", Json(false));
  if (!fraction.is_number() || !(fraction.get<double>() >= 0 && fraction.get<double>() <= 1))
    return bad_field("fraction", "a number from 0 to 1");
  if (!all.is_boolean()) return bad_field("all", "true or false");
  RS_RETURN_IF_ERROR(node.protocol.set_drop(fraction.get<double>(), all.get<bool>()));
  return json_reply({{"fraction", fraction.get<double>()}, {"all", all.get<bool>()}});
}
}  // namespace rs
