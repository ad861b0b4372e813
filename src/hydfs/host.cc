#include "hydfs/host.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"
#include "hydfs/placement.h"

namespace rs::hydfs {
namespace {
constexpr size_t kCacheBytes = size_t{32} << 20;
constexpr size_t kAppendEntries = 512;
constexpr size_t kAppendBytes = size_t{1} << 20;

Uuid store_uuid(uint64_t store) {
  std::string bytes;
  put_fixed(&bytes, store);
  return random_uuid(hash64(bytes, 1), hash64(bytes, 2));
}
}  // namespace

Host::Host(const HostOptions& options, const HostDoors& doors, Recovered found)
    : options_(options),
      doors_(doors),
      store_(store_uuid(found.store)),
      links_(&doors.network, &doors.clock, &doors.random),
      recovered_(std::move(found.groups)),
      cache_(kCacheBytes) {
  RS_CHECK(options.node != Uuid() && options.copies >= 1, "a node, and at least one copy");
  doors_.meta.watch(std::string(kMetaPrefix));
}

Host::Cell& Host::cell(GroupId group) {
  const auto found = cells_.find(group);
  if (found != cells_.end()) return found->second;
  RecoveredGroup disk;
  if (const auto recovered = recovered_.find(group); recovered != recovered_.end()) {
    disk = std::move(recovered->second);
    recovered_.erase(recovered);
  }
  // H2: a replica that was never written acts under the UUID that follows from the store's, once that is registered.
  if (disk.row.replica == Uuid()) disk.row.replica = initial_replica(store_, group);
  const ReplicaOptions options{options_.node, group, options_.copies, doors_.random.next()};
  GroupLog log(std::move(disk.log), std::move(disk.holes));
  return cells_.try_emplace(group, options, disk.row, std::move(log), options_.timing).first->second;
}

Replica* Host::replica(GroupId group) {
  const auto found = cells_.find(group);
  return found == cells_.end() ? nullptr : &found->second.replica;
}

void Host::touch(GroupId group) {
  const auto found = cells_.find(group);
  RS_CHECK(found != cells_.end(), "a group that is here");
  found->second.dirty = true;
}

std::set<GroupId> Host::groups() const {
  std::set<GroupId> here;
  for (const auto& [group, cell] : cells_)
    if (cell.replica.row().replica != Uuid() && cell.replica.row().view.value > 0) here.insert(group);
  return here;
}

std::vector<Uuid> Host::living() const { return {alive_.begin(), alive_.end()}; }

std::string Host::waits_for(GroupId group) const {
  const auto found = cells_.find(group);
  return found == cells_.end() ? "" : found->second.keeper.waits_for();
}

// ------------------------------------------------------------------------------------------------ the meta store

void Host::hear_meta() {
  for (const io::MetaEvent& event : doors_.meta.take()) {
    if (const auto* snapshot = std::get_if<io::MetaSnapshot>(&event)) learn(authority_.take(*snapshot));
    if (const auto* change = std::get_if<io::MetaChange>(&event)) learn(authority_.take(*change));
    if (const auto* committed = std::get_if<io::MetaCommitted>(&event)) hear_meta(*committed);
  }
  if (authority_.ready() && !registered_) register_store();
}

void Host::hear_meta(const io::MetaCommitted& committed) {
  const auto found = calls_.find(committed.call);
  if (found == calls_.end()) return;
  const auto done = std::move(found->second);
  calls_.erase(found);
  done(committed.revision);
}

// H2: before any replica of an empty store acts, the store is registered; then whoever knew the old one knows that it
// is lost. A store that is not new finds itself registered.
void Host::register_store() {
  if (authority_.store(options_.node) == store_) {
    registered_ = true;
    std::set<GroupId> all = authority_.groups();
    for (const auto& [group, disk] : recovered_) all.insert(group);
    return learn(all);
  }
  if (registering_) return;
  registering_ = true;
  const io::MetaCall call = doors_.meta.commit(authority_.register_store(options_.node, store_));
  calls_[call] = [this](const StatusOr<io::Revision>&) { registering_ = false; };
}

void Host::learn(const std::set<GroupId>& changed) {
  if (!registered_) return;
  for (const GroupId group : changed) {
    const ViewRecord& record = authority_.record(group);
    const bool here = cells_.count(group) > 0 || recovered_.count(group) > 0;
    if (!here && record.member(options_.node) == nullptr) continue;
    Cell& changed_cell = cell(group);
    if (record.view.value > 0) changed_cell.replica.learn(record, authority_.registered(group));
    changed_cell.dirty = true;
    changed_cell.tick_ns = 0;
  }
}

void Host::found_group(GroupId group) {
  const std::vector<Uuid> nodes = around(group).targets;
  if (!registered_ || nodes.size() < std::min<size_t>(options_.copies, 2)) return;
  const std::vector<Uuid> first(nodes.begin(),
                                nodes.begin() + static_cast<int64_t>(std::min(nodes.size(), options_.copies)));
  if (std::optional<io::MetaTransaction> found = authority_.found(group, first)) doors_.meta.commit(*std::move(found));
}

void Host::confirm_unfounded(std::function<void(bool)> done) {
  unconfirmed_.push_back(std::move(done));
  if (!confirming_) confirm_next();
}

// One transaction answers all who asked before it began: a list asks for every group.
void Host::confirm_next() {
  confirming_ = true;
  const io::MetaCall call = doors_.meta.commit(authority_.nothing_founded());
  calls_[call] = [this, asked = std::exchange(unconfirmed_, {})](const StatusOr<io::Revision>& outcome) {
    confirming_ = false;
    for (const auto& done : asked) done(outcome.ok());
    if (!confirming_ && !unconfirmed_.empty()) confirm_next();
  };
}

// ------------------------------------------------------------------------------------------------ around

void Host::see(std::shared_ptr<const membership::MemberView> view) {
  if (view_ != nullptr && view->number <= view_->number) return;
  view_ = std::move(view);
  alive_.clear();
  for (const membership::ListedMember& listed : view_->members)
    if (!final(listed.member.standing.state)) alive_.insert(listed.member.id.node);
  alive_.insert(options_.node);
  links_.see(*view_);
  for (auto& [group, each] : cells_) each.tick_ns = 0;
}

Around Host::around(GroupId group) const {
  Around around;
  around.now_ns = doors_.clock.now_ns();
  around.copies = options_.copies;
  std::vector<Uuid> stores;  // nodes that take replicas: their store is registered
  for (const Uuid& node : alive_)
    if (authority_.store(node) != Uuid()) stores.push_back(node);
  around.targets = successors(group, std::move(stores));
  around.alive = [this](const Uuid& node) { return alive_.count(node) > 0; };
  around.unreachable_since_ns = [this](const Uuid& node) { return links_.unreachable_since_ns(node); };
  return around;
}

void Host::hear_links() {
  for (const LinkChange& change : links_.take()) {
    for (auto& [group, each] : cells_) {
      if (!change.up) {
        each.replica.lost_touch(change.node);
        each.keeper.touch_lost();
        each.out.erase(change.node);
      }
      each.dirty = true;
      each.tick_ns = 0;
    }
  }
  for (const Uuid& node : links_.writable())
    for (auto& [group, each] : cells_) each.dirty |= each.out.count(node) > 0 || each.replica.peers().count(node) > 0;
}

bool Host::handle(const io::NetEvent& event) {
  if (links_.handle(event)) return true;
  if (const auto* accepted = std::get_if<io::Accepted>(&event)) {
    accepted_[accepted->connection] = accepted->peer.node;
    return false;  // others may want to know too
  }
  if (const auto* closed = std::get_if<io::Closed>(&event)) {
    const auto found = accepted_.find(closed->connection);
    if (found == accepted_.end()) return false;
    links_.want(found->second);  // did it die? Whoever dials it learns that
    accepted_.erase(found);
    return false;
  }
  const auto* received = std::get_if<io::Received>(&event);
  if (received == nullptr || received->frame.type != kReplicationFrame) return false;
  const auto from = accepted_.find(received->connection);
  if (from != accepted_.end()) receive(from->second, received->frame);
  return true;
}

void Host::receive(const Uuid& from, const io::Frame& frame) {
  StatusOr<Envelope> envelope = decode(frame);
  if (!envelope.ok())
    return log_event(LogLevel::kError, "message between replicas is malformed", {{"from", uuid_text(from)}});
  if (!registered_) return;
  Cell& meant = cell(envelope->group);
  if (meant.replica.record().view.value == 0 && authority_.record(envelope->group).view.value > 0)
    meant.replica.learn(authority_.record(envelope->group), authority_.registered(envelope->group));
  meant.replica.receive(from, envelope->from, envelope->to, envelope->message);
  meant.dirty = true;
}

// ------------------------------------------------------------------------------------------------ the disk

void Host::hear_store() {
  for (StoreEvent& event : doors_.store.take()) {
    if (const auto* durable = std::get_if<Durable>(&event)) {
      std::map<GroupId, uint64_t> upto;
      for (; !written_.empty() && written_.front().id <= durable->upto; written_.pop_front())
        upto[written_.front().group] = written_.front().count;
      for (const auto& [group, count] : upto) {
        Cell& written = cells_.at(group);
        written.replica.durable(count);
        written.dirty = true;
      }
    } else if (auto* read = std::get_if<ReadDone>(&event)) {
      const auto found = reads_.find(read->id);
      RS_CHECK(found != reads_.end(), "a read is answered once");
      const Loaded loaded = std::move(found->second);
      reads_.erase(found);
      loaded(read->payload);
    } else if (const auto* bad = std::get_if<FoundBad>(&event)) {
      log_event(LogLevel::kError, "record is bad", {{"group", bad->group.value}, {"index", bad->index.value}});
      Cell& hurt = cell(bad->group);
      hurt.replica.found_bad(bad->index);
      hurt.dirty = true;
      hurt.tick_ns = 0;
    } else if (const auto* failed = std::get_if<Failed>(&event)) {
      disk_ = failed->why;
    }
  }
}

void Host::load(GroupId group, LogIndex index, Loaded loaded) {
  const EntryHead& head = cells_.at(group).replica.log().at(index);
  if (Payload cached = cache_.find(group, head.at)) return loaded(cached);
  reads_[doors_.store.read(group, index)] = [this, group, index, at = head.at, loaded](const StatusOr<Payload>& read) {
    Cell& here = cells_.at(group);
    const bool same = index <= here.replica.log().end() && here.replica.log().at(index).at == at;
    if (!read.ok() && same && absl::IsDataLoss(read.status())) {
      here.replica.found_bad(index);
      here.dirty = true;
      here.tick_ns = 0;
    }
    loaded(same ? read : absl::AbortedError("the entry is no more"));
  };
}

void Host::write(GroupId group, Cell* cell, Write write) {
  WriteId id;
  if (auto* entry = std::get_if<WriteEntry>(&write)) {
    cache_.put(group, entry->entry.head.at, entry->entry.payload);
    id = doors_.store.append(group, std::move(entry->entry));
  } else if (const auto* cut = std::get_if<WriteCut>(&write)) {
    id = doors_.store.cut(group, cut->last_kept);
  } else if (const auto* drop = std::get_if<WriteDrop>(&write)) {
    id = doors_.store.drop_payload(group, drop->index);
  } else {
    id = doors_.store.set_row(group, std::get<WriteRow>(write).row);
  }
  RS_CHECK(written_.empty() || written_.back().id < id, "writes are done in the order they were asked for");
  written_.push_back({id, group, ++cell->asked_writes});
}

// ------------------------------------------------------------------------------------------------ what replicas say

void Host::work(GroupId group, Cell* cell) {
  cell->dirty = false;
  for (bool more = true; more;) {
    more = false;
    for (Write& each : cell->replica.take_writes()) write(group, cell, std::move(each)), more = true;
    for (Output& each : cell->replica.take()) perform(group, cell, std::move(each)), more = true;
  }
  pump(group, cell);
}

void Host::perform(GroupId group, Cell* cell, Output output) {
  if (auto* send = std::get_if<Send>(&output)) return dispatch(group, cell, std::move(*send));
  if (const auto* answer = std::get_if<Answer>(&output)) return answered(group, *answer);
  if (const auto* swap = std::get_if<Swap>(&output)) {
    log_event(LogLevel::kInfo, "group proposes a view",
              {{"group", group.value}, {"view", swap->next.view.value}, {"members", swap->next.members.size()}});
    if (std::optional<io::MetaTransaction> transaction = authority_.swap(group, *swap))
      doors_.meta.commit(*std::move(transaction));
    return;
  }
  const Register& asked = std::get<Register>(output);
  if (cell->registering) return;  // a start that came twice is one session
  const Uuid fresh = random_uuid(doors_.random.next(), doors_.random.next());
  std::optional<io::MetaTransaction> transaction = authority_.start_copy(group, options_.node, asked.view, fresh);
  if (!transaction) return;
  cell->registering = true;
  calls_[doors_.meta.commit(*std::move(transaction))] = [this, group, asked,
                                                         fresh](const StatusOr<io::Revision>& done) {
    Cell& learner = cells_.at(group);
    learner.registering = false;
    if (!done.ok()) return;
    learner.replica.registered(asked, fresh);
    learner.dirty = true;
  };
}

void Host::dispatch(GroupId group, Cell* cell, Send send) {
  links_.want(send.to_node);
  const auto outgoing = std::make_shared<Outgoing>(Outgoing{std::move(send), 0});
  cell->out[outgoing->send.to_node].push_back(outgoing);
  fill(group, outgoing.get(), outgoing);
  flush(group, cell, outgoing->send.to_node);
}

// The payloads that a message carries: from memory, else from the disk.
void Host::fill(GroupId group, Outgoing* outgoing, const std::shared_ptr<Outgoing>& held) {
  std::vector<Entry*> entries;
  if (auto* append = std::get_if<Append>(&outgoing->send.message))
    for (Entry& entry : append->entries) entries.push_back(&entry);
  if (auto* told = std::get_if<TellEntry>(&outgoing->send.message)) entries.push_back(&told->entry);
  for (Entry* entry : entries) {
    if (entry->head.length == 0 || entry->head.dropped) continue;
    if ((entry->payload = cache_.find(group, entry->head.at)) != nullptr) continue;
    ++outgoing->missing;
    load(group, entry->head.at.index, [this, group, entry, held](const StatusOr<Payload>& read) {
      const Uuid node = held->send.to_node;
      Cell& source = cells_.at(group);
      source.dirty = true;
      if (!read.ok()) {  // what follows it must not overtake it
        source.out.erase(node);
        source.replica.lost_touch(node);
        return;
      }
      entry->payload = *read;
      --held->missing;
    });
  }
}

void Host::flush(GroupId group, Cell* cell, const Uuid& node) {
  const auto queue = cell->out.find(node);
  if (queue == cell->out.end()) return;
  while (!queue->second.empty() && queue->second.front()->missing == 0) {
    const Send& next = queue->second.front()->send;
    const Envelope envelope{group, cell->replica.row().replica, next.to_replica, next.message};
    const Status sent = links_.send(node, encode(envelope));
    if (absl::IsResourceExhausted(sent)) return;
    if (!sent.ok()) cell->replica.lost_touch(node);
    queue->second.pop_front();
  }
  if (queue->second.empty()) cell->out.erase(queue);
}

bool Host::window_open(const Cell& cell, const Replica::Peer& peer) const {
  uint64_t bytes = 0;
  const GroupLog& log = cell.replica.log();
  for (LogIndex index = peer.acked.next(); index <= peer.sent && index <= log.end(); index = index.next()) {
    bytes += 256 + log.at(index).length;
    if (bytes >= options_.window_bytes) return false;
  }
  return true;
}

void Host::pump(GroupId group, Cell* cell) {
  std::vector<Uuid> nodes;
  for (const auto& [node, peer] : cell->replica.peers()) nodes.push_back(node);
  for (const Uuid& node : nodes) {
    flush(group, cell, node);
    while (cell->out.count(node) == 0 && cell->replica.peers().count(node) > 0 && links_.up(node) &&
           window_open(*cell, cell->replica.peers().at(node))) {
      std::optional<Send> next = cell->replica.next_append(node, kAppendEntries, kAppendBytes);
      if (!next) break;
      dispatch(group, cell, *std::move(next));
    }
  }
}

void Host::tick(GroupId group, Cell* cell) {
  if (doors_.clock.now_ns() < cell->tick_ns) return;
  cell->tick_ns = cell->keeper.tick(&cell->replica, around(group));
  cell->dirty = true;
}

int64_t Host::step() {
  hear_meta();
  hear_store();
  hear_links();
  int64_t next_ns = std::min(links_.step(), doors_.meta.step());
  for (auto& [group, each] : cells_) {
    if (registered_) tick(group, &each);
    while (each.dirty) work(group, &each);
    next_ns = std::min(next_ns, each.tick_ns);
  }
  hear_links();
  return next_ns;
}
}  // namespace rs::hydfs
