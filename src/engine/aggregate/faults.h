// What an aggregate answers to tuples it can't use and bytes it didn't write.
#pragma once
#include <string_view>

#include "base/status.h"
#include "engine/aggregate/decimal.h"

namespace rs::aggregate {
Status not_a_number(std::string_view text, NumberFault fault, std::string_view line);  // kInvalidArgument
Status number_overflow(std::string_view key);                                          // kInvalidArgument
Status malformed_payload();                                                            // kDataLoss
}  // namespace rs::aggregate
