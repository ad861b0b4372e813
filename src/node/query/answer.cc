#include "node/query/answer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "node/query/log_files.h"

namespace rs {
namespace {
constexpr uint64_t kMaxWindow = 1 << 20;
constexpr int64_t kAliveNs = 1'000'000'000;
constexpr int64_t kNapNs = 1'000'000;
}  // namespace

GrepAnswer::GrepAnswer(const GrepAsk& ask, const std::string& node, GrepDoors doors, int64_t now_ns)
    : window_(static_cast<int64_t>(std::min(ask.window, kMaxWindow))),
      room_(window_),
      said_ns_(now_ns),
      looked_ns_(now_ns) {
  auto command = judge_grep(ask.arguments);
  const Status pattern = command.ok() ? check_log_pattern(ask.files) : command.status();
  const auto files = pattern.ok() ? find_logs(doors.logs, ask.files) : pattern;
  if (files.ok()) {
    grep_ = std::make_unique<LocalGrep>(std::move(*command), node, *files, doors, now_ns);
  } else {
    refusal_ = {2, !pattern.ok(), 0, std::string(files.status().message())};
  }
}

void GrepAnswer::room(uint64_t bytes) {
  room_ += static_cast<int64_t>(std::min(bytes, static_cast<uint64_t>(window_ - room_)));
}

std::optional<QueryMessage> GrepAnswer::next(int64_t now_ns) {
  RS_CHECK(!over_, "nothing follows the end");
  using Kind = LocalGrep::Piece::Kind;
  looked_ns_ = now_ns;
  LocalGrep::Piece piece{Kind::kEnd, {}};
  if (grep_ && room_ <= 0) {
    grep_->hold(now_ns);
    piece.kind = Kind::kNothing;
  } else if (grep_) {
    piece = grep_->next(now_ns);
  }
  busy_ = piece.kind == Kind::kLines;
  over_ = piece.kind == Kind::kEnd;
  if (!busy_ && !over_ && now_ns - said_ns_ < kAliveNs) return std::nullopt;
  said_ns_ = now_ns;
  if (over_) return grep_ ? grep_->result() : refusal_;
  if (!busy_) return GrepAlive{};
  room_ -= static_cast<int64_t>(piece.lines.text.size());
  return std::move(piece.lines);
}

io::Wake GrepAnswer::wake() const {
  using Kind = io::Wake::Kind;
  if (over_) return {Kind::kDone};
  if (room_ <= 0) return {Kind::kAt, said_ns_ + kAliveNs};
  return busy_ ? io::Wake{Kind::kAgain} : io::Wake{Kind::kAt, looked_ns_ + kNapNs};
}
}  // namespace rs
