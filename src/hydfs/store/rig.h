// For tests and fuzzers: a store on the simulated disk, driven by hand. One Rig is one machine; each boot() is a new
// process.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/broken.h"
#include "base/hash.h"
#include "hydfs/store/store.h"
#include "io/sim/counted_wakes.h"
#include "io/sim/world.h"

namespace rs::hydfs::store {
inline Entry entry_of(uint64_t index, const std::string& payload, uint64_t view = 1) {
  Entry entry;
  entry.head.at = {ViewNumber(view), LogIndex(index)};
  entry.head.kind = EntryKind::kAppend;
  entry.head.length = static_cast<uint32_t>(payload.size());
  entry.head.digest = hash64(payload);
  entry.head.previous = index * 7 + view;
  entry.payload = std::make_shared<const std::string>(payload);
  return entry;
}
inline ReplicaRow row_of(uint64_t replica, uint64_t view = 1) {
  ReplicaRow row;
  row.replica = {1, replica};
  row.view = ViewNumber(view);
  return row;
}

class Rig {
 public:
  explicit Rig(uint64_t seed = 1) : world(seed) {
    world.disk.put("store/anchor", "");
    world.disk.faults().write_back = 0;
  }
  ~Rig() { halt(); }

  Status boot(const StoreOptions& options = {}) {
    halt();
    process = world.boot();
    auto opened =
        Store::open({process.directory.get(), &process.random, &world.clock, &runner, "store", [this] { ++woken; }},
                    options, &found);
    if (!opened.ok()) return opened.status();
    store = *std::move(opened);
    durable = WriteId();
    failed = Ok();
    return Ok();
  }
  void halt() { store.reset(); }
  void crash() {
    world.crash(process.id);
    halt();
  }
  void lose_power() {
    world.power_loss();
    halt();
  }
  void close() {
    store->close();
    run();
    halt();
  }

  bool step() {  // whether there is more to do at once
    const io::Wake wake = store->step();
    if (wake.kind == io::Wake::Kind::kDone) is_done = true;
    for (StoreEvent& event : store->take()) {
      if (const auto* upto = std::get_if<Durable>(&event)) durable = upto->upto;
      if (auto* done = std::get_if<ReadDone>(&event)) reads.insert_or_assign(done->id, std::move(done->payload));
      if (const auto* failure = std::get_if<Failed>(&event)) failed = failure->why;
      if (const auto* bad = std::get_if<FoundBad>(&event)) found_bad.push_back({bad->group, bad->index});
    }
    return wake.kind == io::Wake::Kind::kAgain;
  }
  void run() {  // until it waits or is done
    is_done = false;
    while (step()) {
    }
  }
  bool usable() const { return store != nullptr && failed.ok(); }

  WriteId append(uint16_t group, uint64_t index, const std::string& payload, uint64_t view = 1) {
    return store->append(GroupId(group), entry_of(index, payload, view));
  }
  StatusOr<std::string> read(uint16_t group, uint64_t index) {
    const ReadId id = store->read(GroupId(group), LogIndex(index));
    run();
    auto answer = reads.find(id);
    if (answer == reads.end()) return absl::AbortedError("no answer");
    if (!answer->second.ok()) return answer->second.status();
    return std::string(**answer->second);
  }
  const RecoveredGroup& group(uint16_t id) { return found.groups[GroupId(id)]; }
  // What was found of a group's log: payloads by index; "-": dropped, "?": a hole.
  std::vector<std::string> log(uint16_t id) {
    std::vector<std::string> out;
    const RecoveredGroup recovered = group(id);
    for (size_t i = 0; i < recovered.log.size(); ++i) {
      const bool hole = std::count(recovered.holes.begin(), recovered.holes.end(), LogIndex(i + 1)) > 0;
      if (hole) {
        out.push_back("?");
      } else if (recovered.log[i].dropped) {
        out.push_back("-");
      } else {
        auto payload = read(id, i + 1);
        out.push_back(payload.ok() ? *payload : payload.status().ToString());
      }
    }
    return out;
  }
  std::vector<std::string> files(const std::string& part = "hydfs-0") const {
    std::vector<std::string> out;
    for (const std::string& path : world.disk.files())
      if (path.find(part) != std::string::npos) out.push_back(path.substr(1));
    return out;
  }
  std::vector<std::string> segments() const {
    std::vector<std::string> out = files();
    std::erase_if(out, [](const std::string& path) { return path.ends_with(".index"); });
    return out;
  }

  io::SimWorld world;
  io::SimProcess process = world.boot();
  io::CountedWakes runner;
  std::unique_ptr<Store> store;
  Recovered found;
  WriteId durable;
  Status failed;
  std::map<ReadId, StatusOr<Payload>> reads;
  std::vector<std::pair<GroupId, LogIndex>> found_bad;
  int woken = 0;
  bool is_done = false;
};
}  // namespace rs::hydfs::store
