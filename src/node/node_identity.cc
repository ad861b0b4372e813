#include "node/node_identity.h"

#include <charconv>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "node/durable_file.h"

namespace rs {
namespace {
constexpr char kName[] = "/identity";
constexpr char kFirstLine[] = "rainstorm identity 1\n";
constexpr size_t kMostBytes = 1024;

std::string checksum_line(const std::string& before) {
  return absl::StrCat("crc32c ", absl::Hex(crc32c(before), absl::kZeroPad8), "\n");
}
}  // namespace

std::string NodeIdentity::text(uint64_t generation) const {
  std::string body = absl::StrCat(kFirstLine, "node ", uuid_text(uuid_), "\ngeneration ", generation, "\n");
  if (switched_.version > 0) {
    const bool gossips = switched_.value.detector == membership::Detector::kGossip;
    absl::StrAppend(&body, "switch ", switched_.version, " ", uuid_text(switched_.origin),
                    gossips ? " gossip" : " ping", switched_.value.suspicion ? " suspect" : " nosuspect", "\n");
  }
  return body + checksum_line(body);
}

// What text() writes and nothing else: a file that says the same in other words was touched by somebody.
bool NodeIdentity::read(const std::string& bytes) {
  const std::vector<std::string> words = absl::StrSplit(bytes, absl::ByAnyChar(" \n"));
  constexpr size_t kUuidWord = 4, kGenerationWord = 6, kSwitchWord = 7, kLastWord = 11;
  if (words.size() <= kGenerationWord) return false;
  const std::optional<Uuid> uuid = parse_uuid(words[kUuidWord]);
  const std::string& digits = words[kGenerationWord];
  const auto number = std::from_chars(digits.data(), digits.data() + digits.size(), generation_);
  if (!uuid || *uuid == Uuid{} || number.ec != std::errc()) return false;
  uuid_ = *uuid;
  if (words.size() > kLastWord && words[kSwitchWord] == "switch") {
    const std::string& version = words[kSwitchWord + 1];
    std::from_chars(version.data(), version.data() + version.size(), switched_.version);
    switched_.origin = parse_uuid(words[kSwitchWord + 2]).value_or(Uuid{});
    switched_.value.detector =
        words[kSwitchWord + 3] == "gossip" ? membership::Detector::kGossip : membership::Detector::kPing;
    switched_.value.suspicion = words[kLastWord] == "suspect";
  }
  return bytes == text(generation_);
}

StatusOr<NodeIdentity> NodeIdentity::open(const std::string& folder, io::Directory* directory, io::Random* random) {
  NodeIdentity identity(folder, directory);
  const StatusOr<std::string> bytes = read_whole(folder + kName, kMostBytes, directory);
  if (bytes.status().code() == absl::StatusCode::kNotFound) {
    identity.uuid_ = random_uuid(random->next(), random->next());
    RS_RETURN_IF_ERROR(replace_durably(folder, kName, identity.text(0), directory));
    return identity;
  }
  const bool damaged = bytes.status().code() == absl::StatusCode::kDataLoss || (bytes.ok() && !identity.read(*bytes));
  if (damaged) {
    return make_error(ErrorId::kNodeIdentity, absl::StrCat("the identity ", folder, kName, " is damaged"),
                      {{"next", "bring it back from a copy, or remove it: the node then is a new one"}});
  }
  if (!bytes.ok()) return bytes.status();
  return identity;
}

Status NodeIdentity::raise_to(uint64_t generation) {
  RS_CHECK(uuid_ != Uuid{}, "a node has an id before it is a member");
  RS_CHECK(generation > generation_, "a generation never goes down, and none is used twice");
  RS_RETURN_IF_ERROR(replace_durably(folder_, kName, text(generation), directory_));
  generation_ = generation;
  return Ok();
}

Status NodeIdentity::keep(const Switch& newer) {
  RS_CHECK(newer.newer_than(switched_), "of two switches the newer one holds");
  switched_ = newer;
  return replace_durably(folder_, kName, text(generation_), directory_);
}
}  // namespace rs
