#include "node/query/message.h"

#include "base/check.h"
#include "node/query/query.pb.h"

namespace rs {
namespace {
enum QueryFrame : uint16_t { kAsk = 32, kLines = 33, kRoom = 34, kAlive = 35, kDone = 36 };
constexpr size_t kFieldBytes = 16;  // at most, for a number, or before a text

struct Encoder {
  io::Frame operator()(const GrepAsk& ask) const {
    wire::GrepAsk body;
    for (const std::string& argument : ask.arguments) body.add_arguments(argument);
    body.set_files(ask.files);
    body.set_window(ask.window);
    return {kAsk, body.SerializeAsString()};
  }
  io::Frame operator()(const GrepLines& lines) const {
    RS_CHECK(lines.text.size() <= kGrepPieceBytes, "a piece within its bound");
    wire::GrepLines body;
    body.set_text(lines.text);
    body.set_matches(lines.matches);
    return {kLines, body.SerializeAsString()};
  }
  io::Frame operator()(const GrepRoom& room) const {
    wire::GrepRoom body;
    body.set_bytes(room.bytes);
    return {kRoom, body.SerializeAsString()};
  }
  io::Frame operator()(const GrepAlive&) const { return {kAlive, ""}; }
  io::Frame operator()(const GrepDone& done) const {
    wire::GrepDone body;
    body.set_exit(static_cast<uint32_t>(done.exit));
    body.set_refused(done.refused);
    body.set_files(done.files);
    body.set_problem(done.problem.substr(0, kMaxProblemBytes));
    return {kDone, body.SerializeAsString()};
  }
};

Status damaged(const std::string& what) { return absl::DataLossError("log query: " + what); }

StatusOr<QueryMessage> decode_ask(const std::string& bytes) {
  wire::GrepAsk body;
  if (!body.ParseFromString(bytes)) return damaged("no question");
  GrepAsk ask{{}, body.files(), body.window()};
  size_t size = 0;
  for (const std::string& argument : body.arguments()) size += argument.size();
  if (body.arguments_size() > int{kMaxGrepArguments} || size > kMaxGrepBytes || ask.files.size() > kMaxFilesBytes) {
    return damaged("a question beyond its bounds");
  }
  ask.arguments.assign(body.arguments().begin(), body.arguments().end());
  return ask;
}

StatusOr<QueryMessage> decode_lines(const std::string& bytes) {
  wire::GrepLines body;
  if (!body.ParseFromString(bytes) || body.text().size() > kGrepPieceBytes) return damaged("no lines");
  return GrepLines{std::move(*body.mutable_text()), body.matches()};
}

StatusOr<QueryMessage> decode_room(const std::string& bytes) {
  wire::GrepRoom body;
  if (!body.ParseFromString(bytes)) return damaged("no room");
  return GrepRoom{body.bytes()};
}

StatusOr<QueryMessage> decode_done(const std::string& bytes) {
  wire::GrepDone body;
  if (!body.ParseFromString(bytes) || (body.exit() > 2 && body.exit() != kPartialExit) ||
      body.problem().size() > kMaxProblemBytes) {
    return damaged("no end");
  }
  return GrepDone{static_cast<int>(body.exit()), body.refused(), body.files(), body.problem()};
}
}  // namespace

bool is_query_frame(uint16_t type) { return type >= kAsk && type <= kDone; }

const std::map<uint16_t, uint32_t>& query_frame_bytes() {
  static const std::map<uint16_t, uint32_t> bytes = {
      {kAsk, kMaxGrepBytes + kMaxFilesBytes + (kMaxGrepArguments + 2) * kFieldBytes},
      {kLines, kGrepPieceBytes + 2 * kFieldBytes},
      {kRoom, kFieldBytes},
      {kAlive, 0},
      {kDone, kMaxProblemBytes + 4 * kFieldBytes}};
  return bytes;
}

io::Frame encode(const QueryMessage& message) { return std::visit(Encoder{}, message); }

StatusOr<QueryMessage> decode(const io::Frame& frame) {
  switch (frame.type) {
    case kAsk:
      return decode_ask(frame.body);
    case kLines:
      return decode_lines(frame.body);
    case kRoom:
      return decode_room(frame.body);
    case kAlive:
      if (!frame.body.empty()) return damaged("a sign of life that says something");
      return GrepAlive{};
    case kDone:
      return decode_done(frame.body);
  }
  return damaged("a frame of an unknown type");
}
}  // namespace rs
