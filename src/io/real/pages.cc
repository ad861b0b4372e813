#include "io/pages.h"

#include <sys/mman.h>

#include <cstdint>

#include "base/check.h"

namespace rs::io {
namespace {
constexpr size_t kHugePage = size_t{2} << 20;

void unmap(char* from, size_t bytes) {
  if (bytes > 0) RS_CHECK(munmap(from, bytes) == 0, "a mapping of ours");
}
}  // namespace

void* allocate_pages(size_t bytes) {
  RS_CHECK(bytes > 0 && bytes < SIZE_MAX - kHugePage, "a size of memory");
  const bool huge = bytes >= kHugePage;
  const size_t room = huge ? bytes + kHugePage : bytes;  // to align within; what is left over goes back
  void* mapped = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  RS_CHECK(mapped != MAP_FAILED, "out of memory");
  if (!huge) return mapped;

  char* begin = static_cast<char*>(mapped);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
  const size_t pages = (bytes + 4095) / 4096 * 4096;
  unmap(begin, before);
  unmap(begin + before + pages, (room + 4095) / 4096 * 4096 - before - pages);
  madvise(begin + before, pages, MADV_HUGEPAGE);  // a hint: refused, the memory is as good but slower
  return begin + before;
}

void release_pages(void* pages, size_t bytes) { RS_CHECK(munmap(pages, bytes) == 0, "pages of allocate_pages"); }
}  // namespace rs::io
