#include "engine/lines_task.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/variants.h"
#include "engine/place.h"

namespace rs {
LinesTask::LinesTask(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world,
                     std::function<void()> woken)
    : Task(graph, id, self, world, std::move(woken)),
      maker_(spec(), this),
      chain_(make_chain(&maker_)),
      owed_(spec().in.size()) {
  RS_CHECK(outbox_.size() > 0, "what a TRANSPARENT task passes on is acknowledged by somebody (E5)");
}

Status LinesTask::recover(const LogContents&) {
  outbox_.start(Epoch(0), Epoch(0));  // and waits for its receivers: outbox_base
  return Ok();
}

void LinesTask::outbox_base(Epoch base) { inbox_.start(InboxState{.last = base}, base, senders_); }

void LinesTask::inbox_chunk(size_t in, Chunk chunk) {
  counters_.tuples_in.add(chunk.tuples);
  Origin origin = chunk.origin;
  if (broken(Variant::kPositionInChannel)) origin = {id_, ++arrived_, 0};
  maker_.begin(chunk.epoch, origin);
  if (Status status = chain_->process_chunk(chunk); !status.ok())
    return fail(placed(status, absl::StrCat("epoch ", chunk.epoch.value, ", split ", chunk.origin.split)));
  maker_.flush_lines();
  maker_.flush_combined();  // each input chunk is a fixed position (E3)
  owed_[in] += chunk.bytes();
}

void LinesTask::made(size_t out, Chunk chunk) {
  counters_.tuples_out.add(chunk.tuples);
  outbox_.put(out, std::move(chunk));
}

void LinesTask::inbox_discard() {
  counters_.discards.add(1);
  arrived_ = 0;
  outbox_.discard_above(inbox_.state().last);
  owed_.assign(owed_.size(), 0);  // credit belongs to a connection
}

StatusOr<io::Wake> LinesTask::work() {
  while (inbox_.complete()) {
    arrived_ = 0;
    ClosedEpoch closed = inbox_.close();
    outbox_.close(closed.epoch, closed.final, closed.time_ns);
    counters_.epochs.add(1);
  }
  bool told_of_end = inbox_.all_final() && outbox_.final_epoch().value == 0;  // E18, by Welcomes alone
  if (told_of_end && outbox_.ready() && inbox_.state().last <= outbox_.base()) outbox_.ended(inbox_.state().last);
  outbox_.pump();
  for (size_t in = 0; in < owed_.size() && !outbox_.congested(); ++in) {
    inbox_.handled(in, std::exchange(owed_[in], 0));
  }
  return io::Wake{};
}
}  // namespace rs
