// The real half of the door: the only code of the project that touches the operating system.
#pragma once
#include <memory>

#include "io/clock.h"
#include "io/file.h"
#include "io/runner.h"

namespace rs::io {
std::unique_ptr<Clock> real_clock();    // any thread
std::unique_ptr<Random> real_random();  // any thread; the kernel's generator, good enough for nonces
std::unique_ptr<Directory> real_directory();

// The process's stdin and stdout as streams, at their own position: `{ head -1; rainstorm ...; } < file` works.
// An append to stdout whose reader has gone answers kUnavailable.
std::unique_ptr<File> std_in();
std::unique_ptr<File> std_out();
bool stdin_is_open();   // for reading
bool stdout_is_open();  // for writing

// One thread per loop. `clock` must be real_clock(), and outlive the runner.
std::unique_ptr<Runner> thread_runner(Clock& clock);

// The first call of main. Writing to a closed pipe, or beyond `ulimit -f`, becomes an error value and no signal; a
// standard descriptor that the caller closed stays taken, so that no file of ours becomes 0, 1 or 2 by chance.
void prepare_process();
}  // namespace rs::io
