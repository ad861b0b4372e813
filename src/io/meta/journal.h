// The journal of an embedded meta store: a table, and what changed it since, in one file
// (docs/formats/meta-journal.md). Written on a loop of its own, so that no fdatasync holds up the node. When the file
// has grown it is replaced by one that begins with the present table.
//
// Threads: recover() before all; step() on its own loop; everything else belongs to the owner of the table. After an
// error nothing becomes durable any more (H16); the next start recovers what is.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "io/file.h"
#include "io/meta/queue.h"
#include "io/meta/table.h"
#include "io/runner.h"

namespace rs::io {
struct MetaJournalOptions {
  std::string folder;                     // it exists, and this process has locked it
  size_t growth_bytes = size_t{4} << 20;  // that the file may have beyond twice the table
  MetaTableLimits table;
};

class MetaJournal final : public Loop {
 public:
  struct Recovered {
    std::unique_ptr<MetaJournal> journal;
    MetaTable table;
    bool tail_was_cut = false;
  };
  // A folder without a journal: an empty table. kDataLoss: it is damaged where it was durable once;
  // kFailedPrecondition: of another version.
  static StatusOr<Recovered> recover(const MetaJournalOptions& options, Directory* directory);

  // Each answers the number that durable() must reach. The owner then wakes the loop.
  uint64_t append(std::string commands) { return put({0, false, std::move(commands)}); }
  uint64_t replace(const MetaTable& table) { return put({0, true, table.encode()}); }
  bool wants_table() const { return queue_.long_file(); }
  uint64_t last() const { return last_; }
  uint64_t durable() const { return queue_.durable(); }
  Status status() const { return queue_.status(); }
  void close() { queue_.close(); }  // the loop, once woken, is done when what was appended is durable

  std::function<void()> wake;  // set before the loop starts; called by it when durable() or status() has changed
  Wake step() override;

 private:
  MetaJournal(const MetaJournalOptions& options, Directory* directory) : options_(options), directory_(*directory) {}
  uint64_t put(MetaGroup group);
  Status begin_file(uint64_t number, const std::string& table);
  Status write(const std::vector<MetaGroup>& groups);

  const MetaJournalOptions options_;
  Directory& directory_;
  MetaJournalQueue queue_;
  uint64_t last_ = 0;  // the owner's

  // The loop's.
  std::unique_ptr<File> file_;
  uint64_t synced_ = 0;
  bool marked_ = true;
  size_t table_bytes_ = 0, file_bytes_ = 0;
  bool broken_ = false;
};

// What changes a table, in order; a journal holds only what happened.
class MetaCommands {
 public:
  void add(const MetaTransaction& transaction);
  void add_grant(int64_t ttl_ms);
  void add_end(LeaseId lease);
  bool empty() const { return bytes_.empty(); }
  std::string take() { return std::exchange(bytes_, {}); }
  static Status replay(std::string_view bytes, MetaTable* table);  // kDataLoss

 private:
  std::string bytes_;
};
}  // namespace rs::io
