#include "cli/client/upload.h"

#include <cstdio>

#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "cli/client/fields.h"

namespace rs {
namespace {
constexpr int kAccepted = 202;
constexpr int kTries = 5;
constexpr int64_t kRetryMs = 200;
constexpr size_t kMostPiece = size_t{1} << 20;

class Upload {
 public:
  Upload(const UploadCall& call, LocalInput* input, ApiClient* client, const ClientBackend& backend)
      : call_(call), input_(*input), client_(*client), backend_(backend) {}

  StatusOr<Uploaded> run() {
    const int64_t begun_ms = backend_.now_ms();
    client_.set_cancelled(call_.cancelled);
    RS_RETURN_IF_ERROR(open());
    Status sent = send_all();
    if (sent.ok()) sent = commit();
    if (!sent.ok()) {
      // Nobody waits for the node to forget it.
      client_.set_cancelled(nullptr);
      if (!committing_) client_.send({.method = "DELETE", .target = target_}).IgnoreError();
      return sent;
    }
    done_.seconds = static_cast<double>(backend_.now_ms() - begun_ms) / 1000;
    return done_;
  }

 private:
  Status open() {
    const Json body = {{"name", call_.name}, {"kind", call_.kind}};
    if (text_in(read_json(dumped(body)), "name") != call_.name)  // JSON cannot carry it, and no file is called so
      return make_error(ErrorId::kFileName, "the name is no UTF-8");
    const auto answer = ask("POST", "/api/v1/uploads", dumped(body));
    if (!answer.ok()) return answer.status();
    const std::string id = text_in(*answer, "upload");
    if (id.empty()) return no_node();
    target_ = "/api/v1/uploads/" + id;
    return Ok();
  }

  Status send_all() {
    for (;;) {
      const auto piece = input_.read(kMostPiece, call_.cancelled);
      if (!piece.ok()) return piece.status();
      if (piece->empty()) return Ok();
      ++pieces_;
      crc_ = crc32c(*piece, crc_);
      RS_RETURN_IF_ERROR(send(*piece));
      RS_CHECK(piece->size() <= kMostPiece, "a body has a bound");
      done_.bytes += piece->size();
      if (call_.report) call_.report(done_.bytes);
    }
  }

  // A piece may come twice, so one whose answer is lost is sent again.
  Status send(const std::string& piece) {
    const std::string target = target_ + "/" + std::to_string(pieces_);
    for (int tries = 1;;) {
      int status = 0;
      const auto answer = client_.send(
          {.method = "PUT", .target = target, .headers = {{"Content-Type", "application/octet-stream"}}, .body = piece},
          &status);
      if (answer.ok() && status != kAccepted) return Ok();
      if (answer.ok()) continue;  // the file system is slow: it says so itself when that is too long
      if (error_id(answer.status()) != ErrorId::kUnreachable || tries++ == kTries) return answer.status();
      backend_.nap(kRetryMs);
    }
  }

  Status commit() {
    char crc[16];
    std::snprintf(crc, sizeof crc, "%08x", crc_);
    const std::string body = Json({{"pieces", pieces_}, {"bytes", done_.bytes}, {"crc32c", crc}}).dump();
    RS_CHECK(!target_.empty() && !committing_, "what was opened is committed once");
    committing_ = true;
    for (int tries = 1;;) {
      int status = 0;
      const auto answer = ask("POST", target_ + "/commit", body, &status);
      if (answer.ok() && status == kAccepted) continue;
      if (answer.ok()) return take(*answer);
      const auto id = error_id(answer.status());
      const bool lost = id == ErrorId::kUnreachable || id == ErrorId::kTimedOut || id == ErrorId::kUploadGone ||
                        absl::IsCancelled(answer.status());
      if (id == ErrorId::kUnreachable && tries++ < kTries) {
        backend_.nap(kRetryMs);
        continue;
      }
      if (!lost) return answer.status();
      return make_error(ErrorId::kFsUnknownOutcome, "it is not known whether " + call_.name + " got all bytes or none",
                        {{"where", client_.node() + ": " + std::string(answer.status().message())},
                         {"next", "rainstorm fs stat " + call_.name}});
    }
  }

  Status take(const Json& answer) {
    if (!has(answer, "file")) return no_node();
    done_.file = dumped(answer["file"]);
    done_.offset = number_in(answer, "offset");
    return Ok();
  }

  StatusOr<Json> ask(const std::string& method, const std::string& target, const std::string& body,
                     int* status = nullptr) {
    const auto answer = client_.send({.method = method, .target = target, .body = body}, status);
    if (!answer.ok()) return answer.status();
    Json json = read_json(*answer);
    if (!json.is_object()) return no_node();
    return json;
  }

  static Status no_node() { return make_error(ErrorId::kApiAnswer, "the answer is none about an upload"); }

  const UploadCall& call_;
  LocalInput& input_;
  ApiClient& client_;
  const ClientBackend& backend_;
  std::string target_;
  uint64_t pieces_ = 0;
  uint32_t crc_ = 0;
  bool committing_ = false;
  Uploaded done_;
};
}  // namespace

StatusOr<Uploaded> upload(const UploadCall& call, LocalInput* input, ApiClient* client, const ClientBackend& backend) {
  RS_CHECK(input != nullptr && client != nullptr && backend.now_ms, "both ends are there");
  return Upload(call, input, client, backend).run();
}
}  // namespace rs
