// Deliberately broken variants of the rules, for the simulator alone: it proves that its checks bite by switching
// one on and demanding that a seed catches it. Outside sim/ nothing sets one.
#pragma once

namespace rs {
enum class Variant {
  kNone,
#define RS_VARIANT(id, name, rule, text) id,
#include "base/variants.def"
#undef RS_VARIANT
};

inline Variant broken_variant = Variant::kNone;  // set before any thread starts
inline bool broken(Variant v) { return __builtin_expect(broken_variant == v, 0); }
}  // namespace rs
