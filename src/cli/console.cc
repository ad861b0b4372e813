#include "cli/console.h"

#include "base/check.h"

namespace rs {
bool Console::may_animate() const {
  RS_CHECK(environment != nullptr, "a console knows its environment");
  return stderr_is_terminal && environment("TERM").value_or("dumb") != "dumb";
}

bool Console::may_colour() const { return may_animate() && environment("NO_COLOR").value_or("").empty(); }
}  // namespace rs
