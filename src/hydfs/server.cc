#include "hydfs/server.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "base/check.h"

namespace rs::hydfs {
namespace {
constexpr int64_t kBehindNs = 50'000'000;  // H10
constexpr size_t kMostReplies = 1024;      // that one connection leaves lying

bool is_raw(const Ask& ask) {
  if (const auto* look = std::get_if<LookAsk>(&ask.body)) return look->raw;
  const auto* bytes = std::get_if<BytesAsk>(&ask.body);
  return bytes != nullptr && bytes->raw;
}
}  // namespace

Server::Server(Host* host, io::Network* network, io::Clock* clock) : host_(*host), network_(*network), clock_(*clock) {
  RS_CHECK(!host->answered, "one server for a host");
  host->answered = [this](GroupId group, const Answer& answer) { answered(group, answer); };
}

bool Server::handle(const io::NetEvent& event) {
  if (const auto* writable = std::get_if<io::Writable>(&event)) {
    if (replies_.count(writable->connection) == 0) return false;
    flush(writable->connection);
    return true;
  }
  if (const auto* closed = std::get_if<io::Closed>(&event)) replies_.erase(closed->connection);
  const auto* received = std::get_if<io::Received>(&event);
  if (received == nullptr || received->frame.type != kAskFrame) return false;
  StatusOr<Ask> ask = decode_ask(received->frame);
  if (!ask.ok()) return network_.close(received->connection), true;
  const io::ConnectionId connection = received->connection;
  this->ask(*std::move(ask), [this, connection](Reply reply) { send(connection, std::move(reply)); });
  return true;
}

void Server::send(io::ConnectionId connection, Reply reply) {
  const auto waiting = replies_.find(connection);
  if (waiting == replies_.end()) {
    io::Frame frame = encode(reply);
    const Status sent = network_.send(connection, frame);
    if (absl::IsResourceExhausted(sent)) replies_[connection].push_back(std::move(frame));
    return;
  }
  waiting->second.push_back(encode(reply));
  if (waiting->second.size() <= kMostReplies) return;
  replies_.erase(waiting);  // who asks without listening is not served
  network_.close(connection);
}

void Server::flush(io::ConnectionId connection) {
  auto& waiting = replies_.at(connection);
  while (!waiting.empty()) {
    const Status sent = network_.send(connection, waiting.front());
    if (absl::IsResourceExhausted(sent)) return;
    waiting.pop_front();
  }
  replies_.erase(connection);
}

void Server::ask(Ask ask, Done done) {
  Replica* replica = host_.replica(ask.group);
  Reply moved{.id = ask.id};
  moved.text = host_.waits_for(ask.group);
  const bool here = replica != nullptr && replica->row().replica != Uuid();
  if (const auto* look = std::get_if<LookAsk>(&ask.body); look && look->raw && here)
    return this->look(ask.group, *look, replica->shown(), {.id = ask.id}, done);
  if (const auto* raw = std::get_if<BytesAsk>(&ask.body); raw && raw->raw && here)
    return bytes(ask.group, *raw, replica->shown(), {.id = ask.id}, done);
  if (!here && is_raw(ask)) {  // it holds nothing of the group, and that is the answer
    Reply nothing{.id = ask.id};
    const auto* look = std::get_if<LookAsk>(&ask.body);
    nothing.kind = look && !look->exact ? Reply::Kind::kFiles : Reply::Kind::kNoFile;
    nothing.size = host_.disk_bytes();
    return done(std::move(nothing));
  }
  if (!here) return done(std::move(moved));
  const RequestId id(++last_);
  if (const auto* submit = std::get_if<SubmitAsk>(&ask.body)) {
    if (host_.overloaded()) return done(std::move(moved));
    const EntryHead head = submit->head;
    const Payload payload = submit->payload;
    std::get<SubmitAsk>(ask.body).payload = nullptr;  // the replica has it
    pending_[id] = {std::move(ask), std::move(done)};
    replica->submit(id, head, payload);
    return host_.touch(pending_[id].ask.group);
  }
  const auto* look = std::get_if<LookAsk>(&ask.body);
  const std::optional<LogIndex> token = look ? look->token : std::get<BytesAsk>(ask.body).token;
  const GroupId group = ask.group;
  pending_[id] = {std::move(ask), std::move(done), token ? clock_.now_ns() + kBehindNs : INT64_MAX};
  replica->read(id, token);
  host_.touch(group);
}

int64_t Server::step() {
  int64_t next_ns = INT64_MAX;
  for (const auto& [id, pending] : pending_) {
    if (pending.until_ns == INT64_MAX) continue;
    next_ns = std::min(next_ns, pending.until_ns);
    if (pending.until_ns > clock_.now_ns()) continue;
    host_.replica(pending.ask.group)->give_up_read(id);
    host_.touch(pending.ask.group);
  }
  return next_ns;
}

void Server::answered(GroupId group, const Answer& answer) {
  const auto found = pending_.find(answer.id);
  RS_CHECK(found != pending_.end(), "a request is answered once");
  const Pending pending = std::move(found->second);
  pending_.erase(found);
  Reply reply{.id = pending.ask.id};
  reply.verdict = answer.verdict.kind;
  reply.last = answer.verdict.last;
  reply.offset = answer.verdict.offset;
  reply.index = answer.kind == Answer::Kind::kRead ? answer.commit : answer.index;
  switch (answer.kind) {
    case Answer::Kind::kMoved:
      reply.text = host_.waits_for(group);
      return pending.done(std::move(reply));
    case Answer::Kind::kDone:
      reply.kind = Reply::Kind::kDone;
      return pending.done(std::move(reply));
    case Answer::Kind::kRefused:
      reply.kind = Reply::Kind::kRefused;
      return pending.done(std::move(reply));
    case Answer::Kind::kRead:
      break;
  }
  if (const auto* asked = std::get_if<LookAsk>(&pending.ask.body))
    return look(group, *asked, answer.commit, std::move(reply), pending.done);
  bytes(group, std::get<BytesAsk>(pending.ask.body), answer.commit, std::move(reply), pending.done);
}

void Server::look(GroupId group, const LookAsk& look, LogIndex commit, Reply reply, const Done& done) {
  const Table& table = host_.replica(group)->table();
  const auto fact = [&](const FileRow& file) {
    return FileFact{file.id, file.name, file.size_at(commit), file.appends};
  };
  reply.kind = Reply::Kind::kFiles;
  reply.index = commit;
  if (look.raw) reply.size = host_.disk_bytes();
  if (look.exact) {
    const FileRow* file = table.find_name(look.name, commit);
    if (file == nullptr) reply.kind = Reply::Kind::kNoFile;
    if (file != nullptr) reply.files.push_back(fact(*file));
    return done(std::move(reply));
  }
  for (const FileRow* file : table.files(commit)) {
    if (!absl::StartsWith(file->name, look.name) || file->name <= look.after) continue;
    reply.more = reply.files.size() == kMaxFacts;
    if (reply.more) break;
    reply.files.push_back(fact(*file));
  }
  done(std::move(reply));
}

void Server::bytes(GroupId group, const BytesAsk& ask, LogIndex commit, Reply reply, const Done& done) {
  const FileRow* file = host_.replica(group)->table().find(ask.file);
  reply.index = commit;
  if (file == nullptr || !file->exists(commit)) {
    reply.kind = Reply::Kind::kNoFile;
    return done(std::move(reply));
  }
  const auto gather = std::make_shared<Gather>(Gather{std::move(reply), done});
  gather->reply.kind = Reply::Kind::kBytes;
  gather->reply.size = file->size_at(commit);
  const uint64_t end = std::min(gather->reply.size, ask.offset + ask.length);
  gather->length = end > ask.offset ? end - ask.offset : 0;
  const auto behind = [](uint64_t offset, const Extent& extent) { return offset < extent.offset + extent.length; };
  auto extent = std::upper_bound(file->extents.begin(), file->extents.end(), ask.offset, behind);
  std::vector<LogIndex> wanted;
  if (gather->length > 0) gather->skip = ask.offset - extent->offset;
  for (; gather->length > 0 && extent != file->extents.end() && extent->offset < end; ++extent)
    wanted.push_back(extent->index);
  gather->pieces.resize(wanted.size());
  gather->missing = wanted.size() + 1;  // and one for this function itself
  for (size_t i = 0; i < wanted.size(); ++i) {
    host_.load(group, wanted[i], [this, gather, i](const StatusOr<Payload>& read) {
      gather->failed |= !read.ok() || *read == nullptr;
      if (read.ok()) gather->pieces[i] = *read;
      if (--gather->missing == 0) finish(gather);
    });
  }
  if (--gather->missing == 0) finish(gather);
}

void Server::finish(const std::shared_ptr<Gather>& gather) {
  Reply& reply = gather->reply;
  if (gather->failed) {
    reply.kind = Reply::Kind::kFailed;
    return gather->done(std::move(reply));
  }
  reply.text.reserve(gather->length);
  for (const Payload& piece : gather->pieces) {
    const std::string_view part = std::string_view(*piece).substr(std::exchange(gather->skip, 0));
    reply.text.append(part.substr(0, gather->length - reply.text.size()));
  }
  RS_CHECK(reply.text.size() == gather->length, "extents cover the file");
  gather->done(std::move(reply));
}
}  // namespace rs::hydfs
