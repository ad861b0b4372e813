// What the public API asks of a node. The daemon implements it over membership, query and configuration; tests have a
// fake. Everything is called on the node's loop and returns at once: what takes longer is seen later, in the list of
// nodes, in the events, or in a stream that is pulled. Whoever has something new for a stream wakes the loop.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "node/file_service.h"

namespace rs {
enum class NodeState { kAlive, kSuspect, kFailed, kLeft };

struct NodeInfo {
  std::string name;     // for people: n1, or host:port
  std::string uuid;     // of the node, kept on disk
  std::string address;  // where its datagrams go
  uint64_t generation = 0;
  uint64_t refutation = 0;
  NodeState state = NodeState::kAlive;
  int64_t updated_wall_ns = 0;  // the last change that this node heard of
  std::string presence;         // of self() alone: "out", "joining", "in", "leaving"
};

struct Suspicion {
  std::string node;  // its name
  std::string id;    // its membership id, as in node_id()
  int64_t since_wall_ns = 0;
  std::optional<int64_t> until_wall_ns;  // nullopt: suspected now
  std::string outcome;                   // "suspected", "refuted", "failed", "left"
};

// join, leave, suspect, refute, fail, switch, drop: what membership writes into the log, one event a line.
struct MemberEvent {
  uint64_t sequence = 0;  // from 1, one more for each
  int64_t wall_ns = 0;
  std::string kind;
  std::string node;    // whom it is about
  std::string id;      // its membership id; empty for switch and drop
  std::string detail;  // "by n3, n4", "gossip suspect", "0.3"
};

class MemberService {
 public:
  virtual ~MemberService() = default;
  virtual NodeInfo self() = 0;
  virtual std::vector<NodeInfo> nodes() = 0;                // all that are known, this one too, by name
  virtual std::vector<Suspicion> suspicions(bool all) = 0;  // now, or each since the start; oldest first
  virtual uint64_t last_event() = 0;                        // the number of the newest; 0: none yet
  // Those behind `sequence`, oldest first. Only the newest are kept: a gap in the numbers tells of what is forgotten.
  virtual std::vector<MemberEvent> events_after(uint64_t sequence) = 0;
  // kMembership: it is a member, or is none. Done when the presence of self() is "in", or "out". Without
  // seeds: the configured ones.
  virtual Status join(const std::vector<std::string>& seeds) = 0;
  virtual Status leave() = 0;
};

enum class MemberMode { kGossip, kPing };

struct MemberProtocol {
  MemberMode mode = MemberMode::kGossip;
  bool suspicion = true;
  bool operator==(const MemberProtocol&) const = default;
};

class ProtocolService {
 public:
  virtual ~ProtocolService() = default;
  virtual MemberProtocol protocol() = 0;
  virtual Status set_protocol(const MemberProtocol& protocol) = 0;  // of the whole cluster
  virtual double drop() = 0;                                        // receive loss, 0 .. 1
  virtual Status set_drop(double fraction, bool all_nodes) = 0;
};

constexpr int kPartialExit = 11;

struct GrepRequest {
  std::vector<std::string> arguments;  // of the program grep: options, and the pattern; no files
  std::string files;                   // a pattern below the log root of each node; empty: the usual logs
  std::vector<std::string> nodes;      // whose lines are printed; empty: all
};

// One step of a log query. Exactly one of the three is told by `kind`.
struct GrepPiece {
  enum class Kind {
    kNothing,  // not now: the loop is woken when there is more
    kLines,    // `text`: whole lines, as they are printed: NODE:FILE:LINE
    kNode,     // a node is through, or will not be heard of
    kEnd,      // all nodes are through
  };
  Kind kind = Kind::kNothing;
  std::string node;      // kLines, kNode
  std::string text;      // kLines
  uint64_t matches = 0;  // kNode: its lines that match; kEnd: of all nodes
  std::string problem;   // kNode: empty, or why it did not answer, or not wholly; kEnd: why nothing was searched
  int exit_code = 0;     // kEnd: grep's own 0, 1, 2, or kPartialExit: a node did not answer, or not wholly
};

// Destroyed before kEnd: the remote greps end.
class GrepStream {
 public:
  virtual ~GrepStream() = default;
  virtual GrepPiece next(size_t at_most) = 0;  // `text` has at most so many bytes; a longer line comes in pieces
};

struct LogRequest {
  uint64_t lines = 10;  // the newest of what is there
  bool follow = false;
};

// Destroyed at any time.
class LogStream {
 public:
  enum class State { kOpen, kEnd };
  virtual ~LogStream() = default;
  virtual State read(size_t at_most, std::string* to) = 0;  // appends what is there now, perhaps nothing
};

class LogService {
 public:
  virtual ~LogService() = default;
  virtual StatusOr<std::unique_ptr<GrepStream>> grep(const GrepRequest& request) = 0;
  virtual StatusOr<std::unique_ptr<LogStream>> logs(const LogRequest& request) = 0;
};

struct ConfigValue {
  std::string name, value;  // never a secret
  std::string origin;       // "flag", "RAINSTORM_LISTEN", "node.yaml:3", "default"
};

struct NodeStatus {
  std::string version;
  int64_t pid = 0;
  int64_t started_wall_ns = 0;
  std::string folder;                 // its data
  std::vector<std::string> warnings;  // what a person should look at
};

class MetricSheet;

class StatusService {
 public:
  virtual ~StatusService() = default;
  virtual NodeStatus status() = 0;
  virtual std::vector<ConfigValue> config() = 0;
  virtual void measure(MetricSheet* sheet) = 0;  // writes all values of now
};

// Borrowed. All belong to the node's loop.
struct NodeService {
  MemberService& members;
  ProtocolService& protocol;
  LogService& logs;
  StatusService& status;
  FileService* files = nullptr;  // nullptr: this node has no file system
};

std::string node_id(const NodeInfo& node);  // address, port and generation: "127.0.0.1:7001#3"
std::string_view state_name(NodeState state);
std::string_view mode_name(MemberMode mode);
std::string_view suspicion_name(bool suspicion);  // "suspect", "nosuspect"
}  // namespace rs
