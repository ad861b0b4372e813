#include "hydfs/name.h"

#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/hash.h"

namespace rs::hydfs {
namespace {
// The length of the character at the front; 0: no UTF-8, or a control character (C0, DEL, C1).
size_t character_bytes(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return first < 0x20 || first == 0x7f ? 0 : 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  uint32_t code = first & (0x7fu >> length);
  for (size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(at) & 0x3fu);
  }
  constexpr uint32_t kShortest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < kShortest[length] || code > 0x10ffff || surrogate || code < 0xa0 ? 0 : length;
}

Status refused(std::string_view name, const std::string& why) {
  return make_error(ErrorId::kFileName, why,
                    {{"name", absl::CHexEscape(std::string(name.substr(0, 80)))},
                     {"next", "use UTF-8 without control characters; parts of 1-255 bytes between slashes"}});
}
}  // namespace

Status check_name(std::string_view name) {
  if (name.empty()) return refused(name, "a file has a name");
  if (name.size() > kMaxNameBytes)
    return refused(name, absl::StrCat("the name has ", name.size(), " bytes, more than ", kMaxNameBytes));
  for (size_t at = 0; at < name.size();) {
    const size_t bytes = character_bytes(name.substr(at));
    if (bytes == 0) return refused(name, absl::StrCat("byte ", at + 1, " of the name is no printable UTF-8"));
    at += bytes;
  }
  for (size_t begin = 0; begin <= name.size();) {
    const size_t slash = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, slash - begin);
    if (part.empty()) return refused(name, "a part of the name between slashes is empty");
    if (part == "." || part == "..")
      return refused(name, absl::StrCat("a part of the name is '", std::string(part), "'"));
    if (part.size() > kMaxNamePartBytes)
      return refused(name, absl::StrCat("a part of the name has ", part.size(), " bytes, more than 255"));
    begin = slash + 1;
  }
  return Ok();
}

GroupId group_of(std::string_view name) { return GroupId(static_cast<uint16_t>(hash64(name) % kGroups)); }
}  // namespace rs::hydfs
