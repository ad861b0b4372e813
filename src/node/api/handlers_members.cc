#include <charconv>

#include "base/error.h"
#include "node/api/handlers.h"
#include "node/api/json.h"

namespace rs {
namespace {
// Server-sent events: `id` is the number of the event, which a reader that comes back hands in as Last-Event-ID.
class EventSource final : public BodySource {
 public:
  EventSource(MemberService& members, uint64_t after) : members_(members), after_(after) {}

  State pull(size_t at_most, std::string* to) override {
    const size_t limit = to->size() + at_most;
    for (const MemberEvent& event : members_.events_after(after_)) {
      std::string text;
      if (event.sequence > after_ + 1)
        text = "event: gap\ndata: " + json_line({{"missed", event.sequence - after_ - 1}}) + "\n";
      text += "id: " + std::to_string(event.sequence) + "\nevent: " + event.kind + "\ndata: ";
      text += json_line({{"sequence", event.sequence},
                         {"time", time_text(event.wall_ns)},
                         {"kind", event.kind},
                         {"node", event.node},
                         {"id", event.id},
                         {"detail", event.detail}}) +
              "\n";
      if (to->size() + text.size() > limit) break;
      *to += text;
      after_ = event.sequence;
    }
    return State::kOpen;
  }

 private:
  MemberService& members_;
  uint64_t after_;
};

StatusOr<uint64_t> number_of(std::string_view name, std::string_view text) {
  uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return bad_field(name, "the number of an event");
  return number;
}
}  // namespace

StatusOr<ApiReply> get_self(const ApiRequest&, const NodeService& node) {
  return json_reply(json_of(node.members.self()));
}

StatusOr<ApiReply> get_nodes(const ApiRequest&, const NodeService& node) {
  Json nodes = Json::array();
  for (const NodeInfo& info : node.members.nodes()) nodes.push_back(json_of(info));
  return json_reply({{"nodes", nodes}});
}

StatusOr<ApiReply> get_suspects(const ApiRequest& request, const NodeService& node) {
  const std::string* all = request.parameter("all");
  if (all && *all != "" && *all != "true" && *all != "false") return bad_field("all", "true or false");
  Json suspects = Json::array();
  for (const Suspicion& suspicion : node.members.suspicions(all && *all != "false")) {
    Json entry = {{"node", suspicion.node}, {"id", suspicion.id}, {"since", time_text(suspicion.since_wall_ns)}};
    if (suspicion.until_wall_ns) entry["until"] = time_text(*suspicion.until_wall_ns);
    entry["outcome"] = suspicion.outcome;
    suspects.push_back(std::move(entry));
  }
  return json_reply({{"suspects", suspects}});
}

StatusOr<ApiReply> get_events(const ApiRequest& request, const NodeService& node) {
  uint64_t after = node.members.last_event();
  const std::string_view seen = io::find_header(request.http.headers, "last-event-id");
  const std::string* given = request.parameter("after");
  if (given || !seen.empty()) {
    const auto number = seen.empty() ? number_of("after", *given) : number_of("Last-Event-ID", seen);
    if (!number.ok()) return number.status();
    // A number beyond the newest is of another start of this node: nothing of it can be left out.
    after = *number > after ? 0 : *number;
  }
  // The comment lets a reader see at once that it is connected.
  return ApiReply{200, "text/event-stream", ": events\n\n", std::make_unique<EventSource>(node.members, after),
                  ": alive\n\n"};
}

StatusOr<ApiReply> post_join(const ApiRequest& request, const NodeService& node) {
  const auto body = read_object(request.http, {"seeds"});
  if (!body.ok()) return body.status();
  std::vector<std::string> seeds;
  const auto given = body->find("seeds");
  if (given != body->end()) {
    if (!given->is_array()) return bad_field("seeds", "a list of endpoints");
    for (const Json& seed : *given) {
      if (!seed.is_string()) return bad_field("seeds", "a list of endpoints");
      seeds.push_back(seed.get<std::string>());
    }
  }
  RS_RETURN_IF_ERROR(node.members.join(seeds));
  return json_reply(json_of(node.members.self()), 202);
}

StatusOr<ApiReply> post_leave(const ApiRequest&, const NodeService& node) {
  RS_RETURN_IF_ERROR(node.members.leave());
  return json_reply(json_of(node.members.self()), 202);
}
}  // namespace rs
