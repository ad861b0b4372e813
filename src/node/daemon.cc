#include "node/daemon.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/log.h"
#include "io/real/beneath.h"
#include "io/real/guardian.h"
#include "io/real/http_server.h"
#include "io/real/network.h"
#include "io/real/real.h"
#include "io/real/signals.h"
#include "node/api/api.h"
#include "node/durable_file.h"
#include "node/file_desk.h"
#include "node/frame_types.h"
#include "node/log_desk.h"
#include "node/member_desk.h"
#include "node/meta_desk.h"
#include "node/node_files.h"
#include "node/node_metrics.h"

namespace rs {
namespace {
constexpr int64_t kSignalPollNs = 100'000'000;

Status cannot_listen(const io::Endpoint& at, const Status& why) {
  return make_error(ErrorId::kNodeListen, absl::StrCat("can't listen at ", at.text(), ": ", why.message()),
                    {{"next", "end what listens there, or choose another address with --listen"}});
}

// Whichever comes first; `most_ns` is the latest.
io::Wake sooner(const io::Wake& a, int64_t most_ns) {
  if (a.kind == io::Wake::Kind::kAgain) return a;
  return {io::Wake::Kind::kAt, a.kind == io::Wake::Kind::kAt ? std::min(a.at_ns, most_ns) : most_ns};
}

// The order of the members is the order in which they may be destroyed: what wakes the loop ends before the runner.
class Daemon final : public io::Loop, public StatusService {
 public:
  explicit Daemon(const DaemonOptions& options) : options_(options) {
    RS_CHECK(options.sources.environment && options.sources.directory, "the configuration can be read");
  }

  Status run() {
    StatusOr<std::unique_ptr<io::Children>> guardian = io::start_guardian();  // before any thread
    if (!guardian.ok()) return guardian.status();
    children_ = *std::move(guardian);
    RS_RETURN_IF_ERROR(open_folder());
    io::catch_signals();
    RS_RETURN_IF_ERROR(open_node_log());
    RS_RETURN_IF_ERROR(open_network());
    if (const Status opened = open_doors(); !opened.ok()) {
      close_disks();
      runner_->join();
      return opened;
    }
    tell_ready();
    runner_->start(this, "node");
    runner_->join();
    log_event(LogLevel::kInfo, "node stops");
    return failed_;
  }

  io::Wake step() override {
    RS_CHECK(api_ && queries_ && lock_, "all doors are open, and the folder is ours, before the first step");
    events_told_ = false;
    heed_signals();
    for (const io::NetEvent& event : network_->take())
      if (!meta_->handle(event) && !files_->handle(event) && !members_->handle(event)) queries_->take(event);
    queries_->step();
    files_->see(members_->view());
    int64_t files_ns = files_->step();
    const bool more = api_->step();
    if (std::exchange(files_told_, false)) files_ns = files_->step();  // what the API has asked
    const io::Wake queries = queries_->step();                         // its streams were read
    const int64_t members_ns = std::min(members_->step(), meta_->step());
    if (stopping_ && (stop_now_ || members_->view()->presence == membership::Presence::kOut)) return close_disks();
    if (!files_->files().host().disk().ok()) return disk_failed();
    if (more || events_told_ || files_told_) return {io::Wake::Kind::kAgain};  // readers have something to take
    return sooner(queries, std::min({members_ns, files_ns, clock_->now_ns() + kSignalPollNs}));
  }

  NodeStatus status() override {
    NodeStatus now{.version = options_.version,
                   .pid = io::own_pid(),
                   .started_wall_ns = started_wall_ns_,
                   .folder = paths_.folder,
                   .warnings = restart_needed_};
    if (const double drop = members_->view()->drop; drop > 0)
      now.warnings.push_back(absl::StrCat("drops ", drop * 100, " % of the datagrams it receives"));
    if (!members_->unsaved().empty())
      now.warnings.push_back("is no member until it can write its generation: " + members_->unsaved());
    if (const std::string meta = meta_->warning(); !meta.empty()) now.warnings.push_back(meta);
    return now;
  }
  std::vector<ConfigValue> config() override { return config_.values; }
  void measure(MetricSheet* sheet) override {
    measure_membership(*members_->view(), members_->metrics(), sheet);
    measure_network(network_->metrics(), sheet);
    api_->measure(sheet);
  }

 private:
  Status open_folder() {
    StatusOr<NodeConfig> config = read_config(options_.sources);
    if (!config.ok()) return config.status();
    config_ = *std::move(config);
    paths_ = config_.cluster.node(config_.name);
    StatusOr<ClusterSecrets> secrets = open_secrets(config_.cluster, directory_.get(), random_.get());
    if (!secrets.ok()) return secrets.status();
    secrets_ = *std::move(secrets);
    StatusOr<std::unique_ptr<io::File>> lock = lock_node(paths_, directory_.get());
    if (!lock.ok()) return lock.status();
    lock_ = *std::move(lock);
    StatusOr<NodeIdentity> identity = NodeIdentity::open(paths_.folder, directory_.get(), random_.get());
    if (!identity.ok()) return folder_refused(paths_.folder, identity.status());
    identity_.emplace(*std::move(identity));
    return Ok();
  }

  Status open_node_log() {
    const LogTarget target{paths_.log, config_.log_bytes, config_.log_files};
    const Status opened = open_log(target, config_.log_level);
    if (!opened.ok()) return folder_refused(paths_.log_root, absl::PermissionDeniedError(opened.message()));
    started_wall_ns_ = clock_->wall_ns();
    log_event(LogLevel::kInfo, "node starts",
              {{"version", options_.version},
               {"pid", io::own_pid()},
               {"name", config_.name},
               {"uuid", uuid_text(identity_->uuid())},
               {"generation", identity_->generation()}});
    return Ok();
  }

  Status open_network() {
    io::NetworkOptions options{.self = {config_.cluster_name, identity_->uuid(), config_.name, "node"},
                               .cluster_key = secrets_.key};
    options.limits.frame_bytes = frame_bounds();
    options.limits.frame_bytes.insert(query_frame_bytes().begin(), query_frame_bytes().end());
    const auto file_frames = hydfs::frame_bounds();
    options.limits.frame_bytes.insert(file_frames.begin(), file_frames.end());
    options.limits.frame_bytes.insert(io::meta_frame_bytes().begin(), io::meta_frame_bytes().end());
    options.wake = [this] { runner_->wake(this); };
    network_ = io::real_network(std::move(options), random_.get());
    const StatusOr<io::Endpoint> listens = network_->listen(config_.listen);
    if (!listens.ok()) return cannot_listen(config_.listen, listens.status());
    const StatusOr<io::Endpoint> bound = network_->bind_datagrams(*listens);
    if (!bound.ok()) return cannot_listen(*listens, bound.status());
    RS_CHECK(bound->port == listens->port, "a node has one address");
    listens_ = *listens;
    const membership::MembershipOptions member{.cluster = config_.cluster_name,
                                               .cluster_key = secrets_.key,
                                               .node = identity_->uuid(),
                                               .name = config_.name,
                                               .address = *listens,
                                               .last_generation = membership::Generation(identity_->generation()),
                                               .protocol = config_.protocol};
    const MemberHost::Doors doors{*clock_, *random_, *network_, *identity_};
    members_.emplace(member, doors, [this](const membership::Event& event) { tell(event); });
    StatusOr<std::unique_ptr<io::Beneath>> logs = io::real_beneath(paths_.log_root);
    if (!logs.ok()) return folder_refused(paths_.log_root, logs.status());
    logs_ = *std::move(logs);
    queries_.emplace(QueryTarget{config_.name, identity_->uuid(), *listens},
                     QueryDoors{network_.get(), logs_.get(), children_.get(), clock_.get()});
    return Ok();
  }

  // From here on loops run that must end before this does.
  Status open_doors() {
    RS_RETURN_IF_ERROR(open_meta());
    RS_RETURN_IF_ERROR(open_files());
    RS_RETURN_IF_ERROR(open_api());
    return members_->join(config_.join);
  }

  Status open_files() {
    const NodeFiles::Options options{identity_->uuid(), paths_.folder + "/hydfs", config_.file_copies};
    StatusOr<std::unique_ptr<NodeFiles>> files = NodeFiles::open(
        options,
        {*clock_, *random_, *directory_, *network_, meta_->store(), *runner_, [this] { runner_->wake(this); }});
    if (!files.ok()) return folder_refused(options.folder, files.status());
    files_ = *std::move(files);
    file_desk_.emplace(files::Doors{files_->files(), *clock_, *random_, [this] { return members_->view(); },
                                    [this] { files_told_ = true; }});
    return Ok();
  }

  io::Wake close_disks() {
    if (files_) files_->close();
    if (meta_) meta_->close();
    return {io::Wake::Kind::kDone};
  }

  // H16: the process ends, and its next start trusts nothing of that disk that was not durable.
  io::Wake disk_failed() {
    log_event(LogLevel::kError, "disk failed",
              {{"reason", std::string_view(std::string(files_->files().host().disk().message()))}});
    failed_ = folder_refused(paths_.folder, files_->files().host().disk());
    return close_disks();
  }

  Status open_api() {
    io::HttpServerOptions options;
    options.body_bound = Api::body_bound;
    options.wake = [this] { runner_->wake(this); };
    http_ = io::real_http_server(std::move(options));
    std::vector<io::Endpoint> wanted = {{io::Endpoint::Kind::kUnix, paths_.api_socket, 0}};
    if (const auto socket = io::parse_endpoint(wanted[0].text()); !socket.ok())
      return folder_refused(paths_.folder, absl::FailedPreconditionError(socket.status().message()));
    if (config_.api) wanted.push_back(*config_.api);
    for (const io::Endpoint& at : wanted) {
      const StatusOr<io::Endpoint> listens = http_->listen(at);
      if (!listens.ok()) return cannot_listen(at, listens.status());
      api_endpoints_.push_back(listens->text());
    }
    member_desk_.emplace(*members_, book_, *clock_, config_.join);
    log_desk_.emplace(*queries_, *members_, paths_.log, directory_.get());
    api_.emplace(*http_, NodeService{*member_desk_, *member_desk_, *log_desk_, *this, &*file_desk_}, secrets_.token,
                 *clock_);
    return Ok();
  }

  // The embedded meta store lives on one node: the first one that all are told to join.
  Status open_meta() {
    const io::Endpoint& self = listens_;
    const io::Endpoint host = config_.meta_host      ? *config_.meta_host
                              : config_.join.empty() ? self
                                                     : config_.join.front();
    const MetaDeskOptions options{identity_->uuid(), self, host, paths_.folder + "/meta",
                                  [this] { runner_->wake(this); }};
    StatusOr<std::unique_ptr<MetaDesk>> meta =
        MetaDesk::open(options, {clock_.get(), random_.get(), directory_.get(), network_.get(), runner_.get()});
    if (!meta.ok()) return folder_refused(options.folder, meta.status());
    meta_ = *std::move(meta);
    return Ok();
  }

  void tell_ready() {
    const DaemonReady ready{member_desk_->self(), paths_.folder, api_endpoints_, io::own_pid()};
    log_event(LogLevel::kInfo, "node listens", {{"address", ready.self.address}, {"api", api_endpoints_.back()}});
    if (options_.ready) options_.ready(ready);
  }

  void tell(const membership::Event& event) {
    const MemberEvent& told = book_.add(event, clock_->wall_ns());
    const bool bad =
        event.kind == membership::Event::Kind::kSuspected || event.kind == membership::Event::Kind::kFailed;
    const LogLevel level = bad ? LogLevel::kWarn : LogLevel::kInfo;
    if (told.id.empty())
      log_event(level, told.kind, {{"to", told.detail}});
    else if (told.detail.empty())
      log_event(level, told.kind, {{"node", told.node}, {"id", told.id}});
    else
      log_event(level, told.kind, {{"node", told.node}, {"id", told.id}, {"detail", told.detail}});
    events_told_ = true;
  }

  void heed_signals() {
    const int hangups = io::caught_hangups();
    if (hangups > hangups_) {
      hangups_ = hangups;
      make_durably(paths_.log_root, directory_.get()).IgnoreError();  // else the log goes on where it is
      reopen_log();
      logs_->reopen().IgnoreError();
      reload();
    }
    RS_CHECK(hangups == hangups_, "none is heard twice");
    const int stops = io::caught_signals() - hangups;
    if (stops <= stops_) return;
    stops_ = stops;
    stop_now_ = stopping_;
    if (!std::exchange(stopping_, true)) {
      log_event(LogLevel::kInfo, "node leaves", {{"signal", io::last_signal()}});
      stop_now_ = !members_->leave().ok() && members_->view()->presence != membership::Presence::kLeaving;
    }
  }

  void reload() {
    const StatusOr<NodeConfig> read = read_config(options_.sources);
    if (!read.ok()) {
      log_event(LogLevel::kError, "configuration is kept as it was", {{"reason", report_of(read.status()).message}});
      return;
    }
    restart_needed_.clear();
    for (const ConfigChange& change : changes(config_, *read)) {
      log_event(LogLevel::kInfo, "configuration changes",
                {{"setting", change.name},
                 {"before", change.before},
                 {"after", change.after},
                 {"effect", change.live ? "applied" : "needs a restart"}});
      if (!change.live) restart_needed_.push_back(change.name + " changed in the configuration: it needs a restart");
    }
    set_log_level(read->log_level);
    limit_log(read->log_bytes, read->log_files);
    config_.take_live(*read);
    log_event(LogLevel::kInfo, "configuration is read");
  }

  const DaemonOptions& options_;
  const std::unique_ptr<io::Clock> clock_ = io::real_clock();
  const std::unique_ptr<io::Random> random_ = io::real_random();
  const std::unique_ptr<io::Directory> directory_ = io::real_directory();
  std::unique_ptr<io::Children> children_;
  NodeConfig config_;
  NodePaths paths_;
  ClusterSecrets secrets_;
  std::unique_ptr<io::File> lock_;
  std::optional<NodeIdentity> identity_;
  int64_t started_wall_ns_ = 0;
  std::vector<std::string> api_endpoints_, restart_needed_;
  int hangups_ = 0, stops_ = 0;
  bool stopping_ = false, stop_now_ = false, events_told_ = false, files_told_ = false;
  Status failed_;

  MemberBook book_;
  const std::unique_ptr<io::Runner> runner_ = io::thread_runner(*clock_);
  std::unique_ptr<io::Network> network_;
  io::Endpoint listens_;
  std::unique_ptr<MetaDesk> meta_;
  std::unique_ptr<io::HttpServer> http_;
  std::optional<MemberHost> members_;
  std::unique_ptr<io::Beneath> logs_;
  std::optional<QueryDesk> queries_;
  std::unique_ptr<NodeFiles> files_;
  std::optional<FileDesk> file_desk_;
  std::optional<MemberDesk> member_desk_;
  std::optional<LogDesk> log_desk_;
  std::optional<Api> api_;
};
}  // namespace

Status run_daemon(DaemonOptions options) {
  const std::unique_ptr<io::Directory> directory = io::real_directory();
  options.sources.directory = directory.get();
  return Daemon(options).run();
}
}  // namespace rs
