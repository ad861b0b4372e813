#include "cli/client/client.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"
#include "cli/client/api_client.h"
#include "cli/client/fs.h"
#include "cli/client/fs_render.h"
#include "cli/client/grep.h"
#include "cli/client/render.h"
#include "cli/client/shell.h"
#include "cli/exit_codes.h"
#include "cli/json.h"
#include "cli/render.h"
#include "node/api/output_frames.h"
#include "node/api/target.h"

namespace rs {
namespace {
using Kind = ClientCommand::Kind;
constexpr int64_t kPollMs = 50;
constexpr int kPolls = 200;  // 10 s: a leave waits until it has spread, a join until a seed answers

Status bad_value(std::string_view message, std::string_view next) {
  return make_error(ErrorId::kBadValue, message, {{"next", std::string(next)}});
}

// "0.3" or "30%".
StatusOr<double> read_fraction(std::string_view text) {
  const bool percent = text.ends_with('%');
  const std::string_view digits = text.substr(0, text.size() - percent);
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  if (percent) value /= 100;
  if (whole && value >= 0 && value <= 1) return value;
  return bad_value("drop " + std::string(text) + ": no fraction", "drop 0.3, or drop 30%");
}

class Client {
 public:
  Client(const ClientCommand& command, const Console& console, const ClientBackend& backend)
      : command_(command), console_(console), backend_(backend), api_(command, console, backend) {}

  StatusOr<int> run(const std::function<bool()>& cancelled) {
    api_.set_cancelled(cancelled);
    if (is_fs(command_.kind)) return run_fs(command_, console_, backend_, &api_, cancelled);
    RS_RETURN_IF_ERROR(api_.choose(whose()));
    if (command_.kind == Kind::kGrep) return run_grep(command_, console_, &api_);
    RS_RETURN_IF_ERROR(act());
    return static_cast<int>(Exit::kOk);
  }

 private:
  ApiClient::Whose whose() const {
    switch (command_.kind) {
      case Kind::kJoin:
      case Kind::kLeave:
      case Kind::kConfig:
      case Kind::kLogs:
        return ApiClient::Whose::kOne;
      case Kind::kDrop:
        return command_.all ? ApiClient::Whose::kAny : ApiClient::Whose::kOne;
      default:
        return ApiClient::Whose::kAny;
    }
  }

  Status act() {
    switch (command_.kind) {
      case Kind::kNodes:
        if (command_.ring)
          return show_list("/api/v1/ring", "members",
                           [](std::string_view json) -> StatusOr<std::string> { return ring_table(json); });
        return show_list("/api/v1/nodes", "nodes", nodes_text);
      case Kind::kSelf:
        return show("/api/v1/node", self_text);
      case Kind::kSuspects:
        return show_list(command_.all ? "/api/v1/suspects?all" : "/api/v1/suspects", "suspects",
                         [this](std::string_view json) { return suspects_text(json, command_.all); });
      case Kind::kStatus:
        return show("/api/v1/status", status_text);
      case Kind::kConfig:
        return show_list("/api/v1/config", "values",
                         [this](std::string_view json) { return config_text(json, command_.origin); });
      case Kind::kProtocol:
        return protocol();
      case Kind::kDrop:
        return drop();
      case Kind::kJoin:
        return join();
      case Kind::kLeave:
        return change("/api/v1/leave", "", "out");
      case Kind::kWatch:
        return watch();
      case Kind::kLogs:
        return logs();
      case Kind::kGrep:
      default:
        break;
    }
    RS_CHECK(false, "every other command is served elsewhere");
  }

  template <class Text>
  Status print(const StatusOr<std::string>& json, Text text) {
    if (!json.ok()) return json.status();
    const auto shown = command_.json ? json : text(*json);
    if (!shown.ok()) return shown.status();
    console_.out(*shown);
    return Ok();
  }

  // Of what was changed: how it is now, unless -q was said.
  template <class Text>
  Status print_change(const StatusOr<std::string>& json, Text text) {
    return command_.quiet ? json.status() : print(json, text);
  }

  template <class Text>
  Status show(const std::string& target, Text text) {
    return print(api_.ask("GET", target), text);
  }

  template <class Text>
  Status show_list(const std::string& target, std::string_view name, Text text) {
    const auto json = api_.ask("GET", target);
    if (!json.ok()) return json.status();
    const auto shown = command_.json ? lines_of(*json, name) : text(*json);
    if (!shown.ok()) return shown.status();
    console_.out(*shown);
    return Ok();
  }

  Status protocol() {
    if (command_.words.empty()) return show("/api/v1/protocol", protocol_text);
    const std::string mode = command_.words[0], suspicion = command_.words.size() > 1 ? command_.words[1] : "";
    if ((mode != "gossip" && mode != "ping") || (suspicion != "suspect" && suspicion != "nosuspect"))
      return bad_value("a protocol is two words", "gossip suspect | gossip nosuspect | ping suspect | ping nosuspect");
    JsonObject body;
    body.text("mode", mode).boolean("suspicion", suspicion == "suspect");
    return print_change(api_.ask("PUT", "/api/v1/protocol", body.str()), protocol_text);
  }

  Status drop() {
    if (command_.words.empty()) return show("/api/v1/drop", drop_text);
    const auto fraction = read_fraction(command_.words[0]);
    if (!fraction.ok()) return fraction.status();
    JsonObject body;
    body.real("fraction", *fraction).boolean("all", command_.all);
    return print_change(api_.ask("PUT", "/api/v1/drop", body.str()), drop_text);
  }

  Status join() {
    if (command_.words.empty()) return change("/api/v1/join", "", "in");
    const nlohmann::json body = {{"seeds", command_.words}};
    return change("/api/v1/join", body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "in");
  }

  // Begins it, and waits until the node says that it is done.
  Status change(const std::string& target, const std::string& body, const std::string& wanted) {
    if (const auto begun = api_.ask("POST", target, body); !begun.ok()) return begun.status();
    for (int i = 0; i < kPolls; ++i) {
      const auto self = api_.ask("GET", "/api/v1/node");
      if (!self.ok()) return self.status();
      const auto presence = presence_of(*self);
      if (!presence.ok()) return presence.status();
      if (*presence == wanted) return print_change(self, self_text);
      backend_.nap(kPollMs);
    }
    return make_error(ErrorId::kTimedOut,
                      api_.node() + " is not " + wanted + (wanted == "in" ? " the cluster" : " of the cluster") +
                          " yet; it goes on trying",
                      {{"next", "rainstorm status --node " + api_.node() + " says what it lacks"}});
  }

  Status watch() {
    EventReader events;
    Status bad;
    const Status ended = api_.stream({.target = "/api/v1/nodes/events"}, [&](std::string_view piece) {
      events.feed(piece, [&](std::string_view data) {
        const auto shown = command_.json ? StatusOr<std::string>(std::string(data) + "\n") : event_text(data);
        if (!shown.ok()) bad = shown.status();
        if (shown.ok()) console_.out(*shown);
      });
      return bad.ok() && !console_.out_fault();
    });
    return bad.ok() ? ended : bad;
  }

  Status logs() {
    std::string target = "/api/v1/logs?follow=" + std::string(command_.follow ? "true" : "false");
    if (!command_.lines.empty()) target += "&lines=" + encode_component(command_.lines);
    FrameReader frames;
    std::string line;
    Status bad;
    const io::HttpCall call{.target = target, .headers = {{"Accept", std::string(kFramesType)}}};
    const Status ended = api_.stream(call, [&](std::string_view piece) {
      bad = frames.feed(piece, [&](OutputFrame, std::string_view text) {
        if (!command_.json) return console_.out(text);
        line.append(text);
        for (size_t end; (end = line.find('\n')) != std::string::npos; line.erase(0, end + 1))
          console_.out(JsonObject().text("line", std::string_view(line).substr(0, end)).str() + "\n");
      });
      return bad.ok() && !console_.out_fault();
    });
    return bad.ok() ? ended : bad;
  }

  const ClientCommand& command_;
  const Console& console_;
  const ClientBackend& backend_;
  ApiClient api_;
};
}  // namespace

int client_failed(const Status& status, bool json, const Console& console) {
  if (absl::IsCancelled(status)) return static_cast<int>(Exit::kInterrupted);
  console.err(json ? error_json(status) : error_text(status, console.may_colour()));
  return report_of(status).row->exit_code;
}

int run_client(const ClientCommand& command, const Console& console, const ClientBackend& backend,
               const std::function<bool()>& cancelled) {
  RS_CHECK(command.kind != Kind::kShell, "a shell runs no shell");
  const auto code = Client(command, console, backend).run(cancelled);
  if (code.ok()) return *code;
  const int failed = client_failed(code.status(), command.json, console);
  const bool mistakable = command.kind == Kind::kGrep && failed == static_cast<int>(Exit::kFailure);
  return mistakable ? static_cast<int>(Exit::kUsage) : failed;  // grep's 1 says that nothing was found, and 2 an error
}

int run_client(const std::vector<std::string>& arguments, const Console& console, const ClientBackend& backend) {
  ClientCommand command;
  if (const Status status = parse_client_command(arguments, &command); !status.ok())
    return client_failed(status, command.json, console);
  if (command.kind == Kind::kShell) return run_shell(command, console, backend);
  return run_client(command, console, backend, nullptr);
}
}  // namespace rs
