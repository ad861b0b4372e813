#include "membership/member.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace rs::membership {
namespace {
constexpr int kTagShift = 16;  // the upper 48 bits of the hash
}

MemberTag MemberId::tag() const {
  std::string bytes;
  put_uuid(&bytes, node);
  put_varint(&bytes, generation.value);
  put_string(&bytes, address.text());
  return MemberTag(std::max<uint64_t>(1, hash64(bytes) >> kTagShift));
}

std::string MemberId::text() const { return absl::StrCat(address.text(), "/", generation.value); }

const char* state_name(State state) {
  switch (state) {
    case State::kAlive:
      return "alive";
    case State::kSuspect:
      return "suspect";
    case State::kFailed:
      return "failed";
    case State::kLeft:
      return "left";
  }
  RS_CHECK(false, "a member has one of four states");
}

bool outranks(const Standing& a, const Standing& b) {
  if (final(a.state) || final(b.state)) return a.state > b.state;
  if (a.refutation != b.refutation) return a.refutation > b.refutation;
  return a.state > b.state;
}

bool valid_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == ':' || c == '-';
  };
  return !name.empty() && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), allowed);
}
}  // namespace rs::membership
