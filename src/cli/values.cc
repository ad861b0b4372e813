#include "cli/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

#include "base/check.h"
#include "base/error.h"
#include "control/identity.h"

namespace rs {
namespace {
struct Unit {
  std::string_view name;
  double factor;
};
constexpr Unit kRateUnits[] = {{"/s", 1}, {"k/s", 1e3}, {"M/s", 1e6}, {"G/s", 1e9}};
constexpr Unit kTimeUnits[] = {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}};
constexpr Unit kSizeUnits[] = {{"B", 1},           {"kB", 1e3},           {"MB", 1e6},
                               {"GB", 1e9},        {"TB", 1e12},          {"KiB", 1024.0},
                               {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0}};

struct Quantity {
  const char* option;
  const char* kind;
  const char* examples;
  std::span<const Unit> units;
  double least, most;  // in the units' base
};
constexpr Quantity kRate = {"--rate", "a rate", "10/s, 100k/s, 1M/s", kRateUnits, 1e-3, 1e12};
constexpr Quantity kTime = {"--grace", "a time", "250ms, 10s, 2m", kTimeUnits, 0, 1e9};
constexpr Quantity kSize = {"--memory", "a size", "64MiB, 4GiB, 500MB", kSizeUnits, 1, 1e18};

Status unreadable(const Quantity& quantity, std::string_view text, std::string_view why) {
  const std::string message = std::string(quantity.option) + " " + std::string(text) + ": " + std::string(why);
  return make_error(ErrorId::kBadValue, message,
                    {{"next", std::string(quantity.kind) + " is written " + quantity.examples}});
}

StatusOr<double> parse_quantity(const Quantity& quantity, std::string_view text) {
  double number = 0;
  const bool starts = !text.empty() && text[0] >= '0' && text[0] <= '9';
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (!starts || read.ec != std::errc()) return unreadable(quantity, text, "no number");
  const std::string_view unit = text.substr(static_cast<size_t>(read.ptr - text.data()));
  if (unit.empty()) return unreadable(quantity, text, "the unit is missing");
  const auto row =
      std::find_if(quantity.units.begin(), quantity.units.end(), [&](const Unit& u) { return u.name == unit; });
  if (row == quantity.units.end()) return unreadable(quantity, text, "no unit is called " + std::string(unit));
  const double value = number * row->factor;
  if (!(value >= quantity.least && value <= quantity.most)) return unreadable(quantity, text, "out of bounds");
  RS_CHECK(std::isfinite(value), "bounds are finite");
  return value;
}
}  // namespace

StatusOr<double> parse_rate(std::string_view text) { return parse_quantity(kRate, text); }

StatusOr<int64_t> parse_duration_ms(std::string_view text) {
  const auto value = parse_quantity(kTime, text);
  if (!value.ok()) return value.status();
  return std::llround(*value);
}

StatusOr<uint64_t> parse_size(std::string_view text) {
  const auto value = parse_quantity(kSize, text);
  if (!value.ok()) return value.status();
  return static_cast<uint64_t>(*value);
}

StatusOr<std::string> state_root(const Console& console) {
  const std::string base = console.environment("XDG_STATE_HOME").value_or("");
  if (base.starts_with('/')) return absolute_path(base + "/rainstorm", "/");  // the XDG rule: a relative one is ignored
  const std::string home = console.environment("HOME").value_or("");
  if (home.starts_with('/')) return absolute_path(home + "/.local/state/rainstorm", "/");
  return make_error(ErrorId::kUsage, "neither XDG_STATE_HOME nor HOME says where states are kept",
                    {{"next", "name a folder: --state ./NAME"}});
}

StatusOr<std::string> state_folder(const Console& console, std::string_view name) {
  if (name.empty() || name == "." || name == "..")
    return make_error(ErrorId::kBadValue, "--state needs the name of a state, or of a folder",
                      {{"next", "--state NAME, or --state ./FOLDER"}});
  if (name.find('/') != std::string_view::npos) return absolute_path(name, console.working_directory);
  auto root = state_root(console);
  if (!root.ok()) return root.status();
  return *root + "/" + std::string(name);
}
}  // namespace rs
