#include "node/run.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "control/identity.h"
#include "control/inputs.h"
#include "control/output.h"
#include "control/plan.h"
#include "engine/file_writer.h"
#include "io/path.h"
#include "io/real/guardian.h"
#include "io/real/real.h"
#include "io/real/signals.h"
#include "node/check.h"
#include "node/embedded.h"
#include "node/journal/journal.h"
#include "node/journal/null_log.h"
#include "node/output_lock.h"
#include "node/own_output.h"
#include "node/state_folder.h"

namespace rs {
namespace {
constexpr int kOutputTries = 200;  // 10 ms apart

// One run, in the order in which things are taken and looked at. Nothing is written before everything was checked.
class EmbeddedRun {
 public:
  EmbeddedRun(const RunOptions& options, const RunWatch& watch)
      : options_(options),
        watch_(watch),
        clock_(io::real_clock()),
        random_(io::real_random()),
        directory_(io::real_directory()),
        stdin_(io::std_in()),
        stdout_(io::std_out()) {}

  StatusOr<RunReport> run() {
    RS_RETURN_IF_ERROR(look());
    io::catch_signals();  // before anything is taken that must be given back
    RS_RETURN_IF_ERROR(options_.state ? open_state() : take_output_alone());
    if (finished_ && !output_exists_) return finished_without_output(job_.sink.path);
    if (finished_) {
      RunReport report{.end = RunEnd::kAlreadyFinished,
                       .tuples_in = finished_->tuples_in,
                       .tuples_out = finished_->tuples_out,
                       .bytes_in = finished_->bytes_in};
      return report;
    }
    RS_RETURN_IF_ERROR(plan());
    if (state_) RS_RETURN_IF_ERROR(note_output(record_, state_.get(), directory_.get()));
    return execute();
  }

  StatusOr<Plan> describe() {
    RS_RETURN_IF_ERROR(look());
    RS_RETURN_IF_ERROR(missing_);
    record_.files = files_;
    RS_RETURN_IF_ERROR(plan());
    Plan plan{.source = source_text(), .sink = sink_text(), .source_tasks = plan_.source_tasks};
    for (const PlannedStage& stage : plan_.stages) {
      plan.stages.push_back({.text = stage.text,
                             .kind = stage.kind,
                             .tasks = stage.tasks,
                             .chained = stage.chained,
                             .shuffled = stage.shuffled,
                             .durable = stage.durable,
                             .note = stage.note});
    }
    plan.delivery = options_.state    ? absl::StrCat("exactly once, state in ", *options_.state)
                    : sink_is_stream_ ? "as in a pipe: what is written stays, though the job fails later"
                                      : "all or nothing";
    return plan;
  }

  // What the system reports, in the project's words.
  Status explain(const Status& status) const {
    if (error_id(status)) return status;
    const std::string next = options_.state    ? "the same command goes on where it was"
                             : sink_is_stream_ ? "what was written stays; the same command begins anew"
                                               : "the output is as it was; the same command begins anew";
    if (status.code() == absl::StatusCode::kResourceExhausted) {
      return make_error(ErrorId::kNoSpace, absl::StrCat("NO_SPACE: ", status.message()),
                        {{"next", absl::StrCat("make room; ", next)}});
    }
    if (status.code() == absl::StatusCode::kDataLoss)
      return make_error(ErrorId::kStateDamaged, absl::StrCat(status.message()));
    return make_error(ErrorId::kIo, absl::StrCat(status.message()), {{"next", next}});
  }

 private:
  Status look() {
    job_ = options_.job;
    stdin_path_ = io::stdin_file();
    RS_RETURN_IF_ERROR(check_run(options_, stdin_path_.has_value()));
    RS_RETURN_IF_ERROR(check_streams());
    StatusOr<std::vector<InputPath>> inputs = expand_inputs(job_.source, *directory_);
    if (!inputs.ok() && !options_.state) return inputs.status();
    missing_ = inputs.status();  // a state that has begun knows its files, and may be finished
    if (!inputs.ok()) inputs = std::vector<InputPath>();
    for (const InputPath& input : *inputs) files_.push_back({absolute(input.path), input.stat});
    if (job_.source.kind == SourceSpec::Kind::kStdin && stdin_path_ && options_.state) {
      StatusOr<io::FileStat> stat = directory_->stat(*stdin_path_);
      if (!stat.ok()) return stat.status();
      files_.push_back({*stdin_path_, *stat});
    }
    if (job_.sink.kind == SinkSpec::Kind::kFile) {
      RS_RETURN_IF_ERROR(check_output(job_.sink.path, job_.source, *inputs, options_.working_directory, *directory_));
      return look_at_sink();
    }
    sink_is_stream_ = true;
    return Ok();
  }

  Status check_streams() const {
    if (job_.source.kind == SourceSpec::Kind::kStdin && !io::stdin_is_open())
      return make_error(ErrorId::kStreamClosed, "the job reads standard input, which is closed",
                        {{"next", "name a source: file:PATH, or send something in: < /dev/null"}});
    if (job_.sink.kind == SinkSpec::Kind::kStdout && !io::stdout_is_open())
      return make_error(ErrorId::kStreamClosed, "the job writes to standard output, which is closed",
                        {{"next", "name a sink: > file:PATH inside the job, or leave standard output open"}});
    return Ok();
  }

  Status look_at_sink() {
    job_.sink.path = absolute(job_.sink.path);
    if (StatusOr<std::string> target = io::follow_links_to_new(job_.sink.path); target.ok()) job_.sink.path = *target;
    StatusOr<io::FileStat> stat = directory_->stat(job_.sink.path);
    if (absl::IsNotFound(stat.status()) || absl::IsFailedPrecondition(stat.status())) return look_at_sink_folder();
    if (absl::IsPermissionDenied(stat.status()))
      return make_error(ErrorId::kOutputDenied,
                        absl::StrCat("the output ", job_.sink.path, " can't be made: ", stat.status().message()),
                        {{"next", "name an output in a folder that you may write to"}});
    if (!stat.ok()) return stat.status();
    if (stat->type == io::FileStat::Type::kDirectory) {
      return make_error(ErrorId::kBadSink, absl::StrCat(job_.sink.path, " is a folder"),
                        {{"next", "name a file in it"}});
    }
    output_exists_ = true;
    sink_is_stream_ = stat->type == io::FileStat::Type::kOther;
    if (!sink_is_stream_ || !options_.state) return Ok();
    return make_error(ErrorId::kStateStdout,
                      absl::StrCat("--state promises exactly once, and ", job_.sink.path,
                                   " is a device or a pipe, which can't keep that"),
                      {{"next", "name a file for the output, or leave out --state"}});
  }

  Status look_at_sink_folder() {
    const std::string folder = io::folder_of(job_.sink.path);
    StatusOr<io::FileStat> stat = directory_->stat(folder);
    if (stat.ok() && stat->type == io::FileStat::Type::kDirectory) return Ok();
    return make_error(ErrorId::kOutputPath, absl::StrCat("there is no folder ", folder, " for the output"),
                      {{"next", "make the folder first: mkdir -p"}});
  }

  // The holder may be dying, as that of a state may. Nobody holds what is streamed into.
  Status take_output(const std::string& path, std::unique_ptr<OutputLock>* held) {
    for (int i = 0; i < kOutputTries; ++i) {
      StatusOr<std::unique_ptr<OutputLock>> lock = OutputLock::take(path, random_->next(), directory_.get());
      if (lock.ok()) return *held = *std::move(lock), Ok();
      if (error_id(lock.status()) != ErrorId::kOutputBusy || i + 1 == kOutputTries) return lock.status();
      io::nap_ns(10'000'000);
    }
    RS_CHECK(false, "the last try returns");
  }
  Status take_output() { return sink_is_stream_ ? Ok() : take_output(job_.sink.path, &output_lock_); }

  Status take_output_alone() {
    RS_RETURN_IF_ERROR(take_output());
    fix_parallelism_for_plan(nullptr);
    record_.files = files_;
    record_.job_id = random_->next();
    return Ok();
  }

  void fix_parallelism_for_plan(const JobIdentity* recorded) {
    fixed_ = job_;
    rs::fix_parallelism(recorded, io::core_count(), &fixed_);
  }

  Status open_state() {
    StatusOr<std::unique_ptr<StateFolder>> state =
        StateFolder::lock(*options_.state, random_->next(), directory_.get());
    if (!state.ok()) return state.status();
    state_ = *std::move(state);
    RS_RETURN_IF_ERROR(take_output());
    if (options_.fresh) RS_RETURN_IF_ERROR(give_up());
    StatusOr<std::optional<JobRecord>> record = state_->job();
    if (!record.ok()) return record.status();
    if (!*record) RS_RETURN_IF_ERROR(discard());
    std::optional<JobIdentity> recorded;
    if (*record) {
      StatusOr<JobIdentity> parsed = parse_identity((*record)->identity);
      if (!parsed.ok()) return parsed.status();
      recorded = *std::move(parsed);
    }
    fix_parallelism_for_plan(recorded ? &*recorded : nullptr);
    JobIdentity now = identity_of(fixed_, options_.working_directory);
    if (recorded) {
      RS_RETURN_IF_ERROR(check_same_job(*recorded, now));
      record_ = **std::move(record);
      RS_RETURN_IF_ERROR(check_same_options());
      RS_RETURN_IF_ERROR(check_same_stdin());
      note_growth();
      StatusOr<std::optional<FinishedRecord>> finished = state_->finished();
      if (!finished.ok()) return finished.status();
      finished_ = *finished;
      return Ok();
    }
    RS_RETURN_IF_ERROR(check_foreign_output());
    RS_RETURN_IF_ERROR(missing_);
    record_ = {.job_id = random_->next(),
               .identity = now.text(),
               .line = options_.line,
               .sink_path = job_.sink.path,
               .cores = io::core_count(),
               .emit_changes = options_.emit_changes,
               .no_chain = options_.no_chain,
               .files = files_};
    RS_RETURN_IF_ERROR(plan());  // a job that can't be planned leaves no state
    record_.final_values = plan_.segments.back().tasks.back().sink->mode == SinkMode::kFinal;
    RS_RETURN_IF_ERROR(remove_foreign_output());
    return state_->save_job(record_);
  }

  Status check_same_options() const {
    const auto differs = [](bool recorded, const char* option) {
      return make_error(ErrorId::kJobChanged,
                        absl::StrCat("this state was started ", recorded ? "with " : "without ", option),
                        {{"next", absl::StrCat(recorded ? "add " : "leave out ", option,
                                               ", or --fresh to discard the state and the output it wrote")}});
    };
    if (record_.emit_changes != options_.emit_changes) return differs(record_.emit_changes, "--emit changes");
    if (record_.no_chain != options_.no_chain) return differs(record_.no_chain, "--no-chain");
    return Ok();
  }

  Status check_foreign_output() const {
    if (!output_exists_ || options_.overwrite) return Ok();
    return make_error(ErrorId::kOutputExists, absl::StrCat(job_.sink.path, " exists, and this state did not write it"),
                      {{"next", "name another output, or say --overwrite"}});
  }

  Status remove_foreign_output() { return output_exists_ ? remove_durably(job_.sink.path) : Ok(); }

  // A removed output that comes back with the power would look like bytes that no record explains.
  Status remove_durably(const std::string& path) {
    RS_RETURN_IF_ERROR(directory_->remove(path));
    return directory_->sync(io::folder_of(path));
  }

  // Another file on standard input is another job: what is committed came from the first one.
  Status check_same_stdin() const {
    if (job_.source.kind != SourceSpec::Kind::kStdin || record_.files.empty()) return Ok();
    const io::FileStat& then = record_.files[0].at_start;
    if (!files_.empty() && files_[0].at_start.device == then.device && files_[0].at_start.inode == then.inode)
      return Ok();
    return make_error(ErrorId::kJobChanged, "standard input is not the file that this state began with",
                      {{"where", record_.files[0].path},
                       {"next", "send that file again, choose another --state, or --fresh to begin anew"}});
  }

  bool wrote_output(const JobRecord& record) const { return rs::wrote_output(record, state_.get(), directory_.get()); }

  // --fresh discards the state and the output it wrote.
  Status give_up() {
    StatusOr<std::optional<JobRecord>> record = state_->job();
    if (record.ok() && !*record) record = state_->discarded();  // of a --fresh that did not come to its end
    const bool ours = record.ok() && *record && (*record)->sink_path == job_.sink.path && wrote_output(**record);
    if (!ours) RS_RETURN_IF_ERROR(check_foreign_output());
    return state_->give_up();
  }

  // What an earlier start or this one gave up goes, or what is left of a state without a job. If the record is damaged
  // nobody knows what the state wrote.
  Status discard() {
    StatusOr<std::optional<JobRecord>> record = state_->discarded();
    if (record.ok() && *record) {
      RS_RETURN_IF_ERROR(directory_->sync(state_->path()));  // the rename, if who gave up died before its sync
      remove_kept_result(**record, directory_.get());
    }
    if (record.ok() && *record && wrote_output(**record)) {
      const std::string& path = (*record)->sink_path;
      std::unique_ptr<OutputLock> lock;
      if (path != job_.sink.path) RS_RETURN_IF_ERROR(take_output(path, &lock));
      RS_RETURN_IF_ERROR(remove_durably(path));
      if (path == job_.sink.path) output_exists_ = false;
    }
    return state_->clear();
  }

  void note_growth() {
    const bool listed = job_.source.kind != SourceSpec::Kind::kStdin;
    if (watch_.note && listed && files_.size() > record_.files.size()) {
      watch_.note(absl::StrCat("there are ", files_.size(), " input files now; the ", record_.files.size(),
                               " that were there when the job first started are read"));
    }
    for (const InputFile& file : record_.files) {
      StatusOr<io::FileStat> now = directory_->stat(file.path);
      if (watch_.note && now.ok() && now->size > file.at_start.size && job_.source.kind != SourceSpec::Kind::kTail) {
        watch_.note(absl::StrCat(file.path, " has grown since the job first started; it is read to the ",
                                 file.at_start.size, " bytes it had then"));
      }
    }
  }

  Status plan() {
    PlanOptions options{.cores = state_ ? record_.cores : io::core_count(),
                        .state = options_.state.has_value(),
                        .emit_changes = options_.emit_changes,
                        .no_chain = options_.no_chain,
                        .rate = options_.rate,
                        .overwrite = options_.overwrite};
    options.job_id = record_.job_id;
    options.sink_is_stream = sink_is_stream_;
    JobSpec job = options_.state && state_ ? with_recorded_parallelism() : job_;
    StatusOr<JobPlan> plan = rs::plan_job(job, record_.files, options);
    if (!plan.ok()) return plan.status();
    plan_ = *std::move(plan);
    return Ok();
  }

  // What was written stays written, what was a default is the default of the first start.
  JobSpec with_recorded_parallelism() const {
    JobSpec job = job_;
    for (size_t i = 0; i < job.stages.size(); ++i) job.stages[i].parallel = fixed_.stages[i].parallel;
    return job;
  }

  StatusOr<RunReport> execute() {
    std::unique_ptr<io::Children> children;
    if (uses_programs()) {
      StatusOr<std::unique_ptr<io::Children>> guardian = io::start_guardian();
      if (!guardian.ok()) return guardian.status();
      children = *std::move(guardian);
    }
    io::tune_allocator();
    std::unique_ptr<io::Runner> runner = io::thread_runner(*clock_);
    NullLogStore nothing;
    std::unique_ptr<Journal> journal;
    EmbeddedWorld world{.clock = clock_.get(),
                        .directory = directory_.get(),
                        .children = children.get(),
                        .runner = runner.get(),
                        .logs = &nothing,
                        .signals = io::caught_signals};
    world.stream_in = stdin_.get();
    world.stream_out = stdout_.get();
    std::unique_ptr<io::File> device;
    if (sink_is_stream_ && job_.sink.kind == SinkSpec::Kind::kFile) {
      StatusOr<std::unique_ptr<io::File>> opened = directory_->open(job_.sink.path, io::OpenMode::kReadWrite);
      if (opened.status().code() == absl::StatusCode::kPermissionDenied)
        return make_error(ErrorId::kOutputDenied,
                          absl::StrCat("the output can't be written: ", opened.status().message()),
                          {{"next", "name an output that you may write to"}});
      if (!opened.ok()) return opened.status();
      device = *std::move(opened);
      world.stream_out = device.get();
    }
    if (state_) {
      JournalDoor door{directory_.get(), random_.get(), runner.get(), state_->path()};
      StatusOr<std::unique_ptr<Journal>> opened = Journal::recover(door);
      if (!opened.ok()) return opened.status();
      journal = *std::move(opened);
      world.logs = journal.get();
      world.start_number = journal->start_number();
      world.close_logs = [&journal] { journal->close(); };
      runner->start(journal.get(), "journal");
    }
    EmbeddedJob job(std::move(plan_), world, options_, watch_);
    if (Status status = job.start(); !status.ok()) {
      if (journal) journal->close();
      runner->join();
      return status;
    }
    runner->join();
    return end(job);
  }

  StatusOr<RunReport> end(const EmbeddedJob& job) {
    StatusOr<RunReport> report = job.report();
    if (!report.ok()) return report.status();
    report->signal = report->end == RunEnd::kStopped ? io::last_signal() : 0;
    if (state_ && report->end == RunEnd::kFinished) {
      RS_RETURN_IF_ERROR(state_->save_finished({report->tuples_in, report->tuples_out, report->bytes_in}));
    }
    return report;
  }

  bool uses_programs() const {
    return !plan_.programs.empty() || std::any_of(plan_.segments.begin(), plan_.segments.end(), [](const Graph& graph) {
      return std::any_of(graph.tasks.begin(), graph.tasks.end(),
                         [](const TaskSpec& task) { return task.program.has_value(); });
    });
  }

  std::string absolute(const std::string& path) const { return absolute_path(path, options_.working_directory); }

  std::string source_text() const {
    uint64_t bytes = 0;
    for (const InputFile& file : record_.files) bytes += file.at_start.size;
    if (record_.files.empty()) return "stdin:";
    std::string what = record_.files.size() == 1 ? record_.files[0].path : absl::StrCat(record_.files.size(), " files");
    return absl::StrCat(what, " (", bytes, " bytes)");
  }
  std::string sink_text() const {
    return job_.sink.kind == SinkSpec::Kind::kStdout ? "stdout:" : "file:" + job_.sink.path;
  }

  const RunOptions& options_;
  const RunWatch& watch_;
  std::unique_ptr<io::Clock> clock_;
  std::unique_ptr<io::Random> random_;
  std::unique_ptr<io::Directory> directory_;
  std::unique_ptr<io::File> stdin_, stdout_;
  JobSpec job_, fixed_;
  std::vector<InputFile> files_;
  Status missing_;  // why the inputs could not be listed
  std::optional<std::string> stdin_path_;
  bool output_exists_ = false, sink_is_stream_ = false;
  std::unique_ptr<StateFolder> state_;
  std::unique_ptr<OutputLock> output_lock_;
  JobRecord record_;
  std::optional<FinishedRecord> finished_;
  JobPlan plan_;
};
}  // namespace

StatusOr<RunReport> run_job(const RunOptions& options, const RunWatch& watch) {
  EmbeddedRun run(options, watch);
  StatusOr<RunReport> report = run.run();
  return report.ok() ? report : run.explain(report.status());
}
StatusOr<Plan> plan_job(const RunOptions& options) {
  RunWatch nobody;
  EmbeddedRun run(options, nobody);
  StatusOr<Plan> plan = run.describe();
  return plan.ok() ? plan : run.explain(plan.status());
}
}  // namespace rs
