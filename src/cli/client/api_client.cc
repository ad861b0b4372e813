#include "cli/client/api_client.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "base/suggest.h"
#include "node/api/problem.h"

namespace rs {
namespace {
constexpr int64_t kProbeMs = 1'000;
constexpr int kHealthy = 200;
constexpr int64_t kSilenceMs = 10'000;  // five of a node's signs of life

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kMost = 12;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (i ? ", " : "") + names[i];
  return names.size() > kMost ? text + ", ..." : text;
}
}  // namespace

Status ApiClient::choose(Whose whose) {
  auto cluster = find_cluster(command_.cluster, console_.environment, console_.working_directory);
  if (!cluster.ok()) return cluster.status();
  cluster_ = *std::move(cluster);
  const StatusOr<std::vector<std::string>> found = backend_.node_names(cluster_);
  if (!found.ok()) return found.status();
  const std::vector<std::string>& names = *found;
  const std::string node = command_.node.empty() ? console_.environment("RAINSTORM_NODE").value_or("") : command_.node;
  if (!node.empty()) return choose_named(node, names);
  if (names.empty())
    return make_error(ErrorId::kUnreachable, "there is no node in " + cluster_.path,
                      {{"next", "rainstorm dev cluster 3, or name the folder with --cluster"}});
  if (names.size() > 1 && whose == Whose::kOne)
    return make_error(ErrorId::kUsage, "there are several nodes, and it is not said which one is meant",
                      {{"nodes", listed(names)}, {"next", "--node " + names[0]}});
  return names.size() == 1 ? use(names[0]) : choose_first(names);
}

// A name may look like an endpoint: the folder decides.
Status ApiClient::choose_named(const std::string& node, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), node) != names.end()) return use(node);
  if (node.find(':') != std::string::npos) {
    const auto endpoint = io::parse_endpoint(node);
    if (!endpoint.ok()) return make_error(ErrorId::kBadValue, "--node " + std::string(endpoint.status().message()));
    name_ = node;
    endpoint_ = *endpoint;
    if (auto token = backend_.token(cluster_); token.ok()) {
      token_ = *std::move(token);
    } else if (!absl::IsNotFound(token.status())) {
      return token.status();
    }
    return Ok();
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string near(nearest(node, views));
  return make_error(names.empty() ? ErrorId::kUnreachable : ErrorId::kNoNode,
                    "there is no node " + node + " in " + cluster_.path,
                    {{"nodes", names.empty() ? "none" : listed(names)},
                     {"next", near.empty() ? "--cluster names another folder" : "did you mean " + near + "?"}});
}

// One that is paused takes a connection and never answers: each gets its moment. One whose door is full says so.
Status ApiClient::choose_first(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    RS_RETURN_IF_ERROR(use(name));
    const auto health = backend_.call(endpoint_, {.target = "/healthz", .answer_ms = kProbeMs}, nullptr, cancelled_);
    if (health.ok() && health->status == kHealthy) return Ok();
  }
  return make_error(ErrorId::kUnreachable, "no node of " + cluster_.path + " answers",
                    {{"nodes", listed(names)}, {"next", "start them, or name another folder with --cluster"}});
}

Status ApiClient::use(const std::string& name) {
  name_ = name;
  const auto endpoint = io::parse_endpoint("unix:" + cluster_.node(name).api_socket);
  if (!endpoint.ok()) return make_error(ErrorId::kUnreachable, std::string(endpoint.status().message()));
  endpoint_ = *endpoint;
  return Ok();
}

StatusOr<std::string> ApiClient::ask(const std::string& method, const std::string& target, const std::string& body) {
  auto answer = call({.method = method, .target = target, .body = body}, nullptr, cancelled_);
  if (error_id(answer.status()) == ErrorId::kTimedOut && method != "GET")
    return make_error(ErrorId::kTimedOut, name_ + " did not answer in time; it may yet do what was asked",
                      {{"next", "rainstorm node ls shows what became of it"}});
  if (!answer.ok()) return answer.status();
  return std::move(answer->body);
}

StatusOr<std::string> ApiClient::send(io::HttpCall wanted, int* status) {
  auto answer = call(std::move(wanted), nullptr, cancelled_);
  if (!answer.ok()) return answer.status();
  if (status != nullptr) *status = answer->status;
  return std::move(answer->body);
}

Status ApiClient::stream(io::HttpCall wanted, const io::HttpReader& reader) {
  wanted.silence_ms = kSilenceMs;
  const auto cancelled = [this] { return (cancelled_ && cancelled_()) || console_.reader_left(); };
  const Status ended = call(std::move(wanted), reader, cancelled).status();
  return absl::IsCancelled(ended) && console_.out_fault() ? Ok() : ended;
}

StatusOr<io::HttpAnswer> ApiClient::call(io::HttpCall wanted, const io::HttpReader& reader,
                                         const std::function<bool()>& cancelled) {
  RS_CHECK(!endpoint_.host.empty(), "a node was chosen");
  constexpr int kLeastError = 300;
  if (!token_.empty()) wanted.headers.emplace_back("Authorization", "Bearer " + token_);
  if (!wanted.body.empty() && io::find_header(wanted.headers, "Content-Type").empty())
    wanted.headers.emplace_back("Content-Type", "application/json");
  auto answer = backend_.call(endpoint_, wanted, reader, cancelled);
  if (!answer.ok()) return told(answer.status());
  if (answer->status >= kLeastError) return problem_status(*answer);
  return answer;
}

Status ApiClient::told(const Status& status) const {
  const std::string reason(status.message());
  if (absl::IsCancelled(status)) return status;
  if (absl::IsDeadlineExceeded(status))
    return make_error(ErrorId::kTimedOut, name_ + " did not answer in time",
                      {{"where", reason}, {"next", "--node picks another one"}});
  if (absl::IsDataLoss(status))
    return make_error(ErrorId::kApiAnswer, reason,
                      {{"next", "nodes meet at another port than the API's: --node takes a node's name too"}});
  if (absl::IsPermissionDenied(status)) return cluster_denied(cluster_, status);
  return make_error(
      ErrorId::kUnreachable, name_ + " cannot be reached",
      {{"where", reason}, {"next", "is it running? rainstorm node ls --node tells what another one knows"}});
}
}  // namespace rs
