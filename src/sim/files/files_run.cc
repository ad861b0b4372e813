#include "sim/files/files_run.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "hydfs/name.h"
#include "sim/files/file_clients.h"
#include "sim/files/file_cluster.h"
#include "sim/files/file_faults.h"
#include "sim/files/file_history.h"
#include "sim/files/file_watch.h"

namespace rs::sim {
namespace {
constexpr int64_t kMilli = 1'000'000, kSecond = 1'000'000'000;
constexpr int64_t kWhole = 240 * kSecond;  // from the end of all faults on

class FilesRun {
 public:
  FilesRun(const FilesWorkload& workload, uint64_t seed, const TraceLine& trace)
      : workload_(workload), world_(seed), knobs_(seed, "knobs"), history_(&verdict_) {
    if (trace) world_.trace.print_to(trace);
  }

  Outcome go() {
    make();
    const auto weather_ns = static_cast<int64_t>(knob("weather_s")) * kSecond;
    faults_->begin(weather_ns);
    run(weather_ns, [] { return false; });
    world_.trace.add("mend", 0);
    faults_->mend();
    clients_->stop();
    if (!run(kWhole, [this] { return clients_->idle(); }) && !over())
      verdict_.breach(Invariant::kWholeAgain, "calls of clients are not answered");
    if (!over() && !run(kWhole, [this] { return watch_->unlike().empty(); }) && !over())
      verdict_.breach(Invariant::kWholeAgain, watch_->unlike());
    last_reads();
    finished_ = !over();
    return outcome();
  }

  Outcome outcome() {
    Outcome out{.breach = verdict_.first(),
                .finished = finished_,
                .trace_hash = world_.trace.hash(),
                .steps = world_.scheduler.steps(),
                .virtual_ns = world_.clock.now_ns()};
    if (!faults_) return out;
    out.counts = clients_->counts();
    for (const auto& [name, n] : faults_->counts()) out.counts["fault " + name] = n;
    out.counts["appends"] = history_.appends();
    out.counts["appends acknowledged"] = history_.acknowledged_appends();
    out.counts["reads"] = history_.reads();
    out.counts["views"] = watch_->views();
    out.counts["committed entries"] = watch_->commits();
    out.counts["tails cut"] = cluster_->tails_cut();
    out.counts["sync errors"] = world_.disk.counts().sync_errors;
    out.counts["bits flipped"] = world_.disk.counts().flips;
    out.counts["disks that ended a process"] = cluster_->disks_failed();
    out.counts["slow disk operations"] = world_.disk.counts().slow_operations;
    const io::SimMetaCounts& meta = cluster_->meta().counts();
    out.counts["meta answers lost"] = meta.lost_answers;
    out.counts["meta transactions late"] = meta.late;
    return out;
  }
  Verdict& verdict() { return verdict_; }

 private:
  uint64_t knob(const char* name) { return workload_.knob(name).draw(&knobs_); }
  bool over() const { return verdict_.first().has_value(); }

  void make() {
    FileLifeOptions options;
    const size_t nodes = knob("nodes");
    options.host.copies = std::min<size_t>(knob("copies"), nodes);
    options.store.segment_bytes = knob("segment_kb") << 10;
    cluster_.emplace(&world_, options, static_cast<int64_t>(knob("hint_ms")) * kMilli);
    cluster_->wire().usual.most_ns = static_cast<int64_t>(knob("delay_us")) * 1'000;
    cluster_->wire().usual.least_ns = cluster_->wire().usual.most_ns / 10;
    cluster_->wire().usual.breaks = static_cast<double>(knob("breaks")) / 1'000;
    cluster_->meta().faults.lost_ask = cluster_->meta().faults.lost_answer =
        static_cast<double>(knob("meta_lost")) / 100;
    cluster_->meta().faults.late = static_cast<double>(knob("meta_late")) / 100;
    watch_.emplace(&*cluster_, &verdict_);
    cluster_->stepped = [this](size_t node, FileLife& life) {
      watch_->stepped(node, life);
      if (faults_) faults_->stepped(life);
    };
    cluster_->died = [this](size_t node) {
      watch_->died(node);
      if (clients_) clients_->died(node);
    };
    for (size_t i = 0; i < nodes; ++i) cluster_->add();
    ClientHabits habits;
    habits.clients = knob("clients");
    habits.files = knob("files");
    habits.window = knob("window");
    habits.most_bytes = knob("most_bytes");
    habits.pause_ns = static_cast<int64_t>(knob("pause_ms")) * kMilli;
    habits.read = knob("read");
    habits.remove = knob("remove");
    clients_.emplace(&*cluster_, &history_, habits);
    faults_.emplace(workload_, &*cluster_, &*watch_);
    for (size_t i = 0; i < nodes; ++i) cluster_->boot(i);
    run(2 * kSecond, [] { return false; });
    clients_->begin();
  }

  // true: it came about in time.
  bool run(int64_t ns, const std::function<bool()>& until) {
    const int64_t end_ns = world_.clock.now_ns() + ns;
    int64_t next_look_ns = 0;
    bool ended = false;
    world_.scheduler.post(end_ns, [&ended] { ended = true; });
    while (!ended && !over()) {
      world_.scheduler.step();
      if (world_.clock.now_ns() < next_look_ns) continue;
      next_look_ns = world_.clock.now_ns() + 20 * kMilli;
      cluster_->reap();
      if (until()) return true;
    }
    return false;
  }

  void last_reads() {
    if (over()) return;
    size_t left = workload_.knob("files").high;
    std::set<Uuid> shown;
    const size_t node = cluster_->living().front();
    for (size_t file = 0; file < workload_.knob("files").high; ++file) {
      clients_->read_whole(node, clients_->name_of(file), [this, &left, &shown](auto content) {
        --left;
        if (!content) return;
        shown.insert(content->first);
        history_.last_read(content->first, content->second);
      });
    }
    if (!run(kWhole, [&left] { return left == 0; }) && !over())
      verdict_.breach(Invariant::kWholeAgain, "files are not read");
    for (const Uuid& file : history_.files())
      if (shown.count(file) == 0) history_.missing(file);
  }

  const FilesWorkload workload_;
  io::SimWorld world_;
  io::SimRandom knobs_;
  Verdict verdict_;
  FileHistory history_;
  std::optional<FileCluster> cluster_;
  std::optional<FileWatch> watch_;
  std::optional<FileClients> clients_;
  std::optional<FileFaults> faults_;
  bool finished_ = false;
};
}  // namespace

Outcome run_files(const FilesWorkload& workload, uint64_t seed, const TraceLine& trace) {
  FilesRun run(workload, seed, trace);
  return outcome_of(&run);
}
}  // namespace rs::sim
