// What two nodes say to each other in a log query: one connection for each query and node (docs/formats/query.md).
//
//   asking                     asked
//     GrepAsk ───────────────►
//             ◄─────────────── GrepLines, as long as the window has room; GrepAlive each second
//     GrepRoom ──────────────►   so much was read: the window moves on
//             ◄─────────────── GrepDone, and the end of the connection
//
// Whoever asked no more wants to know closes the connection, and the greps end.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "io/network.h"
#include "node/node_service.h"

namespace rs {
struct GrepAsk {
  std::vector<std::string> arguments;  // of the program grep: options and the pattern
  std::string files;                   // a pattern below the log root; empty: the usual logs
  uint64_t window = 0;                 // bytes of lines that may be under way
  bool operator==(const GrepAsk&) const = default;
};
struct GrepLines {
  std::string text;      // whole lines; a line that is longer than a piece comes in several
  uint64_t matches = 0;  // lines of it that match
  bool operator==(const GrepLines&) const = default;
};
struct GrepRoom {
  uint64_t bytes = 0;
  bool operator==(const GrepRoom&) const = default;
};
struct GrepAlive {
  bool operator==(const GrepAlive&) const = default;
};
struct GrepDone {
  int exit = 0;          // as grep's: 0 found, 1 nothing found, 2 error; kPartialExit
  bool refused = false;  // the question itself is at fault: no other node would answer it
  uint64_t files = 0;    // that were searched
  std::string problem;   // with 0 and 1: a word of grep's, if it said one
  bool operator==(const GrepDone&) const = default;
};
using QueryMessage = std::variant<GrepAsk, GrepLines, GrepRoom, GrepAlive, GrepDone>;

constexpr size_t kMaxGrepArguments = 1024;
constexpr size_t kMaxGrepBytes = 128 << 10;    // of all arguments
constexpr size_t kMaxFilesBytes = 1024;        // of the pattern of files
constexpr size_t kGrepPieceBytes = 256 << 10;  // of GrepLines
constexpr size_t kMaxProblemBytes = 2048;

bool is_query_frame(uint16_t type);
const std::map<uint16_t, uint32_t>& query_frame_bytes();  // for NetworkLimits::frame_bytes

io::Frame encode(const QueryMessage& message);
StatusOr<QueryMessage> decode(const io::Frame& frame);  // kDataLoss
}  // namespace rs
