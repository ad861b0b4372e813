// The local journal: the logs of all tasks of a job in one sequence of segments, with one fdatasync for whatever the
// tasks have appended meanwhile (E4, E9, E11). docs/formats/journal.md says what is on disk, recover.h what is
// believed of it.
//
// Threads: step() runs on the journal's own loop; logs belong to their tasks; open() and close() may be called from
// any thread. The journal must outlive the logs that it gave out.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/log.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/runner.h"
#include "node/journal/queue.h"
#include "node/journal/recover.h"
#include "node/journal/segment_writer.h"

namespace rs {
struct JournalDoor {
  io::Directory* directory = nullptr;
  io::Random* random = nullptr;
  io::Runner* runner = nullptr;  // wakes the loop; whoever made the journal starts it there
  std::string folder;            // exists, and is locked by this process
};

struct JournalOptions {
  uint64_t segment_bytes = 64u << 20;
  size_t group_bytes =
      1u << 20;                // one fdatasync takes about as long for 1 MiB as for 4 KiB, and 30 times as long for 8
  uint64_t keep_segments = 4;  // older ones are freed: small rests are carried on, tasks asked for a snapshot
  uint64_t carry_bytes = 1u << 20;  // what counts as a small rest
};

struct JournalCounts {
  uint64_t groups = 0;  // written and synced
  uint64_t segments = 0, removed = 0, carried = 0;
  uint64_t rewritten = 0;     // groups of an unsynced tail, at the start
  bool tail_was_cut = false;  // at the start
};

class Journal final : public io::Loop, public LogStore {
 public:
  // Reads what is there, makes it durable, and begins a new segment behind it. kDataLoss: it is damaged where it was
  // durable once. kFailedPrecondition: of a format that this version does not read.
  static StatusOr<std::unique_ptr<Journal>> recover(const JournalDoor& door, const JournalOptions& options = {});

  io::Wake step() override;
  StatusOr<std::unique_ptr<Log>> open(TaskId task, Incarnation writer, LogContents* contents,
                                      std::function<void()> woken) override;
  void close();  // the loop is done when what was appended is durable
  Status status() const { return queue_.status(); }
  JournalCounts counts();
  uint64_t start_number() const { return start_number_; }  // rises with each start: what incarnations are made of

 private:
  Journal(const JournalDoor& door, const JournalOptions& options, uint64_t state);
  Status begin(journal::Recovered recovered);
  StatusOr<bool> advance();  // whether there is more to do
  StatusOr<journal::Place> commit(std::string group);
  Status make_room(uint64_t group_bytes);
  Status carry();
  StatusOr<std::vector<LogRecord>> read(TaskId task, const journal::TaskIndex& index);

  const JournalDoor door_;
  const JournalOptions options_;
  journal::CommitQueue queue_;

  // Of whoever holds the writer's turn.
  journal::SegmentWriter writer_;
  uint64_t first_ = 0;  // oldest segment on disk
  uint64_t start_number_ = 0;
  bool marked_ = true;  // a mark behind the last commit is written
  JournalCounts counts_;
};
}  // namespace rs
