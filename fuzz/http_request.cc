// Any bytes as what a stranger sends to the API: the parser that the server uses, in pieces and at once, the gate, the
// routes, and the handlers that read a body.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/error.h"
#include "io/real/http_gate.h"
#include "io/real/http_parser.h"
#include "io/real/real.h"
#include "node/api/output_frames.h"
#include "node/api/problem.h"
#include "node/api/routes.h"
#include "node/api/upload_desk.h"
#include "node/test_files.h"

namespace {
constexpr size_t kBody = 1000;

// A node that takes everything.
struct Willing final : rs::MemberService, rs::ProtocolService, rs::LogService, rs::StatusService {
  rs::NodeInfo self() override { return {}; }
  std::vector<rs::NodeInfo> nodes() override { return {{}}; }
  std::vector<rs::Suspicion> suspicions(bool) override { return {{}}; }
  uint64_t last_event() override { return 7; }
  std::vector<rs::MemberEvent> events_after(uint64_t) override { return {}; }
  rs::Status join(const std::vector<std::string>&) override { return rs::Ok(); }
  rs::Status leave() override { return rs::Ok(); }
  rs::MemberProtocol protocol() override { return {}; }
  rs::Status set_protocol(const rs::MemberProtocol&) override { return rs::Ok(); }
  double drop() override { return 0; }
  rs::Status set_drop(double fraction, bool) override {
    RS_CHECK(fraction >= 0 && fraction <= 1, "a fraction was checked");
    return rs::Ok();
  }
  rs::StatusOr<std::unique_ptr<rs::GrepStream>> grep(const rs::GrepRequest& request) override {
    RS_CHECK(!request.arguments.empty() && request.arguments.size() <= 100, "arguments were counted");
    for (const std::string& word : request.arguments) RS_CHECK(word.find('\0') == word.npos, "words of argv");
    return absl::UnavailableError("not here");
  }
  rs::StatusOr<std::unique_ptr<rs::LogStream>> logs(const rs::LogRequest& request) override {
    RS_CHECK(request.lines <= 100'000, "a bound");
    return absl::UnavailableError("not here");
  }
  rs::NodeStatus status() override { return {}; }
  std::vector<rs::ConfigValue> config() override { return {{}}; }
  void measure(rs::MetricSheet*) override {}
};

std::string parsed(std::string_view bytes, size_t step) {
  rs::io::HttpRequestParser parser(8 << 10);
  std::string input;
  for (;;) {
    switch (parser.feed(&input)) {
      case rs::io::HttpRequestParser::Step::kMore:
        if (bytes.empty()) return "more";
        input += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
        break;
      case rs::io::HttpRequestParser::Step::kHead:
        RS_CHECK(parser.head().target.starts_with('/'), "a path");
        if (!parser.expect_body(kBody)) return "too long";
        break;
      case rs::io::HttpRequestParser::Step::kWhole: {
        const rs::io::HttpRequest request = parser.take();
        RS_CHECK(request.body.size() <= kBody, "a bound");
        return request.method + " " + request.target + "\n" + request.body;
      }
      case rs::io::HttpRequestParser::Step::kFault:
        RS_CHECK(parser.fault().status >= 400, "a fault has its status");
        return "fault";
    }
  }
}

// A head that is none may be refused at once, or only when its end has come.
bool is_whole(const std::string& outcome) { return outcome != "more" && outcome != "fault" && outcome != "too long"; }

void serve(rs::io::HttpRequest request) {
  Willing node;
  const auto target = rs::parse_target(request.target);
  if (!target.ok()) return;
  int status = 200;
  const auto route = rs::find_route(request.method, target->path, &status);
  if (!route.ok()) {
    RS_CHECK(status == 404 || status == 405, "an unknown route");
    return;
  }
  rs::FakeFiles files;
  files.put("a", "some bytes");
  const std::unique_ptr<rs::io::Clock> clock = rs::io::real_clock();
  rs::UploadDesk uploads(*clock);
  rs::ApiRequest asked{request, *target, uploads, {}};
  for (const std::string_view word : route->words) {
    auto decoded = rs::decode_component(word);
    if (!decoded.ok()) return;
    asked.words.push_back(*std::move(decoded));
  }
  const auto reply = route->route->handle(asked, {node, node, node, node, &files});
  if (reply.ok()) return;
  const rs::io::HttpAnswer answer = rs::problem_answer(reply.status());
  RS_CHECK(rs::problem_status(answer).code() == rs::report_of(reply.status()).row->code, "a problem reads back");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string at_once = parsed(bytes, std::max<size_t>(size, 1));
  const std::string by_byte = parsed(bytes, 1);
  RS_CHECK(at_once == by_byte || (!is_whole(at_once) && !is_whole(by_byte)), "a cut makes no other request");
  rs::io::HttpRequest request{"GET", std::string(bytes.substr(0, 100)), {{"host", std::string(bytes.substr(0, 30))}}};
  (void)rs::io::admit(request, {});
  serve(request);
  for (const rs::Route& route : rs::api_routes())
    if (route.body_bytes > 0)
      serve({std::string(route.method),
             std::string(route.path),
             {{"content-type", "application/json"}},
             std::string(bytes)});
  rs::FrameReader frames;
  size_t output = 0;
  (void)frames.feed(bytes, [&](rs::OutputFrame, std::string_view text) { output += text.size(); });
  RS_CHECK(output <= size, "frames come from the input");
  return 0;
}
