#include "sim/weather.h"

#include <algorithm>

#include "base/check.h"

namespace rs::sim {
namespace {
Status take(const Line& line, Weather* weather) {
  const auto& [key, words] = line;
  if (key.size() == 1 && key[0] == "aim") return weather->aims = words, Ok();
  const StatusOr<Range> range = parse_range(words);
  if (!range.ok()) return range.status();
  if (key.size() == 1 && key[0] == "every" && range->low > 0) return weather->every = range->low, Ok();
  if (key.size() != 2) return absl::InvalidArgumentError("what is " + key[0] + "?");
  const auto& faults = weather->table->faults;
  const bool fault = key[0] == "fault" && std::find(faults.begin(), faults.end(), key[1]) != faults.end();
  if (fault) return weather->faults[key[1]] = *range, Ok();
  if (key[0] == "knob" && weather->table->knobs.contains(key[1])) return weather->knobs[key[1]] = *range, Ok();
  return absl::InvalidArgumentError("no such knob or fault: " + key[1]);
}
}  // namespace

Range Weather::knob(const std::string& knob) const {
  RS_CHECK(table != nullptr && table->knobs.contains(knob), "a knob stands in the table");
  const auto written = knobs.find(knob);
  return written == knobs.end() ? table->knobs.at(knob) : written->second;
}

Range Weather::fault(const std::string& fault) const {
  const auto known = std::find(table->faults.begin(), table->faults.end(), fault);
  RS_CHECK(known != table->faults.end(), "a fault stands in the table");
  const auto written = faults.find(fault);
  return written == faults.end() ? Range{} : written->second;
}

StatusOr<Weather> parse_weather(const WeatherTable* table, const std::string& name, std::string_view text) {
  Weather weather{.table = table, .name = name};
  RS_RETURN_IF_ERROR(read_lines(name, text, [&](const Line& line) { return take(line, &weather); }));
  return weather;
}
}  // namespace rs::sim
