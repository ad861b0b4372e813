// H8, H10: what clients ask, and when they are answered.
#include <algorithm>

#include "base/check.h"
#include "base/variants.h"
#include "hydfs/replica.h"

namespace rs::hydfs {
void Replica::submit(RequestId id, const EntryHead& proposal, const Payload& payload) {
  if (!serves()) return say(Answer{id, Answer::Kind::kMoved, {}, {}, {}});
  Verdict verdict = table().admit(proposal);
  if (broken(Variant::kHydfsFenceInMemory) && verdict.kind == Verdict::Kind::kNew && table_.fence_in_memory(proposal))
    return tell({id, Answer::Kind::kDone, verdict, {}});
  if (verdict.kind == Verdict::Kind::kNew) {
    Entry entry{proposal, payload};
    entry.head.at = {row_.view, log_.end().next()};
    entry.head.previous = log_.hash_at(log_.end());
    entry.head.dropped = false;
    verdict.offset = table_.next_offset(proposal.file);
    put(entry);
    table();
    return wait({id, Answer::Kind::kDone, verdict, entry.head.at.index});
  }
  const bool repeat = verdict.kind == Verdict::Kind::kRepeat;
  const Waiting waiting{id, repeat ? Answer::Kind::kDone : Answer::Kind::kRefused, verdict, verdict.wait};
  if (repeat && broken(Variant::kHydfsAnswerEarly)) return tell(waiting);
  wait(waiting);
}

// H8: every answer, to a repeat or a refusal too, waits until what it follows from is committed.
void Replica::wait(const Waiting& waiting) {
  if (waiting.index <= commit_) return tell(waiting);
  const auto behind = [](const Waiting& a, const Waiting& b) { return a.index < b.index; };
  waiting_.insert(std::upper_bound(waiting_.begin(), waiting_.end(), waiting, behind), waiting);
}

void Replica::tell(const Waiting& waiting) {
  say(Answer{waiting.id, waiting.kind, waiting.verdict, waiting.index, commit_});
}

void Replica::answer_committed() {
  RS_CHECK(leads_, "a primary answers");
  for (; !waiting_.empty() && waiting_.front().index <= commit_; waiting_.pop_front()) tell(waiting_.front());
}

void Replica::end_requests() {
  for (const Waiting& waiting : waiting_) say(Answer{waiting.id, Answer::Kind::kMoved, {}, {}, {}});
  waiting_.clear();
  std::erase_if(reads_, [&](const Reading& reading) {
    if (reading.token) return false;
    say(Answer{reading.id, Answer::Kind::kMoved, {}, {}, {}});
    return true;
  });
}

// ------------------------------------------------------------------------------------------------ H10

void Replica::read(RequestId id, std::optional<LogIndex> token) {
  if (token) {
    if (!member()) return say(Answer{id, Answer::Kind::kMoved, {}, {}, {}});
    reads_.push_back({id, 0, token});
    return answer_reads();
  }
  if (broken(Variant::kHydfsLoneReads) && row_.frozen)
    return say(Answer{id, Answer::Kind::kRead, {}, {}, log_.readable_end()});
  if (!serves()) return say(Answer{id, Answer::Kind::kMoved, {}, {}, {}});
  if (broken(Variant::kHydfsReadNoRound)) return say(Answer{id, Answer::Kind::kRead, {}, {}, commit_});
  if (!round_open_) ++round_;
  round_open_ = true;
  reads_.push_back({id, round_, std::nullopt});
  answer_reads();
}

// The pending learner too: a next view that this one has not heard of may be led by it (docs/design/0016).
bool Replica::round_complete(uint64_t round) const {
  const bool learner = pending_ && !broken(Variant::kHydfsLearnerNotAsked);
  if (learner && peers_.at(learner_->node).round < round) return false;
  return std::all_of(record_.members.begin(), record_.members.end(), [&](const Member& member) {
    const Peer* peer = peer_of(member);
    return member.node == options_.node || (peer != nullptr && peer->round >= round);
  });
}

void Replica::answer_reads() {
  std::erase_if(reads_, [&](const Reading& reading) {
    const bool ready = reading.token ? *reading.token <= shown() : serves() && round_complete(reading.round);
    if (ready) say(Answer{reading.id, Answer::Kind::kRead, {}, {}, shown()});
    return ready;
  });
}

void Replica::give_up_read(RequestId id) {
  std::erase_if(reads_, [&](const Reading& reading) {
    if (reading.id != id) return false;
    say(Answer{id, Answer::Kind::kMoved, {}, {}, {}});
    return true;
  });
}
}  // namespace rs::hydfs
