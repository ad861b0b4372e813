// Looks at every state within the bounds of a configuration, nearest first, so that a counter-example is a shortest
// one; or walks at random where there are too many.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/model/configuration.h"

namespace rs::sim::model {
struct Bounds {
  int deeper = 0;  // added to the bounds on views and log
  uint64_t states = 20'000'000;
  bool liveness = true;
};
struct Finding {
  uint64_t states = 0, losses = 0;  // in so many DATA_LOSS was rightly said
  int depth = 0;
  bool whole = true;                 // everything within the bounds was visited
  std::string broken;                // the promise; empty: all hold
  std::vector<std::string> history;  // what led to it, in words
  std::string picture;               // how it ends
};
Finding explore(const Configuration& configuration, const Bounds& bounds);
Finding walk(const Configuration& configuration, const Bounds& bounds, uint64_t seed,
             const std::function<bool()>& go_on);
}  // namespace rs::sim::model
