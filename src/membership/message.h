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

// Messages. Of the sender only a tag is told: whoever does not know it asks.
struct Ping {
  ShortTag sender;
  uint8_t target = 0;  // the last byte of its tag: enough for most to see that they are another; the answer says who
  Nonce nonce = 0;
  SettingsMark mark = 0;
  uint8_t round = 0;  // the last byte
};
inline Ping ping_of(MemberTag sender, MemberTag target, Nonce nonce, SettingsMark mark, uint64_t round = 0) {
  return {short_of(sender), static_cast<uint8_t>(target.value), nonce, mark, static_cast<uint8_t>(round)};
}
struct Ack {  // "I am the target of that probe", or "it told me"
  Nonce nonce = 0;
  MemberTag target;
};
struct Relay {  // "probe it for me, at once"
  MemberTag sender, target;
  Nonce nonce = 0;
};
struct Nack {  // of a relay: "I asked, and hear nothing": so the asker knows that it is itself well connected
  Nonce nonce = 0;
};
struct Beat {
  ShortTag member;
  int8_t age = 0;  // in rounds before that of the gossip: some members are ahead
};
struct Gossip {  // is a beat of its sender, of age 0
  ShortTag sender;
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
  uint64_t round = 0;  // whole: a ping has its last byte
  uint64_t digest = 0;
};
struct Same {
  uint64_t round = 0;
};
struct FullState {
  MemberId sender;
  uint64_t round = 0;
  Settings settings;
  std::vector<ReportedMember> members;
};
using Exchange = std::variant<Ask, Same, FullState>;
}  // namespace rs::membership
