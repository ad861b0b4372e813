#include "node/api/routes.h"

#include <algorithm>

#include "base/error.h"
#include "base/suggest.h"
#include "node/api/handlers.h"

namespace rs {
namespace {
constexpr size_t kBody = kMostRequestBytes;
}

std::span<const Route> api_routes() {
  static const std::vector<Route> kRoutes = {
      {"GET", "/healthz", Access::kAnybody, 0, {}, get_health},
      {"GET", "/metrics", Access::kUser, 0, {}, get_metrics},
      {"GET", "/api/v1/node", Access::kUser, 0, {}, get_self},
      {"GET", "/api/v1/nodes", Access::kUser, 0, {}, get_nodes},
      {"GET", "/api/v1/nodes/events", Access::kUser, 0, {"after"}, get_events},
      {"GET", "/api/v1/suspects", Access::kUser, 0, {"all"}, get_suspects},
      {"POST", "/api/v1/join", Access::kUser, kBody, {}, post_join},
      {"POST", "/api/v1/leave", Access::kUser, 0, {}, post_leave},
      {"GET", "/api/v1/protocol", Access::kUser, 0, {}, get_protocol},
      {"PUT", "/api/v1/protocol", Access::kUser, kBody, {}, put_protocol},
      {"GET", "/api/v1/drop", Access::kUser, 0, {}, get_drop},
      {"PUT", "/api/v1/drop", Access::kUser, kBody, {}, put_drop},
      {"GET", "/api/v1/status", Access::kUser, 0, {}, get_status},
      {"GET", "/api/v1/config", Access::kUser, 0, {}, get_config},
      {"POST", "/api/v1/grep", Access::kUser, kBody, {}, post_grep},
      {"GET", "/api/v1/logs", Access::kUser, 0, {"lines", "follow"}, get_logs},
  };
  return kRoutes;
}

const std::string* ApiRequest::parameter(std::string_view name) const {
  for (const auto& [key, value] : target.parameters)
    if (key == name) return &value;
  return nullptr;
}

StatusOr<const Route*> find_route(std::string_view method, std::string_view path, int* http_status) {
  constexpr int kNotFound = 404, kWrongMethod = 405;
  std::vector<std::string_view> methods, paths;
  for (const Route& route : api_routes()) {
    if (route.path == path && route.method == method) return &route;
    if (route.path == path) methods.push_back(route.method);
    paths.push_back(route.path);
  }
  const std::string given(path.substr(0, 100));
  if (!methods.empty()) {
    *http_status = kWrongMethod;
    return make_error(ErrorId::kApiPath, given + " is not for " + std::string(method.substr(0, 20)),
                      {{"next", "use " + std::string(methods[0])}});
  }
  *http_status = kNotFound;
  const std::string near(nearest(given, paths));
  return make_error(ErrorId::kApiPath, "there is no " + given,
                    near.empty() ? ErrorDetails{} : ErrorDetails{{"next", "did you mean " + near + "?"}});
}
}  // namespace rs
