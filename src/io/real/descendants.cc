#include "io/real/descendants.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/check.h"
#include "io/real/descriptor.h"

namespace rs::io {
namespace {
// Field 4 of /proc/PID/stat. Field 2 is the program's name in parentheses and may hold anything.
pid_t parent_of(pid_t pid) {
  Descriptor file(::open(("/proc/" + std::to_string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[512];
  const ssize_t n = file.valid() ? ::read(file.get(), text, sizeof text - 1) : 0;
  if (n <= 0) return 0;
  text[n] = '\0';
  const char* name_end = std::strrchr(text, ')');
  int parent = 0;
  if (!name_end || std::sscanf(name_end, ") %*c %d", &parent) != 1) return 0;
  return parent;
}

void kill_children() {
  DIR* processes = ::opendir("/proc");
  RS_CHECK(processes != nullptr, "there is no /proc");
  const pid_t self = ::getpid();
  while (const dirent* entry = ::readdir(processes)) {
    const pid_t pid = std::atoi(entry->d_name);  // 0: not a process
    // A child of ours keeps its number until we reap it, so this kill hits nobody else.
    if (pid > 0 && parent_of(pid) == self) ::kill(pid, SIGKILL);
  }
  ::closedir(processes);
}
}  // namespace

void kill_descendants() {
  while (true) {
    kill_children();
    if (uninterrupted([] { return ::waitpid(-1, nullptr, 0); }) < 0) {
      RS_CHECK(errno == ECHILD, "waitpid fails only when no child is left");
      return;
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}
}  // namespace rs::io
