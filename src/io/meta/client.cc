#include "io/meta/client.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "io/meta/table.h"

namespace rs::io {
namespace {
constexpr int64_t kSecond = 1'000'000'000;

std::string new_life(Random* random) {
  const uint64_t a = random->next();
  return uuid_text(random_uuid(a, random->next()));
}
}  // namespace

std::string meta_session_key(const Uuid& client) { return "session/" + uuid_text(client); }

MetaClient::MetaClient(const MetaClientOptions& options, std::unique_ptr<MetaLine> line, Clock* clock, Random* random)
    : options_(options),
      line_(std::move(line)),
      clock_(*clock),
      session_({meta_session_key(options.client), new_life(random), options.outcome_ns, options.waiting}),
      leases_({options.outcome_ns, options.retry_ns}) {
  RS_CHECK(options.client != Uuid(), "each client has a name");
  RS_CHECK(options.answer_ns < options.outcome_ns, "an answer can be lost before the outcome is");
}

MetaCall MetaClient::commit(MetaTransaction transaction) {
  last_call_ = last_call_.next();
  if (const Status within = check_bounds(transaction, MetaBounds::kOfCaller); !within.ok())
    events_.push_back(MetaCommitted{last_call_, within});
  else
    session_.commit(last_call_, std::move(transaction), clock_.now_ns());
  return last_call_;
}

void MetaClient::watch(const std::string& prefix) {
  RS_CHECK(prefix.size() <= kMaxMetaKeyBytes, "a prefix within its bounds");
  RS_CHECK(watches_.try_emplace(prefix).second, "a prefix is watched once");
}

MetaCall MetaClient::grant(int64_t ttl_ms) {
  last_call_ = last_call_.next();
  leases_.grant(last_call_, ttl_ms, clock_.now_ns());
  return last_call_;
}

void MetaClient::revoke(LeaseId lease) { leases_.revoke(lease); }

std::vector<MetaEvent> MetaClient::take() {
  for (MetaCommitted& committed : session_.take()) events_.push_back(std::move(committed));
  for (MetaEvent& event : leases_.take()) events_.push_back(std::move(event));
  return std::exchange(events_, {});
}

int64_t MetaClient::step() {
  int64_t line_ns = line_->step();
  const int64_t now_ns = clock_.now_ns();
  for (const MetaReply& reply : line_->take()) hear(reply, now_ns);
  while (!open_.empty()) {
    const auto oldest =
        std::min_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (oldest->second > now_ns) break;
    hear(MetaAnswer{oldest->first, absl::UnavailableError("no answer in time"), 0, {}}, now_ns);
  }
  session_.tick(now_ns);
  leases_.tick(now_ns);
  const MetaAskId before = last_ask_;
  ask(now_ns);
  if (last_ask_ != before) line_ns = std::min(line_ns, line_->step());
  return std::min(line_ns, next_ns(now_ns));
}

void MetaClient::hear(const MetaReply& reply, int64_t now_ns) {
  if (const auto* answer = std::get_if<MetaAnswer>(&reply)) return hear(*answer, now_ns);
  if (const auto* seen = std::get_if<MetaSeen>(&reply)) {
    heard_ns_ = now_ns;
    return see(*seen);
  }
  for (auto& [prefix, watch] : watches_) {
    if (watch.asked != std::get<MetaUnseen>(reply).id) continue;
    watch.asked = {};
    watch.ask_at_ns = now_ns + options_.retry_ns;
    watch.partial.clear();
  }
}

void MetaClient::hear(const MetaAnswer& answer, int64_t now_ns) {
  const bool lost = answer.status.code() == absl::StatusCode::kUnavailable;
  if (!lost) heard_ns_ = now_ns;
  if (open_.erase(answer.id) == 0) return;  // it was taken for lost
  if (answer.id == probe_) {
    probe_ = {};
    if (lost) probe_at_ns_ = now_ns + options_.retry_ns;
  } else if (answer.id == session_ask_) {
    session_ask_ = {};
    if (lost) session_at_ns_ = now_ns + options_.retry_ns;
    session_.heard(answer);
  } else {
    leases_.heard(answer, now_ns);  // unless the lease was given up meanwhile
  }
}

void MetaClient::see(const MetaSeen& seen) {
  const auto found =
      std::find_if(watches_.begin(), watches_.end(), [&](const auto& each) { return each.second.asked == seen.id; });
  if (found == watches_.end()) return;
  auto& [prefix, watch] = *found;
  if (!seen.snapshot) {
    if (seen.at <= watch.at) return;  // none twice
    watch.at = seen.at;
    events_.push_back(MetaChange{prefix, seen.at, seen.set, seen.gone});
    return;
  }
  watch.partial.insert(watch.partial.end(), seen.set.begin(), seen.set.end());
  if (!seen.last) return;
  watch.at = seen.at;
  events_.push_back(MetaSnapshot{prefix, seen.at, std::exchange(watch.partial, {})});
}

bool MetaClient::send(MetaQuestion question, int64_t now_ns) {
  const bool is_watch = std::holds_alternative<MetaWatch>(question);
  const MetaAskId id = last_ask_.next();
  refused_ = !line_->send({id, std::move(question)});
  if (refused_) return false;
  last_ask_ = id;
  if (!is_watch) open_[id] = now_ns + options_.answer_ns;
  return true;
}

void MetaClient::ask(int64_t now_ns) {
  refused_ = false;
  for (auto question = leases_.question(now_ns); question && send(*question, now_ns);
       question = leases_.question(now_ns))
    leases_.asked(last_ask_, now_ns);
  if (auto question = session_.question(); question && session_at_ns_ <= now_ns && send(*std::move(question), now_ns)) {
    session_.asked();
    session_ask_ = last_ask_;
  }
  ask_watches(now_ns);
  ask_whether_there(now_ns);
}

void MetaClient::ask_watches(int64_t now_ns) {
  for (auto& [prefix, watch] : watches_) {
    if (watch.asked.value != 0 || watch.ask_at_ns > now_ns) continue;
    if (!send(MetaWatch{prefix, watch.at}, now_ns)) return;
    watch.asked = last_ask_;
  }
}

// When the store is to be asked whether it is there.
int64_t MetaClient::probe_due_ns() const {
  if (probe_.value != 0) return INT64_MAX;
  return std::max(probe_at_ns_, heard_ns_ ? *heard_ns_ + options_.silence_ns : INT64_MIN);
}

void MetaClient::ask_whether_there(int64_t now_ns) {
  if (probe_due_ns() <= now_ns && send(MetaRead{meta_session_key(options_.client)}, now_ns)) probe_ = last_ask_;
}

int64_t MetaClient::next_ns(int64_t now_ns) {
  int64_t next_ns = std::min(session_.tick(now_ns), leases_.tick(now_ns));
  if (session_.question()) next_ns = std::min(next_ns, session_at_ns_);
  for (const auto& [id, lost_ns] : open_) next_ns = std::min(next_ns, lost_ns);
  for (const auto& [prefix, watch] : watches_)
    if (watch.asked.value == 0) next_ns = std::min(next_ns, watch.ask_at_ns);
  next_ns = std::min(next_ns, probe_due_ns());
  const int64_t soonest_ns = now_ns + (refused_ ? options_.retry_ns : 1);  // what is due and was refused has to wait
  return std::max(next_ns, soonest_ns);
}

Status MetaClient::health() {
  RS_RETURN_IF_ERROR(line_->health());
  if (!heard_ns_) return absl::UnavailableError("the meta store has not answered yet");
  const int64_t silent_ns = clock_.now_ns() - *heard_ns_;
  if (silent_ns <= options_.silence_ns + options_.answer_ns) return Ok();
  return absl::UnavailableError(absl::StrCat("the meta store has not answered for ", silent_ns / kSecond, " s"));
}
}  // namespace rs::io
