#include "sim/cluster/cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::sim {
namespace {
constexpr uint16_t kFirstPort = 7001;
constexpr size_t kStranger = 900, kOutside = 901;
constexpr size_t kOverheard = 64;

io::Endpoint address(size_t number) {
  return {io::Endpoint::Kind::kIp4, "127.0.0.1", static_cast<uint16_t>(kFirstPort + number)};
}
}  // namespace

Cluster::Cluster(io::SimWorld* world, ClusterOptions options)
    : world_(*world),
      options_(options),
      random_(world->seed, "cluster"),
      overhears_(world->seed, "overheard"),
      wire_(world) {
  RS_CHECK(options.introducers > 0, "somebody is the first");
  hooks_.stepped = [this](Life& life, const std::vector<membership::Event>& events) { stepped(life, events); };
  hooks_.made_durable = [this](Life& life, membership::Generation before) { made_durable(life, before); };
  hooks_.heard = [this](const std::string& datagram) {
    if (overhears_.below(16) != 0) return;
    if (overheard_.size() < kOverheard) return overheard_.push_back(datagram);
    random_.pick(overheard_) = datagram;
  };
  stranger_hooks_ = {.stepped = [](Life&, const std::vector<membership::Event>&) {},
                     .made_durable = [](Life&, membership::Generation) {},
                     .heard = [](const std::string&) {}};
  io::NetworkOptions outside{.self = {"outside", {1, 2}, "outside", "node"}, .cluster_key = "none", .wake = [] {}};
  outside_ = wire_.attach(io::HostId(kOutside), world->boot().id, std::move(outside), &random_);
  RS_CHECK(outside_->bind_datagrams(address(kOutside)).ok(), "nobody else is there");
}

Cluster::~Cluster() { world_.processes.kill_all(); }

std::unique_ptr<Cluster::Node> Cluster::new_home(size_t number) {
  auto node = std::make_unique<Node>(&world_.clock);
  Home& home = node->home;
  home.number = number;
  home.host = io::HostId(static_cast<uint32_t>(number + 1));
  home.address = address(number);
  home.name = absl::StrCat("n", number + 1);
  new_disk(&home);
  // A boot of long ago, and a clock that runs a little wrong.
  const double drift =
      (static_cast<double>(random_.below(2'000'001)) / 1e6 - 1) * static_cast<double>(options_.drift_ppm);
  home.clock.ahead_ns = static_cast<int64_t>(random_.between(1, 86'400)) * kSec;
  home.clock.rate = 1 + drift * 1e-6;
  return node;
}

void Cluster::new_disk(Home* home) {
  home->folder = absl::StrCat("/", home->name, ".", ++disks_);
  home->durable = {};
  world_.disk.put(home->folder + "/made", "");
}

size_t Cluster::add() {
  RS_CHECK(nodes_.size() < kStranger, "addresses of the cluster");
  nodes_.push_back(new_home(nodes_.size()));
  return nodes_.size() - 1;
}

membership::MembershipOptions Cluster::member_options(const std::string& key) const {
  return {.cluster = "simulated", .cluster_key = key, .protocol = options_.protocol, .timing = options_.timing};
}

std::vector<io::Endpoint> Cluster::seeds() const {
  std::vector<io::Endpoint> seeds;
  for (size_t i = 0; i < options_.introducers; ++i) seeds.push_back(address(i));
  return seeds;
}

void Cluster::later(int64_t ns, std::function<void()> event) {
  world_.scheduler.post(world_.clock.now_ns() + ns, std::move(event));
}

void Cluster::boot(size_t number) {
  Node& node = *nodes_[number];
  if (node.life) return;
  node.life = std::make_unique<Life>(&node.home, &wire_, member_options("a key"), &hooks_);
  node.wants_out = true;
  join(number);
}

void Cluster::join(size_t number) {
  Node& node = *nodes_[number];
  if (!node.life || !node.wants_out) return;
  node.wants_out = false;
  command(number, [this, number, life = node.life.get()](MemberHost& host) {
    if (host.join(seeds()).ok()) return joining(*life);
    later(kSec, [this, number, process = life->process()] {  // it is not out yet
      if (!world_.processes.alive(process) || nodes_[number]->wants_out) return;
      nodes_[number]->wants_out = true;
      join(number);
    });
  });
}

void Cluster::leave(size_t number) {
  Node& node = *nodes_[number];
  if (!node.life) return;
  node.wants_out = true;
  command(number, [](MemberHost& host) { (void)host.leave(); });
}

void Cluster::crash(size_t number) {
  if (!nodes_[number]->life) return;
  world_.crash(nodes_[number]->life->process());
  end(number);
}

void Cluster::end(size_t number) {
  Node& node = *nodes_[number];
  dying(*node.life);
  node.life.reset();
  node.paused_until_ns = 0;
}

void Cluster::power_loss() {
  world_.power_loss();
  for (const size_t node : homes(true)) end(node);
}

void Cluster::replace(size_t number) {
  crash(number);
  new_disk(&nodes_[number]->home);
}

void Cluster::pause(size_t number, int64_t ns, bool clock_stands) {
  Node& node = *nodes_[number];
  const int64_t now = world_.clock.now_ns();
  if (!node.life || node.paused_until_ns > now) return;
  node.paused_until_ns = now + ns;
  world_.scheduler.pause(node.life->process(), now + ns);
  if (clock_stands) node.home.clock.ahead_ns -= ns;
}

int64_t Cluster::paused_until_ns() const {
  int64_t until_ns = 0;
  for (const auto& node : nodes_) until_ns = std::max(until_ns, node->paused_until_ns);
  return until_ns;
}

void Cluster::command(size_t number, Life::Command command) {
  if (nodes_[number]->life) nodes_[number]->life->command(std::move(command));
}

bool Cluster::member(size_t number) { return lives(number) && !nodes_[number]->wants_out; }

std::vector<size_t> Cluster::members() {
  std::vector<size_t> all;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (member(i)) all.push_back(i);
  }
  return all;
}

std::vector<size_t> Cluster::homes(bool inhabited) const {
  std::vector<size_t> all;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (lives(i) == inhabited) all.push_back(i);
  }
  return all;
}

void Cluster::boot_stranger() {
  if (!stranger_) stranger_ = new_home(kStranger);
  if (stranger_->life) return;
  stranger_->life = std::make_unique<Life>(&stranger_->home, &wire_, member_options("another key"), &stranger_hooks_);
  stranger_->life->command(
      [this](MemberHost& host) { RS_CHECK(host.join(seeds()).ok(), "a new process is no member yet"); });
}

void Cluster::crash_stranger() {
  if (!stranger_ || !stranger_->life) return;
  world_.crash(stranger_->life->process());
  stranger_->life.reset();
}

void Cluster::inject(size_t to, const std::string& bytes) { outside_->send_datagram(nodes_[to]->home.address, bytes); }
}  // namespace rs::sim
