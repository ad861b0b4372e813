#include "base/check.h"

#include <cstdio>
#include <cstdlib>

#include "base/check_observer.h"

namespace rs {
void check_failed(const char* file, int line, const char* condition, const char* note) {
  char what[512];
  std::snprintf(what, sizeof what, "%s:%d: check failed: %s (%s)", file, line, condition, note);
  if (check_observer) check_observer(what);
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}
}  // namespace rs
