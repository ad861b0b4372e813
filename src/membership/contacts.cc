#include "membership/contacts.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/check.h"

namespace rs::membership {
namespace {
// Reunions are tried at one rate by the whole cluster, whatever its size.
constexpr size_t kUsualMembers = 10;
}  // namespace

void Contacts::start(int64_t now_ns, std::vector<io::Endpoint> seeds) {
  seeds_ = std::move(seeds);
  running_ = true;
  joining_ = !seeds_.empty();
  seed_ns_ = now_ns;
  compare_ns_ = now_ns + jittered(timing_.exchange_ns);
  reunion_ns_ = now_ns + jittered(timing_.reunion_ns);
}

void Contacts::stop() {
  running_ = joining_ = false;
  open_.clear();
}

int64_t Contacts::jittered(int64_t ns) {
  return ns * 4 / 5 + static_cast<int64_t>(random_->next() % static_cast<uint64_t>(ns * 2 / 5));
}

const io::Endpoint* Contacts::pick(const std::vector<io::Endpoint>& from) {
  return from.empty() ? nullptr : &from[random_->next() % from.size()];
}

// In turn, so that the time until it is somebody's turn is bounded; nodes that miss the same begin at different ones.
const io::Endpoint& Contacts::next_missed(const std::set<io::Endpoint>& missed) {
  auto next = missed.upper_bound(last_missed_);
  if (last_missed_.host.empty())
    next = std::next(missed.begin(), static_cast<int64_t>(random_->next() % missed.size()));
  last_missed_ = next == missed.end() ? *missed.begin() : *next;
  return last_missed_;
}

Contacts::Contact Contacts::open(int64_t now_ns, const io::Endpoint& to, Purpose purpose) {
  const Contact contact{next_number_++, to, purpose};
  open_[contact.number] = {contact, now_ns + timing_.exchange_limit_ns};
  return contact;
}

std::optional<Contacts::Contact> Contacts::close(uint64_t number) {
  const auto it = open_.find(number);
  if (it == open_.end()) return std::nullopt;
  const Contact contact = it->second.contact;
  open_.erase(it);
  return contact;
}

std::vector<Contacts::Contact> Contacts::due(int64_t now_ns, const Known& known) {
  std::erase_if(open_, [&](const auto& exchange) { return exchange.second.until_ns <= now_ns; });
  std::vector<Contact> all;
  if (!running_) return all;
  if (joining_ && seed_ns_ <= now_ns) {
    all.push_back(open(now_ns, seeds_[next_seed_++ % seeds_.size()], Purpose::kSeed));
    seed_ns_ = now_ns + jittered(timing_.seed_retry_ns);
  }
  if (compare_ns_ <= now_ns) {
    if (const io::Endpoint* to = pick(known.living)) all.push_back(open(now_ns, *to, Purpose::kCompare));
    compare_ns_ = now_ns + jittered(timing_.exchange_ns);
  }
  if (reunion_ns_ <= now_ns) {
    std::set<io::Endpoint> missed(known.failed.begin(), known.failed.end());
    missed.insert(seeds_.begin(), seeds_.end());
    for (const io::Endpoint& there : known.living) missed.erase(there);
    if (!missed.empty()) all.push_back(open(now_ns, next_missed(missed), Purpose::kReunion));
    const size_t size = std::max(kUsualMembers, known.living.size() + 1);
    reunion_ns_ = now_ns + jittered(timing_.reunion_ns * static_cast<int64_t>(size / kUsualMembers));
  }
  return all;
}

int64_t Contacts::next_ns() const {
  int64_t next = std::numeric_limits<int64_t>::max();
  for (const auto& [number, exchange] : open_) next = std::min(next, exchange.until_ns);
  if (running_) next = std::min({next, compare_ns_, reunion_ns_});
  if (running_ && joining_) next = std::min(next, seed_ns_);
  return next;
}
}  // namespace rs::membership
