// Who is alive, suspected, failed or left: SWIM with Lifeguard, and gossip, each with or without suspicion, as one pure
// state machine. Time and bytes go in, effects come out; it makes no system call and has no thread. Hand it what the
// network brought before tick(), or a node that was paused judges others by its own absence.
//
// It gives HINTS: nobody gains or loses authority by what it says (that is the meta store's). It may be late, wrong,
// and different on two nodes.
//
// One owner thread; what view() answers may be handed to any.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/clock.h"
#include "membership/broadcast_queue.h"
#include "membership/codec.h"
#include "membership/contacts.h"
#include "membership/event.h"
#include "membership/health.h"
#include "membership/heartbeats.h"
#include "membership/options.h"
#include "membership/prober.h"
#include "membership/roster.h"
#include "membership/rounds.h"
#include "membership/view.h"

namespace rs::membership {
struct OutDatagram {
  io::Endpoint to;
  std::string bytes;  // at most kMaxDatagramBytes
};
struct OutExchange {  // over a connection: deliver `request`, bring the answer to exchanged(number, ...), once
  uint64_t number = 0;
  io::Endpoint to;
  std::string request;  // at most kMaxExchangeBytes, as is the answer
};
struct Effects {
  std::vector<OutDatagram> datagrams;
  std::vector<OutExchange> exchanges;
  std::vector<Event> events;                  // one line of the node's log each
  std::optional<Generation> persist;          // make it durable, then call persisted(): the new id is not used before
  std::optional<Setting<Protocol>> switched;  // keep it for the next start, or a cluster that stops forgets it
};

class Membership {
 public:
  Membership(MembershipOptions options, io::Random* random);  // `random` is borrowed

  // Becomes a member with a new generation. Seeds that do not answer are asked again for ever, also once it is in, if
  // they are not in its list: that is how halves meet that forgot each other. No seeds: it waits to be found.
  // kFailedPrecondition: it is a member, or on its way in or out.
  Status join(int64_t now_ns, std::vector<io::Endpoint> seeds);
  Status leave(int64_t now_ns);  // kFailedPrecondition: it is no member. Out within leave_ns; then it may join again
  // Of the whole cluster. kFailedPrecondition: not in yet, so it does not know what is set there.
  Status switch_protocol(int64_t now_ns, Protocol protocol);
  Status set_drop(int64_t now_ns, double fraction, bool whole_cluster);

  void receive(int64_t now_ns, const io::Endpoint& from, std::string_view datagram);
  StatusOr<std::string> answer(int64_t now_ns, std::string_view request);  // somebody else's exchange
  void exchanged(int64_t now_ns, uint64_t number, const StatusOr<std::string>& answer);
  void persisted(int64_t now_ns, Generation generation);
  int64_t tick(int64_t now_ns);  // does what is due; call it again at the time it answers, or after any other call

  Effects take();  // what happened since the last take()
  std::shared_ptr<const MemberView> view();
  const Metrics& metrics() const { return metrics_; }

 private:
  // membership.cc: this node's own life, settings, what others see of it.
  void seek_new_id(int64_t now_ns, Generation above);
  void die(int64_t now_ns, Generation above, const io::Endpoint& teller);
  void refute(int64_t now_ns, Refutation claimed);
  void get_out();
  bool set_protocol(int64_t now_ns, const Setting<Protocol>& setting);
  bool set_cluster_drop(const Setting<DropPartsPerMillion>& setting);
  void use_drop(DropPartsPerMillion drop);
  void tell(Event::Kind kind, const Member& member, std::string detail = {});
  void spread(Topic topic, const Update& update) { queue_.put(topic, encode(update)); }
  bool leaving() const { return presence_ == Presence::kLeaving; }

  // receive.cc: datagrams.
  bool dropped();
  void send(const io::Endpoint& to, const Message& message, const std::vector<Update>& first = {});
  void on_update(int64_t now_ns, const io::Endpoint& from, const Update& update);
  void on_alive(int64_t now_ns, const io::Endpoint& from, const Member& member);
  std::vector<Update> missed_words(const std::vector<Update>& updates) const;
  void on_accusation(int64_t now_ns, const Accusation& accusation);
  void on_ended(int64_t now_ns, const io::Endpoint& from, const Ended& ended);
  void on_message(int64_t now_ns, const io::Endpoint& from, const Message& message);
  void on_ping(const io::Endpoint& from, const Ping& ping);
  void say_left(const io::Endpoint& to);
  void on_call_for_who_left(const io::Endpoint& from, const Message& message);
  void on_ack(const Ack& ack);
  void on_relay(int64_t now_ns, const io::Endpoint& from, const Relay& relay);
  void on_gossip(int64_t now_ns, const io::Endpoint& from, const Gossip& gossip);
  std::vector<Update> corrections(const Entry* sender, SettingsMark mark) const;

  // detect.cc: rounds, probes, judgement.
  void round(int64_t now_ns);
  void gossip(int64_t now_ns, size_t at);
  void judge_silence(int64_t now_ns);
  bool has_news() const;
  void spread_news(size_t fanout);
  void probe(int64_t now_ns, MemberTag target);
  void work_off_probes(int64_t now_ns);
  void ask_relays(const Prober::Due& due);
  void accuse(int64_t now_ns, MemberTag tag);
  void end(int64_t now_ns, MemberTag tag, State state, std::string detail = {});
  void forget_evidence(MemberTag tag);
  void allow_for_absence(int64_t now_ns);
  int64_t round_length_ns() const;

  // exchange.cc: full state.
  void contact(int64_t now_ns);
  void request(int64_t now_ns, const Contacts::Contact& contact);
  FullState full_state(int64_t now_ns) const;
  void arrive();
  void merge(int64_t now_ns, const FullState& full);
  void merge_end(int64_t now_ns, const io::Endpoint& from, const ReportedMember& reported);
  uint64_t digest() const;

  const MembershipOptions options_;
  io::Random* const random_;
  const Codec codec_;

  Presence presence_ = Presence::kOut;
  bool member_ = false;  // self_ is an id that others may see
  Member self_;
  MemberTag self_tag_;
  Generation used_;                     // the highest that was asked to be made durable
  std::optional<Generation> awaited_;   // it is not durable yet
  std::optional<io::Endpoint> teller_;  // who told of our death: the first to hear that we live
  std::vector<io::Endpoint> seeds_;
  Settings settings_;
  SettingsMark mark_ = 0;
  DropPartsPerMillion drop_ = 0;

  Roster roster_;
  BroadcastQueue queue_;
  Prober prober_;
  Heartbeats heartbeats_;
  Rounds rounds_;
  LocalHealth health_;
  Contacts contacts_;

  int64_t round_ns_ = 0, news_ns_ = 0, leave_ns_ = 0, housekeeping_ns_ = 0, reborn_ns_ = 0;
  int64_t expected_ns_ = 0;  // when tick() should come; 0: not yet running
  Effects effects_;
  Metrics metrics_;
  std::shared_ptr<const MemberView> view_;  // null: something changed
  uint64_t views_ = 0;
};
}  // namespace rs::membership
