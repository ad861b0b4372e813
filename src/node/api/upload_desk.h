// Uploads that come piece by piece, each in a request of its own: the bodies of requests are short, and a piece whose
// answer was lost is simply sent again. A session holds one piece at most that the file system has not taken yet; the
// next one waits until then. Who is silent for a minute is forgotten, and nothing of it is appended.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "io/clock.h"
#include "node/file_service.h"

namespace rs {
inline constexpr size_t kPieceBytes = size_t{1} << 20;

// One upload. On the node's loop.
class UploadSession {
 public:
  UploadSession(std::string id, std::unique_ptr<FileUpload> upload) : id_(std::move(id)), upload_(std::move(upload)) {}

  // Pieces count from 1. False: not now, the one before is not taken yet. The last one again, with the same bytes, is
  // fine; with others kFsFenced; any other number kApiRequest; and what the upload failed with.
  StatusOr<bool> put(uint64_t piece, std::string_view bytes);
  // May be asked again. kApiRequest: they are not what came.
  Status commit(uint64_t pieces, uint64_t bytes, uint32_t crc);
  void step();  // hands on what is held
  const UploadState& state() const { return upload_->state(); }

  const std::string& id() const { return id_; }
  uint64_t pieces() const { return pieces_; }
  uint64_t bytes() const { return bytes_; }

 private:
  bool holds() const { return held_at_ < held_.size(); }

  const std::string id_;
  const std::unique_ptr<FileUpload> upload_;
  std::string held_;    // a piece
  size_t held_at_ = 0;  // of it: what was handed on
  uint64_t pieces_ = 0, bytes_ = 0;
  uint32_t crc_ = 0, last_crc_ = 0;  // of all; of the last piece alone
  size_t last_size_ = 0;
  bool commit_asked_ = false, committed_ = false;
};

class UploadDesk {
 public:
  static constexpr size_t kMostSessions = 32;
  static constexpr int64_t kIdleMs = 60'000;

  explicit UploadDesk(io::Clock& clock) : clock_(clock) {}
  StatusOr<UploadSession*> open(FileService& files, const UploadOrder& order);  // kUploadsBusy
  StatusOr<UploadSession*> find(const std::string& id);                         // kUploadGone. It is heard of now
  void end(const std::string& id) { sessions_.erase(id); }                      // of no session: nothing happens
  void step();
  size_t size() const { return sessions_.size(); }

 private:
  struct Entry {
    std::unique_ptr<UploadSession> session;
    int64_t heard_ns = 0;
  };
  void forget_finished();  // the one of which nothing was heard for the longest time

  io::Clock& clock_;
  uint64_t last_ = 0;
  std::map<std::string, Entry> sessions_;
};
}  // namespace rs
