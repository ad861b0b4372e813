// One connection between two nodes, from its first byte on: handshake, frames, limits of time. Pure: both halves of io
// give it the bytes that came and the time, and take from it the bytes to send. One thread.
#pragma once
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/clock.h"
#include "io/frame.h"
#include "io/handshake.h"
#include "io/network.h"

namespace rs::io {
// What all sessions of a network have in common.
struct SessionRules {
  explicit SessionRules(const NetworkOptions& options);
  const Peer self;
  const std::string cluster_key;
  const NetworkLimits limits;
  const FrameLimits stranger_frames, peer_frames;  // before and after the login
};

class Session {
 public:
  using Side = Handshake::Side;
  Session(Side side, const SessionRules* rules, Random* random, int64_t now_ns);

  // The bytes that came. What is not OK, here or in tick(), ends the connection: say farewell() and close it.
  Status receive(int64_t now_ns, std::string_view bytes, std::vector<Frame>* frames);
  bool logged_in() const { return handshake_.done(); }
  const Peer& peer() const { return handshake_.peer(); }

  void send(int64_t now_ns, Frame frame);
  void farewell(int64_t now_ns, const Status& why);  // unless the peer has ended it itself
  // What stands in front, in order: at most `pieces` pieces; valid until sent().
  std::vector<std::string_view> waiting(size_t pieces) const;
  // So many of these bytes are on their way. Answers the bytes of the owner's frames that went with the last of them.
  size_t sent(int64_t now_ns, size_t bytes);
  bool idle() const { return out_.empty(); }

  void reading(int64_t now_ns, bool on);  // while it is off nothing can be heard, and silence does not count
  void finish(int64_t now_ns);            // nothing more to say: what waits still goes out, what comes is dropped
  bool finishing() const { return finishing_; }

  Status tick(int64_t now_ns);  // at deadline_ns(), or whenever
  int64_t deadline_ns() const;

 private:
  struct Outgoing {
    FrameHeader header;
    std::string body;
    bool of_owner = false;
    size_t bytes() const { return header.size() + body.size(); }
  };
  Status handle(int64_t now_ns, Frame frame, std::vector<Frame>* frames);

  const SessionRules& rules_;
  Handshake handshake_;
  FrameDecoder decoder_;
  std::deque<Outgoing> out_;
  size_t front_sent_ = 0;  // of the first frame in out_
  const int64_t opened_ns_;
  int64_t heard_ns_;  // the last byte came
  int64_t said_ns_;   // the last byte went, or the first of a new queue was put
  bool reading_ = true;
  bool finishing_ = false;
  bool ended_by_peer_ = false;
};

// What a frame counts in a bounded queue: its bytes on the wire.
inline size_t frame_cost(const Frame& frame) { return kFrameHeaderBytes + frame.body.size(); }
}  // namespace rs::io
