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
  return {ping_of(MemberTag(1), MemberTag(0xffffffffffff), 77, 9, 1000),
          Ack{0xfefefefe, MemberTag(0xabcdef)},
          Relay{MemberTag(1), MemberTag(2), 3},
          Nack{4},
          Gossip{ShortTag(1), 9, 1000, {{ShortTag(2), 1}, {ShortTag(0xfffffe), -128}}},
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
  FullState full{.sender = member().id, .round = 1000};
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

std::vector<Exchange> exchanges() { return {Ask{1000, 0x123456789abcdef0}, Same{1000}, full_state()}; }

std::optional<Ack> nothing(uint16_t) { return std::nullopt; }

std::string all_news() {
  std::string news;
  for (const Update& update : updates()) news += encode(update);
  return news;
}

TEST(Codec, EveryMessageAndUpdateComesBack) {
  for (const Message& message : messages()) {
    const auto decoded = decode_datagram(encode(message, all_news()));
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
  EXPECT_EQ(size(ping_of(MemberTag(1), MemberTag(2), 3, 4, 1'000'000)), 15u);
  EXPECT_EQ(size(Ack{1, MemberTag(2)}), 7u);
  EXPECT_EQ(size(Gossip{ShortTag(1), 2, 1'000'000, std::vector<Beat>(9)}), 1 + 3 + 1 + 3 + 1 + 9 * 4 + 8u);
}

// The bytes that docs/formats/membership.md describes.
TEST(Codec, TheBytesAreThese) {
  const auto bytes = [](std::initializer_list<int> values) { return std::string(values.begin(), values.end()); };
  const MemberTag sender(0x112233445566), target(0x665544332211);
  EXPECT_EQ(encode(Message(ping_of(sender, target, 0x01020304, 9, 0x1ff))),
            bytes({0x21, 0x33, 0x22, 0x11, 0x11, 4, 3, 2, 1, 9, 0xff}));
  EXPECT_EQ(encode(Message(Ack{0x01020304, target})), bytes({0x22, 4, 3, 2, 1, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66}));
  EXPECT_EQ(encode(Message(Gossip{short_of(sender), 9, 300, {{short_of(target), -1}}})),
            bytes({0x25, 0x33, 0x22, 0x11, 9, 0xac, 2, 1, 0x44, 0x55, 0x66, 0xff}));
  EXPECT_EQ(encode(Message(News{sender}), encode(Update(Ended{target, State::kFailed}))),
            bytes({0x2e, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 3, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 2}));
  EXPECT_EQ(encode(Exchange(Ask{300, 0x0102030405060708})), bytes({2, 1, 0xac, 2, 8, 7, 6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(encode(Exchange(Same{300})), bytes({2, 2, 0xac, 2}));
}

TEST(Codec, AQuietAckIsReadByWhoWaitsForItAlone) {
  const Codec codec("cluster", "key");
  const Ack ack{0x01020304, MemberTag(77)};
  const std::string bytes = codec.seal_datagram(encode(Message(ack)));
  const auto open = [&](const Ack& expected) {
    return codec.open_datagram(bytes, [&](uint16_t nonce) {
      EXPECT_EQ(nonce, 0x0304);
      return expected;
    });
  };
  EXPECT_EQ(std::get<Ack>(open(ack)->message).target, ack.target);
  EXPECT_FALSE(open({0x11020304, ack.target})) << "of another question";
  EXPECT_FALSE(open({ack.nonce, MemberTag(78)})) << "of another member";
  const auto unexpected = codec.open_datagram(bytes, nothing);
  ASSERT_TRUE(unexpected);
  EXPECT_EQ(std::get<Ack>(unexpected->message).target, MemberTag()) << "nobody's";
}

TEST(Codec, NewsHaveALongSealAndNoShortOneStretches) {
  const Codec codec("cluster", "key");
  for (const Message& message : messages()) {
    const std::string content = encode(message, encode(updates()[2]));
    EXPECT_EQ(codec.seal_datagram(content).size(), content.size() + 8) << message.index();
  }
  std::string quiet = codec.seal_datagram(encode(messages()[0]));
  quiet[0] = static_cast<char>(quiet[0] | 8);
  EXPECT_FALSE(codec.open_datagram(quiet, nothing));
  std::string gossip = codec.seal_datagram(encode(messages()[4]));
  EXPECT_EQ(gossip.size(), encode(messages()[4]).size() + 8) << "beats are believed, as news are";
}

TEST(Codec, NoPrefixIsAMessage) {
  for (const Message& message : messages()) {
    const std::string content = encode(message, encode(updates().front()));
    for (size_t length = 0; length < content.size(); ++length) {
      EXPECT_FALSE(decode_datagram(content.substr(0, length))) << message.index() << " " << length;
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
  EXPECT_FALSE(decode_datagram(with(ping, 0, 0x11))) << "version";
  EXPECT_FALSE(decode_datagram(with(ping, 0, 0x20))) << "kind";
  EXPECT_FALSE(decode_datagram(with(ping, 0, 0x29))) << "news that do not come";
  const Message message = messages()[0];
  const std::string news = encode(updates()[2]);
  EXPECT_FALSE(decode_datagram(ping + news)) << "news that were not announced";
  EXPECT_TRUE(decode_datagram(encode(message, news)));
  EXPECT_FALSE(decode_datagram(encode(message, "\x09"))) << "update";
  EXPECT_FALSE(decode_datagram(encode(message, encode(Update(Alive{member("a b")}))))) << "name";
  EXPECT_FALSE(decode_datagram(encode(message, encode(Update(Alive{member("")})))));
  const std::string ended = encode(updates()[2]);
  EXPECT_FALSE(decode_datagram(encode(message, with(ended, ended.size() - 1, 0)))) << "nobody ends as alive";
  const std::string protocol = encode(updates()[4]);
  EXPECT_FALSE(decode_datagram(encode(message, with(protocol, protocol.size() - 1, 4))));
  EXPECT_FALSE(decode_datagram(encode(message, encode(Update(Setting<DropPartsPerMillion>{1, {}, 1'000'001})))));
}

TEST(Codec, ThereIsAlwaysANextNumber) {
  const auto understood = [](const Update& update) {
    return decode_datagram(encode(Ack{1, MemberTag(1)}, encode(update))).has_value();
  };
  EXPECT_TRUE(understood(Accusation{MemberTag(1), MemberTag(2), Refutation(uint64_t{1} << 48)}));
  EXPECT_FALSE(understood(Accusation{MemberTag(1), MemberTag(2), Refutation(UINT64_MAX)}));
  Member m = member();
  m.id.generation = Generation(UINT64_MAX);
  EXPECT_FALSE(understood(Alive{m}));
}

TEST(Codec, AMemberIsReachableAndHasAGeneration) {
  const auto understood = [](const Update& update) {
    return decode_datagram(encode(Ack{1, MemberTag(1)}, encode(update))).has_value();
  };
  Member m = member();
  m.id.generation = {};
  EXPECT_FALSE(understood(Alive{m}));
  m = member();
  m.id.address.port = 0;
  EXPECT_FALSE(understood(Alive{m}));
  m.id.address = {io::Endpoint::Kind::kUnix, "/tmp/x", 0};
  EXPECT_FALSE(understood(Alive{m}));
  m.id.address = {io::Endpoint::Kind::kIp4, "192.0.2.1", 7001};
  EXPECT_FALSE(understood(Alive{m})) << "only this machine";
}

TEST(Codec, CountsAreCheckedAgainstTheBytesThatAreThere) {
  std::string gossip = encode(Message(Gossip{ShortTag(1), 0, 0, {}}));
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
  EXPECT_TRUE(codec.open_datagram(ping, nothing));
  EXPECT_FALSE(Codec("cluster", "yek").open_datagram(ping, nothing)) << "another key";
  EXPECT_FALSE(Codec("clusten", "key").open_datagram(ping, nothing)) << "another cluster with the same key";
  for (size_t i = 0; i < ping.size(); ++i) {
    std::string changed = ping;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(codec.open_datagram(changed, nothing)) << i;
  }
  EXPECT_FALSE(codec.open_datagram("", nothing));
  EXPECT_FALSE(codec.open_datagram(encode(messages()[0]), nothing));
  EXPECT_FALSE(codec.open_datagram(std::string(kMaxDatagramBytes + 1, 'x'), nothing));
}

TEST(Codec, AnExchangeIsNoDatagram) {
  const Codec codec("cluster", "key");
  const std::string same = codec.seal_exchange(encode(Exchange(Same{})));
  EXPECT_TRUE(codec.open_exchange(same));
  EXPECT_FALSE(codec.open_datagram(same, nothing));
  EXPECT_FALSE(codec.open_exchange(codec.seal_datagram(encode(messages()[1]))));
}

TEST(Codec, RoomIsWhatIsLeftOfADatagram) {
  const Codec codec("cluster", "key");
  const size_t room = codec.room(encode(messages()[0]));
  const std::string whole = codec.seal_datagram(encode(messages()[0], std::string(room, 'x')));
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
    std::string content = encode(all[random.below(all.size())], encode(updates()[random.below(updates().size())]));
    for (uint64_t flips = random.below(4); flips > 0; --flips) {
      content[random.below(content.size())] = static_cast<char>(random.next());
    }
    const auto decoded = decode_datagram(content);
    if (!decoded) continue;
    ++understood;
    std::string news;
    for (const Update& update : decoded->updates) news += encode(update);
    ASSERT_EQ(encode(decoded->message, news), content) << "a content has one encoding";
  }
  EXPECT_GT(understood, 10'000u);
}
}  // namespace
}  // namespace rs::membership
