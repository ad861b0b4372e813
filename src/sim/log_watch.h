// Watches what tasks append to their logs: the commits of a task rise one by one, over all its lives (invariant 6).
#pragma once
#include <map>
#include <memory>

#include "engine/log.h"
#include "sim/invariants.h"

namespace rs::sim {
class LogWatch : public LogStore {
 public:
  LogWatch(LogStore* store, Verdict* verdict) : store_(*store), verdict_(*verdict) {}
  StatusOr<std::unique_ptr<Log>> open(TaskId task, Incarnation writer, LogContents* contents,
                                      std::function<void()> woken) override;

 private:
  class Watched;
  void appended(TaskId task, const std::string& record);

  LogStore& store_;
  Verdict& verdict_;
  std::map<TaskId, Epoch> last_;  // of the present writer
};
}  // namespace rs::sim
