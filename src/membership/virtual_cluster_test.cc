#include "membership/virtual_cluster.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::membership {
VirtualCluster::Node::Node(uint64_t seed, size_t number)
    : address{io::Endpoint::Kind::kIp4, "127.0.0.1", static_cast<uint16_t>(kFirstPort + number)},
      uuid{seed, number + 1},
      name(absl::StrCat("n", number + 1)),
      random(seed, name) {}

VirtualCluster::VirtualCluster(size_t size, uint64_t seed, Timing timing, Protocol protocol)
    : timing_(timing), protocol_(protocol), network_(seed, "network") {
  for (size_t i = 0; i < size; ++i) nodes.emplace_back(seed, i);
}

void VirtualCluster::split(size_t first_of_second) {
  for (size_t a = 0; a < first_of_second; ++a) {
    for (size_t b = first_of_second; b < nodes.size(); ++b) blocked.insert({{a, b}, {b, a}});
  }
}

void VirtualCluster::crash(size_t node) {
  nodes[node].machine.reset();
  nodes[node].paused = false;
  asleep_.erase(node);
}

void VirtualCluster::resume(size_t node) {
  nodes[node].paused = false;
  for (const auto& act : std::exchange(asleep_[node], {})) act();
}

void VirtualCluster::boot(size_t number, const std::vector<size_t>& seeds) {
  Node& node = nodes[number];
  MembershipOptions options{.cluster = "test",
                            .cluster_key = "a key",
                            .node = node.uuid,
                            .name = node.name,
                            .address = node.address,
                            .last_generation = node.disk,
                            .protocol = protocol_,
                            .timing = timing_};
  node.machine = std::make_unique<Membership>(std::move(options), &node.random);
  std::vector<io::Endpoint> addresses;
  for (const size_t seed : seeds) addresses.push_back(nodes[seed].address);
  RS_CHECK(node.machine->join(now_ns, std::move(addresses)).ok(), "a new process is no member yet");
  settle(number);
}

void VirtualCluster::boot_all(const std::vector<size_t>& seeds) {
  for (size_t i = 0; i < nodes.size(); ++i) boot(i, seeds);
}

// What is for a paused process waits; for a dead one, or the next life at its address, it is lost.
void VirtualCluster::whenever_awake(size_t number, std::function<void()> act) {
  Membership* const machine = nodes[number].machine.get();
  if (machine == nullptr) return;
  if (nodes[number].paused) {
    asleep_[number].push_back(std::move(act));
  } else {
    act();
  }
}

void VirtualCluster::settle(size_t number) {
  Node& node = nodes[number];
  const int64_t next_ns = node.machine->tick(now_ns);
  hand_on(number);
  const uint64_t wakeup = ++node.wakeups;
  if (next_ns == INT64_MAX) return;
  at(std::max(next_ns, now_ns), [this, number, wakeup, machine = node.machine.get()] {
    if (nodes[number].machine.get() != machine || nodes[number].wakeups != wakeup) return;
    whenever_awake(number, [this, number] { settle(number); });
  });
}

void VirtualCluster::hand_on(size_t number) {
  Node& node = nodes[number];
  Effects effects = node.machine->take();
  for (Event& event : effects.events) node.log.push_back({now_ns, std::move(event)});
  for (OutDatagram& datagram : effects.datagrams) carry(number, std::move(datagram));
  for (OutExchange& exchange : effects.exchanges) carry(number, std::move(exchange));
  if (!effects.persist) return;
  at(now_ns + persist_ns, [this, number, generation = *effects.persist, machine = node.machine.get()] {
    if (nodes[number].machine.get() != machine) return;
    RS_CHECK(generation > nodes[number].disk, "generations never go down");
    nodes[number].disk = generation;
    whenever_awake(number, [this, number, generation] {
      nodes[number].machine->persisted(now_ns, generation);
      settle(number);
    });
  });
}

void VirtualCluster::carry(size_t from, OutDatagram datagram) {
  RS_CHECK(datagram.bytes.size() <= kMaxDatagramBytes, "datagrams are bounded");
  const size_t to = at_address(datagram.to);
  if (on_datagram) on_datagram(from, to, datagram.bytes);
  const bool lost = network_.chance(loss);
  if (lost || to >= nodes.size() || blocked.contains({from, to})) return;
  at(now_ns + delay(), [this, from, to, bytes = std::move(datagram.bytes)] {
    whenever_awake(to, [this, from, to, bytes] {
      nodes[to].machine->receive(now_ns, nodes[from].address, bytes);
      settle(to);
    });
  });
}

void VirtualCluster::carry(size_t from, OutExchange exchange) {
  constexpr int64_t kConnectLimit = 2 * kSecond;
  const size_t to = at_address(exchange.to);
  Membership* const asker = nodes[from].machine.get();
  const auto fail = [this, from, asker, number = exchange.number](int64_t after_ns) {
    at(now_ns + after_ns, [=, this] { finish(from, asker, number, absl::UnavailableError("no way there")); });
  };
  if (to >= nodes.size()) return fail(delay());
  if (blocked.contains({from, to}) || blocked.contains({to, from})) return fail(kConnectLimit);
  if (!lives(to)) return fail(delay());
  at(now_ns + delay(), [this, from, to, exchange = std::move(exchange)] {
    whenever_awake(to, [this, from, to, exchange] { answer(from, to, exchange); });
  });
}

void VirtualCluster::answer(size_t from, size_t to, const OutExchange& exchange) {
  StatusOr<std::string> answer = nodes[to].machine->answer(now_ns, exchange.request);
  settle(to);
  if (blocked.contains({to, from})) answer = absl::UnavailableError("the connection broke");
  at(now_ns + delay(), [this, from, asker = nodes[from].machine.get(), number = exchange.number, answer] {
    finish(from, asker, number, answer);
  });
}

void VirtualCluster::finish(size_t number, Membership* machine, uint64_t exchange, StatusOr<std::string> answer) {
  if (nodes[number].machine.get() != machine) return;
  whenever_awake(number, [this, number, exchange, answer = std::move(answer)] {
    nodes[number].machine->exchanged(now_ns, exchange, answer);
    settle(number);
  });
}

bool VirtualCluster::run_until(int64_t limit_ns, const std::function<bool()>& done) {
  const int64_t end_ns = now_ns + limit_ns;
  while (!done()) {
    if (events_.empty() || events_.begin()->first.first > end_ns) {
      now_ns = end_ns;
      return done();
    }
    const auto event = events_.extract(events_.begin());
    now_ns = std::max(now_ns, event.key().first);
    event.mapped()();
  }
  return true;
}

void VirtualCluster::run(int64_t ns) {
  run_until(ns, [] { return false; });
}

bool VirtualCluster::is_member(size_t node) {
  return lives(node) && nodes[node].machine->view()->presence != Presence::kOut;
}

State VirtualCluster::seen(size_t by, size_t of) {
  for (const ListedMember& listed : nodes[by].machine->view()->members) {
    if (listed.member.id.node == nodes[of].uuid) return listed.member.standing.state;
  }
  return State::kLeft;
}

Generation VirtualCluster::seen_generation(size_t by, size_t of) {
  for (const ListedMember& listed : nodes[by].machine->view()->members) {
    if (listed.member.id.node == nodes[of].uuid) return listed.member.id.generation;
  }
  return {};
}

bool VirtualCluster::all_see(size_t of, State state) {
  for (size_t by = 0; by < nodes.size(); ++by) {
    if (by != of && is_member(by) && seen(by, of) != state) return false;
  }
  return true;
}

bool VirtualCluster::complete() {
  for (size_t of = 0; of < nodes.size(); ++of) {
    if (!is_member(of)) continue;
    for (size_t by = 0; by < nodes.size(); ++by) {
      if (!is_member(by)) continue;
      const bool present = seen_generation(by, of) == nodes[of].machine->view()->self.id.generation;
      if (!present || seen(by, of) != State::kAlive) return false;
    }
  }
  return true;
}

size_t VirtualCluster::count(Event::Kind kind, size_t of) const {
  size_t found = 0;
  for (const Node& node : nodes) {
    for (const Log& log : node.log) found += log.event.kind == kind && log.event.member.id.node == nodes[of].uuid;
  }
  return found;
}

size_t VirtualCluster::count(Event::Kind kind) const {
  size_t found = 0;
  for (size_t of = 0; of < nodes.size(); ++of) found += count(kind, of);
  return found;
}
}  // namespace rs::membership
