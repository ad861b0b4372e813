#include "sim/model/world.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/variants.h"
#include "sim/model/move.h"
#include "sim/model/names.h"
#include "sim/model/spy.h"

namespace rs::sim::model {
using hydfs::LogIndex;
using hydfs::Replica;
using hydfs::ReplicaRow;
using hydfs::ViewNumber;
using hydfs::ViewRecord;

const Sent* World::sent_by(uint64_t in_view, int from) const {
  for (const Sent& each : sent)
    if (each.view == in_view && each.from == from) return &each;
  return nullptr;
}

bool World::member(int n, const Record& of) const {
  const Node& each = node(n);
  return of.has(n) && !each.gone && each.replica.row().replica == replica_uuid(n, of.member[static_cast<size_t>(n)]);
}

bool all_hurt(const World& world, int nodes) {
  for (int n = 0; n < nodes; ++n)
    if (world.record().member[static_cast<size_t>(n)] > world.node(n).lost && !world.node(n).hurt) return false;
  return true;
}

ViewRecord view_record(const Record& record, int nodes) {
  ViewRecord out{ViewNumber(record.view), node_uuid(record.primary), {}};
  for (int n = 0; n < nodes; ++n)
    if (record.has(n)) out.members.push_back({node_uuid(n), replica_uuid(n, record.member[static_cast<size_t>(n)])});
  return out;
}

std::map<Uuid, Uuid> registered_of(const Record& record, int nodes) {
  std::map<Uuid, Uuid> out;
  for (int n = 0; n < nodes; ++n)
    if (const int generation = record.registered[static_cast<size_t>(n)])
      out[node_uuid(n)] = replica_uuid(n, generation);
  return out;
}

Replica boot(int node, const Disk& disk) {
  hydfs::ReplicaOptions options;
  options.node = node_uuid(node);
  return Replica(options, disk.row(), disk.log());
}

// The first view exists, its members hold the first requests, and all of that is committed.
World initial(const Configuration& configuration) {
  World world;
  world.committed = std::make_shared<std::vector<hydfs::EntryHead>>();
  world.view = 1;
  Record& first = world.records[1];
  first.view = 1;
  for (int n = 0; n < configuration.nodes; ++n) {
    const auto place = static_cast<size_t>(n);
    first.registered[place] = 1;
    Disk disk;
    if (n < configuration.members) {
      first.member[place] = 1;
      ReplicaRow row;
      row.replica = replica_uuid(n, 1);
      disk.keep_only(row);
    }
    world.nodes[place] = std::make_shared<Node>(boot(n, disk));
    const_cast<Node&>(*world.nodes[place]).disk = disk;
  }
  Move move(world, configuration);
  for (int n = 0; n < configuration.nodes; ++n) move.learn(n, first);
  for (int request = 0; request <= configuration.prefix; ++request) {
    if (request > 0) move.submit(0, static_cast<size_t>(request) - 1);
    move.sync(0);
    const size_t end = move.world.node(0).replica.log().end().value;
    for (int n = 1; n < configuration.members; ++n) {
      move.sync(n);
      move.take_append(n, *move.world.sent_by(1, 0), end);
      move.sync(n);
    }
    move.deliver_acks(0, -1);
  }
  RS_CHECK(move.world.committed->size() == static_cast<size_t>(configuration.prefix) + 1, "the first requests are in");
  for (size_t i = 0; i < kFaults; ++i) move.world.left[i] = static_cast<uint8_t>(configuration.faults[i]);
  move.world.reads_left = static_cast<uint8_t>(configuration.reads);
  return move.finish();
}

// ------------------------------------------------------------------------------------------------ dead letters

namespace {
struct Interest {
  bool hears = false;  // what was sent in the view
  bool acts = false;
};
bool keeps_old_views() { return broken(Variant::kHydfsViewNotKept) || broken(Variant::kHydfsTwoSources); }

bool may_lead_or_hear(const World& world, int n, const Record& record) {
  const Node& node = world.node(n);
  if (!world.member(n, record) || node.replica.row().view.value >= record.view) return false;
  return record.primary == n || world.sent_by(record.view, record.primary) != nullptr;
}

Interest interest_in(const World& world, const Record& record, int nodes) {
  Interest found;
  found.acts = record.view == world.view;
  for (int n = 0; n < nodes; ++n) {
    const Node& node = world.node(n);
    if (node.gone) continue;
    const ReplicaRow& row = node.replica.row();
    const bool here = row.view.value == record.view, learns = row.source != Uuid();
    const bool member = world.member(n, record);
    found.acts |= (here && (member || learns)) || may_lead_or_hear(world, n, record);
    found.hears |= member && row.view.value < record.view;
    found.hears |= here && ((member && !node.replica.leads() && !row.frozen) || learns);
  }
  return found;
}

// Can this node still do something with an acknowledgement that it gets in the view?
bool counts_acks(const World& world, int n, uint64_t view) {
  const Node& node = world.node(n);
  if (node.gone || node.replica.row().view.value > view) return false;
  if (node.replica.row().view.value < view) return world.records[view].primary == n;
  return node.replica.leads() || node.replica.row().frozen || node.replica.learner().has_value() ||
         broken(Variant::kHydfsRestartedLeads) || broken(Variant::kHydfsNoFreeze);
}
}  // namespace

void drop_dead_letters(World* world, const Configuration& configuration) {
  const int nodes = configuration.nodes;
  std::erase_if(world->swaps, [&](const PlannedSwap& swap) { return swap.view != world->view; });
  std::erase_if(world->letters, [&](const Letter& letter) {
    return letter.view < world->view && letter.kind != Letter::kReady && !broken(Variant::kHydfsStartUnchecked);
  });
  std::erase_if(world->letters, [&](const Letter& letter) {
    const Node& to = world->node(letter.to);
    return to.gone || to.replica.row().view.value > letter.view;
  });
  if (keeps_old_views()) return;
  for (uint8_t view = 1; view <= world->view; ++view) {
    Record& record = world->records[view];
    if (record.view == 0) continue;
    const Interest interest = interest_in(*world, record, nodes);
    if (!interest.hears) std::erase_if(world->sent, [&](const Sent& sent) { return sent.view == view; });
    if (!interest.acts) record = Record();
  }
  std::erase_if(world->acked, [&](const Acked& ack) { return !counts_acks(*world, ack.to, ack.view); });
}

// ------------------------------------------------------------------------------------------------ in words

namespace {
std::string words_of(const hydfs::EntryHead& head, const Configuration& configuration) {
  for (const Request& request : configuration.requests) {
    const hydfs::EntryHead asked = proposal_of(request);
    if (asked.kind == head.kind && asked.writer == head.writer && asked.epoch == head.epoch &&
        asked.sequence == head.sequence)
      return absl::StrCat(head.at.view.value, ":", request.words);
  }
  return absl::StrCat(head.at.view.value, head.kind == hydfs::EntryKind::kNoop ? ":NOOP" : ":?");
}
}  // namespace

std::string picture(const World& world, const Configuration& configuration) {
  std::string out;
  for (int n = 0; n < configuration.nodes; ++n) {
    const Node& node = world.node(n);
    const ReplicaRow& row = node.replica.row();
    absl::StrAppend(&out, "      node ", n, ": ", node.gone ? "no disk " : "", "view ", row.view.value,
                    node.replica.leads() ? ", leads" : "", row.frozen ? ", frozen" : "",
                    row.in_doubt ? ", in doubt" : "", row.source != Uuid() ? ", learner" : "",
                    world.member(n, world.record()) ? "" : ", no member", "; log");
    const hydfs::GroupLog& log = node.replica.log();
    for (uint64_t i = 1; i <= log.end().value; ++i)
      absl::StrAppend(&out, " ", log.is_hole(LogIndex(i)) ? "BAD" : words_of(log.at(LogIndex(i)), configuration));
    absl::StrAppend(&out, node.disk.synced() ? "" : " (not all of it synced)", "\n");
  }
  absl::StrAppend(&out, "      committed:");
  for (const hydfs::EntryHead& head : *world.committed) absl::StrAppend(&out, " ", words_of(head, configuration));
  return out + "\n";
}
}  // namespace rs::sim::model
