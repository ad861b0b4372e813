#include "node/journal/queue.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/variants.h"

namespace rs::journal {
namespace {
constexpr size_t kEntryBytes = 32;  // the most that put_record adds to a record's bytes
}  // namespace

class CommitQueue::TaskLog final : public Log {
 public:
  TaskLog(CommitQueue* queue, std::shared_ptr<Session> session) : queue_(*queue), session_(std::move(session)) {}
  ~TaskLog() override {
    std::lock_guard lock(queue_.mutex_);
    session_->woken = nullptr;
  }
  uint64_t append(std::string record) override { return queue_.append(*session_, record); }
  uint64_t durable_end() override {
    if (broken(Variant::kNotFenced)) return queue_.view(session_->task).row.end - 1;
    return session_->durable.load(std::memory_order_acquire);
  }
  Status status() override { return queue_.status_of(*session_); }
  void trim(uint64_t before) override { queue_.trim(*session_, before); }
  uint64_t live_bytes() override {
    std::lock_guard lock(queue_.mutex_);
    return queue_.index_.task(session_->task).live_bytes;
  }
  bool wants_snapshot() override {
    std::lock_guard lock(queue_.mutex_);
    const auto& live = queue_.index_.task(session_->task).live;
    if (live.empty()) return false;
    const uint64_t oldest = live.begin()->first;
    return oldest + queue_.limits_.keep_segments <= queue_.newest_ &&
           queue_.index_.live_bytes(oldest) > queue_.limits_.carry_bytes;  // what is less is carried
  }

 private:
  CommitQueue& queue_;
  std::shared_ptr<Session> session_;
};

void CommitQueue::adopt(Index index, uint64_t newest) {
  std::lock_guard lock(mutex_);
  RS_CHECK(members_.empty(), "before the first task");
  index_ = std::move(index);
  newest_ = newest;
}

Member& CommitQueue::member(TaskId task) {
  auto [at, is_new] = members_.try_emplace(task);
  if (is_new) {
    at->second.index = &index_.task(task);
    at->second.next = at->second.index->row.end;
  }
  return at->second;
}

bool CommitQueue::signal() {
  const bool first = !signaled_;
  signaled_ = true;
  return first;
}

StatusOr<std::unique_ptr<Log>> CommitQueue::fence(TaskId task, Incarnation writer, std::function<void()> woken) {
  std::lock_guard lock(mutex_);
  if (!status_.ok()) return status_;
  Member& m = member(task);
  TaskRow& row = m.index->row;
  if (writer <= row.writer) {
    return absl::FailedPreconditionError(absl::StrCat("the log of task ", task.value, " was opened by incarnation ",
                                                      row.writer.value, "; incarnation ", writer.value, " is too old"));
  }
  row.writer = writer;
  m.row_due = true;
  auto session = std::make_shared<Session>();
  session->task = task;
  session->writer = writer;
  session->durable = row.end - 1;
  session->woken = std::move(woken);
  const std::shared_ptr<Session> old = std::exchange(m.session, session);
  if (old && old->woken) old->woken();
  return std::make_unique<TaskLog>(this, std::move(session));
}

bool CommitQueue::is_fenced(const Session& session) const {
  return members_.at(session.task).index->row.writer != session.writer;
}

uint64_t CommitQueue::append(const Session& session, std::string_view record) {
  RS_CHECK(record.size() <= kMaxRecordBytes, "the task frames what is larger");
  std::unique_lock lock(mutex_);
  Member& m = members_.at(session.task);
  const bool refused = is_fenced(session) && !broken(Variant::kNotFenced);
  if (refused || !status_.ok()) return m.next;  // a position that never becomes durable for this writer
  const size_t size = record.size() + kEntryBytes;
  if (batches_.empty() ||
      (!batches_.back().records.empty() && batches_.back().group.size() + size > limits_.group_bytes)) {
    batches_.emplace_back();
  }
  Batch& batch = batches_.back();
  const uint64_t position = m.next++;
  put_record(&batch.group, session.task, position, session.writer, record);
  batch.records.push_back({&m, record.size()});
  const bool wake = signal();
  lock.unlock();
  if (wake) runner_.wake(&loop_);
  return position;
}

Status CommitQueue::status_of(const Session& session) const {
  std::lock_guard lock(mutex_);
  if (!is_fenced(session) || broken(Variant::kNotFenced)) return status_;
  return absl::FailedPreconditionError(
      absl::StrCat("task ", session.task.value, ": a newer incarnation writes its log"));
}

void CommitQueue::trim(const Session& session, uint64_t before) {
  std::unique_lock lock(mutex_);
  if (is_fenced(session)) return;
  Member& m = members_.at(session.task);
  if (before <= m.index->row.before) return;
  const uint64_t oldest = index_.oldest_live(newest_);
  index_.trim(m.index, before);
  m.row_due = true;
  const bool wake = index_.oldest_live(newest_) > oldest && signal();  // else the next group takes it along
  lock.unlock();
  if (wake) runner_.wake(&loop_);
}

void CommitQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  runner_.wake(&loop_);
}

Status CommitQueue::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

bool CommitQueue::waiting() const {
  std::lock_guard lock(mutex_);
  return !batches_.empty();
}

bool CommitQueue::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

std::vector<std::string> CommitQueue::table() const {
  std::lock_guard lock(mutex_);
  return index_.table();
}

Turn CommitQueue::take() {
  std::lock_guard lock(mutex_);
  Turn turn;
  signaled_ = false;
  if (!batches_.empty()) {
    turn.batch = std::move(batches_.front());
    batches_.pop_front();
  }
  for (auto& [id, m] : members_) {
    if (!std::exchange(m.row_due, false)) continue;
    put_task(&turn.batch.group, m.index->row);
    turn.has_rows = true;
  }
  turn.more = !batches_.empty();
  turn.free_before = index_.oldest_live(newest_);
  return turn;
}

// Wakes under the mutex: so none comes after a Log's destructor, and `woken` does nothing but wake.
void CommitQueue::committed(const Batch& batch, const Place& place) {
  std::lock_guard lock(mutex_);
  newest_ = place.segment;
  std::vector<Member*> due;
  for (const Batch::Record& record : batch.records) {
    index_.add(record.member->index, {place.segment, place.offset, record.bytes});
    if (!std::exchange(record.member->wake_due, true)) due.push_back(record.member);
  }
  for (Member* m : due) {
    m->wake_due = false;
    m->session->durable.store(m->index->row.end - 1, std::memory_order_release);
    if (m->session->woken) m->session->woken();
  }
}

void CommitQueue::fail(const Status& status) {
  RS_CHECK(!status.ok(), "only an error fails");
  std::lock_guard lock(mutex_);
  if (status_.ok()) status_ = status;
  batches_.clear();
  for (auto& [id, m] : members_)
    if (m.session && m.session->woken) m.session->woken();
}

TaskIndex CommitQueue::view(TaskId task) const {
  std::lock_guard lock(mutex_);
  return *members_.at(task).index;
}

std::set<uint64_t> CommitQueue::live_offsets(uint64_t segment) const {
  std::lock_guard lock(mutex_);
  return index_.live_offsets(segment);
}

bool CommitQueue::carry_due(uint64_t oldest) const {
  std::lock_guard lock(mutex_);
  const uint64_t live = index_.live_bytes(oldest);
  return oldest + limits_.keep_segments <= newest_ && live > 0 && live <= limits_.carry_bytes;
}

void CommitQueue::pick_live(const Place& place, std::string_view payload, std::string* to,
                            std::vector<Carried>* picked) const {
  std::lock_guard lock(mutex_);
  EntryReader entries(payload);
  for (Entry entry; entries.next(&entry);) {
    if (entry.kind != Entry::Kind::kRecord) continue;
    const Slot* slot = index_.find(entry.task, entry.position);
    if (slot == nullptr || slot->segment != place.segment || slot->offset != place.offset) continue;
    put_record(to, entry.task, entry.position, entry.writer, entry.bytes);
    picked->push_back({entry.task, entry.position, entry.bytes.size()});
  }
}

void CommitQueue::carried(const std::vector<Carried>& records, const Place& place) {
  std::lock_guard lock(mutex_);
  newest_ = place.segment;
  for (const Carried& record : records)
    index_.move(&index_.task(record.task), record.position, {place.segment, place.offset, record.bytes});
}
}  // namespace rs::journal
