#include "node/meta_desk.h"

#include <algorithm>

#include "base/check.h"
#include "node/durable_file.h"

namespace rs {
namespace {
constexpr int64_t kGraceNs = 10'000'000'000;  // nodes of a cluster do not start in one moment
constexpr io::LinkLimits kLink{.first_ns = 100'000'000, .longest_ns = 2'000'000'000};
}  // namespace

StatusOr<std::unique_ptr<MetaDesk>> MetaDesk::open(const MetaDeskOptions& options, const Doors& doors) {
  RS_CHECK(options.wake && options.node != Uuid(), "a desk belongs to a node");
  std::unique_ptr<MetaDesk> desk(new MetaDesk(options, doors));
  std::unique_ptr<io::MetaLine> line;
  if (options.self == options.host) {
    RS_RETURN_IF_ERROR(desk->host());
    line = std::make_unique<io::LocalMetaLine>(desk->host_.get());
  } else {
    const io::RemoteMetaLine::Doors remote{doors.network, doors.clock, doors.random};
    auto link = std::make_unique<io::RemoteMetaLine>(remote, options.host, kLink);
    desk->remote_ = link.get();
    line = std::move(link);
  }
  desk->client_ = std::make_unique<io::MetaClient>(io::MetaClientOptions{.client = options.node}, std::move(line),
                                                   doors.clock, doors.random);
  return desk;
}

Status MetaDesk::host() {
  RS_RETURN_IF_ERROR(make_durably(options_.folder, doors_.directory));
  StatusOr<io::MetaJournal::Recovered> recovered =
      io::MetaJournal::recover({.folder = options_.folder}, doors_.directory);
  if (!recovered.ok()) return recovered.status();
  journal_ = std::move(recovered->journal);
  journal_->wake = options_.wake;
  host_ = std::make_unique<io::MetaHost>(std::move(recovered->table), journal_.get(), doors_.runner, doors_.clock);
  server_.emplace(doors_.network, host_.get());
  doors_.runner->start(journal_.get(), "meta");
  return Ok();
}

bool MetaDesk::handle(const io::NetEvent& event) {
  if (remote_) return remote_->handle(event);
  RS_CHECK(server_.has_value(), "a desk hosts the store, or has a line to it");
  return server_->handle(event);
}

int64_t MetaDesk::step() {
  int64_t next_ns = client_->step();
  if (host_) next_ns = std::min(next_ns, host_->step());
  if (server_) server_->pump();
  return next_ns;
}

std::string MetaDesk::warning() {
  const Status health = client_->health();
  if (health.ok() || doors_.clock->now_ns() - opened_ns_ < kGraceNs) return "";
  return std::string(health.message());
}

void MetaDesk::close() {
  if (!journal_) return;
  journal_->close();
  doors_.runner->wake(journal_.get());
}
}  // namespace rs
