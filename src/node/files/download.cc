// Reading a file, in pieces that are asked for ahead and handed on in order.
#include <algorithm>
#include <deque>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "hydfs/name.h"
#include "node/files/doors.h"

namespace rs::files {
namespace {
constexpr size_t kAhead = 8;  // pieces under way or waiting to be taken
constexpr int64_t kPollNs = 50'000'000;

class Download final : public FileDownload {
 public:
  Download(const Doors& doors, const DownloadOrder& order)
      : doors_(doors), order_(order), calls_(doors, order.patience_ms) {
    if (const Status name = hydfs::check_name(order.name); !name.ok()) {
      end(name);
      return;
    }
    group_ = hydfs::group_of(order.name);
    if (!order.replica.empty() && !find_node()) return;
    ask({0, group_, hydfs::LookAsk{order.name, true, "", std::nullopt, raw()}},
        [this](const StatusOr<hydfs::Reply>& reply) { opened(reply); });
  }

  DownloadPiece next(size_t at_most) override {
    RS_CHECK(at_most > 0, "room for a byte");
    if (head_) return *std::exchange(head_, std::nullopt);
    if (!pieces_.empty() && pieces_.front().there) {
      Piece& front = pieces_.front();
      DownloadPiece piece{.kind = DownloadPiece::Kind::kBytes};
      if (front.bytes.size() - front.taken <= at_most) {
        piece.bytes = front.taken == 0 ? std::move(front.bytes) : front.bytes.substr(front.taken);
        pieces_.pop_front();
        ask_ahead();
      } else {
        piece.bytes = front.bytes.substr(front.taken, at_most);
        front.taken += at_most;
      }
      if (piece.bytes.empty()) return next(at_most);
      return piece;
    }
    if (!status_ && pieces_.empty() && opened_ && asked_ >= stop_ && !order_.follow) end(Ok());
    if (order_.follow && opened_ && pieces_.empty() && !status_) poll();
    if (!status_ || (!pieces_.empty() && status_->ok())) return {};
    return {.kind = DownloadPiece::Kind::kEnd, .status = *status_};
  }

 private:
  struct Piece {
    bool there = false;
    std::string bytes;
    size_t taken = 0;
  };
  bool raw() const { return node_.has_value(); }
  void end(const Status& status) {
    if (!status_) status_ = status;
    doors_.news();
  }

  bool find_node() {
    for (const membership::ListedMember& listed : doors_.view()->members)
      if (listed.member.name == order_.replica) node_ = listed.member.id.node;
    if (!node_) end(make_error(ErrorId::kNoNode, absl::StrCat("the cluster has no node ", order_.replica)));
    return node_.has_value();
  }

  void ask(hydfs::Ask ask, Calls::Done done) {
    if (node_) return calls_.call_node(*node_, std::move(ask), std::move(done));
    calls_.call(std::move(ask), std::move(done));
  }

  void opened(const StatusOr<hydfs::Reply>& reply) {
    if (!reply.ok()) return end(reply.status());
    if (reply->kind != hydfs::Reply::Kind::kFiles) return end(missing(order_.name));
    const hydfs::FileFact& fact = reply->files.front();
    file_ = fact.id;
    token_ = reply->index;
    from_ = order_.last ? fact.size - std::min(fact.size, *order_.last) : order_.from;
    if (from_ > fact.size)
      return end(
          make_error(ErrorId::kApiRequest, absl::StrCat(order_.name, " has ", fact.size, " bytes: no byte ", from_)));
    stop_ = order_.length ? std::min(fact.size, from_ + *order_.length) : fact.size;
    asked_ = from_;
    opened_ = true;
    DownloadPiece head{.kind = DownloadPiece::Kind::kHead, .file = info_of(fact), .from = from_};
    if (!order_.follow) head.length = stop_ - from_;
    head_ = std::move(head);
    ask_ahead();
  }

  void ask_ahead() {
    while (pieces_.size() < kAhead && asked_ < stop_) {
      const auto length = static_cast<uint32_t>(std::min<uint64_t>(stop_ - asked_, hydfs::kMaxPayloadBytes));
      read(length, token_);
      asked_ += length;
    }
  }

  void read(uint32_t length, std::optional<hydfs::LogIndex> token) {
    pieces_.emplace_back();
    Piece* piece = &pieces_.back();  // a deque keeps its elements where they are while it is used at its ends
    ask({0, group_, hydfs::BytesAsk{file_, asked_, length, raw() ? std::nullopt : token, raw()}},
        [this, piece, length, token](const StatusOr<hydfs::Reply>& reply) {
          if (!reply.ok()) return end(reply.status());
          if (reply->kind != hydfs::Reply::Kind::kBytes) return end(missing(order_.name));
          if (token && reply->text.size() != length)
            return end(make_error(ErrorId::kReplicasLost, absl::StrCat("a part of ", order_.name, " is missing")));
          piece->there = true;
          piece->bytes = reply->text;
          if (!token) asked_ += reply->text.size();
        });
  }

  // A file that is followed: what is behind its end now?
  void poll() {
    if (asked_ < stop_) return;
    if (doors_.clock.now_ns() < poll_ns_) return;
    poll_ns_ = doors_.clock.now_ns() + kPollNs;
    read(hydfs::kMaxPayloadBytes, std::nullopt);
  }

  const Doors& doors_;
  const DownloadOrder order_;
  Calls calls_;
  hydfs::GroupId group_;
  std::optional<Uuid> node_;
  Uuid file_;
  hydfs::LogIndex token_;
  bool opened_ = false;
  uint64_t from_ = 0, stop_ = 0, asked_ = 0;
  int64_t poll_ns_ = 0;
  std::optional<DownloadPiece> head_;
  std::deque<Piece> pieces_;
  std::optional<Status> status_;
};
}  // namespace

std::unique_ptr<FileDownload> make_download(const Doors& doors, const DownloadOrder& order) {
  return std::make_unique<Download>(doors, order);
}
}  // namespace rs::files
