// What the process was started into: the folder it stands in, its terminal, its environment. Read once, by main.
#pragma once
#include <optional>
#include <string>

#include "base/status.h"

namespace rs::io {
struct Surroundings {
  std::string working_directory;  // absolute
  bool stdin_is_terminal = false;
  bool stdout_is_terminal = false;
  bool stderr_is_terminal = false;
  int stderr_columns = 80;
};
StatusOr<Surroundings> look_around();                             // kNotFound: the working directory was removed
std::optional<std::string> environment(const std::string& name);  // set and empty is not the same as not set
bool stdout_reader_left();                                        // of a pipe or socket: its other end is closed
}  // namespace rs::io
