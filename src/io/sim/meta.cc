#include "io/sim/meta.h"

#include <utility>

#include "base/check.h"

namespace rs::io {
namespace {
class SimMetaLine final : public MetaLine {
 public:
  SimMetaLine(SimMeta* meta, uint64_t tap) : meta_(*meta), tap_(tap) {}
  ~SimMetaLine() override { meta_.unplug(tap_); }
  bool send(const MetaAsk& ask) override { return meta_.send(tap_, ask), true; }
  std::vector<MetaReply> take() override { return meta_.take(tap_); }
  int64_t step() override { return INT64_MAX; }
  Status health() override { return Ok(); }

 private:
  SimMeta& meta_;
  const uint64_t tap_;
};
}  // namespace

std::unique_ptr<MetaStore> SimMeta::attach(SimProcess* process, const Uuid& client, std::function<void()> wake) {
  auto line = std::make_unique<SimMetaLine>(this, plug(process->id, client, std::move(wake)));
  return std::make_unique<MetaClient>(MetaClientOptions{.client = client}, std::move(line), &world_.clock,
                                      &process->random);
}

uint64_t SimMeta::plug(ProcessId process, const Uuid& client, std::function<void()> wake) {
  RS_CHECK(wake && world_.processes.alive(process), "a line belongs to a process that lives");
  taps_[++last_tap_] = {process, client, std::move(wake), {}, {}};
  return last_tap_;
}

void SimMeta::after(int64_t ns, std::function<void()> event) {
  world_.scheduler.post(world_.clock.now_ns() + ns, std::move(event));
}

SimMeta::Tap* SimMeta::reached(uint64_t tap) {
  const auto found = taps_.find(tap);
  if (found == taps_.end() || !world_.processes.alive(found->second.process)) return nullptr;
  return &found->second;
}

void SimMeta::send(uint64_t tap, const MetaAsk& ask) {
  Tap* from = reached(tap);
  if (from == nullptr) return;
  ++counts_.asks;
  const bool cut = cut_.count(from->client) > 0, lost = lots_.chance(faults.lost_ask);
  const bool late = lots_.chance(faults.late) && std::holds_alternative<MetaTransact>(ask.question);
  int64_t way = way_ns();
  if (late) way += static_cast<int64_t>(lots_.below(static_cast<uint64_t>(faults.late_ns)));
  counts_.cut += cut ? 1 : 0;
  counts_.lost_asks += !cut && lost ? 1 : 0;
  if (!cut && !lost) {
    counts_.late += late ? 1 : 0;
    return after(way, [this, tap, ask] { arrive(tap, ask); });
  }
  if (std::holds_alternative<MetaWatch>(ask.question))
    after(way, [this, tap, id = ask.id] { reply(tap, MetaUnseen{id}); });
}

void SimMeta::arrive(uint64_t tap, const MetaAsk& ask) {
  if (down_) {
    ++counts_.down;
    if (std::holds_alternative<MetaWatch>(ask.question)) reply(tap, MetaUnseen{ask.id});
    return;
  }
  if (const auto* question = std::get_if<MetaWatch>(&ask.question)) return watch(tap, ask.id, *question);
  const Revision before = table_.revision();
  const MetaAnswer answer = perform(ask, &table_);
  expiry_.heard(ask, answer, table_, world_.clock.now_ns());
  const auto* transact = std::get_if<MetaTransact>(&ask.question);
  if (transact && answer.status.code() == absl::StatusCode::kFailedPrecondition) {
    for (const MetaCompare& compare : transact->transaction.compares)
      if (compare.key == transact->session && (!answer.entry || answer.entry->modified != compare.modified))
        ++counts_.fenced;
  }
  world_.trace.add("meta", table_.revision().value, std::string(answer.status.message()));
  if (table_.revision() != before) show_all();
  run_leases();
  if (lots_.chance(faults.lost_answer)) {
    ++counts_.lost_answers;
    return;
  }
  after(way_ns(), [this, tap, answer] { reply(tap, answer); });
}

void SimMeta::watch(uint64_t tap, MetaAskId id, const MetaWatch& ask) {
  Tap* to = reached(tap);
  if (to == nullptr) return;
  to->watches[id] = {ask.prefix, ask.after, ask.after.value != 0};
  after(way_ns(), [this, tap, id] { show(tap, id); });
}

void SimMeta::reply(uint64_t tap, MetaReply reply) {
  Tap* to = reached(tap);
  if (to == nullptr) return;
  if (cut_.count(to->client) > 0 && !std::holds_alternative<MetaUnseen>(reply)) {
    ++counts_.cut;
    return;
  }
  to->replies.push_back(std::move(reply));
  to->wake();
}

void SimMeta::show(uint64_t tap, MetaAskId id) {
  Tap* to = reached(tap);
  if (to == nullptr || to->watches.count(id) == 0) return;
  Watch& watch = to->watches.at(id);
  if (!watch.seen || !table_.remembers(watch.at)) {
    ++counts_.snapshots;
    for (MetaSeen& piece : snapshot_pieces(id, watch.prefix, table_)) reply(tap, std::move(piece));
    watch.seen = true;
  } else {
    for (auto change = table_.change(watch.prefix, watch.at, table_.revision()); change;
         change = table_.change(watch.prefix, change->at, table_.revision()))
      reply(tap, MetaSeen{id, false, true, change->at, change->set, change->gone});
  }
  watch.at = table_.revision();
}

void SimMeta::show_all() {
  for (const auto& [tap, to] : taps_)
    for (const auto& [id, watch] : to.watches) after(way_ns(), [this, tap = tap, id = id] { show(tap, id); });
}

std::vector<MetaReply> SimMeta::take(uint64_t tap) {
  Tap* of = reached(tap);
  return of == nullptr ? std::vector<MetaReply>{} : std::exchange(of->replies, {});
}

void SimMeta::end_watches(const std::function<bool(const Tap&)>& of) {
  for (auto& [tap, to] : taps_) {
    if (!of(to)) continue;
    for (const auto& [id, watch] : to.watches)
      after(way_ns(), [this, tap = tap, id = id] { reply(tap, MetaUnseen{id}); });
    to.watches.clear();
  }
}

void SimMeta::cut_off(const Uuid& client) {
  world_.trace.add("meta cut", client.low);
  cut_.insert(client);
  end_watches([&](const Tap& tap) { return tap.client == client; });
}

void SimMeta::mend(const Uuid& client) { cut_.erase(client); }

void SimMeta::down() {
  RS_CHECK(!std::exchange(down_, true), "it goes down once");
  end_watches([](const Tap&) { return true; });
}

void SimMeta::up() {
  RS_CHECK(std::exchange(down_, false), "it was down");
  expiry_.all(table_, world_.clock.now_ns());
  run_leases();
}

void SimMeta::compact() {
  table_.compact();
  ++counts_.compactions;
}

void SimMeta::end_lease(LeaseId lease) {
  if (!table_.end(lease).ok()) return;
  ++counts_.ended_leases;
  show_all();
}

void SimMeta::run_leases() {
  const int64_t next_ns = expiry_.next_ns(), now_ns = world_.clock.now_ns();
  if (next_ns == INT64_MAX) return;
  after(std::max<int64_t>(next_ns - now_ns, 0), [this] {
    if (down_) return;
    const auto due = expiry_.due(world_.clock.now_ns());
    for (const LeaseId lease : due) end_lease(lease);
    if (!due.empty()) run_leases();
  });
}
}  // namespace rs::io
