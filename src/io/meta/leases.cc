#include "io/meta/leases.h"

#include <algorithm>

#include "base/check.h"

namespace rs::io {
namespace {
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kKeepsPerTtl = 3;  // two of them may be lost

template <class Leases>
auto due(Leases& leases, int64_t now_ns) {
  return std::find_if(leases.begin(), leases.end(), [now_ns](const auto& each) {
    return each.second.asked.value == 0 && each.second.ask_at_ns <= now_ns;
  });
}
template <class Leases>
auto asked_by(Leases& leases, MetaAskId id) {
  return std::find_if(leases.begin(), leases.end(), [id](const auto& each) { return each.second.asked == id; });
}
}  // namespace

void MetaLeases::grant(MetaCall call, int64_t ttl_ms, int64_t now_ns) {
  RS_CHECK(ttl_ms >= kMinMetaTtlMs && ttl_ms <= kMaxMetaTtlMs, "a time to live within its bounds");
  wanted_[call] = {ttl_ms, now_ns + options_.grant_ns, now_ns, 0, {}};
}

void MetaLeases::revoke(LeaseId lease) {
  const auto held = held_.find(lease);
  if (held == held_.end()) return;
  held->second.going = true;
  held->second.ask_at_ns = INT64_MIN;
  held->second.asked = {};  // whatever is said of a question under way does not matter any more
}

std::optional<MetaQuestion> MetaLeases::question(int64_t now_ns) const {
  if (const auto wanted = due(wanted_, now_ns); wanted != wanted_.end()) return MetaGrant{wanted->second.ttl_ms};
  const auto held = due(held_, now_ns);
  if (held == held_.end()) return std::nullopt;
  if (held->second.going) return MetaRevoke{held->first};
  return MetaKeep{held->first};
}

void MetaLeases::asked(MetaAskId id, int64_t now_ns) {
  if (const auto wanted = due(wanted_, now_ns); wanted != wanted_.end()) {
    wanted->second.asked = id;
    wanted->second.sent_ns = now_ns;
    return;
  }
  const auto held = due(held_, now_ns);
  RS_CHECK(held != held_.end(), "something was due");
  held->second.asked = id;
  held->second.sent_ns = now_ns;
}

bool MetaLeases::heard(const MetaAnswer& answer, int64_t now_ns) {
  RS_CHECK(answer.id.value != 0, "an answer has a number");
  if (const auto wanted = asked_by(wanted_, answer.id); wanted != wanted_.end())
    return heard_of(wanted, answer, now_ns), true;
  const auto held = asked_by(held_, answer.id);
  if (held == held_.end()) return false;
  heard_of(held, answer, now_ns);
  return true;
}

void MetaLeases::heard_of(std::map<MetaCall, Wanted>::iterator wanted, const MetaAnswer& answer, int64_t now_ns) {
  Wanted& lease = wanted->second;
  lease.asked = {};
  lease.ask_at_ns = now_ns + options_.retry_ns;  // a lease that nobody heard of ends by itself
  if (answer.status.code() == absl::StatusCode::kUnavailable) return;
  const int64_t ttl_ns = lease.ttl_ms * kMs;
  if (answer.status.ok()) {
    const LeaseId id(answer.number);
    held_[id] = {ttl_ns, lease.sent_ns, lease.sent_ns + ttl_ns / kKeepsPerTtl, 0, {}, false};
    events_.push_back(MetaLease{wanted->first, id});
  } else {
    events_.push_back(MetaLease{wanted->first, answer.status});
  }
  wanted_.erase(wanted);
}

void MetaLeases::heard_of(std::map<LeaseId, Held>::iterator held, const MetaAnswer& answer, int64_t now_ns) {
  Held& lease = held->second;
  lease.asked = {};
  const bool gone = answer.status.code() == absl::StatusCode::kNotFound;
  if (gone || (answer.status.ok() && lease.going)) return lose(held);
  if (answer.status.ok()) {
    lease.alive_ns = lease.sent_ns;
    lease.ask_at_ns = lease.sent_ns + lease.ttl_ns / kKeepsPerTtl;
  } else {
    lease.ask_at_ns = now_ns + std::min(options_.retry_ns, lease.ttl_ns / 10);
  }
}

void MetaLeases::lose(std::map<LeaseId, Held>::iterator held) {
  if (!held->second.going) events_.push_back(MetaLeaseLost{held->first});
  held_.erase(held);
}

int64_t MetaLeases::tick(int64_t now_ns) {
  for (auto wanted = wanted_.begin(); wanted != wanted_.end();) {
    const auto each = wanted++;
    if (each->second.deadline_ns > now_ns) continue;
    events_.push_back(MetaLease{each->first, absl::UnavailableError("the meta store was not reached in time")});
    wanted_.erase(each);
  }
  for (auto held = held_.begin(); held != held_.end();) {
    const auto each = held++;
    if (each->second.alive_ns + each->second.ttl_ns <= now_ns) lose(each);
  }
  int64_t next_ns = INT64_MAX;
  for (const auto& [call, lease] : wanted_) {
    next_ns = std::min(next_ns, lease.deadline_ns);
    if (lease.asked.value == 0) next_ns = std::min(next_ns, lease.ask_at_ns);
  }
  for (const auto& [id, lease] : held_) {
    next_ns = std::min(next_ns, lease.alive_ns + lease.ttl_ns);
    if (lease.asked.value == 0) next_ns = std::min(next_ns, lease.ask_at_ns);
  }
  return next_ns;
}
}  // namespace rs::io
