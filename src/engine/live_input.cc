#include "engine/live_input.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/variants.h"
#include "engine/chunk.h"
#include "engine/text/scan.h"

namespace rs {
namespace {
constexpr int64_t kNapNs = 1'000'000, kLongNapNs = 4'000'000, kIdleNs = 1'000'000'000;

// The first `lines` lines of text, or all of it.
std::string_view first_lines(std::string_view text, uint64_t lines) {
  size_t end = 0;
  for (; lines > 0 && end < text.size(); --lines) end = line_end(text, end);
  return text.substr(0, end);
}
}  // namespace

LiveInput::LiveInput(const Graph& graph, io::Directory* directory, io::File* stream)
    : graph_(graph),
      directory_(directory),
      stream_(stream),
      reader_(&graph.files, directory, graph.policy.input == SourcePolicy::Input::kTail) {}

// The end of a dealt split is nominal: the line that holds its last byte belongs to it.
Status LiveInput::seek_behind(const Split& split) {
  if (graph_.policy.input == SourcePolicy::Input::kStream) return Ok();  // it comes again from its start
  if (graph_.policy.input == SourcePolicy::Input::kTail && broken(Variant::kTailFromStart)) return Ok();
  file_ = split.file;
  offset_ = split.end;
  const uint64_t limit = graph_.files[file_].at_start.size;
  if (graph_.policy.input != SourcePolicy::Input::kFiles || offset_ == 0 || offset_ >= limit) return Ok();
  StatusOr<std::string_view> tail = reader_.block(file_, offset_ - 1, limit, true);
  if (!tail.ok()) return tail.status();
  offset_ += line_end(*tail, 0) - 1;
  return Ok();
}

// A deadline clock: after t seconds exactly floor(t * rate) tuples were let through, however late each step comes.
uint64_t LiveInput::allowed(int64_t now_ns) {
  if (started_ns_ < 0) started_ns_ = now_ns;
  if (graph_.policy.rate <= 0) return UINT64_MAX;
  double due = std::floor(static_cast<double>(now_ns - started_ns_) * 1e-9 * graph_.policy.rate);
  return static_cast<uint64_t>(due) - std::min(taken_, static_cast<uint64_t>(due));
}

LiveInput::Piece LiveInput::wait(int64_t now_ns, int64_t wake_ns) {
  waits_ = true;
  if (waiting_since_ns_ < 0) waiting_since_ns_ = now_ns;
  if (wake_ns == 0) wake_ns = now_ns + (now_ns - waiting_since_ns_ > kIdleNs ? kLongNapNs : kNapNs);
  return {.kind = Piece::Kind::kWait, .wake_ns = wake_ns};
}

StatusOr<LiveInput::Piece> LiveInput::next(int64_t now_ns, uint64_t up_to) {
  bool again = up_to != UINT64_MAX;  // what was let through before
  uint64_t most = again ? UINT64_MAX : allowed(now_ns);
  if (most == 0) {
    double next = static_cast<double>(taken_ + 1) / graph_.policy.rate * 1e9;
    return wait(now_ns, std::max(started_ns_ + static_cast<int64_t>(std::ceil(next)), now_ns + kNapNs / 2));
  }
  bool stream = graph_.policy.input == SourcePolicy::Input::kStream;
  StatusOr<std::string_view> text = stream ? read_stream() : read_file();
  if (!text.ok()) return text.status();
  if (text->empty()) {
    if (ended_) return Piece{.kind = Piece::Kind::kEnd};
    return wait(now_ns, 0);
  }
  waiting_since_ns_ = -1;
  std::string_view lines = first_lines(text->substr(0, std::min<uint64_t>(text->size(), up_to - offset_)), most);
  waits_ = graph_.policy.rate > 0;
  if (graph_.policy.rate > 0 && !again) taken_ += count_newlines(lines);
  Piece piece{.kind = Piece::Kind::kLines, .lines = lines, .file = file_, .begin = offset_};
  uint64_t bytes = lines.size();
  if (!stream) {
    uint64_t limit = graph_.files[file_].at_start.size;
    if (graph_.policy.input == SourcePolicy::Input::kFiles) bytes = std::min(bytes, limit - offset_);
  }
  offset_ += bytes;
  handed_out_ += lines.size();
  RS_CHECK(bytes > 0, "a piece has bytes");
  piece.end = offset_;
  return piece;
}

StatusOr<std::string_view> LiveInput::read_stream() {
  buffer_.erase(0, handed_out_);
  handed_out_ = 0;
  while (!ended_) {
    size_t end = buffer_.rfind('\n');
    if (end != std::string::npos && (end + 1 >= kReadBytes / 2)) break;
    if (end == std::string::npos && buffer_.size() > kMaxTupleBytes) {
      return line_too_long(absl::StrCat("standard input, byte ", offset_));
    }
    size_t held = buffer_.size();
    buffer_.resize(held + kReadBytes);
    StatusOr<io::ReadResult> got = stream_->read(offset_ + held, {buffer_.data() + held, kReadBytes});
    buffer_.resize(held + (got.ok() ? got->size : 0));
    if (!got.ok()) return got.status();
    if (got->kind == io::ReadResult::Kind::kWait) break;
    if (got->kind == io::ReadResult::Kind::kEof) {
      ended_ = true;
      if (!buffer_.empty() && buffer_.back() != '\n') buffer_.push_back('\n');
    }
  }
  std::string_view text = buffer_;
  return text.substr(0, line_begin(text, text.size()));
}

StatusOr<std::string_view> LiveInput::read_file() {
  if (graph_.policy.input == SourcePolicy::Input::kTail) {
    const std::string& path = graph_.files[0].path;
    StatusOr<io::FileStat> now = directory_->stat(path);
    constexpr const char* kNext = "bring the file back; or, with a state, begin anew with --fresh";
    if (absl::IsNotFound(now.status()))
      return make_error(ErrorId::kInputChanged, absl::StrCat(path, " is gone"), {{"next", kNext}});
    if (!now.ok()) return now.status();
    const io::FileStat& then = graph_.files[0].at_start;
    if (now->device != then.device || now->inode != then.inode) {
      return make_error(ErrorId::kInputChanged, absl::StrCat(path, " was replaced by another file"), {{"next", kNext}});
    }
    if (now->size < offset_) {
      return make_error(ErrorId::kInputChanged, absl::StrCat(path, " became shorter than what was read of it"),
                        {{"next", kNext}});
    }
    if (now->size == offset_) return std::string_view();
    return reader_.block(0, offset_, now->size, broken(Variant::kTailHalfLine));
  }
  while (file_ < graph_.files.size() && offset_ >= graph_.files[file_].at_start.size) {
    ++file_;
    offset_ = 0;
  }
  ended_ = file_ == graph_.files.size();
  if (ended_) return std::string_view();
  return reader_.block(file_, offset_, graph_.files[file_].at_start.size, true);
}
}  // namespace rs
