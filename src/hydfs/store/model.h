// For tests: what a store must hold, as a plain value, and what may be found of it.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hydfs/store/rig.h"

namespace rs::hydfs::store {
struct ModelEntry {
  std::string payload;
  uint64_t view = 1;
  bool dropped = false;
};
struct ModelGroup {
  ReplicaRow row;
  std::vector<ModelEntry> log;
};
using Model = std::map<uint16_t, ModelGroup>;

inline std::string compare_entry(Rig* rig, uint16_t id, uint64_t index, const ModelEntry& expected) {
  const std::string where = absl::StrCat("group ", id, ", index ", index, ": ");
  EntryHead head = entry_of(index, expected.payload, expected.view).head;
  head.dropped = expected.dropped;
  if (rig->group(id).log[index - 1] != head) return where + "another head";
  auto payload = rig->read(id, index);
  if (expected.dropped) return absl::IsNotFound(payload.status()) ? "" : where + "a dropped payload came back";
  if (!payload.ok()) return where + payload.status().ToString();
  return *payload == expected.payload ? "" : where + "another payload";
}

// Nothing: just that was found. `rotten`: one place on the disk was made bad, so there may be holes, and a log may be
// shorter if its row says that it is in doubt.
inline std::string compare_group(Rig* rig, uint16_t id, const ModelGroup& expected, bool rotten) {
  const RecoveredGroup found = rig->group(id);
  const std::string where = absl::StrCat("group ", id, ": ");
  ReplicaRow row = found.row;
  if (rig->found.tail_was_cut && !row.in_doubt) return where + "a cut tail, and no doubt";
  if (row.in_doubt) row.in_doubt = expected.row.in_doubt;  // perhaps of a boot that did not come to its end
  if (row != expected.row) return where + "another row";
  if (found.log.size() > expected.log.size()) return where + "more than there was";
  const bool shorter_is_said = rotten && found.row.in_doubt;
  if (found.log.size() < expected.log.size() && !shorter_is_said) return where + "shorter, and nothing says so";
  if (!rotten && !found.holes.empty()) return where + "a hole";
  for (uint64_t index = 1; index <= found.log.size(); ++index) {
    const bool hole = std::count(found.holes.begin(), found.holes.end(), LogIndex(index)) > 0;
    if (hole) continue;
    ModelEntry entry = expected.log[index - 1];
    if (rotten) entry.dropped = entry.dropped && found.log[index - 1].dropped;  // the word of the drop was lost
    const std::string wrong = compare_entry(rig, id, index, entry);
    const bool said = rotten && absl::IsDataLoss(rig->read(id, index).status());
    if (!wrong.empty() && !said) return wrong;
  }
  return "";
}

inline std::string compare(Rig* rig, const Model& expected, bool rotten) {
  for (const auto& [id, group] : rig->found.groups)
    if (expected.count(id.value) == 0) return absl::StrCat("group ", id.value, " was forgotten, or never was");
  for (const auto& [id, group] : expected) {
    if (rig->found.groups.count(GroupId(id)) == 0) return absl::StrCat("group ", id, " is missing");
    const std::string wrong = compare_group(rig, id, group, rotten);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

// What was asked for, in its order.
struct Act {
  enum class Kind { kRow, kForget, kAppend, kCut, kDrop } kind = Kind::kAppend;
  uint16_t group = 0;
  uint64_t index = 0;  // kAppend, kCut, kDrop
  ReplicaRow row;
  ModelEntry entry;

  WriteId ask(Rig* rig) const {
    if (kind == Kind::kRow || kind == Kind::kForget) return rig->store->set_row(GroupId(group), row);
    if (kind == Kind::kCut) return rig->store->cut(GroupId(group), LogIndex(index));
    if (kind == Kind::kDrop) return rig->store->drop_payload(GroupId(group), LogIndex(index));
    return rig->append(group, index, entry.payload, entry.view);
  }
  void apply(Model* model) const {
    ModelGroup& to = (*model)[group];
    if (kind == Kind::kRow) to.row = row;
    if (kind == Kind::kForget) model->erase(group);
    if (kind == Kind::kCut) to.log.resize(index);
    if (kind == Kind::kDrop) to.log[index - 1].dropped = true;
    if (kind == Kind::kAppend) to.log.push_back(entry);
  }
};
}  // namespace rs::hydfs::store
