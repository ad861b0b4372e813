#include "node/query/desk.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "node/query/log_files.h"
#include "node/query/targets.h"

namespace rs {
namespace {
constexpr size_t kMostAsked = 16, kMostAnswers = 32;
using io::Wake;

Wake sooner(Wake a, Wake b) {
  if (a.kind == Wake::Kind::kAgain || b.kind == Wake::Kind::kAgain) return {Wake::Kind::kAgain};
  if (a.kind != Wake::Kind::kAt) std::swap(a, b);
  if (a.kind != Wake::Kind::kAt) return {Wake::Kind::kIdle};
  if (b.kind != Wake::Kind::kAt) return a;
  return {Wake::Kind::kAt, std::min(a.at_ns, b.at_ns)};
}
}  // namespace

class QueryDesk::Stream final : public GrepStream {
 public:
  Stream(QueryDesk* desk, QueryId id) : desk_(desk), id_(id) {}
  ~Stream() override { desk_->forget(id_); }

  GrepPiece next(size_t at_most) override {
    Asked* asked = &desk_->asked_.at(id_);
    GrepPiece piece = asked->query.next(at_most);
    desk_->carry_out(id_, asked);
    return piece;
  }

 private:
  QueryDesk* const desk_;
  const QueryId id_;
};

QueryDesk::~QueryDesk() { RS_CHECK(asked_.empty(), "streams end before their desk"); }

StatusOr<std::unique_ptr<GrepStream>> QueryDesk::grep(const GrepRequest& request, const membership::MemberView& view) {
  const auto command = judge_grep(request.arguments);
  const Status judged = command.ok() ? check_log_pattern(request.files) : command.status();
  if (!judged.ok()) return make_error(ErrorId::kGrepRefused, std::string(judged.message()));
  auto targets = choose_targets(view, self_, request.nodes);
  if (!targets.ok()) return make_error(ErrorId::kNoNode, std::string(targets.status().message()));
  if (asked_.size() >= kMostAsked) return make_error(ErrorId::kQueriesBusy, "this node asks too many at once");
  const size_t count = targets->size();
  const GrepAsk ask{request.arguments, request.files, query_window(count)};
  const QueryId id = last_ = last_.next();
  Asked& asked = asked_
                     .try_emplace(id, Asked{GrepQuery(std::move(*targets), ask, command->line_end, now_ns()),
                                            std::vector<io::ConnectionId>(count), std::nullopt})
                     .first->second;
  carry_out(id, &asked);
  return std::make_unique<Stream>(this, id);
}

bool QueryDesk::take(const io::NetEvent& event) {
  if (const auto* received = std::get_if<io::Received>(&event)) return took(*received);
  if (const auto* closed = std::get_if<io::Closed>(&event)) return took(*closed);
  const auto* connected = std::get_if<io::Connected>(&event);
  const auto dialled = connected ? dialled_.find(connected->connection) : dialled_.end();
  if (dialled == dialled_.end()) return false;
  const auto [id, target] = dialled->second;
  asked_.at(id).query.reached(now_ns(), target, connected->peer.node);
  carry_out(id, &asked_.at(id));
  return true;
}

bool QueryDesk::took(const io::Received& received) {
  if (const auto dialled = dialled_.find(received.connection); dialled != dialled_.end()) {
    hear(dialled->second, received.frame);
    news_ = true;
    return true;
  }
  if (!is_query_frame(received.frame.type)) return false;
  if (!serve(received.connection, received.frame).ok()) {
    answers_.erase(received.connection);
    doors_.network->close(received.connection);
  }
  return true;
}

bool QueryDesk::took(const io::Closed& closed) {
  if (answers_.erase(closed.connection) > 0) return true;
  const auto dialled = dialled_.find(closed.connection);
  if (dialled == dialled_.end()) return false;
  const auto [id, target] = dialled->second;
  asked_.at(id).query.lost(target, closed.why);
  carry_out(id, &asked_.at(id));
  return true;
}

void QueryDesk::hear(const Dialled& from, const io::Frame& frame) {
  const auto [id, target] = from;
  Asked* asked = &asked_.at(id);
  auto message = decode(frame);
  if (message.ok()) {
    asked->query.heard(now_ns(), target, std::move(*message));
  } else {
    asked->query.lost(target, message.status());
  }
  carry_out(id, asked);
}

// What is not OK ends the connection.
Status QueryDesk::serve(io::ConnectionId connection, const io::Frame& frame) {
  const auto message = decode(frame);
  if (!message.ok()) return message.status();
  const auto answer = answers_.find(connection);
  if (const auto* room = std::get_if<GrepRoom>(&*message)) {
    if (answer != answers_.end()) answer->second.room(room->bytes);  // else it crossed with our end
    return Ok();
  }
  const auto* ask = std::get_if<GrepAsk>(&*message);
  if (!ask || answer != answers_.end()) return absl::FailedPreconditionError("one question on a connection");
  if (answers_.size() >= kMostAnswers) {
    return doors_.network->send(connection, encode(GrepDone{kPartialExit, false, 0, "busy: too many queries at once"}));
  }
  answers_.try_emplace(connection, *ask, self_.name, GrepDoors{doors_.logs, doors_.children}, now_ns());
  return Ok();
}

Wake QueryDesk::step() {
  Wake wake{Wake::Kind::kIdle};
  for (auto& [id, asked] : asked_) {
    wake = sooner(wake, advance(&asked));
    carry_out(id, &asked);
  }
  for (auto it = answers_.begin(); it != answers_.end();) {
    const auto next = std::next(it);
    wake = sooner(wake, answer(it->first, &it->second));
    if (it->second.over()) answers_.erase(it);
    it = next;
  }
  return std::exchange(news_, false) ? Wake{Wake::Kind::kAgain} : wake;
}

// The window is smaller than the queue of a connection, so what can't be sent never will be.
Wake QueryDesk::answer(io::ConnectionId connection, GrepAnswer* answer) {
  const auto message = answer->next(now_ns());
  const bool sent = !message || doors_.network->send(connection, encode(*message)).ok();
  if (sent && !answer->over()) return answer->wake();
  doors_.network->close(connection);
  return {Wake::Kind::kIdle};
}

Wake QueryDesk::advance(Asked* asked) {
  Wake wake{Wake::Kind::kIdle};
  if (asked->here) {
    const auto self = std::find(asked->connections.begin(), asked->connections.end(), io::ConnectionId());
    RS_CHECK(self != asked->connections.end(), "a target without a connection");
    auto message = asked->here->next(now_ns());
    wake = asked->here->wake();
    const auto target = static_cast<size_t>(self - asked->connections.begin());
    if (message) asked->query.heard(now_ns(), target, std::move(*message));
    news_ |= message.has_value();
  }
  const int64_t due_ns = asked->query.tick(now_ns());
  return due_ns == INT64_MAX ? wake : sooner(wake, {Wake::Kind::kAt, due_ns});
}

void QueryDesk::carry_out(QueryId id, Asked* asked) {
  for (auto steps = asked->query.take(); !steps.empty(); steps = asked->query.take()) {
    news_ = true;  // who is hung up on is through
    for (const QueryStep& step : steps) carry_out(id, asked, step);
  }
}

void QueryDesk::carry_out(QueryId id, Asked* asked, const QueryStep& step) {
  using Kind = QueryStep::Kind;
  const QueryTarget& target = asked->query.target(step.target);
  io::ConnectionId& connection = asked->connections[step.target];
  if (target.node == self_.node) {
    if (step.kind == Kind::kDial) asked->query.reached(now_ns(), step.target, self_.node);
    if (step.kind == Kind::kHangUp) asked->here.reset();
    if (step.kind != Kind::kSend) return;
    if (const auto* ask = std::get_if<GrepAsk>(&step.message)) {
      asked->here.emplace(*ask, self_.name, GrepDoors{doors_.logs, doors_.children}, now_ns());
    } else if (const auto* room = std::get_if<GrepRoom>(&step.message); room && asked->here) {
      asked->here->room(room->bytes);
    }
    return;
  }
  if (step.kind == Kind::kDial) {
    connection = doors_.network->connect(target.address);
    dialled_[connection] = {id, step.target};
  } else if (step.kind == Kind::kHangUp) {
    dialled_.erase(connection);
    doors_.network->close(connection);
  } else if (const Status sent = doors_.network->send(connection, encode(step.message)); !sent.ok()) {
    asked->query.lost(step.target, sent);
  }
}

void QueryDesk::forget(QueryId id) {
  const auto asked = asked_.find(id);
  for (const io::ConnectionId connection : asked->second.connections) {
    if (dialled_.erase(connection) > 0) doors_.network->close(connection);
  }
  asked_.erase(asked);
}
}  // namespace rs
