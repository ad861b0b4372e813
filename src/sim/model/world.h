// One state of the model: the replicas of a group, their disks, the meta store, what is under way between them, and
// what only the judge sees. A value: a step makes a new one, and shares with the old one the nodes that it did not
// touch.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hydfs/replica.h"
#include "sim/model/configuration.h"
#include "sim/model/disk.h"

namespace rs::sim::model {
constexpr int kMostRenamings = 6;  // of the nodes but the first

struct Node {
  explicit Node(hydfs::Replica booted) : replica(std::move(booted)) {}
  hydfs::Replica replica;
  Disk disk;
  bool gone = false;  // its disk is lost, and it has not booted since
  // Only the judge sees these.
  bool hurt = false;  // a fault took what was durable, and nobody has made up for it
  int lost = 0;       // the highest generation that a fault destroyed
  std::array<uint64_t, kMostRenamings> prints{};
  uint64_t exact = 0;  // of the node alone, with what in a world is told by the messages under way
};

// The meta store at the end of a view. Generations by node; 0: no member.
struct Record {
  uint8_t view = 0, primary = 0;
  std::array<uint8_t, kMostNodes> member{}, registered{};
  bool has(int node) const { return member[static_cast<size_t>(node)] > 0; }
};

// What a source sent in a view: each prefix of it may reach anybody it was meant for, at any time, again and again.
struct Sent {
  uint8_t view = 0, from = 0, commit = 0;
  std::shared_ptr<const std::vector<hydfs::EntryHead>> entries;
  uint64_t print = 0;
};
// All acknowledgements of one replica to one source in one view are as good as their greatest.
struct Acked {
  uint8_t view = 0, from = 0, generation = 0, to = 0, upto = 0;
};
struct PlannedSwap {  // a transaction
  uint8_t view = 0, primary = 0;
  std::array<uint8_t, kMostNodes> member{};
  uint8_t learner = 0, learner_generation = 0;  // 1 + node; 0: none
  bool operator==(const PlannedSwap&) const = default;
};
struct Letter {  // of a copy session, under way for as long as it likes
  enum Kind : uint8_t { kStart, kRegistered, kReady } kind = kStart;
  uint8_t view = 0, from = 0, from_generation = 0, to = 0, to_generation = 0;
  bool operator==(const Letter&) const = default;
};

struct World {
  std::array<std::shared_ptr<const Node>, kMostNodes> nodes;
  uint8_t view = 0;  // of the present record; records that nobody can act on any more are blank
  std::array<Record, kMostViews> records{};
  std::vector<Sent> sent;
  std::vector<Acked> acked;
  std::vector<PlannedSwap> swaps;
  std::vector<Letter> letters;
  std::array<uint8_t, kFaults> left{};
  uint8_t reads_left = 0;
  // Only the judge sees these.
  std::shared_ptr<const std::vector<hydfs::EntryHead>> committed;
  uint8_t fence = 0;      // the highest epoch whose OPEN_WRITER was answered
  bool reading = false;   // a read without a token is under way,
  uint8_t must_show = 0;  // and has to show so much
  bool beyond = false;    // all replicas of a view were lost or corrupted: no promise is left
  std::string bad;        // the promise that the last step broke

  const Record& record() const { return records[view]; }
  const Node& node(int n) const { return *nodes[static_cast<size_t>(n)]; }
  const Sent* sent_by(uint64_t in_view, int from) const;
  // H2: under its UUID, on a disk that is there.
  bool member(int n, const Record& of) const;
};

World initial(const Configuration& configuration);
hydfs::ViewRecord view_record(const Record& record, int nodes);
std::map<Uuid, Uuid> registered_of(const Record& record, int nodes);
// Was every replica of the present view lost or corrupted?
bool all_hurt(const World& world, int nodes);
hydfs::Replica boot(int node, const Disk& disk);
// Forgets what nobody can act on any more, so that states that differ in nothing else are one.
void drop_dead_letters(World* world, const Configuration& configuration);
std::string picture(const World& world, const Configuration& configuration);
}  // namespace rs::sim::model
