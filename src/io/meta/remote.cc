#include "io/meta/remote.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::io {
namespace {
constexpr size_t kPumpBytes = size_t{512} << 10;  // taken from the host at a time
}

bool MetaServer::handle(const NetEvent& event) {
  if (const auto* received = std::get_if<Received>(&event)) {
    const bool ours = is_meta_frame(received->frame.type) || askers_.count(received->connection) > 0;
    if (ours) serve(*received);
    return ours;
  }
  if (const auto* closed = std::get_if<Closed>(&event)) {
    const auto asker = askers_.find(closed->connection);
    if (asker == askers_.end()) return false;
    host_.detach(asker->second.peer);
    askers_.erase(asker);
    return true;
  }
  const auto* writable = std::get_if<Writable>(&event);
  return writable && askers_.count(writable->connection) > 0;  // pump() will try again
}

void MetaServer::serve(const Received& received) {
  const auto [asker, is_new] = askers_.try_emplace(received.connection);
  if (is_new) asker->second.peer = host_.attach();
  const StatusOr<MetaAsk> ask = decode_meta_ask(received.frame);
  if (!ask.ok() || !host_.ask(asker->second.peer, *ask)) drop(received.connection);
}

void MetaServer::drop(ConnectionId connection) {
  RS_CHECK(askers_.count(connection) == 1, "who is dropped was there");
  host_.detach(askers_.at(connection).peer);
  askers_.erase(connection);
  network_.close(connection);
}

void MetaServer::pump() {
  std::vector<ConnectionId> gone;
  for (auto& [connection, asker] : askers_) {
    for (;;) {
      if (asker.refused.empty())
        for (const MetaReply& reply : host_.take(asker.peer, kPumpBytes)) asker.refused.push_back(encode(reply));
      if (asker.refused.empty()) break;
      const Status sent = network_.send(connection, asker.refused.front());
      if (sent.ok()) {
        asker.refused.pop_front();
        continue;
      }
      if (sent.code() != absl::StatusCode::kResourceExhausted) gone.push_back(connection);
      break;
    }
  }
  for (const ConnectionId connection : gone) drop(connection);
}

bool RemoteMetaLine::handle(const NetEvent& event) {
  const bool was_up = link_.up();
  const ConnectionId connection = link_.connection();
  const auto* received = std::get_if<Received>(&event);
  const bool ours = received && was_up && received->connection == connection;
  if (ours) hear(received->frame);
  const bool links = link_.handle(event, doors_.clock->now_ns());
  if (was_up && !link_.up()) lost(link_.trouble());
  return ours || links;
}

bool RemoteMetaLine::send(const MetaAsk& ask) {
  if (!link_.up() || !doors_.network->send(link_.connection(), encode(ask)).ok()) return false;
  const bool is_watch = std::holds_alternative<MetaWatch>(ask.question);
  RS_CHECK((is_watch ? watching_ : asked_).insert(ask.id).second, "a question is asked once");
  return true;
}

void RemoteMetaLine::hear(const Frame& frame) {
  StatusOr<MetaReply> reply = decode_meta_reply(frame);
  if (!reply.ok()) return;
  if (const auto* answer = std::get_if<MetaAnswer>(&*reply)) asked_.erase(answer->id);
  if (const auto* unseen = std::get_if<MetaUnseen>(&*reply)) watching_.erase(unseen->id);
  replies_.push_back(*std::move(reply));
}

void RemoteMetaLine::lost(const Status& why) {
  for (const MetaAskId id : std::exchange(asked_, {}))
    replies_.emplace_back(MetaAnswer{id, absl::UnavailableError(why.message()), 0, {}});
  for (const MetaAskId id : std::exchange(watching_, {})) replies_.emplace_back(MetaUnseen{id});
}

Status RemoteMetaLine::health() {
  if (link_.up()) return Ok();
  const std::string why(link_.trouble().ok() ? "not connected yet" : std::string(link_.trouble().message()));
  return absl::UnavailableError(absl::StrCat("the meta store at ", host_.text(), " can't be reached: ", why));
}
}  // namespace rs::io
