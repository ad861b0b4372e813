// INT and TERM as values, and naps: for the code that composes a process.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"

namespace rs::io {
void catch_signals();  // from now on INT and TERM end nobody; HUP too
int caught_signals();  // how many came so far
int caught_hangups();  // those of them that were HUP
int last_signal();     // the number of the newest; 0: none
// How many INTs came since the first call, from which on they end nobody, however many: for a prompt, where one ends
// what runs. TERM and HUP end the process as ever.
int interrupts_so_far();
void nap_ns(int64_t ns);
int64_t own_pid();
bool process_lives(int64_t pid);
uint32_t core_count();
std::optional<std::string> stdin_file();                      // the path of stdin, if that is a regular file
StatusOr<std::string> follow_links(const std::string& path);  // kNotFound: nothing there
// Of an absolute path, whose last name, or that of a link that stands there, may be of nothing yet.
StatusOr<std::string> follow_links_to_new(std::string path);
void tune_allocator();  // large buffers are kept and not given back to the kernel each time
}  // namespace rs::io
