#include "sim/run.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/engine_host.h"
#include "sim/faults.h"
#include "sim/outputs.h"
#include "sim/random_shape.h"
#include "sim/shape.h"

namespace rs::sim {
namespace {
constexpr int64_t kLivenessNs = 20'000'000'000;  // virtual: the job ends so long after the last fault
constexpr uint64_t kSteps = 400'000;

class Run {
 public:
  Run(const Workload& workload, uint64_t seed, const TraceLine& trace)
      : workload_(with_shape(workload, seed)), world_(seed), knobs_(seed, "knobs") {
    if (trace) world_.trace.print_to(trace);
  }

  Outcome go() {
    job_ = make_job(workload_, &world_);
    for (uint32_t c = 0; c < job_.graph.channels.size(); ++c) {
      auto name = [&](TaskId task) { return job_.graph.tasks[task.value].name; };
      const ChannelSpec& channel = job_.graph.channels[c];
      world_.trace.add("channel", c, absl::StrCat(name(channel.from), " > ", name(channel.to)));
    }
    outputs_.emplace(job_, world_.disk, &verdict_);
    host_.emplace(&world_, &job_, journal_options(), time("detect_us"), &verdict_);
    faults_.emplace(workload_, &world_, job_, &*host_, &*outputs_);
    host_->network().options().delay_ns = time("delay_us");
    world_.disk.latency().sync_ns = time("sync_us");
    const int64_t horizon = time("horizon_ms") * 1000;
    faults_->plan(horizon);
    host_->boot_later(0);
    run_until(horizon);
    if (!over()) {
      world_.trace.add("mend", 0);
      faults_->mend();
      mended_ = true;
      host_->settle();
      run_until(world_.clock.now_ns() + kLivenessNs);
    }
    if (!over()) {
      verdict_.breach(Invariant::kEnds, absl::StrCat("not ended:", host_->unfinished()));
    }
    if (host_->finished() && !verdict_.first()) check_end();
    return outcome();
  }

  Outcome outcome() {
    Outcome out{.breach = verdict_.first(),
                .finished = host_ && host_->finished(),
                .trace_hash = world_.trace.hash(),
                .steps = world_.scheduler.steps(),
                .virtual_ns = world_.clock.now_ns()};
    if (host_ && host_->stopped()) out.stopped = host_->stopped()->ToString();
    if (host_) count(&out.counts);
    return out;
  }
  Verdict& verdict() { return verdict_; }

 private:
  int64_t time(const std::string& knob) { return static_cast<int64_t>(workload_.knob(knob).draw(&knobs_)) * 1000; }

  JournalOptions journal_options() {
    auto draw = [&](const char* knob) { return workload_.knob(knob).draw(&knobs_); };
    return {.segment_bytes = draw("segment_bytes"),
            .group_bytes = draw("group_bytes"),
            .keep_segments = draw("keep_segments"),
            .carry_bytes = draw("carry_bytes")};
  }

  bool over() const { return host_->finished() || host_->stopped() || verdict_.first(); }

  void run_until(int64_t end_ns) {
    while (!over() && world_.clock.now_ns() < end_ns && world_.scheduler.steps() < kSteps) {
      if (!world_.scheduler.step()) return;
      host_->settle();
      outputs_->look();
      if (mended_ && job_.endless() && outputs_->whole()) host_->leave();
    }
  }

  // E18: the output is there, whole and durable; then the power goes, and it still is.
  void check_end() {
    host_->check_held();
    if (job_.endless()) return;  // it left when all was there
    outputs_->finished();
    if (verdict_.first()) return;
    world_.power_loss();
    outputs_->power_was_lost();
    outputs_->finished();
  }

  void count(std::map<std::string, uint64_t>* counts) const {
    for (const auto& [name, n] : faults_->counts()) (*counts)["fault " + name] = n;
    const NetworkCounts& network = host_->network().counts();
    (*counts)["messages"] = network.messages;
    (*counts)["fault break"] = network.breaks;
    (*counts)["fault ack_late"] = network.acks_late;
    (*counts)["acks repeated"] = network.acks_repeated;
    (*counts)["messages lost"] = network.lost;
    (*counts)["dials in vain"] = network.unreachable;
    const HostCounts& host = host_->counts();
    (*counts)["boots"] = host.boots;
    (*counts)["task deaths"] = host.task_deaths;
    (*counts)["zombies"] = host.zombies;
    (*counts)["zombies that failed"] = host.zombies_fenced;
    (*counts)["restarts by hand"] = host.restarts_by_hand;
    (*counts)["drained"] = host.drained;
    (*counts)["epochs tried again"] = host.epochs_tried_again;
    const io::DiskCounts& disk = world_.disk.counts();
    (*counts)["crashes inside a disk operation"] = disk.crashes_at_operation;
    (*counts)["read errors"] = disk.read_errors;
    (*counts)["sync errors"] = disk.sync_errors;
    (*counts)["writes without room"] = disk.full;
    (*counts)["pages lost"] = disk.lost_pages;
    (*counts)["pages torn"] = disk.torn_pages;
    (*counts)["names lost"] = disk.lost_names;
    (*counts)["bits flipped"] = disk.flips;
    (*counts)["segments cut"] = disk.cuts;
    (*counts)["children crashed"] = world_.children.counts().crashes;
    (*counts)["children hung"] = world_.children.counts().hangs;
  }

  const Workload workload_;
  io::SimWorld world_;
  io::SimRandom knobs_;
  Verdict verdict_;
  Job job_;
  std::optional<OutputWatch> outputs_;
  std::optional<EngineHost> host_;
  std::optional<FaultInjector> faults_;
  bool mended_ = false;
};
}  // namespace

Outcome run_seed(const Workload& workload, uint64_t seed, const TraceLine& trace) {
  Run run(workload, seed, trace);
  return outcome_of(&run);
}
}  // namespace rs::sim
