// The Network of a simulated process. It has no thread: everything happens inside its owner's calls, so a paused owner
// is a paused node, and whatever needs the owner's hand (bytes, a limit of time) wakes it.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "io/queue_room.h"
#include "io/session.h"
#include "io/sim/wire.h"

namespace rs::io {
namespace {
constexpr size_t kPieces = 64;

class SimNetwork final : public Network, public WireTap {
 public:
  SimNetwork(SimWire* wire, HostId host, ProcessId process, NetworkOptions options, Random* random)
      : wire_(*wire), wake_(options.wake), rules_(options), random_(random), tap_(wire->plug(host, process, this)) {
    RS_CHECK(check_peer(options.self).ok() && wake_, "a node with a name");
  }
  ~SimNetwork() override { wire_.unplug(tap_); }

  StatusOr<Endpoint> listen(const Endpoint& at) override { return wire_.listen(tap_, at); }
  StatusOr<Endpoint> bind_datagrams(const Endpoint& at) override { return wire_.bind_datagrams(tap_, at); }
  void send_datagram(const Endpoint& to, std::string_view bytes) override;
  ConnectionId connect(const Endpoint& to) override;
  Status send(ConnectionId connection, Frame frame) override;
  void close(ConnectionId connection) override;
  std::vector<NetEvent> take() override;

  void datagram(Datagram datagram) override;
  void dialled(CableEndId end) override;
  void answered(CableEndId end, const Status& how) override;
  void changed(CableEndId end) override;

 private:
  struct Call {
    Call(ConnectionId id_, CableEndId cable_, const NetworkLimits& limits)
        : id(id_), cable(cable_), room(limits.send_bytes) {}
    const ConnectionId id;
    const CableEndId cable;
    bool wanted = true;              // the owner has not closed it
    bool admitted = false;           // logged in, and there was room
    std::optional<Status> answer;    // of the wire, to dialling
    std::optional<Session> session;  // once it is answered
    int64_t dial_until_ns = 0;
    QueueRoom room;
    bool dials() const { return cable.end == 0; }
    bool logged_in() const { return session && session->logged_in(); }
    bool stranger() const { return !dials() && !logged_in(); }
  };
  using Calls = std::map<ConnectionId, Call>;

  int64_t now_ns() { return wire_.world().clock.now_ns(); }
  Call* find(CableEndId end);
  void note(CableEndId end);
  void accept(CableEndId end);
  void serve(Call* call);
  Status serve_session(Call* call);
  Status admit(Call* call);
  void hear(Call* call, std::vector<Frame> frames);
  void flush(Call* call);
  void end(Call* call, const Status& why);
  void arm();
  int64_t deadline_of(const Call& call) const;

  SimWire& wire_;
  const std::function<void()> wake_;
  const SessionRules rules_;
  Random* random_;
  const uint64_t tap_;
  Calls calls_;
  std::map<CableEndId, ConnectionId> by_cable_;
  std::vector<CableEndId> incoming_;  // dialled by others, not looked at
  std::set<CableEndId> news_;
  std::vector<NetEvent> events_;
  size_t datagrams_ = 0;  // in events_
  uint64_t last_id_ = 0;
  int64_t armed_ns_ = INT64_MAX;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);  // shared: a timer asks whether this is still there
};

void SimNetwork::send_datagram(const Endpoint& to, std::string_view bytes) {
  RS_CHECK(bytes.size() <= kMaxDatagramBytes, "a datagram within its bound");
  NetworkMetrics::add(&metrics_.datagrams_out, 1);
  NetworkMetrics::add(&metrics_.datagram_bytes_out, bytes.size());
  wire_.send_datagram(tap_, to, bytes);
}

void SimNetwork::datagram(Datagram datagram) {
  NetworkMetrics::add(&metrics_.datagrams_in, 1);
  NetworkMetrics::add(&metrics_.datagram_bytes_in, datagram.bytes.size());
  if (datagrams_ == rules_.limits.datagrams) return NetworkMetrics::add(&metrics_.datagrams_dropped, 1);
  ++datagrams_;
  events_.push_back(std::move(datagram));
  wake_();
}

ConnectionId SimNetwork::connect(const Endpoint& to) {
  const ConnectionId id(++last_id_);
  const CableEndId cable = wire_.dial(tap_, to);
  Call& call = calls_.try_emplace(id, id, cable, rules_.limits).first->second;
  call.dial_until_ns = now_ns() + rules_.limits.connect_ns;
  by_cable_[cable] = id;
  arm();
  return id;
}

Status SimNetwork::send(ConnectionId connection, Frame frame) {
  const auto found = calls_.find(connection);
  if (found == calls_.end() || !found->second.logged_in() || !found->second.wanted) {
    return absl::FailedPreconditionError("the connection is not there");
  }
  RS_CHECK(frame.type >= kFirstFrameType && frame.body.size() <= kMaxFrameBytes, "a frame of an owner's type");
  Call& call = found->second;
  if (!call.room.open()) return absl::ResourceExhaustedError("the connection's queue is full");
  call.room.add(frame_cost(frame));
  NetworkMetrics::add(&metrics_.frames_out, 1);
  call.session->send(now_ns(), std::move(frame));
  flush(&call);
  arm();
  return Ok();
}

void SimNetwork::close(ConnectionId connection) {
  const auto found = calls_.find(connection);
  if (found == calls_.end() || !found->second.wanted) return;
  Call& call = found->second;
  call.wanted = false;
  if (!call.logged_in()) return end(&call, absl::CancelledError("closed before the login"));
  call.session->finish(now_ns());
  flush(&call);
  if (call.session->idle()) wire_.hang_up(call.cable);
  arm();
}

void SimNetwork::dialled(CableEndId end) {
  incoming_.push_back(end);
  wake_();
}

void SimNetwork::answered(CableEndId end, const Status& how) {
  if (Call* call = find(end)) call->answer = how;
  note(end);
}

void SimNetwork::changed(CableEndId end) { note(end); }

void SimNetwork::note(CableEndId end) {
  news_.insert(end);
  wake_();
}

SimNetwork::Call* SimNetwork::find(CableEndId end) {
  const auto id = by_cable_.find(end);
  return id == by_cable_.end() ? nullptr : &calls_.at(id->second);
}

std::vector<NetEvent> SimNetwork::take() {
  for (const CableEndId end : std::exchange(incoming_, {})) accept(end);
  const int64_t now = now_ns();
  for (const auto& [id, call] : calls_) {
    if (deadline_of(call) <= now) news_.insert(call.cable);
  }
  for (const CableEndId cable : std::exchange(news_, {})) {
    if (Call* call = find(cable)) serve(call);
  }
  arm();
  datagrams_ = 0;
  return std::exchange(events_, {});
}

void SimNetwork::accept(CableEndId cable) {
  const auto stranger = [](const Calls::value_type& entry) { return entry.second.stranger(); };
  if (static_cast<size_t>(std::count_if(calls_.begin(), calls_.end(), stranger)) >= rules_.limits.strangers) {
    end(&std::find_if(calls_.begin(), calls_.end(), stranger)->second,
        absl::ResourceExhaustedError("too many strangers"));
  }
  const ConnectionId id(++last_id_);
  Call& call = calls_.try_emplace(id, id, cable, rules_.limits).first->second;
  by_cable_[cable] = id;
  call.session.emplace(Session::Side::kAcceptor, &rules_, random_, now_ns());
  news_.insert(cable);
}

void SimNetwork::serve(Call* call) {
  const int64_t now = now_ns();
  if (!call->session) {
    if (call->answer && !call->answer->ok()) return end(call, *call->answer);
    if (!call->answer && now < call->dial_until_ns) return;
    if (!call->answer) return end(call, absl::DeadlineExceededError("connect: no answer in time"));
    call->session.emplace(Session::Side::kDialler, &rules_, random_, now);
  }
  const Status status = serve_session(call);
  if (!status.ok()) end(call, status);
}

Status SimNetwork::serve_session(Call* call) {
  const SimWire::Reading reading = wire_.read(call->cable, rules_.limits.receive_bytes);
  NetworkMetrics::add(&metrics_.stream_bytes_in, reading.bytes.size());
  if (!reading.bytes.empty()) {
    std::vector<Frame> frames;
    const Status status = call->session->receive(now_ns(), reading.bytes, &frames);
    if (call->logged_in() && !call->admitted) RS_RETURN_IF_ERROR(admit(call));
    hear(call, std::move(frames));
    RS_RETURN_IF_ERROR(status);
  }
  if (reading.end) return *reading.end;
  if (reading.bytes.size() == rules_.limits.receive_bytes) note(call->cable);
  RS_RETURN_IF_ERROR(call->session->tick(now_ns()));
  flush(call);
  return Ok();
}

Status SimNetwork::admit(Call* call) {
  if (metrics_.connections >= rules_.limits.connections) {
    return absl::ResourceExhaustedError("this node has too many connections");
  }
  ++metrics_.connections;
  call->admitted = true;
  const Peer& peer = call->session->peer();
  if (call->dials()) events_.push_back(Connected{call->id, peer});
  if (!call->dials()) events_.push_back(Accepted{call->id, peer});
  return Ok();
}

void SimNetwork::hear(Call* call, std::vector<Frame> frames) {
  if (!call->wanted) return;
  NetworkMetrics::add(&metrics_.frames_in, frames.size());
  for (Frame& frame : frames) events_.push_back(Received{call->id, std::move(frame)});
}

void SimNetwork::flush(Call* call) {
  const bool spoke = !call->session->idle();
  for (bool room = true; room && !call->session->idle();) {
    std::string bytes;
    for (const std::string_view piece : call->session->waiting(kPieces)) bytes += piece;
    const size_t written = wire_.write(call->cable, bytes);
    room = written == bytes.size();
    NetworkMetrics::add(&metrics_.stream_bytes_out, written);
    if (call->room.remove(call->session->sent(now_ns(), written)) && call->wanted) {
      events_.push_back(Writable{call->id});
      wake_();
    }
  }
  if (spoke && call->session->finishing() && call->session->idle()) wire_.hang_up(call->cable);
}

void SimNetwork::end(Call* call, const Status& why) {
  if (call->session) {
    call->session->farewell(now_ns(), why);
    flush(call);
  }
  if (call->admitted) --metrics_.connections;
  if (!call->admitted) NetworkMetrics::add(&metrics_.refused, 1);
  if (call->wanted && (call->admitted || call->dials())) {
    events_.push_back(Closed{call->id, why});
    wake_();
  }
  wire_.cut(call->cable);
  by_cable_.erase(call->cable);
  calls_.erase(ConnectionId(call->id));
}

int64_t SimNetwork::deadline_of(const Call& call) const {
  return call.session ? call.session->deadline_ns() : call.dial_until_ns;
}

// One timer, for the earliest limit; one that has become too early finds nothing to do.
void SimNetwork::arm() {
  int64_t next = INT64_MAX;
  for (const auto& [id, call] : calls_) next = std::min(next, deadline_of(call));
  if (next >= armed_ns_ && armed_ns_ > now_ns()) return;
  armed_ns_ = next;
  if (next == INT64_MAX) return;
  wire_.world().scheduler.post(next, [this, here = std::weak_ptr<bool>(here_), next] {
    if (here.expired() || armed_ns_ != next) return;
    armed_ns_ = INT64_MAX;
    wake_();
  });
}
}  // namespace

std::unique_ptr<Network> SimWire::attach(HostId host, ProcessId process, NetworkOptions options, Random* random) {
  return std::make_unique<SimNetwork>(this, host, process, std::move(options), random);
}
}  // namespace rs::io
