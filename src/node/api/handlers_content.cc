// What a file holds, as a stream. As frames it begins with what comes and ends with a count and a checksum, or with an
// error; raw it ends as HTTP does, and breaks off where frames would tell of an error.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "node/api/handlers.h"
#include "node/api/json.h"
#include "node/api/output_frames.h"

namespace rs {
namespace {
using Kind = DownloadPiece::Kind;
constexpr int64_t kErrorMs = 3'000;  // so long an error may still become the status of the answer

std::string head_frame(const DownloadPiece& head) {
  Json json = {{"file", json_of(head.file)}, {"from", head.from}};
  if (head.length) json["length"] = *head.length;
  std::string frame;
  put_frame(&frame, OutputFrame::kSummary, json_line(json));
  return frame;
}

class FramedContent final : public BodySource {
 public:
  FramedContent(std::unique_ptr<FileDownload> download, std::string first)
      : download_(std::move(download)), pending_(std::move(first)), begun_(!pending_.empty()) {}

  State pull(size_t at_most, std::string* to) override {
    if (at_ < pending_.size()) return hand_out(at_most, to);
    if (at_most <= kFrameHead) return State::kOpen;
    const DownloadPiece piece = download_->next(at_most - kFrameHead);
    switch (piece.kind) {
      case Kind::kNothing:
        return State::kOpen;
      case Kind::kHead:
        RS_CHECK(!std::exchange(begun_, true), "one head");
        pending_ = head_frame(piece);
        break;
      case Kind::kBytes:
        RS_CHECK(begun_ && !piece.bytes.empty() && piece.bytes.size() <= at_most - kFrameHead,
                 "bytes come behind the head, and no more than there is room for");
        bytes_ += piece.bytes.size();
        crc_ = crc32c(piece.bytes, crc_);
        put_frame(to, OutputFrame::kOutput, piece.bytes);
        return State::kOpen;
      case Kind::kEnd:
        end(piece.status);
        break;
    }
    at_ = 0;
    return hand_out(at_most, to);
  }

 private:
  State hand_out(size_t at_most, std::string* to) {
    const size_t size = std::min(at_most, pending_.size() - at_);
    to->append(pending_, at_, size);
    at_ += size;
    return ended_ && at_ == pending_.size() ? State::kEnd : State::kOpen;
  }

  void end(const Status& status) {
    ended_ = true;
    Json json = {{"end", true}, {"bytes", bytes_}, {"crc32c", absl::StrFormat("%08x", crc_)}};
    if (!status.ok()) json["error"] = problem_json(status);
    pending_.clear();
    put_frame(&pending_, OutputFrame::kSummary, json_line(json));
  }

  const std::unique_ptr<FileDownload> download_;
  std::string pending_;  // a summary
  size_t at_ = 0;        // of it: what is handed out
  bool begun_, ended_ = false;
  uint64_t bytes_ = 0;
  uint32_t crc_ = 0;
};

class RawContent final : public BodySource {
 public:
  explicit RawContent(std::unique_ptr<FileDownload> download) : download_(std::move(download)) {}

  State pull(size_t at_most, std::string* to) override {
    const DownloadPiece piece = download_->next(at_most);
    RS_CHECK(piece.kind != Kind::kHead, "the head was taken before the answer began");
    if (piece.kind == Kind::kEnd) return piece.status.ok() ? State::kEnd : State::kCut;
    RS_CHECK(piece.bytes.size() <= at_most, "no more than there is room for");
    *to += piece.bytes;
    return State::kOpen;
  }

 private:
  const std::unique_ptr<FileDownload> download_;
};

class ContentReply final : public LateReply {
 public:
  ContentReply(std::unique_ptr<FileDownload> download, bool frames) : download_(std::move(download)), frames_(frames) {}

  std::optional<StatusOr<ApiReply>> poll(int64_t waited_ms) override {
    const DownloadPiece head = download_->next(0);
    RS_CHECK(download_ != nullptr, "it is asked until it has answered");
    RS_CHECK(head.kind != Kind::kBytes, "a head comes before the bytes");
    if (head.kind == Kind::kEnd) return head.status.ok() ? absl::InternalError("an end without a head") : head.status;
    const bool begins = head.kind == Kind::kHead;
    if (!begins && (!frames_ || waited_ms < kErrorMs)) return std::nullopt;
    if (!frames_) return raw(head);
    std::string beat;
    put_frame(&beat, OutputFrame::kOutput, "");
    return ApiReply{200, std::string(kFramesType), "",
                    std::make_unique<FramedContent>(std::move(download_), begins ? head_frame(head) : ""), beat};
  }

 private:
  ApiReply raw(const DownloadPiece& head) {
    ApiReply reply{200, "application/octet-stream", "", std::make_unique<RawContent>(std::move(download_)), ""};
    reply.headers = {{"X-Rainstorm-File", head.file.id},
                     {"X-Rainstorm-Size", absl::StrCat(head.file.size)},
                     {"X-Rainstorm-From", absl::StrCat(head.from)}};
    if (head.length) reply.headers.emplace_back("X-Rainstorm-Length", absl::StrCat(*head.length));
    return reply;
  }

  std::unique_ptr<FileDownload> download_;
  const bool frames_;
};
}  // namespace

StatusOr<ApiReply> get_content(const ApiRequest& request, const NodeService& node) {
  const auto files = files_of(node);
  if (!files.ok()) return files.status();
  DownloadOrder order{.name = request.words.at(0)};
  const auto number = [&](const char* name) -> StatusOr<std::optional<uint64_t>> {
    const std::string* text = request.parameter(name);
    if (text == nullptr) return std::nullopt;
    const auto value = read_number(name, *text);
    if (!value.ok()) return value.status();
    return std::optional(*value);
  };
  const auto from = number("from"), last = number("last"), length = number("length");
  for (const auto* given : {&from, &last, &length})
    if (!given->ok()) return given->status();
  if (*from && *last) return bad_field("last", "a place from the start or from the end, not both");
  order.from = from->value_or(0);
  order.last = *last;
  order.length = *length;
  const auto follow = read_flag("follow", request.parameter("follow"));
  if (!follow.ok()) return follow.status();
  order.follow = *follow;
  if (const std::string* replica = request.parameter("replica")) order.replica = *replica;
  if (order.follow && (order.length || !order.replica.empty()))
    return bad_field("follow", "a file is followed without an end, and not on one replica");
  const bool frames = io::find_header(request.http.headers, "accept") == kFramesType;
  ApiReply reply;
  reply.late = std::make_unique<ContentReply>((*files)->download(order), frames);
  return reply;
}
}  // namespace rs
