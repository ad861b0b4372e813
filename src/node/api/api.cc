#include "node/api/api.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "base/log.h"
#include "io/seal.h"
#include "node/api/problem.h"

namespace rs {
namespace {
constexpr size_t kPiece = 64 << 10;
constexpr int kPiecesPerStep = 4;           // of one stream, before the others and the node have their turn
constexpr int64_t kBeatNs = 2'000'000'000;  // the longest that a stream says nothing

// Answers tell of this moment, and are data: no browser keeps them or guesses that they are pages.
void finish_head(io::HttpAnswer* answer) {
  answer->headers.emplace_back("Cache-Control", "no-store");
  answer->headers.emplace_back("X-Content-Type-Options", "nosniff");
}

Status check_parameters(const Route& route, const ApiTarget& target) {
  for (const auto& [name, value] : target.parameters) {
    if (std::find(route.parameters.begin(), route.parameters.end(), name) == route.parameters.end())
      return make_error(ErrorId::kApiRequest, "no parameter is called " + name.substr(0, 100));
  }
  return Ok();
}

// Submitting work and changing the cluster leave a line of who asked; the pieces of an upload do not.
void audit(const Route& route, bool same_user, const StatusOr<ApiReply>& reply) {
  if (route.method == "GET" || route.body_bytes == kPieceBytes) return;
  log_event(LogLevel::kInfo, "request",
            {{"method", route.method},
             {"path", route.path},
             {"by", same_user ? "user" : "token"},
             {"status", reply.ok() ? reply->status : http_status(report_of(reply.status()).row->code)}});
}
}  // namespace

Api::Api(io::HttpServer& server, const NodeService& node, std::string token, io::Clock& clock)
    : server_(server), node_(node), token_(std::move(token)), clock_(clock), uploads_(clock) {
  RS_CHECK(!token_.empty(), "an empty token would let everybody in");
}

size_t Api::body_bound(std::string_view method, std::string_view target) {
  return rs::body_bound(method, target.substr(0, target.find('?')));
}

bool Api::step() {
  for (io::HttpEvent& event : server_.take()) {
    if (auto* asked = std::get_if<io::Asked>(&event)) serve(asked->id, asked->request);
    if (const auto* gone = std::get_if<io::Gone>(&event)) {
      streams_.erase(gone->id);
      late_.erase(gone->id);
    }
  }
  uploads_.step();
  for (auto late = late_.begin(); late != late_.end();)
    late = settle(late->first, &late->second) ? late_.erase(late) : std::next(late);
  bool more = false;
  for (auto stream = streams_.begin(); stream != streams_.end();) {
    bool end = false;
    more |= pump(stream->first, &stream->second, &end);
    stream = end ? streams_.erase(stream) : std::next(stream);
  }
  return more;
}

void Api::serve(io::ExchangeId id, const io::HttpRequest& request) {
  const Route* route = nullptr;
  int http_status = 0;
  StatusOr<ApiReply> reply = decide(request, &route, &http_status);
  if (reply.ok() && reply->late) {
    Late late{std::move(reply->late), route, request.same_user, clock_.now_ns()};
    if (!settle(id, &late)) RS_CHECK(late_.emplace(id, std::move(late)).second, "an exchange has one answer");
    return;
  }
  if (route != nullptr) audit(*route, request.same_user, reply);
  send(id, std::move(reply), http_status);
}

// True: it is answered.
bool Api::settle(io::ExchangeId id, Late* late) {
  constexpr int64_t kNsPerMs = 1'000'000;
  RS_CHECK(late->route != nullptr, "who asks was let in");
  std::optional<StatusOr<ApiReply>> reply = late->reply->poll((clock_.now_ns() - late->asked_ns) / kNsPerMs);
  if (!reply) return false;
  RS_CHECK(!reply->ok() || (*reply)->late == nullptr, "what is late ends with an answer");
  audit(*late->route, late->same_user, *reply);
  send(id, *std::move(reply), 0);
  return true;
}

void Api::send(io::ExchangeId id, StatusOr<ApiReply> reply, int http_status) {
  io::HttpAnswer answer;
  if (!reply.ok()) {
    answer = http_status != 0 ? problem_answer(reply.status(), http_status) : problem_answer(reply.status());
  } else {
    answer = {reply->status, {{"Content-Type", reply->content_type}}, std::move(reply->body)};
    answer.headers.insert(answer.headers.end(), reply->headers.begin(), reply->headers.end());
  }
  finish_head(&answer);
  ++answers_[answer.status];
  if (!reply.ok() || reply->stream == nullptr) return server_.answer(id, std::move(answer));
  server_.begin(id, std::move(answer));
  Stream stream{std::move(reply->stream), std::move(reply->beat), clock_.now_ns()};
  RS_CHECK(streams_.emplace(id, std::move(stream)).second, "an exchange has one answer");
}

// *route: the one that was asked, when who asks may. *http_status: not 0 where the error's own is not meant.
StatusOr<ApiReply> Api::decide(const io::HttpRequest& request, const Route** route, int* http_status) {
  const auto target = parse_target(request.target);
  if (!target.ok()) return target.status();
  const auto match = find_route(request.method, target->path, http_status);
  if (!match.ok()) return match.status();
  const Route& found = *match->route;
  if (found.access == Access::kUser && !is_user(request))
    return make_error(ErrorId::kApiToken, "the token is missing or wrong",
                      {{"next", "Authorization: Bearer TOKEN, from the file `token` of the cluster's folder"}});
  RS_RETURN_IF_ERROR(check_parameters(found, *target));
  ApiRequest asked{request, *target, uploads_, {}};
  for (const std::string_view word : match->words) {
    auto decoded = decode_component(word);
    if (!decoded.ok()) return decoded.status();
    asked.words.push_back(*std::move(decoded));
  }
  RS_CHECK(asked.words.size() <= 2, "no route has more words of its own");
  *route = &found;
  return found.handle(asked, node_);
}

bool Api::is_user(const io::HttpRequest& request) const {
  if (request.same_user) return true;
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view given = io::find_header(request.headers, "authorization");
  return given.starts_with(kScheme) && io::same_secret(given.substr(kScheme.size()), token_);
}

bool Api::pump(io::ExchangeId id, Stream* stream, bool* end) {
  for (int i = 0; i < kPiecesPerStep; ++i) {
    const size_t room = std::min(server_.room(id), kPiece);
    if (room == 0) return false;  // Drained wakes, or Gone
    std::string piece;
    const BodySource::State state = stream->source->pull(room, &piece);
    *end = state != BodySource::State::kOpen;
    RS_CHECK(piece.size() <= room, "a source keeps the bound");
    const int64_t now_ns = clock_.now_ns();
    if (piece.empty() && now_ns - stream->said_ns >= kBeatNs && stream->beat.size() <= room) piece = stream->beat;
    if (!piece.empty()) stream->said_ns = now_ns;
    server_.write(id, piece);
    if (*end) return server_.end(id, state == BodySource::State::kEnd), false;
    if (piece.empty()) return false;
  }
  return true;
}

void Api::measure(MetricSheet* sheet) const {
  for (const auto& [status, count] : answers_)
    sheet->counter("http_answers", "Answers of the API.", static_cast<double>(count),
                   {{"status", std::to_string(status)}});
  const io::HttpMetrics& http = server_.metrics();
  const auto put = [&](const char* name, const char* help, uint64_t value) {
    sheet->counter(name, help, static_cast<double>(value));
  };
  put("http_connections", "Connections to the API.", http.accepted);
  put("http_connections_turned_away", "Connections beyond the bound, or of another user.", http.turned_away);
  put("http_rejected", "Requests that were refused before the API saw them.", http.rejected);
  put("http_timeouts", "Connections that were over a time limit.", http.timeouts);
  put("http_received_bytes", "Bytes of requests.", http.received_bytes);
  put("http_sent_bytes", "Bytes of answers.", http.sent_bytes);
  sheet->gauge("http_streams", "Answers that are under way.", static_cast<double>(streams_.size()));
}
}  // namespace rs
