#include "membership/codec.h"

#include <gtest/gtest.h>

#include "io/sim/random.h"

namespace rs::membership {
namespace {
Member member(std::string name = "n1") {
  Member m{.id = {Uuid{0x1122, 0x3344}, {io::Endpoint::Kind::kIp6, "::1", 7001}, Generation(300)},
           .name = std::move(name)};
  m.standing.refutation = Refutation(5);
  return m;
}

std::vector<Message> messages() {
  return {Ping{MemberTag(1), MemberTag(0xffffffffffff), 77, 9, 1000},
          Ack{0xfefefefe},
          Relay{MemberTag(1), MemberTag(2), 3},
          Nack{4},
          Gossip{MemberTag(1), 9, 1000, {{MemberTag(2), 1}, {MemberTag(3), 1 << 20}}},
          News{MemberTag(1)},
          WhoAreYou{MemberTag(2)}};
}

std::vector<Update> updates() {
  return {Alive{member()},
          Accusation{MemberTag(1), MemberTag(2), Refutation(3)},
          Ended{MemberTag(1), State::kFailed},
          Ended{MemberTag(1), State::kLeft},
          Setting<Protocol>{3, Uuid{1, 2}, {Detector::kGossip, false}},
          Setting<DropPartsPerMillion>{4, Uuid{1, 2}, 1'000'000}};
}

FullState full_state() {
  FullState full{.sender = member().id};
  full.settings.protocol = {3, Uuid{1, 2}, {Detector::kGossip, true}};
  for (const State state : {State::kAlive, State::kSuspect, State::kFailed, State::kLeft}) {
    ReportedMember reported{.member = member()};
    reported.member.standing.state = state;
    if (state == State::kSuspect) reported.accuser = MemberTag(8);
    if (final(state)) reported.age_s = 1234;
    full.members.push_back(reported);
  }
  return full;
}

std::vector<Exchange> exchanges() { return {Ask{member().id, 0x123456789abcdef0}, Same{}, full_state()}; }

TEST(Codec, EveryMessageAndUpdateComesBack) {
  for (const Message& message : messages()) {
    std::string content = encode(message);
    for (const Update& update : updates()) content += encode(update);
    const auto decoded = decode_datagram(content);
    ASSERT_TRUE(decoded) << message.index();
    EXPECT_EQ(encode(decoded->message), encode(message));
    ASSERT_EQ(decoded->updates.size(), updates().size());
    for (size_t i = 0; i < updates().size(); ++i) EXPECT_EQ(encode(decoded->updates[i]), encode(updates()[i]));
  }
}

TEST(Codec, EveryExchangeComesBack) {
  for (const Exchange& exchange : exchanges()) {
    const auto decoded = decode_exchange(encode(exchange));
    ASSERT_TRUE(decoded) << exchange.index();
    EXPECT_EQ(encode(*decoded), encode(exchange));
  }
  const auto full = std::get<FullState>(*decode_exchange(encode(Exchange(full_state()))));
  EXPECT_EQ(full.members[1].accuser, MemberTag(8));
  EXPECT_EQ(full.members[2].age_s, 1234u);
  EXPECT_EQ(full.members[3].member.standing.state, State::kLeft);
  EXPECT_EQ(full.members[0].member.id, member().id);
}

TEST(Codec, IsCompact) {
  const Codec codec("cluster", "key");
  const auto size = [&](const Message& message) { return codec.seal_datagram(encode(message)).size(); };
  EXPECT_LE(size(Ping{MemberTag(1), MemberTag(2), 3, 4, 1'000'000}), 32u);
  EXPECT_LE(size(Ack{1}), 14u);
}

TEST(Codec, NoPrefixIsAMessage) {
  for (const Message& message : messages()) {
    const std::string content = encode(message) + encode(updates().front());
    for (size_t length = 0; length < content.size(); ++length) {
      const auto decoded = decode_datagram(content.substr(0, length));
      EXPECT_TRUE(!decoded || length == encode(message).size()) << message.index() << " " << length;
    }
  }
  const std::string full = encode(exchanges()[2]);
  for (size_t length = 0; length < full.size(); ++length) EXPECT_FALSE(decode_exchange(full.substr(0, length)));
  EXPECT_FALSE(decode_exchange(full + "x"));
}

TEST(Codec, RefusesWhatNoNodeWrites) {
  const auto with = [](std::string content, size_t at, char byte) {
    content[at] = byte;
    return content;
  };
  const std::string ping = encode(messages()[0]);
  EXPECT_TRUE(decode_datagram(ping));
  EXPECT_FALSE(decode_datagram(with(ping, 0, 2))) << "version";
  EXPECT_FALSE(decode_datagram(with(ping, 1, 0))) << "kind";
  EXPECT_FALSE(decode_datagram(with(ping, 1, 99)));
  EXPECT_FALSE(decode_datagram(ping + "\x09")) << "update";
  EXPECT_FALSE(decode_datagram(ping + encode(Update(Alive{member("a b")})))) << "name";
  EXPECT_FALSE(decode_datagram(ping + encode(Update(Alive{member("")}))));
  const std::string ended = encode(updates()[2]);
  EXPECT_FALSE(decode_datagram(ping + with(ended, ended.size() - 1, 0))) << "nobody ends as alive";
  const std::string protocol = encode(updates()[4]);
  EXPECT_FALSE(decode_datagram(ping + with(protocol, protocol.size() - 1, 4)));
  EXPECT_FALSE(decode_datagram(ping + encode(Update(Setting<DropPartsPerMillion>{1, {}, 1'000'001}))));
}

TEST(Codec, ThereIsAlwaysANextNumber) {
  const std::string ack = encode(Message(Ack{1}));
  EXPECT_TRUE(
      decode_datagram(ack + encode(Update(Accusation{MemberTag(1), MemberTag(2), Refutation(uint64_t{1} << 48)}))));
  EXPECT_FALSE(decode_datagram(ack + encode(Update(Accusation{MemberTag(1), MemberTag(2), Refutation(UINT64_MAX)}))));
  Member m = member();
  m.id.generation = Generation(UINT64_MAX);
  EXPECT_FALSE(decode_datagram(ack + encode(Update(Alive{m}))));
}

TEST(Codec, AMemberIsReachableAndHasAGeneration) {
  const std::string ack = encode(Message(Ack{1}));
  Member m = member();
  m.id.generation = {};
  EXPECT_FALSE(decode_datagram(ack + encode(Update(Alive{m}))));
  m = member();
  m.id.address.port = 0;
  EXPECT_FALSE(decode_datagram(ack + encode(Update(Alive{m}))));
  m.id.address = {io::Endpoint::Kind::kUnix, "/tmp/x", 0};
  EXPECT_FALSE(decode_datagram(ack + encode(Update(Alive{m}))));
  m.id.address = {io::Endpoint::Kind::kIp4, "192.0.2.1", 7001};
  EXPECT_FALSE(decode_datagram(ack + encode(Update(Alive{m})))) << "only this machine";
}

TEST(Codec, CountsAreCheckedAgainstTheBytesThatAreThere) {
  std::string gossip = encode(Message(Gossip{MemberTag(1), 0, 0, {}}));
  gossip.back() = '\x7f';  // 127 beats, none of which came
  EXPECT_FALSE(decode_datagram(gossip));
  FullState none{.sender = member().id};
  std::string full = encode(Exchange(none));
  full.back() = '\x7f';
  EXPECT_FALSE(decode_exchange(full));
}

TEST(Codec, OnlyTheClustersOwnBytesAreOpened) {
  const Codec codec("cluster", "key");
  const std::string ping = codec.seal_datagram(encode(messages()[0]));
  EXPECT_TRUE(codec.open_datagram(ping));
  EXPECT_FALSE(Codec("cluster", "yek").open_datagram(ping)) << "another key";
  EXPECT_FALSE(Codec("clusten", "key").open_datagram(ping)) << "another cluster with the same key";
  for (size_t i = 0; i < ping.size(); ++i) {
    std::string changed = ping;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(codec.open_datagram(changed)) << i;
  }
  EXPECT_FALSE(codec.open_datagram(""));
  EXPECT_FALSE(codec.open_datagram(encode(messages()[0])));
  EXPECT_FALSE(codec.open_datagram(std::string(kMaxDatagramBytes + 1, 'x')));
}

TEST(Codec, AnExchangeIsNoDatagram) {
  const Codec codec("cluster", "key");
  const std::string same = codec.seal_exchange(encode(Exchange(Same{})));
  EXPECT_TRUE(codec.open_exchange(same));
  EXPECT_FALSE(codec.open_datagram(same));
  EXPECT_FALSE(codec.open_exchange(codec.seal_datagram(encode(messages()[1]))));
}

TEST(Codec, RoomIsWhatIsLeftOfADatagram) {
  const Codec codec("cluster", "key");
  const std::string message = encode(messages()[0]);
  const std::string whole = codec.seal_datagram(message + std::string(codec.room(message), 'x'));
  EXPECT_EQ(whole.size(), kMaxDatagramBytes);
}

TEST(Codec, AFullListOfTheLargestClusterFitsIntoAnExchange) {
  FullState full{.sender = member().id};
  full.members.assign(kMaxMembers, {.member = member(std::string(kMaxNameBytes, 'n'))});
  EXPECT_LE(Codec("cluster", "key").seal_exchange(encode(Exchange(full))).size(), kMaxExchangeBytes);
}

TEST(Codec, MarksTellSettingsApart) {
  Settings settings;
  const SettingsMark before = mark_of(settings);
  EXPECT_EQ(mark_of(settings), before);
  settings.protocol = {1, Uuid{1, 2}, {Detector::kGossip, true}};
  EXPECT_NE(mark_of(settings), before);
}

TEST(Codec, ChanceMakesNoMessageThatCannotBeWrittenAgain) {
  io::SimRandom random(1, "codec");
  size_t understood = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto all = messages();
    std::string content = encode(all[random.below(all.size())]) + encode(updates()[random.below(updates().size())]);
    for (uint64_t flips = random.below(4); flips > 0; --flips) {
      content[random.below(content.size())] = static_cast<char>(random.next());
    }
    const auto decoded = decode_datagram(content);
    if (!decoded) continue;
    ++understood;
    std::string again = encode(decoded->message);
    for (const Update& update : decoded->updates) again += encode(update);
    ASSERT_EQ(again, content) << "a content has one encoding";
  }
  EXPECT_GT(understood, 10'000u);
}
}  // namespace
}  // namespace rs::membership
