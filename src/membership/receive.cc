// Datagrams in, and what is answered to them.
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/variants.h"
#include "membership/membership.h"

namespace rs::membership {
bool Membership::dropped() {
  if (drop_ == 0 || random_->next() % 1'000'000 >= drop_) return false;
  ++metrics_.dropped;
  return true;
}

void Membership::receive(int64_t now_ns, const io::Endpoint& from, std::string_view datagram) {
  ++metrics_.datagrams_in;
  metrics_.bytes_in += datagram.size();
  if (dropped()) return;
  const std::optional<DatagramContent> content =
      codec_.open_datagram(datagram, [this](uint16_t nonce) { return prober_.expected(nonce); });
  if (!content) {
    ++metrics_.refused;
    return;
  }
  const auto* ack = std::get_if<Ack>(&content->message);
  if (ack && ack->target == MemberTag()) return;  // late, or anybody's: its seal was not looked at
  if (!member_) return on_call_for_who_left(from, content->message);
  allow_for_absence(now_ns);
  if (const std::vector<Update> words = missed_words(content->updates); !words.empty())
    send(from, News{self_tag_}, words);
  for (const Update& update : content->updates) on_update(now_ns, from, update);
  on_message(now_ns, from, content->message);
}

// `first` goes before the news, and so does what is said of the receiver: a suspect must hear it soonest.
void Membership::send(const io::Endpoint& to, const Message& message, const std::vector<Update>& first) {
  const size_t room = codec_.room(encode(message));
  std::string news;
  for (const Update& update : first) news += encode(update);
  RS_CHECK(news.size() <= room, "a few updates fit behind any message");
  queue_.fill(&news, room - news.size(), roster_.ring().size());
  effects_.datagrams.push_back({to, codec_.seal_datagram(encode(message, news))});
  ++metrics_.datagrams_out;
  metrics_.bytes_out += effects_.datagrams.back().bytes.size();
}

void Membership::on_update(int64_t now_ns, const io::Endpoint& from, const Update& update) {
  if (const auto* alive = std::get_if<Alive>(&update)) return on_alive(now_ns, from, alive->member);
  if (const auto* accusation = std::get_if<Accusation>(&update)) return on_accusation(now_ns, *accusation);
  if (const auto* ended = std::get_if<Ended>(&update)) return on_ended(now_ns, from, *ended);
  if (const auto* protocol = std::get_if<Setting<Protocol>>(&update)) {
    set_protocol(now_ns, *protocol);
  } else {
    set_cluster_drop(std::get<Setting<DropPartsPerMillion>>(update));
  }
}

void Membership::on_alive(int64_t now_ns, const io::Endpoint& from, const Member& member) {
  if (member.id.node == options_.node) {
    // Of the same generation, elsewhere: a copy of this node's folder, whom others may list in our place.
    if (member.id != self_.id && member.id.generation >= self_.id.generation) die(now_ns, member.id.generation, from);
    return;
  }
  if (member.id.address == options_.address) return;  // it is old news: here is this node
  std::optional<Entry> before;
  if (const Entry* entry = roster_.find(member.id.node)) before = *entry;
  const Change change = roster_.learn(now_ns, member);
  if (change == Change::kNothing) return;
  const MemberTag tag = member.id.tag();
  if (change == Change::kLongDead) return send(member.id.address, News{self_tag_}, {Ended{tag, State::kFailed}});
  spread(tag.value, Alive{member});
  view_ = nullptr;
  if (change == Change::kJoined) {
    if (before) forget_evidence(before->tag);
    if (before && !final(before->member.standing.state)) tell(Event::Kind::kReplaced, before->member);
    tell(Event::Kind::kJoined, member);
    // One of the two is not there any more, and which one only an answer tells: this may be the older report.
    for (const MemberTag other : roster_.displaced_by(member.id)) {
      if (!leaving()) probe(now_ns, other);
    }
  } else if (change == Change::kRefuted) {
    tell(Event::Kind::kRefuted, member);
  }
}

// Whom the sender accuses, and who has left: it came too late for their word.
std::vector<Update> Membership::missed_words(const std::vector<Update>& updates) const {
  std::vector<Update> words;
  for (const Update& update : updates) {
    const auto* accusation = std::get_if<Accusation>(&update);
    const Entry* accused = accusation ? roster_.find(accusation->member) : nullptr;
    if (accused == nullptr || accused->member.standing.state != State::kLeft) continue;
    words.emplace_back(std::in_place_type<Ended>, accusation->member, State::kLeft);
  }
  return words;
}

void Membership::on_accusation(int64_t now_ns, const Accusation& accusation) {
  if (accusation.member == self_tag_) {
    if (accusation.refutation >= self_.standing.refutation) refute(now_ns, accusation.refutation);
    return;
  }
  const Change change = roster_.accuse(now_ns, accusation);
  if (change == Change::kNothing) return;
  spread(accusation.member.value, accusation);
  const Entry* entry = roster_.find(accusation.member);
  if (change == Change::kSuspected) {
    const Entry* accuser = roster_.find(accusation.accuser);
    ++metrics_.suspicions;
    tell(Event::Kind::kSuspected, entry->member, absl::StrCat("by ", accuser ? accuser->member.name : "a stranger"));
  }
  // Look for oneself: a second accuser confirms soon, and nobody else may have asked.
  const bool probes = settings_.protocol.value.detector == Detector::kPing && !leaving();
  if (probes && entry->suspicion->accusers().size() < options_.timing.accusers) probe(now_ns, accusation.member);
}

void Membership::on_ended(int64_t now_ns, const io::Endpoint& from, const Ended& ended) {
  if (ended.member == self_tag_) return die(now_ns, self_.id.generation, from);
  end(now_ns, ended.member, ended.state);
}

void Membership::on_message(int64_t now_ns, const io::Endpoint& from, const Message& message) {
  if (const auto* ping = std::get_if<Ping>(&message)) return on_ping(from, *ping);
  if (const auto* ack = std::get_if<Ack>(&message)) return on_ack(*ack);
  if (const auto* relay = std::get_if<Relay>(&message)) return on_relay(now_ns, from, *relay);
  if (const auto* nack = std::get_if<Nack>(&message)) return prober_.nack(nack->nonce);
  if (const auto* gossip = std::get_if<Gossip>(&message)) return on_gossip(now_ns, from, *gossip);
  if (std::holds_alternative<WhoAreYou>(message) && !leaving()) send(from, News{self_tag_}, {Alive{self_}});
}

// What a sender does not know, as its message shows: its own death, a suspicion of it, the settings.
std::vector<Update> Membership::corrections(const Entry* entry, SettingsMark mark) const {
  std::vector<Update> updates;
  if (entry && entry->member.standing.state == State::kFailed) updates.push_back(Ended{entry->tag, State::kFailed});
  if (entry && entry->suspicion) {
    updates.push_back(Accusation{entry->tag, entry->suspicion->accusers().front(), entry->member.standing.refutation});
  }
  if (mark != mark_ && !broken(Variant::kSwitchMissesAbsent)) {
    updates.push_back(settings_.protocol);
    updates.push_back(settings_.drop);
  }
  return updates;
}

void Membership::on_ping(const io::Endpoint& from, const Ping& ping) {
  const Entry* sender = roster_.find(ping.sender);
  // Others may be far apart: a pause of half a minute makes the last byte of a round another one's.
  if (sender && !final(sender->member.standing.state)) rounds_.heard_near(ping.round);
  if (ping.target != static_cast<uint8_t>(self_tag_.value)) {  // it asks for whoever was here before
    if (!leaving()) send(from, News{self_tag_}, {Alive{self_}});
    return;
  }
  send(from, Ack{ping.nonce, self_tag_}, corrections(sender, ping.mark));
  if (sender == nullptr) send(from, WhoAreYou{self_tag_});
}

void Membership::say_left(const io::Endpoint& to) {
  RS_CHECK(self_.standing.state == State::kLeft, "only who leaves says so");
  std::vector<Update> left;
  left.push_back(Ended{self_tag_, State::kLeft});
  send(to, News{self_tag_}, left);
}

// It was not heard when it said so: nobody shall call it failed while its process is there to say it again.
void Membership::on_call_for_who_left(const io::Endpoint& from, const Message& message) {
  const auto* ping = std::get_if<Ping>(&message);
  if (ping == nullptr || ping->target != static_cast<uint8_t>(self_tag_.value) || self_.standing.state != State::kLeft)
    return;
  say_left(from);
}

void Membership::on_ack(const Ack& ack) {
  const Prober::Answered answered = prober_.ack(ack);
  if (answered.kind == Prober::Answered::Kind::kOwn) health_.well();
  if (answered.kind == Prober::Answered::Kind::kRelayed) send(answered.asker, Ack{answered.nonce, answered.target});
}

void Membership::on_relay(int64_t now_ns, const io::Endpoint& from, const Relay& relay) {
  if (relay.target == self_tag_) return send(from, Ack{relay.nonce, self_tag_});
  const Entry* target = roster_.find(relay.target);
  if (target == nullptr || final(target->member.standing.state)) return;
  prober_.relay(now_ns, relay, from);
}

void Membership::on_gossip(int64_t now_ns, const io::Endpoint& from, const Gossip& gossip) {
  rounds_.heard(gossip.round);
  const auto hear = [&](ShortTag member, int64_t age) {
    const Entry* entry = roster_.living(member);
    if (entry == nullptr || entry->tag == self_tag_ || age > static_cast<int64_t>(gossip.round)) return;
    heartbeats_.hear(now_ns, entry->tag, gossip.round - static_cast<uint64_t>(age));
  };
  hear(gossip.sender, 0);
  for (const Beat& beat : gossip.beats) hear(beat.member, beat.age);
  const Entry* sender = roster_.find(gossip.sender);
  if (sender == nullptr) return send(from, WhoAreYou{self_tag_});
  const std::vector<Update> updates = corrections(sender, gossip.mark);
  if (!updates.empty()) send(from, News{self_tag_}, updates);
}
}  // namespace rs::membership
