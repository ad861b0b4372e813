// The command line's own door: where it writes, and what it knows of the terminal it was started from. Tests
// hand in one of their own.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace rs {
struct Console {
  std::function<void(std::string_view)> out;   // data
  std::function<void(std::string_view)> err;   // messages, progress
  std::function<std::error_code()> out_fault;  // why data could not be written, if it could not
  // Whether nobody reads the data any more; from then on out_fault says so. For those who wait for more to write.
  std::function<bool()> reader_left = [] { return false; };
  std::function<std::optional<std::string>(const std::string&)> environment;
  std::string working_directory;
  bool stdout_is_terminal = false;
  bool stderr_is_terminal = false;
  int columns = 80;  // of stderr

  // NO_COLOR and TERM=dumb are honoured; nothing moves or shines unless stderr is a terminal.
  bool may_animate() const;
  bool may_colour() const;
};
}  // namespace rs
