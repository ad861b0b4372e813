// The content of a file from a node, checked to its end.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "cli/client/api_client.h"

namespace rs {
struct ContentHead {
  std::string file;  // JSON, as the API tells it
  uint64_t size = 0, from = 0;
  std::optional<uint64_t> length;  // none: it is followed
};

struct ContentCall {
  std::string name;
  std::string parameters;                               // "replica=n3&from=7"
  std::function<void(const ContentHead&)> head;         // may be null
  std::function<Status(std::string_view bytes)> bytes;  // not Ok: no more is wanted, and that is the answer
};

// Ok: all bytes came, and they are those that the node sent; or nobody reads our output any more. An error of the file
// system, of the node, or of `bytes` otherwise.
StatusOr<ContentHead> download(const ContentCall& call, ApiClient* client, const Console& console);
}  // namespace rs
