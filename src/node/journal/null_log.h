// Logs that keep nothing, for jobs without a state: an append counts as durable at once.
#pragma once
#include <functional>
#include <memory>

#include "engine/log.h"

namespace rs {
class NullLogStore final : public LogStore {
 public:
  StatusOr<std::unique_ptr<Log>> open(TaskId task, Incarnation writer, LogContents* contents,
                                      std::function<void()> woken) override;
};
}  // namespace rs
