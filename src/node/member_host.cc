#include "node/member_host.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "node/frame_types.h"

namespace rs {
namespace {
constexpr int64_t kSaveAgainNs = 1'000'000'000;

io::ConnectionId connection_of(const io::NetEvent& event) {
  return std::visit(
      [](const auto& each) {
        if constexpr (requires { each.connection; }) return each.connection;
        return io::ConnectionId();
      },
      event);
}
membership::MembershipOptions as_switched(membership::MembershipOptions options, const NodeIdentity& identity) {
  options.switched = identity.switched();
  return options;
}
}  // namespace

MemberHost::MemberHost(membership::MembershipOptions options, const Doors& doors,
                       std::function<void(const membership::Event&)> tell)
    : doors_(doors),
      tell_(std::move(tell)),
      exchange_limit_ns_(options.timing.exchange_limit_ns),
      membership_(as_switched(std::move(options), doors.identity), &doors.random) {
  RS_CHECK(tell_ != nullptr, "somebody hears what happens");
}

bool MemberHost::handle(const io::NetEvent& event) {
  if (const auto* datagram = std::get_if<io::Datagram>(&event))
    return membership_.receive(now_ns(), datagram->from, datagram->bytes), true;
  const io::ConnectionId connection = connection_of(event);
  if (asking_.count(connection) > 0) return handle_own(connection, event);
  const auto* received = std::get_if<io::Received>(&event);
  if (received == nullptr || !is_frame(received->frame, NodeFrame::kExchange)) return false;
  return serve(*received), true;
}

bool MemberHost::handle_own(io::ConnectionId connection, const io::NetEvent& event) {
  if (std::holds_alternative<io::Connected>(event)) {
    std::string request = std::move(asking_.at(connection).request);
    const Status sent = doors_.network.send(connection, make_frame(NodeFrame::kExchange, std::move(request)));
    if (!sent.ok()) end(connection, sent);
  } else if (const auto* received = std::get_if<io::Received>(&event)) {
    const bool answer = is_frame(received->frame, NodeFrame::kExchangeAnswer);
    end(connection, answer ? StatusOr<std::string>(received->frame.body) : absl::DataLossError("no answer to it"));
  } else if (const auto* closed = std::get_if<io::Closed>(&event)) {
    end(connection, closed->why);
  }
  return true;
}

void MemberHost::end(io::ConnectionId connection, const StatusOr<std::string>& answer) {
  const auto found = asking_.find(connection);
  RS_CHECK(found != asking_.end(), "an exchange ends once");
  membership_.exchanged(now_ns(), found->second.number, answer);
  asking_.erase(found);
  doors_.network.close(connection);
}

void MemberHost::serve(const io::Received& received) {
  StatusOr<std::string> answer = membership_.answer(now_ns(), received.frame.body);
  if (answer.ok() && doors_.network.send(received.connection, make_frame(NodeFrame::kExchangeAnswer, *answer)).ok())
    return;
  doors_.network.close(received.connection);
}

// A node that hangs takes questions and answers none, and its network says that it is there.
void MemberHost::give_up() {
  while (!asking_.empty() && asking_.begin()->second.until_ns <= now_ns())
    end(asking_.begin()->first, absl::DeadlineExceededError("no answer in time"));
}

int64_t MemberHost::step() {
  int64_t next_ns = 0;
  give_up();
  do {
    next_ns = membership_.tick(now_ns());
    apply(membership_.take());
  } while (persist());
  if (!asking_.empty()) next_ns = std::min(next_ns, asking_.begin()->second.until_ns);
  return unsaved_ ? std::min(next_ns, save_at_ns_) : next_ns;
}

void MemberHost::apply(membership::Effects effects) {
  for (const membership::Event& event : effects.events) tell_(event);
  for (const membership::OutDatagram& datagram : effects.datagrams)
    doors_.network.send_datagram(datagram.to, datagram.bytes);
  for (membership::OutExchange& exchange : effects.exchanges) {
    RS_CHECK(exchange.request.size() <= membership::kMaxExchangeBytes, "an exchange fits into its frame");
    const io::ConnectionId connection = doors_.network.connect(exchange.to);
    Asking asking{exchange.number, std::move(exchange.request), now_ns() + exchange_limit_ns_};
    const bool first = asking_.emplace(connection, std::move(asking)).second;
    RS_CHECK(first, "a connection carries one exchange");
  }
  RS_CHECK(!effects.persist || effects.persist->value > doors_.identity.generation(), "a new id is newer");
  if (effects.switched) keep(*effects.switched);
  if (effects.persist) unsaved_ = effects.persist, save_at_ns_ = 0;
}

void MemberHost::keep(const NodeIdentity::Switch& switched) {
  const Status kept = doors_.identity.keep(switched);
  if (kept.ok()) return;
  log_event(LogLevel::kError, "switch is not saved", {{"reason", std::string_view(std::string(kept.message()))}});
}

// True: a generation is durable, and the membership goes on with it. A generation is used when it is on disk. A disk
// that refuses is asked again: until then the node is no member.
bool MemberHost::persist() {
  if (!unsaved_ || now_ns() < save_at_ns_) return false;
  const Status saved = doors_.identity.raise_to(unsaved_->value);
  unsaved_why_ = std::string(saved.message());
  if (!saved.ok()) {
    log_event(LogLevel::kError, "generation is not saved", {{"generation", unsaved_->value}, {"reason", unsaved_why_}});
    save_at_ns_ = now_ns() + kSaveAgainNs;
    return false;
  }
  membership_.persisted(now_ns(), *std::exchange(unsaved_, std::nullopt));
  return true;
}
}  // namespace rs
