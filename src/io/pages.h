// Memory for big tables, straight from the kernel: zeroed, and from 2 MiB up on huge pages where the system grants
// them (a table that is probed at random spends its time in TLB misses else).
#pragma once
#include <cstddef>

namespace rs::io {
// Aborts when the system has no memory: an aggregate can't go on without it, and its state is in the log.
void* allocate_pages(size_t bytes);
void release_pages(void* pages, size_t bytes);  // the size it was allocated with
}  // namespace rs::io
