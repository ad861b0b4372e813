#include "hydfs/store/store.h"

#include <utility>

#include "base/check.h"
#include "base/variants.h"
#include "hydfs/store/cleaner.h"
#include "hydfs/store/journal.h"
#include "hydfs/store/queue.h"
#include "hydfs/store/scrubber.h"

namespace rs::hydfs {
namespace {
constexpr uint64_t kCarriedBytes = uint64_t{512} << 10;  // with each turn, while a segment is being cleaned
constexpr size_t kHeadBytes = 256;                       // what anything that waits takes, beside its payload
}  // namespace

class Store::Impl {
 public:
  Impl(StoreDoor door, const StoreOptions& options, std::unique_ptr<store::Journal> journal)
      : door_(std::move(door)),
        options_(options),
        journal_(std::move(journal)),
        cleaner_(journal_.get()),
        scrubber_(journal_.get(), options.scrub_bytes_per_s, door_.clock->now_ns()) {
    queue_.publish({}, journal_->space());
  }

  const StoreDoor& door() const { return door_; }
  store::StoreQueue& queue() { return queue_; }
  const StoreOptions& options() const { return options_; }
  WriteId ask(Store* loop, store::Work work, size_t bytes) {
    const auto asked = queue_.write(std::move(work), bytes);
    if (asked.wake) door_.runner->wake(loop);
    return WriteId(asked.id);
  }

  io::Wake step() {
    if (ended_) return {io::Wake::Kind::kDone};
    const Status status = advance();
    if (!status.ok()) events_.push_back(Failed{status});
    publish();
    if (!status.ok() || done_) {
      ended_ = true;
      return {io::Wake::Kind::kDone};
    }
    if (queue_.waiting() || busy_) return {io::Wake::Kind::kAgain};
    if (scrubber_.is_on()) return {io::Wake::Kind::kAt, scrubber_.next_ns()};
    return {io::Wake::Kind::kIdle};
  }

 private:
  Status advance() {
    store::Turn turn = queue_.take(options_.group_bytes);
    RS_RETURN_IF_ERROR(journal_->roll_if_full());
    if (!turn.changes.empty()) RS_RETURN_IF_ERROR(change(turn.changes));
    RS_RETURN_IF_ERROR(put(turn.records));
    if (broken(Variant::kHydfsAckBeforeSync)) say_durable(turn);
    busy_ = cleaner_.has_work();
    if (busy_ && !turn.closed) RS_RETURN_IF_ERROR(cleaner_.carry(kCarriedBytes, &events_));
    if (!reads_.empty()) RS_RETURN_IF_ERROR(answer_reads());
    if (!journal_->is_synced()) RS_RETURN_IF_ERROR(journal_->sync());
    if (!broken(Variant::kHydfsAckBeforeSync)) say_durable(turn);
    if (std::exchange(new_hole_, false)) RS_RETURN_IF_ERROR(journal_->write_superblock());
    if (busy_ && !turn.closed) RS_RETURN_IF_ERROR(cleaner_.finish());
    if (turn.closed) return end();
    if (busy_ || queue_.waiting()) return Ok();
    RS_RETURN_IF_ERROR(scrubber_.step(door_.clock->now_ns(), &events_));
    return journal_->needs_mark() ? journal_->put_mark() : Ok();
  }

  Status change(const std::vector<store::Work>& changes) {
    for (const store::Work& work : changes) {
      if (const auto* row = std::get_if<store::SetRow>(&work)) journal_->set_row(row->group, row->row);
      if (const auto* cut = std::get_if<store::CutLog>(&work)) journal_->cut(cut->group, cut->last_kept);
    }
    return journal_->write_superblock();
  }

  Status put(const std::vector<store::Work>& records) {
    for (const store::Work& work : records) {
      if (const auto* append = std::get_if<store::AppendEntry>(&work))
        RS_RETURN_IF_ERROR(journal_->append(append->group, append->entry));
      if (const auto* drop = std::get_if<store::DropPayload>(&work))
        RS_RETURN_IF_ERROR(journal_->drop(drop->group, drop->index));
      if (const auto* read = std::get_if<store::ReadPayload>(&work)) reads_.push_back(*read);
    }
    return Ok();
  }

  // Before the sync, which a reader need not wait for. What an error of the disk means here, the checksums tell.
  Status answer_reads() {
    RS_RETURN_IF_ERROR(journal_->flush());
    for (const store::ReadPayload& read : reads_) {
      auto payload = journal_->read(read.group, read.index);
      if (absl::IsDataLoss(payload.status())) new_hole_ = journal_->set_bad(read.group, read.index) || new_hole_;
      events_.push_back(ReadDone{read.id, std::move(payload)});
    }
    reads_.clear();
    return Ok();
  }

  void say_durable(const store::Turn& turn) {
    if (turn.upto.value == 0) return;
    queue_.durable(turn);
    events_.push_back(Durable{turn.upto});
  }

  Status end() {  // the superblock names what is durable, so a tail that vanishes while nobody runs is seen
    done_ = true;
    return journal_->write_superblock();
  }

  void publish() {
    const bool any = !events_.empty();
    queue_.publish(std::exchange(events_, {}), journal_->space());
    if (any && door_.wake) door_.wake();
  }

  const StoreDoor door_;
  const StoreOptions options_;
  store::StoreQueue queue_;

  // Of the loop.
  std::unique_ptr<store::Journal> journal_;
  store::Cleaner cleaner_;
  store::Scrubber scrubber_;
  std::vector<StoreEvent> events_;
  std::vector<store::ReadPayload> reads_;
  bool new_hole_ = false;  // found by a reader, not durable yet
  bool busy_ = false, done_ = false, ended_ = false;
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

StatusOr<std::unique_ptr<Store>> Store::open(const StoreDoor& door, const StoreOptions& options, Recovered* found) {
  RS_CHECK(door.directory != nullptr && door.random != nullptr && door.clock != nullptr && door.runner != nullptr,
           "a store has its doors");
  auto journal = store::Journal::open(door, options, found);
  if (!journal.ok()) return journal.status();
  return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(door, options, *std::move(journal))));
}

io::Wake Store::step() { return impl_->step(); }

WriteId Store::append(GroupId group, Entry entry) {
  const size_t bytes = kHeadBytes + (entry.payload == nullptr ? 0 : entry.payload->size());
  return impl_->ask(this, store::AppendEntry{group, std::move(entry)}, bytes);
}
WriteId Store::cut(GroupId group, LogIndex last_kept) {
  return impl_->ask(this, store::CutLog{group, last_kept}, kHeadBytes);
}
WriteId Store::set_row(GroupId group, const ReplicaRow& row) {
  return impl_->ask(this, store::SetRow{group, row}, kHeadBytes);
}
WriteId Store::drop_payload(GroupId group, LogIndex index) {
  return impl_->ask(this, store::DropPayload{group, index}, kHeadBytes);
}
ReadId Store::read(GroupId group, LogIndex index) {
  const auto asked = impl_->queue().read(group, index);
  if (asked.wake) impl_->door().runner->wake(this);
  return ReadId(asked.id);
}

std::vector<StoreEvent> Store::take() { return impl_->queue().take_events(); }
bool Store::full() const { return impl_->queue().queued_bytes() >= impl_->options().queued_bytes; }
StoreSpace Store::space() const { return impl_->queue().space(); }
void Store::close() {
  if (impl_->queue().close()) impl_->door().runner->wake(this);
}
}  // namespace rs::hydfs
