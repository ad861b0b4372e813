// Who a node is: its UUID, drawn at its first start, and its last generation, which never goes down; and how its
// cluster was switched (docs/formats/cluster.md). All is kept in one small file that is replaced whole.
#pragma once
#include <cstdint>
#include <string>

#include "base/uuid.h"
#include "io/clock.h"
#include "io/file.h"
#include "membership/settings.h"

namespace rs {
class NodeIdentity {
 public:
  // Reads the file `identity` of `folder`, or makes it. kNodeIdentity: it is damaged. Whoever opens it holds the lock.
  static StatusOr<NodeIdentity> open(const std::string& folder, io::Directory* directory, io::Random* random);

  const Uuid& uuid() const { return uuid_; }
  uint64_t generation() const { return generation_; }  // 0: it never was a member

  using Switch = membership::Setting<membership::Protocol>;
  const Switch& switched() const { return switched_; }  // version 0: never

  Status raise_to(uint64_t generation);  // durable when it returns; it must be higher than the last
  Status keep(const Switch& newer);      // so is this; a disk that refuses takes it with the next generation

 private:
  NodeIdentity(std::string folder, io::Directory* directory) : folder_(std::move(folder)), directory_(directory) {}
  std::string text(uint64_t generation) const;
  bool read(const std::string& text);

  std::string folder_;
  io::Directory* directory_;
  Uuid uuid_;
  uint64_t generation_ = 0;
  Switch switched_;
};
}  // namespace rs
