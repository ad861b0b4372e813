// Input that is read as it comes, by the pacer alone: a stream, a file that grows, or any input under --rate.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/graph.h"
#include "engine/split_reader.h"

namespace rs {
class LiveInput {
 public:
  struct Piece {
    enum class Kind { kLines, kWait, kEnd };
    Kind kind = Kind::kWait;
    std::string_view lines;  // valid until the next call
    uint32_t file = 0;
    uint64_t begin = 0, end = 0;
    int64_t wake_ns = 0;  // kWait: not before
  };

  LiveInput(const Graph& graph, io::Directory* directory, io::File* stream);
  Status seek_behind(const Split& split);  // goes on after what is recorded
  // Ends at `up_to` at the latest, which is a line end.
  StatusOr<Piece> next(int64_t now_ns, uint64_t up_to = UINT64_MAX);
  bool waits() const { return waits_; }  // for input or for the rate: epochs close early (E1)

 private:
  uint64_t allowed(int64_t now_ns);
  StatusOr<std::string_view> read_stream();
  StatusOr<std::string_view> read_file();
  Piece wait(int64_t now_ns, int64_t wake_ns);

  const Graph& graph_;
  io::Directory* directory_;
  io::File* stream_;
  SplitReader reader_;
  std::string buffer_;  // stream: what is read and not handed out
  size_t handed_out_ = 0;
  uint32_t file_ = 0;
  uint64_t offset_ = 0;
  bool ended_ = false, waits_ = false;
  int64_t started_ns_ = -1, waiting_since_ns_ = -1;
  uint64_t taken_ = 0;  // tuples since started_ns_
};
}  // namespace rs
