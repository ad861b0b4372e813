#include "node/api/upload_desk.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"

namespace rs {
namespace {
using Phase = UploadState::Phase;

Status wrong_piece(uint64_t piece, uint64_t next) {
  return make_error(ErrorId::kApiRequest, absl::StrCat("piece ", piece, " came, and ", next, " is the next one"),
                    {{"next", "send the pieces in their order, from 1"}});
}
}  // namespace

StatusOr<bool> UploadSession::put(uint64_t piece, std::string_view bytes) {
  RS_CHECK(bytes.size() <= kPieceBytes, "the server keeps the bound of a body");
  if (state().phase == Phase::kFailed) return state().failure;
  if (piece == pieces_ && piece > 0) {
    if (bytes.size() == last_size_ && crc32c(bytes) == last_crc_) return true;
    return make_error(ErrorId::kFsFenced, absl::StrCat("piece ", piece, " came again, with other bytes"));
  }
  if (piece != pieces_ + 1) return wrong_piece(piece, pieces_ + 1);
  if (commit_asked_) return make_error(ErrorId::kApiRequest, "the upload was committed; no piece comes behind that");
  if (holds()) return false;
  ++pieces_;
  bytes_ += bytes.size();
  crc_ = crc32c(bytes, crc_);
  last_crc_ = crc32c(bytes);
  last_size_ = bytes.size();
  held_ = bytes;
  held_at_ = 0;
  step();
  return true;
}

Status UploadSession::commit(uint64_t pieces, uint64_t bytes, uint32_t crc) {
  if (pieces != pieces_ || bytes != bytes_ || crc != crc_)
    return make_error(ErrorId::kApiRequest,
                      absl::StrCat("what is committed is not what came: ", pieces_, " pieces, ", bytes_, " bytes"));
  commit_asked_ = true;
  step();
  return Ok();
}

void UploadSession::step() {
  while (state().phase == Phase::kWriting && holds()) {
    const size_t room = std::min(upload_->room(), held_.size() - held_at_);
    if (room == 0) return;
    RS_CHECK(held_at_ + room <= held_.size(), "no more than came");
    upload_->write(std::string_view(held_).substr(held_at_, room));
    held_at_ += room;
  }
  if (state().phase == Phase::kWriting && commit_asked_ && !committed_ && !holds()) {
    committed_ = true;
    RS_CHECK(held_at_ == held_.size(), "all of it was handed on");
    upload_->commit();
  }
}

StatusOr<UploadSession*> UploadDesk::open(FileService& files, const UploadOrder& order) {
  if (sessions_.size() >= kMostSessions) forget_finished();
  if (sessions_.size() >= kMostSessions)
    return make_error(ErrorId::kUploadsBusy, absl::StrCat(sessions_.size(), " uploads are under way on this node"));
  const std::string id = absl::StrCat(absl::Hex(clock_.wall_ns()), "-", ++last_);  // no earlier process had it
  const auto made =
      sessions_.emplace(id, Entry{std::make_unique<UploadSession>(id, files.upload(order)), clock_.now_ns()});
  RS_CHECK(made.second, "numbers of uploads are not used again");
  return made.first->second.session.get();
}

void UploadDesk::forget_finished() {
  auto oldest = sessions_.end();
  for (auto entry = sessions_.begin(); entry != sessions_.end(); ++entry) {
    const Phase phase = entry->second.session->state().phase;
    if (phase != Phase::kDone && phase != Phase::kFailed) continue;
    if (oldest == sessions_.end() || entry->second.heard_ns < oldest->second.heard_ns) oldest = entry;
  }
  if (oldest != sessions_.end()) sessions_.erase(oldest);
}

StatusOr<UploadSession*> UploadDesk::find(const std::string& id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end())
    return make_error(ErrorId::kUploadGone, "no upload is called " + id.substr(0, 100), {{"next", "begin it again"}});
  found->second.heard_ns = clock_.now_ns();
  RS_CHECK(found->second.session->id() == id, "a session knows its number");
  return found->second.session.get();
}

void UploadDesk::step() {
  constexpr int64_t kIdleNs = kIdleMs * 1'000'000;
  for (auto entry = sessions_.begin(); entry != sessions_.end();) {
    entry->second.session->step();
    const bool idle = clock_.now_ns() - entry->second.heard_ns > kIdleNs;
    entry = idle ? sessions_.erase(entry) : std::next(entry);
  }
}
}  // namespace rs
