#include "engine/aggregate/faults.h"

#include <string>

#include "absl/strings/escaping.h"
#include "base/check.h"
#include "base/error.h"

namespace rs::aggregate {
namespace {
constexpr size_t kShownBytes = 100;

std::string shown(std::string_view bytes) {
  std::string text = absl::Utf8SafeCHexEscape({bytes.data(), std::min(bytes.size(), kShownBytes)});
  if (bytes.size() > kShownBytes) text += "...";
  return text;
}
}  // namespace

Status not_a_number(std::string_view text, NumberFault fault, std::string_view line) {
  RS_CHECK(fault != NumberFault::kNone, "only a fault is reported");
  std::string message = "\"" + shown(text) + "\" ";
  message.append(fault_text(fault)).append(", in the line \"").append(shown(line)).append("\"");
  return make_error(
      ErrorId::kNotANumber, message,
      {{"tuple", shown(line)},
       {"next", "filter such lines out before: a CSV header, say, with grep -v '^BEGINNING OF THE LINE'"}});
}

Status number_overflow(std::string_view key) {
  return make_error(ErrorId::kNumberOverflow, "the sum of key \"" + shown(key) + "\" has more than 38 digits");
}

Status malformed_payload() { return absl::DataLossError("a payload of aggregates is malformed"); }
}  // namespace rs::aggregate
