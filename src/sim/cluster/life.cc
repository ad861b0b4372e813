#include "sim/cluster/life.h"

#include <utility>

#include "base/check.h"
#include "node/frame_types.h"

namespace rs::sim {
Life::Life(Home* home, io::SimWire* wire, membership::MembershipOptions options, const LifeHooks* hooks)
    : home_(*home), hooks_(*hooks), process_(wire->world().boot()) {
  StatusOr<NodeIdentity> identity = NodeIdentity::open(home->folder, process_.directory.get(), &process_.random);
  RS_CHECK(identity.ok(), "a disk that refuses nothing");
  identity_.emplace(*std::move(identity));
  const membership::Generation durable(identity_->generation());
  RS_CHECK(durable >= home->durable, "a generation that was durable stays so");
  io::NetworkOptions network{.self = {options.cluster, identity_->uuid(), home->name, "node"},
                             .cluster_key = options.cluster_key};
  network.limits.frame_bytes = frame_bounds();
  network.wake = [this] { process_.runner->wake(this); };
  network_ = wire->attach(home->host, process_.id, std::move(network), &process_.random);
  RS_CHECK(network_->listen(home->address).ok() && network_->bind_datagrams(home->address).ok(), "one life at a time");
  options.node = identity_->uuid();
  options.name = home->name;
  options.address = home->address;
  options.last_generation = durable;
  const MemberHost::Doors doors{home->clock, process_.random, *network_, *identity_};
  host_.emplace(std::move(options), doors, [this](const membership::Event& event) { told_.push_back(event); });
  process_.runner->start(this, home->name);
}

io::Wake Life::step() {
  for (const io::NetEvent& event : network_->take()) {
    if (const auto* datagram = std::get_if<io::Datagram>(&event)) count(*datagram);
    host_->handle(event);
  }
  for (const Command& command : std::exchange(commands_, {})) command(*host_);
  const int64_t next_ns = host_->step();
  const membership::Generation durable(identity_->generation());
  if (durable != home_.durable) hooks_.made_durable(*this, std::exchange(home_.durable, durable));
  hooks_.stepped(*this, std::exchange(told_, {}));
  if (next_ns == INT64_MAX) return {io::Wake::Kind::kIdle};
  return {io::Wake::Kind::kAt, home_.clock.world_ns(next_ns)};
}

void Life::command(Command command) {
  commands_.push_back(std::move(command));
  process_.runner->wake(this);
}

void Life::count(const io::Datagram& datagram) {
  hooks_.heard(datagram.bytes);
  ++carried_.datagrams_in;
  carried_.bytes_in += datagram.bytes.size();
  const double drop = view()->drop;
  carried_.drops_expected += drop;
  carried_.drops_variance += drop * (1 - drop);
}

Carried Life::carried() const {
  Carried carried = carried_;
  carried.datagrams_out = network_->metrics().datagrams_out;
  carried.bytes_out = network_->metrics().datagram_bytes_out;
  return carried;
}
}  // namespace rs::sim
