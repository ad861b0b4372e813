// One life of one node of the file system: a process whose loop does what a daemon's does for HyDFS, over the simulated
// network, disk and meta store. Who lives is told to it by the harness, late and sometimes wrongly, as membership's
// hints are.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hydfs/file_system.h"
#include "io/runner.h"
#include "io/sim/meta.h"
#include "io/sim/wire.h"
#include "io/sim/world.h"

namespace rs::sim {
struct FileHome {  // what outlives a life
  io::HostId host;
  io::Endpoint address;
  std::string name, folder;
  Uuid node;
};

struct FileLifeOptions {
  hydfs::HostOptions host;
  hydfs::StoreOptions store;
};

class FileLife final : public io::Loop {
 public:
  using Command = std::function<void(hydfs::FileSystem&)>;

  // All borrowed. `stepped`: after each step. A store that can't be opened is a dead process: ok() says so.
  FileLife(FileHome* home, io::SimWire* wire, io::SimMeta* meta, const FileLifeOptions& options,
           std::function<void(FileLife&)> stepped);
  ~FileLife() override;

  io::Wake step() override;
  void command(Command command);
  void see(std::shared_ptr<const membership::MemberView> view);

  const Status& opened() const { return opened_; }
  hydfs::FileSystem& files() { return *files_; }
  const FileHome& home() const { return home_; }
  io::ProcessId process() const { return process_.id; }
  bool tail_was_cut() const { return tail_was_cut_; }

 private:
  FileHome& home_;
  io::SimWorld& world_;
  const std::function<void(FileLife&)> stepped_;
  io::SimProcess process_;
  Status opened_;
  bool tail_was_cut_ = false;
  std::unique_ptr<hydfs::Store> store_;
  std::unique_ptr<io::Network> network_;
  std::unique_ptr<io::MetaStore> meta_;
  std::optional<hydfs::FileSystem> files_;
  std::vector<Command> commands_;
};
}  // namespace rs::sim
