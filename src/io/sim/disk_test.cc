#include "io/sim/disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "io/sim/world.h"

namespace rs::io {
namespace {
constexpr int kSeeds = 300;
using absl::StatusCode;

std::string read_all(File* file) {
  std::string all;
  char piece[100];
  for (;;) {
    auto result = file->read(all.size(), piece);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok() || result->kind != ReadResult::Kind::kData) return all;
    all.append(piece, result->size);
  }
}

// A machine with one process and a folder that survives everything.
struct Machine : SimWorld {
  explicit Machine(uint64_t seed = 1) : SimWorld(seed) {
    disk.put("state/anchor", "");
    disk.faults().write_back = 0;
  }
  std::unique_ptr<File> open(const std::string& path, OpenMode mode = OpenMode::kCreate) {
    auto file = process.directory->open(path, mode);
    EXPECT_TRUE(file.ok()) << file.status();
    return std::move(*file);
  }
  void write_synced(const std::string& path, std::string_view bytes) {
    auto file = open(path);
    EXPECT_TRUE(file->append(bytes).ok());
    EXPECT_TRUE(file->fdatasync().ok());
    EXPECT_TRUE(process.directory->sync("state").ok());
  }
  Directory& directory() { return *process.directory; }
  void reboot() { process = boot(); }
  SimProcess process = boot();
};

TEST(SimDisk, AReadFailsOnce) {
  Machine m;
  auto file = m.open("state/a");
  ASSERT_TRUE(file->append("hello").ok());
  m.disk.fail_next_read("state/a");
  char byte[1];
  EXPECT_EQ(file->read(0, byte).status().code(), StatusCode::kInternal);
  EXPECT_EQ(read_all(file.get()), "hello");
  m.disk.fail_next_read("state/a");
  EXPECT_EQ(m.directory().stat("state/a").status().code(), StatusCode::kInternal);
  EXPECT_EQ(m.directory().stat("state/a")->size, 5u);
  EXPECT_EQ(m.disk.counts().read_errors, 2u);
}

TEST(SimDisk, KeepsBytesNamesAndTimes) {
  Machine m;
  auto file = m.open("state/a", OpenMode::kCreateNew);
  ASSERT_TRUE(file->append("hello ").ok());
  ASSERT_TRUE(file->append("world").ok());
  ASSERT_TRUE(file->pwrite(0, "J").ok());
  EXPECT_EQ(read_all(file.get()), "Jello world");
  EXPECT_EQ(*file->size(), 11u);
  EXPECT_EQ(*m.directory().list("state"), (std::vector<std::string>{"a", "anchor"}));
  const FileStat stat = *m.directory().stat("./state//x/../a");
  EXPECT_EQ(stat.type, FileStat::Type::kRegular);
  EXPECT_EQ(stat.size, 11u);
  EXPECT_LE(stat.mtime_ns, m.clock.wall_ns());
  EXPECT_EQ(m.disk.files(), (std::vector<std::string>{"/state/a", "/state/anchor"}));
}

TEST(SimDisk, AnswersWithTheCodesOfTheContract) {
  Machine m;
  Directory& d = m.directory();
  EXPECT_EQ(d.open("no", OpenMode::kRead).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(d.open("no/no", OpenMode::kCreate).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(d.open("state/anchor", OpenMode::kCreateNew).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(d.open("state", OpenMode::kRead).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(d.remove("no").code(), StatusCode::kNotFound);
  EXPECT_EQ(d.remove("state").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(d.rename("no", "yes").code(), StatusCode::kNotFound);
  EXPECT_EQ(d.rename("state", "state/inside").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(d.list("no").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(d.list("state/anchor").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(d.sync("no").code(), StatusCode::kNotFound);
  EXPECT_EQ(d.make("state/anchor/x").code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(m.open("state/anchor", OpenMode::kRead)->append("x").code(), StatusCode::kPermissionDenied);
}

TEST(SimDisk, MakeRenameAndRemoveWork) {
  Machine m;
  Directory& d = m.directory();
  ASSERT_TRUE(d.make("state/deep/er").ok());
  ASSERT_TRUE(d.make("state/deep/er").ok());
  m.write_synced("state/a", "new");
  m.write_synced("state/deep/er/b", "old");
  auto reader = m.open("state/deep/er/b", OpenMode::kRead);
  ASSERT_TRUE(d.rename("state/a", "state/deep/er/b").ok());
  EXPECT_FALSE(m.disk.exists("state/a"));
  EXPECT_EQ(m.disk.contents("state/deep/er/b"), "new");
  EXPECT_EQ(read_all(reader.get()), "old") << "an open file outlives its name";
  ASSERT_TRUE(d.rename("state/deep", "state/shallow").ok());
  ASSERT_TRUE(d.remove("state/shallow/er/b").ok());
  ASSERT_TRUE(d.remove("state/shallow/er").ok());
  EXPECT_EQ(*d.list("state/shallow"), std::vector<std::string>{});
}

TEST(SimDisk, AProcessCrashKeepsWhatWasWrittenAndFreesItsLocks) {
  Machine m;
  auto lock = m.open("state/lock");
  auto file = m.open("state/a");
  EXPECT_EQ(*lock->lock("first"), 0);
  EXPECT_EQ(*lock->lock("still first"), 0);
  ASSERT_TRUE(file->append("unsynced").ok());

  const SimProcess second = m.boot();
  auto second_lock = *second.directory->open("state/lock", OpenMode::kCreate);
  EXPECT_EQ(*second_lock->lock("second"), pid_of(m.process.id));
  EXPECT_EQ(m.disk.counts().locks_refused, 1u);
  m.crash(m.process.id);
  EXPECT_EQ(*second_lock->lock("second"), 0);
  EXPECT_EQ(m.disk.contents("state/lock"), "pid 1002\nsecond");
  EXPECT_EQ(m.disk.contents("state/a"), "unsynced");
  EXPECT_EQ(file->append("x").code(), StatusCode::kAborted);
  EXPECT_EQ(file->size().status().code(), StatusCode::kAborted);
  EXPECT_EQ(m.directory().stat("state/a").status().code(), StatusCode::kAborted);
  EXPECT_GT(m.disk.counts().aborted, 0u);
}

TEST(SimDisk, ALockGoesWithItsFile) {
  Machine m;
  auto first = m.open("state/lock"), second = m.open("state/lock");
  EXPECT_EQ(*first->lock("1"), 0);
  EXPECT_EQ(*second->lock("2"), pid_of(m.process.id));
  first.reset();
  EXPECT_EQ(*second->lock("2"), 0);
}

TEST(SimDisk, SyncedFilesAlwaysSurviveAPowerLossAndOthersSometimes) {
  int kept = 0, lost = 0, name_lost = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Machine m(seed);
    m.write_synced("state/synced", "safe");
    auto unsynced = m.open("state/unsynced");
    ASSERT_TRUE(unsynced->append("risky").ok());
    m.power_loss();
    m.reboot();
    ASSERT_EQ(m.disk.contents("state/synced"), "safe");
    ASSERT_EQ(m.disk.durable_contents("state/synced"), "safe");
    EXPECT_EQ(unsynced->append("x").code(), StatusCode::kAborted);
    const bool exists = m.disk.exists("state/unsynced");
    name_lost += !exists;
    if (exists) (m.disk.contents("state/unsynced") == "risky" ? kept : lost) += 1;
  }
  EXPECT_GT(kept, 0);
  EXPECT_GT(lost, 0);
  EXPECT_GT(name_lost, 0);
}

// Write beside, sync, rename over, sync the directory: the way everybody replaces a file.
TEST(SimDisk, AReplacedFileIsOldOrNewAtEveryCrashPoint) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Machine m(seed);
    m.disk.faults().write_back = 0.2;
    m.write_synced("state/file", "old");
    m.disk.crash_at_operation(m.process.id, 1 + seed % 6);
    const auto replace = [&]() -> Status {
      auto file = m.directory().open("state/temporary", OpenMode::kCreateNew);
      RS_RETURN_IF_ERROR(file.status());
      RS_RETURN_IF_ERROR((*file)->append("new"));
      RS_RETURN_IF_ERROR((*file)->fdatasync());
      RS_RETURN_IF_ERROR(m.directory().rename("state/temporary", "state/file"));
      return m.directory().sync("state");
    };
    const Status status = replace();
    ASSERT_EQ(status.ok(), seed % 6 == 5) << status;
    m.power_loss();
    const std::string left = m.disk.contents("state/file");
    ASSERT_TRUE(left == "old" || left == "new") << left;
    ASSERT_TRUE(!status.ok() || left == "new");
    seen.insert(left);
  }
  EXPECT_EQ(seen.size(), 2u);
}

TEST(SimDisk, ACrashInTheMiddleOfAWriteLeavesAPrefix) {
  std::set<size_t> sizes;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Machine m(seed);
    auto file = m.open("state/a");
    m.disk.crash_at_operation(m.process.id, 2);
    ASSERT_TRUE(file->append("first ").ok());
    EXPECT_TRUE(m.processes.alive(m.process.id));
    ASSERT_EQ(file->append("second").code(), StatusCode::kAborted);
    EXPECT_FALSE(m.processes.alive(m.process.id));
    EXPECT_EQ(m.disk.counts().crashes_at_operation, 1u);
    EXPECT_EQ(file->fdatasync().code(), StatusCode::kAborted);
    const std::string left = m.disk.contents("state/a");
    ASSERT_EQ(left, std::string("first second").substr(0, left.size()));
    ASSERT_GE(left.size(), 6u);
    sizes.insert(left.size());
  }
  EXPECT_EQ(sizes.size(), 7u) << "any prefix";
}

TEST(SimDisk, ACrashAtASyncMakesNoPromise) {
  int durable = 0, lost = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Machine m(seed);
    auto file = m.open("state/a");
    ASSERT_TRUE(file->append("bytes").ok());
    m.disk.crash_at_operation(m.process.id, 1);
    ASSERT_EQ(file->fdatasync().code(), StatusCode::kAborted);
    (m.disk.durable_contents("state/a").empty() ? lost : durable) += 1;
  }
  EXPECT_GT(durable, 0);
  EXPECT_GT(lost, 0);
}

TEST(SimDisk, ACrashAtANameLeavesItOrNot) {
  int made = 0, missing = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Machine m(seed);
    m.disk.crash_at_operation(m.process.id, 1);
    ASSERT_EQ(m.directory().open("state/a", OpenMode::kCreate).status().code(), StatusCode::kAborted);
    (m.disk.exists("state/a") ? made : missing) += 1;
  }
  EXPECT_GT(made, 0);
  EXPECT_GT(missing, 0);
}

TEST(SimDisk, OnlyOperationsThatChangeSomethingAreCounted) {
  Machine m;
  const uint64_t before = m.disk.operations(m.process.id);
  auto file = m.open("state/anchor", OpenMode::kRead);
  read_all(file.get());
  EXPECT_EQ(m.disk.operations(m.process.id), before);
  m.write_synced("state/b", "x");
  EXPECT_EQ(m.disk.operations(m.process.id), before + 4);
}

TEST(SimDisk, AFailedSyncIsFinalForItsBytes) {
  int lost = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Machine m(seed);
    m.write_synced("state/a", "safe ");
    auto file = m.open("state/a");
    ASSERT_TRUE(file->append("gone").ok());
    m.disk.fail_next_sync("state/a");
    ASSERT_EQ(file->fdatasync().code(), StatusCode::kInternal);
    ASSERT_EQ(read_all(file.get()), "safe gone");
    ASSERT_TRUE(file->fdatasync().ok());
    m.power_loss();
    ASSERT_EQ(m.disk.contents("state/a").substr(0, 5), "safe ");
    lost += m.disk.contents("state/a") != "safe gone";
    EXPECT_EQ(m.disk.counts().sync_errors, 1u);
  }
  EXPECT_GT(lost, kSeeds / 4);
}

TEST(SimDisk, AFailedWriteLeavesAPrefixAndTheNextOneWorks) {
  Machine m;
  auto file = m.open("state/a");
  m.disk.fail_next_write("state/a");
  EXPECT_EQ(file->append("bytes").code(), StatusCode::kInternal);
  const std::string left = m.disk.contents("state/a");
  EXPECT_EQ(left, std::string("bytes").substr(0, left.size()));
  EXPECT_TRUE(file->append("more").ok());
  EXPECT_EQ(m.disk.counts().write_errors, 1u);
}

TEST(SimDisk, ErrorsByChanceKeepToTheirFolder) {
  Machine m;
  m.disk.put("other/a", "");
  m.disk.faults() = {.write_error = 0.5, .sync_error = 0.5, .below = "state/"};
  auto bad = m.open("state/a"), good = m.open("other/a");
  int write_errors = 0, sync_errors = 0;
  for (int i = 0; i < 100; ++i) {
    write_errors += !bad->append("x").ok();
    sync_errors += !bad->fdatasync().ok();
    EXPECT_TRUE(good->append("x").ok());
    EXPECT_TRUE(good->fdatasync().ok());
  }
  EXPECT_NEAR(write_errors, 50, 25);
  EXPECT_NEAR(sync_errors, 50, 25);
  EXPECT_EQ(m.disk.counts().write_errors, static_cast<uint64_t>(write_errors));
  EXPECT_EQ(m.disk.counts().sync_errors, static_cast<uint64_t>(sync_errors));
}

TEST(SimDisk, AFullDiskRefusesAndRemovalFrees) {
  Machine m;
  m.write_synced("state/big", std::string(600, 'x'));
  m.disk.set_capacity(1000);
  auto file = m.open("state/a");
  EXPECT_TRUE(file->append(std::string(300, 'x')).ok());
  EXPECT_EQ(file->append(std::string(300, 'x')).code(), StatusCode::kResourceExhausted);
  EXPECT_LE(m.disk.used_bytes(), 1000u);
  EXPECT_EQ(m.disk.counts().full, 1u);
  EXPECT_TRUE(file->pwrite(0, "what is there can be overwritten").ok());
  EXPECT_EQ(read_all(file.get()).substr(0, 4), "what");
  ASSERT_TRUE(m.directory().remove("state/big").ok());
  EXPECT_TRUE(file->append(std::string(300, 'x')).ok());
}

TEST(SimDisk, PreallocatedSpaceIsTheFilesOwn) {
  Machine m;
  m.disk.set_capacity(1000);
  auto file = m.open("state/a"), other = m.open("state/b");
  ASSERT_TRUE(file->preallocate(900).ok());
  EXPECT_EQ(*file->size(), 0u);
  EXPECT_EQ(other->preallocate(200).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(other->append(std::string(200, 'x')).code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(file->append(std::string(800, 'x')).ok());
  EXPECT_EQ(m.disk.counts().full, 2u);
}

TEST(SimDisk, OperationsTakeTimeAndASlowDiskTakesMore) {
  Machine m;
  auto file = m.open("state/a");
  const auto cost = [&](auto operation) {
    const int64_t before = m.clock.now_ns();
    EXPECT_TRUE(operation().ok());
    return m.clock.now_ns() - before;
  };
  const int64_t small = cost([&] { return file->append("x"); });
  const int64_t big = cost([&] { return file->append(std::string(10 << 20, 'x')); });
  const int64_t sync = cost([&] { return file->fdatasync(); });
  EXPECT_GT(small, 0);
  EXPECT_GT(big, 100 * small);
  EXPECT_GT(sync, small);
  EXPECT_EQ(m.disk.counts().slow_operations, 0u);
  m.disk.latency().factor = 100;
  EXPECT_GT(cost([&] { return file->fdatasync(); }), 30 * sync);
  EXPECT_EQ(m.disk.counts().slow_operations, 1u);
}

TEST(SimDisk, ReadsMayBeShort) {
  Machine m;
  m.write_synced("state/a", std::string(1000, 'x'));
  m.disk.faults().short_read = 0.5;
  EXPECT_EQ(read_all(m.open("state/a").get()), std::string(1000, 'x'));
  EXPECT_GT(m.disk.counts().short_reads, 0u);
}

TEST(SimDisk, RotIsSeenByReaders) {
  Machine m;
  m.write_synced("state/a", "abc");
  const int64_t mtime = m.directory().stat("state/a")->mtime_ns;
  m.disk.flip("state/a", 1, 5);
  EXPECT_EQ(read_all(m.open("state/a").get()), "aBc");
  m.disk.cut("state/a", 2);
  EXPECT_EQ(read_all(m.open("state/a").get()), "aB");
  EXPECT_EQ(m.directory().stat("state/a")->mtime_ns, mtime);
  m.power_loss();
  EXPECT_EQ(m.disk.contents("state/a"), "aB");
  EXPECT_EQ(m.disk.counts().flips, 1u);
  EXPECT_EQ(m.disk.counts().cuts, 1u);
}

TEST(SimDisk, ForeignHandsChangeASource) {
  Machine m;
  m.disk.put("in/log", "one\n");
  const FileStat before = *m.directory().stat("in/log");
  auto reader = m.open("in/log", OpenMode::kRead);
  m.clock.spend(1000);
  m.disk.append("in/log", "two\n");
  EXPECT_EQ(read_all(reader.get()), "one\ntwo\n");
  EXPECT_GT(m.directory().stat("in/log")->mtime_ns, before.mtime_ns);
  m.disk.overwrite("in/log", 0, "ONE");
  EXPECT_EQ(read_all(reader.get()), "ONE\ntwo\n");
  m.disk.truncate("in/log", 4);
  EXPECT_EQ(read_all(reader.get()), "ONE\n");
  m.disk.put("in/log", "another inode\n");
  EXPECT_EQ(read_all(reader.get()), "ONE\n");
  EXPECT_NE(m.directory().stat("in/log")->inode, before.inode);
  m.power_loss();
  EXPECT_EQ(m.disk.contents("in/log"), "another inode\n");
  EXPECT_EQ(m.disk.counts().foreign_changes, 6u) << "with the anchor";
}

TEST(SimDisk, TheKernelMakesBytesAndNamesDurableOnItsOwn) {
  Machine m;
  m.disk.faults().write_back = 1;
  auto file = m.open("state/a");
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(file->append("x").ok());
  EXPECT_GT(m.disk.counts().write_backs, 0u);
  EXPECT_FALSE(m.disk.durable_contents("state/a").empty());
}

TEST(SimDisk, ASeedIsOneRun) {
  const auto run = [](uint64_t seed) {
    Machine m(seed);
    m.disk.faults() = {.write_error = 0.1, .sync_error = 0.1, .write_back = 0.3};
    auto file = m.open("state/a");
    for (int i = 0; i < 50; ++i) {
      static_cast<void>(file->append(std::string(300, static_cast<char>('a' + i % 26))));
      if (i % 7 == 0) static_cast<void>(file->fdatasync());
    }
    static_cast<void>(m.directory().sync("state"));
    m.power_loss();
    return std::pair(m.disk.exists("state/a") ? m.disk.contents("state/a") : "", m.trace.hash());
  };
  std::set<uint64_t> hashes;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    EXPECT_EQ(run(seed), run(seed));
    hashes.insert(run(seed).second);
  }
  EXPECT_EQ(hashes.size(), 30u);
}

TEST(SimDiskDeath, BugsOfTheHarnessAbort) {
  Machine m;
  EXPECT_DEATH(m.disk.power_loss(), "survives a power loss");
  EXPECT_DEATH(m.disk.flip("state/no", 0, 0), "exists");
  EXPECT_DEATH(m.disk.flip("state/anchor", 0, 0), "a bit of the file");
  EXPECT_DEATH(m.disk.crash_at_operation(m.process.id, 0), "count from 1");
}
}  // namespace
}  // namespace rs::io
