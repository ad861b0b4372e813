#include "sim/network.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::sim {
namespace {
struct Describe {
  std::string operator()(const Hello& m) const {
    return absl::StrCat("Hello last ", m.last.value, " want ", m.want.value);
  }
  std::string operator()(const Ack& m) const { return absl::StrCat("Ack ", m.epoch.value); }
  std::string operator()(const Compared& m) const { return absl::StrCat("Compared ", m.epoch.value); }
  std::string operator()(const Credit& m) const { return absl::StrCat("Credit ", m.bytes); }
  std::string operator()(const Welcome& m) const {
    return absl::StrCat("Welcome attempt ", m.attempt, " final ", m.final_epoch.value);
  }
  std::string operator()(const Data& m) const {
    return absl::StrCat("Data ", m.chunk.epoch.value, "/", m.number, " of ", m.chunk.origin.task.value, ":",
                        m.chunk.origin.split, ".", m.chunk.origin.piece, ", ", m.chunk.bytes(), " bytes");
  }
  std::string operator()(const End& m) const {
    return absl::StrCat("End ", m.epoch.value, " of ", m.chunks, " chunks", m.replay ? ", replay" : "",
                        m.final ? ", final" : "", ", digest ", absl::Hex(m.digest));
  }
  std::string operator()(const Closed&) const { return "Closed"; }
  std::string operator()(const Broken&) const { return "Broken"; }
  std::string operator()(const PacerHello& m) const { return absl::StrCat("PacerHello recorded ", m.recorded.value); }
  std::string operator()(const PacerDeal& m) const {
    return absl::StrCat("PacerDeal ", m.epoch.value, " split ", m.split.number);
  }
  std::string operator()(const PacerClose& m) const {
    return absl::StrCat("PacerClose ", m.epoch.value, " of ", m.splits, m.final ? ", final" : "");
  }
  std::string operator()(const PacerDone& m) const { return absl::StrCat("PacerDone ", m.split); }
  std::string operator()(const PacerRecorded& m) const { return absl::StrCat("PacerRecorded ", m.epoch.value); }
  std::string operator()(const PeerIs& m) const {
    return absl::StrCat("PeerIs ", m.task.value, ".", m.incarnation.value);
  }
  std::string operator()(const Stop&) const { return "Stop"; }
  std::string operator()(const Drain&) const { return "Drain"; }
};

std::string text_of(const Graph& graph, const Message& message, const Endpoint& to) {
  auto name = [&](TaskId task, Incarnation inc) { return absl::StrCat(graph.tasks[task.value].name, "#", inc.value); };
  return absl::StrCat(name(message.from, message.from_incarnation), " > ", name(to.first, to.second), " [",
                      message.connection & 0xffffff, "] ", std::visit(Describe(), message.body));
}

bool opens(const Body& body) { return std::holds_alternative<Hello>(body) || std::holds_alternative<PacerHello>(body); }
bool is_acknowledgement(const Body& body) {
  return std::holds_alternative<Ack>(body) || std::holds_alternative<Compared>(body);
}
}  // namespace

SimNetwork::SimNetwork(io::SimWorld* world, const Graph& graph, Exchange* exchange, Verdict* verdict)
    : world_(*world),
      graph_(graph),
      exchange_(*exchange),
      verdict_(*verdict),
      random_(world->seed, "network"),
      faults_(world->seed, "network faults") {}

void SimNetwork::send(TaskId to, Incarnation incarnation, Message message) {
  const Endpoint from{message.from, message.from_incarnation};
  if (!exchange_.find(from)) return;
  const Key key{message.channel, message.connection};
  auto known = connections_.find(key);
  if (known == connections_.end()) {
    if (!opens(message.body)) return;  // of a connection that is forgotten
    std::vector<Incarnation> lives = exchange_.lives(to);
    if (incarnation.value == 0 && !lives.empty()) incarnation = random_.pick(lives);  // whoever answers at the address
    known = connections_.emplace(key, Connection{{from, {to, incarnation}}}).first;
  }
  Connection& connection = known->second;
  const size_t end = connection.ends[0] == from ? 1 : 0;
  RS_CHECK(connection.ends[1 - end] == from, "a connection has two ends");
  ++counts_.messages;
  observe(&connection, message);
  if (connection.broken) return;
  int64_t delay = way_ns();
  const bool ack = is_acknowledgement(message.body);
  if (ack && faults_.chance(options_.late)) {
    ++counts_.acks_late;
    delay += static_cast<int64_t>(faults_.below(10'000'000));
  }
  connection.last_ns[end] = std::max(connection.last_ns[end] + 1, world_.clock.now_ns() + delay);
  auto arrive = [this, key, end, message = std::move(message), life = life_] {
    if (life == life_) deliver(key, end, message);
  };
  world_.scheduler.post(connection.last_ns[end], arrive);
  if (ack && faults_.chance(options_.repeated)) {
    ++counts_.acks_repeated;
    world_.scheduler.post(connection.last_ns[end] + static_cast<int64_t>(faults_.below(5'000'000)), arrive);
  }
  if (breaks_left_ > 0 && faults_.chance(options_.breaks)) {
    --breaks_left_;
    ++counts_.breaks;
    int64_t at = connection.last_ns[end] - static_cast<int64_t>(faults_.below(static_cast<uint64_t>(delay) + 1));
    world_.scheduler.post(at, [this, key, life = life_] {
      if (life == life_) break_now(key);
    });
  }
}

void SimNetwork::deliver(const Key& key, size_t to, const Message& message) {
  auto known = connections_.find(key);
  if (known == connections_.end() || known->second.broken) {
    ++counts_.lost;
    return;
  }
  Connection& connection = known->second;
  const Endpoint end = connection.ends[to];
  Task* task = exchange_.find(end);
  if (!task) {
    ++counts_.unreachable;
    return break_now(key);
  }
  world_.trace.add("deliver", message.connection, text_of(graph_, message, end));
  if (const auto* credit = std::get_if<Credit>(&message.body)) {
    connection.under_way -= std::min(connection.under_way, credit->bytes);
  }
  task->post(message);
  exchange_.wake(task);
}

void SimNetwork::break_now(const Key& key) {
  auto known = connections_.find(key);
  if (known == connections_.end() || known->second.broken) return;
  Connection& connection = known->second;
  connection.broken = true;
  world_.trace.add("break", key.second);
  inform(connection.ends[0], key, connection.ends[1]);
  inform(connection.ends[1], key, connection.ends[0]);
}

void SimNetwork::inform(const Endpoint& end, const Key& key, const Endpoint& other) {
  int64_t at = world_.clock.now_ns() + way_ns();
  world_.scheduler.post(at, [this, end, key, other, life = life_] {
    Task* task = life == life_ ? exchange_.find(end) : nullptr;
    if (!task) return;
    world_.trace.add("broken", key.second, graph_.tasks[end.first.value].name);
    task->post(Message{key.first, key.second, other.first, other.second, Broken{}});
    exchange_.wake(task);
  });
}

void SimNetwork::tell(const Endpoint& to, Body body) {
  Task* task = exchange_.find(to);
  if (!task) return;
  Message message{kPacerLink, 0, to.first, Incarnation(0), std::move(body)};
  world_.trace.add("tell", to.first.value, text_of(graph_, message, to));
  task->post(std::move(message));
  exchange_.wake(task);
}

void SimNetwork::died(const Endpoint& end) {
  std::vector<Key> ended;
  for (auto& [key, connection] : connections_) {
    if (!connection.broken && (connection.ends[0] == end || connection.ends[1] == end)) ended.push_back(key);
  }
  for (const Key& key : ended) break_now(key);
}

void SimNetwork::process_died() {
  ++life_;
  connections_.clear();
}

void SimNetwork::begin_anew() {
  acked_.clear();
  released_.clear();
}

// Invariants 5, 6 and 11, as far as they can be seen on the wire.
void SimNetwork::observe(Connection* connection, const Message& message) {
  const ChannelId channel = message.channel;
  auto where = [&](Epoch epoch) {
    const ChannelSpec& spec = graph_.channels[channel.value];
    return absl::StrCat("channel ", graph_.tasks[spec.from.value].name, " > ", graph_.tasks[spec.to.value].name,
                        ", epoch ", epoch.value);
  };
  auto beyond_window = [&](Epoch epoch) {
    const Epoch base = acknowledged_to(message.from);
    if (epoch.value <= base.value + graph_.window_epochs) return;
    verdict_.breach(Invariant::kWindow,
                    absl::StrCat(where(epoch), ", when its receivers have acknowledged ", base.value));
  };
  if (const auto* data = std::get_if<Data>(&message.body)) {
    beyond_window(data->chunk.epoch);
    largest_chunk_ = std::max<uint64_t>(largest_chunk_, data->chunk.bytes());
    bool fits = connection->under_way == 0 || connection->under_way + data->chunk.bytes() <= graph_.credit_bytes;
    connection->under_way += data->chunk.bytes();
    connection->sent = data->chunk.bytes() + (connection->epoch == data->chunk.epoch ? connection->sent : 0);
    connection->epoch = sending_[channel] = data->chunk.epoch;
    uint64_t& most = epoch_bytes_[{channel, data->chunk.epoch}];
    most = std::max(most, connection->sent);
    if (!fits)
      verdict_.breach(Invariant::kCredit,
                      absl::StrCat(where(data->chunk.epoch), ": ", connection->under_way, " bytes"));
  } else if (const auto* end = std::get_if<End>(&message.body)) {
    beyond_window(end->epoch);
    auto [first, fresh] = released_.try_emplace({channel, end->epoch}, end->digest);
    if (!fresh && first->second != end->digest && !lying_.contains(channel) && !damaged_) {
      verdict_.breach(Invariant::kOneContent,
                      absl::StrCat(where(end->epoch), ": ", absl::Hex(first->second), " and then ",
                                   absl::Hex(end->digest), " by incarnation ", message.from_incarnation.value));
    }
  } else if (const auto* hello = std::get_if<Hello>(&message.body)) {
    observe_ack(message, hello->last);
    Epoch& acked = acked_[channel];
    if (hello->last < acked && exchange_.is_current({message.from, message.from_incarnation}) && !damaged_) {
      verdict_.breach(Invariant::kAckStays,
                      absl::StrCat(where(acked), " was acknowledged, and now last is ", hello->last.value));
    }
  } else if (std::holds_alternative<Welcome>(message.body) || std::holds_alternative<Closed>(message.body)) {
    sending_[channel] = Epoch(0);
  } else if (const auto* ack = std::get_if<Ack>(&message.body)) {
    observe_ack(message, ack->epoch);
  }
}

Epoch SimNetwork::acknowledged_to(TaskId sender) {
  std::optional<Epoch> least;
  for (const OutputSpec& output : graph_.tasks[sender.value].outputs) {
    for (ChannelId channel : output.channels) least = std::min(least.value_or(acked_[channel]), acked_[channel]);
  }
  return least.value_or(Epoch(0));
}

uint64_t SimNetwork::largest_epoch(TaskId sender) const {
  std::map<Epoch, uint64_t> sums;
  uint64_t most = 0;
  for (const auto& [which, bytes] : epoch_bytes_) {
    if (graph_.channels[which.first.value].from == sender) most = std::max(most, sums[which.second] += bytes);
  }
  return most;
}

std::string SimNetwork::not_acknowledged(TaskId sender) const {
  for (const auto& [channel, epoch] : sending_) {
    if (graph_.channels[channel.value].from != sender) continue;
    auto acked = acked_.find(channel);
    if (acked == acked_.end() || acked->second < epoch) {
      return absl::StrCat("epoch ", epoch.value, " of channel ", channel.value, " was on its way");
    }
  }
  return "";
}

void SimNetwork::observe_ack(const Message& message, Epoch epoch) {
  Epoch& acked = acked_[message.channel];
  acked = std::max(acked, epoch);
}
}  // namespace rs::sim
