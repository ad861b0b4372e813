#include "membership/membership.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/variants.h"

namespace rs::membership {
namespace {
constexpr double kMillion = 1e6;
constexpr int64_t kRebirthPause = kSecond;  // two nodes with one UUID must not raise each other without end

std::string protocol_text(const Protocol& protocol) {
  return absl::StrCat(protocol.detector == Detector::kGossip ? "gossip" : "ping",
                      protocol.suspicion ? " suspect" : " nosuspect");
}
}  // namespace

const char* event_name(Event::Kind kind) {
  constexpr const char* kNames[] = {"join",    "leave",  "suspect", "refute", "fail",
                                    "replace", "forget", "reborn",  "switch", "drop"};
  return kNames[static_cast<size_t>(kind)];
}

Membership::Membership(MembershipOptions options, io::Random* random)
    : options_(std::move(options)),
      random_(random),
      codec_(options_.cluster, options_.cluster_key),
      used_(options_.last_generation),
      roster_(options_.timing),
      prober_(options_.timing, random),
      contacts_(options_.timing, random) {
  RS_CHECK(options_.node != Uuid{} && options_.address.port != 0, "a member can be told from others, and found");
  RS_CHECK(options_.address.kind != io::Endpoint::Kind::kUnix, "datagrams need an address");
  RS_CHECK(valid_name(options_.name), "a node has a name that people can write");
  self_ = {.id = {options_.node, options_.address, {}}, .name = options_.name};
  settings_.protocol.value = options_.protocol;
  if (options_.switched.version > 0) settings_.protocol = options_.switched;
  mark_ = mark_of(settings_);
}

Status Membership::join(int64_t now_ns, std::vector<io::Endpoint> seeds) {
  if (presence_ != Presence::kOut)
    return absl::FailedPreconditionError("this node is a member, or about to become one");
  RS_CHECK(!member_, "who is out has no id");
  std::erase(seeds, options_.address);
  seeds_ = std::move(seeds);
  presence_ = Presence::kJoining;
  roster_ = Roster(options_.timing);
  view_ = nullptr;
  if (!awaited_) seek_new_id(now_ns, used_);
  return Ok();
}

void Membership::seek_new_id(int64_t now_ns, Generation above) {
  used_ = std::max(used_, above).next();
  awaited_ = effects_.persist = used_;
  reborn_ns_ = now_ns + kRebirthPause;
}

void Membership::persisted(int64_t now_ns, Generation generation) {
  if (awaited_ != generation) return;
  awaited_.reset();
  if (presence_ == Presence::kOut || leaving()) return;
  RS_CHECK(generation > self_.id.generation, "a generation is used once");
  queue_.remove(self_tag_.value);
  self_.id.generation = generation;
  self_.standing = {};
  self_tag_ = self_.id.tag();
  beats_ = 0;
  RS_CHECK(roster_.learn(now_ns, self_) == Change::kJoined, "the newest id of this node is its own");
  spread(self_tag_.value, Alive{self_});
  if (std::exchange(member_, true)) {
    tell(Event::Kind::kReborn, self_);
    if (teller_) request(now_ns, contacts_.open(now_ns, *teller_, Contacts::Purpose::kReunion));
    return;
  }
  contacts_.start(now_ns, seeds_);
  presence_ = contacts_.joining() ? Presence::kJoining : Presence::kIn;
  round_ns_ = now_ns + static_cast<int64_t>(random_->next() % static_cast<uint64_t>(round_length_ns()));
  housekeeping_ns_ = now_ns;
  tell(Event::Kind::kJoined, self_);
}

// A dead id stays dead: the node goes on under a new one.
void Membership::die(int64_t now_ns, Generation above, const io::Endpoint& teller) {
  if (leaving() || awaited_ || now_ns < reborn_ns_) return;
  if (broken(Variant::kGenerationNotRaised)) return spread(self_tag_.value, Alive{self_});
  teller_ = teller;
  seek_new_id(now_ns, std::max(above, self_.id.generation));
}

void Membership::refute(int64_t now_ns, Refutation claimed) {
  if (leaving()) return;
  const Refutation higher = std::max(claimed, self_.standing.refutation).next();
  if (!broken(Variant::kRefutedWithoutNumber)) self_.standing.refutation = higher;
  roster_.learn(now_ns, self_);
  spread(self_tag_.value, Alive{self_});
  ++metrics_.refutations;
  health_.unwell();  // somebody's question did not get here, or our answer not there
  tell(Event::Kind::kRefuted, self_);
}

Status Membership::leave(int64_t now_ns) {
  if (presence_ == Presence::kOut || leaving()) return absl::FailedPreconditionError("this node is no member");
  presence_ = Presence::kLeaving;
  leave_ns_ = now_ns + options_.timing.leave_ns;
  contacts_.stop();
  view_ = nullptr;
  if (!member_) return get_out(), Ok();  // nobody has seen it yet
  self_.standing.state = State::kLeft;
  roster_.end(now_ns, self_tag_, State::kLeft);
  tell(Event::Kind::kLeft, self_);
  spread(self_tag_.value, Ended{self_tag_, State::kLeft});
  round_ns_ = now_ns;
  return Ok();
}

void Membership::get_out() {
  presence_ = Presence::kOut;
  member_ = false;
  queue_ = {};
  heartbeats_ = {};
  prober_ = Prober(options_.timing, random_);
  expected_ns_ = 0;
  view_ = nullptr;
}

Status Membership::switch_protocol(int64_t now_ns, Protocol protocol) {
  if (presence_ != Presence::kIn) return absl::FailedPreconditionError("only a member can switch the cluster");
  set_protocol(now_ns, {settings_.protocol.version + 1, options_.node, protocol});
  return Ok();
}

Status Membership::set_drop(int64_t, double fraction, bool whole_cluster) {
  if (!(fraction >= 0 && fraction <= 1)) return absl::InvalidArgumentError("a fraction is from 0 to 1");
  const auto drop = static_cast<DropPartsPerMillion>(std::lround(fraction * kMillion));
  if (!whole_cluster) return use_drop(drop), Ok();
  if (presence_ != Presence::kIn) return absl::FailedPreconditionError("only a member can tell the cluster");
  set_cluster_drop({settings_.drop.version + 1, options_.node, drop});
  return Ok();
}

bool Membership::set_protocol(int64_t now_ns, const Setting<Protocol>& setting) {
  if (!setting.newer_than(settings_.protocol)) return false;
  const bool gossips = setting.value.detector == Detector::kGossip;
  if (gossips && settings_.protocol.value.detector != Detector::kGossip) heartbeats_.start();
  effects_.switched = settings_.protocol = setting;
  mark_ = mark_of(settings_);
  round_ns_ = std::min(round_ns_, now_ns + round_length_ns());
  spread(kProtocolTopic, setting);
  tell(Event::Kind::kSwitched, self_, protocol_text(setting.value));
  return true;
}

bool Membership::set_cluster_drop(const Setting<DropPartsPerMillion>& setting) {
  if (!setting.newer_than(settings_.drop)) return false;
  settings_.drop = setting;
  mark_ = mark_of(settings_);
  spread(kDropTopic, setting);
  use_drop(setting.value);
  return true;
}

void Membership::use_drop(DropPartsPerMillion drop) {
  drop_ = drop;
  tell(Event::Kind::kDropSet, self_, absl::StrCat(drop / kMillion));
}

void Membership::tell(Event::Kind kind, const Member& member, std::string detail) {
  effects_.events.push_back({kind, member, std::move(detail)});
  view_ = nullptr;
}

Effects Membership::take() { return std::exchange(effects_, {}); }

std::shared_ptr<const MemberView> Membership::view() {
  if (view_) return view_;
  MemberView view{.number = ++views_, .presence = presence_, .self = self_, .protocol = settings_.protocol.value};
  view.drop = drop_ / kMillion;
  for (const auto& [node, entry] : roster_.entries()) view.members.push_back({entry.member, entry.updated_ns});
  std::sort(view.members.begin(), view.members.end(), [](const ListedMember& a, const ListedMember& b) {
    return std::tie(a.member.name, a.member.id) < std::tie(b.member.name, b.member.id);
  });
  view_ = std::make_shared<const MemberView>(std::move(view));
  return view_;
}
}  // namespace rs::membership
