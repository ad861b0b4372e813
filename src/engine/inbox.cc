#include "engine/inbox.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/variants.h"

namespace rs {
namespace {
bool is_content(const Message& message) {
  return std::holds_alternative<Data>(message.body) || std::holds_alternative<End>(message.body);
}

// END's count and digest would find what these variants mix up, and so would hide whether their rules matter.
bool is_lenient() {
  return broken(Variant::kMixedIncarnations) || broken(Variant::kAskInBand) || broken(Variant::kDiscardStaysLocal) ||
         broken(Variant::kOlderNotRefused);
}
}  // namespace

Inbox::Inbox(std::vector<ChannelSpec> channels, Incarnation self, bool remembers, InboxOwner* owner)
    : self_(self), remembers_(remembers), owner_(owner) {
  for (const ChannelSpec& spec : channels) channels_.push_back({.spec = spec});
}

void Inbox::start(InboxState state, Epoch durable, const std::vector<Incarnation>& peers) {
  RS_CHECK(!started_ && peers.size() == channels_.size(), "one incarnation for each sender");
  RS_CHECK(durable <= state.last, "only what is closed can be durable");
  started_ = true;
  state_ = std::move(state);
  state_.finals.resize(channels_.size());
  state_.digests.resize(channels_.size());
  durable_ = durable;
  for (size_t in = 0; in < channels_.size(); ++in) {
    if (!broken(Variant::kPeersForgotten)) channels_[in].peer = std::max(channels_[in].peer, peers[in]);
    if (broken(Variant::kFinalForgotten)) state_.finals[in] = false;
    channels_[in].done = state_.finals[in];
    dial(in);
  }
}

void Inbox::dial(size_t in) {
  Channel& channel = channels_[in];
  channel.connection = self_.value << 24 | ++dials_;
  RS_CHECK(dials_ < 1u << 24, "dials of two incarnations never share a number");
  channel.welcomed = false;
  channel.early.clear();
  channel.owed = 0;
  owner_->inbox_send(in, channel.peer, channel.connection, Hello{self_, durable_, open()});
}

// Has the channel brought anything of the open epoch?
bool Inbox::touched(const Channel& channel, size_t in) const {
  return channel.got > 0 || (channel.done && !state_.finals[in]);
}

// E7: a new connection discards what its channel brought of the open epoch, complete or not.
void Inbox::reconnect(size_t in) {
  if (!touched(channels_[in], in) || broken(Variant::kMixedIncarnations)) return dial(in);
  if (broken(Variant::kAskInBand)) {  // the other channels go on in their old connections
    owner_->inbox_discard();
    channels_[in].done = state_.finals[in];
    channels_[in].got = 0;
    channels_[in].digest = 0;
    return dial(in);
  }
  discard();
}

// E8: the overlay goes, and nothing of an old connection is used: every in-channel is dialled anew.
void Inbox::discard() {
  owner_->inbox_discard();
  for (size_t in = 0; in < channels_.size(); ++in) {
    Channel& channel = channels_[in];
    channel.got = 0;
    channel.digest = 0;
    channel.done = state_.finals[in];
    channel.final_now = false;
    dial(in);
  }
}

void Inbox::peer_is(TaskId task, Incarnation incarnation) {
  for (size_t in = 0; in < channels_.size(); ++in) {
    if (channels_[in].spec.from != task || incarnation <= channels_[in].peer) continue;
    channels_[in].peer = incarnation;
    if (started_) reconnect(in);  // else it dials when it knows what to ask for (E5)
  }
}

void Inbox::receive(size_t in, const Message& message) {
  RS_CHECK(in < channels_.size(), "a message for a channel of another task");
  if (stopped_) return;
  if (message.connection != channels_[in].connection) {  // of an older connection
    if (!broken(Variant::kOlderNotRefused) || !started_ || !is_content(message)) return;
  }
  if (std::holds_alternative<Broken>(message.body) || std::holds_alternative<Closed>(message.body)) {
    reconnect(in);
  } else if (const auto* hello = std::get_if<Welcome>(&message.body)) {
    welcome(in, *hello);
  } else {
    deliver(in, message);
  }
}

void Inbox::welcome(size_t in, const Welcome& welcome) {
  Channel& channel = channels_[in];
  if (welcome.sender < channel.peer && !broken(Variant::kOlderNotRefused)) return;  // E7: older than the newest met
  channel.peer = std::max(channel.peer, welcome.sender);
  channel.welcomed = true;
  if (welcome.final_epoch.value != 0 && welcome.final_epoch < open()) learn_end(in);
}

// E18: what a sender has finished, a receiver that forgot (TRANSPARENT) or never heard learns when it connects, or from
// the END of a replay.
void Inbox::learn_end(size_t in) {
  if (broken(Variant::kFinalNotTold)) return;
  state_.finals[in] = true;
  channels_[in].done = true;
}

void Inbox::deliver(size_t in, const Message& message) {
  Channel& channel = channels_[in];
  const auto* end = std::get_if<End>(&message.body);
  const auto* chunk = std::get_if<Data>(&message.body);
  RS_CHECK(end || chunk, "only chunks and ENDs come down a channel");
  if (!channel.welcomed) return;
  if (end && end->replay) return compare(in, *end);
  Epoch epoch = end ? end->epoch : chunk->chunk.epoch;
  if (epoch > open() && channel.done) return channel.early.push_back(message);
  if (epoch == open() && channel.done && is_lenient()) return chunk ? skip(in, *chunk) : void();
  if (epoch != open() || channel.done) {
    // A gap: E7 says reconnect. (A sender that follows the rules never makes one.)
    return reconnect(in);
  }
  if (end) return this->end(in, *end);
  data(in, *chunk);
}

void Inbox::data(size_t in, const Data& data) {
  Channel& channel = channels_[in];
  if (data.number < channel.got && is_lenient()) return skip(in, data);
  if (data.number != channel.got) return reconnect(in);
  ++channel.got;
  channel.digest += data.chunk.digest;
  channel.owed += data.chunk.bytes();
  owner_->inbox_chunk(in, data.chunk);
}

// Of the lenient variants: it was here before, from whomever.
void Inbox::skip(size_t in, const Data& data) {
  channels_[in].owed += data.chunk.bytes();
  handled(in, data.chunk.bytes());
}

void Inbox::end(size_t in, const End& end) {
  Channel& channel = channels_[in];
  if ((end.chunks != channel.got || end.digest != channel.digest) && !is_lenient()) return reconnect(in);
  channel.done = true;
  channel.final_now = end.final;
  channel.time_ns = end.time_ns;
  if (broken(Variant::kAckBeforeProcessing)) {
    owner_->inbox_send(in, channel.peer, channel.connection, Ack{end.epoch});
  }
}

// E7: an epoch that came before must have the digest of the first time; then it is acknowledged again.
void Inbox::compare(size_t in, const End& end) {
  Channel& channel = channels_[in];
  const auto& known = state_.digests[in];
  auto first = known.find(end.epoch);
  RS_CHECK(end.epoch < open(), "only an epoch that was asked for is new");
  // A fresh TRANSPARENT task has no memory of what an earlier life passed on.
  bool differs = first != known.end() && first->second != end.digest;
  bool lax = broken(Variant::kNoDigestCompare) || (!remembers_ && broken(Variant::kTransparentDoesNotCompare));
  if (differs && !lax) {
    stopped_ = true;
    return owner_->inbox_stop(make_error(
        ErrorId::kNondeterminism,
        absl::StrCat("epoch ", end.epoch.value, " came again with other content from task ", channel.spec.from.value)));
  }
  if (end.final) learn_end(in);
  owner_->inbox_send(in, channel.peer, channel.connection, Compared{end.epoch});
}

bool Inbox::complete() const {
  if (!started_ || stopped_ || all_final()) return false;
  for (const Channel& channel : channels_) {
    if (!channel.done) return false;
  }
  return true;
}

bool Inbox::all_final() const {
  for (bool final : state_.finals) {
    if (!final) return false;
  }
  return true;
}

ClosedEpoch Inbox::close() {
  RS_CHECK(complete(), "an epoch closes when all its channels have ended");
  ClosedEpoch closed{.epoch = open(), .final = true};
  for (size_t in = 0; in < channels_.size(); ++in) {
    Channel& channel = channels_[in];
    if (channel.final_now) state_.finals[in] = true;
    closed.final = closed.final && state_.finals[in];
    closed.time_ns = std::max(closed.time_ns, channel.time_ns);
    closed.digests.push_back(channel.digest);
    state_.digests[in][closed.epoch] = channel.digest;
    while (state_.digests[in].size() > kDigestWindow) state_.digests[in].erase(state_.digests[in].begin());
    channel.got = 0;
    channel.digest = 0;
    channel.final_now = false;
    channel.done = state_.finals[in];
  }
  state_.last = closed.epoch;
  for (size_t in = 0; in < channels_.size(); ++in) {
    while (!channels_[in].early.empty()) {
      Channel& channel = channels_[in];
      const auto* chunk = std::get_if<Data>(&channel.early.front().body);
      Epoch epoch = chunk ? chunk->chunk.epoch : std::get<End>(channel.early.front().body).epoch;
      if (epoch != open() || channel.done) break;
      Message message = std::move(channel.early.front());
      channel.early.pop_front();
      deliver(in, message);
    }
  }
  return closed;
}

void Inbox::durable(Epoch epoch) {
  RS_CHECK(epoch <= state_.last, "only what is closed can be durable");
  if (epoch <= durable_) return;
  durable_ = epoch;
  for (size_t in = 0; in < channels_.size(); ++in) {
    const Channel& channel = channels_[in];
    owner_->inbox_send(in, channel.peer, channel.connection, Ack{epoch});
  }
}

void Inbox::handled(size_t in, uint64_t bytes) {
  RS_CHECK(in < channels_.size(), "credit returns on the channel that lent it");
  Channel& channel = channels_[in];
  bytes = std::min(bytes, channel.owed);
  if (broken(Variant::kCreditAtAck) || bytes == 0) return;
  channel.owed -= bytes;
  owner_->inbox_send(in, channel.peer, channel.connection, Credit{bytes});
}

uint64_t Inbox::queued_bytes() const {
  uint64_t bytes = 0;
  for (const Channel& channel : channels_) {
    for (const Message& message : channel.early) {
      if (const auto* data = std::get_if<Data>(&message.body)) bytes += data->chunk.bytes();
    }
  }
  return bytes;
}
}  // namespace rs
