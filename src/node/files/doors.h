// What the tickets of this folder share: the file system, and how nodes are named to people.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "hydfs/file_system.h"
#include "io/clock.h"
#include "membership/view.h"
#include "node/file_service.h"

namespace rs::files {
struct Doors {  // borrowed, and outlive every ticket
  hydfs::FileSystem& fs;
  io::Clock& clock;
  io::Random& random;
  std::function<std::shared_ptr<const membership::MemberView>()> view;
  std::function<void()> news;  // a ticket has something new
};

std::string ring_text(uint64_t point);  // 16 hexadecimal digits
// The name and the address of a node; its UUID, if it is not known.
FileReplica replica_of(const Doors& doors, const Uuid& node);
FileInfo info_of(const hydfs::FileFact& fact);
Status refusal(hydfs::Verdict::Kind verdict, const std::string& name);  // why an append or create was refused
Status missing(const std::string& name);

// Calls of one ticket: those that are under way when it ends are given up.
class Calls {
 public:
  explicit Calls(const Doors& doors, int64_t patience_ms)
      : doors_(doors), options_{patience_ms * 1'000'000, std::nullopt} {}
  ~Calls() {
    for (const hydfs::CallId id : open_) doors_.fs.caller().cancel(id);
  }
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  using Done = std::function<void(StatusOr<hydfs::Reply>)>;
  void call(hydfs::Ask ask, Done done) { start(std::move(ask), options_, std::move(done)); }
  void call_node(const Uuid& node, hydfs::Ask ask, Done done) {  // this one, and no other
    hydfs::CallOptions options = options_;
    options.node = node;
    start(std::move(ask), options, std::move(done));
  }
  size_t open() const { return open_.size(); }

 private:
  void start(hydfs::Ask ask, const hydfs::CallOptions& options, Done done) {
    const auto id = std::make_shared<hydfs::CallId>();  // shared: it is known after the callback was made
    *id = doors_.fs.caller().call(std::move(ask), options, [this, id, done = std::move(done)](auto reply) {
      open_.erase(*id);
      done(std::move(reply));
      doors_.news();
    });
    open_.insert(*id);
    doors_.news();
  }
  const Doors& doors_;
  const hydfs::CallOptions options_;
  std::set<hydfs::CallId> open_;
};

std::unique_ptr<FileTicket> make_ticket(const Doors& doors, const FileOrder& order);
std::unique_ptr<FileUpload> make_upload(const Doors& doors, const UploadOrder& order);
std::unique_ptr<FileDownload> make_download(const Doors& doors, const DownloadOrder& order);

// Asks every living node, and every member of the group's record, what it holds of a file. `done` gets the replicas in
// the order of the ring, and what did not answer.
void find_replicas(const Doors& doors, Calls* calls, const std::string& name,
                   std::function<void(std::vector<FileReplica>, std::vector<FileProblem>)> done);
}  // namespace rs::files
