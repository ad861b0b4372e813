// The guardian's own process.
#pragma once
#include "io/real/descriptor.h"

namespace rs::io {
// Serves orders until the parent closes their socket, then kills and reaps everything and ends the process.
[[noreturn]] void guard(Descriptor orders);
}  // namespace rs::io
