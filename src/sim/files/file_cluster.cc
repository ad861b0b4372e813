#include "sim/files/file_cluster.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::sim {
namespace {
constexpr uint16_t kFirstPort = 7001;
constexpr int64_t kRebootNs = 500'000'000;
}  // namespace

FileCluster::FileCluster(io::SimWorld* world, const FileLifeOptions& options, int64_t hint_ns)
    : world_(*world),
      options_(options),
      hint_ns_(hint_ns),
      random_(world->seed, "file cluster"),
      wire_(world),
      meta_(world) {
  RS_CHECK(hint_ns > 0, "hints are late");
}

FileCluster::~FileCluster() { world_.processes.kill_all(); }

size_t FileCluster::add() {
  const auto number = nodes_.size();
  auto node = std::make_unique<Node>();
  node->home.host = io::HostId(static_cast<uint32_t>(number + 1));
  node->home.address = {io::Endpoint::Kind::kIp4, "127.0.0.1", static_cast<uint16_t>(kFirstPort + number)};
  node->home.name = absl::StrCat("n", number + 1);
  node->home.folder = absl::StrCat("/", node->home.name, ".", ++disks_);
  node->home.node = random_uuid(random_.next(), random_.next());
  world_.disk.put(node->home.folder + "/made", "");
  nodes_.push_back(std::move(node));
  return number;
}

void FileCluster::later(int64_t ns, std::function<void()> event) {
  world_.scheduler.post(world_.clock.now_ns() + ns, std::move(event));
}

void FileCluster::boot(size_t number) {
  Node& node = *nodes_[number];
  if (node.life) return;
  ++node.lives;
  node.life = std::make_unique<FileLife>(&node.home, &wire_, &meta_, options_,
                                         [this, number](FileLife& life) { stepped(number, life); });
  tails_cut_ += node.life->tail_was_cut();
  if (!node.life->opened().ok()) {  // it met a crash, or an error of its disk
    end(number);
    later(kRebootNs, [this, number] { boot(number); });
  }
  spread();
}

void FileCluster::end(size_t number) {
  Node& node = *nodes_[number];
  if (!node.life) return;
  world_.crash(node.life->process());
  if (died) died(number);
  node.life.reset();
}

void FileCluster::crash(size_t number) {
  if (!nodes_[number]->life) return;
  end(number);
  spread();
}

void FileCluster::power_loss() {
  world_.power_loss();
  for (size_t node = 0; node < nodes_.size(); ++node) end(node);
  spread();
}

void FileCluster::new_disk(size_t number) {
  crash(number);
  Node& node = *nodes_[number];
  node.home.folder = absl::StrCat("/", node.home.name, ".", ++disks_);
  world_.disk.put(node.home.folder + "/made", "");
}

void FileCluster::pause(size_t number, int64_t ns) {
  if (lives(number)) world_.scheduler.pause(life(number).process(), world_.clock.now_ns() + ns);
}

void FileCluster::rumour(size_t number, int64_t ns) {
  nodes_[number]->rumoured = true;
  spread();
  later(ns, [this, number] {
    nodes_[number]->rumoured = false;
    spread();
  });
}

// A process that died in the middle of a step, or whose disk failed (H16).
void FileCluster::reap() {
  for (size_t number = 0; number < nodes_.size(); ++number) {
    Node& node = *nodes_[number];
    if (!node.life) continue;
    const bool failed = !node.life->files().host().disk().ok();
    disks_failed_ += failed;
    if (!failed && world_.processes.alive(node.life->process())) continue;
    crash(number);
    later(kRebootNs, [this, number] { boot(number); });
  }
}

std::vector<size_t> FileCluster::living() const {
  std::vector<size_t> all;
  for (size_t node = 0; node < nodes_.size(); ++node)
    if (lives(node)) all.push_back(node);
  return all;
}

std::shared_ptr<const membership::MemberView> FileCluster::view() {
  auto view = std::make_shared<membership::MemberView>();
  view->number = ++views_;
  view->presence = membership::Presence::kIn;
  for (const auto& node : nodes_) {
    if (node->lives == 0) continue;
    membership::ListedMember listed;
    listed.member.id = {node->home.node, node->home.address, membership::Generation(node->lives)};
    listed.member.name = node->home.name;
    const bool well = node->life != nullptr && !node->rumoured;
    listed.member.standing.state = well ? membership::State::kAlive : membership::State::kFailed;
    view->members.push_back(std::move(listed));
  }
  return view;
}

void FileCluster::spread() {
  const std::shared_ptr<const membership::MemberView> now = view();
  for (size_t number = 0; number < nodes_.size(); ++number) {
    const auto late = static_cast<int64_t>(random_.below(static_cast<uint64_t>(hint_ns_)));
    later(late, [this, number, now] {
      if (!lives(number) || !life(number).opened().ok()) return;
      life(number).see(now);
    });
  }
}
}  // namespace rs::sim
