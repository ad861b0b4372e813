#include "sim/invariants.h"

namespace rs::sim {
std::string sentence_of(Invariant invariant) {
  switch (invariant) {
#define RS_INVARIANT(id, number, sentence) \
  case Invariant::id:                      \
    return sentence;
#include "sim/invariants.def"
#undef RS_INVARIANT
  }
  return "";
}

std::string name_of(Invariant invariant) {
  switch (invariant) {
#define RS_INVARIANT(id, number, sentence) \
  case Invariant::id:                      \
    return #id;
#include "sim/invariants.def"
#undef RS_INVARIANT
  }
  return "";
}
}  // namespace rs::sim
