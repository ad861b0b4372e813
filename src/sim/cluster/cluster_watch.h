// What must hold in a whole cluster. It knows who really lives, so it can tell whether what the lists say is true, and
// how long they took to learn it.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/cluster/cluster.h"
#include "sim/cluster/list_watch.h"
#include "sim/invariants.h"

namespace rs::sim {
struct Detection {  // of one crash, by those who lived through it
  std::optional<int64_t> first_ns, all_ns;
};

class ClusterWatch {
 public:
  ClusterWatch(Cluster* cluster, Verdict* verdict);  // it hangs itself into the cluster

  // From when on the weather allows to ask for no false positive: INT64_MAX while it does not.
  void calm_from(int64_t world_ns) { calm_from_ns_ = world_ns; }

  // Every living member is a member in every such list, nobody else is, and all go by one protocol and drop nothing.
  bool converged() { return untrue().empty(); }
  std::string untrue();  // what is not so
  bool one_protocol();
  void poll();  // now and then

  void begin_exam(const std::vector<size_t>& victims);  // they crash now
  Detection detection(size_t victim) const;
  void end();  // looks at the counters of all

  // Ids that lived when somebody first called them failed.
  uint64_t false_positives() const { return false_positives_; }
  const std::map<std::string, uint64_t>& told() const { return told_; }

 private:
  struct Fate {
    std::string name;
    bool died = false, called_failed = false;
    std::optional<int64_t> left_ns;
  };
  struct Exam {
    int64_t at_ns = 0;
    membership::MemberId id;
    std::map<size_t, int64_t> known_by;
  };
  void made_durable(Life& life, membership::Generation before);
  void dying(Life& life);
  void stepped(Life& life, const std::vector<membership::Event>& events);
  void on_event(Life& life, const membership::Event& event);
  void on_failed(Life& life, const membership::Event& event, Fate* fate);
  void look_for_strangers(Life& life);
  ListWatch& list_of(const Life& life);
  bool calm() const;
  bool suspicion_everywhere();
  membership::MemberId id_of(const Life& life, membership::Generation generation) const;

  Cluster& cluster_;
  Verdict& verdict_;
  std::map<membership::MemberId, Fate> book_;  // every id that ever was
  std::map<io::ProcessId, ListWatch> lists_;
  std::map<io::ProcessId, int64_t> joined_ns_;  // since when it has its list
  std::map<size_t, Exam> exams_;
  std::map<std::string, uint64_t> told_;  // events, over all logs
  int64_t calm_from_ns_ = INT64_MAX;
  int64_t gentle_from_ns_ = INT64_MAX;  // since when all suspect before they condemn
  uint64_t false_positives_ = 0;
};
}  // namespace rs::sim
