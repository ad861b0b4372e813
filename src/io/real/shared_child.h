// A child that several threads may use: one feeds it, one reads from it. Calls never wait, so neither do the others.
#pragma once
#include <memory>

#include "io/child.h"

namespace rs::io {
std::unique_ptr<Child> share_child(std::unique_ptr<Child> child);
}  // namespace rs::io
