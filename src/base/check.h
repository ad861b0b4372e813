// Assertions that stay on in release: a bug aborts, bad input returns a Status.
#pragma once

namespace rs {
// Prints "file:line: check failed: condition (note)" on stderr and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const char* note);

#define RS_CHECK(condition, note)                                                                    \
  do {                                                                                               \
    if (__builtin_expect(!(condition), 0)) ::rs::check_failed(__FILE__, __LINE__, #condition, note); \
  } while (false)
}  // namespace rs
