#include "hydfs/message.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace rs::hydfs {
namespace {
Uuid uuid(uint64_t n) { return random_uuid(n, n); }

Entry entry_at(uint64_t index, const std::string& payload) {
  Entry entry;
  entry.head.at = {ViewNumber(3), LogIndex(index)};
  entry.head.kind = EntryKind::kAppend;
  entry.head.file = uuid(8);
  entry.head.writer = uuid(9);
  entry.head.length = static_cast<uint32_t>(payload.size());
  entry.head.digest = hash64(payload);
  if (!payload.empty()) entry.payload = std::make_shared<const std::string>(payload);
  return entry;
}

std::vector<Envelope> one_of_each() {
  const ViewNumber view(3);
  const std::vector<Message> messages = {
      Append{view, {ViewNumber(2), LogIndex(6)}, {entry_at(7, "bytes"), entry_at(8, "")}, LogIndex(5), 4},
      Ack{view, LogIndex(7), 4, true, {{ViewNumber(1), LogIndex(5)}, {view, LogIndex(7)}}},
      AskEnd{view, 77},
      TellEnd{view, 77, LogIndex(8)},
      AskStanding{view, 78, {view, LogIndex(2)}},
      TellStanding{view, 78, true, false, true, {view, LogIndex(8)}, true},
      AskEntry{LogIndex(2)},
      TellEntry{entry_at(2, "more")},
      StartCopy{view},
      CopyReady{view}};
  std::vector<Envelope> all;
  for (const Message& message : messages) all.push_back({GroupId(255), uuid(1), uuid(2), message});
  return all;
}

TEST(ReplicaMessage, EachComesBackAsItWasWritten) {
  for (const Envelope& envelope : one_of_each()) {
    const io::Frame frame = encode(envelope);
    const StatusOr<Envelope> back = decode(frame);
    ASSERT_TRUE(back.ok()) << envelope.message.index();
    EXPECT_EQ(back->message.index(), envelope.message.index());
    EXPECT_EQ(encode(*back).body, frame.body) << envelope.message.index();
  }
}

TEST(ReplicaMessage, ACutOneIsRefused) {
  for (const Envelope& envelope : one_of_each()) {
    const io::Frame whole = encode(envelope);
    for (size_t size = 0; size < whole.body.size(); ++size)
      EXPECT_FALSE(decode({whole.type, whole.body.substr(0, size)}).ok()) << envelope.message.index() << " " << size;
    EXPECT_FALSE(decode({whole.type, whole.body + "x"}).ok());
  }
}

TEST(ReplicaMessage, APayloadThatItsDigestDeniesIsRefused) {
  io::Frame frame = encode(one_of_each().front());
  frame.body[frame.body.find("bytes")] = 'B';
  EXPECT_TRUE(absl::IsDataLoss(decode(frame).status()));
}

TEST(ReplicaMessage, AGroupThatCannotBeIsRefused) {
  Envelope envelope = one_of_each().back();
  envelope.group = GroupId(kGroups);
  EXPECT_FALSE(decode(encode(envelope)).ok());
}
}  // namespace
}  // namespace rs::hydfs
