#include "engine/task_log.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rs {
namespace {
class MemoryLog : public Log {
 public:
  uint64_t append(std::string record) override {
    contents.records.push_back({contents.records.size() + 1, std::move(record)});
    return contents.records.size();
  }
  uint64_t durable_end() override { return contents.records.size(); }
  Status status() override { return Ok(); }
  void trim(uint64_t) override {}
  uint64_t live_bytes() override { return 0; }
  bool wants_snapshot() override { return false; }
  LogContents contents;
};

Chunk chunk(const std::string& text) { return make_chunk(Epoch(3), {TaskId(1), 2, 3}, PayloadKind::kLines, text, 1); }

EpochRecord epoch(uint64_t number) {
  return {.epoch = Epoch(number),
          .final = true,
          .time_ns = 77,
          .finals = {true, false},
          .digests = {5, 6},
          .offset = 10,
          .length = 20,
          .digest = 30,
          .tuples = 40};
}

TEST(TaskLog, AnEpochComesBackAsItWasWritten) {
  MemoryLog log;
  SectionWriter writer(&log);
  writer.begin();
  writer.state("change");
  writer.output(4, chunk("out\n"));
  writer.bytes("file");
  writer.commit(epoch(3));
  EXPECT_EQ(writer.end(), 1u);
  TaskHistory history = read_history(log.contents).value();
  ASSERT_EQ(history.epochs.size(), 1u);
  const LoggedEpoch& logged = history.epochs[0];
  EXPECT_EQ(logged.states, std::vector<std::string>{"change"});
  EXPECT_EQ(logged.bytes, "file");
  ASSERT_EQ(logged.outputs.size(), 1u);
  EXPECT_EQ(logged.outputs[0].first, 4u);
  EXPECT_EQ(*logged.outputs[0].second.payload, "out\n");
  EXPECT_EQ(logged.record.digests, (std::vector<uint64_t>{5, 6}));
  EXPECT_EQ(logged.record.finals, (std::vector<bool>{true, false}));
  EXPECT_EQ(logged.record.tuples, 40u);
}

TEST(TaskLog, WithoutItsCommitAnEpochMeansNothing) {
  MemoryLog log;
  SectionWriter torn(&log);
  torn.begin();
  torn.state("lost");
  torn.end();
  SectionWriter whole(&log);  // the next life does the epoch again
  whole.begin();
  whole.state("kept");
  whole.commit(epoch(1));
  whole.end();
  TaskHistory history = read_history(log.contents).value();
  ASSERT_EQ(history.epochs.size(), 1u);
  EXPECT_EQ(history.epochs[0].states, std::vector<std::string>{"kept"});
  EXPECT_EQ(history.epochs[0].position, 2u);
}

TEST(TaskLog, LargeEpochsSpanRecords) {
  MemoryLog log;
  SectionWriter writer(&log);
  writer.begin();
  std::string big(900'000, 'x');
  for (int i = 0; i < 5; ++i) writer.state(big);
  writer.commit(epoch(1));
  const uint64_t last = writer.end();
  EXPECT_EQ(last, log.contents.records.size());
  EXPECT_GE(log.contents.records.size(), 5u);
  EXPECT_EQ(writer.first_position(), 1u);
  for (const LogRecord& record : log.contents.records) EXPECT_LE(record.bytes.size(), kMaxRecordBytes);
  EXPECT_EQ(read_history(log.contents).value().epochs.at(0).states.size(), 5u);
}

TEST(TaskLog, TheLastWholeSnapshotCounts) {
  MemoryLog log;
  SectionWriter first(&log);
  first.snapshot_begin();
  first.group(KeyGroup(7), "old");
  first.snapshot({.epoch = Epoch(1), .incarnation = Incarnation(9), .inbox = {.last = Epoch(1)}});
  first.end();
  SectionWriter torn(&log);
  torn.snapshot_begin();
  torn.group(KeyGroup(7), "new");
  torn.end();
  TaskHistory history = read_history(log.contents).value();
  ASSERT_TRUE(history.snapshot);
  EXPECT_EQ(history.snapshot->groups, std::vector<std::string>{"old"});
  EXPECT_EQ(history.snapshot->record.incarnation, Incarnation(9));
}

TEST(TaskLog, SourcesAndMarksComeBack) {
  MemoryLog log;
  SectionWriter writer(&log);
  writer.source({.epoch = Epoch(2), .time_ns = 8, .shares = {{{{1, 0, 5, 9}}, true}, {}}, .stream_crc = 17});
  writer.counted({Epoch(2), 100, 200});
  writer.synced({55, 66, {.last = Epoch(4), .finals = {true}, .digests = {{{Epoch(4), 12}}}}});
  writer.final({"tmp", 1, 2, 3, 4});
  writer.finished();
  writer.end();
  TaskHistory history = read_history(log.contents).value();
  ASSERT_EQ(history.sources.size(), 1u);
  EXPECT_EQ(history.sources[0].record.shares[0].splits[0], (Split{1, 0, 5, 9}));
  EXPECT_TRUE(history.sources[0].record.shares[0].final);
  EXPECT_EQ(history.sources[0].record.stream_crc, 17u);
  EXPECT_EQ(history.counted->bytes, 200u);
  EXPECT_EQ(history.synced->inbox.digests[0].at(Epoch(4)), 12u);
  EXPECT_EQ(history.final->temporary, "tmp");
  EXPECT_TRUE(history.finished);
}

TEST(TaskLog, AFinalRecordInsideAnEpochComesBack) {
  MemoryLog log;
  SectionWriter writer(&log);
  writer.begin();
  writer.commit(epoch(1));
  writer.begin();
  writer.final({.temporary = ".out", .device = 1, .inode = 2, .length = 3, .digest = 4});
  writer.commit(epoch(2));
  writer.end();
  TaskHistory history = read_history(log.contents).value();
  EXPECT_EQ(history.epochs.size(), 2u);
  ASSERT_TRUE(history.final.has_value());
  EXPECT_EQ(history.final->inode, 2u);
}

TEST(TaskLog, NonsenseWithAValidChecksumIsDamage) {
  for (std::string bytes : {std::string("\x63\x00", 2), std::string("\x05\x02zz", 4), std::string("\x02\xff", 2)}) {
    LogContents contents{.records = {{1, bytes}}};
    EXPECT_EQ(error_id(read_history(contents).status()), ErrorId::kStateDamaged);
  }
}
}  // namespace
}  // namespace rs
