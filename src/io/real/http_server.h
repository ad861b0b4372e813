// The real HttpServer: Boost.Asio on a thread of its own.
#pragma once
#include <memory>

#include "io/http.h"

namespace rs::io {
std::unique_ptr<HttpServer> real_http_server(HttpServerOptions options);
}  // namespace rs::io
