#include "sim/files/file_clients.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/hash.h"
#include "hydfs/name.h"

namespace rs::sim {
using hydfs::Reply;

FileClients::FileClients(FileCluster* cluster, FileHistory* history, const ClientHabits& habits)
    : cluster_(*cluster), history_(*history), habits_(habits), random_(cluster->world().seed, "file clients") {
  RS_CHECK(habits.clients > 0 && habits.files > 0 && habits.window > 0, "somebody does something");
  for (size_t i = 0; i < habits.clients; ++i) clients_.push_back({random_.below(cluster->size())});
}

std::string FileClients::name_of(size_t file) const { return absl::StrCat("files/", file); }

void FileClients::begin() {
  for (size_t client = 0; client < clients_.size(); ++client) next(client);
}

bool FileClients::idle() const {
  for (const Client& client : clients_)
    if (client.open > 0) return false;
  return true;
}

void FileClients::died(size_t node) {
  for (Client& client : clients_) {
    if (client.node != node) continue;
    ++client.life;
    client.open = 0;
    client.sessions.clear();
    client.node = random_.below(cluster_.size());
  }
}

void FileClients::next(size_t client) {
  if (stopped_) return;
  const auto pause = static_cast<int64_t>(random_.below(static_cast<uint64_t>(habits_.pause_ns)));
  cluster_.later(pause + 1, [this, client] {
    if (!stopped_ && cluster_.lives(clients_[client].node)) act(client);
    next(client);
  });
}

void FileClients::act(size_t client) {
  const size_t file = random_.below(habits_.files);
  const uint64_t dice = random_.below(100);
  if (clients_[client].open >= habits_.window) return;
  if (dice < habits_.read) return read(client, file);
  if (dice < habits_.read + habits_.remove) return remove(client, file);
  append(client, file);
}

void FileClients::ask(size_t client, hydfs::GroupId group,
                      std::variant<hydfs::SubmitAsk, hydfs::LookAsk, hydfs::BytesAsk> body, Done done) {
  const uint64_t life = clients_[client].life;
  ++clients_[client].open;
  cluster_.life(clients_[client].node).command([=, this](hydfs::FileSystem& files) {
    files.caller().call({0, group, body}, {.patience_ns = 600'000'000'000},
                        [this, client, life, done](StatusOr<Reply> reply) {
                          if (clients_[client].life != life) return;
                          --clients_[client].open;
                          done(std::move(reply));
                        });
  });
}

void FileClients::look(size_t client, size_t file, std::function<void(const Reply&)> found) {
  const std::string name = name_of(file);
  ask(client, hydfs::group_of(name), hydfs::LookAsk{name, true, "", std::nullopt, false},
      [found = std::move(found)](const StatusOr<Reply>& reply) {
        if (reply.ok()) found(*reply);
      });
}

void FileClients::create(size_t client, size_t file) {
  hydfs::SubmitAsk create;
  create.head.kind = hydfs::EntryKind::kCreate;
  create.head.file = random_uuid(random_.next(), random_.next());
  create.head.name = name_of(file);
  create.head.digest = hash64("");
  const Uuid id = create.head.file;
  ask(client, hydfs::group_of(create.head.name), create, [this, client, file, id](const StatusOr<Reply>& reply) {
    if (reply.ok() && reply->kind == Reply::Kind::kDone) ++counts_["files created"], open(client, file, id);
  });
}

void FileClients::open(size_t client, size_t file, const Uuid& id) {
  hydfs::SubmitAsk open;
  open.head.kind = hydfs::EntryKind::kOpenWriter;
  open.head.file = id;
  open.head.writer = random_uuid(random_.next(), random_.next());
  open.head.epoch = hydfs::WriterEpoch(1);
  open.head.digest = hash64("");
  const Session session{id, open.head.writer};
  ask(client, hydfs::group_of(name_of(file)), open, [this, client, file, session](const StatusOr<Reply>& reply) {
    if (reply.ok() && reply->kind == Reply::Kind::kDone) clients_[client].sessions[file] = session;
  });
}

void FileClients::append(size_t client, size_t file) {
  const auto session = clients_[client].sessions.find(file);
  if (session == clients_[client].sessions.end()) {
    return look(client, file, [this, client, file](const Reply& reply) {
      if (reply.kind == Reply::Kind::kNoFile) return create(client, file);
      open(client, file, reply.files.front().id);
    });
  }
  Session& writer = session->second;
  uint64_t number = 0;
  const std::string line = history_.begin(writer.file, writer.writer, 1 + random_.below(habits_.most_bytes), &number);
  hydfs::SubmitAsk append;
  append.head.kind = hydfs::EntryKind::kAppend;
  append.head.file = writer.file;
  append.head.writer = writer.writer;
  append.head.epoch = hydfs::WriterEpoch(1);
  append.head.sequence = hydfs::Sequence(++writer.sequence);
  append.head.length = static_cast<uint32_t>(line.size());
  append.head.digest = hash64(line);
  append.payload = std::make_shared<const std::string>(line);
  ask(client, hydfs::group_of(name_of(file)), append, [this, client, file, number](const StatusOr<Reply>& reply) {
    if (!reply.ok()) return;
    if (reply->kind == Reply::Kind::kDone) return history_.acknowledged(number);
    RS_CHECK(reply->kind == Reply::Kind::kRefused, "an append is done or refused");
    ++counts_["appends refused"];
    clients_[client].sessions.erase(file);
  });
}

void FileClients::pieces(size_t node, hydfs::GroupId group, const Uuid& file,
                         const std::shared_ptr<std::string>& content, Content done) {
  if (!cluster_.lives(node)) return;
  cluster_.life(node).command([=, this](hydfs::FileSystem& files) {
    hydfs::BytesAsk ask{file, content->size(), hydfs::kMaxPayloadBytes, std::nullopt, false};
    files.caller().call({0, group, ask}, {.patience_ns = 600'000'000'000},
                        [this, node, group, file, content, done](const StatusOr<Reply>& reply) {
                          if (!reply.ok()) return;
                          if (reply->kind == Reply::Kind::kNoFile) return done(std::nullopt);
                          content->append(reply->text);
                          if (content->size() >= reply->size) return done(std::pair(file, *content));
                          pieces(node, group, file, content, done);
                        });
  });
}

void FileClients::read_whole(size_t node, const std::string& name, Content done) {
  const hydfs::GroupId group = hydfs::group_of(name);
  cluster_.life(node).command([=, this](hydfs::FileSystem& files) {
    files.caller().call({0, group, hydfs::LookAsk{name, true, "", std::nullopt, false}},
                        {.patience_ns = 600'000'000'000}, [this, node, group, done](const StatusOr<Reply>& reply) {
                          if (!reply.ok()) return;
                          if (reply->kind == Reply::Kind::kNoFile) return done(std::nullopt);
                          pieces(node, group, reply->files.front().id, std::make_shared<std::string>(), done);
                        });
  });
}

void FileClients::read(size_t client, size_t file) {
  const std::string name = name_of(file);
  look(client, file, [this, client, name](const Reply& reply) {
    if (reply.kind != Reply::Kind::kFiles) return;
    const Uuid id = reply.files.front().id;
    const std::set<uint64_t> must = history_.must_show(id);
    const size_t node = clients_[client].node;
    if (!cluster_.lives(node)) return;
    pieces(node, hydfs::group_of(name), id, std::make_shared<std::string>(), [this, id, must](auto content) {
      if (!content && !history_.may_be_missing(id)) history_.missing(id);
      if (content) history_.read(id, content->second, must);
    });
  });
}

void FileClients::remove(size_t client, size_t file) {
  look(client, file, [this, client, file](const Reply& reply) {
    if (reply.kind != Reply::Kind::kFiles) return;
    hydfs::SubmitAsk gone;
    gone.head.kind = hydfs::EntryKind::kDelete;
    gone.head.file = reply.files.front().id;
    gone.head.digest = hash64("");
    history_.removed(gone.head.file);
    ask(client, hydfs::group_of(name_of(file)), gone, [this, client, file](const StatusOr<Reply>& done) {
      if (done.ok() && done->kind == Reply::Kind::kDone) ++counts_["files removed"];
      clients_[client].sessions.erase(file);
    });
  });
}
}  // namespace rs::sim
