// The text that a micro benchmark works on: the file that RAINSTORM_TEXT names, else a drawn one.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/check.h"

namespace rs {
// Whole lines, `most` bytes at the most.
template <class Draw>
std::string given_text(size_t most, Draw draw) {
  const char* path = std::getenv("RAINSTORM_TEXT");
  if (path == nullptr) return draw();
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  content.resize(std::min(content.size(), most));
  RS_CHECK(content.rfind('\n') != std::string::npos, "RAINSTORM_TEXT names a text");
  content.resize(content.rfind('\n') + 1);
  return content;
}
}  // namespace rs
