#include "io/sim/disk.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace rs::io {
namespace {
std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  for (const auto& piece : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    std::string part(piece);
    if (part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
      continue;
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

void walk(const Inode& directory, const std::string& prefix,
          const std::function<void(const std::string& path, Inode*)>& visit) {
  for (const auto& [name, inode] : directory.names) {
    const std::string path = absl::StrCat(prefix, "/", name);
    visit(path, inode.get());
    if (inode->is_directory()) walk(*inode, path, visit);
  }
}
}  // namespace

SimDisk::SimDisk(uint64_t seed, SimClock* clock, Processes* processes, Trace* trace)
    : clock_(clock),
      processes_(processes),
      trace_(trace),
      crashes_(seed, "disk crashes"),
      errors_(seed, "disk errors"),
      latencies_(seed, "disk latencies"),
      platter_(seed, "platter"),
      numbering_(seed, "inode numbers"),
      root_(new_inode(FileStat::Type::kDirectory)) {}

InodeRef SimDisk::new_inode(FileStat::Type type) {
  auto inode = std::make_shared<Inode>(type, numbers_.take(&numbering_), &numbers_);
  inode->mtime_ns = clock_->wall_ns();
  return inode;
}

InodeRef SimDisk::find(const std::string& path) const {
  InodeRef inode = root_;
  for (const std::string& part : parts_of(path)) {
    auto entry = inode->names.find(part);
    if (entry == inode->names.end()) return nullptr;
    inode = entry->second;
  }
  return inode;
}

InodeRef SimDisk::existing_file(const std::string& path) const {
  InodeRef inode = find(path);
  RS_CHECK(inode != nullptr && !inode->is_directory(), "the harness names a file that exists");
  return inode;
}

StatusOr<SimDisk::Place> SimDisk::place(const std::string& path) const {
  std::vector<std::string> parts = parts_of(path);
  if (parts.empty()) return absl::InvalidArgumentError("the root has no name");
  std::string name = std::move(parts.back());
  InodeRef directory = root_;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    auto entry = directory->names.find(parts[i]);
    if (entry == directory->names.end() || !entry->second->is_directory())
      return absl::NotFoundError(absl::StrCat(path, ": no such directory"));
    directory = entry->second;
  }
  return Place{std::move(directory), std::move(name)};
}

SimDisk::Fate SimDisk::begin(ProcessId process, Operation operation, const std::string& path, uint64_t bytes) {
  static constexpr std::string_view kNames[] = {"read", "write", "sync", "names"};
  if (!processes_->alive(process)) {
    ++counts_.aborted;
    return Fate::kRefused;
  }
  trace_->add(kNames[static_cast<int>(operation)], bytes, path);
  const int64_t base = operation == Operation::kSync ? latency_.sync_ns : latency_.operation_ns;
  const double cost = static_cast<double>(base) +
                      static_cast<double>(bytes) * 1e-3 * static_cast<double>(latency_.picoseconds_per_byte);
  const double jitter = 0.5 + static_cast<double>(latencies_.below(1024)) / 1024;
  const double factor = absl::StartsWith(path, latency_.below) ? latency_.factor : 1;
  clock_->spend(static_cast<int64_t>(cost * jitter * factor));
  if (factor > 1) ++counts_.slow_operations;
  if (operation == Operation::kRead) return Fate::kHappens;

  if (platter_.chance(faults_.write_back)) {
    ++counts_.write_backs;
    names_.write_back(&platter_);
    if (InodeRef inode = find(path)) inode->content.write_back(&platter_);
  }
  const uint64_t number = ++operations_[process];
  auto crash = crash_at_.find(process);
  if (crash == crash_at_.end() || crash->second != number) return Fate::kHappens;
  ++counts_.crashes_at_operation;
  trace_->add("crash", process.value, path);
  processes_->kill(process);
  return Fate::kCrashes;
}

Status SimDisk::take_read_error(const std::string& path, Inode* inode) {
  if (!std::exchange(inode->fail_next_read, false)) return Ok();
  ++counts_.read_errors;
  trace_->add("read failed", inode->number, path);
  return absl::InternalError(absl::StrCat(path, ": read: input/output error"));
}

bool SimDisk::hits(double chance, const std::string& path) {
  return errors_.chance(chance) && absl::StartsWith(path, faults_.below);
}

uint64_t SimDisk::used_bytes() const {
  uint64_t used = 0;
  walk(*root_, "", [&](const std::string&, Inode* inode) { used += inode->space(); });
  return used;
}

// How far a write that wants to end at `end` can go.
uint64_t SimDisk::room(const Inode& inode, uint64_t end) const {
  if (capacity_ == UINT64_MAX || end <= inode.space()) return end;
  const uint64_t used = used_bytes();
  return std::min(end, inode.space() + (capacity_ > used ? capacity_ - used : 0));
}

Status SimDisk::write(ProcessId process, const std::string& path, Inode* inode, uint64_t offset,
                      std::string_view bytes) {
  const Fate fate = begin(process, Operation::kWrite, path, bytes.size());
  Status status;
  if (fate != Fate::kHappens) status = absl::AbortedError("the process is dead");
  if (fate == Fate::kRefused) return status;
  size_t taken = bytes.size();
  const uint64_t end = room(*inode, offset + bytes.size());
  if (end < offset + bytes.size()) {
    ++counts_.full;
    taken = end > offset ? end - offset : 0;
    if (status.ok()) status = absl::ResourceExhaustedError(absl::StrCat(path, ": no space left on the disk"));
  }
  if (hits(faults_.write_error, path) || std::exchange(inode->fail_next_write, false)) {
    ++counts_.write_errors;
    if (status.ok()) status = absl::InternalError(absl::StrCat(path, ": write: input/output error"));
  }
  if (!status.ok()) {
    trace_->add("write failed", inode->number, path);
    taken = crashes_.below(taken + 1);
  }
  inode->content.write(offset, bytes.substr(0, taken));
  inode->mtime_ns = clock_->wall_ns();
  return status;
}

Status SimDisk::sync(ProcessId process, const std::string& path, Inode* inode) {
  const Fate fate = begin(process, Operation::kSync, path);
  if (fate == Fate::kCrashes) inode->content.write_back(&platter_);
  if (fate != Fate::kHappens) return absl::AbortedError("the process is dead");
  if (hits(faults_.sync_error, path) || std::exchange(inode->fail_next_sync, false)) {
    ++counts_.sync_errors;
    trace_->add("sync failed", inode->number, path);
    inode->content.write_back(&platter_);
    inode->content.fail_sync();
    return absl::InternalError(absl::StrCat(path, ": fdatasync: input/output error"));
  }
  inode->content.sync();
  return Ok();
}

Status SimDisk::make_directories(const std::string& path) {
  InodeRef directory = root_;
  for (const std::string& part : parts_of(path)) {
    InodeRef& next = directory->names[part];
    if (next == nullptr) {
      InodeRef made = new_inode(FileStat::Type::kDirectory);
      names_.add({{directory, part, made}});
    }
    if (!next->is_directory()) return absl::AlreadyExistsError(absl::StrCat(path, ": a file is in the way"));
    directory = next;
  }
  return Ok();
}

void SimDisk::crash_at_operation(ProcessId process, uint64_t n) {
  RS_CHECK(n > 0, "operations count from 1");
  crash_at_[process] = operations(process) + n;
}

uint64_t SimDisk::operations(ProcessId process) const {
  auto found = operations_.find(process);
  return found == operations_.end() ? 0 : found->second;
}

void SimDisk::power_loss() {
  RS_CHECK(!processes_->any_alive(), "no process survives a power loss");
  ++counts_.power_losses;
  trace_->add("power loss", counts_.power_losses);
  names_.lose_power(&platter_, &counts_);
  settle_after_power_loss(root_.get());
}

void SimDisk::settle_after_power_loss(Inode* directory) {
  directory->names = directory->durable_names;
  for (const auto& [name, inode] : directory->names) {
    inode->reserved = 0;
    inode->content.lose_power(&platter_, &counts_);
    settle_after_power_loss(inode.get());
  }
}

void SimDisk::fail_next_read(const std::string& path) { existing_file(path)->fail_next_read = true; }
void SimDisk::fail_next_write(const std::string& path) { existing_file(path)->fail_next_write = true; }
void SimDisk::fail_next_sync(const std::string& path) { existing_file(path)->fail_next_sync = true; }

void SimDisk::flip(const std::string& path, uint64_t offset, uint32_t bit) {
  ++counts_.flips;
  trace_->add("flip", offset, path);
  existing_file(path)->content.flip(offset, bit);
}

void SimDisk::cut(const std::string& path, uint64_t size) {
  ++counts_.cuts;
  trace_->add("cut", size, path);
  set_at_rest(path, contents(path).substr(0, size));
}

void SimDisk::set_at_rest(const std::string& path, std::string bytes) {
  existing_file(path)->content.set_at_rest(std::move(bytes));
}

void SimDisk::put(const std::string& path, std::string_view bytes) {
  ++counts_.foreign_changes;
  trace_->add("put", bytes.size(), path);
  std::vector<std::string> parts = parts_of(path);
  RS_CHECK(!parts.empty(), "the root is no file");
  const std::string name = std::move(parts.back());
  parts.pop_back();
  InodeRef directory = root_;
  for (const std::string& part : parts) {
    InodeRef& next = directory->names[part];
    if (next == nullptr) next = directory->durable_names[part] = new_inode(FileStat::Type::kDirectory);
    directory = next;
  }
  InodeRef file = new_inode(FileStat::Type::kRegular);
  file->content.set_at_rest(std::string(bytes));
  directory->names[name] = directory->durable_names[name] = std::move(file);
}

void SimDisk::append(const std::string& path, std::string_view bytes) {
  overwrite(path, existing_file(path)->content.now().size(), bytes);
}

void SimDisk::overwrite(const std::string& path, uint64_t offset, std::string_view bytes) {
  ++counts_.foreign_changes;
  trace_->add("foreign write", offset, path);
  std::string all = contents(path);
  if (all.size() < offset + bytes.size()) all.resize(offset + bytes.size());
  set_at_rest(path, all.replace(offset, bytes.size(), bytes));
  existing_file(path)->mtime_ns = clock_->wall_ns();
}

void SimDisk::truncate(const std::string& path, uint64_t size) {
  ++counts_.foreign_changes;
  trace_->add("foreign truncate", size, path);
  set_at_rest(path, contents(path).substr(0, size));
  existing_file(path)->mtime_ns = clock_->wall_ns();
}

std::string SimDisk::contents(const std::string& path) const { return std::string(existing_file(path)->content.now()); }

std::string SimDisk::durable_contents(const std::string& path) const {
  return std::string(existing_file(path)->content.durable());
}

std::vector<std::string> SimDisk::files() const {
  std::vector<std::string> paths;
  walk(*root_, "", [&](const std::string& path, Inode* inode) {
    if (!inode->is_directory()) paths.push_back(path);
  });
  return paths;
}
}  // namespace rs::io
