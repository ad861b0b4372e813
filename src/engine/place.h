// Where in its input a tuple stands that an operator refuses: operators see batches, whoever feeds them knows the
// place.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rs {
// The offset of the line in `lines` that the error shows as its tuple; none if a stage before has changed it.
std::optional<size_t> find_tuple(std::string_view lines, const Status& error);

// The error with its place, unless it has one, or is none that people know.
Status placed(const Status& error, const std::string& where);
}  // namespace rs
