// The values of options. Units are required where they matter, so that nobody has to guess which one is meant.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "cli/console.h"

namespace rs {
StatusOr<double> parse_rate(std::string_view text);          // "10/s", "100k/s", "1.5M/s": per second, > 0
StatusOr<int64_t> parse_duration_ms(std::string_view text);  // "250ms", "10s", "2m", "1h"
StatusOr<uint64_t> parse_size(std::string_view text);        // "64MiB", "4GiB", "500MB", > 0

// Where the states with names are: $XDG_STATE_HOME/rainstorm, else ~/.local/state/rainstorm.
StatusOr<std::string> state_root(const Console& console);
// `name` with a '/' is a folder (made absolute), else one below the root.
StatusOr<std::string> state_folder(const Console& console, std::string_view name);
}  // namespace rs
