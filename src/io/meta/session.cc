#include "io/meta/session.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/variants.h"

namespace rs::io {
using absl::StatusCode;

void MetaSession::commit(MetaCall call, MetaTransaction transaction, int64_t now_ns) {
  RS_CHECK(call.value != 0, "a call has a number");
  Call added{call, token(), now_ns + options_.outcome_ns, std::move(transaction)};
  if (waiting_.size() >= options_.waiting) return settle(added, absl::ResourceExhaustedError("too many calls wait"));
  waiting_.push_back(std::move(added));
}

std::string MetaSession::token() { return absl::StrCat(options_.life, "/", ++tokens_); }

std::optional<MetaQuestion> MetaSession::question() const {
  if (asked_) return std::nullopt;
  switch (step_) {
    case Step::kRead:
      return MetaRead{options_.key};
    case Step::kSwap:
      return MetaTransact{{{{options_.key, at_}}, {{options_.key, swap_token_, {}}}}, options_.key};
    case Step::kOpen:
      if (waiting_.empty()) return std::nullopt;
      MetaTransact ask{waiting_.front().transaction, options_.key};
      ask.transaction.compares.push_back({options_.key, at_});
      ask.transaction.writes.push_back({options_.key, waiting_.front().token, {}});
      return ask;
  }
  RS_CHECK(false, "all steps are known");
}

void MetaSession::asked() {
  RS_CHECK(question().has_value(), "one question at a time");
  asked_ = true;
}

void MetaSession::heard(const MetaAnswer& answer) {
  RS_CHECK(std::exchange(asked_, false), "a question is answered once");
  const bool ok = answer.status.ok();
  switch (step_) {
    case Step::kRead:
      if (ok) look(answer.entry);
      return;
    case Step::kSwap:
      if (ok) return open(Revision(answer.number));
      step_ = Step::kRead;
      if (answer.status.code() == StatusCode::kFailedPrecondition) look(answer.entry);
      return;
    case Step::kOpen:
      return heard_transaction(answer);
  }
}

void MetaSession::heard_transaction(const MetaAnswer& answer) {
  RS_CHECK(!waiting_.empty() && !doubtful_, "a transaction is under way, and no other is in doubt");
  if (answer.status.code() == StatusCode::kUnavailable) return doubt();
  const Call call = std::move(waiting_.front());
  waiting_.pop_front();
  if (answer.status.ok()) {
    at_ = Revision(answer.number);
    return settle(call, at_);
  }
  if (answer.status.code() != StatusCode::kFailedPrecondition) return settle(call, answer.status);
  if (answer.entry && answer.entry->modified == at_) return settle(call, answer.status);
  step_ = Step::kRead;
  if (answer.entry && answer.entry->value == call.token) {  // a line has delivered it twice
    at_ = answer.entry->modified;
    step_ = Step::kOpen;
    return settle(call, at_);
  }
  settle(call, absl::AbortedError("another process uses this session of the meta store"));
}

void MetaSession::doubt() {
  step_ = Step::kRead;
  swap_token_ = token();
  foreign_ = false;
  Call call = std::move(waiting_.front());
  waiting_.pop_front();
  if (broken(Variant::kMetaGuesses)) return settle(call, absl::AbortedError("no answer"));
  doubtful_ = std::move(call);
}

void MetaSession::look(const std::optional<MetaEntry>& entry) {
  const Revision modified = entry ? entry->modified : Revision();
  if (entry && doubtful_ && entry->value == doubtful_->token) {
    settle(*std::exchange(doubtful_, std::nullopt), modified);
    return open(modified);
  }
  if (entry && entry->value == swap_token_) return open(modified);
  if (modified != at_) foreign_ = true;
  at_ = modified;
  step_ = Step::kSwap;
}

void MetaSession::open(Revision at) {
  at_ = at;
  step_ = Step::kOpen;
  if (!doubtful_) return;
  const Call call = *std::exchange(doubtful_, std::nullopt);
  if (foreign_)
    settle(call, absl::UnavailableError("another process uses this session of the meta store"));
  else
    settle(call, absl::AbortedError("the meta store's answer was lost; it did not happen, and will not"));
}

int64_t MetaSession::tick(int64_t now_ns) {
  const auto under_way = [&](const Call& call) { return asked_ && step_ == Step::kOpen && &call == &waiting_.front(); };
  for (auto call = waiting_.begin(); call != waiting_.end();) {
    if (call->deadline_ns > now_ns || under_way(*call)) {
      ++call;
      continue;
    }
    settle(*call, absl::AbortedError("the meta store was not reached in time; it did not happen, and will not"));
    call = waiting_.erase(call);
  }
  if (doubtful_ && doubtful_->deadline_ns <= now_ns)
    settle(*std::exchange(doubtful_, std::nullopt),
           absl::UnavailableError("the meta store's answer was lost, and it can't be asked what happened"));
  int64_t next_ns = doubtful_ ? doubtful_->deadline_ns : INT64_MAX;
  for (const Call& call : waiting_)
    if (!under_way(call)) next_ns = std::min(next_ns, call.deadline_ns);
  RS_CHECK(next_ns > now_ns, "what was due is done");
  return next_ns;
}

void MetaSession::settle(const Call& call, StatusOr<Revision> how) { committed_.push_back({call.id, std::move(how)}); }
}  // namespace rs::io
