#include "control/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "control/beyond_line.h"
#include "engine/verbs/verbs.h"

namespace rs {
namespace {
// In one process credit is memory that a receiver may owe while it waits for the disk, 40 ms at 0.8 GB/s.
constexpr uint64_t kCreditBytes = 32u << 20;
constexpr int64_t kProgramEpochNs = 20 * 1'000'000;  // E1: 20 x the time of a spawn, about 1 ms for a C program
constexpr uint64_t kProgramEpochBytes = 16u << 20;   // E1: an epoch that feeds a program at level 0

class Planner {
 public:
  Planner(const JobSpec& job, const std::vector<InputFile>& files, const PlanOptions& options)
      : job_(job), files_(files), options_(options) {
    RS_CHECK(options.cores > 0, "a machine has a core");
  }

  StatusOr<JobPlan> plan() {
    start_segment(source_kind(), source_count());
    graph_.files = files_;
    plan_.source_tasks = static_cast<uint32_t>(group_.size());
    for (index_ = 0; index_ < job_.stages.size(); ++index_) {
      plan_.stages.push_back({.text = job_.stages[index_].text});
      RS_RETURN_IF_ERROR(stage(job_.stages[index_]));
    }
    finish_with_sink();
    RS_CHECK(plan_.segments.size() == plan_.programs.size() + 1, "a program stands between two segments");
    return std::move(plan_);
  }

 private:
  SourcePolicy::Input source_kind() const {
    switch (job_.source.kind) {
      case SourceSpec::Kind::kTail:
        return SourcePolicy::Input::kTail;
      case SourceSpec::Kind::kStdin:
        return files_.empty() ? SourcePolicy::Input::kStream : SourcePolicy::Input::kFiles;
      default:
        return SourcePolicy::Input::kFiles;
    }
  }

  // A stateless first stage with a written parallelism decides how many tasks read.
  uint32_t source_count() const {
    if (source_kind() != SourcePolicy::Input::kFiles) return 1;
    const bool written = !job_.stages.empty() && job_.stages[0].parallel != 0;
    return written && is_stateless(job_.stages[0]) ? job_.stages[0].parallel : options_.cores;
  }

  static bool is_stateless(const StageSpec& stage) {
    if (stage.kind != StageSpec::Kind::kVerb) return false;
    const StatusOr<ParsedVerb> parsed = parse_verb(stage.argv);
    if (!parsed.ok() || !std::holds_alternative<Verb>(*parsed)) return false;
    return !std::holds_alternative<AggregateSpec>(std::get<Verb>(*parsed));
  }

  PlannedStage& planned() { return plan_.stages.back(); }
  TaskSpec& task(TaskId id) { return graph_.tasks[id.value]; }

  TaskId add_task(TaskKind kind, const std::string& name) {
    TaskId id(static_cast<uint32_t>(graph_.tasks.size()));
    graph_.tasks.push_back({.name = name, .kind = kind});
    return id;
  }

  void start_segment(SourcePolicy::Input input, uint32_t sources) {
    graph_ = {};
    graph_.job_id = options_.job_id;
    graph_.credit_bytes = kCreditBytes;
    graph_.policy.input = input;
    if (plan_.segments.empty()) graph_.policy.rate = options_.rate;
    group_.clear();
    for (uint32_t s = 0; s < sources; ++s) group_.push_back(add_task(TaskKind::kSource, absl::StrCat("source.", s)));
    graph_.sources = group_;
    parallel_ = sources;
    keyed_ = false;
    key_ = {};
  }

  // A new group of tasks behind the present one; every task is connected with every one.
  std::vector<TaskId> connect(TaskKind kind, uint32_t count, const OutputSpec& shape, const std::string& name) {
    RS_CHECK(count > 0 && !group_.empty(), "somebody sends, and somebody receives");
    std::vector<TaskId> next;
    for (uint32_t t = 0; t < count; ++t) next.push_back(add_task(kind, absl::StrCat(name, ".", t)));
    for (TaskId from : group_) {
      OutputSpec output = shape;
      for (TaskId to : next) {
        ChannelId channel(static_cast<uint32_t>(graph_.channels.size()));
        graph_.channels.push_back({from, to});
        output.channels.push_back(channel);
        task(to).in.push_back(channel);
      }
      task(from).outputs.push_back(std::move(output));
    }
    group_ = next;
    parallel_ = count;
    return next;
  }

  Routing spread(uint32_t count) const { return count == 1 ? Routing::kOne : Routing::kRotate; }

  Status stage(const StageSpec& stage) {
    if (stage.kind == StageSpec::Kind::kProgram) return program(stage, stage.argv, false);
    StatusOr<ParsedVerb> parsed = parse_verb(stage.argv);
    if (!parsed.ok()) return parsed.status();
    if (const auto* stand_in = std::get_if<StandIn>(&*parsed)) {
      planned().note = stand_in->why;
      return program(stage, stand_in->argv, true);
    }
    const Verb& verb = std::get<Verb>(*parsed);
    planned().kind = "verb";
    if (const auto* aggregate = std::get_if<AggregateSpec>(&verb)) return this->aggregate(stage, *aggregate);
    return stateless(stage, verb);
  }

  bool next_is_aggregate() const {
    if (options_.no_chain || index_ + 1 >= job_.stages.size()) return false;
    const StageSpec& next = job_.stages[index_ + 1];
    if (next.kind != StageSpec::Kind::kVerb) return false;
    StatusOr<ParsedVerb> parsed = parse_verb(next.argv);
    return parsed.ok() && std::holds_alternative<Verb>(*parsed) &&
           std::holds_alternative<AggregateSpec>(std::get<Verb>(*parsed)) &&
           std::get<AggregateSpec>(std::get<Verb>(*parsed)).fold != AggregateSpec::Fold::kTop;
  }

  Status stateless(const StageSpec& stage, const Verb& verb) {
    uint32_t wanted = stage.parallel != 0 ? stage.parallel : parallel_;
    bool alone = options_.no_chain || wanted != parallel_;
    if (alone) connect(TaskKind::kTransparent, wanted, {.routing = spread(wanted)}, stage.argv[0]);
    planned().tasks = static_cast<uint32_t>(group_.size());
    planned().chained = !alone;
    // `words` and `by` right before an aggregate only say where its key is: the combiner finds it itself.
    if (const auto* by = std::get_if<By>(&verb)) {
      if (next_is_aggregate()) return key_ = by->key, Ok();
      keyed_ = true;
    }
    if (std::holds_alternative<Words>(verb)) {
      if (next_is_aggregate() && !keyed_) return key_ = {.kind = FieldSpec::Kind::kWords}, Ok();
      append(verb);
      if (!value_is_key()) append(Verb(By{}));  // the word stays the key though its line is changed
      return Ok();
    }
    append(verb);
    return Ok();
  }

  // Does every stage from here to the next aggregate leave lines as they are?
  bool value_is_key() {
    keyed_ = false;
    for (size_t i = index_ + 1; i < job_.stages.size(); ++i) {
      const std::string& name = job_.stages[i].argv[0];
      if (job_.stages[i].kind == StageSpec::Kind::kProgram) return true;
      if (name == "count" || name == "sum" || name == "min" || name == "max" || name == "by" || name == "words")
        return true;
      if (name == "replace" || name == "cut" || name == "transform") return !(keyed_ = true);
    }
    return true;
  }

  void append(const Verb& verb) {
    for (TaskId id : group_) task(id).chain.push_back([verb] { return make_operator(verb); });
  }

  Status aggregate(const StageSpec& stage, AggregateSpec spec) {
    bool top = spec.fold == AggregateSpec::Fold::kTop;
    if (!top) spec.key = key_;
    if (top && emits_changes()) {
      return make_error(ErrorId::kOptionClash,
                        "top gives its answer at the end of the input, so it can't go with changes",
                        {{"next", "leave out --emit changes, or top"}});
    }
    uint32_t count = top ? 1 : stage.parallel != 0 ? stage.parallel : options_.cores;
    connect(TaskKind::kDurable, count, {.routing = Routing::kHash, .combine = spec}, stage.argv[0]);
    for (TaskId id : group_) {
      task(id).fold = spec;
      task(id).emit_changes = emits_changes();
    }
    planned().tasks = count;
    planned().shuffled = planned().durable = true;
    aggregates_ = true;
    keyed_ = false;
    key_ = {};
    return Ok();
  }

  bool emits_changes() const { return options_.emit_changes || job_.source.unbounded(); }

  Status program(const StageSpec& stage, const std::vector<std::string>& argv, bool stands_in) {
    ProgramSpec spec{.argv = argv, .stage = stage.text, .meant = meant_instead(argv)};
    if (stands_in) spec.env.push_back("LC_ALL=C");
    std::string name = argv[0].substr(argv[0].rfind('/') + 1);
    if (name == "grep" || name == "egrep" || name == "fgrep" || name == "zgrep" || name == "rg") spec.ok_exits = {0, 1};
    if (!options_.state && stage.parallel == 0) {
      planned().kind = "program, one process";
      finish({.mode = SinkMode::kStream});
      plan_.programs.push_back(spec);
      start_segment(SourcePolicy::Input::kStream, 1);
      return Ok();
    }
    if (looks_beyond_a_line(argv)) {
      return make_error(ErrorId::kBeyondLine,
                        absl::StrCat("`", stage.text, "` looks beyond one line, so it can't run batch by batch"),
                        {{"next",
                          "the verb that does the same (count, top), or leave out --state and Nx: then it is "
                          "one process for the whole stream"}});
    }
    planned().kind = "program, one process for each epoch";
    uint32_t count = stage.parallel != 0 ? stage.parallel : options_.cores;
    bool hash = keyed_ || key_.kind != FieldSpec::Kind::kLine;
    connect(TaskKind::kDurable, count, {.routing = hash ? Routing::kHash : spread(count)}, name);
    for (TaskId id : group_) task(id).program = spec;
    uint64_t bytes = std::max<uint64_t>(1, kProgramEpochBytes / graph_.sources.size());
    graph_.policy.epoch_bytes = std::min(graph_.policy.epoch_bytes, bytes);
    graph_.policy.live_min_ns = kProgramEpochNs;
    graph_.policy.live_max_ns = std::max(graph_.policy.live_max_ns, 2 * kProgramEpochNs);
    planned().tasks = count;
    planned().shuffled = hash;
    planned().durable = true;
    programs_ = true;
    keyed_ = false;
    key_ = {};
    return Ok();
  }

  // The parser can't know which programs there are: a mistyped verb and a bare path come to light at the start.
  std::string meant_instead(const std::vector<std::string>& argv) const {
    if (const std::string verb = near_verb(argv[0]); !verb.empty()) return "did you mean the verb " + verb + "?";
    const bool reads_stdin = index_ == 0 && job_.source.kind == SourceSpec::Kind::kStdin && argv.size() == 1;
    return reads_stdin ? "file:" + argv[0] + " as the source, if it is a file to be read" : "";
  }

  void finish(const SinkSpecPhysical& sink) {
    RS_CHECK(sink.mode == SinkMode::kStream || !sink.path.empty(), "a file has a name");
    connect(TaskKind::kSink, 1, {}, "sink");
    task(group_[0]).sink = sink;
    plan_.segments.push_back(std::move(graph_));
  }

  void finish_with_sink() {
    SinkSpecPhysical sink{.path = job_.sink.path, .overwrite = options_.overwrite};
    if (job_.sink.kind == SinkSpec::Kind::kStdout || options_.sink_is_stream) {
      sink.mode = SinkMode::kStream;
    } else if (!options_.state) {
      sink.mode = SinkMode::kTemporary;
    } else if (aggregates_ && !emits_changes()) {
      sink.mode = SinkMode::kFinal;
    } else {
      sink.mode = aggregates_ || programs_ ? SinkMode::kAppend : SinkMode::kAppendLean;
    }
    finish(sink);
  }

  const JobSpec& job_;
  const std::vector<InputFile>& files_;
  const PlanOptions& options_;
  JobPlan plan_;
  Graph graph_;
  std::vector<TaskId> group_;  // the tasks that hold the present end of the pipeline
  uint32_t parallel_ = 1;
  bool keyed_ = false;  // batches bring keys of their own
  FieldSpec key_;       // where the next aggregate finds its key
  bool aggregates_ = false, programs_ = false;
  size_t index_ = 0;
};
}  // namespace

StatusOr<JobPlan> plan_job(const JobSpec& job, const std::vector<InputFile>& files, const PlanOptions& options) {
  return Planner(job, files, options).plan();
}
}  // namespace rs
