// Hostile bytes as the messages of a log query, and what is asked in them as words of grep and as a pattern of files:
// an answer or none, within the bounds, never a crash. Protobuf has many encodings of one message, so what is
// understood must mean the same after it was written again.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "node/query/command.h"
#include "node/query/log_files.h"
#include "node/query/match_count.h"
#include "node/query/message.h"

namespace {
void judge(const rs::GrepAsk& ask) {
  if (rs::check_log_pattern(ask.files).ok()) RS_CHECK(!ask.files.starts_with('/'), "below the log root");
  const auto command = rs::judge_grep(ask.arguments);
  if (!command.ok()) return;
  const auto argv = command->argv("n1:f");
  RS_CHECK(argv.size() >= 6 && argv.back() == "-" && argv[argv.size() - 2] == "--", "it reads its stdin");
  rs::MatchCount count(*command, "n1:f");
  for (const std::string& text : ask.arguments) count.add(text);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const rs::io::Frame frame{static_cast<uint16_t>(32 + data[0] % 6), std::string(data + 1, data + size)};
  const auto limit = rs::query_frame_bytes().find(frame.type);
  if (limit == rs::query_frame_bytes().end() || frame.body.size() > limit->second) return 0;
  const auto message = rs::decode(frame);
  if (!message.ok()) return 0;
  const rs::io::Frame again = rs::encode(*message);
  RS_CHECK(again.type == frame.type && again.body.size() <= limit->second, "it fits into its frame");
  RS_CHECK(rs::decode(again).value() == *message, "it means the same");
  if (const auto* ask = std::get_if<rs::GrepAsk>(&*message)) judge(*ask);
  return 0;
}
