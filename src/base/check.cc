#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace rs {
void check_failed(const char* file, int line, const char* condition, const char* note) {
  std::fprintf(stderr, "%s:%d: check failed: %s (%s)\n", file, line, condition, note);
  std::abort();
}
}  // namespace rs
