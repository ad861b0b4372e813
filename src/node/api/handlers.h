// What each route does: a handler reads the request, asks the node, and shapes the answer. Errors become problem+json.
#pragma once
#include "node/api/routes.h"

namespace rs {
using Handler = StatusOr<ApiReply>(const ApiRequest& request, const NodeService& node);

Handler get_health, get_metrics, get_status, get_config;                               // handlers_status.cc
Handler get_self, get_nodes, get_suspects, get_events, post_join, post_leave;          // handlers_members.cc
Handler get_protocol, put_protocol, get_drop, put_drop;                                // handlers_protocol.cc
Handler post_grep, get_logs;                                                           // handlers_logs.cc
Handler get_files, get_file, delete_file, post_merge, get_check, get_usage, get_ring;  // handlers_files.cc
Handler get_content;                                                                   // handlers_content.cc
Handler post_upload, get_upload, delete_upload, put_piece, post_commit;                // handlers_uploads.cc
}  // namespace rs
