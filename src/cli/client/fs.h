// `rainstorm fs`: files of the cluster, and transfers from and to local ones.
#pragma once
#include "cli/client/api_client.h"

namespace rs {
bool is_fs(ClientCommand::Kind kind);

// The exit code: 0, or 11: a list is partial. `cancelled` may be null: then an interrupt ends a transfer.
StatusOr<int> run_fs(const ClientCommand& command, const Console& console, const ClientBackend& backend,
                     ApiClient* client, const std::function<bool()>& cancelled);

// What moves between files of the cluster and local ones. `client` has chosen its node, but for kAppend.
StatusOr<int> run_transfer(const ClientCommand& command, const Console& console, const ClientBackend& backend,
                           ApiClient* client, const std::function<bool()>& cancelled);
}  // namespace rs
