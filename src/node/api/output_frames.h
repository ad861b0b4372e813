// The form of a log, and of a log query's answer, for programs that want the exact bytes:
// application/x-rainstorm-frames. A frame is a kind, the length of what follows as four bytes (the highest first), and
// that: 'o' bytes for standard output (none: the node lives, and has nothing to say), 's' a JSON object about a node or
// about the end of a query (docs/api/openapi.yaml, GrepSummary).
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rs {
inline constexpr std::string_view kFramesType = "application/x-rainstorm-frames";
inline constexpr size_t kFrameHead = 5;

enum class OutputFrame : char { kOutput = 'o', kSummary = 's' };
void put_frame(std::string* out, OutputFrame kind, std::string_view bytes);

// Takes whole frames from a stream that comes in pieces.
class FrameReader {
 public:
  using Sink = std::function<void(OutputFrame kind, std::string_view bytes)>;
  // kApiAnswer: these are no frames.
  Status feed(std::string_view piece, const Sink& sink);
  bool between() const { return input_.empty(); }  // no frame is cut

 private:
  std::string input_;
};
}  // namespace rs
