#include "io/surroundings.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "base/check.h"

namespace rs::io {
StatusOr<Surroundings> look_around() {
  Surroundings found;
  char folder[PATH_MAX];
  if (getcwd(folder, sizeof folder) == nullptr) return absl::NotFoundError("the working directory can't be named");
  found.working_directory = folder;
  if (!found.working_directory.starts_with('/')) return absl::NotFoundError("the working directory can't be reached");
  found.stdin_is_terminal = isatty(STDIN_FILENO) == 1;
  found.stdout_is_terminal = isatty(STDOUT_FILENO) == 1;
  found.stderr_is_terminal = isatty(STDERR_FILENO) == 1;
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) found.stderr_columns = size.ws_col;
  RS_CHECK(found.stderr_columns > 0, "a line has room for something");
  return found;
}

bool stdout_reader_left() {
  pollfd out = {STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}
}  // namespace rs::io
