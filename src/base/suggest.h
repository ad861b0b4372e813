// "Did you mean": the word a person was near to.
#pragma once
#include <span>
#include <string_view>

namespace rs {
// The nearest of `known`, the first of equals; empty when none is near enough to be what was meant. A wrong, missing,
// extra or swapped letter costs one; up to a third of the word may be wrong, at least one letter.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);
}  // namespace rs
