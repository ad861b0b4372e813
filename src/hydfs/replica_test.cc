#include "hydfs/replica.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>

#include "base/broken.h"

namespace rs::hydfs {
namespace {
constexpr Uuid kFile{3, 1}, kWriter{4, 1};
Uuid node(uint64_t n) { return {1, n}; }
Uuid replica(uint64_t n, uint64_t generation = 1) { return {2, n * 100 + generation}; }

EntryHead proposal(EntryKind kind, uint64_t sequence = 0) {
  EntryHead head;
  head.kind = kind;
  head.file = kFile;
  head.writer = kWriter;
  head.epoch = WriterEpoch(1);
  head.sequence = Sequence(sequence);
  if (kind == EntryKind::kCreate) head.name = "f";
  head.length = kind == EntryKind::kAppend ? 10 : 0;
  return head;
}

// Nodes whose messages all arrive, whose disks sync at once, and a meta store that takes every swap that it may.
class Group {
 public:
  Group(uint64_t nodes, uint64_t members) {
    record_.view = ViewNumber(1);
    record_.primary = node(1);
    for (uint64_t n = 1; n <= nodes; ++n) {
      ReplicaRow row;
      if (n <= members) {
        row.replica = replica(n);
        record_.members.push_back({node(n), replica(n)});
      }
      registered_[node(n)] = replica(n);
      replicas_.emplace(n, Replica({node(n), GroupId(), 3, n << 32}, row, GroupLog()));
    }
    tell_all();
  }
  Replica& at(uint64_t n) { return replicas_.at(n); }
  const ViewRecord& record() const { return record_; }
  void cut_off(uint64_t n, bool off = true) { off ? (void)silent_.insert(n) : (void)silent_.erase(n); }

  void tell_all() {
    for (auto& [n, each] : replicas_)
      if (silent_.count(n) == 0) each.learn(record_, registered_);
    run();
  }
  void probe(uint64_t from, uint64_t to) {
    at(from).lost_touch(node(to));
    at(from).probe(node(to));
    run();
  }
  void probe_all(uint64_t from) {
    for (const auto& [to, peer] : std::map(at(from).peers())) at(from).probe(to);
    run();
  }
  Answer submit(uint64_t n, const EntryHead& head) {
    at(n).submit(RequestId(++request_), head, nullptr);
    run();
    const auto found = answers_.find(request_);
    return found == answers_.end() ? Answer{RequestId()} : found->second;
  }
  std::optional<Answer> read(uint64_t n, std::optional<LogIndex> token) {
    at(n).read(RequestId(++request_), token);
    run();
    const auto found = answers_.find(request_);
    return found == answers_.end() ? std::nullopt : std::optional(found->second);
  }
  void run() {
    for (bool more = true; more;) {
      more = false;
      for (auto& [n, each] : replicas_) {
        more |= each.has_work();
        each.take_writes();
        each.durable(each.writes_asked());
        for (const Output& output : each.take()) route(n, output);
        for (uint64_t to = 1; to <= replicas_.size(); ++to)
          while (std::optional<Send> next = each.next_append(node(to), 4, 1 << 20)) route(n, *next), more = true;
      }
    }
  }

 private:
  void route(uint64_t from, const Output& output) {
    if (silent_.count(from) > 0) return;
    if (const auto* answer = std::get_if<Answer>(&output)) answers_[answer->id.value] = *answer;
    if (const auto* swap = std::get_if<Swap>(&output)) {
      const bool same = !swap->learner || registered_[swap->learner->node] == swap->learner->replica;
      if (swap->expected == record_.view && same) record_ = swap->next;
    }
    if (const auto* asked = std::get_if<Register>(&output)) {
      registered_[node(from)] = replica(from, ++generation_);
      at(from).registered(*asked, registered_[node(from)]);
    }
    const auto* send = std::get_if<Send>(&output);
    if (send == nullptr || silent_.count(send->to_node.low) > 0) return;
    at(send->to_node.low).receive(node(from), at(from).row().replica, send->to_replica, send->message);
  }

  std::map<uint64_t, Replica> replicas_;
  std::map<uint64_t, Answer> answers_;
  std::set<uint64_t> silent_;
  std::map<Uuid, Uuid> registered_;
  ViewRecord record_;
  uint64_t request_ = 0, generation_ = 1;
};

void open_file(Group* group) {
  group->probe_all(1);
  EXPECT_EQ(group->submit(1, proposal(EntryKind::kCreate)).kind, Answer::Kind::kDone);
  EXPECT_EQ(group->submit(1, proposal(EntryKind::kOpenWriter)).kind, Answer::Kind::kDone);
}

TEST(Replica, CommitsWhatAllMembersHold) {
  Group group(3, 3);
  open_file(&group);
  const Answer first = group.submit(1, proposal(EntryKind::kAppend, 1));
  const Answer second = group.submit(1, proposal(EntryKind::kAppend, 2));
  EXPECT_EQ(first.kind, Answer::Kind::kDone);
  EXPECT_EQ(second.verdict.offset, 10U);
  for (uint64_t n = 1; n <= 3; ++n) EXPECT_EQ(group.at(n).commit(), second.index);
  EXPECT_EQ(group.submit(2, proposal(EntryKind::kAppend, 3)).kind, Answer::Kind::kMoved);
}

TEST(Replica, ARepeatedAppendHasItsOffset) {
  Group group(2, 2);
  open_file(&group);
  group.submit(1, proposal(EntryKind::kAppend, 1));
  group.submit(1, proposal(EntryKind::kAppend, 2));
  const Answer again = group.submit(1, proposal(EntryKind::kAppend, 2));
  EXPECT_EQ(again.verdict.kind, Verdict::Kind::kRepeat);
  EXPECT_EQ(again.verdict.offset, 10U);
}

TEST(Replica, OneSilentMemberHoldsTheCommitAndCatchesUp) {
  Group group(3, 3);
  open_file(&group);
  group.cut_off(3);
  EXPECT_EQ(group.submit(1, proposal(EntryKind::kAppend, 1)).id, RequestId());
  EXPECT_FALSE(group.read(1, std::nullopt));
  group.cut_off(3, false);
  group.probe(1, 3);
  EXPECT_EQ(group.at(1).commit(), group.at(1).log().end());
  EXPECT_EQ(group.at(3).log().end(), group.at(1).log().end());
}

TEST(Replica, ReadsShowWhatIsCommitted) {
  Group group(3, 3);
  open_file(&group);
  const Answer done = group.submit(1, proposal(EntryKind::kAppend, 1));
  EXPECT_EQ(group.read(1, std::nullopt)->commit, done.index);
  EXPECT_EQ(group.read(2, done.index)->commit, done.index);
  EXPECT_FALSE(group.read(2, done.index.next()));  // it waits
  EXPECT_EQ(group.read(2, std::nullopt)->kind, Answer::Kind::kMoved);
}

TEST(Replica, AnotherMemberTakesOver) {
  Group group(3, 3);
  open_file(&group);
  const Answer done = group.submit(1, proposal(EntryKind::kAppend, 1));
  group.cut_off(1);
  EXPECT_FALSE(group.at(2).propose({node(2), node(3)}, false));  // H11: not before it froze
  ASSERT_TRUE(group.at(2).freeze());
  EXPECT_FALSE(group.at(2).propose({node(2), node(3)}, false));  // H12: nobody answered
  group.at(2).ask_standing();
  group.run();
  ASSERT_TRUE(group.at(2).propose({node(2), node(3)}, false));
  group.run();
  EXPECT_EQ(group.record().view, ViewNumber(2));
  group.tell_all();
  group.probe_all(2);
  EXPECT_TRUE(group.at(2).serves());
  EXPECT_EQ(group.submit(2, proposal(EntryKind::kAppend, 1)).verdict.offset, done.verdict.offset);
  EXPECT_EQ(group.submit(2, proposal(EntryKind::kAppend, 2)).kind, Answer::Kind::kDone);
  group.cut_off(1, false);  // the zombie
  EXPECT_EQ(group.submit(1, proposal(EntryKind::kAppend, 2)).id, RequestId());
  group.tell_all();
  EXPECT_FALSE(group.at(1).leads());
}

TEST(Replica, ALearnerCopiesAndJoins) {
  Group group(3, 2);
  open_file(&group);
  ASSERT_TRUE(group.at(1).start_copy(node(3)));
  group.run();
  ASSERT_TRUE(group.at(1).learner_caught_up());
  ASSERT_TRUE(group.at(1).make_pending());
  EXPECT_FALSE(group.at(1).propose({node(1), node(2), node(3)}, true));
  ASSERT_TRUE(group.at(1).propose({node(1), node(2)}, true));
  group.run();
  EXPECT_EQ(group.record().members.size(), 3U);
  group.tell_all();
  group.probe_all(1);
  EXPECT_EQ(group.submit(1, proposal(EntryKind::kAppend, 1)).kind, Answer::Kind::kDone);
  EXPECT_EQ(group.at(3).log().end(), group.at(1).log().end());
}

// The model check found it: the learner's place in the table of peers was taken for that of the lost member.
TEST(Replica, ALearnerOnALostMembersNodeIsNotThatMember) {
  Group group(3, 2);
  open_file(&group);
  const LogIndex before = group.at(1).commit();
  group.cut_off(2);
  std::map<Uuid, Uuid> registered{{node(1), replica(1)}, {node(2), replica(2, 50)}, {node(3), replica(3)}};
  group.at(1).learn(group.record(), registered);
  ASSERT_TRUE(group.at(1).start_copy(node(2)));
  group.at(1).receive(node(2), replica(2, 51), replica(1), CopyReady{ViewNumber(1)});
  group.at(1).submit(RequestId(99), proposal(EntryKind::kAppend, 1), nullptr);
  group.run();
  group.at(1).receive(node(2), replica(2, 51), replica(1), Ack{ViewNumber(1), group.at(1).log().end(), 0, false, {}});
  EXPECT_EQ(group.at(1).commit(), before);
  ASSERT_TRUE(group.at(1).start_copy(node(3)));  // the former session ends
  group.run();
  EXPECT_EQ(group.at(1).commit(), before);
}

// A learner that was pending leads a view that the old primary and its members have not heard of (docs/design/0016).
std::optional<Answer> read_at_the_old_primary() {
  Group group(5, 3);
  open_file(&group);
  group.at(1).start_copy(node(4));
  group.run();
  group.at(1).make_pending();
  group.at(1).ask_standing();
  group.run();
  EXPECT_TRUE(group.at(1).propose({node(1), node(2)}, true));
  group.run();
  EXPECT_EQ(group.record().view, ViewNumber(2));
  for (const uint64_t n : {1, 2, 3}) group.cut_off(n);
  group.tell_all();
  EXPECT_TRUE(group.at(4).freeze());
  EXPECT_TRUE(group.at(4).start_copy(node(5)));
  group.run();
  group.at(4).ask_standing();
  group.run();
  EXPECT_TRUE(group.at(4).propose({node(4)}, true));
  group.run();
  group.tell_all();
  group.probe_all(4);
  EXPECT_EQ(group.submit(4, proposal(EntryKind::kAppend, 1)).kind, Answer::Kind::kDone);
  for (const uint64_t n : {1, 2, 3}) group.cut_off(n, false);
  for (const uint64_t n : {4, 5}) group.cut_off(n);
  return group.read(1, std::nullopt);
}

TEST(Replica, AReadAsksThePendingLearnerToo) {
  EXPECT_FALSE(read_at_the_old_primary());
  const Broken variant(Variant::kHydfsLearnerNotAsked);
  EXPECT_TRUE(read_at_the_old_primary());
}
}  // namespace
}  // namespace rs::hydfs
