// The receiving half of a task: rules E7, E8, E10, E18. A pure state machine: messages in, calls on its owner out.
//
// One epoch is open. Chunks of the open epoch are handed to the owner as they come; a channel that is ahead waits
// in its own queue, inside its own credit (E8). When every channel has ended the epoch it is complete, and the
// owner closes it, which opens the next.
#pragma once
#include <deque>
#include <map>
#include <vector>

#include "engine/graph.h"
#include "engine/message.h"

namespace rs {
constexpr size_t kDigestWindow =
    8;  // epochs whose digests are remembered (E7); the senders' window makes older ones impossible

class InboxOwner {
 public:
  virtual ~InboxOwner() = default;
  virtual void inbox_chunk(size_t in, Chunk chunk) = 0;  // of the open epoch
  virtual void inbox_discard() = 0;                      // E8: drop the overlay of the open epoch
  virtual void inbox_send(size_t in, Incarnation sender, ConnectionId connection, Body body) = 0;
  virtual void inbox_stop(Status why) = 0;
};

// What of the receiving half is part of a commit record.
struct InboxState {
  Epoch last;                                      // closed
  std::vector<bool> finals;                        // channels that are final
  std::vector<std::map<Epoch, uint64_t>> digests;  // of the last kDigestWindow epochs
};

struct ClosedEpoch {
  Epoch epoch;
  bool final = false;  // all channels are final now
  int64_t time_ns = 0;
  std::vector<uint64_t> digests;  // of this epoch, for each channel
};

class Inbox {
 public:
  // `remembers`: a DURABLE task or sink. A TRANSPARENT one has no digests of what it passed on in an earlier life.
  Inbox(std::vector<ChannelSpec> channels, Incarnation self, bool remembers, InboxOwner* owner);
  // Dials all senders. peers: their current incarnations, read after ours was minted (E11).
  void start(InboxState state, Epoch durable, const std::vector<Incarnation>& peers);
  void receive(size_t in, const Message& message);
  void peer_is(TaskId task, Incarnation incarnation);  // control says so
  void discard();                                      // E8, asked for by the owner

  bool complete() const;                    // the open epoch has ended on every channel
  ClosedEpoch close();                      // only when complete; opens the next epoch
  void durable(Epoch epoch);                // every effect up to here is durable: acknowledge (E6)
  void handled(size_t in, uint64_t bytes);  // returns credit

  bool started() const { return started_; }
  Epoch open() const { return state_.last.next(); }
  const InboxState& state() const { return state_; }
  size_t size() const { return channels_.size(); }
  bool all_final() const;         // nothing will come any more
  uint64_t queued_bytes() const;  // of channels that are ahead: within their credit (invariant 11)

 private:
  struct Channel {
    ChannelSpec spec;
    ConnectionId connection = 0;
    Incarnation peer;  // newest met; older ones are refused
    bool welcomed = false;
    uint32_t got = 0;   // chunks of the open epoch
    uint64_t owed = 0;  // credit for what this connection brought: it belongs to the connection
    uint64_t digest = 0;
    bool done = false;       // END of the open epoch came, or the channel is final
    bool final_now = false;  // the END said so
    int64_t time_ns = 0;
    std::deque<Message> early;  // of later epochs
  };

  void dial(size_t in);
  void reconnect(size_t in);
  void welcome(size_t in, const Welcome& welcome);
  void learn_end(size_t in);
  void data(size_t in, const Data& data);
  void skip(size_t in, const Data& data);
  void end(size_t in, const End& end);
  void compare(size_t in, const End& end);
  void deliver(size_t in, const Message& message);
  bool touched(const Channel& channel, size_t in) const;

  std::vector<Channel> channels_;
  Incarnation self_;
  bool remembers_;
  InboxOwner* owner_;
  InboxState state_;
  Epoch durable_;
  uint64_t dials_ = 0;
  bool started_ = false;
  bool stopped_ = false;
};
}  // namespace rs
