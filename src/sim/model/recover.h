// Invariant 12: when faults stop, the group comes back, or says that its data are lost, and only if they are.
#pragma once
#include <string>

#include "sim/model/world.h"

namespace rs::sim::model {
struct Recovery {
  std::string stuck;  // empty: the group came back, or DATA_LOSS was rightly said
  bool data_loss = false;
};
// A fair schedule of the same rules, with messages that all arrive: from here on to n members and one more commit.
Recovery recover(const World& world, const Configuration& configuration);
}  // namespace rs::sim::model
