// What nodes say to each other: datagrams, each a message with news behind it, and exchanges of full state over a
// connection. The bytes are in docs/formats/membership.md, their coding in codec.h.
#pragma once
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "membership/member.h"
#include "membership/settings.h"

namespace rs::membership {
using Nonce = uint32_t;        // of a probe, started at random: an old answer fits no later question
using SettingsMark = uint8_t;  // a hash: equal settings have equal marks

// Messages. Of the sender only the tag is told: whoever does not know it asks.
struct Ping {
  MemberTag sender, target;
  Nonce nonce = 0;
  SettingsMark mark = 0;
  uint64_t round = 0;
};
struct Ack {  // "I am the target of that probe", or "it told me"
  Nonce nonce = 0;
};
struct Relay {  // "probe it for me, at once"
  MemberTag sender, target;
  Nonce nonce = 0;
};
struct Nack {  // of a relay: "I asked, and hear nothing": so the asker knows that it is itself well connected
  Nonce nonce = 0;
};
struct Beat {
  MemberTag member;
  uint64_t count = 0;
};
struct Gossip {
  MemberTag sender;
  SettingsMark mark = 0;
  uint64_t round = 0;
  std::vector<Beat> beats;
};
struct News {  // nothing but what rides on it
  MemberTag sender;
};
struct WhoAreYou {  // the sender's tag is not known: it introduces itself
  MemberTag sender;
};
using Message = std::variant<Ping, Ack, Relay, Nack, Gossip, News, WhoAreYou>;

// News. Only Alive makes a member; the others speak of one that is known, or of nobody.
struct Alive {
  Member member;  // its state is kAlive
};
struct Accusation {
  MemberTag member, accuser;
  Refutation refutation;
};
struct Ended {
  MemberTag member;
  State state = State::kFailed;  // or kLeft
};
using Update = std::variant<Alive, Accusation, Ended, Setting<Protocol>, Setting<DropPartsPerMillion>>;

struct DatagramContent {
  Message message;
  std::vector<Update> updates;
};

// Exchanges. Ask costs little while nothing differs: it is answered by Same, or by FullState; then the asker sends its
// own. A FullState is answered by FullState, or by Same if there was nothing to add.
struct ReportedMember {
  Member member;
  MemberTag accuser;   // if it is suspect
  uint64_t age_s = 0;  // if it has failed or left: for how long
};
struct Ask {
  MemberId sender;
  uint64_t digest = 0;
};
struct Same {};
struct FullState {
  MemberId sender;
  Settings settings;
  std::vector<ReportedMember> members;
};
using Exchange = std::variant<Ask, Same, FullState>;
}  // namespace rs::membership
