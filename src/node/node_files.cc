#include "node/node_files.h"

#include <algorithm>

#include "base/check.h"
#include "node/cluster_folder.h"
#include "node/durable_file.h"

namespace rs {
namespace {
constexpr io::LinkLimits kMetaLink{50'000'000, 1'000'000'000, 2'000'000'000};
}

std::map<uint16_t, uint32_t> file_frame_bytes() {
  std::map<uint16_t, uint32_t> bounds = hydfs::frame_bounds();
  bounds.insert(io::meta_frame_bytes().begin(), io::meta_frame_bytes().end());
  return bounds;
}

StatusOr<std::unique_ptr<NodeFiles>> NodeFiles::open(const Options& options, const Doors& doors) {
  std::unique_ptr<NodeFiles> files(new NodeFiles(options, doors));
  if (const Status meta = files->open_meta(); !meta.ok()) return folder_refused(options.folder + "/meta", meta);
  if (const Status store = files->open_store(); !store.ok()) return folder_refused(options.folder + "/hydfs", store);
  return files;
}

Status NodeFiles::open_meta() {
  std::unique_ptr<io::MetaLine> line;
  if (options_.meta == options_.listens) {
    const std::string folder = options_.folder + "/meta";
    RS_RETURN_IF_ERROR(make_durably(folder, &doors_.directory));
    StatusOr<io::MetaJournal::Recovered> recovered = io::MetaJournal::recover({folder}, &doors_.directory);
    if (!recovered.ok()) return recovered.status();
    journal_ = std::move(recovered->journal);
    journal_->wake = doors_.wake;
    host_.emplace(std::move(recovered->table), journal_.get(), &doors_.runner, &doors_.clock);
    server_.emplace(&doors_.network, &*host_);
    doors_.runner.start(journal_.get(), "meta");
    line = std::make_unique<io::LocalMetaLine>(&*host_);
  } else {
    const io::RemoteMetaLine::Doors doors{&doors_.network, &doors_.clock, &doors_.random};
    auto remote = std::make_unique<io::RemoteMetaLine>(doors, options_.meta, kMetaLink);
    remote_ = remote.get();
    line = std::move(remote);
  }
  meta_ = std::make_unique<io::MetaClient>(io::MetaClientOptions{.client = options_.node}, std::move(line),
                                           &doors_.clock, &doors_.random);
  return Ok();
}

Status NodeFiles::open_store() {
  const std::string folder = options_.folder + "/hydfs";
  RS_RETURN_IF_ERROR(make_durably(folder, &doors_.directory));
  const hydfs::StoreDoor door{&doors_.directory, &doors_.random, &doors_.clock, &doors_.runner, folder, doors_.wake};
  hydfs::Recovered found;
  StatusOr<std::unique_ptr<hydfs::Store>> store = hydfs::Store::open(door, {}, &found);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  hydfs::HostOptions options{.node = options_.node, .copies = options_.copies};
  files_.emplace(options, hydfs::HostDoors{doors_.clock, doors_.random, doors_.network, *meta_, *store_},
                 std::move(found));
  doors_.runner.start(store_.get(), "hydfs");
  return Ok();
}

bool NodeFiles::handle(const io::NetEvent& event) {
  if (remote_ != nullptr && remote_->handle(event)) return true;
  if (server_ && server_->handle(event)) return true;
  return files_->handle(event);
}

int64_t NodeFiles::step() {
  RS_CHECK(meta_ && store_ && files_, "it was opened");
  int64_t next_ns = files_->step();
  if (host_) next_ns = std::min(next_ns, host_->step());
  if (server_) server_->pump();
  return next_ns;
}

void NodeFiles::close() {
  store_->close();
  if (journal_) journal_->close();
  doors_.runner.wake(store_.get());
  if (journal_) doors_.runner.wake(journal_.get());
}
}  // namespace rs
