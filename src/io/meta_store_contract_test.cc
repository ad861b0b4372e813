// What meta_store.h promises, asked of all stores: the simulated one, the embedded one in virtual time and over real
// threads, sockets and files.
#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "absl/strings/str_cat.h"
#include "io/meta/test_line.h"
#include "io/meta_store.h"
#include "io/real/test_meta_stores.h"

namespace rs::io {
namespace {
using absl::StatusCode;
using Loss = LossyMetaLine::Loss;
constexpr int64_t kSecond = 1'000'000'000;
enum class Kind { kSimulated, kEmbedded, kEmbeddedReal };

std::unique_ptr<TestStores> stores_of(Kind kind) {
  switch (kind) {
    case Kind::kSimulated:
      return std::make_unique<SimulatedStores>();
    case Kind::kEmbedded:
      return std::make_unique<EmbeddedSimulated>();
    case Kind::kEmbeddedReal:
      return std::make_unique<EmbeddedReal>();
  }
  return nullptr;
}

MetaTransaction set(const std::string& key, const std::string& value, LeaseId lease = {}) {
  return {{}, {{key, value, lease}}};
}
MetaTransaction swap(const std::string& key, Revision modified, const std::string& value) {
  return {{{key, modified}}, {{key, value, {}}}};
}

class MetaStoreContract : public testing::TestWithParam<Kind> {
 protected:
  struct Client {
    LossyMetaLine* line = nullptr;
    std::unique_ptr<MetaStore> store;
    std::deque<MetaEvent> events;
  };

  void SetUp() override { stores_ = stores_of(GetParam()); }
  void TearDown() override { clients_.clear(); }

  Client& join(uint64_t number) {
    Client& client = clients_.emplace_back();
    auto line = std::make_unique<LossyMetaLine>(stores_->line({9, number}));
    client.line = line.get();
    client.store = std::make_unique<MetaClient>(MetaClientOptions{.client = {9, number}}, std::move(line),
                                                &stores_->clock(), &stores_->random());
    return client;
  }
  int64_t step_clients(bool* news) {
    int64_t next_ns = INT64_MAX;
    for (Client& client : clients_) {
      if (!client.store) continue;
      next_ns = std::min(next_ns, client.store->step());
      for (MetaEvent& event : client.store->take()) {
        client.events.push_back(std::move(event));
        *news = true;
      }
    }
    return next_ns;
  }
  void step() {  // all clients; and waits until one has something to do
    bool news = false;
    const int64_t next_ns = step_clients(&news);
    if (!news && !stores_->wait(next_ns)) ADD_FAILURE() << "nothing happens any more";
  }
  template <class Event>
  static std::optional<Event> find(Client* client) {
    for (auto event = client->events.begin(); event != client->events.end(); ++event) {
      if (!std::holds_alternative<Event>(*event)) continue;
      Event found = std::get<Event>(std::move(*event));
      client->events.erase(event);
      return found;
    }
    return std::nullopt;
  }
  template <class Event>
  Event next(Client* client) {
    const int64_t end_ns = stores_->clock().now_ns() + 40 * kSecond;
    while (stores_->clock().now_ns() < end_ns && !HasFailure()) {
      if (std::optional<Event> found = find<Event>(client)) return std::move(*found);
      step();
    }
    ADD_FAILURE() << "no such event comes";
    return Event();
  }
  void pass(int64_t ns) {
    const int64_t end_ns = stores_->clock().now_ns() + ns;
    bool news = false;
    while (stores_->clock().now_ns() < end_ns) stores_->wait(std::min(step_clients(&news), end_ns));
  }
  StatusOr<Revision> commit(Client* client, MetaTransaction transaction) {
    const MetaCall call = client->store->commit(std::move(transaction));
    const MetaCommitted committed = next<MetaCommitted>(client);
    EXPECT_EQ(committed.call, call);
    return committed.revision;
  }
  MetaSnapshot watch(Client* client, const std::string& prefix) {
    client->store->watch(prefix);
    return next<MetaSnapshot>(client);
  }
  LeaseId grant(Client* client, int64_t ttl_ms) {
    const MetaCall call = client->store->grant(ttl_ms);
    const MetaLease lease = next<MetaLease>(client);
    EXPECT_EQ(lease.call, call);
    EXPECT_TRUE(lease.lease.ok()) << lease.lease.status();
    return lease.lease.value_or(LeaseId());
  }

  std::unique_ptr<TestStores> stores_;
  std::deque<Client> clients_;
};

std::string name_of(const testing::TestParamInfo<Kind>& kind) {
  constexpr const char* kNames[] = {"Simulated", "Embedded", "EmbeddedReal"};
  return kNames[static_cast<int>(kind.param)];
}
INSTANTIATE_TEST_SUITE_P(, MetaStoreContract, testing::Values(Kind::kSimulated, Kind::kEmbedded, Kind::kEmbeddedReal),
                         name_of);

TEST_P(MetaStoreContract, ACompareDecides) {
  Client &a = join(1), &b = join(2);
  const Revision first = *commit(&a, swap("x/leader", {}, "a"));
  EXPECT_EQ(commit(&b, swap("x/leader", {}, "b")).status().code(), StatusCode::kFailedPrecondition);
  const Revision second = *commit(&b, swap("x/leader", first, "b"));
  EXPECT_GT(second, first);
  EXPECT_EQ(commit(&a, swap("x/leader", first, "a")).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(watch(&a, "x/").entries, (std::vector<MetaEntry>{{"x/leader", "b", second}}));
  ASSERT_TRUE(commit(&a, {{{"x/leader", second}}, {{"x/leader", std::nullopt, {}}}}).ok());
  EXPECT_TRUE(commit(&b, swap("x/leader", {}, "c")).ok()) << "0 compares with a key that is not there";
}

TEST_P(MetaStoreContract, ATransactionHappensAsAWhole) {
  Client &a = join(1), &b = join(2);
  watch(&b, "x/");
  const Revision one = *commit(&a, {{}, {{"x/1", std::string("\0\xff\n", 3), {}}, {"x/2", "", {}}, {"y", "", {}}}});
  EXPECT_EQ(next<MetaChange>(&b),
            (MetaChange{"x/", one, {{"x/1", std::string("\0\xff\n", 3), one}, {"x/2", "", one}}, {}}));
  EXPECT_EQ(commit(&a, {{{"x/1", one}, {"x/3", one}}, {{"x/1", "no", {}}}}).status().code(),
            StatusCode::kFailedPrecondition);
  const Revision two = *commit(&a, {{}, {{"x/1", std::nullopt, {}}, {"x/3", "yes", {}}}});
  EXPECT_EQ(next<MetaChange>(&b), (MetaChange{"x/", two, {{"x/3", "yes", two}}, {"x/1"}}));
  EXPECT_EQ(commit(&a, {{}, {{"", "", {}}}}).status().code(), StatusCode::kInvalidArgument);
}

TEST_P(MetaStoreContract, AllSeeEveryChangeInOneOrder) {
  Client &a = join(1), &b = join(2), &c = join(3);
  ASSERT_TRUE(commit(&a, set("x/old", "1")).ok());
  EXPECT_EQ(watch(&b, "x/").entries.size(), 1u);
  watch(&c, "x/");
  constexpr int kEach = 10;
  for (int i = 0; i < kEach; ++i) {
    a.store->commit(set("x/k", absl::StrCat("a", i)));
    b.store->commit(set("x/k", absl::StrCat("b", i)));
  }
  std::vector<MetaChange> seen[2];
  Revision last, own;
  for (int i = 0; i < 2 * kEach; ++i) {
    seen[0].push_back(next<MetaChange>(&b));
    seen[1].push_back(next<MetaChange>(&c));
    ASSERT_EQ(seen[0][i], seen[1][i]);
    EXPECT_GT(seen[0][i].at, last);
    last = seen[0][i].at;
  }
  for (int i = 0; i < kEach; ++i) {
    const MetaCommitted committed = next<MetaCommitted>(&a);
    ASSERT_TRUE(committed.revision.ok());
    EXPECT_GT(*committed.revision, own) << "in the order of the calls";
    own = *committed.revision;
  }
  pass(kSecond / 10);
  EXPECT_FALSE(find<MetaChange>(&c)) << "none twice";
}

TEST_P(MetaStoreContract, ALargeStoreIsSeenWhole) {
  Client &a = join(1), &b = join(2);
  const std::string large(kMaxMetaValueBytes, 'x');
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(commit(&a, set(absl::StrCat("x/", 10 + i), large)).ok());
  const MetaSnapshot seen = watch(&b, "x/");
  ASSERT_EQ(seen.entries.size(), 12u);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(seen.entries[i].key, absl::StrCat("x/", 10 + i));
  EXPECT_EQ(seen.entries[11].value, large);
}

TEST_P(MetaStoreContract, ALeaseIsKeptAliveUntilItIsRevoked) {
  Client &a = join(1), &b = join(2);
  watch(&b, "x/");
  const LeaseId lease = grant(&a, 2000);
  ASSERT_TRUE(commit(&a, set("x/leader", "a", lease)).ok());
  EXPECT_EQ(next<MetaChange>(&b).set.size(), 1u);
  pass(5 * kSecond);
  EXPECT_TRUE(b.events.empty()) << "it lives longer than its time, for it is kept alive";
  a.store->revoke(lease);
  EXPECT_EQ(next<MetaChange>(&b).gone, (std::vector<std::string>{"x/leader"}));
  EXPECT_EQ(commit(&a, set("x/leader", "a", lease)).status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(find<MetaLeaseLost>(&a)) << "who gives it up has not lost it";
}

TEST_P(MetaStoreContract, TheKeysOfADeadClientGo) {
  Client &a = join(1), &b = join(2);
  watch(&b, "x/");
  const LeaseId lease = grant(&a, 2000);
  ASSERT_TRUE(commit(&a, {{}, {{"x/leader", "a", lease}, {"x/stays", "a", {}}}}).ok());
  EXPECT_EQ(next<MetaChange>(&b).set.size(), 2u);
  const int64_t before_ns = stores_->clock().now_ns();
  a.store.reset();
  EXPECT_EQ(next<MetaChange>(&b).gone, (std::vector<std::string>{"x/leader"}));
  EXPECT_GE(stores_->clock().now_ns() - before_ns, kSecond);
}

TEST_P(MetaStoreContract, ALeaseThatEndedIsLost) {
  Client &a = join(1), &b = join(2);
  const LeaseId lease = grant(&a, 2000);
  ASSERT_TRUE(commit(&a, set("x/leader", "a", lease)).ok());
  b.line->order(MetaRevoke{lease});
  EXPECT_EQ(next<MetaLeaseLost>(&a).lease, lease);
  const LeaseId other = grant(&a, 2000);
  EXPECT_NE(other, lease);
  a.line->cut = true;
  EXPECT_EQ(next<MetaLeaseLost>(&a).lease, other) << "nobody knows, so it may have ended";
}

TEST_P(MetaStoreContract, ALostAskNeverHappens) {
  Client &a = join(1), &b = join(2);
  ASSERT_TRUE(commit(&a, set("x/1", "before")).ok());
  a.line->next = Loss::kAsk;
  EXPECT_EQ(commit(&a, set("x/1", "lost")).status().code(), StatusCode::kAborted);
  ASSERT_TRUE(a.line->held.has_value());
  a.line->arrive_late();
  ASSERT_TRUE(commit(&a, set("x/2", "after")).ok());
  pass(kSecond / 10);
  EXPECT_EQ(watch(&b, "x/1").entries[0].value, "before");
}

TEST_P(MetaStoreContract, ALostAnswerIsReadBack) {
  Client &a = join(1), &b = join(2);
  ASSERT_TRUE(commit(&a, set("x/1", "before")).ok());
  a.line->next = Loss::kAnswer;
  const StatusOr<Revision> happened = commit(&a, set("x/1", "after"));
  ASSERT_TRUE(happened.ok()) << happened.status();
  EXPECT_EQ(watch(&b, "x/1").entries, (std::vector<MetaEntry>{{"x/1", "after", *happened}}));
  a.line->next = Loss::kAnswer;
  EXPECT_EQ(commit(&a, swap("x/1", {}, "refused")).status().code(), StatusCode::kAborted);
}

TEST_P(MetaStoreContract, WhatCannotBeFoundOutIsSaidToBeOpen) {
  Client& a = join(1);
  ASSERT_TRUE(commit(&a, set("x/1", "before")).ok());
  a.line->next = Loss::kAnswer;
  const MetaCall lost = a.store->commit(set("x/1", "perhaps")), never = a.store->commit(set("x/2", "no"));
  while (a.line->next != Loss::kNone) step();
  a.line->cut = true;
  MetaCommitted first = next<MetaCommitted>(&a), second = next<MetaCommitted>(&a);
  if (first.call == never) std::swap(first, second);
  EXPECT_EQ(first.call, lost);
  EXPECT_EQ(first.revision.status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(second.revision.status().code(), StatusCode::kAborted) << "it was never sent";
  EXPECT_FALSE(a.store->health().ok());
  a.line->cut = false;
  EXPECT_TRUE(commit(&a, set("x/1", "later")).ok());
  EXPECT_TRUE(a.store->health().ok());
}

TEST_P(MetaStoreContract, WhatAnEarlierLifeLeftUnderWayNeverHappens) {
  Client& a = join(1);
  ASSERT_TRUE(commit(&a, set("x/1", "before")).ok());
  a.line->next = Loss::kAsk;
  a.store->commit(set("x/1", "lost"));
  while (!a.line->held) step();
  const MetaAsk late = *a.line->held;
  a.store.reset();
  Client& again = join(1);
  ASSERT_TRUE(commit(&again, set("x/2", "new life")).ok());
  again.line->held = late;
  again.line->arrive_late();
  pass(kSecond / 5);
  EXPECT_EQ(watch(&again, "x/1").entries[0].value, "before");
}

TEST_P(MetaStoreContract, AWatchGoesOnWhereItBrokeOff) {
  Client &a = join(1), &b = join(2);
  ASSERT_TRUE(commit(&a, set("x/k", "first")).ok());
  watch(&b, "x/");
  b.line->cut = true;
  b.line->end_watches();
  std::vector<Revision> made;
  for (int i = 0; i < 5; ++i) made.push_back(*commit(&a, set("x/k", absl::StrCat(i))));
  b.line->cut = false;
  for (const Revision revision : made) EXPECT_EQ(next<MetaChange>(&b).at, revision);
  EXPECT_FALSE(find<MetaSnapshot>(&b));
}

TEST_P(MetaStoreContract, ACompactionUnderAWatchGivesASnapshot) {
  Client &a = join(1), &b = join(2);
  watch(&b, "x/");
  b.line->cut = true;
  b.line->end_watches();
  Revision last;
  for (int i = 0; i < 30; ++i) last = *commit(&a, set("x/k", absl::StrCat(i)));
  stores_->compact();
  b.line->cut = false;
  const MetaSnapshot seen = next<MetaSnapshot>(&b);
  EXPECT_GE(seen.at, last);
  EXPECT_EQ(seen.entries, (std::vector<MetaEntry>{{"x/k", "29", last}}));
  const Revision more = *commit(&a, set("x/k", "more"));
  EXPECT_EQ(next<MetaChange>(&b).at, more);
}

TEST_P(MetaStoreContract, ARestartLosesNothing) {
  Client &a = join(1), &b = join(2);
  watch(&b, "x/");
  const LeaseId lease = grant(&a, 20'000);
  const Revision one = *commit(&a, {{}, {{"x/1", "1", {}}, {"x/leased", "1", lease}}});
  EXPECT_EQ(next<MetaChange>(&b).at, one);
  stores_->restart();
  const MetaTransaction again = {{{"x/1", one}, {"x/leased", one}}, {{"x/1", "2", {}}}};
  StatusOr<Revision> two = commit(&a, again);
  if (two.status().code() == StatusCode::kAborted) two = commit(&a, again);  // it was on its way to a dead store
  ASSERT_TRUE(two.ok()) << two.status();
  for (;;) {  // the change, or a snapshot that has it
    const bool shown = b.events.empty() ? (step(), false) : true;
    if (!shown) continue;
    const auto change = find<MetaChange>(&b);
    const auto all = find<MetaSnapshot>(&b);
    EXPECT_TRUE(change ? change->at == *two : all && all->entries.size() == 2u);
    break;
  }
  EXPECT_FALSE(find<MetaLeaseLost>(&a));
}
}  // namespace
}  // namespace rs::io
