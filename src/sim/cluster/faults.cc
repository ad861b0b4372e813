#include "sim/cluster/faults.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace rs::sim {
namespace {
constexpr int64_t kAfterwards = 15 * kSec;  // what a fault began has ended by then
constexpr uint64_t kMostLoss = 10;          // percent, at which no false positive is allowed
}  // namespace

ClusterFaults::ClusterFaults(const ClusterWorkload& workload, Cluster* cluster, ClusterWatch* watch)
    : workload_(workload), cluster_(*cluster), watch_(*watch), random_(cluster->world().seed, "weather") {
  const auto draw = [&](const char* knob) { return workload_.knob(knob).draw(&random_); };
  const auto part = [&](const char* knob, double of) { return static_cast<double>(draw(knob)) / of; };
  io::WireFaults& usual = cluster_.wire().usual;
  usual.least_ns = 50'000;
  usual.most_ns = static_cast<int64_t>(draw("delay_us")) * 1000;
  usual.repeat = part("repeat", 100);
  usual.late = part("late", 100);
  usual.late_ns = static_cast<int64_t>(draw("late_ms")) * kMs;
  usual.breaks = part("breaks", 1000);
  set_loss(draw("calm_loss"));
  watch_.calm_from(0);
}

void ClusterFaults::begin(int64_t weather_ns) {
  const uint64_t loss = workload_.knob("loss").draw(&random_);
  if (loss > kMostLoss) rough(weather_ns);
  set_loss(loss);
  plan("crash", &ClusterFaults::crash, weather_ns);
  plan("restart", &ClusterFaults::restart, weather_ns);
  plan("restart_all", &ClusterFaults::restart_all, weather_ns);
  plan("new_disk", &ClusterFaults::new_disk, weather_ns);
  plan("pause", &ClusterFaults::pause, weather_ns);
  plan("starve", &ClusterFaults::starve, weather_ns);
  plan("suspend", &ClusterFaults::suspend, weather_ns);
  plan("clock_jump", &ClusterFaults::clock_jump, weather_ns);
  plan("wall_jump", &ClusterFaults::wall_jump, weather_ns);
  plan("block", &ClusterFaults::block, weather_ns);
  plan("split", &ClusterFaults::split, weather_ns);
  plan("join", &ClusterFaults::join, weather_ns);
  plan("leave", &ClusterFaults::leave, weather_ns);
  plan("noise", &ClusterFaults::noise, weather_ns);
  plan("replay", &ClusterFaults::replay, weather_ns);
  plan("stranger", &ClusterFaults::stranger, weather_ns);
  plan("switch", &ClusterFaults::switch_protocol, weather_ns);
  plan("drop", &ClusterFaults::drop, weather_ns);
  plan("join_storm", &ClusterFaults::join_storm, weather_ns);
  plan("leave_storm", &ClusterFaults::leave_storm, weather_ns);
  plan("introducers_down", &ClusterFaults::introducers_down, weather_ns);
}

void ClusterFaults::plan(const std::string& name, Act act, int64_t weather_ns) {
  io::SimRandom times(cluster_.world().seed, name);  // of its own: another fault in a workload does not move this one
  for (uint64_t left = workload_.fault(name).draw(&times); left > 0; --left) {
    while_weather(static_cast<int64_t>(times.below(static_cast<uint64_t>(weather_ns))), [this, name, act] {
      if (cluster_.members().size() < 2) return;
      ++counts_[name];
      cluster_.world().trace.add("fault", counts_[name], name);
      (this->*act)();
    });
  }
}

void ClusterFaults::while_weather(int64_t after_ns, std::function<void()> act) {
  cluster_.later(after_ns, [this, act = std::move(act)] {
    if (!mended_) act();
  });
}

void ClusterFaults::rough(int64_t ns) {
  rough_until_ns_ = std::max(rough_until_ns_, cluster_.world().clock.now_ns() + ns + kAfterwards);
  watch_.calm_from(rough_until_ns_);
}

// Of all pairs: one that was blocked once has faults of its own.
void ClusterFaults::set_loss(uint64_t percent) {
  const double loss = static_cast<double>(percent) / 100;
  cluster_.wire().usual.loss = loss;
  for (size_t from = 0; from < cluster_.size(); ++from) {
    for (size_t to = 0; to < cluster_.size(); ++to) {
      cluster_.wire().faults(cluster_.home(from).host, cluster_.home(to).host).loss = loss;
    }
  }
}

size_t ClusterFaults::some_life() {
  const std::vector<size_t> lives = cluster_.homes(true);
  RS_CHECK(!lives.empty(), "a cluster in which somebody lives");
  return random_.pick(lives);
}

void ClusterFaults::crash() { cluster_.crash(some_life()); }

void ClusterFaults::restart() {
  const size_t node = some_life();
  cluster_.crash(node);
  while_weather(between_ms(0, random_.coin() ? 500 : 30'000), [this, node] { cluster_.boot(node); });
}

void ClusterFaults::restart_all() {
  rough(20 * kSec);
  const std::vector<size_t> lives = cluster_.homes(true);
  const bool power = random_.coin();
  if (power) cluster_.power_loss();
  for (const size_t node : lives) {
    const int64_t at = power ? 0 : between_ms(0, 1000);
    while_weather(at, [this, node, power] {
      if (!power) cluster_.crash(node);
    });
    while_weather(at + between_ms(0, 10'000), [this, node] { cluster_.boot(node); });
  }
}

void ClusterFaults::new_disk() {
  const size_t node = some_life();
  cluster_.replace(node);
  while_weather(between_ms(0, 10'000), [this, node] { cluster_.boot(node); });
}

void ClusterFaults::pause() {
  const int64_t ns = between_ms(100, random_.coin() ? 3'000 : 60'000);
  rough(ns);
  cluster_.pause(some_life(), ns, false);
}

void ClusterFaults::starve() {
  const int64_t ns = between_ms(5'000, 30'000);
  rough(ns);
  starve(some_life(), cluster_.world().clock.now_ns() + ns);
}

void ClusterFaults::starve(size_t node, int64_t until_ns) {
  if (cluster_.world().clock.now_ns() >= until_ns || mended_) return;
  cluster_.pause(node, between_ms(200, 1500), false);
  cluster_.later(between_ms(210, 1600), [this, node, until_ns] { starve(node, until_ns); });
}

void ClusterFaults::suspend() {
  const int64_t ns = between_ms(1'000, 60'000);
  rough(ns);
  cluster_.pause(some_life(), ns, true);
}

void ClusterFaults::clock_jump() {
  rough(0);
  cluster_.jump(some_life(), between_ms(100, random_.coin() ? 10'000 : 3'600'000));
}

void ClusterFaults::wall_jump() { cluster_.world().clock.jump_wall(between_ms(0, 7'200'000) - 3'600 * kSec); }

void ClusterFaults::block() {
  const int64_t ns = between_ms(1'000, 60'000);
  rough(ns);
  const size_t from = random_.below(cluster_.size());
  const bool many = random_.coin();
  for (size_t to = 0; to < cluster_.size(); ++to) {
    if (to == from || (many && random_.coin())) continue;
    io::WireFaults& faults = cluster_.wire().faults(cluster_.home(from).host, cluster_.home(to).host);
    faults.blocked = true;
    while_weather(ns, [&faults] { faults.blocked = false; });
    if (!many) return;
  }
}

void ClusterFaults::split() {
  const int64_t ns = between_ms(5'000, random_.coin() ? 30'000 : 300'000);
  rough(ns);
  std::set<io::HostId> side;
  for (size_t node = 0; node < cluster_.size(); ++node) {
    if (random_.coin()) side.insert(cluster_.home(node).host);
  }
  cluster_.wire().split(side);
  while_weather(ns, [this] { cluster_.wire().heal(); });
}

void ClusterFaults::join() {
  std::vector<size_t> empty = cluster_.homes(false);
  if (!empty.empty()) cluster_.boot(random_.pick(empty));
}

void ClusterFaults::leave() { take_out(some_life(), between_ms(500, 20'000)); }

// It stays in its process and comes again, or the process ends when it is out, or too early.
void ClusterFaults::take_out(size_t node, int64_t away_ns) {
  cluster_.leave(node);
  const bool ends = random_.coin();
  while_weather(away_ns, [this, node, ends] { ends ? cluster_.crash(node) : cluster_.join(node); });
}

void ClusterFaults::noise() {
  const size_t to = random_.below(cluster_.size());
  std::string bytes(random_.between(0, 1400), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random_.below(256));
  if (!cluster_.overheard().empty() && random_.coin()) {
    bytes = random_.pick(cluster_.overheard());
    if (bytes.empty()) return;  // noise of nothing was overheard
    bytes[random_.below(bytes.size())] ^= static_cast<char>(1 << random_.below(8));
  }
  cluster_.inject(to, bytes);
}

void ClusterFaults::replay() {
  if (cluster_.overheard().empty()) return;
  cluster_.inject(random_.below(cluster_.size()), random_.pick(cluster_.overheard()));
}

void ClusterFaults::stranger() {
  cluster_.boot_stranger();
  while_weather(between_ms(1'000, 30'000), [this] { cluster_.crash_stranger(); });
}

void ClusterFaults::switch_protocol() {
  const membership::Protocol protocol{random_.coin() ? membership::Detector::kGossip : membership::Detector::kPing,
                                      random_.coin()};
  cluster_.command(some_life(), [protocol](MemberHost& host) { (void)host.switch_protocol(protocol); });
}

void ClusterFaults::drop() {
  rough(workload_.knob("weather_s").high * kSec);
  const double fraction = static_cast<double>(random_.between(0, 50)) / 100;
  cluster_.command(some_life(),
                   [fraction, all = random_.coin()](MemberHost& host) { (void)host.set_drop(fraction, all); });
}

void ClusterFaults::join_storm() {
  for (const size_t node : cluster_.homes(false)) {
    while_weather(between_ms(0, 1'000), [this, node] { cluster_.boot(node); });
  }
}

void ClusterFaults::leave_storm() {
  std::vector<size_t> lives = cluster_.homes(true);
  for (size_t i = lives.size(); i > 2; --i) {
    std::swap(lives[i - 1], lives[random_.below(i)]);
    while_weather(between_ms(0, 1'000),
                  [this, node = lives[i - 1], away = between_ms(2'000, 20'000)] { take_out(node, away); });
  }
}

void ClusterFaults::introducers_down() {
  const int64_t ns = between_ms(1'000, 40'000);
  for (size_t node = 0; node < cluster_.introducers(); ++node) {
    cluster_.crash(node);
    while_weather(ns, [this, node] { cluster_.boot(node); });
  }
}

// Whoever was in at the beginning is in again, or is dead; the introducers live, unless they are gone for good.
void ClusterFaults::mend() {
  mended_ = true;
  cluster_.wire().heal();
  set_loss(workload_.knob("calm_loss").draw(&random_));
  cluster_.crash_stranger();
  const bool gone = workload_.knob("introducers_gone").high > 0;
  for (size_t node = 0; node < cluster_.size(); ++node) {
    const bool introducer = node < cluster_.introducers();
    if (cluster_.lives(node)) {
      cluster_.join(node);
    } else if (introducer ? !gone : random_.coin()) {
      cluster_.boot(node);
    }
  }
  rough_until_ns_ = 0;
  rough(std::max<int64_t>(0, cluster_.paused_until_ns() - cluster_.world().clock.now_ns()));
}

// Two halves may each have set something; the later word of one who heard both is above both.
void ClusterFaults::stop_dropping() {
  for (const size_t node : cluster_.members()) {
    if (cluster_.life(node).view()->drop == 0) continue;
    return cluster_.command(node, [](MemberHost& host) { (void)host.set_drop(0, true); });
  }
}
}  // namespace rs::sim
