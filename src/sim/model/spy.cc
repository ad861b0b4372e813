#include "sim/model/spy.h"

#include <algorithm>

#include "base/check.h"
#include "base/variants.h"
#include "sim/model/names.h"

namespace rs::hydfs {
using sim::model::Print;
using sim::model::Renaming;

// Left out: what only says how messages are packed into packets (Peer::sent and the like, which each connection sets
// anew), what is asked anew before each use (standings, nonces), what follows from the log (the table), and what a
// member knows of the commit index: the promises look at what it can be told, which is more.
struct ReplicaSpy::Parts {
  const Replica& r;
  const Renaming& to;

  uint64_t name(const Uuid& uuid) const {
    if (uuid == Uuid()) return 0;
    const uint64_t place = to[static_cast<size_t>(sim::model::node_of(uuid))] + 1u;
    return uuid.high == 1 ? place : place << 8 | static_cast<uint64_t>(sim::model::generation_of(uuid));
  }
  uint64_t flags() const {
    uint64_t bits = 0;
    for (const bool flag :
         {r.row_.frozen, r.row_.in_doubt, r.leads_, r.pending_, r.round_open_, may_speak(r),
          broken(Variant::kHydfsDoubtPrefix) && r.heard_, r.learner_.has_value(), r.end_told_.has_value()})
      bits = bits << 1 | (flag ? 1 : 0);
    return bits;
  }
  void row(Print* print) const {
    print->add(name(r.row_.replica));
    print->add(r.row_.view.value << 16 | name(r.row_.source));
    print->add(flags());
    print->add((r.leads_ ? r.commit_.value : 0) << 32 | r.matched_.value << 24 | r.durable_.value << 16 |
               (r.end_told_ ? r.end_told_->value : 0) << 8 | name(r.starting_));
    print->add(r.learner_ ? name(r.learner_->replica) : 0);
  }
  void record(Print* print) const {
    uint64_t members = 0;
    for (const Member& member : r.record_.members) {
      Print one;
      one.add(name(member.replica) << 1 | (r.known_lost(member.node) ? 1 : 0));
      members += one.value();
    }
    print->add(r.record_.view.value << 16 | name(r.record_.primary));
    print->add(members);
  }
  void requests(Print* print) const {
    for (const Replica::Waiting& waiting : r.waiting_) print->add(waiting.index.value << 32 | waiting.id.value);
    if (r.reads_.empty()) return;
    for (const Replica::Reading& reading : r.reads_) print->add(1000 + reading.round);
    uint64_t rounds = 0;
    for (const auto& [node, peer] : r.peers_) {
      Print one;
      one.add(name(node) << 16 | peer.round);
      rounds += one.value();
    }
    print->add(rounds);
  }
  void held(Print* print) const {
    for (const Replica::Held& held : r.outputs_) {
      print->add(held.output.index() + 7);
      const auto* send = std::get_if<Send>(&held.output);
      const auto* ack = send != nullptr ? std::get_if<Ack>(&send->message) : nullptr;
      if (ack != nullptr) print->add(ack->view.value << 32 | ack->upto.value << 8 | name(send->to_node));
    }
  }
  // What a source was told: in a world, `acked` says at least as much.
  uint64_t told() const {
    Print print;
    print.add(r.commit_.value << 8 | name(r.options_.node));
    for (const auto& [node, peer] : r.peers_) print.add(name(peer.replica) << 8 | peer.acked.value);
    return print.value();
  }
  uint64_t all() const {
    Print print;
    row(&print);
    record(&print);
    requests(&print);
    held(&print);
    return print.value();
  }
};
}  // namespace rs::hydfs

namespace rs::sim::model {
using hydfs::GroupLog;
using hydfs::LogIndex;
using hydfs::ReplicaSpy;

const std::vector<Renaming>& renamings(int nodes) {
  static std::array<std::vector<Renaming>, kMostNodes + 1> known;
  std::vector<Renaming>& all = known[static_cast<size_t>(nodes)];
  if (!all.empty()) return all;
  Renaming each{0, 1, 2, 3};
  do all.push_back(each);
  while (std::next_permutation(each.begin() + 1, each.begin() + nodes));
  RS_CHECK(all.size() <= kMostRenamings, "room for the prints of a node");
  return all;
}

// Each head covers the one before it; with a hole, or when logs may be broken, all of them count.
uint64_t print_of_log(const GroupLog& log) {
  Print print;
  print.add(log.end().value);
  if (log.sound() && broken_variant == Variant::kNone) {
    print.add(log.hash_at(log.end()));
    return print.value();
  }
  for (LogIndex i(1); i <= log.end(); i = i.next()) print.add(log.hash_at(i) << 1 | (log.is_hole(i) ? 1 : 0));
  return print.value();
}

namespace {
void add_cache(const Disk& disk, Print* print) {
  for (const hydfs::Write& write : disk.cache()) {
    print->add(write.index());
    if (const auto* entry = std::get_if<hydfs::WriteEntry>(&write)) print->add(entry->entry.head.hash());
    if (const auto* cut = std::get_if<hydfs::WriteCut>(&write)) print->add(cut->last_kept.value);
  }
}
}  // namespace

void take_prints(Node* node, const Configuration& configuration) {
  const uint64_t log = print_of_log(node->replica.log());
  const bool synced = node->disk.synced();
  const uint64_t durable = synced ? log : print_of_log(node->disk.durable_log());
  const std::vector<Renaming>& all = renamings(configuration.nodes);
  for (size_t i = 0; i < all.size(); ++i) {
    Print print;
    print.add(ReplicaSpy::Parts{node->replica, all[i]}.all());
    print.add(log);
    print.add(durable);
    if (!synced) add_cache(node->disk, &print);
    print.add(static_cast<uint64_t>(node->lost) << 2 | (node->gone ? 2 : 0) | (node->hurt ? 1 : 0));
    node->prints[i] = print.value();
  }
  Print exact;
  exact.add(node->prints[0]);
  exact.add(ReplicaSpy::Parts{node->replica, all[0]}.told());
  node->exact = exact.value();
}

namespace {
uint64_t print_of_record(const Record& record, const Renaming& to) {
  uint64_t members = 0;
  for (size_t n = 0; n < kMostNodes; ++n)
    members |= (uint64_t{record.member[n]} << 4 | record.registered[n]) << (8 * to[n]);
  Print print;
  print.add(uint64_t{record.view} << 8 | to[record.primary]);
  print.add(members);
  return print.value();
}
uint64_t print_of_swap(const PlannedSwap& swap, const Renaming& to) {
  uint64_t members = 0;
  for (size_t n = 0; n < kMostNodes; ++n) members |= uint64_t{swap.member[n]} << (8 * to[n]);
  Print print;
  print.add(members);
  print.add(uint64_t{swap.view} << 32 | to[swap.primary] << 16 |
            (swap.learner > 0 ? to[swap.learner - 1u] + 1 : 0) << 8 | swap.learner_generation);
  return print.value();
}
uint64_t print_of_letter(const Letter& letter, const Renaming& to) {
  Print print;
  print.add(uint64_t{letter.kind} << 40 | uint64_t{letter.view} << 32 | to[letter.from] << 24 |
            letter.from_generation << 16 | to[letter.to] << 8 | letter.to_generation);
  return print.value();
}
uint64_t print_under_way(const World& world, const Renaming& to) {
  uint64_t sum = 0;
  for (const Sent& sent : world.sent) {
    Print print;
    print.add(uint64_t{sent.view} << 16 | to[sent.from] << 8 | sent.commit);
    print.add(sent.print);
    sum += print.value();
  }
  for (const Acked& ack : world.acked) {
    Print print;
    print.add(uint64_t{ack.view} << 32 | to[ack.from] << 24 | ack.generation << 16 | to[ack.to] << 8 | ack.upto);
    sum += 3 * print.value();
  }
  for (const PlannedSwap& swap : world.swaps) sum += 5 * print_of_swap(swap, to);
  for (const Letter& letter : world.letters) sum += 7 * print_of_letter(letter, to);
  return sum;
}

uint64_t print_renamed(const World& world, const Configuration& configuration, size_t renaming, bool core) {
  const Renaming& to = renamings(configuration.nodes)[renaming];
  uint64_t nodes = 0;
  for (int n = 0; n < configuration.nodes; ++n) {
    Print one;
    one.add(to[static_cast<size_t>(n)]);
    one.add(world.node(n).prints[renaming]);
    nodes += one.value();
  }
  Print print;
  print.add(nodes);
  print.add(print_of_record(world.record(), to));
  print.add(world.committed->empty() ? 0 : world.committed->back().hash());
  print.add(world.committed->size());
  if (core) return print.value();
  for (uint8_t view = 1; view < world.view; ++view)
    if (world.records[view].view > 0) print.add(print_of_record(world.records[view], to));
  print.add(print_under_way(world, to));
  uint64_t left = 0;
  for (const uint8_t each : world.left) left = left << 4 | each;
  print.add(left);
  print.add(uint64_t{world.fence} << 32 | uint64_t{world.reads_left} << 24 | uint64_t{world.must_show} << 8 |
            (world.reading ? 4 : 0) | (world.beyond ? 2 : 0) | (world.bad.empty() ? 0 : 1));
  return print.value();
}

uint64_t least_print(const World& world, const Configuration& configuration, bool core) {
  uint64_t least = UINT64_MAX;
  for (size_t i = 0; i < renamings(configuration.nodes).size(); ++i)
    least = std::min(least, print_renamed(world, configuration, i, core));
  return least == 0 ? 1 : least;
}
}  // namespace

uint64_t print_of(const World& world, const Configuration& configuration) {
  return least_print(world, configuration, false);
}
uint64_t print_of_core(const World& world, const Configuration& configuration) {
  return least_print(world, configuration, true);
}
}  // namespace rs::sim::model
