// Who the node is, and the times of the protocol. The defaults keep the promise of design.md section 7: first list
// within 3 s, all within 6 s, for up to 3 crashes at once among 20 at 10 % loss.
#pragma once
#include <cstdint>
#include <string>

#include "base/uuid.h"
#include "io/endpoint.h"
#include "membership/member.h"
#include "membership/settings.h"

namespace rs::membership {
constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1000 * kMillisecond;

struct Timing {
  // Ping. A crash is probed within 4 rounds (rounds.h), condemned by a probe within 3 steps, and then suspected.
  int64_t ping_round_ns = 250 * kMillisecond;
  int64_t probe_step_ns = 75 * kMillisecond;  // more than a round trip; a probe has 4, each asks more widely
  uint32_t relays = 3;                        // asked in each of the last 2 steps
  // Gossip. Silence of so many rounds is suspect; a few more the larger the cluster.
  int64_t gossip_round_ns = 200 * kMillisecond;
  uint32_t gossip_fanout = 3;
  uint32_t silent_rounds = 1;
  int64_t news_ns = 50 * kMillisecond;  // between datagrams that carry nothing but news
  // Suspicion: a lone accuser waits for long, `accusers` independent ones for short (suspicion.h).
  int64_t suspicion_long_ns = 1000 * kMillisecond;
  int64_t suspicion_short_ns = 600 * kMillisecond;
  uint32_t accusers = 3;
  // Exchanges of full state.
  int64_t seed_retry_ns = 500 * kMillisecond;  // while joining, the next one
  int64_t exchange_ns = 10 * kSecond;          // with any living member
  int64_t reunion_ns = 5 * kSecond;            // with a failed one, or a seed that is not in the list
  int64_t exchange_limit_ns = 5 * kSecond;     // one without answer has failed
  // The dead are kept so that two halves find each other; whoever comes later has the seeds.
  int64_t forget_failed_ns = 3600 * kSecond;
  int64_t forget_left_ns = 600 * kSecond;
  int64_t leave_ns = 1 * kSecond;  // how long a leaver repeats its word
  int64_t grace_ns = 1 * kSecond;  // a death heard in an exchange is first told to the dead
};

struct MembershipOptions {
  std::string cluster;      // its name: bytes of another cluster are refused even if the key is the same
  std::string cluster_key;  // seals datagrams and exchanges
  Uuid node;
  std::string name;
  io::Endpoint address;        // where its datagrams arrive
  Generation last_generation;  // what persisted() last made durable; 0: never was a member
  Protocol protocol;           // until somebody switches
  Setting<Protocol> switched;  // the last switch that Effects told to keep; version 0: none
  Timing timing;
};
}  // namespace rs::membership
