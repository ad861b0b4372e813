// One create or append through a node, from a local file, in pieces.
#pragma once
#include <string>

#include "cli/client/api_client.h"
#include "cli/client/local_file.h"

namespace rs {
struct Uploaded {
  std::string file;  // JSON, as the API tells it
  uint64_t bytes = 0, offset = 0;
  double seconds = 0;
};

struct UploadCall {
  const char* kind = "create";  // or "append"
  std::string name;
  std::function<bool()> cancelled;            // may be null
  std::function<void(uint64_t sent)> report;  // may be null; from the thread that calls
};

// All or nothing; kFsUnknownOutcome where it is not known which. `client` has chosen its node.
StatusOr<Uploaded> upload(const UploadCall& call, LocalInput* input, ApiClient* client, const ClientBackend& backend);
}  // namespace rs
