#include "io/pages.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace rs::io {
namespace {
constexpr size_t kMiB = size_t{1} << 20;

TEST(Pages, AreZeroedAndWritableToTheLastByte) {
  for (const size_t bytes : {size_t{1}, size_t{4096}, size_t{70'000}, 2 * kMiB, 3 * kMiB + 5}) {
    auto* pages = static_cast<unsigned char*>(allocate_pages(bytes));
    for (size_t i = 0; i < bytes; i += 512) EXPECT_EQ(pages[i], 0);
    std::memset(pages, 0xaa, bytes);
    EXPECT_EQ(pages[bytes - 1], 0xaa);
    release_pages(pages, bytes);
  }
}

TEST(Pages, StandOnHugePageBordersWhenTheyAreBig) {
  void* pages = allocate_pages(2 * kMiB + 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(pages) % (2 * kMiB), 0u);
  release_pages(pages, 2 * kMiB + 1);
}

TEST(Pages, ComeAndGoWithoutEnd) {
  for (int i = 0; i < 2000; ++i) release_pages(allocate_pages(64 * kMiB), 64 * kMiB);
}
}  // namespace
}  // namespace rs::io
