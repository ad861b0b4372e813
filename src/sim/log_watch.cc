#include "sim/log_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/task_log.h"

namespace rs::sim {
class LogWatch::Watched : public Log {
 public:
  Watched(LogWatch* watch, TaskId task, std::unique_ptr<Log> log) : watch_(*watch), task_(task), log_(std::move(log)) {}
  uint64_t append(std::string record) override {
    if (log_->status().ok()) watch_.appended(task_, record);
    return log_->append(std::move(record));
  }
  uint64_t durable_end() override { return log_->durable_end(); }
  Status status() override { return log_->status(); }
  void trim(uint64_t before) override { log_->trim(before); }
  uint64_t live_bytes() override { return log_->live_bytes(); }
  bool wants_snapshot() override { return log_->wants_snapshot(); }

 private:
  LogWatch& watch_;
  TaskId task_;
  std::unique_ptr<Log> log_;
};

StatusOr<std::unique_ptr<Log>> LogWatch::open(TaskId task, Incarnation writer, LogContents* contents,
                                              std::function<void()> woken) {
  StatusOr<std::unique_ptr<Log>> log = store_.open(task, writer, contents, std::move(woken));
  if (!log.ok()) return log;
  Epoch& last = last_[task] = Epoch(0);
  if (StatusOr<TaskHistory> history = read_history(*contents); history.ok()) {
    for (const LoggedEpoch& epoch : history->epochs) last = std::max(last, epoch.record.epoch);
    for (const LoggedSource& source : history->sources) last = std::max(last, source.record.epoch);
    if (history->snapshot) last = std::max(last, history->snapshot->record.epoch);
    if (history->synced) last = std::max(last, history->synced->inbox.last);
  }
  return std::make_unique<Watched>(this, task, *std::move(log));
}

void LogWatch::appended(TaskId task, const std::string& record) {
  StatusOr<TaskHistory> history = read_history({.records = {{1, record}}});
  if (!history.ok()) return verdict_.breach(Invariant::kOneByOne, std::string(history.status().message()));
  auto commits = [&](Epoch epoch) {
    if (epoch.value == 0) return;
    Epoch& last = last_[task];
    if (epoch != last.next()) {
      verdict_.breach(Invariant::kOneByOne,
                      absl::StrCat("task ", task.value, " commits epoch ", epoch.value, " after epoch ", last.value));
    }
    last = epoch;
  };
  for (const LoggedEpoch& epoch : history->epochs) commits(epoch.record.epoch);
  for (const LoggedSource& source : history->sources) commits(source.record.epoch);
}
}  // namespace rs::sim
