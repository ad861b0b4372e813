#include "node/api/routes.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "base/suggest.h"
#include "node/api/handlers.h"
#include "node/api/upload_desk.h"

namespace rs {
namespace {
constexpr size_t kBody = kMostRequestBytes;

// Word by word; what a part in braces of the pattern stands for goes to *words.
bool matches(std::string_view pattern, std::string_view path, std::vector<std::string_view>* words) {
  RS_CHECK(pattern.starts_with('/'), "a route begins at the root");
  words->clear();
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = pattern.substr(0, pattern.find('/', 1)), given = path.substr(0, path.find('/', 1));
    const bool any = wanted.starts_with("/{");
    if (any ? given.size() < 2 || given[0] != '/' : wanted != given) return false;
    if (any) words->push_back(given.substr(1));
    RS_CHECK(!wanted.empty() && !given.empty(), "each turn takes a word of both");
    pattern.remove_prefix(wanted.size());
    path.remove_prefix(given.size());
  }
  return pattern.empty() && path.empty();
}
}  // namespace

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
      {"GET", "/api/v1/files", Access::kUser, 0, {"prefix", "store"}, get_files},
      {"GET", "/api/v1/files/{name}", Access::kUser, 0, {}, get_file},
      {"DELETE", "/api/v1/files/{name}", Access::kUser, 0, {}, delete_file},
      {"POST", "/api/v1/files/{name}/merge", Access::kUser, 0, {}, post_merge},
      {"GET",
       "/api/v1/files/{name}/content",
       Access::kUser,
       0,
       {"from", "last", "length", "replica", "follow"},
       get_content},
      {"POST", "/api/v1/uploads", Access::kUser, kBody, {}, post_upload},
      {"GET", "/api/v1/uploads/{id}", Access::kUser, 0, {}, get_upload},
      {"DELETE", "/api/v1/uploads/{id}", Access::kUser, 0, {}, delete_upload},
      {"PUT", "/api/v1/uploads/{id}/{piece}", Access::kUser, kPieceBytes, {}, put_piece},
      {"POST", "/api/v1/uploads/{id}/commit", Access::kUser, kBody, {}, post_commit},
      {"GET", "/api/v1/check", Access::kUser, 0, {"prefix"}, get_check},
      {"GET", "/api/v1/usage", Access::kUser, 0, {"prefix"}, get_usage},
      {"GET", "/api/v1/ring", Access::kUser, 0, {}, get_ring},
  };
  return kRoutes;
}

const std::string* ApiRequest::parameter(std::string_view name) const {
  for (const auto& [key, value] : target.parameters)
    if (key == name) return &value;
  return nullptr;
}

size_t body_bound(std::string_view method, std::string_view path) {
  std::vector<std::string_view> words;
  for (const Route& route : api_routes())
    if (route.method == method && matches(route.path, path, &words)) return route.body_bytes;
  return 0;
}

StatusOr<RouteMatch> find_route(std::string_view method, std::string_view path, int* http_status) {
  constexpr int kNotFound = 404, kWrongMethod = 405;
  std::vector<std::string_view> methods, paths;
  RouteMatch match;
  for (const Route& route : api_routes()) {
    match.route = &route;
    const bool found = matches(route.path, path, &match.words);
    if (found && route.method == method) return match;
    if (found) methods.push_back(route.method);
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
