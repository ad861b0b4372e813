// What each route does: a handler reads the request, asks the node, and shapes the answer. Errors become problem+json.
#pragma once
#include "node/api/routes.h"

namespace rs {
using Handler = StatusOr<ApiReply>(const ApiRequest& request, const NodeService& node);

Handler get_health, get_metrics, get_status, get_config;                       // handlers_status.cc
Handler get_self, get_nodes, get_suspects, get_events, post_join, post_leave;  // handlers_members.cc
Handler get_protocol, put_protocol, get_drop, put_drop;                        // handlers_protocol.cc
Handler post_grep, get_logs;                                                   // handlers_logs.cc
}  // namespace rs
