// The meta store of a simulated world: a table in memory that nothing can harm, and the ways to it, on which all goes
// wrong that can. The clients are the real ones (io/meta/client.h). Each fault is counted.
//
//   delay         a question, and an answer, takes a random time
//   lost ask      it never arrives
//   lost answer   the store did it, and the client does not hear so
//   late ask      it arrives when its client has long given up, crashed or restarted: swaps under way
//   cut off       a client hears nothing and is not heard; what was under way before still arrives
//   down          nobody is heard; leases do not run meanwhile
//   compaction    the history goes; a watch that has not seen all of it gets a snapshot
//   ended lease   as if the client had not been heard for its time
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "io/meta/client.h"
#include "io/meta/serve.h"
#include "io/meta/table.h"
#include "io/sim/world.h"

namespace rs::io {
struct SimMetaFaults {
  int64_t least_ns = 200'000, most_ns = 3'000'000;  // each way
  double lost_ask = 0, lost_answer = 0, late = 0;
  int64_t late_ns = 60'000'000'000;  // at most so late
};

struct SimMetaCounts {
  uint64_t asks = 0, lost_asks = 0, lost_answers = 0, late = 0, cut = 0, down = 0;
  uint64_t compactions = 0, snapshots = 0, ended_leases = 0;
  uint64_t fenced = 0;  // late transactions that found their session gone on
};

class SimMeta {
 public:
  explicit SimMeta(SimWorld* world) : world_(*world), random_(world->seed, "meta"), lots_(world->seed, "meta faults") {}

  // The store as a process sees it; it must end before this one does. `wake`: something can be taken.
  std::unique_ptr<MetaStore> attach(SimProcess* process, const Uuid& client, std::function<void()> wake);

  SimMetaFaults faults;
  void cut_off(const Uuid& client);  // its watches end
  void mend(const Uuid& client);
  void down();
  void up();
  void compact();
  void end_lease(LeaseId lease);
  const MetaTable& table() const { return table_; }
  const SimMetaCounts& counts() const { return counts_; }

  // For the lines. A tap is known by its number, so that what is under way to a dead one finds nobody.
  uint64_t plug(ProcessId process, const Uuid& client, std::function<void()> wake);
  void unplug(uint64_t tap) { taps_.erase(tap); }
  void send(uint64_t tap, const MetaAsk& ask);
  std::vector<MetaReply> take(uint64_t tap);
  SimWorld& world() { return world_; }

 private:
  struct Watch {
    std::string prefix;
    Revision at;
    bool seen = false;  // its snapshot
  };
  struct Tap {
    ProcessId process;
    Uuid client;
    std::function<void()> wake;
    std::map<MetaAskId, Watch> watches;
    std::vector<MetaReply> replies;
  };

  int64_t way_ns() {
    return static_cast<int64_t>(
        random_.between(static_cast<uint64_t>(faults.least_ns), static_cast<uint64_t>(faults.most_ns)));
  }
  void after(int64_t ns, std::function<void()> event);
  Tap* reached(uint64_t tap);  // nullptr: nothing gets there
  void arrive(uint64_t tap, const MetaAsk& ask);
  void watch(uint64_t tap, MetaAskId id, const MetaWatch& ask);
  void reply(uint64_t tap, MetaReply reply);
  void show(uint64_t tap, MetaAskId id);
  void show_all();
  void end_watches(const std::function<bool(const Tap&)>& of);
  void run_leases();

  SimWorld& world_;
  SimRandom random_, lots_;
  MetaTable table_;
  MetaExpiry expiry_;
  SimMetaCounts counts_;
  std::map<uint64_t, Tap> taps_;
  std::set<Uuid> cut_;
  bool down_ = false;
  uint64_t last_tap_ = 0;
};
}  // namespace rs::io
