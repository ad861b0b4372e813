#include "io/sim/wire.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs::io {
namespace {
constexpr size_t kWindow = size_t{128} << 10;
constexpr int64_t kResendNs = 200'000'000;  // a piece that was lost, or is blocked
constexpr int kMostResends = 5;
constexpr int64_t kRedialNs = 1'000'000'000;
constexpr int kDials = 3;

Status reset() { return absl::UnavailableError("connection reset"); }
Status closed() { return absl::UnavailableError("the peer closed the connection"); }
}  // namespace

WireFaults& SimWire::faults(HostId from, HostId to) { return special_.try_emplace({from, to}, usual).first->second; }

const WireFaults& SimWire::between(HostId from, HostId to) const {
  const auto special = special_.find({from, to});
  return special == special_.end() ? usual : special->second;
}

void SimWire::split(const std::set<HostId>& one_side) {
  for (const HostId inside : one_side) {
    for (const HostId outside : hosts_) {
      if (one_side.contains(outside)) continue;
      faults(inside, outside).blocked = true;
      faults(outside, inside).blocked = true;
    }
  }
  world_.trace.add("split", one_side.size());
}

void SimWire::heal() {
  usual.blocked = false;
  for (auto& [pair, faults] : special_) faults.blocked = false;
  world_.trace.add("heal", 0);
}

int64_t SimWire::way_ns(HostId from, HostId to) {
  const WireFaults& faults = between(from, to);
  RS_CHECK(faults.least_ns <= faults.most_ns, "a way has a shortest time");
  return static_cast<int64_t>(
      random_.between(static_cast<uint64_t>(faults.least_ns), static_cast<uint64_t>(faults.most_ns)));
}

SimWire::Plugged* SimWire::alive(uint64_t tap) {
  const auto found = taps_.find(tap);
  return found != taps_.end() && world_.processes.alive(found->second.process) ? &found->second : nullptr;
}

void SimWire::after(int64_t ns, std::function<void()> event) {
  world_.scheduler.post(world_.clock.now_ns() + ns, std::move(event));
}

uint64_t SimWire::plug(HostId host, ProcessId process, WireTap* tap) {
  hosts_.insert(host);
  taps_.emplace(++last_tap_, Plugged{host, process, tap, {}});
  return last_tap_;
}

void SimWire::unplug(uint64_t tap) {
  std::erase_if(listeners_, [&](const auto& listener) { return listener.second == tap; });
  std::erase_if(datagrams_, [&](const auto& bound) { return bound.second == tap; });
  std::vector<CableEndId> ends;
  for (const auto& [id, cable] : cables_) {
    for (const size_t end : {0, 1}) {
      if (cable[end].tap == tap && !cable[end].gone) ends.push_back({id, end});
    }
  }
  for (const CableEndId end : ends) cut(end);
  taps_.erase(tap);
}

StatusOr<Endpoint> SimWire::listen(uint64_t tap, const Endpoint& at) {
  Endpoint bound = at;
  if (at.kind != Endpoint::Kind::kUnix && at.port == 0) bound.port = ++last_port_;
  const auto held = listeners_.find(bound);
  if (held != listeners_.end() && alive(held->second)) {
    return absl::AlreadyExistsError(absl::StrCat("listen on ", bound.text(), ": somebody else is there"));
  }
  listeners_[bound] = tap;
  return bound;
}

StatusOr<Endpoint> SimWire::bind_datagrams(uint64_t tap, const Endpoint& at) {
  RS_CHECK(at.kind != Endpoint::Kind::kUnix, "datagrams have ports");
  Endpoint bound = at;
  if (at.port == 0) bound.port = ++last_port_;
  const auto held = datagrams_.find(bound);
  if (held != datagrams_.end() && alive(held->second)) {
    return absl::AlreadyExistsError(absl::StrCat("listen on ", bound.text(), ": somebody else is there"));
  }
  datagrams_[bound] = tap;
  taps_.at(tap).datagrams_from = bound;
  return bound;
}

void SimWire::send_datagram(uint64_t from, const Endpoint& to, std::string_view bytes) {
  const Plugged* sender = alive(from);
  const auto receiver = datagrams_.find(to);
  if (!sender || receiver == datagrams_.end() || !alive(receiver->second)) return;
  RS_CHECK(!sender->datagrams_from.host.empty(), "who sends datagrams has bound them");
  ++counts_.datagrams;
  const HostId host = alive(receiver->second)->host;
  const WireFaults& faults = between(sender->host, host);
  const bool lost = faults_.chance(faults.loss), repeated = faults_.chance(faults.repeat);
  const uint64_t tap = receiver->second;
  for (int copy = 0; copy < (repeated ? 2 : 1); ++copy) {
    int64_t way = way_ns(sender->host, host);
    if (faults_.chance(faults.late)) {
      way += static_cast<int64_t>(faults_.below(static_cast<uint64_t>(faults.late_ns) + 1));
      ++counts_.late;
    }
    counts_.repeated += copy == 1;
    if (faults.blocked || lost) continue;
    after(way, [this, tap, datagram = Datagram{sender->datagrams_from, std::string(bytes)}] {
      if (Plugged* plugged = alive(tap)) plugged->tap->datagram(datagram);
    });
  }
  counts_.lost += lost && !faults.blocked;
  counts_.blocked += faults.blocked;
}

CableEndId SimWire::dial(uint64_t tap, const Endpoint& to) {
  last_cable_ = last_cable_.next();
  CableEnd& dialler = cables_[last_cable_][0];
  dialler.tap = tap;
  dialler.host = taps_.at(tap).host;
  ++counts_.dials;
  try_dial(last_cable_, to, kDials);
  return {last_cable_, 0};
}

// A question and its answer; either may be lost, and the dialler asks again.
void SimWire::try_dial(CableId id, const Endpoint& to, int tries) {
  const auto cable = cables_.find(id);
  if (cable == cables_.end() || cable->second[0].gone || tries == 0) return;
  const HostId from = cable->second[0].host;
  const auto listener = listeners_.find(to);
  Plugged* plugged = listener == listeners_.end() ? nullptr : alive(listener->second);
  const HostId host = plugged ? plugged->host : from;
  const bool blocked = between(from, host).blocked || between(host, from).blocked;
  const bool there = faults_.chance(between(from, host).loss), back = faults_.chance(between(host, from).loss);
  if (blocked || there || back) {
    ++counts_.unanswered;
    return after(kRedialNs, [this, id, to, tries] { try_dial(id, to, tries - 1); });
  }
  const int64_t way = way_ns(from, host);
  if (plugged) {
    CableEnd& acceptor = cable->second[1];
    acceptor.tap = listener->second;
    acceptor.host = host;
    after(way, [this, id, tap = acceptor.tap] {
      Plugged* accepts = alive(tap);
      if (accepts && cables_.contains(id)) accepts->tap->dialled({id, 1});
    });
  } else {
    ++counts_.refused;
  }
  const Status how = plugged ? Ok() : absl::UnavailableError(absl::StrCat("connect to ", to.text(), ": refused"));
  after(way + way_ns(host, from), [this, id, how] {
    const auto dialled = cables_.find(id);
    if (dialled == cables_.end() || dialled->second[0].gone) return;
    if (Plugged* asked = alive(dialled->second[0].tap)) asked->tap->answered({id, 0}, how);
  });
}

size_t SimWire::write(CableEndId from, std::string_view bytes) {
  const auto found = cables_.find(from.cable);
  if (found == cables_.end()) return 0;
  const CableEndId to = from.other();
  const CableEnd& other = found->second[to.end];
  const size_t room = kWindow - std::min(kWindow, other.unread);
  const std::string piece(bytes.substr(0, room));
  if (piece.empty()) return 0;
  if (faults_.chance(between(found->second[from.end].host, other.host).breaks)) {
    ++counts_.breaks;
    world_.trace.add("break", from.cable.value);
    put(to, {piece.substr(0, faults_.below(piece.size() + 1)), reset()});
    put(from, {{}, reset()});
  } else {
    put(to, {piece, std::nullopt});
  }
  return piece.size();
}

void SimWire::hang_up(CableEndId from) { put(from.other(), {{}, closed()}); }

void SimWire::cut(CableEndId at) {
  const auto found = cables_.find(at.cable);
  if (found == cables_.end()) return;
  const CableEnd& other = found->second[at.other().end];
  found->second[at.end].gone = true;
  if (other.gone || other.tap == 0) {
    cables_.erase(found);
    return;
  }
  put(at.other(), {{}, reset()});
}

void SimWire::put(CableEndId to, Piece piece) {
  const auto found = cables_.find(to.cable);
  if (found == cables_.end()) return;
  CableEnd& end = found->second[to.end];
  const HostId from = found->second[to.other().end].host;
  int64_t way = way_ns(from, end.host);
  for (int i = 0; i < kMostResends && faults_.chance(between(from, end.host).loss); ++i) {
    way += kResendNs << i;
    ++counts_.resent;
  }
  end.unread += piece.bytes.size();
  end.coming.push_back(std::move(piece));
  end.last_ns = std::max(end.last_ns + 1, world_.clock.now_ns() + way);
  world_.scheduler.post(end.last_ns, [this, to] { deliver(to); });
}

void SimWire::deliver(CableEndId to) {
  const auto found = cables_.find(to.cable);
  if (found == cables_.end() || found->second[to.end].gone) return;
  CableEnd& end = found->second[to.end];
  if (between(found->second[to.other().end].host, end.host).blocked) {
    return after(kResendNs, [this, to] { deliver(to); });
  }
  RS_CHECK(!end.coming.empty(), "each piece is delivered once");
  Piece piece = std::move(end.coming.front());
  end.coming.pop_front();
  if (end.ended) return;
  end.arrived += piece.bytes;
  end.ended = std::move(piece.end);
  tell(to);
}

void SimWire::tell(CableEndId end) {
  if (Plugged* plugged = alive(cables_.at(end.cable)[end.end].tap)) plugged->tap->changed(end);
}

SimWire::Reading SimWire::read(CableEndId at, size_t most) {
  const auto found = cables_.find(at.cable);
  RS_CHECK(found != cables_.end() && !found->second[at.end].gone, "who has not cut a cable may read from it");
  CableEnd& end = found->second[at.end];
  Reading reading{end.arrived.substr(0, most), std::nullopt};
  end.arrived.erase(0, reading.bytes.size());
  if (end.arrived.empty()) reading.end = end.ended;
  const bool was_full = end.unread >= kWindow;
  end.unread -= reading.bytes.size();
  if (was_full && !reading.bytes.empty()) {
    after(way_ns(end.host, found->second[at.other().end].host), [this, writer = at.other()] {
      const auto cable = cables_.find(writer.cable);
      if (cable != cables_.end() && !cable->second[writer.end].gone) tell(writer);
    });
  }
  return reading;
}
}  // namespace rs::io
