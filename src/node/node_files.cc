#include "node/node_files.h"

#include "base/check.h"
#include "node/durable_file.h"

namespace rs {
StatusOr<std::unique_ptr<NodeFiles>> NodeFiles::open(const Options& options, const Doors& doors) {
  RS_CHECK(doors.wake && options.node != Uuid(), "the files of a node");
  RS_RETURN_IF_ERROR(make_durably(options.folder, &doors.directory));
  const hydfs::StoreDoor door{&doors.directory, &doors.random, &doors.clock, &doors.runner, options.folder, doors.wake};
  hydfs::Recovered found;
  StatusOr<std::unique_ptr<hydfs::Store>> store = hydfs::Store::open(door, {}, &found);
  if (!store.ok()) return store.status();
  std::unique_ptr<NodeFiles> files(new NodeFiles(doors));
  files->store_ = *std::move(store);
  const hydfs::HostOptions host{.node = options.node, .copies = options.copies};
  files->files_.emplace(host, hydfs::HostDoors{doors.clock, doors.random, doors.network, doors.meta, *files->store_},
                        std::move(found));
  doors.runner.start(files->store_.get(), "hydfs");
  return files;
}

void NodeFiles::close() {
  store_->close();
  doors_.runner.wake(store_.get());
}
}  // namespace rs
