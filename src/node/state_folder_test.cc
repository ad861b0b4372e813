#include "node/state_folder.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/sim/world.h"
#include "node/interrupted_directory.h"

namespace rs {
namespace {
JobRecord job() {
  JobRecord record{.job_id = 77,
                   .identity = "sources\nstages\n",
                   .line = "file:a | count > file:o",
                   .sink_path = "/d/o",
                   .cores = 3,
                   .no_chain = true,
                   .final_values = true};
  for (uint64_t i = 0; i < 2; ++i) {
    record.files.push_back({"/d/a" + std::to_string(i), {io::FileStat::Type::kRegular, 5, 6 + i, 700, -8}});
  }
  return record;
}
FinishedRecord finished() { return {1'000'000, 20, 3}; }

// What a record says, in a form that can be compared and read: its own bytes.
std::string said(const StatusOr<std::optional<JobRecord>>& record) {
  if (!record.ok()) return "damaged";
  return *record ? encode(**record) : "none";
}
std::string said(const StatusOr<std::optional<FinishedRecord>>& record) {
  if (!record.ok()) return "damaged";
  return *record ? encode(**record) : "none";
}

class StateFolderTest : public testing::Test {
 protected:
  StateFolderTest() {
    world_.disk.put("/s/anchor", "");
    world_.disk.faults().write_back = 0;
  }
  void boot() { process_ = world_.boot(); }
  std::unique_ptr<StateFolder> open() {
    StatusOr<std::unique_ptr<StateFolder>> folder = StateFolder::lock("/s/x", ++nonce_, process_.directory.get());
    return folder.ok() ? *std::move(folder) : nullptr;
  }
  // One life that does `work`, dies in the middle of its n-th operation on the disk, or a power loss takes it then.
  // False: it did all its work.
  template <class Work>
  bool dies(uint64_t n, bool power, Work work) {
    world_.disk.crash_at_operation(process_.id, n);
    bool done = false;
    if (auto folder = open()) done = work(folder.get()).ok();
    if (power) {
      world_.power_loss();
    } else {
      world_.crash(process_.id);
    }
    boot();
    return !done;
  }

  io::SimWorld world_{1};
  io::SimProcess process_ = world_.boot();
  uint64_t nonce_ = 0;
};

TEST_F(StateFolderTest, WhatIsSavedComesBack) {
  auto folder = open();
  EXPECT_EQ(said(folder->job()), "none") << "a new state";
  EXPECT_EQ(said(folder->finished()), "none");
  ASSERT_TRUE(folder->save_job(job()).ok());
  ASSERT_TRUE(folder->save_finished(finished()).ok());
  folder.reset();
  world_.power_loss();
  boot();
  EXPECT_EQ(said(open()->job()), encode(job()));
  EXPECT_EQ(said(open()->finished()), encode(finished()));
  const JobRecord back = read_job_record("/s/x", process_.directory.get())->value();
  EXPECT_EQ(back.files[1].path, "/d/a1");
  EXPECT_EQ(back.files[1].at_start.mtime_ns, -8);
  EXPECT_EQ(back.cores, 3u);
  EXPECT_TRUE(back.no_chain && back.final_values && !back.emit_changes);
}

TEST_F(StateFolderTest, DamageIsSeenWhereverItIs) {
  ASSERT_TRUE(open()->save_job(job()).ok());
  const std::string good = world_.disk.contents("/s/x/job");
  auto found = [&] { return error_id(read_job_record("/s/x", process_.directory.get()).status()); };
  for (uint64_t at = 0; at < good.size(); ++at) {
    world_.disk.flip("/s/x/job", at, at % 8);
    EXPECT_EQ(found(), ErrorId::kStateDamaged) << "byte " << at;
    world_.disk.flip("/s/x/job", at, at % 8);
  }
  EXPECT_EQ(found(), std::nullopt);
  for (uint64_t size = 0; size < good.size(); ++size) {
    world_.disk.put("/s/x/job", good.substr(0, size));
    EXPECT_EQ(found(), ErrorId::kStateDamaged) << "cut to " << size;
  }
  world_.disk.put("/s/x/job", good + '\0');
  EXPECT_EQ(found(), ErrorId::kStateDamaged);
  world_.disk.put("/s/x/job", encode(finished()));
  EXPECT_EQ(found(), ErrorId::kStateDamaged) << "the other record";
}

TEST_F(StateFolderTest, ACrashWhileSavingLeavesOldOrNew) {
  ASSERT_TRUE(open()->save_job(job()).ok());
  JobRecord changed = job();
  changed.line = "another";
  for (const bool power : {false, true}) {
    for (uint64_t n = 1;; ++n) {
      ASSERT_TRUE(open()->save_job(job()).ok()) << "what a dead one left is no hindrance";
      const bool died = dies(n, power, [&](StateFolder* folder) { return folder->save_job(changed); });
      const std::string now = said(open()->job());
      EXPECT_TRUE(now == encode(changed) || (died && now == encode(job()))) << "operation " << n;
      if (!died) break;
      ASSERT_LT(n, 30u);
    }
  }
  EXPECT_GT(world_.disk.counts().crashes_at_operation, 5u);
}

// --fresh. Whatever step it dies in, the job is whole, or given up and remembered as that until nothing is left.
TEST_F(StateFolderTest, ACrashWhileGivingUpLeavesTheWholeJobOrTheMemoryOfIt) {
  const std::vector<std::string> files = {"/s/x/journal-0000000000000001", "/s/x/journal-00000000000000ff"};
  for (const bool power : {false, true}) {
    for (uint64_t n = 1;; ++n) {
      ASSERT_TRUE(open()->save_job(job()).ok());
      ASSERT_TRUE(open()->save_finished(finished()).ok());
      for (const std::string& file : files) world_.disk.put(file, "bytes");
      const bool died = dies(n, power, [](StateFolder* folder) {
        RS_RETURN_IF_ERROR(folder->give_up());
        return folder->clear();
      });
      const std::vector<std::string> names = process_.directory->list("/s/x").value();
      const std::string what = "operation " + std::to_string(n) + ": " + testing::PrintToString(names);
      const bool whole = said(open()->job()) == encode(job());
      EXPECT_TRUE(whole || said(open()->job()) == "none") << what;
      EXPECT_TRUE(!whole || (names.size() == 5 && said(open()->finished()) == encode(finished()))) << what;
      EXPECT_TRUE(whole || said(open()->discarded()) == encode(job()) || names == std::vector<std::string>{"lock"})
          << what;
      ASSERT_TRUE(open()->clear().ok()) << what;
      EXPECT_EQ(process_.directory->list("/s/x").value(), std::vector<std::string>{"lock"});
      if (!died) break;
      ASSERT_LT(n, 30u);
    }
  }
}

TEST_F(StateFolderTest, WhatIsNotTheStatesOwnIsLeftAlone) {
  ASSERT_TRUE(open()->save_job(job()).ok());
  for (const char* name : {"letter", "journal-1", "job.txt", "journal-0000000000000001.bak", "new"})
    world_.disk.put("/s/x/" + std::string(name), "a person's");
  for (const char* name : {"journal-0000000000000001", "journal-0000000000000002.new", "job.new", "finished.new"})
    world_.disk.put("/s/x/" + std::string(name), "of a state");
  ASSERT_TRUE(open()->clear().ok());
  EXPECT_EQ(
      process_.directory->list("/s/x").value(),
      (std::vector<std::string>{"job.txt", "journal-0000000000000001.bak", "journal-1", "letter", "lock", "new"}));
}

TEST_F(StateFolderTest, AFileOfSomebodysOwnIsRefusedAndStays) {
  for (const char* name : {"job", "finished", "discarded", "lock"}) {
    const std::string path = "/s/x/" + std::string(name);
    world_.disk.put(path, "dear");
    auto folder = StateFolder::lock("/s/x", ++nonce_, process_.directory.get());
    EXPECT_EQ(error_id(folder.status()), ErrorId::kStateFolder) << name;
    EXPECT_EQ(process_.directory->list("/s/x").value(), std::vector<std::string>{name});
    EXPECT_EQ(world_.disk.contents(path), "dear");
    ASSERT_TRUE(process_.directory->remove(path).ok());
  }
}

// One waits for a state that another removes: what the first has locked is not the state's lock any more.
TEST_F(StateFolderTest, ALockThatWasRemovedMeanwhileIsNoLock) {
  for (const bool with_folder : {false, true}) {
    auto holder = open();
    InterruptedDirectory directory(process_.directory.get());
    directory.after_open = [&] {
      ASSERT_TRUE(process_.directory->remove("/s/x/lock").ok());
      ASSERT_TRUE(!with_folder || process_.directory->remove("/s/x").ok());
      holder.reset();
    };
    auto folder = StateFolder::lock("/s/x", ++nonce_, &directory);
    ASSERT_TRUE(folder.ok()) << folder.status();
    EXPECT_NE(holder_of("/s/x", process_.directory.get()).value(), 0);
  }
}

TEST_F(StateFolderTest, WhoHoldsIt) {
  EXPECT_EQ(holder_of("/s/x", process_.directory.get()).value(), 0) << "there is no such state";
  auto folder = open();
  EXPECT_NE(holder_of("/s/x", process_.directory.get()).value(), 0);
  folder.reset();
  EXPECT_EQ(holder_of("/s/x", process_.directory.get()).value(), 0);
}
}  // namespace
}  // namespace rs
