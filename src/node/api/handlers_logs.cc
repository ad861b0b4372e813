#include <charconv>

#include "base/check.h"
#include "base/error.h"
#include "node/api/handlers.h"
#include "node/api/json.h"
#include "node/api/output_frames.h"

namespace rs {
namespace {
constexpr std::string_view kLinesType = "application/jsonl";
constexpr size_t kFramePiece = 64 << 10, kJsonPiece = 8 << 10;
constexpr size_t kMaxArguments = 100;
constexpr uint64_t kMaxLogLines = 100'000;

bool wants_frames(const ApiRequest& request) { return io::find_header(request.http.headers, "accept") == kFramesType; }

// An empty frame, or an empty line.
std::string beat_of(bool frames) {
  std::string frame;
  put_frame(&frame, OutputFrame::kOutput, "");
  return frames ? frame : "\n";
}

class GrepSource final : public BodySource {
 public:
  GrepSource(std::unique_ptr<GrepStream> stream, bool frames) : stream_(std::move(stream)), frames_(frames) {}

  State pull(size_t at_most, std::string* to) override {
    const size_t limit = to->size() + at_most;
    while (to->size() < limit) {
      if (at_ == pending_.size() && !refill()) break;
      const size_t size = std::min(limit - to->size(), pending_.size() - at_);
      to->append(pending_, at_, size);
      at_ += size;
    }
    return ended_ && at_ == pending_.size() ? State::kEnd : State::kOpen;
  }

 private:
  // False: nothing now, or nothing more.
  bool refill() {
    pending_.clear();
    at_ = 0;
    const GrepPiece piece = ended_ ? GrepPiece() : stream_->next(frames_ ? kFramePiece : kJsonPiece);
    switch (piece.kind) {
      case GrepPiece::Kind::kNothing:
        return false;
      case GrepPiece::Kind::kLines:
        put_lines(piece);
        return !pending_.empty();
      case GrepPiece::Kind::kNode:
        put_summary({{"node", piece.node}, {"matches", piece.matches}, {"problem", piece.problem}});
        return true;
      case GrepPiece::Kind::kEnd:
        put_summary({{"end", true},
                     {"matches", piece.matches},
                     {"problem", piece.problem},
                     {"partial", piece.exit_code == kPartialExit},
                     {"exit_code", piece.exit_code}});
        ended_ = true;
        return true;
    }
    RS_CHECK(false, "a piece is of one kind");
  }

  void put_lines(const GrepPiece& piece) {
    if (frames_) return put_frame(&pending_, OutputFrame::kOutput, piece.text);
    std::string_view rest = piece.text;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      pending_ += json_line({{"node", piece.node}, {"line", line}});
    }
  }

  void put_summary(const Json& summary) {
    const std::string line = json_line(summary);
    if (frames_) return put_frame(&pending_, OutputFrame::kSummary, line);
    pending_ += line;
  }

  const std::unique_ptr<GrepStream> stream_;
  const bool frames_;
  std::string pending_;  // one piece in the form of the answer: as JSON it is larger than the room, perhaps by far
  size_t at_ = 0;        // of it: what is handed out
  bool ended_ = false;
};

class LogSource final : public BodySource {
 public:
  LogSource(std::unique_ptr<LogStream> stream, bool frames)
      : stream_(std::move(stream)), head_(frames ? kFrameHead : 0) {}

  State pull(size_t at_most, std::string* to) override {
    if (at_most <= head_) return State::kOpen;
    std::string piece;
    const bool open = stream_->read(at_most - head_, &piece) == LogStream::State::kOpen;
    if (head_ == 0) *to += piece;
    if (head_ > 0 && !piece.empty()) put_frame(to, OutputFrame::kOutput, piece);
    return open ? State::kOpen : State::kEnd;
  }

 private:
  const std::unique_ptr<LogStream> stream_;
  const size_t head_;  // of a frame
};

Status read_strings(const Json& body, const char* name, std::vector<std::string>* to) {
  const auto found = body.find(name);
  if (found == body.end()) return Ok();
  const bool good = found->is_array() && found->size() <= kMaxArguments &&
                    std::all_of(found->begin(), found->end(), [](const Json& word) { return word.is_string(); });
  if (!good) return bad_field(name, "a list of at most 100 words");
  for (const Json& word : *found) {
    to->push_back(word.get<std::string>());
    // An argument of a program ends at NUL: the rest would be lost without a word.
    if (to->back().find('\0') != std::string::npos) return bad_field(name, "words without NUL");
  }
  return Ok();
}
}  // namespace

StatusOr<ApiReply> post_grep(const ApiRequest& request, const NodeService& node) {
  const auto body = read_object(request.http, {"arguments", "files", "nodes"});
  if (!body.ok()) return body.status();
  GrepRequest grep;
  RS_RETURN_IF_ERROR(read_strings(*body, "arguments", &grep.arguments));
  RS_RETURN_IF_ERROR(read_strings(*body, "nodes", &grep.nodes));
  const Json files = body->value("files", Json(""));
  if (!files.is_string()) return bad_field("files", "a pattern of file names");
  grep.files = files.get<std::string>();
  if (grep.files.find('\0') != std::string::npos) return bad_field("files", "a pattern without NUL");
  if (grep.arguments.empty()) return bad_field("arguments", "a pattern, and options of grep before it");
  auto stream = node.logs.grep(grep);
  if (!stream.ok()) return stream.status();
  const bool frames = wants_frames(request);
  return ApiReply{200, std::string(frames ? kFramesType : kLinesType), "",
                  std::make_unique<GrepSource>(*std::move(stream), frames), beat_of(frames)};
}

StatusOr<ApiReply> get_logs(const ApiRequest& request, const NodeService& node) {
  LogRequest wanted;
  if (const std::string* lines = request.parameter("lines")) {
    const char* end = lines->data() + lines->size();
    const auto read = std::from_chars(lines->data(), end, wanted.lines);
    if (read.ec != std::errc() || read.ptr != end || wanted.lines > kMaxLogLines)
      return bad_field("lines", "a number up to 100000");
  }
  const auto follow = read_flag("follow", request.parameter("follow"));
  if (!follow.ok()) return follow.status();
  wanted.follow = *follow;
  auto stream = node.logs.logs(wanted);
  if (!stream.ok()) return stream.status();
  const bool frames = wants_frames(request);
  return ApiReply{200, std::string(frames ? kFramesType : "text/plain; charset=utf-8"), "",
                  std::make_unique<LogSource>(*std::move(stream), frames), frames ? beat_of(frames) : ""};
}
}  // namespace rs
