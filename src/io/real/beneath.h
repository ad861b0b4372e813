#pragma once
#include <memory>
#include <string>

#include "io/beneath.h"

namespace rs::io {
// The folder itself may be named through links. It stays the one it was, whatever gets its name later.
StatusOr<std::unique_ptr<Beneath>> real_beneath(const std::string& folder);
}  // namespace rs::io
