// The store with real threads and real files: an owner appends, reads, drops and cuts while the loop writes.
#include <gtest/gtest.h>

#include "hydfs/store/rig.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"

namespace rs::hydfs::store {
namespace {
struct Setting {
  std::unique_ptr<io::Clock> clock = io::real_clock();
  std::unique_ptr<io::Random> random = io::real_random();
  std::unique_ptr<io::Directory> directory = io::real_directory();
  std::unique_ptr<io::Runner> runner = io::thread_runner(*clock);
  io::ScratchFolder folder;
  std::unique_ptr<Store> store;
  Recovered found;

  void boot(const StoreOptions& options, std::function<void()> wake) {
    auto opened =
        Store::open({directory.get(), random.get(), clock.get(), runner.get(), folder.path(), wake}, options, &found);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store = *std::move(opened);
  }
};

class Owner final : public io::Loop {
 public:
  Owner(Setting* setting, uint64_t entries, size_t bytes) : setting_(*setting), entries_(entries), bytes_(bytes) {}

  io::Wake step() override {
    for (StoreEvent& event : setting_.store->take()) take(event);
    if (appended_ == 0) asked_ = setting_.store->set_row(GroupId(1), row_of(1));
    while (appended_ < entries_ && !setting_.store->full()) append();
    if (durable_ < asked_ || reads_ > 0 || appended_ < entries_) return {io::Wake::Kind::kIdle};
    setting_.store->close();
    return {io::Wake::Kind::kDone};
  }
  std::string payload(uint64_t index) const { return std::string(bytes_, static_cast<char>('a' + index % 26)); }
  uint64_t answers() const { return answers_; }

 private:
  void append() {
    const LogIndex index(++appended_);
    asked_ = setting_.store->append(GroupId(1), entry_of(index.value, payload(index.value)));
    if (appended_ % 8 != 0) return;
    ++reads_;
    wanted_[setting_.store->read(GroupId(1), LogIndex(index.value / 2 + 1))] = index.value / 2 + 1;
    if (index.value > 100) asked_ = setting_.store->drop_payload(GroupId(1), LogIndex(index.value / 4));
  }
  void take(StoreEvent& event) {
    if (const auto* upto = std::get_if<Durable>(&event)) {
      EXPECT_GT(upto->upto, durable_);
      durable_ = upto->upto;
    } else if (const auto* read = std::get_if<ReadDone>(&event)) {
      --reads_;
      ++answers_;
      ASSERT_TRUE(read->payload.ok()) << read->payload.status();
      EXPECT_EQ(**read->payload, payload(wanted_.at(read->id)));
    } else {
      ADD_FAILURE() << "neither failed nor bad";
    }
  }

  Setting& setting_;
  const uint64_t entries_;
  const size_t bytes_;
  uint64_t appended_ = 0, reads_ = 0, answers_ = 0;
  WriteId asked_, durable_;
  std::map<ReadId, uint64_t> wanted_;
};

void run(uint64_t entries, size_t bytes, const StoreOptions& options) {
  Setting setting;
  Owner owner(&setting, entries, bytes);
  setting.boot(options, [&] { setting.runner->wake(&owner); });
  setting.runner->start(setting.store.get(), "store");
  setting.runner->start(&owner, "owner");
  setting.runner->join();
  EXPECT_EQ(owner.answers(), entries / 8);
  setting.boot(options, [] {});
  RecoveredGroup& group = setting.found.groups[GroupId(1)];
  ASSERT_EQ(group.log.size(), entries);
  EXPECT_TRUE(group.holes.empty());
  EXPECT_FALSE(setting.found.tail_was_cut);
  for (uint64_t index = 1; index <= entries; ++index) {
    EntryHead expected = entry_of(index, owner.payload(index)).head;
    expected.dropped = group.log[index - 1].dropped;
    EXPECT_EQ(group.log[index - 1], expected);
  }
}

TEST(StoreThreads, ManySmallEntries) {
  StoreOptions options;
  options.segment_bytes = 256 << 10;
  options.queued_bytes = 1 << 20;
  run(20'000, 100, options);
}

TEST(StoreThreads, LongEntries) {
  StoreOptions options;
  options.segment_bytes = 8 << 20;
  run(40, kMaxPayloadBytes, options);
}
}  // namespace
}  // namespace rs::hydfs::store
