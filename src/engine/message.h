// What tasks say to each other. A channel is a connection from sender to receiver that the receiver dials; every
// message names the connection, and what belongs to an older one is dropped. On one connection messages arrive in
// order, or the connection breaks and both ends hear Broken (at once in one process, by the socket elsewhere).
#pragma once
#include <cstdint>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "engine/chunk.h"
#include "engine/split.h"

namespace rs {
using ConnectionId = uint64_t;  // unique for each channel: (receiver's incarnation, its n-th dial); 0 = none

// Receiver to sender.
struct Hello {  // dials (E10)
  Incarnation receiver;
  Epoch last;  // every effect up to here is durable: also an acknowledgement (E6)
  Epoch want;  // first epoch whose data it still needs; last < want
};
struct Ack {
  Epoch epoch;
};  // every effect up to here is durable without the sender (E6)
struct Compared {
  Epoch epoch;
};  // a replayed epoch has the digest of the first time (E5, E7)
struct Credit {
  uint64_t bytes = 0;
};  // handled: the sender may send as much again

// Sender to receiver.
struct Welcome {  // answers Hello
  Incarnation sender;
  uint64_t attempt = 0;  // rises when a TRANSPARENT sender discards (E8)
  Epoch final_epoch;     // 0: not known yet (E18)
};
struct Data {
  uint32_t number = 0;
  Chunk chunk;
};  // number: 0, 1, 2, ... within (channel, epoch)
struct End {
  Epoch epoch;
  uint32_t chunks = 0;
  bool replay = false;  // the receiver has this epoch: it compares, and no data came before (E5)
  bool final = false;
  uint64_t digest = 0;
  int64_t time_ns = 0;  // the epoch's time (E1, E16)
};

// Either way.
struct Closed {};  // the peer closed this connection on purpose: dial again
struct Broken {};  // the transport lost it

// Sources and their pacer (E1). The pacer deals splits; a source works on them in the order dealt.
struct PacerHello {
  Incarnation source;
  Epoch recorded;
};  // dials: deal again all after `recorded`
struct PacerDeal {
  Epoch epoch;
  Split split;
};
struct PacerClose {
  Epoch epoch;
  int64_t time_ns = 0;
  uint64_t splits = 0;
  bool final = false;
};  // pacer's record is durable
struct PacerDone {
  uint64_t split = 0;
};  // source to pacer: worked off, deal another
struct PacerRecorded {
  Epoch epoch;
};  // source to pacer: its record of the epoch is durable

// Control to task.
struct PeerIs {
  TaskId task;
  Incarnation incarnation;
};                // a peer was started anew (E11)
struct Stop {};   // end at once
struct Drain {};  // to the pacer: take no more in, finish what is open

using Body = std::variant<Hello, Ack, Compared, Credit, Welcome, Data, End, Closed, Broken, PacerHello, PacerDeal,
                          PacerClose, PacerDone, PacerRecorded, PeerIs, Stop, Drain>;

struct Message {
  ChannelId channel;  // index into Graph::channels; kPacerLink for Pacer*, Broken of that link
  ConnectionId connection = 0;
  TaskId from;
  Incarnation from_incarnation;  // 0: from control
  Body body;
};
constexpr ChannelId kPacerLink{0xffffffffu};
}  // namespace rs
