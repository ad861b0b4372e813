#include "cli/client/fs.h"

#include "base/check.h"
#include "base/error.h"
#include "cli/client/fields.h"
#include "cli/client/fs_render.h"
#include "cli/exit_codes.h"
#include "cli/format.h"
#include "node/api/problem.h"
#include "node/api/target.h"

namespace rs {
namespace {
using Kind = ClientCommand::Kind;
using Rows = std::vector<std::string>;
constexpr int64_t kAnswerMs = 20'000;   // the file system itself gives up after 15 s without any progress
constexpr size_t kRowsAtATime = 1'000;  // a table is as wide as its rows; of a long list not all are kept
constexpr int kAnyError = 500;

class Files {
 public:
  Files(const ClientCommand& command, const Console& console, ApiClient* client)
      : command_(command), console_(console), client_(*client) {}

  StatusOr<int> run() {
    switch (command_.kind) {
      case Kind::kFiles:
        return ls();
      case Kind::kStat:
        return each([this](const std::string& name) { return stat(name); });
      case Kind::kRemove:
        return each([this](const std::string& name) { return remove(name); });
      case Kind::kMerge:
        return each([this](const std::string& name) { return merge(name); });
      case Kind::kUsage:
        return list("/api/v1/usage" + prefix(), usage_table);
      case Kind::kCheck:
        return check();
      default:
        break;
    }
    RS_CHECK(false, "transfers are served elsewhere");
  }

 private:
  static std::string path_of(const std::string& name) { return "/api/v1/files/" + encode_component(name); }
  std::string prefix() const { return command_.words.empty() ? "" : "?prefix=" + encode_component(command_.words[0]); }

  // All are done, or the first that fails is told.
  template <class Act>
  StatusOr<int> each(Act act) {
    for (const std::string& name : command_.words) RS_RETURN_IF_ERROR(act(name));
    return static_cast<int>(Exit::kOk);
  }

  // A name is one file; else all whose names begin so.
  StatusOr<int> ls() {
    if (command_.store) return list("/api/v1/files?store", store_table);
    if (command_.words.empty()) return list("/api/v1/files", files_table);
    const std::string& name = command_.words[0];
    const Status found = name.ends_with('/') ? make_error(ErrorId::kFileMissing, "a folder is no file") : stat(name);
    if (found.ok()) return static_cast<int>(Exit::kOk);
    if (error_id(found) != ErrorId::kFileMissing) return found;
    const auto code = list("/api/v1/files" + prefix(), files_table);
    if (code.ok() && rows_ == 0 && problems_ == 0)
      return make_error(ErrorId::kFileMissing, "no file is called " + name + ", and no name begins so",
                        {{"next", "rainstorm fs ls shows all of them"}});
    return code;
  }

  Status stat(const std::string& name) {
    const auto file = client_.send({.target = path_of(name), .answer_ms = kAnswerMs});
    if (!file.ok()) return file.status();
    console_.out(command_.json ? *file : file_text(*file));
    return Ok();
  }

  Status remove(const std::string& name) {
    const auto file = client_.send({.method = "DELETE", .target = path_of(name), .answer_ms = kAnswerMs});
    if (error_id(file.status()) == ErrorId::kTimedOut)
      return make_error(ErrorId::kFsUnknownOutcome, "it is not known whether " + name + " was removed",
                        {{"next", "rainstorm fs stat " + name}});
    if (!file.ok()) return file.status();
    if (command_.json) console_.out(*file);
    if (!command_.json && !command_.quiet)
      console_.out("removed " + name + ": " + count_of(number_in(read_json(*file), "size"), "byte", "bytes") + "\n");
    return Ok();
  }

  Status merge(const std::string& name) {
    return stream("POST", path_of(name) + "/merge", [this, &name](const std::string& row) {
      if (command_.json) return console_.out(row + "\n");
      if (!command_.quiet)
        console_.out("merged " + name + ": " + count_of(number_in(read_json(row), "size"), "byte", "bytes") +
                     ", identical on " + replica_nodes(row) + "\n");
    });
  }

  StatusOr<int> check() {
    uint64_t bytes = 0;
    const Status sound = stream("GET", "/api/v1/check" + prefix(), [&](const std::string& row) {
      bytes += number_in(read_json(row), "size");
      if (command_.json) console_.out(row + "\n");
    });
    if (!sound.ok()) return sound;
    if (!command_.json && !command_.quiet)
      console_.out(count_of(rows_, "file", "files") + ", " + bytes_text(static_cast<double>(bytes)) +
                   ": all replicas are identical\n");
    return code();
  }

  StatusOr<int> list(const std::string& target, std::string (*table)(const Rows&)) {
    Rows kept;
    const auto show = [&] {
      if (!kept.empty()) console_.out(table(kept));
      kept.clear();
    };
    const Status ended = stream("GET", target, [&](const std::string& row) {
      if (command_.json) return console_.out(row + "\n");
      kept.push_back(row);
      if (kept.size() == kRowsAtATime) show();
    });
    show();
    if (!ended.ok()) return ended;
    return code();
  }

  int code() const { return static_cast<int>(problems_ > 0 ? Exit::kPartial : Exit::kOk); }

  // Rows go to `row`, problems to standard error.
  template <class Row>
  Status stream(const std::string& method, const std::string& target, Row row) {
    std::string input;
    Status status;
    bool ended = false;
    rows_ = problems_ = 0;
    const auto take = [&](const std::string& line) {
      const Json json = read_json(line);
      if (!json.is_object()) {
        status = make_error(ErrorId::kApiAnswer, "the answer is no row", {{"next", "is that a node of this version?"}});
      } else if (has(json, "end")) {
        ended = true;
        if (has(json, "error")) status = problem_status({kAnyError, {}, dumped(json["error"])});
      } else if (has(json, "problem")) {
        ++problems_;
        console_.err(command_.json ? line + "\n" : problem_line(line));
      } else {
        ++rows_;
        row(line);
      }
    };
    const Status stream = client_.stream({.method = method, .target = target}, [&](std::string_view piece) {
      input.append(piece);
      size_t at = 0;
      for (size_t end; status.ok() && (end = input.find('\n', at)) != std::string::npos; at = end + 1)
        if (end > at) take(input.substr(at, end - at));
      input.erase(0, at);
      return status.ok() && !console_.out_fault();
    });
    RS_RETURN_IF_ERROR(status);
    if (console_.out_fault()) return Ok();
    RS_RETURN_IF_ERROR(stream);
    return ended ? Ok() : make_error(ErrorId::kUnreachable, "the answer ended before it was whole");
  }

  const ClientCommand& command_;
  const Console& console_;
  ApiClient& client_;
  uint64_t rows_ = 0, problems_ = 0;
};
}  // namespace

bool is_fs(Kind kind) { return kind >= Kind::kFiles && kind <= Kind::kCheck; }

StatusOr<int> run_fs(const ClientCommand& command, const Console& console, const ClientBackend& backend,
                     ApiClient* client, const std::function<bool()>& cancelled) {
  RS_CHECK(is_fs(command.kind), "it is a command about files");
  switch (command.kind) {
    case Kind::kPut:
    case Kind::kGet:
    case Kind::kCat:
    case Kind::kTail:
    case Kind::kAppend:
      return run_transfer(command, console, backend, client, cancelled);
    default:
      break;
  }
  RS_RETURN_IF_ERROR(client->choose(command.store ? ApiClient::Whose::kOne : ApiClient::Whose::kAny));
  return Files(command, console, client).run();
}
}  // namespace rs
