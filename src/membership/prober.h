// Probes under way. A probe has four steps: it asks the target; asks again, for a datagram may be lost; asks again, and
// others to ask too, who reach the target when the way from here does not; and so once more. Without an answer to any
// of them it fails. Also the probes that this node makes for others, as their relay.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "io/clock.h"
#include "io/endpoint.h"
#include "membership/health.h"
#include "membership/message.h"
#include "membership/options.h"

namespace rs::membership {
class Prober {
 public:
  static constexpr int kSteps = 4, kDirectSteps = 2;

  Prober(const Timing& timing, io::Random* random);

  bool probing(MemberTag target) const;
  void start(int64_t now_ns, MemberTag target);                                // due at once
  bool relay(int64_t now_ns, const Relay& request, const io::Endpoint& from);  // false: too many already

  struct Answered {
    enum class Kind : uint8_t { kNothing, kOwn, kRelayed } kind = Kind::kNothing;
    MemberTag target;
    io::Endpoint asker;  // kRelayed: tell it
    Nonce nonce = 0;     // ... with its own nonce
  };
  Answered ack(const Ack& ack);
  std::optional<Ack> expected(uint16_t nonce) const;  // of what is under way, by the last bytes of its nonce
  void nack(Nonce nonce);
  void asked_relays(Nonce nonce, size_t count);
  void cancel(MemberTag target);  // no member any more

  struct Due {
    enum class Kind : uint8_t {
      kAsk,         // ping the target with `nonce`; from step kDirectSteps on ask relays too
      kFailed,      // nobody got an answer
      kTellNothing  // nack to the asker with its nonce
    } kind = Kind::kAsk;
    MemberTag target;
    Nonce nonce = 0;
    int step = 0;
    bool isolated = false;  // kFailed: relays were silent too, so it may be this node that is cut off
    io::Endpoint asker;
  };
  std::vector<Due> due(int64_t now_ns, const LocalHealth& health);
  int64_t next_ns() const;  // INT64_MAX: nothing is under way
  void postpone(int64_t ns);

 private:
  struct Probe {
    MemberTag target;
    int64_t next_ns = 0;
    int step = 0;  // that comes next
    size_t relays = 0, nacks = 0;
  };
  struct Duty {
    MemberTag target;
    io::Endpoint asker;
    Nonce nonce = 0;  // of the asker
    int64_t next_ns = 0;
    bool asked = false, told = false;
  };
  static constexpr size_t kMostDuties = 256;

  Due advance(int64_t now_ns, Nonce nonce, Probe* probe, const LocalHealth& health) const;
  Timing timing_;
  Nonce next_nonce_;
  std::map<Nonce, Probe> probes_;
  std::map<Nonce, Duty> duties_;
};
}  // namespace rs::membership
