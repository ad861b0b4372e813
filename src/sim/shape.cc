#include "sim/shape.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "engine/verbs/verbs.h"

namespace rs::sim {
namespace {
using Kind = StageSpec::Kind;

// Breaks the promise of E3 on purpose: each line gets a key that no other run gives it.
class LyingOperator : public Operator {
 public:
  explicit LyingOperator(std::shared_ptr<io::SimRandom> random) : random_(std::move(random)) {}
  Status process(const Batch& in, Emitter& out) override {
    static const std::vector<std::string> kKeys = {"0", "1", "2", "3", "4", "5", "6", "7"};
    std::vector<std::string_view> keys;
    for (const Run& run : in.runs) {
      for (uint32_t i = run.begin; i < run.end; ++i) {
        if (in.text[i] == '\n') keys.push_back(random_->pick(kKeys));
      }
    }
    return out.emit(Batch{in.text, in.runs, true, keys});
  }

 private:
  std::shared_ptr<io::SimRandom> random_;
};

AggregateSpec fold_spec(const std::string& what) {
  if (what == "words") return {.key = {.kind = FieldSpec::Kind::kWords}};
  if (what == "top3") return {.fold = AggregateSpec::Fold::kTop, .limit = 3};
  if (what == "sum") {
    return {.fold = AggregateSpec::Fold::kSum, .key = {FieldSpec::Kind::kAwk, 1}, .field = {FieldSpec::Kind::kAwk, 2}};
  }
  RS_CHECK(what == "count" || what == "changes", "a fold that the reference knows");
  return {};
}

SinkMode sink_mode(const std::string& what) {
  static const std::map<std::string, SinkMode> kModes = {{"append", SinkMode::kAppend},
                                                         {"lean", SinkMode::kAppendLean},
                                                         {"final", SinkMode::kFinal},
                                                         {"temporary", SinkMode::kTemporary},
                                                         {"stream", SinkMode::kStream}};
  RS_CHECK(kModes.contains(what), "a sink's mode is one of the table");
  return kModes.at(what);
}

class Builder {
 public:
  Builder(const Workload& workload, io::SimWorld* world)
      : workload_(workload), world_(*world), random_(world->seed, "job") {}

  Job build() {
    std::vector<std::string> files = make_input();
    make_policy();
    for (const StageSpec& stage : workload_.stages) add_tasks(stage);
    for (size_t s = 0; s < workload_.stages.size(); ++s) {
      const auto& names = workload_.mortal;
      bool mortal = names.empty() || std::find(names.begin(), names.end(), workload_.stages[s].name) != names.end();
      if (mortal) job_.mortal.insert(job_.mortal.end(), groups_[s].begin(), groups_[s].end());
    }
    for (const EdgeSpec& edge : workload_.edges) connect(edge);
    add_outputs(files);
    for (const std::string& file : files) job_.total += lines_of(file).size();
    return std::move(job_);
  }

 private:
  uint64_t knob(const std::string& name) { return workload_.knob(name).draw(&random_); }

  void add_outputs(const std::vector<std::string>& files) {
    std::vector<Expected> expected = compute_reference(workload_, files);
    std::vector<Expected> other = compute_reference(workload_, {job_.other_stream});
    for (size_t s = 0; s < workload_.stages.size(); ++s) {
      if (workload_.stages[s].kind != Kind::kSink) continue;
      TaskId task = groups_[s][0];
      const SinkSpecPhysical& sink = *job_.graph.tasks[task.value].sink;
      Output& output = job_.outputs.emplace_back(Output{task, sink.mode, sink.path, std::move(expected[s])});
      if (workload_.input == "stream") output.other = std::move(other[s]);
      job_.keeps_state = sink.mode != SinkMode::kTemporary && sink.mode != SinkMode::kStream;
      if (sink.mode != SinkMode::kTemporary || random_.coin()) continue;
      output.old = "of an earlier run\n";
      world_.disk.put(sink.path, *output.old);
    }
  }

  std::string make_line(bool numbers, uint64_t serial) {
    static const std::vector<std::string> kWords = {"a", "b", "ab", "the", "xyz", "aab", "lorem", "q"};
    if (numbers) return absl::StrCat("k", random_.below(5), " ", random_.below(100));
    if (random_.below(8) == 0) return "";
    std::string line = random_.coin() ? absl::StrCat(serial) : random_.pick(kWords);
    for (uint64_t more = random_.below(4); more > 0; --more) absl::StrAppend(&line, " ", random_.pick(kWords));
    return line;
  }

  // Empty files, empty lines and a last line without its end are part of it.
  std::vector<std::string> make_input() {
    const bool numbers = knob("numbers") != 0;
    const uint64_t bytes = knob("bytes");
    std::vector<std::string> files(workload_.input == "files" ? std::max<uint64_t>(1, knob("files")) : 1);
    uint64_t written = 0, serial = 0;
    for (std::string& file : files) {
      uint64_t size = &file == &files.back() ? bytes - std::min(bytes, written) : random_.below(bytes / 2 + 1);
      if (random_.below(6) == 0) size = 0;
      while (file.size() < size) absl::StrAppend(&file, make_line(numbers, serial++), "\n");
      if (!file.empty() && random_.coin() && !file.ends_with("\n\n") && file != "\n") file.pop_back();
      written += file.size();
    }
    if (workload_.input == "stream") return make_stream(files);
    std::vector<std::string> there = files;
    if (workload_.input == "tail") {
      there[0].resize(random_.below(there[0].size() + 1));
      job_.to_come = files[0].substr(there[0].size());
      files[0].resize(files[0].rfind('\n') + 1);  // nobody ends the last line
    }
    put_files(there);
    return files;
  }

  // The other stream lacks a piece, or has one too much.
  std::vector<std::string> make_stream(const std::vector<std::string>& files) {
    job_.stream = job_.other_stream = files[0];
    const size_t at = random_.below(job_.stream.size() + 1);
    if (random_.coin()) {
      job_.other_stream.erase(at, random_.between(1, 40));
    } else {
      job_.other_stream.insert(at, make_line(false, 0) + "\n");
    }
    put_files({});
    return files;
  }

  void put_files(const std::vector<std::string>& files) {
    io::SimProcess setup = world_.boot();
    for (size_t f = 0; f < files.size(); ++f) {
      std::string path = absl::StrCat("in/", f);
      world_.disk.put(path, files[f]);
      job_.graph.files.push_back({path, *setup.directory->stat(path)});
    }
    world_.disk.put("out/anchor", "");
    world_.disk.put("state/anchor", "");
    world_.crash(setup.id);
  }

  void make_policy() {
    Graph& graph = job_.graph;
    graph.job_id = random_.next();
    graph.credit_bytes = knob("credit_bytes");
    graph.window_epochs = static_cast<uint32_t>(knob("window_epochs"));
    SourcePolicy& policy = graph.policy;
    policy.split_bytes = knob("split_bytes");
    policy.epoch_bytes = knob("epoch_bytes");
    policy.first_epoch_bytes = random_.between(1, policy.epoch_bytes);
    policy.combine_splits = static_cast<uint32_t>(knob("combine_splits"));
    policy.epoch_ns = static_cast<int64_t>(random_.between(200'000, 5'000'000));
    policy.rate = static_cast<double>(knob("rate"));
    if (workload_.input == "tail") policy.input = SourcePolicy::Input::kTail;
    if (workload_.input == "stream") policy.input = SourcePolicy::Input::kStream;
    policy.live_epoch_bytes = policy.epoch_bytes;
    policy.live_min_ns = static_cast<int64_t>(random_.between(10'000, 1'000'000));
    policy.live_max_ns = policy.live_min_ns * 4;
  }

  void add_tasks(const StageSpec& stage) {
    auto& group = groups_.emplace_back();
    for (uint32_t i = 0; i < stage.tasks; ++i) {
      TaskId id(static_cast<uint32_t>(job_.graph.tasks.size()));
      job_.graph.tasks.push_back(make_task(stage, absl::StrCat(stage.name, ".", i)));
      if (stage.kind == Kind::kSource) job_.graph.sources.push_back(id);
      group.push_back(id);
    }
  }

  TaskSpec make_task(const StageSpec& stage, const std::string& name) {
    TaskSpec task{.name = name};
    switch (stage.kind) {
      case Kind::kSource:
      case Kind::kLines:
        task.kind = stage.kind == Kind::kSource ? TaskKind::kSource : TaskKind::kTransparent;
        add_operator(stage.what, &task);
        break;
      case Kind::kFold:
        task.kind = TaskKind::kDurable;
        task.fold = fold_spec(stage.what);
        task.emit_changes = stage.what == "changes";
        break;
      case Kind::kProgram:
        task.kind = TaskKind::kDurable;
        task.program = ProgramSpec{.argv = {stage.what}, .stage = stage.what};
        break;
      case Kind::kSink:
        task.kind = TaskKind::kSink;
        task.sink = SinkSpecPhysical{.mode = sink_mode(stage.what), .path = absl::StrCat("out/", stage.name)};
        break;
    }
    return task;
  }

  void add_operator(const std::string& what, TaskSpec* task) {
    if (what == "lie") {
      job_.lies = true;
      auto random = std::make_shared<io::SimRandom>(world_.seed, "lies");  // shared by all lives of the task
      task->chain.push_back([random] { return std::make_unique<LyingOperator>(random); });
      return;
    }
    if (what == "bykey") {
      task->chain.push_back([] { return make_operator(By{}); });
      return;
    }
    std::vector<std::string> words = {what};
    if (what == "grep") words = {"grep", "a"};
    if (what == "replace") words = {"replace", "ab", "xyz"};
    StatusOr<ParsedVerb> verb = parse_verb(words);
    RS_CHECK(verb.ok() && std::holds_alternative<Verb>(*verb), "a workload names verbs that exist");
    task->chain.push_back([verb = std::get<Verb>(*verb)] { return make_operator(verb); });
  }

  void connect(const EdgeSpec& edge) {
    const StageSpec& from = workload_.stages[edge.from];
    const StageSpec& to = workload_.stages[edge.to];
    for (TaskId sender : groups_[edge.from]) {
      OutputSpec output;
      if (to.kind == Kind::kFold) {
        output = {.routing = Routing::kHash, .combine = fold_spec(to.what)};
      } else if (from.what == "bykey" || from.what == "lie") {
        output.routing = Routing::kHash;
      } else if (to.tasks > 1) {
        output.routing = Routing::kRotate;
      }
      auto& outputs = job_.graph.tasks[sender.value].outputs;
      bool goes_on = from.what == "lie" && !outputs.empty();  // it spreads its lines over all its edges
      if (goes_on) {
        output = std::move(outputs.back());
        outputs.pop_back();
      }
      for (TaskId receiver : groups_[edge.to]) {
        ChannelId channel(static_cast<uint32_t>(job_.graph.channels.size()));
        job_.graph.channels.push_back({sender, receiver});
        output.channels.push_back(channel);
        job_.graph.tasks[receiver.value].in.push_back(channel);
      }
      outputs.push_back(std::move(output));
    }
  }

  const Workload& workload_;
  io::SimWorld& world_;
  io::SimRandom random_;
  Job job_;
  std::vector<std::vector<TaskId>> groups_;  // by stage
};
}  // namespace

Job make_job(const Workload& workload, io::SimWorld* world) { return Builder(workload, world).build(); }
}  // namespace rs::sim
