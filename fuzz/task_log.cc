// Any bytes as the records of a task log: a history or DATA_LOSS, never a crash. What was understood and is written
// again is understood the same.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "engine/task_log.h"

namespace {
class MemoryLog : public rs::Log {
 public:
  uint64_t append(std::string record) override {
    contents.records.push_back({contents.records.size() + 1, std::move(record)});
    return contents.records.size();
  }
  uint64_t durable_end() override { return contents.records.size(); }
  rs::Status status() override { return rs::Ok(); }
  void trim(uint64_t) override {}
  uint64_t live_bytes() override { return 0; }
  bool wants_snapshot() override { return false; }
  rs::LogContents contents;
};

// Each record begins with its length, so that one epoch may span several of them.
rs::LogContents cut(std::string_view bytes) {
  rs::LogContents contents;
  rs::ByteReader in(bytes);
  while (!in.done()) {
    const size_t length = std::min<size_t>(in.fixed<uint8_t>(), in.remaining());
    contents.records.push_back({contents.records.size() + 1, std::string(in.raw(length))});
  }
  return contents;
}

std::string written(const rs::TaskHistory& history) {
  MemoryLog log;
  rs::SectionWriter writer(&log);
  for (const rs::LoggedEpoch& epoch : history.epochs) {
    writer.begin();
    for (const std::string& state : epoch.states) writer.state(state);
    for (const auto& [out, chunk] : epoch.outputs) writer.output(out, chunk);
    if (!epoch.bytes.empty()) writer.bytes(epoch.bytes);
    writer.commit(epoch.record);
  }
  for (const rs::LoggedSource& source : history.sources) writer.source(source.record);
  if (history.counted) writer.counted(*history.counted);
  if (history.synced) writer.synced(*history.synced);
  if (history.final) writer.final(*history.final);
  if (history.finished) writer.finished();
  writer.end();
  std::string all;
  for (const rs::LogRecord& record : log.contents.records) all += record.bytes;
  return all;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto history = rs::read_history(cut({reinterpret_cast<const char*>(data), size}));
  if (!history.ok()) {
    RS_CHECK(rs::error_id(history.status()) == rs::ErrorId::kStateDamaged, "the only reason to refuse");
    return 0;
  }
  const std::string once = written(*history);
  const auto again = rs::read_history({.records = {{1, once}}});
  RS_CHECK(again.ok() && written(*again) == once, "our own bytes");
  RS_CHECK(again->epochs.size() == history->epochs.size(), "every whole epoch");
  return 0;
}
