// A client of the file system: finds who can answer, asks, and asks again until it is answered or its time is over. So
// whoever uses it sees fail-overs as time that passes. Every question may be repeated (rpc.h).
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "hydfs/host.h"
#include "hydfs/rpc.h"
#include "hydfs/server.h"

namespace rs::hydfs {
using CallId = Id<struct CallTag, uint64_t>;

struct CallOptions {
  int64_t patience_ns = 15'000'000'000;
  std::optional<Uuid> node;  // this one and no other: for raw questions
};

class Caller {  // the host's thread
 public:
  // Of the Reply's kinds those that are answers: kDone, kRefused (never kGap), kFiles, kBytes, kNoFile. kNoQuorum,
  // kFsTimedOut, kReplicasLost: nobody could say, and what was waited for.
  using Done = std::function<void(StatusOr<Reply>)>;
  Caller(Host* host, Server* server, io::Network* network, io::Clock* clock)
      : host_(*host), server_(*server), network_(*network), clock_(*clock) {}

  CallId call(Ask ask, const CallOptions& options, Done done);
  void cancel(CallId id);  // whether it happens is not known

  bool handle(const io::NetEvent& event);  // false: no answer
  int64_t step();
  std::string waits_for(GroupId group) const;  // for people

 private:
  struct Call {
    Ask ask;
    CallOptions options;
    Done done;
    int64_t until_ns = 0;
    int64_t due_ns = 0;
    int64_t pause_ns = 0;
    bool asked = false;  // an answer may come
    ViewNumber asked_view;
    std::optional<Uuid> asked_node;
    std::string waits_for;
  };
  void attempt(CallId id, Call* call);
  void attempt_unfounded(CallId id, Call* call);
  void hear(CallId id, Reply reply);
  void finish(CallId id, StatusOr<Reply> reply);
  void again(CallId id, Call* call, int64_t pause_ns);
  void look_for_news();
  Status gave_up(const Call& call) const;

  Host& host_;
  Server& server_;
  io::Network& network_;
  io::Clock& clock_;
  uint64_t last_ = 0;
  std::map<CallId, Call> calls_;
  std::set<std::pair<int64_t, CallId>> due_;
};
}  // namespace rs::hydfs
