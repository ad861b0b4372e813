#include "hydfs/authority.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/variants.h"

namespace rs::hydfs {
namespace {
constexpr uint8_t kRecordFormat = 1;
constexpr size_t kMaxMembers = 16;
constexpr char kFounded[] = "hydfs/founded";
constexpr char kGroupPrefix[] = "hydfs/group/";
constexpr char kReplicaPrefix[] = "hydfs/replica/";
constexpr char kStorePrefix[] = "hydfs/store/";

std::string group_key(GroupId group) { return absl::StrCat(kGroupPrefix, group.value); }
std::string store_key(const Uuid& node) { return absl::StrCat(kStorePrefix, uuid_text(node)); }
std::string replica_key(GroupId group, const Uuid& node) {
  return absl::StrCat(kReplicaPrefix, group.value, "/", uuid_text(node));
}
std::string two_uuids(const Uuid& store, const Uuid& replica) {
  return absl::StrCat(uuid_text(store), " ", uuid_text(replica));
}
// The group in "GROUP" or "GROUP/NODE".
std::optional<GroupId> group_in(absl::string_view text) {
  uint32_t number = 0;
  if (!absl::SimpleAtoi(text.substr(0, text.find('/')), &number) || number >= kGroups) return std::nullopt;
  return GroupId(static_cast<uint16_t>(number));
}
}  // namespace

Uuid initial_replica(const Uuid& store, GroupId group) {
  std::string bytes;
  put_uuid(&bytes, store);
  put_fixed(&bytes, group.value);
  return random_uuid(hash64(bytes, 1), hash64(bytes, 2));
}

std::string encode_record(const ViewRecord& record) {
  RS_CHECK(record.members.size() <= kMaxMembers && record.member(record.primary), "a primary is a member");
  std::string out(1, static_cast<char>(kRecordFormat));
  put_varint(&out, record.view.value);
  put_uuid(&out, record.primary);
  put_varint(&out, record.members.size());
  for (const Member& member : record.members) {
    put_uuid(&out, member.node);
    put_uuid(&out, member.replica);
  }
  put_fixed(&out, crc32c(out));
  return out;
}

StatusOr<ViewRecord> decode_record(std::string_view bytes) {
  const Status malformed = absl::DataLossError("the record of a placement group is malformed");
  if (bytes.size() < sizeof(uint32_t)) return malformed;
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(uint32_t));
  if (ByteReader(bytes.substr(body.size())).fixed<uint32_t>() != crc32c(body)) return malformed;
  ByteReader in(body);
  if (in.fixed<uint8_t>() != kRecordFormat) return malformed;
  ViewRecord record;
  record.view = ViewNumber(in.varint());
  record.primary = take_uuid(&in);
  const uint64_t members = in.varint();
  if (members > kMaxMembers) return malformed;
  for (uint64_t i = 0; i < members; ++i) {
    const Uuid node = take_uuid(&in);
    record.members.push_back({node, take_uuid(&in)});
  }
  if (!in.ok() || !in.done() || record.view.value == 0 || !record.member(record.primary)) return malformed;
  return record;
}

// ------------------------------------------------------------------------------------------------ hearing

std::set<GroupId> Authority::take(const io::MetaSnapshot& snapshot) {
  std::set<GroupId> changed;
  ready_ = true;
  values_.clear();
  records_.clear();
  for (const io::MetaEntry& entry : snapshot.entries) set(entry, &changed);
  for (uint16_t group = 0; group < kGroups; ++group) changed.insert(GroupId(group));
  return changed;
}

std::set<GroupId> Authority::take(const io::MetaChange& change) {
  std::set<GroupId> changed;
  for (const io::MetaEntry& entry : change.set) set(entry, &changed);
  for (const std::string& key : change.gone) erase(key, &changed);
  return changed;
}

void Authority::set(const io::MetaEntry& entry, std::set<GroupId>* changed) {
  values_[entry.key] = {entry.value, entry.modified};
  look_again(entry.key, changed);
}

void Authority::erase(const std::string& key, std::set<GroupId>* changed) {
  values_.erase(key);
  look_again(key, changed);
}

void Authority::look_again(const std::string& key, std::set<GroupId>* changed) {
  absl::string_view rest = key;
  if (absl::ConsumePrefix(&rest, kGroupPrefix)) {
    const std::optional<GroupId> group = group_in(rest);
    if (!group) return;
    changed->insert(*group);
    records_.erase(*group);
    const auto found = values_.find(key);
    if (found == values_.end()) return;
    StatusOr<ViewRecord> record = decode_record(found->second.bytes);
    if (record.ok()) {
      records_[*group] = *std::move(record);
    } else {
      log_event(LogLevel::kError, "record of a group is not understood", {{"group", group->value}});
    }
  } else if (absl::ConsumePrefix(&rest, kReplicaPrefix)) {
    if (const std::optional<GroupId> group = group_in(rest)) changed->insert(*group);
  } else if (absl::ConsumePrefix(&rest, kStorePrefix)) {
    for (uint16_t group = 0; group < kGroups; ++group) changed->insert(GroupId(group));
  }
}

const ViewRecord& Authority::record(GroupId group) const {
  static const ViewRecord none;
  const auto found = records_.find(group);
  return found == records_.end() ? none : found->second;
}

std::set<GroupId> Authority::groups() const {
  std::set<GroupId> groups;
  for (const auto& [group, record] : records_) groups.insert(group);
  return groups;
}

Uuid Authority::store(const Uuid& node) const {
  const auto found = values_.find(store_key(node));
  return found == values_.end() ? Uuid() : parse_uuid(found->second.bytes).value_or(Uuid());
}

Uuid Authority::replica(GroupId group, const Uuid& node) const {
  const Uuid of_node = store(node);
  if (of_node == Uuid()) return Uuid();
  const auto session = values_.find(replica_key(group, node));
  const std::string text = uuid_text(of_node) + " ";
  if (session != values_.end() && session->second.bytes.compare(0, text.size(), text) == 0)
    return parse_uuid(std::string_view(session->second.bytes).substr(text.size())).value_or(Uuid());
  return initial_replica(of_node, group);
}

std::map<Uuid, Uuid> Authority::registered(GroupId group) const {
  std::map<Uuid, Uuid> all;
  for (auto at = values_.lower_bound(kStorePrefix); at != values_.end(); ++at) {
    absl::string_view rest = at->first;
    if (!absl::ConsumePrefix(&rest, kStorePrefix)) break;
    if (const std::optional<Uuid> node = parse_uuid(std::string_view(rest.data(), rest.size())))
      all[*node] = replica(group, *node);
  }
  return all;
}

// ------------------------------------------------------------------------------------------------ changing

io::MetaCompare Authority::unchanged(const std::string& key) const {
  const auto found = values_.find(key);
  return {key, found == values_.end() ? io::Revision() : found->second.modified};
}

io::MetaTransaction Authority::register_store(const Uuid& node, const Uuid& store) const {
  return {{unchanged(store_key(node))}, {{store_key(node), uuid_text(store), {}}}};
}

std::optional<io::MetaTransaction> Authority::found(GroupId group, const std::vector<Uuid>& nodes) const {
  if (nodes.empty() || record(group).view.value > 0) return std::nullopt;
  ViewRecord first{ViewNumber(1), nodes.front(), {}};
  io::MetaTransaction transaction;
  transaction.compares.push_back({group_key(group), {}});
  for (const Uuid& node : nodes) {
    if (store(node) == Uuid()) return std::nullopt;
    first.members.push_back({node, replica(group, node)});
    transaction.compares.push_back(unchanged(store_key(node)));
    transaction.compares.push_back(unchanged(replica_key(group, node)));
  }
  std::sort(first.members.begin(), first.members.end());
  transaction.writes.push_back({group_key(group), encode_record(first), {}});
  transaction.writes.push_back({kFounded, std::to_string(group.value), {}});
  return transaction;
}

// H13: compares the view and, with a learner, its registered UUID.
std::optional<io::MetaTransaction> Authority::swap(GroupId group, const Swap& swap) const {
  if (record(group).view != swap.expected) return std::nullopt;
  RS_CHECK(swap.next.view == swap.expected.next(), "views rise by one");
  io::MetaTransaction transaction;
  transaction.compares.push_back(unchanged(group_key(group)));
  if (swap.learner && !broken(Variant::kHydfsUuidNotCompared)) {
    if (replica(group, swap.learner->node) != swap.learner->replica) return std::nullopt;
    transaction.compares.push_back(unchanged(store_key(swap.learner->node)));
    transaction.compares.push_back(unchanged(replica_key(group, swap.learner->node)));
  }
  transaction.writes.push_back({group_key(group), encode_record(swap.next), {}});
  return transaction;
}

// H2: fails if the node is a member of the present record under its registered UUID.
std::optional<io::MetaTransaction> Authority::start_copy(GroupId group, const Uuid& node, ViewNumber view,
                                                         const Uuid& fresh) const {
  const Uuid of_node = store(node);
  if (of_node == Uuid()) return std::nullopt;
  io::MetaTransaction transaction;
  if (!broken(Variant::kHydfsStartUnchecked)) {
    const Member* member = record(group).member(node);
    const bool present = member != nullptr && member->replica == replica(group, node);
    if (record(group).view != view || present) return std::nullopt;
    transaction.compares.push_back(unchanged(group_key(group)));
    transaction.compares.push_back(unchanged(store_key(node)));
  }
  transaction.writes.push_back({replica_key(group, node), two_uuids(of_node, fresh), {}});
  return transaction;
}

io::MetaTransaction Authority::nothing_founded() const { return {{unchanged(kFounded)}, {}}; }
}  // namespace rs::hydfs
