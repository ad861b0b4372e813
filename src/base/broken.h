// Tests only: breaks one rule for as long as it lives (base/variants.h).
#pragma once
#include "base/variants.h"

namespace rs {
struct Broken {
  explicit Broken(Variant variant) { broken_variant = variant; }
  ~Broken() { broken_variant = Variant::kNone; }
};
}  // namespace rs
