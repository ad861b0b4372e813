#include "sim/files/file_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "hydfs/placement.h"

namespace rs::sim {
void FileWatch::stepped(size_t node, FileLife& life) {
  RS_CHECK(life.opened().ok(), "a life that steps has a disk");
  for (const hydfs::GroupId group : life.files().host().groups())
    look(node, group, *life.files().host().replica(group));
}

void FileWatch::look(size_t node, hydfs::GroupId number, hydfs::Replica& replica) {
  Group& group = groups_[number];
  if (replica.record().view > group.newest.view) group.newest = replica.record();
  hydfs::LogIndex& seen = seen_[node][number];
  if (replica.commit() < seen) seen = hydfs::LogIndex();  // it became a learner, or began anew
  const std::string where = absl::StrCat("group ", number.value, " on n", node + 1);
  if (replica.leads() && replica.commit() > seen) {
    Uuid& owner = group.commits_in_view[replica.row().view.value];
    if (owner != Uuid() && owner != replica.row().replica)
      verdict_.breach(Invariant::kOnePrimary, absl::StrCat(where, ", view ", replica.row().view.value));
    owner = replica.row().replica;
  }
  for (; seen < replica.commit(); seen = seen.next()) {
    if (replica.log().is_hole(seen.next())) break;
    const uint64_t hash = replica.log().at(seen.next()).hash();
    if (seen.value == group.committed.size()) {
      group.committed.push_back(hash);
    } else if (group.committed[seen.value] != hash) {
      verdict_.breach(Invariant::kCommitted, absl::StrCat(where, ": index ", seen.value + 1, " has two contents"));
    }
  }
  const hydfs::Member* member = group.newest.member(cluster_.home(node).node);
  const bool present = member != nullptr && member->replica == replica.row().replica && replica.sound();
  if (!present) return;
  const size_t committed = group.committed.size();
  if (committed == 0) return;
  const bool holds = replica.log().end().value >= committed &&
                     replica.log().at(hydfs::LogIndex(committed)).hash() == group.committed.back();
  if (!holds)
    verdict_.breach(Invariant::kCommitted, absl::StrCat(where, " lacks committed index ", committed, "; it ends at ",
                                                        replica.log().end().value));
}

std::string FileWatch::unlike() {
  const std::vector<size_t> living = cluster_.living();
  std::vector<Uuid> nodes;
  for (const size_t node : living) nodes.push_back(cluster_.home(node).node);
  for (auto& [number, group] : groups_) {
    const std::string where = absl::StrCat("group ", number.value, ": ");
    if (group.newest.view.value == 0) continue;
    const size_t copies = cluster_.life(living.front()).files().host().options().copies;
    std::vector<Uuid> wanted = hydfs::successors(number, nodes);
    wanted.resize(std::min(wanted.size(), copies));
    if (group.newest.members.size() != wanted.size())
      return absl::StrCat(where, group.newest.members.size(), " members");
    for (const Uuid& node : wanted)
      if (group.newest.member(node) == nullptr) return where + "not on its first successors";
    uint64_t end = 0;
    for (const size_t node : living) {
      hydfs::Replica* replica = cluster_.life(node).files().host().replica(number);
      const bool member = group.newest.member(cluster_.home(node).node) != nullptr;
      const bool here = replica != nullptr && replica->row().replica != Uuid() && replica->row().view.value > 0;
      if (here && !member) return absl::StrCat(where, "a stray on n", node + 1);
      if (!member) continue;
      if (!here || !replica->member()) return absl::StrCat(where, "n", node + 1, " does not know its view");
      if (!replica->sound()) return absl::StrCat(where, "n", node + 1, " is in doubt or has a bad record");
      const uint64_t mine = replica->log().hash_at(replica->log().end());
      if (end != 0 && mine != end) return absl::StrCat(where, "replicas differ");
      if (replica->commit() != replica->log().end())
        return absl::StrCat(where, "n", node + 1, " has uncommitted entries");
      end = mine;
    }
  }
  return "";
}

hydfs::Replica* FileWatch::sound_member(const Group& group, hydfs::GroupId number, size_t node) {
  const hydfs::Member* member = group.newest.member(cluster_.home(node).node);
  if (member == nullptr || !cluster_.lives(node)) return nullptr;
  hydfs::Replica* replica = cluster_.life(node).files().host().replica(number);
  const bool well = replica != nullptr && replica->row().replica == member->replica && replica->sound();
  return well ? replica : nullptr;
}

std::string FileWatch::weak() {
  for (const auto& [number, group] : groups_) {
    size_t sound = 0;
    for (size_t node = 0; node < cluster_.size(); ++node) sound += sound_member(group, number, node) != nullptr;
    if (sound < group.newest.members.size() || sound < cluster_.copies()) return absl::StrCat("group ", number.value);
  }
  return "";
}

bool FileWatch::would_survive_without(size_t lost) {
  for (const auto& [number, group] : groups_) {
    size_t sound = 0;
    for (size_t node = 0; node < cluster_.size(); ++node)
      sound += node != lost && sound_member(group, number, node) != nullptr;
    if (sound == 0) return false;
  }
  return true;
}

uint64_t FileWatch::views() const {
  uint64_t views = 0;
  for (const auto& [number, group] : groups_) views += group.newest.view.value;
  return views;
}
uint64_t FileWatch::commits() const {
  uint64_t commits = 0;
  for (const auto& [number, group] : groups_) commits += group.committed.size();
  return commits;
}
}  // namespace rs::sim
