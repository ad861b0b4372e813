#include "cli/client/download.h"

#include <cstdio>

#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "cli/client/fields.h"
#include "node/api/output_frames.h"
#include "node/api/problem.h"
#include "node/api/target.h"

namespace rs {
namespace {
class Download {
 public:
  Download(const ContentCall& call, const Console& console) : call_(call), console_(console) {}

  // False: hang up.
  bool take(std::string_view piece) {
    const Status fed = frames_.feed(piece, [this](OutputFrame kind, std::string_view bytes) {
      if (!status_.ok() || ended_) return;
      if (kind == OutputFrame::kSummary) return summary(bytes);
      bytes_ += bytes.size();
      crc_ = crc32c(bytes, crc_);
      RS_CHECK(bytes_ >= bytes.size(), "a count of 64 bits holds any file");
      if (!bytes.empty()) status_ = call_.bytes(bytes);
    });
    if (!fed.ok()) status_ = fed;
    return status_.ok() && !console_.out_fault();
  }

  StatusOr<ContentHead> end(const Status& stream) {
    RS_RETURN_IF_ERROR(status_);
    if (console_.out_fault()) return head_;  // what that means is said for all commands alike
    RS_RETURN_IF_ERROR(stream);
    if (!begun_ || !ended_ || !frames_.between())
      return make_error(ErrorId::kUnreachable, "the answer ended before " + call_.name + " was whole",
                        {{"next", "try again"}});
    return head_;
  }

 private:
  void summary(std::string_view text) {
    const Json json = read_json(text);
    if (has(json, "end")) return last(json);
    if (begun_ || !has(json, "file") || !json["file"].is_object()) return garbled();
    begun_ = true;
    head_.file = dumped(json["file"]);
    head_.size = number_in(json["file"], "size");
    head_.from = number_in(json, "from");
    if (has(json, "length")) head_.length = number_in(json, "length");
    if (call_.head) call_.head(head_);
  }

  void last(const Json& json) {
    constexpr int kAnyError = 500;
    ended_ = true;
    if (has(json, "error")) {
      status_ = problem_status({kAnyError, {}, dumped(json["error"])});
      return;
    }
    char crc[16];
    std::snprintf(crc, sizeof crc, "%08x", crc_);
    const bool same = number_in(json, "bytes") == bytes_ && text_in(json, "crc32c") == crc &&
                      (!head_.length || *head_.length == bytes_);
    if (!same) garbled();
  }

  void garbled() {
    status_ = make_error(ErrorId::kApiAnswer, "what came of " + call_.name + " is not what was sent",
                         {{"next", "try again"}});
  }

  const ContentCall& call_;
  const Console& console_;
  FrameReader frames_;
  ContentHead head_;
  Status status_;
  bool begun_ = false, ended_ = false;
  uint64_t bytes_ = 0;
  uint32_t crc_ = 0;
};
}  // namespace

StatusOr<ContentHead> download(const ContentCall& call, ApiClient* client, const Console& console) {
  RS_CHECK(call.bytes && client != nullptr, "somebody takes the bytes");
  std::string target = "/api/v1/files/" + encode_component(call.name) + "/content";
  if (!call.parameters.empty()) target += "?" + call.parameters;
  Download download(call, console);
  const io::HttpCall asked{.target = target, .headers = {{"Accept", std::string(kFramesType)}}};
  return download.end(client->stream(asked, [&](std::string_view piece) { return download.take(piece); }));
}
}  // namespace rs
