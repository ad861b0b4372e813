#include "sim/files/file_life.h"

#include <utility>

#include "base/check.h"

namespace rs::sim {
FileLife::FileLife(FileHome* home, io::SimWire* wire, io::SimMeta* meta, const FileLifeOptions& options,
                   std::function<void(FileLife&)> stepped)
    : home_(*home), world_(wire->world()), stepped_(std::move(stepped)), process_(wire->world().boot()) {
  const auto wake = [this] { process_.runner->wake(this); };
  const hydfs::StoreDoor door{process_.directory.get(), &process_.random, &world_.clock,
                              process_.runner.get(),    home->folder,     wake};
  hydfs::Recovered found;
  StatusOr<std::unique_ptr<hydfs::Store>> store = hydfs::Store::open(door, options.store, &found);
  opened_ = store.status();
  if (!store.ok()) return;
  store_ = *std::move(store);
  tail_was_cut_ = found.tail_was_cut;
  io::NetworkOptions network{.self = {"simulated", home->node, home->name, "node"}, .cluster_key = "a key"};
  network.limits.frame_bytes = hydfs::frame_bounds();
  network.wake = wake;
  network_ = wire->attach(home->host, process_.id, std::move(network), &process_.random);
  RS_CHECK(network_->listen(home->address).ok(), "one life at a time");
  meta_ = meta->attach(&process_, home->node, wake);
  hydfs::HostOptions host = options.host;
  host.node = home->node;
  files_.emplace(host, hydfs::HostDoors{world_.clock, process_.random, *network_, *meta_, *store_}, std::move(found));
  process_.runner->start(store_.get(), home->name + " store");
  process_.runner->start(this, home->name);
}

FileLife::~FileLife() = default;

io::Wake FileLife::step() {
  for (const io::NetEvent& event : network_->take()) files_->handle(event);
  for (const Command& command : std::exchange(commands_, {})) command(*files_);
  const int64_t next_ns = files_->step();
  stepped_(*this);
  if (!files_->host().disk().ok()) return {io::Wake::Kind::kDone};  // H16: the process ends; the harness boots it again
  if (next_ns == INT64_MAX) return {io::Wake::Kind::kIdle};
  return {io::Wake::Kind::kAt, next_ns};
}

void FileLife::command(Command command) {
  commands_.push_back(std::move(command));
  process_.runner->wake(this);
}

void FileLife::see(std::shared_ptr<const membership::MemberView> view) {
  command([view = std::move(view)](hydfs::FileSystem& files) { files.see(view); });
}
}  // namespace rs::sim
