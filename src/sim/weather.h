// A workload of clusters or of file systems: how large it is and over what, and the faults it meets while the weather
// lasts. Data, not code: src/sim/clusters/*.sim, src/sim/filesystems/*.sim.
//
//   # comment
//   knob NAME = LOW [HIGH]        a number that each seed draws anew
//   fault NAME = LOW [HIGH]       how many of it a seed may meet
//   every = N                     it takes part in each N-th round of all workloads: a seed of it costs so much more
//   aim = VARIANT ...             broken variants that it is made to catch
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sim/line.h"

namespace rs::sim {
struct WeatherTable {                  // what a kind of workload knows
  std::map<std::string, Range> knobs;  // with what they are if nothing is written
  std::vector<std::string> faults;
};

struct Weather {
  const WeatherTable* table = nullptr;  // borrowed: it lives as long as the process
  std::string name;
  std::map<std::string, Range> knobs, faults;  // as written
  std::vector<std::string> aims;
  uint64_t every = 5;

  Range knob(const std::string& knob) const;    // as written, or as in the table
  Range fault(const std::string& fault) const;  // 0 if it is not written
};

StatusOr<Weather> parse_weather(const WeatherTable* table, const std::string& name, std::string_view text);
}  // namespace rs::sim
