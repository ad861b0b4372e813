#include "io/session.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace rs::io {
namespace {
constexpr int64_t kLingerNs = 1'000'000'000;  // how long a peer may take to close its end too
constexpr int64_t kSignsInSilence = 3;        // so that one may be late

FrameLimits with_transport(FrameLimits limits) {
  for (const auto& [type, bytes] : limits) {
    RS_CHECK(type >= kFirstFrameType && bytes <= kMaxFrameBytes, "an owner's type, within the bound of frames");
  }
  limits[transport::kEnd] = transport::kEndBytes;
  limits[transport::kAlive] = 0;
  return limits;
}
}  // namespace

SessionRules::SessionRules(const NetworkOptions& options)
    : self(options.self),
      cluster_key(options.cluster_key),
      limits(options.limits),
      stranger_frames{{transport::kHello, transport::kHelloBytes},
                      {transport::kProof, transport::kProofBytes},
                      {transport::kEnd, transport::kEndBytes}},
      peer_frames(with_transport(options.limits.frame_bytes)) {}

Session::Session(Side side, const SessionRules* rules, Random* random, int64_t now_ns)
    : rules_(*rules),
      handshake_(side, rules->self, rules->cluster_key, random),
      decoder_(&rules->stranger_frames),
      opened_ns_(now_ns),
      heard_ns_(now_ns),
      said_ns_(now_ns) {
  for (Frame& frame : handshake_.start()) send(now_ns, std::move(frame));
}

Status Session::receive(int64_t now_ns, std::string_view bytes, std::vector<Frame>* frames) {
  heard_ns_ = now_ns;
  if (finishing_) return Ok();
  for (;;) {
    StatusOr<std::optional<Frame>> frame = decoder_.next(&bytes);
    if (!frame.ok()) return frame.status();
    if (!*frame) return Ok();
    RS_RETURN_IF_ERROR(handle(now_ns, std::move(**frame), frames));
  }
}

Status Session::handle(int64_t now_ns, Frame frame, std::vector<Frame>* frames) {
  if (frame.type == transport::kEnd) {
    ended_by_peer_ = true;
    return decode_end(frame.body);
  }
  if (logged_in()) {
    if (frame.type != transport::kAlive) frames->push_back(std::move(frame));
    return Ok();
  }
  StatusOr<std::vector<Frame>> answers = handshake_.receive(frame);
  if (!answers.ok()) return answers.status();
  for (Frame& answer : *answers) send(now_ns, std::move(answer));
  if (logged_in()) decoder_.allow(&rules_.peer_frames);
  return Ok();
}

void Session::send(int64_t now_ns, Frame frame) {
  const bool of_owner = frame.type >= kFirstFrameType;
  RS_CHECK(!of_owner || logged_in(), "an owner's frames go to peers only");
  RS_CHECK(!finishing_, "nothing is sent behind the end");
  if (out_.empty()) said_ns_ = now_ns;
  const FrameHeader header = frame_header(frame.type, frame.body);
  out_.push_back({header, std::move(frame.body), of_owner});
}

void Session::farewell(int64_t now_ns, const Status& why) {
  if (!ended_by_peer_ && !finishing_) send(now_ns, end_frame(why));
}

std::vector<std::string_view> Session::waiting(size_t pieces) const {
  std::vector<std::string_view> views;
  size_t skip = front_sent_;
  for (const Outgoing& frame : out_) {
    for (std::string_view piece :
         {std::string_view(frame.header.data(), frame.header.size()), std::string_view(frame.body)}) {
      if (views.size() == pieces) return views;
      const size_t gone = std::min(skip, piece.size());
      skip -= gone;
      piece.remove_prefix(gone);
      if (!piece.empty()) views.push_back(piece);
    }
  }
  return views;
}

size_t Session::sent(int64_t now_ns, size_t bytes) {
  size_t of_owner = 0;
  if (bytes > 0) said_ns_ = now_ns;
  front_sent_ += bytes;
  while (!out_.empty() && front_sent_ >= out_.front().bytes()) {
    const Outgoing& front = out_.front();
    front_sent_ -= front.bytes();
    if (front.of_owner) of_owner += front.bytes();
    out_.pop_front();
  }
  RS_CHECK(!out_.empty() || front_sent_ == 0, "no more was sent than waited");
  return of_owner;
}

void Session::reading(int64_t now_ns, bool on) {
  if (on && !reading_) heard_ns_ = now_ns;
  reading_ = on;
}

void Session::finish(int64_t now_ns) {
  finishing_ = true;
  if (idle()) said_ns_ = now_ns;
  reading(now_ns, true);
}

Status Session::tick(int64_t now_ns) {
  const NetworkLimits& limits = rules_.limits;
  if (!logged_in()) {
    if (now_ns - opened_ns_ < limits.handshake_ns) return Ok();
    return absl::DeadlineExceededError("the handshake took too long");
  }
  if (!idle() && now_ns - said_ns_ >= limits.reader_ns) {
    return absl::DeadlineExceededError("the peer takes nothing of what is sent to it");
  }
  if (finishing_) {
    const bool over = idle() && now_ns - said_ns_ >= kLingerNs;
    return over ? absl::DeadlineExceededError("the peer does not close its end") : Ok();
  }
  if (reading_ && now_ns - heard_ns_ >= limits.silence_ns) {
    return absl::DeadlineExceededError("nothing was heard of the peer");
  }
  if (idle() && now_ns - said_ns_ >= limits.silence_ns / kSignsInSilence) send(now_ns, {transport::kAlive, {}});
  return Ok();
}

int64_t Session::deadline_ns() const {
  const NetworkLimits& limits = rules_.limits;
  if (!logged_in()) return opened_ns_ + limits.handshake_ns;
  if (!idle() && finishing_) return said_ns_ + limits.reader_ns;
  if (finishing_) return said_ns_ + kLingerNs;
  const int64_t out_ns = said_ns_ + (idle() ? limits.silence_ns / kSignsInSilence : limits.reader_ns);
  return reading_ ? std::min(out_ns, heard_ns_ + limits.silence_ns) : out_ns;
}
}  // namespace rs::io
