// The journal with real threads and real files: tasks append, look, trim and restart while the loop writes.
#include <gtest/gtest.h>

#include <atomic>

#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "node/journal/rig.h"

namespace rs {
namespace {
constexpr uint64_t kRecords = 3000;
constexpr uint64_t kWindow = 100;  // appended and not yet durable
constexpr uint32_t kProducers = 3;
constexpr uint64_t kRestarts = 30;

struct Setting {
  std::unique_ptr<io::Clock> clock = io::real_clock();
  std::unique_ptr<io::Random> random = io::real_random();
  std::unique_ptr<io::Directory> directory = io::real_directory();
  std::unique_ptr<io::Runner> runner = io::thread_runner(*clock);
  io::ScratchFolder folder;
  std::unique_ptr<Journal> journal;
  std::atomic<int> left{0};  // loops that use the journal

  void boot() {
    JournalOptions options;
    options.segment_bytes = 16 << 10;
    auto recovered = Journal::recover({directory.get(), random.get(), runner.get(), folder.path()}, options);
    ASSERT_TRUE(recovered.ok()) << recovered.status();
    journal = *std::move(recovered);
  }
  io::Wake leave() {
    if (left.fetch_sub(1) == 1) journal->close();
    return {io::Wake::Kind::kDone};
  }
};

class Producer final : public io::Loop {
 public:
  Producer(Setting* setting, uint32_t task) : setting_(*setting), task_(task) {
    LogContents contents;
    auto log = setting->journal->open(TaskId(task), Incarnation(1), &contents, [this] { setting_.runner->wake(this); });
    EXPECT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }
  io::Wake step() override {
    const uint64_t durable = log_->durable_end();
    EXPECT_GE(durable, durable_);
    durable_ = durable;
    if (!log_->status().ok() || durable == kRecords) return setting_.leave();
    if (durable > 10) log_->trim(durable - 10);
    while (end_ < kRecords && end_ < durable + kWindow) end_ = log_->append(absl::StrCat(task_, " ", end_ + 1));
    return {io::Wake::Kind::kIdle};
  }
  uint64_t durable() const { return durable_; }

 private:
  Setting& setting_;
  const uint32_t task_;
  std::unique_ptr<Log> log_;
  uint64_t end_ = 0, durable_ = 0;
};

class Restarter final : public io::Loop {  // each step is a new incarnation that fences the one before
 public:
  Restarter(Setting* setting, uint32_t task) : setting_(*setting), task_(task) {}
  io::Wake step() override {
    LogContents contents;
    auto log = setting_.journal->open(TaskId(task_), incarnation_ = incarnation_.next(), &contents, [] {});
    EXPECT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(contents.records.size() + 1, incarnation_.value) << "what the one before had appended";
    (*log)->append("x");
    former_ = *std::move(log);
    if (incarnation_.value < kRestarts) return {io::Wake::Kind::kAgain};
    former_.reset();
    return setting_.leave();
  }

 private:
  Setting& setting_;
  const uint32_t task_;
  Incarnation incarnation_;
  std::unique_ptr<Log> former_;
};

TEST(JournalThreads, ManyTasksAndRestarts) {
  Setting setting;
  setting.boot();
  setting.left = kProducers + 1;
  std::vector<std::unique_ptr<Producer>> producers;
  for (uint32_t task = 0; task < kProducers; ++task) producers.push_back(std::make_unique<Producer>(&setting, task));
  Restarter restarter(&setting, kProducers);
  setting.runner->start(setting.journal.get(), "journal");
  setting.runner->start(&restarter, "restarter");
  for (auto& producer : producers) setting.runner->start(producer.get(), "producer");
  setting.runner->join();
  for (auto& producer : producers) EXPECT_EQ(producer->durable(), kRecords);
  EXPECT_GT(setting.journal->counts().removed, 0u);
  producers.clear();

  setting.boot();
  for (uint32_t task = 0; task < kProducers; ++task) {
    LogContents contents;
    auto log = setting.journal->open(TaskId(task), Incarnation(2), &contents, [] {});
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_FALSE(contents.records.empty());
    EXPECT_EQ(contents.records.back().position, kRecords);
    for (const LogRecord& record : contents.records) EXPECT_EQ(record.bytes, absl::StrCat(task, " ", record.position));
  }
}
}  // namespace
}  // namespace rs
