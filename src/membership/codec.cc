#include "membership/codec.h"

#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "io/seal.h"

namespace rs::membership {
namespace {
constexpr uint8_t kVersion = 2;
constexpr size_t kBeatBytes = 4;
constexpr size_t kQuietSealBytes = 4, kDatagramSealBytes = 8, kExchangeSealBytes = 16;
constexpr std::string_view kQuiet = "membership quiet", kDatagram = "membership datagram",
                           kExchange = "membership exchange";
// The first byte of a datagram: the version in the upper half, whether there is news, the kind of the message.
constexpr uint8_t kNewsBit = 8, kKindBits = 7;
constexpr uint8_t kAck = 2;
constexpr uint32_t kWhole = 1'000'000;  // of parts per million

// What probes a member and brings no news: it can change no list, so the seal need not outlast a long search.
bool quiet(std::string_view datagram) {
  const uint8_t first = datagram.empty() ? kNewsBit : static_cast<uint8_t>(datagram.front());
  const uint8_t kind = first & kKindBits;
  return (first & kNewsBit) == 0 && (kind <= 4 || kind == 7);
}
bool is_answer(std::string_view datagram) { return quiet(datagram) && (datagram.front() & kKindBits) == kAck; }
constexpr size_t kAnswerHead = 3;  // of the content, what is sent of a quiet ack

// Of what is counted up: no node gets there by itself, and there is always a next one.
uint64_t number_in(ByteReader* in) {
  constexpr uint64_t kLargest = uint64_t{1} << 48;
  const uint64_t number = in->varint();
  if (number > kLargest) in->raw(in->remaining() + 1);  // fails the reader
  return number;
}

// The kind of a message, update or exchange is its place in the variant, from 1.
template <class Variant>
uint8_t kind_of(const Variant& value) {
  return static_cast<uint8_t>(value.index() + 1);
}

void put_tag(std::string* out, MemberTag tag) {
  put_fixed(out, static_cast<uint32_t>(tag.value));
  put_fixed(out, static_cast<uint16_t>(tag.value >> 32));
}

MemberTag tag_in(ByteReader* in) {
  const uint64_t low = in->fixed<uint32_t>();
  return MemberTag(low | uint64_t{in->fixed<uint16_t>()} << 32);
}

void put_short(std::string* out, ShortTag tag) {
  put_fixed(out, static_cast<uint16_t>(tag.value));
  put_fixed(out, static_cast<uint8_t>(tag.value >> 16));
}

ShortTag short_in(ByteReader* in) {
  const uint32_t low = in->fixed<uint16_t>();
  return ShortTag(low | uint32_t{in->fixed<uint8_t>()} << 16);
}

void put_id(std::string* out, const MemberId& id) {
  put_uuid(out, id.node);
  put_varint(out, id.generation.value);
  put_string(out, id.address.text());
}

std::optional<MemberId> id_in(ByteReader* in) {
  MemberId id;
  id.node = take_uuid(in);
  id.generation = Generation(number_in(in));
  const auto address = io::parse_endpoint(in->string());
  if (!in->ok() || !address.ok() || address->kind == io::Endpoint::Kind::kUnix || address->port == 0) {
    return std::nullopt;  // datagrams could not go there
  }
  id.address = *address;
  return id.generation.value > 0 ? std::optional(id) : std::nullopt;
}

void put_member(std::string* out, const Member& member) {
  put_id(out, member.id);
  put_string(out, member.name);
  put_varint(out, member.standing.refutation.value);
}

std::optional<Member> member_in(ByteReader* in) {
  std::optional<MemberId> id = id_in(in);
  if (!id) return std::nullopt;
  Member member{.id = *std::move(id), .name = std::string(in->string())};
  member.standing.refutation = Refutation(number_in(in));
  return in->ok() && valid_name(member.name) ? std::optional(member) : std::nullopt;
}

uint8_t value_byte(const Protocol& protocol) {
  return static_cast<uint8_t>(static_cast<int>(protocol.detector) | (protocol.suspicion ? 2 : 0));
}

template <class Value>
void put_setting(std::string* out, const Setting<Value>& setting) {
  put_varint(out, setting.version);
  put_uuid(out, setting.origin);
  if constexpr (std::is_same_v<Value, Protocol>) {
    put_fixed(out, value_byte(setting.value));
  } else {
    put_varint(out, setting.value);
  }
}

template <class Value>
std::optional<Setting<Value>> setting_in(ByteReader* in) {
  Setting<Value> setting{.version = number_in(in)};
  setting.origin = take_uuid(in);
  if constexpr (std::is_same_v<Value, Protocol>) {
    const auto byte = in->fixed<uint8_t>();
    if (byte > 3) return std::nullopt;
    setting.value = {static_cast<Detector>(byte & 1), (byte & 2) != 0};
  } else {
    const uint64_t value = in->varint();
    if (value > kWhole) return std::nullopt;
    setting.value = static_cast<Value>(value);
  }
  return in->ok() ? std::optional(setting) : std::nullopt;
}

struct MessageWriter {
  std::string* out;
  void operator()(const Ping& ping) const {
    put_short(out, ping.sender);
    put_fixed(out, ping.target);
    put_fixed(out, ping.nonce);
    put_fixed(out, ping.mark);
    put_fixed(out, ping.round);
  }
  void operator()(const Ack& ack) const {
    put_fixed(out, ack.nonce);
    put_tag(out, ack.target);
  }
  void operator()(const Relay& relay) const {
    put_tag(out, relay.sender);
    put_tag(out, relay.target);
    put_fixed(out, relay.nonce);
  }
  void operator()(const Nack& nack) const { put_fixed(out, nack.nonce); }
  void operator()(const Gossip& gossip) const {
    put_short(out, gossip.sender);
    put_fixed(out, gossip.mark);
    put_varint(out, gossip.round);
    put_varint(out, gossip.beats.size());
    for (const Beat& beat : gossip.beats) {
      put_short(out, beat.member);
      put_fixed(out, beat.age);
    }
  }
  void operator()(const News& news) const { put_tag(out, news.sender); }
  void operator()(const WhoAreYou& who) const { put_tag(out, who.sender); }
};

struct UpdateWriter {
  std::string* out;
  void operator()(const Alive& alive) const { put_member(out, alive.member); }
  void operator()(const Accusation& accusation) const {
    put_tag(out, accusation.member);
    put_tag(out, accusation.accuser);
    put_varint(out, accusation.refutation.value);
  }
  void operator()(const Ended& ended) const {
    RS_CHECK(final(ended.state), "an end is final");
    put_tag(out, ended.member);
    put_fixed(out, static_cast<uint8_t>(ended.state));
  }
  template <class Value>
  void operator()(const Setting<Value>& setting) const {
    put_setting(out, setting);
  }
};

std::optional<Message> gossip_in(ByteReader* in) {
  Gossip gossip{.sender = short_in(in), .mark = in->fixed<uint8_t>(), .round = in->varint()};
  const uint64_t count = in->varint();
  if (count > in->remaining() / kBeatBytes) return std::nullopt;
  for (uint64_t i = 0; i < count; ++i) {
    const ShortTag member = short_in(in);
    gossip.beats.push_back({member, in->fixed<int8_t>()});
  }
  return gossip;
}

std::optional<Message> message_in(uint8_t kind, ByteReader* in) {
  switch (kind) {
    case 1: {
      Ping ping{.sender = short_in(in), .target = in->fixed<uint8_t>()};
      ping.nonce = in->fixed<Nonce>();
      ping.mark = in->fixed<SettingsMark>();
      ping.round = in->fixed<uint8_t>();
      return ping;
    }
    case kAck: {
      Ack ack{.nonce = in->fixed<Nonce>()};
      ack.target = tag_in(in);
      return ack;
    }
    case 3: {
      Relay relay{.sender = tag_in(in), .target = tag_in(in)};
      relay.nonce = in->fixed<Nonce>();
      return relay;
    }
    case 4:
      return Nack{in->fixed<Nonce>()};
    case 5:
      return gossip_in(in);
    case 6:
      return News{tag_in(in)};
    case 7:
      return WhoAreYou{tag_in(in)};
    default:
      return std::nullopt;
  }
}

std::optional<Update> ended_in(ByteReader* in) {
  const MemberTag member = tag_in(in);
  const auto state = in->fixed<uint8_t>();
  if (state != static_cast<uint8_t>(State::kFailed) && state != static_cast<uint8_t>(State::kLeft)) return std::nullopt;
  return Ended{member, static_cast<State>(state)};
}

std::optional<Update> update_in(ByteReader* in) {
  switch (in->fixed<uint8_t>()) {
    case 1: {
      std::optional<Member> member = member_in(in);
      return member ? std::optional<Update>(Alive{*std::move(member)}) : std::nullopt;
    }
    case 2: {
      Accusation accusation{.member = tag_in(in), .accuser = tag_in(in)};
      accusation.refutation = Refutation(number_in(in));
      return accusation;
    }
    case 3:
      return ended_in(in);
    case 4:
      return setting_in<Protocol>(in);
    case 5:
      return setting_in<DropPartsPerMillion>(in);
    default:
      return std::nullopt;
  }
}

void put_reported(std::string* out, const ReportedMember& reported) {
  put_fixed(out, static_cast<uint8_t>(reported.member.standing.state));
  put_member(out, reported.member);
  if (reported.member.standing.state == State::kSuspect) put_tag(out, reported.accuser);
  if (final(reported.member.standing.state)) put_varint(out, reported.age_s);
}

std::optional<ReportedMember> reported_in(ByteReader* in) {
  const auto state = in->fixed<uint8_t>();
  if (state > static_cast<uint8_t>(State::kLeft)) return std::nullopt;
  std::optional<Member> member = member_in(in);
  if (!member) return std::nullopt;
  ReportedMember reported{.member = *std::move(member)};
  reported.member.standing.state = static_cast<State>(state);
  if (reported.member.standing.state == State::kSuspect) reported.accuser = tag_in(in);
  if (final(reported.member.standing.state)) reported.age_s = in->varint();
  return in->ok() ? std::optional(reported) : std::nullopt;
}

std::optional<Exchange> full_state_in(ByteReader* in) {
  FullState full;
  std::optional<MemberId> sender = id_in(in);
  full.round = in->varint();
  const auto protocol = setting_in<Protocol>(in);
  const auto drop = setting_in<DropPartsPerMillion>(in);
  const uint64_t count = in->varint();
  if (!sender || !protocol || !drop || count > kMaxMembers) return std::nullopt;
  full.sender = *std::move(sender);
  full.settings = {*protocol, *drop};
  for (uint64_t i = 0; i < count; ++i) {  // each has bytes of its own, or is refused
    std::optional<ReportedMember> member = reported_in(in);
    if (!member) return std::nullopt;
    full.members.push_back(*std::move(member));
  }
  return full;
}
}  // namespace

std::string encode(const Message& message, std::string_view news) {
  std::string out;
  put_fixed(&out, static_cast<uint8_t>(kVersion << 4 | (news.empty() ? 0 : kNewsBit) | kind_of(message)));
  std::visit(MessageWriter{&out}, message);
  return out.append(news);
}

std::string encode(const Update& update) {
  std::string out;
  put_fixed(&out, kind_of(update));
  std::visit(UpdateWriter{&out}, update);
  return out;
}

std::string encode(const Exchange& exchange) {
  std::string out;
  put_fixed(&out, kVersion);
  put_fixed(&out, kind_of(exchange));
  if (const auto* ask = std::get_if<Ask>(&exchange)) {
    put_varint(&out, ask->round);
    put_fixed(&out, ask->digest);
  } else if (const auto* same = std::get_if<Same>(&exchange)) {
    put_varint(&out, same->round);
  } else if (const auto* full = std::get_if<FullState>(&exchange)) {
    RS_CHECK(full->members.size() <= kMaxMembers, "a list is bounded");
    put_id(&out, full->sender);
    put_varint(&out, full->round);
    put_setting(&out, full->settings.protocol);
    put_setting(&out, full->settings.drop);
    put_varint(&out, full->members.size());
    for (const ReportedMember& member : full->members) put_reported(&out, member);
  }
  return out;
}

std::optional<DatagramContent> decode_datagram(std::string_view content) {
  ByteReader in(content);
  const auto first = in.fixed<uint8_t>();
  if (first >> 4 != kVersion) return std::nullopt;
  std::optional<Message> message = message_in(first & kKindBits, &in);
  if (!message || !in.ok() || in.done() == ((first & kNewsBit) != 0)) return std::nullopt;
  DatagramContent decoded{.message = *std::move(message)};
  while (!in.done()) {
    std::optional<Update> update = update_in(&in);
    if (!update || !in.ok()) return std::nullopt;
    decoded.updates.push_back(*std::move(update));
  }
  return decoded;
}

std::optional<Exchange> decode_exchange(std::string_view content) {
  ByteReader in(content);
  if (in.fixed<uint8_t>() != kVersion) return std::nullopt;
  std::optional<Exchange> decoded;
  switch (in.fixed<uint8_t>()) {
    case 1: {
      Ask ask{.round = in.varint()};
      ask.digest = in.fixed<uint64_t>();
      decoded = ask;
      break;
    }
    case 2:
      decoded = Same{in.varint()};
      break;
    case 3:
      decoded = full_state_in(&in);
      break;
  }
  return in.ok() && in.done() ? decoded : std::nullopt;
}

SettingsMark mark_of(const Settings& settings) {
  std::string bytes;
  put_setting(&bytes, settings.protocol);
  put_setting(&bytes, settings.drop);
  return static_cast<SettingsMark>(hash64(bytes));
}

Codec::Codec(std::string cluster, std::string key) : key_(std::move(key)) {
  RS_CHECK(!cluster.empty() && !key_.empty(), "a cluster has a name and a key");
  put_string(&context_, cluster);
}

std::string Codec::sealed(std::string_view use, std::string content, size_t length) const {
  std::string whole = context_;
  put_string(&whole, use);
  whole += content;
  return std::move(content) + io::seal(key_, whole, length);
}

std::optional<std::string_view> Codec::unsealed(std::string_view use, std::string_view bytes, size_t length) const {
  if (bytes.size() < length) return std::nullopt;
  const std::string_view content = bytes.substr(0, bytes.size() - length);
  if (!io::same_secret(sealed(use, std::string(content), length), bytes)) return std::nullopt;
  return content;
}

size_t Codec::room(std::string_view message) const {
  RS_CHECK(message.size() + kDatagramSealBytes <= kMaxDatagramBytes, "a message alone fits");
  return kMaxDatagramBytes - kDatagramSealBytes - message.size();
}

std::string Codec::seal_datagram(std::string content) const {
  RS_CHECK(content.size() + kDatagramSealBytes <= kMaxDatagramBytes, "news are cut to the room that is left");
  if (!quiet(content)) return sealed(kDatagram, std::move(content), kDatagramSealBytes);
  const bool answer = is_answer(content);
  std::string bytes = sealed(kQuiet, std::move(content), kQuietSealBytes);
  if (answer) bytes.erase(kAnswerHead, bytes.size() - kQuietSealBytes - kAnswerHead);
  return bytes;
}

std::string Codec::seal_exchange(std::string content) const {
  return sealed(kExchange, std::move(content), kExchangeSealBytes);
}

std::optional<DatagramContent> Codec::open_datagram(std::string_view bytes, const Expected& expected) const {
  if (bytes.size() > kMaxDatagramBytes) return std::nullopt;
  if (is_answer(bytes)) return open_answer(bytes, expected);
  const auto content =
      quiet(bytes) ? unsealed(kQuiet, bytes, kQuietSealBytes) : unsealed(kDatagram, bytes, kDatagramSealBytes);
  return content ? decode_datagram(*content) : std::nullopt;
}

std::optional<DatagramContent> Codec::open_answer(std::string_view bytes, const Expected& expected) const {
  if (bytes.size() != kAnswerHead + kQuietSealBytes) return std::nullopt;
  const uint16_t nonce = ByteReader(bytes.substr(1)).fixed<uint16_t>();
  const std::optional<Ack> ack = expected(nonce);
  if (!ack) return DatagramContent{.message = Ack{nonce, MemberTag()}};
  RS_CHECK(static_cast<uint16_t>(ack->nonce) == nonce, "the ack that is meant");
  if (!io::same_secret(seal_datagram(encode(Message(*ack))), bytes)) return std::nullopt;
  return DatagramContent{.message = *ack};
}

std::optional<Exchange> Codec::open_exchange(std::string_view bytes) const {
  if (bytes.size() > kMaxExchangeBytes) return std::nullopt;
  const auto content = unsealed(kExchange, bytes, kExchangeSealBytes);
  return content ? decode_exchange(*content) : std::nullopt;
}
}  // namespace rs::membership
