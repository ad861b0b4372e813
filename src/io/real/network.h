// The Network of real sockets: Boost.Asio on one thread of its own.
#pragma once
#include <memory>

#include "io/clock.h"
#include "io/network.h"

namespace rs::io {
// `random` must be safe to call from any thread (real_random is), and outlive the network.
std::unique_ptr<Network> real_network(NetworkOptions options, Random* random);
}  // namespace rs::io
