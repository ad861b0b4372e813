// What the public API asks of the file system. HyDFS implements it on a node; tests have a fake (test_files.h).
//
// Everything is called on the node's loop and returns at once. What takes time is a ticket that is pulled: "nothing"
// means that the loop is woken when there is more, and a ticket that is destroyed early ends what it stands for.
//
// Patience. No ticket waits for ever: when nothing moved for the order's `patience_ms`, it ends with kFsTimedOut (or
// kNoQuorum), and the detail "waits for" names what was missing. What moves may take as long as it takes.
// Memory. Nobody holds a file: an upload takes what room() says, a download brings what next() asks for, rows come one
// by one. An implementation has a bound for each ticket, and the API one for their number.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rs {
// A node that stores a file now, as that node itself says.
struct FileReplica {
  std::string node, address;  // name, endpoint
  std::string ring_id;        // the node's: 16 hexadecimal digits
  uint64_t bytes = 0;         // of the file, there
  bool operator==(const FileReplica&) const = default;
};

struct FileInfo {
  std::string name;
  std::string id;                     // drawn by its creator; another file of the same name has another
  std::string ring_id;                // its group's point on the ring: 16 hexadecimal digits
  uint64_t size = 0;                  // bytes
  uint64_t appends = 0;               // 1 for a file that was created only
  std::vector<FileReplica> replicas;  // in the order of the ring; kList leaves them out
};

struct RingMember {
  std::string node, id, address;  // name, membership id as node_id(), endpoint
  std::string state;              // as state_name()
  std::string ring_id;
};

struct StoreUsage {
  std::string node, address;
  uint64_t files = 0, bytes = 0;  // replicas that it stores, and their content
  uint64_t disk_bytes = 0;        // what its store takes on the disk
};

// Something that is missing in an answer, or that a check found.
struct FileProblem {
  std::string node;  // its name; empty: of no single node
  std::string name;  // of a file; empty: of no single file
  std::string what;  // "does not answer", "2 of 3 replicas", "differs from n1 behind byte 4096"
};

struct FileOrder {
  enum class Kind {
    kList,    // all files whose names begin with `name`, in byte order of the names
    kStore,   // the files that this node stores now, and no other: their replica is this node
    kStat,    // one file: all replicas are asked what they hold
    kRemove,  // one file; the row tells what it was
    kMerge,   // one file: when the row comes all its replicas are identical
    kCheck,   // `name` as in kList: all replicas are compared byte by byte. A row for each file that is sound, a
              // problem for each that is not. The end is kFsDiffers when there was one
    kUsage,   // of each node; `name` as in kList limits what is counted
  };
  Kind kind = Kind::kList;
  std::string name;
  int64_t patience_ms = 15'000;
};

struct FileStep {
  enum class Kind {
    kNothing,  // not now
    kFile,     // `file`
    kUsage,    // `usage`
    kProblem,  // `problem`: of a list, the answer is partial
    kEnd,      // `status`: Ok, also of a partial list; or why there is no answer
  };
  Kind kind = Kind::kNothing;
  FileInfo file;
  StoreUsage usage;
  FileProblem problem;
  Status status;
};

// kRemove and kMerge, when they are destroyed early, may or may not happen.
class FileTicket {
 public:
  virtual ~FileTicket() = default;
  virtual FileStep next() = 0;  // not behind kEnd
};

struct UploadOrder {
  enum class Kind { kCreate, kAppend };
  Kind kind = Kind::kCreate;
  std::string name;
  int64_t patience_ms = 15'000;
};

struct UploadState {
  enum class Phase {
    kOpening,     // is the name free, or there? No byte is taken yet
    kWriting,     // takes bytes
    kCommitting,  // commit() was called
    kDone,        // all of it is in the file, on all replicas of the present view
    kFailed,      // nothing of it is in the file, or the failure is kFsUnknownOutcome
  };
  Phase phase = Phase::kOpening;
  uint64_t taken_bytes = 0, safe_bytes = 0;  // safe: durable on the replicas, though invisible until kDone
  std::string waits_for;                     // when nothing moves: "a copy of group 17 on n4"
  uint64_t offset = 0;                       // kDone: where it stands in the file
  FileInfo file;                             // kDone: with its replicas
  Status failure;                            // kFailed
};

// All or nothing: a create that is destroyed before kDone takes no name, an append that is leaves the file as it was;
// but for one that is kCommitting, which may go either way.
class FileUpload {
 public:
  virtual ~FileUpload() = default;
  virtual const UploadState& state() = 0;          // the loop is woken when it changes
  virtual size_t room() = 0;                       // the bytes that it takes now; 0: the loop is woken when it does
  virtual void write(std::string_view bytes) = 0;  // kWriting, at most room()
  virtual void commit() = 0;                       // kWriting, once; of no bytes too
};

struct DownloadOrder {
  std::string name;
  uint64_t from = 0;               // behind the end: kApiRequest
  std::optional<uint64_t> last;    // instead of `from`: so many bytes from the end on, or all
  std::optional<uint64_t> length;  // at most; none: to the end
  std::string replica;             // a node: the raw bytes of its replica as they are, without any side effect
  bool follow = false;             // go on with each append as it is committed; ends when the file is removed
  int64_t patience_ms = 15'000;
};

struct DownloadPiece {
  enum class Kind {
    kNothing,  // not now
    kHead,     // first, and once: `file` (of a replica: as that one has it), `from`, `length`
    kBytes,    // `bytes`, in order and without gaps
    kEnd,      // `status`: Ok: all bytes came. A file that was removed meanwhile, or any other failure, says so here
  };
  Kind kind = Kind::kNothing;
  FileInfo file;
  uint64_t from = 0;
  std::optional<uint64_t> length;  // of what comes; none: it is followed
  std::string bytes;
  Status status;
};

class FileDownload {
 public:
  virtual ~FileDownload() = default;
  virtual DownloadPiece next(size_t at_most) = 0;  // of `bytes`; not behind kEnd
};

// No order fails at once: an order that cannot be served (a name that none can have: kFileName) is a ticket that ends
// so.
class FileService {
 public:
  virtual ~FileService() = default;
  virtual std::unique_ptr<FileTicket> begin(const FileOrder& order) = 0;
  virtual std::unique_ptr<FileUpload> upload(const UploadOrder& order) = 0;
  virtual std::unique_ptr<FileDownload> download(const DownloadOrder& order) = 0;
  virtual std::vector<RingMember> ring() = 0;  // all members that are known, by ring id
};
}  // namespace rs
