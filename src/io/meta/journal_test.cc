#include "io/meta/journal.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "io/sim/world.h"

namespace rs::io {
namespace {

MetaTransaction set(const std::string& key, const std::string& value) { return {{}, {{key, value, {}}}}; }

struct Machine : SimWorld {
  explicit Machine(uint64_t seed) : SimWorld(seed) { disk.put("meta/anchor", ""); }

  StatusOr<MetaJournal::Recovered> open() {
    process = boot();
    return MetaJournal::recover({.folder = "meta", .growth_bytes = 300}, process->directory.get());
  }
  std::optional<SimProcess> process;
};

// Writes key after key, each one group, as long as it is let; answers how many are durable.
int write_keys(Machine* machine, MetaJournal::Recovered* at, int most) {
  int durable = 0;
  MetaJournal& journal = *at->journal;
  for (int i = 0; i < most; ++i) {
    MetaCommands commands;
    const MetaTransaction next = set("k", std::string(20, static_cast<char>('a' + i % 26)));
    EXPECT_TRUE(at->table.transact(next).ok());
    commands.add(next);
    const uint64_t number = journal.append(commands.take());
    if (journal.wants_table()) journal.replace(at->table);
    while (journal.step().kind == Wake::Kind::kAgain) {
    }
    if (!journal.status().ok() || !machine->processes.alive(machine->process->id)) return durable;
    if (journal.durable() >= number) durable = i + 1;
  }
  return durable;
}

TEST(MetaJournal, ComesBackWithAllThatWasDurable) {
  Machine machine(1);
  {
    auto first = machine.open();
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(first->table.revision(), Revision(0));
    MetaCommands commands;
    const LeaseId lease = *first->table.grant(2000), gone = *first->table.grant(2000);
    commands.add_grant(2000);
    commands.add_grant(2000);
    const MetaTransaction leased = {{}, {{"a", "1", lease}, {"b", "1", gone}}};
    ASSERT_TRUE(first->table.transact(leased).ok());
    commands.add(leased);
    ASSERT_TRUE(first->table.end(gone).ok());
    commands.add_end(gone);
    first->journal->append(commands.take());
    EXPECT_EQ(first->journal->step().kind, Wake::Kind::kAgain);
    EXPECT_EQ(first->journal->durable(), first->journal->last());
    first->journal->close();
    EXPECT_EQ(first->journal->step().kind, Wake::Kind::kDone);
  }
  machine.power_loss();
  auto again = machine.open();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->table.revision(), Revision(2));
  EXPECT_EQ(again->table.find("a")->value, "1");
  EXPECT_EQ(again->table.find("b"), std::nullopt);
  EXPECT_EQ(again->table.leases().size(), 1u);
}

TEST(MetaJournal, TheFileDoesNotGrowForEver) {
  Machine machine(2);
  auto opened = machine.open();
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(write_keys(&machine, &*opened, 300), 300);
  EXPECT_LT(machine.disk.contents("meta/journal").size(), 2000u);
  EXPECT_EQ(opened->table.revision(), Revision(300));
}

TEST(MetaJournal, ACrashAtAnyPointLosesNothingThatWasDurable) {
  int crashes = 0, cut = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    for (uint64_t at = 1; at <= 40; ++at) {
      Machine machine(seed);
      int durable = 0;
      {
        auto opened = machine.open();
        ASSERT_TRUE(opened.ok());
        machine.disk.crash_at_operation(machine.process->id, at);
        durable = write_keys(&machine, &*opened, 30);
      }
      crashes += static_cast<int>(machine.disk.counts().crashes_at_operation);
      seed % 2 == 0 ? machine.power_loss() : machine.crash(machine.process->id);
      auto again = machine.open();
      ASSERT_TRUE(again.ok()) << again.status() << " seed " << seed << " operation " << at;
      cut += again->tail_was_cut ? 1 : 0;
      EXPECT_GE(again->table.revision().value, static_cast<uint64_t>(durable))
          << "seed " << seed << " operation " << at;
      EXPECT_LE(again->table.revision().value, static_cast<uint64_t>(durable) + 1);
    }
  }
  EXPECT_GT(crashes, 500) << "the fault did happen";
  EXPECT_GT(cut, 10);
}

TEST(MetaJournal, DamageWhereItWasDurableIsFound) {
  Machine machine(3);
  {
    auto opened = machine.open();
    ASSERT_TRUE(opened.ok());
    ASSERT_EQ(write_keys(&machine, &*opened, 3), 3);
  }
  const std::string good = machine.disk.contents("meta/journal");
  for (size_t byte = 0; byte < good.size() - 32; ++byte) {  // all but the last mark
    machine.crash(machine.process->id);
    machine.disk.put("meta/journal", good);
    machine.disk.flip("meta/journal", byte, byte % 8);
    const auto again = machine.open();
    ASSERT_FALSE(again.ok()) << byte;
    EXPECT_TRUE(absl::IsDataLoss(again.status()) || absl::IsFailedPrecondition(again.status())) << again.status();
  }
}

TEST(MetaJournal, AFailedSyncIsTheEnd) {
  Machine machine(4);
  auto opened = machine.open();
  ASSERT_TRUE(opened.ok());
  machine.disk.fail_next_sync("meta/journal");
  EXPECT_EQ(write_keys(&machine, &*opened, 1), 0);
  EXPECT_FALSE(opened->journal->status().ok());
  MetaCommands commands;
  commands.add(set("k", "later"));
  const uint64_t number = opened->journal->append(commands.take());
  opened->journal->step();
  EXPECT_LT(opened->journal->durable(), number) << "no second try";
  opened->journal->close();
  EXPECT_EQ(opened->journal->step().kind, Wake::Kind::kDone);
}
}  // namespace
}  // namespace rs::io
