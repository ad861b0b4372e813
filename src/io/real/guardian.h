// The guardian: a small single-threaded process that forks every operator for us (design.md section 2, Children).
//
//   parent ──orders──► guardian ──fork, exec──► operator, in a process group of its own
//      └──────line─────────┘  one per child: a byte down = kill its group; 4 bytes up = its wait status;
//                             closed by the parent = kill its group and forget it
//
// When the parent ends, in whatever way, `orders` closes: the guardian kills and reaps all that descends from it,
// and exits. It holds no file of the parent: it closes all others at its start, and was forked before any lock
// was taken.
#pragma once
#include <memory>

#include "base/status.h"
#include "io/child.h"

namespace rs::io {
// Before the first thread: fork copies only the calling one. The destructor waits until all children are gone.
// Children and all Child objects: start() from any thread, each Child from one thread at a time.
StatusOr<std::unique_ptr<Children>> start_guardian();
}  // namespace rs::io
