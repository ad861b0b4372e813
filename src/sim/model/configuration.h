// What one search explores: nodes, requests of clients, bounds, faults; and which search must catch which broken rule.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/variants.h"
#include "hydfs/entry.h"

namespace rs::sim::model {
constexpr int kMostNodes = 4;
constexpr int kMostViews = 24;  // of a search and of the recovery behind it

// A request that a client sent once: the network may bring it at any time, and again.
struct Request {
  hydfs::EntryKind kind;
  int writer = 0, epoch = 0, sequence = 0;
  char content = 0;
  const char* words = "";
};

enum Fault : uint8_t { kCrash, kPowerLoss, kTornTail, kFlippedTail, kBadRecord, kSyncFails, kDiskLost, kLate, kFaults };

struct Configuration {
  const char *name, *text;
  int nodes, members;             // the first `members` nodes form view 1, node 0 leads it
  int prefix;                     // so many requests are committed at the start
  std::vector<Request> requests;  // the first one creates the file
  int views, log;                 // bounds of the search
  std::array<int, kFaults> faults;
  bool lazy = false;   // the disk syncs in a step of its own; else with the write
  int reads = 0;       // without a token
  int copies = 0;      // fresh UUIDs for each node
  bool walks = false;  // too large to visit everything
  bool small = false;  // part of the short run
};

const std::vector<Configuration>& configurations();
const Configuration* configuration_of(std::string_view name);

struct Breakage {
  Variant variant;
  const char* configuration;
  bool liveness = false;  // the group does not come back, or says DATA_LOSS without need; else no recovery is tried
};
const std::vector<Breakage>& breakages();
std::string name_of(Variant variant);

hydfs::EntryHead proposal_of(const Request& request);
}  // namespace rs::sim::model
