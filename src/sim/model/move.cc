#include "sim/model/move.h"

#include <algorithm>

#include "base/check.h"
#include "base/variants.h"
#include "sim/model/names.h"
#include "sim/model/promises.h"
#include "sim/model/spy.h"

namespace rs::sim::model {
using hydfs::Ack;
using hydfs::Answer;
using hydfs::Append;
using hydfs::EntryHead;
using hydfs::EntryKind;
using hydfs::LogIndex;
using hydfs::Register;
using hydfs::Replica;
using hydfs::ReplicaSpy;
using hydfs::Send;
using hydfs::ViewNumber;

Move::Move(const World& from, const Configuration& configuration, bool live)
    : world(from), configuration_(configuration), live_(live), before_(from.nodes) {}

Node& Move::open(int node) {
  const auto place = static_cast<size_t>(node);
  if (!opened_[place]) world.nodes[place] = std::make_shared<Node>(*world.nodes[place]);
  opened_[place] = true;
  return const_cast<Node&>(*world.nodes[place]);  // made above, shared with nobody yet
}

World Move::finish() {
  carry();
  for (int n = 0; n < configuration_.nodes; ++n) {
    if (!opened_[static_cast<size_t>(n)]) continue;
    Node& now = open(n);
    const Node& before = *before_[static_cast<size_t>(n)];
    const bool made_up = !before.replica.sound() && now.replica.sound();
    const bool fresh = now.replica.row().replica != before.replica.row().replica;
    if (!fault && (made_up || fresh)) now.hurt = false;
    take_prints(&now, configuration_);
  }
  const auto reads = [](const std::shared_ptr<const Node>& node) { return node && ReplicaSpy::reads(node->replica); };
  if (world.reading && std::none_of(world.nodes.begin(), world.nodes.end(), reads)) world.reading = false;
  if (!world.reading) world.must_show = 0;
  drop_dead_letters(&world, configuration_);
  return std::move(world);
}

// ------------------------------------------------------------------------------------------------ a replica and its
// disk

void Move::settle(int n) {
  Node& node = open(n);
  for (;;) {
    std::vector<hydfs::Write> writes = node.replica.take_writes();
    const bool wrote = !writes.empty();
    node.disk.take(std::move(writes));
    if (wrote && !configuration_.lazy) node.disk.sync();
    if (wrote && (!configuration_.lazy || broken(Variant::kHydfsAckBeforeSync)))
      node.replica.durable(node.replica.writes_asked());
    note_commit(n);
    std::vector<hydfs::Output> outputs = node.replica.take();
    for (hydfs::Output& output : outputs) route(n, std::move(output));
    if (!wrote && outputs.empty()) break;
  }
  note_sent(n);
}

void Move::sync(int n) {
  Node& node = open(n);
  node.disk.sync();
  node.replica.durable(node.replica.writes_asked());
  settle(n);
}

void Move::replace(int n, const Disk& disk) {
  Node& node = open(n);
  node.replica = boot(n, disk);
  node.disk = disk;
  std::erase_if(world.letters, [&](const Letter& l) { return l.kind == Letter::kRegistered && l.to == n; });
}

void Move::boot_empty(int n) {
  Node& node = open(n);
  node.gone = false;
  uint8_t& registered = world.records[world.view].registered[static_cast<size_t>(n)];
  Disk disk;
  if (broken(Variant::kHydfsWipeKeepsUuid)) {
    hydfs::ReplicaRow row;
    row.replica = replica_uuid(n, registered);
    disk.keep_only(row);
  } else {
    ++registered;
  }
  replace(n, disk);
}

void Move::learn(int n, const Record& record) {
  at(n).learn(view_record(record, configuration_.nodes), registered_of(record, configuration_.nodes));
  settle(n);
}

void Move::submit(int n, size_t request) {
  at(n).submit(hydfs::RequestId(request + 1), proposal_of(configuration_.requests[request]), nullptr);
  settle(n);
}

// ------------------------------------------------------------------------------------------------ messages

void Move::take_append(int n, const Sent& sent, size_t entry) {
  Append append{ViewNumber(sent.view), {}, {}, LogIndex(sent.commit), 0};
  RS_CHECK(entry <= sent.entries->size(), "an entry that was sent");
  if (entry > 1) append.previous = (*sent.entries)[entry - 2].at;
  if (entry > 0) append.entries.push_back({(*sent.entries)[entry - 1], nullptr});
  const int generation = world.records[sent.view].member[sent.from];
  const Uuid to = world.node(n).replica.row().replica;
  at(n).receive(node_uuid(sent.from), replica_uuid(sent.from, generation), to, append);
  settle(n);
}

void Move::deliver_acks(int source, int from) {
  const std::vector<Acked> acked = world.acked;
  for (const Acked& ack : acked) {
    if (ack.to != source || (from >= 0 && ack.from != from)) continue;
    const Uuid to = world.node(source).replica.row().replica;
    at(source).receive(node_uuid(ack.from), replica_uuid(ack.from, ack.generation), to,
                       Ack{ViewNumber(ack.view), LogIndex(ack.upto), 0, false, {}});
  }
  settle(source);
}

bool Move::send_next(int source, int node) {
  RS_CHECK(live_, "else what was sent is a history");
  std::optional<Send> next = at(source).next_append(node_uuid(node), 2, size_t{1} << 20);
  if (!next) return false;
  route(source, *next);
  return true;
}

// A CREATE of a file of its own: always new.
void Move::add_noop(int primary) {
  EntryHead create;
  create.kind = EntryKind::kCreate;
  create.file = {3, world.view + 100u};
  create.name = std::to_string(world.view);
  at(primary).submit(hydfs::RequestId(kRead.value + 1), create, nullptr);
  settle(primary);
}

void Move::ask_standing(int n) {
  at(n).ask_standing();
  settle(n);
  carry();
}

void Move::ask_entry(int n) {
  if (at(n).ask_entry()) settle(n);
  carry();
}

void Move::ask_end(int n) {
  if (at(n).ask_end()) settle(n);
  carry();
}

// H10: an empty round reaches a member, whose answer comes back.
bool Move::answer_round(int n, int primary) {
  const Replica& leader = world.node(primary).replica;
  const Append sign{leader.row().view, {}, {}, leader.commit(), leader.round()};
  const Uuid from = leader.row().replica;
  round_ = true;
  at(n).receive(node_uuid(primary), from, world.node(n).replica.row().replica, sign);
  settle(n);
  round_ = false;
  const bool answered = !mail_.empty();
  carry();
  return answered;
}

void Move::route(int n, hydfs::Output output) {
  if (const auto* send = std::get_if<Send>(&output)) return route(n, *send);
  if (const auto* answer = std::get_if<Answer>(&output)) return note(n, *answer);
  if (const auto* swap = std::get_if<hydfs::Swap>(&output)) return swaps.push_back(planned(*swap));
  const auto& asked = std::get<Register>(output);
  Letter letter{Letter::kRegistered};
  letter.view = static_cast<uint8_t>(asked.view.value);
  letter.from = static_cast<uint8_t>(node_of(asked.source_node));
  letter.from_generation = static_cast<uint8_t>(generation_of(asked.source_replica));
  letter.to = static_cast<uint8_t>(n);
  letters_.push_back(letter);
}

void Move::route(int n, const Send& send) {
  const Uuid self = world.node(n).replica.row().replica;
  const int to = node_of(send.to_node);
  if (const auto* ack = std::get_if<Ack>(&send.message); ack != nullptr && !live_) fold(n, *ack, to);
  const bool ack = std::holds_alternative<Ack>(send.message), append = std::holds_alternative<Append>(send.message);
  const bool start = std::holds_alternative<hydfs::StartCopy>(send.message);
  const bool ready = std::holds_alternative<hydfs::CopyReady>(send.message);
  if ((start || ready) && !live_) {
    Letter letter{start ? Letter::kStart : Letter::kReady};
    letter.view = static_cast<uint8_t>(start ? std::get<hydfs::StartCopy>(send.message).view.value
                                             : std::get<hydfs::CopyReady>(send.message).view.value);
    letter.from = static_cast<uint8_t>(n);
    letter.from_generation = static_cast<uint8_t>(generation_of(self));
    letter.to = static_cast<uint8_t>(to);
    letter.to_generation = static_cast<uint8_t>(generation_of(send.to_replica));
    return letters_.push_back(letter);
  }
  if (append && !live_) return;  // what it sent is in `sent`
  if (ack && !live_ && !round_) return;
  mail_.push_back({n, to, self, send.to_replica, send.message});
}

void Move::fold(int n, const Ack& ack, int to) {
  if (ack.differs || ack.upto.value == 0) return;
  const auto generation = static_cast<uint8_t>(generation_of(world.node(n).replica.row().replica));
  const auto view = static_cast<uint8_t>(ack.view.value), upto = static_cast<uint8_t>(ack.upto.value);
  for (Acked& known : world.acked)
    if (known.view == view && known.from == n && known.generation == generation && known.to == to) {
      known.upto = std::max(known.upto, upto);
      return;
    }
  world.acked.push_back({view, static_cast<uint8_t>(n), generation, static_cast<uint8_t>(to), upto});
}

void Move::carry() {
  for (int most = 1000; !mail_.empty(); --most) {
    RS_CHECK(most > 0, "what replicas say to each other comes to an end");
    const Post post = mail_.front();
    mail_.pop_front();
    post_delivered(post);
  }
}

void Move::post_delivered(const Post& post) {
  if (world.node(post.to).gone) return;
  at(post.to).receive(node_uuid(post.from), post.from_replica, post.to_replica, post.message);
  settle(post.to);
  if (!live_) return;
  for (const Letter& letter : std::exchange(letters_, {}))
    if (letter.kind == Letter::kRegistered) register_copy(letter, false);
}

// ------------------------------------------------------------------------------------------------ the meta store

PlannedSwap planned(const hydfs::Swap& swap) {
  PlannedSwap out;
  out.view = static_cast<uint8_t>(swap.expected.value);
  out.primary = static_cast<uint8_t>(node_of(swap.next.primary));
  for (const hydfs::Member& member : swap.next.members)
    out.member[static_cast<size_t>(node_of(member.node))] = static_cast<uint8_t>(generation_of(member.replica));
  if (swap.learner) {
    out.learner = static_cast<uint8_t>(1 + node_of(swap.learner->node));
    out.learner_generation = static_cast<uint8_t>(generation_of(swap.learner->replica));
  }
  return out;
}

// H13: the view is compared, and the learner's registered UUID.
bool Move::swap(const PlannedSwap& swap) {
  if (swap.view != world.view) return false;
  Record next = world.record();
  next.member = swap.member;
  if (swap.learner > 0) {
    const size_t learner = swap.learner - 1u;
    if (broken(Variant::kHydfsUuidNotCompared))
      next.member[learner] = next.registered[learner];
    else if (next.registered[learner] != swap.learner_generation)
      return false;
  }
  const auto members = std::count_if(next.member.begin(), next.member.end(), [](uint8_t each) { return each > 0; });
  if (members < 2) world.bad = "a view below 2 members was written";
  next.view = static_cast<uint8_t>(world.view + 1);
  next.primary = swap.primary;
  RS_CHECK(next.view < kMostViews, "room for the views of a search");
  world.records[++world.view] = next;
  return true;
}

// H2: fails if the node is a member under its registered UUID, or the record moved on.
bool Move::register_copy(const Letter& asked, bool delayed) {
  Record& record = world.records[world.view];
  const bool member = record.member[asked.to] > 0 && record.member[asked.to] == record.registered[asked.to];
  if ((member || asked.view != world.view) && !broken(Variant::kHydfsStartUnchecked)) return false;
  const auto under_way = [&](const Letter& l) { return l.kind == Letter::kRegistered && l.to == asked.to; };
  if (std::any_of(world.letters.begin(), world.letters.end(), under_way)) return false;  // the host has one at a time
  if (!live_ && record.registered[asked.to] > configuration_.copies) return false;       // a bound of the search
  Letter result = asked;
  result.to_generation = ++record.registered[asked.to];
  if (!delayed) return open_letter(result);
  world.letters.push_back(result);
  return true;
}

bool Move::start_copy(int source, int learner, Delay delay) {
  if (!at(source).start_copy(node_uuid(learner))) return false;
  settle(source);
  if (live_) return carry(), true;
  if (letters_.empty()) return false;  // held back
  const Letter start = letters_.back();
  letters_.clear();
  if (delay != Delay::kStart) return open_letter(start, delay == Delay::kResult);
  world.letters.push_back(start);
  return true;
}

bool Move::open_letter(const Letter& letter, bool delay_result) {
  const int to = letter.to;
  if (world.node(to).gone) return false;
  const Uuid from = replica_uuid(letter.from, letter.from_generation);
  switch (letter.kind) {
    case Letter::kStart: {
      const Record& record = world.records[letter.view];
      if (record.view > 0 && world.node(to).replica.record().view.value < letter.view) learn(to, record);
      at(to).receive(node_uuid(letter.from), from, Uuid(), hydfs::StartCopy{ViewNumber(letter.view)});
      settle(to);
      break;
    }
    case Letter::kRegistered:
      at(to).registered({ViewNumber(letter.view), node_uuid(letter.from), from},
                        replica_uuid(to, letter.to_generation));
      settle(to);
      if (letters_.empty()) return true;
      break;
    case Letter::kReady:
      at(to).receive(node_uuid(letter.from), from, replica_uuid(to, letter.to_generation),
                     hydfs::CopyReady{ViewNumber(letter.view)});
      settle(to);
      return true;
  }
  if (letters_.empty()) return false;
  const Letter next = letters_.back();
  letters_.clear();
  return next.kind == Letter::kRegistered ? register_copy(next, delay_result) : open_letter(next);
}
}  // namespace rs::sim::model
