#include "membership/prober.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace rs::membership {
Prober::Prober(const Timing& timing, io::Random* random)
    : timing_(timing), next_nonce_(static_cast<Nonce>(random->next())) {}

bool Prober::probing(MemberTag target) const {
  return std::any_of(probes_.begin(), probes_.end(), [&](const auto& probe) { return probe.second.target == target; });
}

void Prober::start(int64_t now_ns, MemberTag target) {
  RS_CHECK(!probing(target), "one probe at a time tells enough");
  probes_[next_nonce_++] = {.target = target, .next_ns = now_ns};
}

bool Prober::relay(int64_t now_ns, const Relay& request, const io::Endpoint& from) {
  if (duties_.size() >= kMostDuties) return false;
  duties_[next_nonce_++] = {.target = request.target, .asker = from, .nonce = request.nonce, .next_ns = now_ns};
  return true;
}

Prober::Answered Prober::ack(const Ack& ack) {
  if (const auto it = probes_.find(ack.nonce); it != probes_.end() && it->second.target == ack.target) {
    const Answered answered{.kind = Answered::Kind::kOwn, .target = it->second.target};
    probes_.erase(it);
    return answered;
  }
  if (const auto it = duties_.find(ack.nonce); it != duties_.end() && it->second.target == ack.target) {
    const Answered answered{Answered::Kind::kRelayed, it->second.target, it->second.asker, it->second.nonce};
    duties_.erase(it);
    return answered;
  }
  return {};
}

std::optional<Ack> Prober::expected(uint16_t nonce) const {
  const auto in = [&](const auto& asked) -> std::optional<Ack> {
    for (const auto& [whole, probe] : asked) {
      if (static_cast<uint16_t>(whole) == nonce) return Ack{whole, probe.target};
    }
    return std::nullopt;
  };
  const std::optional<Ack> own = in(probes_);
  return own ? own : in(duties_);
}

void Prober::nack(Nonce nonce) {
  if (const auto it = probes_.find(nonce); it != probes_.end()) ++it->second.nacks;
}

void Prober::asked_relays(Nonce nonce, size_t count) {
  if (const auto it = probes_.find(nonce); it != probes_.end()) it->second.relays += count;
}

void Prober::cancel(MemberTag target) {
  std::erase_if(probes_, [&](const auto& probe) { return probe.second.target == target; });
}

Prober::Due Prober::advance(int64_t now_ns, Nonce nonce, Probe* probe, const LocalHealth& health) const {
  RS_CHECK(probe->step <= kSteps, "a failed probe is gone");
  Due due{.kind = Due::Kind::kAsk, .target = probe->target, .nonce = nonce, .step = probe->step};
  if (probe->step == kSteps) {
    due.kind = Due::Kind::kFailed;
    due.isolated = probe->nacks < probe->relays || probe->relays == 0;
  }
  ++probe->step;
  probe->next_ns = now_ns + health.patience(timing_.probe_step_ns);
  return due;
}

std::vector<Prober::Due> Prober::due(int64_t now_ns, const LocalHealth& health) {
  std::vector<Due> all;
  for (auto it = probes_.begin(); it != probes_.end();) {
    const bool ready = it->second.next_ns <= now_ns;
    if (ready) all.push_back(advance(now_ns, it->first, &it->second, health));
    it = ready && all.back().kind == Due::Kind::kFailed ? probes_.erase(it) : std::next(it);
  }
  for (auto it = duties_.begin(); it != duties_.end();) {
    Duty& duty = it->second;
    if (duty.next_ns > now_ns) {
      ++it;
    } else if (!duty.asked) {
      all.push_back({.kind = Due::Kind::kAsk, .target = duty.target, .nonce = it->first});
      duty.asked = true;
      duty.next_ns = now_ns + timing_.probe_step_ns * 4 / 5;  // the word must be there before the asker's step ends
      ++it;
    } else if (!duty.told) {
      all.push_back({.kind = Due::Kind::kTellNothing, .target = duty.target, .nonce = duty.nonce, .asker = duty.asker});
      duty.told = true;  // a late answer is handed on all the same
      duty.next_ns = now_ns + timing_.probe_step_ns * kSteps;
      ++it;
    } else {
      it = duties_.erase(it);
    }
  }
  return all;
}

int64_t Prober::next_ns() const {
  int64_t next = std::numeric_limits<int64_t>::max();
  for (const auto& [nonce, probe] : probes_) next = std::min(next, probe.next_ns);
  for (const auto& [nonce, duty] : duties_) next = std::min(next, duty.next_ns);
  return next;
}

void Prober::postpone(int64_t ns) {
  for (auto& [nonce, probe] : probes_) probe.next_ns += ns;
  for (auto& [nonce, duty] : duties_) duty.next_ns += ns;
}
}  // namespace rs::membership
