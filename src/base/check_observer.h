// Who hears of a failed RS_CHECK before the process ends. For the simulator, which must name its seed: it leaves by an
// exception of its own. Nobody else sets it.
#pragma once
#include <string>

namespace rs {
using CheckObserver = void (*)(const std::string& what);
inline CheckObserver check_observer = nullptr;
}  // namespace rs
