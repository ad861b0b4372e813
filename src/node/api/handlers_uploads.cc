#include "base/check.h"
#include "base/error.h"
#include "node/api/handlers.h"
#include "node/api/json.h"
#include "node/api/upload_desk.h"

namespace rs {
namespace {
using Phase = UploadState::Phase;
constexpr int kTaken = 200, kOpened = 201, kNotYetDone = 202;
constexpr int64_t kAnswerMs = 4'000;  // then the answer is 202: ask again. So a client need not wait long to doubt

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::kOpening:
      return "opening";
    case Phase::kWriting:
      return "writing";
    case Phase::kCommitting:
      return "committing";
    case Phase::kDone:
      return "done";
    case Phase::kFailed:
      return "failed";
  }
  RS_CHECK(false, "an upload is in one of these phases");
}

ApiReply state_reply(const UploadSession& session, int status) {
  const UploadState& state = session.state();
  RS_CHECK(state.safe_bytes <= state.taken_bytes && state.taken_bytes <= session.bytes(), "what is safe was taken");
  RS_CHECK((state.phase == Phase::kFailed) == !state.failure.ok(), "a failure says why");
  Json json = {{"upload", session.id()},     {"phase", phase_name(state.phase)}, {"piece_bytes", kPieceBytes},
               {"pieces", session.pieces()}, {"bytes", session.bytes()},         {"safe_bytes", state.safe_bytes}};
  if (!state.waits_for.empty()) json["waits_for"] = state.waits_for;
  if (state.phase == Phase::kDone) {
    json["offset"] = state.offset;
    json["file"] = json_of(state.file);
  }
  if (state.phase == Phase::kFailed) json["error"] = problem_json(state.failure);
  return json_reply(json, status);
}

// A session that may have ended meanwhile, asked again and again.
class SessionReply : public LateReply {
 public:
  SessionReply(UploadDesk& desk, std::string id) : desk_(desk), id_(std::move(id)) {}

  std::optional<StatusOr<ApiReply>> poll(int64_t waited_ms) final {
    const auto session = desk_.find(id_);
    if (!session.ok()) return session.status();
    auto reply = ask(**session);
    if (!reply && waited_ms >= kAnswerMs) return state_reply(**session, kNotYetDone);
    return reply;
  }

 private:
  virtual std::optional<StatusOr<ApiReply>> ask(UploadSession& session) = 0;

  UploadDesk& desk_;
  const std::string id_;
};

class OpenReply final : public SessionReply {
  using SessionReply::SessionReply;
  std::optional<StatusOr<ApiReply>> ask(UploadSession& session) override {
    if (session.state().phase == Phase::kOpening) return std::nullopt;
    if (session.state().phase == Phase::kFailed) return session.state().failure;
    return state_reply(session, kOpened);
  }
};

class PieceReply final : public SessionReply {
 public:
  PieceReply(const ApiRequest& request, uint64_t piece)
      : SessionReply(request.uploads, request.words[0]), piece_(piece), bytes_(request.http.body) {}

 private:
  std::optional<StatusOr<ApiReply>> ask(UploadSession& session) override {
    const auto taken = session.put(piece_, bytes_);
    if (!taken.ok()) return taken.status();
    if (!*taken) return std::nullopt;
    return state_reply(session, kTaken);
  }

  const uint64_t piece_;
  const std::string bytes_;
};

class CommitReply final : public SessionReply {
  using SessionReply::SessionReply;
  std::optional<StatusOr<ApiReply>> ask(UploadSession& session) override {
    const Phase phase = session.state().phase;
    if (phase == Phase::kFailed) return session.state().failure;
    if (phase != Phase::kDone) return std::nullopt;
    return state_reply(session, kTaken);
  }
};

ApiReply late_reply(std::unique_ptr<LateReply> late) {
  ApiReply reply;
  reply.late = std::move(late);
  return reply;
}
}  // namespace

StatusOr<ApiReply> post_upload(const ApiRequest& request, const NodeService& node) {
  const auto files = files_of(node);
  if (!files.ok()) return files.status();
  const auto body = read_object(request.http, {"name", "kind"});
  if (!body.ok()) return body.status();
  const Json name = body->value("name", Json()), kind = body->value("kind", Json());
  if (!name.is_string()) return bad_field("name", "the name of a file");
  if (kind != "create" && kind != "append") return bad_field("kind", "create or append");
  const auto session =
      request.uploads.open(**files, {.kind = kind == "create" ? UploadOrder::Kind::kCreate : UploadOrder::Kind::kAppend,
                                     .name = name.get<std::string>()});
  if (!session.ok()) return session.status();
  return late_reply(std::make_unique<OpenReply>(request.uploads, (*session)->id()));
}

StatusOr<ApiReply> get_upload(const ApiRequest& request, const NodeService&) {
  const auto session = request.uploads.find(request.words.at(0));
  if (!session.ok()) return session.status();
  return state_reply(**session, kTaken);
}

StatusOr<ApiReply> delete_upload(const ApiRequest& request, const NodeService&) {
  const auto session = request.uploads.find(request.words.at(0));
  if (!session.ok()) return session.status();
  ApiReply reply = state_reply(**session, kTaken);
  request.uploads.end(request.words[0]);
  return reply;
}

StatusOr<ApiReply> put_piece(const ApiRequest& request, const NodeService&) {
  const auto piece = read_number("piece", request.words.at(1));
  if (!piece.ok()) return piece.status();
  if (*piece == 0) return bad_field("piece", "a number from 1");
  return late_reply(std::make_unique<PieceReply>(request, *piece));
}

StatusOr<ApiReply> post_commit(const ApiRequest& request, const NodeService&) {
  const auto body = read_object(request.http, {"pieces", "bytes", "crc32c"});
  if (!body.ok()) return body.status();
  const Json pieces = body->value("pieces", Json()), bytes = body->value("bytes", Json()),
             crc = body->value("crc32c", Json());
  if (!pieces.is_number_unsigned()) return bad_field("pieces", "their number");
  if (!bytes.is_number_unsigned()) return bad_field("bytes", "their number");
  unsigned crc_value = 0;
  if (!crc.is_string() || std::sscanf(crc.get<std::string>().c_str(), "%8x", &crc_value) != 1)
    return bad_field("crc32c", "the CRC-32C of all bytes, as hexadecimal digits");
  const auto session = request.uploads.find(request.words.at(0));
  if (!session.ok()) return session.status();
  RS_RETURN_IF_ERROR((*session)->commit(pieces.get<uint64_t>(), bytes.get<uint64_t>(), crc_value));
  return late_reply(std::make_unique<CommitReply>(request.uploads, request.words[0]));
}
}  // namespace rs
