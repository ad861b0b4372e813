// The sending half of a task: rules E4, E5, E6, E9, E10, E18 and the credits. A pure state machine.
//
// Epochs base+1, base+2, ... are kept until every out-channel has acknowledged them. A DURABLE task's chunks leave
// when their commit is durable; those of a source or TRANSPARENT task leave at once, and END closes the epoch. A
// source keeps no chunk longer than it must: it makes them again from its splits when a receiver asks.
#pragma once
#include <deque>
#include <vector>

#include "engine/graph.h"
#include "engine/message.h"

namespace rs {
class MetaStore;

class OutboxOwner {
 public:
  virtual ~OutboxOwner() = default;
  virtual void outbox_send(size_t out, Incarnation receiver, ConnectionId connection, Body body) = 0;
  virtual void outbox_base(Epoch base) = 0;           // source, TRANSPARENT: all receivers said what they have (E5)
  virtual void outbox_acknowledged(Epoch epoch) = 0;  // by all channels: may be trimmed (E9)
  virtual void outbox_stop(Status why) = 0;
};

struct OutboxOptions {
  TaskKind kind = TaskKind::kDurable;
  Incarnation self;
  uint64_t credit_bytes = 4u << 20;
  uint32_t window_epochs = 8;
};

class Outbox {
 public:
  Outbox(std::vector<ChannelSpec> channels, const OutboxOptions& options, MetaStore* meta, OutboxOwner* owner);

  // Before the first message. Epochs up to `base` are trimmed; a source says what it has recorded.
  void start(Epoch base, Epoch recorded);
  void receive(size_t out, const Message& message);

  void put(size_t out, Chunk chunk);                     // of an epoch > base that is not closed
  void close(Epoch epoch, bool final, int64_t time_ns);  // no further chunk; not yet released
  void release(Epoch epoch);                             // its record is durable (E4); TRANSPARENT: with close
  void ended(Epoch final);                               // E18: closed in an earlier life, and all receivers have it
  void discard_above(Epoch epoch);                       // E8: drops all later epochs and reconnects every channel
  void pump();                                           // sends what may be sent

  bool ready() const { return ready_; }
  Epoch base() const { return base_; }
  Epoch acknowledged() const;
  bool may_open(Epoch epoch) const;  // the window of 8 epochs
  bool congested() const;            // credit is used up: make no more
  Epoch wanted_again() const;        // source: the epoch whose chunks are to be made again, or 0
  void restored(Epoch epoch);        // its chunks have been put again
  bool drained() const;              // the final epoch is acknowledged by all (E18)
  Epoch final_epoch() const { return final_; }
  uint64_t held_bytes() const;
  size_t size() const { return outs_.size(); }

 private:
  struct Kept {                              // an epoch
    std::vector<std::vector<Chunk>> chunks;  // for each out-channel
    std::vector<uint64_t> digests;
    std::vector<uint32_t> counts;
    bool present = true;   // source: false once all has been sent, or after a restart
    bool digested = true;  // false: recorded in an earlier life, digests not known yet
    bool closed = false, released = false, final = false;
    int64_t time_ns = 0;
  };
  struct Out {
    ChannelSpec spec;
    ConnectionId connection = 0;
    Incarnation receiver;
    bool connected = false, greeted = false;
    Epoch want;              // first epoch whose data the receiver needs
    Epoch cursor;            // next to send
    size_t sent_chunks = 0;  // of the cursor's epoch
    Epoch claimed;           // acknowledged, by Hello or Ack
    Epoch compared;          // replayed and compared, or sent whole, in this incarnation (E6)
    uint64_t credit = 0;
  };

  Kept* find(Epoch epoch);
  Kept& open(Epoch epoch);
  void hello(size_t out, const Message& message, const Hello& hello);
  void welcome(size_t out);
  void become_ready();
  bool step(size_t out);  // sends one message; false: nothing may go now
  bool replay(size_t out, Kept& kept);
  bool send_end(size_t out, Kept& kept, bool replayed);
  bool confirmed(Epoch epoch) const;
  Epoch counted(const Out& out) const;
  void advance();
  bool logs() const { return options_.kind == TaskKind::kDurable; }

  std::vector<Out> outs_;
  OutboxOptions options_;
  MetaStore* meta_;
  OutboxOwner* owner_;
  std::deque<Kept> kept_;  // base+1, base+2, ...
  Epoch base_, recorded_, trimmed_, final_;
  uint64_t attempt_ = 0;
  bool ready_ = false;
};
}  // namespace rs
