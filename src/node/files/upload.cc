// Create and append: one entry if it fits into one, else staged parts and a last entry that makes them all part of the
// file at once (H17). Sixteen parts are under way; each is asked again until it is answered, so they arrive in order.
#include <deque>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "hydfs/name.h"
#include "node/files/doors.h"

namespace rs::files {
namespace {
constexpr size_t kMostParts = 16;  // under way

class Upload final : public FileUpload {
 public:
  Upload(const Doors& doors, const UploadOrder& order)
      : doors_(doors), order_(order), calls_(doors, order.patience_ms) {
    writer_ = random_uuid(doors.random.next(), doors.random.next());
    if (const Status name = hydfs::check_name(order.name); !name.ok()) {
      fail(name);
      return;
    }
    group_ = hydfs::group_of(order.name);
    calls_.call({0, group_, hydfs::LookAsk{order.name, true, "", std::nullopt, false}},
                [this](const StatusOr<hydfs::Reply>& reply) { opened(reply); });
  }

  const UploadState& state() override {
    const bool moves = state_.phase == UploadState::Phase::kDone || state_.phase == UploadState::Phase::kFailed;
    state_.waits_for = moves || calls_.open() == 0 ? "" : doors_.fs.caller().waits_for(group_);
    return state_;
  }
  size_t room() override {
    if (state_.phase != UploadState::Phase::kWriting || calls_.open() >= kMostParts || !writer_ready_) return 0;
    return hydfs::kMaxPayloadBytes - buffer_.size();
  }
  void write(std::string_view bytes) override {
    RS_CHECK(bytes.size() <= room(), "no more than there is room for");
    buffer_.append(bytes);
    state_.taken_bytes += bytes.size();
    // More than one entry: the parts follow when the session is open. Before that they could be taken for a stranger's.
    if (buffer_.size() < hydfs::kMaxPayloadBytes) return;
    if (writer_opened_) return stage();
    open_writer([this] { stage(); });
  }
  void commit() override {
    RS_CHECK(state_.phase == UploadState::Phase::kWriting, "a commit ends the writing");
    state_.phase = UploadState::Phase::kCommitting;
    if (writer_ready_) close();
  }

 private:
  void close() {
    if (parts_ > 0 && !buffer_.empty()) stage();
    if (parts_ > 0) return commit_parts();
    submit(head(creates() ? hydfs::EntryKind::kCreate : hydfs::EntryKind::kAppend), Step::kLast);
  }
  enum class Step { kOpen, kPart, kLast };

  bool creates() const { return order_.kind == UploadOrder::Kind::kCreate; }

  void fail(const Status& why) {
    if (state_.phase == UploadState::Phase::kFailed) return;
    state_.phase = UploadState::Phase::kFailed;
    state_.failure = why;
    doors_.news();
  }

  void opened(const StatusOr<hydfs::Reply>& reply) {
    if (!reply.ok()) return fail(reply.status());
    const bool there = reply->kind == hydfs::Reply::Kind::kFiles;
    if (creates() && there) return fail(refusal(hydfs::Verdict::Kind::kExists, order_.name));
    if (!creates() && !there) return fail(missing(order_.name));
    file_ = there ? reply->files.front().id : random_uuid(doors_.random.next(), doors_.random.next());
    if (creates()) return begin_writing();
    open_writer([this] { begin_writing(); });
  }
  void begin_writing() { state_.phase = UploadState::Phase::kWriting; }

  hydfs::EntryHead head(hydfs::EntryKind kind) const {
    hydfs::EntryHead head;
    head.kind = kind;
    head.file = file_;
    if (kind == hydfs::EntryKind::kCreate) {
      head.name = order_.name;
      return head;
    }
    head.writer = writer_;
    head.epoch = hydfs::WriterEpoch(1);
    if (kind != hydfs::EntryKind::kOpenWriter) head.sequence = hydfs::Sequence(1);
    const bool names = kind == hydfs::EntryKind::kOpenWriter || kind == hydfs::EntryKind::kCommitStage;
    if (names && creates()) head.name = order_.name;
    return head;
  }

  void open_writer(std::function<void()> then) {
    RS_CHECK(!writer_opened_, "a session is opened once");
    writer_opened_ = true;
    writer_ready_ = false;
    then_ = std::move(then);
    submit(head(hydfs::EntryKind::kOpenWriter), Step::kOpen);
  }
  void writer_open() {
    writer_ready_ = true;
    std::exchange(then_, nullptr)();
    if (state_.phase == UploadState::Phase::kCommitting) close();
  }

  void stage() {
    hydfs::EntryHead part = head(hydfs::EntryKind::kStage);
    part.part = parts_++;
    put_fixed(&digests_, hash64(buffer_));
    submit(std::move(part), Step::kPart);
  }

  void commit_parts() {
    committing_parts_ = true;
    hydfs::EntryHead last = head(hydfs::EntryKind::kCommitStage);
    last.part = parts_;
    last.digest = hash64(digests_);
    submit(std::move(last), Step::kLast);
  }

  // Of an entry that carries bytes the buffer is the payload.
  void submit(hydfs::EntryHead proposal, Step step) {
    using Kind = hydfs::EntryKind;
    hydfs::SubmitAsk ask;
    const bool carries =
        proposal.kind == Kind::kCreate || proposal.kind == Kind::kAppend || proposal.kind == Kind::kStage;
    std::string bytes = carries ? std::exchange(buffer_, {}) : std::string();
    const size_t size = bytes.size();
    proposal.length = static_cast<uint32_t>(size);
    if (proposal.kind != Kind::kCommitStage) proposal.digest = hash64(bytes);
    ask.head = std::move(proposal);
    ask.payload = std::make_shared<const std::string>(std::move(bytes));
    calls_.call({0, group_, std::move(ask)}, [this, size, step](const StatusOr<hydfs::Reply>& reply) {
      if (!reply.ok()) return fail(committing_parts_ || step == Step::kLast ? unknown(reply.status()) : reply.status());
      if (reply->kind != hydfs::Reply::Kind::kDone) return fail(refusal(reply->verdict, order_.name));
      state_.safe_bytes += size;
      if (step == Step::kOpen) writer_open();
      if (step == Step::kLast) finished(*reply);
    });
  }

  Status unknown(const Status& why) const {
    return make_error(ErrorId::kFsUnknownOutcome,
                      absl::StrCat("it is not known whether ", order_.name, " was written: ", report_of(why).message),
                      {{"name", order_.name}});
  }

  void finished(const hydfs::Reply& reply) {
    state_.offset = reply.offset;
    state_.file = info_of({file_, order_.name, reply.offset + state_.taken_bytes, 1});
    find_replicas(doors_, &calls_, {order_.name, reply.index}, [this](std::vector<FileReplica> replicas, const auto&) {
      state_.file.replicas = std::move(replicas);
      state_.phase = UploadState::Phase::kDone;
      doors_.news();
    });
  }

  const Doors& doors_;
  const UploadOrder order_;
  Calls calls_;
  hydfs::GroupId group_;
  Uuid file_, writer_;
  bool writer_opened_ = false;  // asked for
  bool writer_ready_ = true;    // no answer to that is missing
  std::function<void()> then_;
  uint32_t parts_ = 0;
  bool committing_parts_ = false;  // their last entry is under way: from now on it may happen
  std::string buffer_, digests_;
  UploadState state_;
};
}  // namespace

std::unique_ptr<FileUpload> make_upload(const Doors& doors, const UploadOrder& order) {
  return std::make_unique<Upload>(doors, order);
}
}  // namespace rs::files
