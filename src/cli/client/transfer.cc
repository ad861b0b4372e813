#include <charconv>
#include <deque>

#include "base/check.h"
#include "base/error.h"
#include "cli/client/download.h"
#include "cli/client/fields.h"
#include "cli/client/fs.h"
#include "cli/client/fs_render.h"
#include "cli/client/upload.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "node/api/target.h"

namespace rs {
namespace {
using Kind = ClientCommand::Kind;
constexpr int64_t kShowMs = 200, kLongMs = 1'000;  // a transfer that ends sooner needs no line
constexpr uint64_t kMostLines = 1'000'000;

// The line that moves, of a transfer that is long.
class Meter {
 public:
  Meter(const Console& console, const ClientBackend& backend, bool shown)
      : line_(console, false), backend_(backend), shown_(shown), begun_ms_(backend.now_ms()), said_ms_(begun_ms_) {}

  void show(uint64_t done, uint64_t total) {
    const int64_t now_ms = backend_.now_ms();
    if (!shown_ || now_ms - begun_ms_ < kLongMs || now_ms - said_ms_ < kShowMs) return;
    said_ms_ = now_ms;
    RS_CHECK(now_ms >= begun_ms_, "time goes on");
    line_.show({.bytes_done = done, .bytes_total = total, .seconds = seconds()});
  }
  void clear() { line_.clear(); }
  double seconds() const { return static_cast<double>(backend_.now_ms() - begun_ms_) / 1000; }

 private:
  ProgressLine line_;
  const ClientBackend& backend_;
  const bool shown_;
  const int64_t begun_ms_;
  int64_t said_ms_;
};

std::string rate_text(uint64_t bytes, double seconds) {
  std::string text = count_of(bytes, "byte", "bytes") + " in " + duration_text(seconds);
  if (seconds > 0) text += ", " + bytes_text(static_cast<double>(bytes) / seconds) + "/s";
  return text;
}

class Transfer {
 public:
  Transfer(const ClientCommand& command, const Console& console, const ClientBackend& backend, ApiClient* client,
           const std::function<bool()>& cancelled)
      : command_(command), console_(console), backend_(backend), client_(*client), cancelled_(cancelled) {
    // An interrupt ends the transfer, and what it began is taken back.
    if (!cancelled_) cancelled_ = [&backend, before = backend.interrupts()] { return backend.interrupts() != before; };
    client_.set_cancelled(cancelled_);
  }

  Status run() {
    if (command_.kind == Kind::kAppend) return append();
    RS_RETURN_IF_ERROR(client_.choose(ApiClient::Whose::kAny));
    switch (command_.kind) {
      case Kind::kPut:
        return put();
      case Kind::kGet:
        return get();
      case Kind::kCat:
        for (const std::string& name : command_.words) RS_RETURN_IF_ERROR(print(name, replica()));
        return Ok();
      case Kind::kTail:
        return tail();
      default:
        break;
    }
    RS_CHECK(false, "no other command moves bytes");
  }

 private:
  bool moves() const { return !command_.json && !command_.quiet && console_.may_animate(); }
  std::string replica() const {
    return command_.replica.empty() ? "" : "replica=" + encode_component(command_.replica);
  }

  void tell(const Uploaded& done, const std::string& what) {
    if (command_.json) return console_.out(done.file + "\n");
    if (!command_.quiet)
      console_.out(what + ": " + rate_text(done.bytes, done.seconds) + "; on " + replica_nodes(done.file) + "\n");
  }

  Status put() {
    const std::string &local = command_.words[0], &name = command_.words[1];
    auto input = LocalInput::open(local, console_, backend_);
    if (!input.ok()) return input.status();
    const auto done = send({.kind = "create", .name = name}, &*input, &client_);
    if (!done.ok()) return done.status();
    tell(*done, "created " + name);
    return Ok();
  }

  StatusOr<Uploaded> send(UploadCall call, LocalInput* input, ApiClient* client) {
    Meter meter(console_, backend_, moves());
    call.cancelled = cancelled_;
    call.report = [&](uint64_t sent) { meter.show(sent, input->size()); };
    return upload(call, input, client, backend_);
  }

  // One after the other through one node, or at once through those that were named.
  Status append() {
    const std::string& name = command_.words[0];
    const std::vector<std::string> locals(command_.words.begin() + 1, command_.words.end());
    if (!command_.via.empty()) return append_via(name, locals);
    RS_RETURN_IF_ERROR(client_.choose(ApiClient::Whose::kAny));
    for (const std::string& local : locals) {
      auto input = LocalInput::open(local, console_, backend_);
      if (!input.ok()) return input.status();
      const auto done = send({.kind = "append", .name = name}, &*input, &client_);
      if (!done.ok()) return done.status();
      tell(*done, "appended " + local + " to " + name);
    }
    return Ok();
  }

  struct Part {
    std::string local, node;
    ClientCommand command;
    std::optional<LocalInput> input;
    StatusOr<Uploaded> done = absl::UnknownError("it did not run");
  };

  // All files are there and all nodes are known before the first byte goes.
  Status append_via(const std::string& name, const std::vector<std::string>& locals) {
    if (locals.size() < command_.via.size())
      return make_error(ErrorId::kUsage, "more nodes than local files", {{"next", "name a file for each node"}});
    std::deque<Part> parts;  // the clients keep references
    std::deque<ApiClient> clients;
    std::vector<std::function<void()>> jobs;
    for (size_t i = 0; i < locals.size(); ++i) {
      Part& part = parts.emplace_back();
      part.local = locals[i];
      part.node = command_.via[i % command_.via.size()];
      auto input = LocalInput::open(part.local, console_, backend_);
      if (!input.ok()) return input.status();
      part.input.emplace(*std::move(input));
      part.command = command_;
      part.command.node = part.node;
      ApiClient& client = clients.emplace_back(part.command, console_, backend_);
      RS_RETURN_IF_ERROR(client.choose(ApiClient::Whose::kOne));
      jobs.emplace_back([this, &part, &client, &name] {
        part.done = upload({.kind = "append", .name = name, .cancelled = cancelled_}, &*part.input, &client, backend_);
      });
    }
    RS_CHECK(jobs.size() == parts.size() && backend_.at_once, "each file has its own thread");
    backend_.at_once(jobs);
    return tell_parts(name, parts);
  }

  // Each that was appended is told, and then the first failure.
  Status tell_parts(const std::string& name, const std::deque<Part>& parts) {
    Status first;
    for (const Part& part : parts) {
      if (part.done.ok())
        tell(*part.done, "appended " + part.local + " to " + name + " through " + part.node);
      else if (!command_.json)
        console_.err(part.local + " through " + part.node + ": " + std::string(part.done.status().message()) + "\n");
      if (first.ok()) first = part.done.status();
    }
    return first;
  }

  Status get() {
    const std::string& name = command_.words[0];
    const std::string base = name.substr(name.rfind('/') + 1);
    const std::string target = command_.words.size() > 1 ? command_.words[1] : base;
    if (target == "-") return print(name, replica());
    // The file system is asked first: what it does not have makes no local file.
    std::optional<LocalOutput> output;
    Status opened;
    Meter meter(console_, backend_, moves());
    uint64_t total = 0, written = 0;
    ContentCall call{.name = name, .parameters = replica()};
    call.head = [&](const ContentHead& head) {
      total = head.length.value_or(0);
      auto made = LocalOutput::open(target, name, console_, backend_);
      opened = made.status();
      if (made.ok()) output.emplace(*std::move(made));
    };
    call.bytes = [&](std::string_view bytes) {
      RS_RETURN_IF_ERROR(opened);
      written += bytes.size();
      meter.show(written, total);
      return output->write(bytes);
    };
    const auto head = download(call, &client_, console_);
    RS_RETURN_IF_ERROR(opened);
    if (!head.ok()) return head.status();
    RS_CHECK(output.has_value(), "a head came, and what it began is open");
    RS_RETURN_IF_ERROR(output->publish());
    meter.clear();
    if (command_.json) console_.out(head->file + "\n");
    if (!command_.json && !command_.quiet)
      console_.out("got " + name + ": " + rate_text(written, meter.seconds()) + "; in " + target + "\n");
    return Ok();
  }

  Status print(const std::string& name, const std::string& parameters) {
    ContentCall call{.name = name, .parameters = parameters};
    call.bytes = [this](std::string_view bytes) { return console_.out(bytes), Ok(); };
    const auto head = download(call, &client_, console_);
    if (!head.ok()) return head.status();
    if (command_.json && command_.kind != Kind::kTail) console_.err(head->file + "\n");  // data is on standard output
    return Ok();
  }

  Status tail() {
    constexpr uint64_t kUsual = 10;
    uint64_t lines = kUsual;
    const std::string& given = command_.lines;
    const auto read = std::from_chars(given.data(), given.data() + given.size(), lines);
    const bool number = read.ec == std::errc() && read.ptr == given.data() + given.size();
    if (!given.empty() && (!number || lines > kMostLines))
      return make_error(ErrorId::kBadValue, "--lines " + given + ": a number up to 1,000,000 is wanted");
    const auto from = start_of_last(command_.words[0], lines);
    if (!from.ok()) return from.status();
    return print(command_.words[0], "from=" + std::to_string(*from) + (command_.follow ? "&follow=true" : ""));
  }

  // Where the last lines begin: more and more of the end is looked at, and nothing of it is kept.
  StatusOr<uint64_t> start_of_last(const std::string& name, uint64_t lines) {
    for (uint64_t window = 64 << 10;; window *= 8) {
      std::deque<uint64_t> begins;  // of lines, the newest
      uint64_t at = 0, first = 0;
      ContentCall call{.name = name, .parameters = "last=" + std::to_string(window)};
      call.head = [&](const ContentHead& head) { at = first = head.from; };
      call.bytes = [&](std::string_view bytes) {
        for (size_t i = 0; (i = bytes.find('\n', i)) != std::string_view::npos; ++i) {
          begins.push_back(at + i + 1);
          if (begins.size() > lines + 1) begins.pop_front();
        }
        at += bytes.size();
        return Ok();
      };
      const auto head = download(call, &client_, console_);
      if (!head.ok()) return head.status();
      RS_CHECK(at >= first && begins.size() <= lines + 1, "no more is kept than is asked for");
      const bool open_end = begins.empty() || begins.back() != at;  // the last line has no line end yet
      const uint64_t wanted = lines + (open_end ? 0 : 1);
      if (lines == 0) return at;
      if (begins.size() >= wanted) return begins[begins.size() - wanted];
      if (first == 0) return uint64_t{0};
    }
  }

  const ClientCommand& command_;
  const Console& console_;
  const ClientBackend& backend_;
  ApiClient& client_;
  std::function<bool()> cancelled_;
};
}  // namespace

StatusOr<int> run_transfer(const ClientCommand& command, const Console& console, const ClientBackend& backend,
                           ApiClient* client, const std::function<bool()>& cancelled) {
  RS_RETURN_IF_ERROR(Transfer(command, console, backend, client, cancelled).run());
  return static_cast<int>(Exit::kOk);
}
}  // namespace rs
