#include "cli/client/grep.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/client/render.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "node/api/output_frames.h"
#include "node/api/routes.h"

namespace rs {
namespace {
// kBadValue: what JSON cannot carry.
StatusOr<std::string> request_of(const ClientCommand& command) {
  const nlohmann::json body = {{"arguments", command.words}, {"files", command.files}, {"nodes", command.nodes}};
  std::string text = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() > kMostRequestBytes)
    return make_error(
        ErrorId::kBadValue,
        "a pattern with its options has at most 64 KiB, this one has " + std::to_string(text.size() >> 10),
        {{"next", "ask for less at a time"}});
  if (nlohmann::json::parse(text) == body) return text;
  return make_error(ErrorId::kBadValue, "a pattern that is no UTF-8 cannot be sent",
                    {{"next", "write the bytes as -P '\\xNN'"}});
}

// With grep's own option for it there is no word but the exit code.
bool is_silent(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 3> kSilent = {"-q", "--quiet", "--silent"};
  return std::find_first_of(words.begin(), words.end(), kSilent.begin(), kSilent.end()) != words.end();
}

class Grep {
 public:
  Grep(const ClientCommand& command, const Console& console)
      : command_(command), console_(console), tells_(!command.json && !is_silent(command.words)) {}

  // False: nobody reads any more, or these are no lines of grep.
  bool take(std::string_view piece) {
    if (command_.json) {
      take_lines(piece);
    } else {
      const Status fed = frames_.feed(piece, [this](OutputFrame kind, std::string_view bytes) {
        kind == OutputFrame::kOutput ? console_.out(bytes) : summarize(bytes);
      });
      if (!fed.ok()) status_ = fed;
    }
    return status_.ok() && !console_.out_fault();
  }

  StatusOr<int> end(const Status& stream) {
    RS_RETURN_IF_ERROR(status_);
    if (console_.out_fault()) return static_cast<int>(Exit::kOk);  // what that means is said for all commands alike
    RS_RETURN_IF_ERROR(stream);
    if (!ended_) return make_error(ErrorId::kUnreachable, "the answer ended before all nodes were through");
    return code_;
  }

 private:
  // The lines go through as they are, but for empty ones, which only tell that the node lives; the last is looked at.
  void take_lines(std::string_view piece) {
    input_.append(piece);
    std::string shown;
    size_t at = 0;
    for (size_t end; (end = input_.find('\n', at)) != std::string::npos; at = end + 1) {
      const std::string_view line = std::string_view(input_).substr(at, end - at);
      if (!line.empty()) shown.append(line) += '\n';
      if (line.starts_with("{\"end\":")) summarize(line);
    }
    input_.erase(0, at);
    console_.out(shown);
  }

  void summarize(std::string_view json) {
    const auto summary = read_summary(json);
    if (!summary.ok()) {
      status_ = summary.status();
    } else if (summary->end) {
      ended_ = true;
      code_ = summary->exit_code;
      if (tells_) console_.err(total(*summary));
    } else {
      answered_ += summary->problem.empty();
      const std::string lines = count_of(summary->matches, "line", "lines");
      if (tells_)
        console_.err(summary->node + ": " + lines + (summary->problem.empty() ? "" : "; " + summary->problem) + "\n");
    }
  }

  std::string total(const GrepSummary& summary) const {
    std::string text =
        "total: " + count_of(summary.matches, "line", "lines") + " on " + count_of(answered_, "node", "nodes");
    if (summary.partial) text += "; the answer is partial";
    if (!summary.problem.empty()) text += "; " + summary.problem;
    return text + "\n";
  }

  const ClientCommand& command_;
  const Console& console_;
  const bool tells_;  // counts and reasons, to people
  FrameReader frames_;
  std::string input_;
  Status status_;
  bool ended_ = false;
  int code_ = 0;
  uint64_t answered_ = 0;
};
}  // namespace

StatusOr<int> run_grep(const ClientCommand& command, const Console& console, ApiClient* client) {
  auto body = request_of(command);
  if (!body.ok()) return body.status();
  io::HttpCall call{.method = "POST", .target = "/api/v1/grep", .body = *std::move(body)};
  if (!command.json) call.headers.emplace_back("Accept", std::string(kFramesType));
  Grep grep(command, console);
  return grep.end(client->stream(std::move(call), [&](std::string_view piece) { return grep.take(piece); }));
}
}  // namespace rs
