// The parent's end of one child.
#pragma once
#include <memory>

#include "base/status.h"
#include "io/child.h"

namespace rs::io {
// Asks the guardian behind the socket `orders` for a child, and waits until it has become its program.
StatusOr<std::unique_ptr<Child>> start_guarded_child(int orders, const ChildSpec& spec);
}  // namespace rs::io
