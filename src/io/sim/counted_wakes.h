// Tests only: a Runner that starts nothing and counts the wakes; whoever tests a loop steps it by hand.
#pragma once
#include <string>

#include "io/runner.h"

namespace rs::io {
struct CountedWakes final : Runner {
  void start(Loop*, const std::string&) override {}
  void wake(Loop*) override { ++count; }
  void join() override {}
  int count = 0;
};
}  // namespace rs::io
