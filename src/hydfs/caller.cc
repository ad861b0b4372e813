#include "hydfs/caller.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"

namespace rs::hydfs {
namespace {
constexpr int64_t kFirstPauseNs = 2'000'000, kLongestPauseNs = 50'000'000;
constexpr int64_t kGoneNs = 100'000'000;
constexpr int64_t kAnswerNs = 2'000'000'000;  // until an unanswered question is asked again
}  // namespace

CallId Caller::call(Ask ask, const CallOptions& options, Done done) {
  RS_CHECK(done && options.patience_ns > 0, "somebody waits, for some time");
  const CallId id(++last_);
  Call& call = calls_[id];
  call.ask = std::move(ask);
  call.ask.id = id.value;
  call.options = options;
  call.done = std::move(done);
  call.until_ns = clock_.now_ns() + options.patience_ns;
  call.due_ns = clock_.now_ns();
  due_.emplace(call.due_ns, id);
  return id;
}

void Caller::cancel(CallId id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  due_.erase({found->second.due_ns, id});
  calls_.erase(found);
}

void Caller::again(CallId id, Call* call, int64_t pause_ns) {
  due_.erase({call->due_ns, id});
  call->due_ns = std::min(clock_.now_ns() + pause_ns, call->until_ns);
  due_.emplace(call->due_ns, id);
}

void Caller::finish(CallId id, StatusOr<Reply> reply) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  const Done done = std::move(found->second.done);
  cancel(id);
  done(std::move(reply));
}

int64_t Caller::step() {
  look_for_news();
  while (!due_.empty() && due_.begin()->first <= clock_.now_ns()) {
    const CallId id = due_.begin()->second;
    Call& call = calls_.at(id);
    if (clock_.now_ns() >= call.until_ns) {
      finish(id, gave_up(call));
      continue;
    }
    attempt(id, &call);
  }
  return due_.empty() ? INT64_MAX : due_.begin()->first;
}

// Who asked a primary that is none any more, or whose node is gone, asks again at once.
void Caller::look_for_news() {
  for (auto& [id, call] : calls_) {
    if (!call.asked || !call.asked_node || call.options.node) continue;
    const bool moved = host_.authority().record(call.ask.group).view != call.asked_view;
    const bool lost = *call.asked_node != host_.options().node && !host_.links().up(*call.asked_node);
    if (!moved && !lost) continue;
    call.asked = false;
    again(id, &call, moved ? 0 : kLongestPauseNs);
  }
}

void Caller::attempt(CallId id, Call* call) {
  call->pause_ns = std::clamp(call->pause_ns * 2, kFirstPauseNs, kLongestPauseNs);
  again(id, call, call->pause_ns);
  if (!host_.authority().ready()) {
    call->waits_for = "the meta store";
    return;
  }
  const ViewRecord& record = host_.authority().record(call->ask.group);
  if (record.view.value == 0 && !call->options.node) return attempt_unfounded(id, call);
  const Uuid node = call->options.node.value_or(record.primary);
  call->asked_view = record.view;
  call->asked_node = node;
  if (node == host_.options().node) {
    call->asked = true;
    again(id, call, kAnswerNs);
    return server_.ask(call->ask, [this, id](Reply reply) { hear(id, std::move(reply)); });
  }
  const Status sent = host_.links().send(node, encode(call->ask));
  const int64_t since = host_.links().unreachable_since_ns(node);
  const bool gone = !sent.ok() && since != INT64_MAX && clock_.now_ns() - since >= kGoneNs;
  if (gone && call->options.node) {  // nobody else can answer
    call->waits_for = "the node can't be reached";
    return finish(id, gave_up(*call));
  }
  call->asked = sent.ok();
  if (sent.ok()) again(id, call, kAnswerNs);
}

// A group without a record has no files; but the record may be so new that this node has not heard of it.
void Caller::attempt_unfounded(CallId id, Call* call) {
  if (std::holds_alternative<SubmitAsk>(call->ask.body)) return host_.found_group(call->ask.group);
  again(id, call, kAnswerNs);
  host_.confirm_unfounded([this, id](bool true_still) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    if (!true_still) return again(id, &found->second, kFirstPauseNs);
    Reply none{.id = id.value};
    const auto* look = std::get_if<LookAsk>(&found->second.ask.body);
    none.kind = look && !look->exact ? Reply::Kind::kFiles : Reply::Kind::kNoFile;
    finish(id, std::move(none));
  });
}

bool Caller::handle(const io::NetEvent& event) {
  const auto* received = std::get_if<io::Received>(&event);
  if (received == nullptr || received->frame.type != kReplyFrame) return false;
  StatusOr<Reply> reply = decode_reply(received->frame);
  if (!host_.links().node_of(received->connection) || !reply.ok()) return network_.close(received->connection), true;
  const CallId id(reply->id);
  hear(id, *std::move(reply));
  return true;
}

void Caller::hear(CallId id, Reply reply) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;  // it was answered before, or nobody waits any more
  Call& call = found->second;
  const bool gap = reply.kind == Reply::Kind::kRefused && reply.verdict == Verdict::Kind::kGap;
  if (reply.kind == Reply::Kind::kMoved || reply.kind == Reply::Kind::kFailed || gap) {
    if (!reply.text.empty()) call.waits_for = reply.text;
    call.asked = false;
    return again(id, &call, call.pause_ns);
  }
  finish(id, std::move(reply));
}

std::string Caller::waits_for(GroupId group) const {
  if (!host_.authority().ready()) return "the meta store";
  const ViewRecord& record = host_.authority().record(group);
  const std::vector<Uuid> living = host_.living();
  const size_t n = host_.options().copies;
  if (record.view.value == 0)
    return absl::StrCat("waits for nodes: ", living.size(), " of at least ", std::min<size_t>(n, 2), " are there");
  size_t alive = 0;
  for (const Member& member : record.members)
    alive += std::find(living.begin(), living.end(), member.node) != living.end() ? 1 : 0;
  return absl::StrCat("waits for a copy: ", alive, " of ", n, " replicas alive");
}

Status Caller::gave_up(const Call& call) const {
  const GroupId group = call.ask.group;
  const ViewRecord& record = host_.authority().record(group);
  const std::map<Uuid, Uuid> registered = host_.authority().registered(group);
  const auto lost = [&](const Member& member) {
    const auto now = registered.find(member.node);
    return now != registered.end() && now->second != member.replica;
  };
  const std::string where = absl::StrCat("placement group ", group.value);
  if (record.view.value > 0 && std::all_of(record.members.begin(), record.members.end(), lost))
    return make_error(ErrorId::kReplicasLost, absl::StrCat("all replicas of ", where, " are lost"), {{"where", where}});
  const std::string waited = call.waits_for.empty() ? waits_for(group) : call.waits_for;
  const std::vector<Uuid> living = host_.living();
  size_t alive = 0;
  for (const Member& member : record.members)
    alive += std::find(living.begin(), living.end(), member.node) != living.end() ? 1 : 0;
  const ErrorId id = alive < std::min<size_t>(host_.options().copies, 2) ? ErrorId::kNoQuorum : ErrorId::kFsTimedOut;
  return make_error(id, waited, {{"where", where}, {"waits for", waited}});
}
}  // namespace rs::hydfs
