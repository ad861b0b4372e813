#include "sim/cluster/life.h"

#include <utility>

#include "base/check.h"
#include "membership/codec.h"

namespace rs::sim {
namespace {
constexpr uint16_t kExchange = io::kFirstFrameType, kAnswer = io::kFirstFrameType + 1;
}

Life::Life(Home* home, io::SimWire* wire, const membership::MembershipOptions& options, const LifeHooks* hooks)
    : home_(*home),
      wire_(*wire),
      options_(options),
      hooks_(*hooks),
      process_(wire->world().boot()),
      membership_(options, &process_.random) {
  io::NetworkOptions network{.self = {options.cluster, options.node, options.name, "node"},
                             .cluster_key = options.cluster_key};
  for (const uint16_t type : {kExchange, kAnswer}) network.limits.frame_bytes[type] = membership::kMaxExchangeBytes;
  network.wake = [this] { process_.runner->wake(this); };
  network_ = wire->attach(home->host, process_.id, std::move(network), &process_.random);
  RS_CHECK(network_->listen(home->address).ok() && network_->bind_datagrams(home->address).ok(), "one life at a time");
  process_.runner->start(this, options.name);
}

io::Wake Life::step() {
  const int64_t now = now_ns();
  for (io::NetEvent& event : network_->take()) {
    std::visit([&](auto& what) { on(now, what); }, event);
  }
  for (const Command& command : std::exchange(commands_, {})) command(membership_, now);
  const int64_t next = membership_.tick(now);
  hand_on();
  if (next == INT64_MAX) return {io::Wake::Kind::kIdle};
  return {io::Wake::Kind::kAt,
          wire_.world().clock.now_ns() + home_.clock.world_after(std::max<int64_t>(0, next - now))};
}

void Life::command(Command command) {
  commands_.push_back(std::move(command));
  process_.runner->wake(this);
}

void Life::persisted(membership::Generation generation) {
  command([generation](membership::Membership& membership, int64_t now) { membership.persisted(now, generation); });
}

void Life::on(int64_t now, io::Datagram& datagram) {
  ++carried_.datagrams_in;
  carried_.bytes_in += datagram.bytes.size();
  const double drop = membership_.view()->drop;
  carried_.drops_expected += drop;
  carried_.drops_variance += drop * (1 - drop);
  membership_.receive(now, datagram.from, datagram.bytes);
}

void Life::on(int64_t now, io::Connected& connected) {
  Asked& asked = asked_.at(connected.connection);
  const Status status = network_->send(connected.connection, {kExchange, std::move(asked.request)});
  if (!status.ok()) membership_.exchanged(now, asked.number, status);
}

void Life::on(int64_t now, io::Received& received) {
  const auto asked = asked_.find(received.connection);
  if (asked != asked_.end()) {
    membership_.exchanged(now, asked->second.number, std::move(received.frame.body));
    asked_.erase(asked);
    return network_->close(received.connection);
  }
  StatusOr<std::string> answer = membership_.answer(now, received.frame.body);
  if (!answer.ok() || !network_->send(received.connection, {kAnswer, *std::move(answer)}).ok()) {
    network_->close(received.connection);
  }
}

void Life::on(int64_t now, io::Closed& closed) {
  const auto asked = asked_.find(closed.connection);
  if (asked == asked_.end()) return;
  membership_.exchanged(now, asked->second.number, closed.why);
  asked_.erase(asked);
}

void Life::hand_on() {
  membership::Effects effects = membership_.take();
  for (const membership::OutDatagram& datagram : effects.datagrams) {
    ++carried_.datagrams_out;
    carried_.bytes_out += datagram.bytes.size();
    hooks_.sent(datagram.to, datagram.bytes);
    network_->send_datagram(datagram.to, datagram.bytes);
  }
  for (membership::OutExchange& exchange : effects.exchanges) {
    asked_[network_->connect(exchange.to)] = {exchange.number, std::move(exchange.request)};
  }
  if (effects.persist) hooks_.persist(*this, *effects.persist);
  hooks_.stepped(*this, effects.events);
}
}  // namespace rs::sim
