#include "base/check.h"
#include "base/error.h"
#include "node/api/handlers.h"
#include "node/api/json.h"

namespace rs {
namespace {
using Kind = FileOrder::Kind;
constexpr int64_t kErrorMs = 3'000;  // so long an error may still become the status of the answer

Json json_of(const StoreUsage& usage) {
  return {{"node", usage.node},
          {"address", usage.address},
          {"files", usage.files},
          {"bytes", usage.bytes},
          {"disk_bytes", usage.disk_bytes}};
}

Json json_of(const FileProblem& problem) {
  Json json = {{"problem", problem.what}};
  if (!problem.node.empty()) json["node"] = problem.node;
  if (!problem.name.empty()) json["name"] = problem.name;
  return json;
}

// An object a line, and a last one that tells the end.
class RowSource final : public BodySource {
 public:
  RowSource(std::unique_ptr<FileTicket> ticket, bool with_replicas)
      : ticket_(std::move(ticket)), with_replicas_(with_replicas) {}

  State pull(size_t at_most, std::string* to) override {
    const size_t limit = to->size() + at_most;
    while (to->size() < limit) {
      if (at_ == pending_.size() && (ended_ || !take(ticket_->next()))) break;
      const size_t size = std::min(limit - to->size(), pending_.size() - at_);
      to->append(pending_, at_, size);
      at_ += size;
    }
    return ended_ && at_ == pending_.size() ? State::kEnd : State::kOpen;
  }

  // False: it was nothing.
  bool take(const FileStep& step) {
    RS_CHECK(!ended_ && at_ == pending_.size(), "a row is handed out before the next one comes");
    at_ = 0;
    pending_.clear();
    switch (step.kind) {
      case FileStep::Kind::kNothing:
        return false;
      case FileStep::Kind::kFile:
        ++files_;
        bytes_ += step.file.size;
        pending_ = json_line(rs::json_of(step.file, with_replicas_));
        return true;
      case FileStep::Kind::kUsage:
        files_ += step.usage.files;
        bytes_ += step.usage.bytes;
        pending_ = json_line(json_of(step.usage));
        return true;
      case FileStep::Kind::kProblem:
        ++problems_;
        pending_ = json_line(json_of(step.problem));
        return true;
      case FileStep::Kind::kEnd:
        end(step.status);
        return true;
    }
    RS_CHECK(false, "a step is of one kind");
  }

 private:
  void end(const Status& status) {
    ended_ = true;
    Json json = {{"end", true}, {"files", files_}, {"bytes", bytes_}, {"problems", problems_}};
    if (!status.ok()) json["error"] = problem_json(status);
    pending_ = json_line(json);
  }

  const std::unique_ptr<FileTicket> ticket_;
  const bool with_replicas_;
  std::string pending_;  // one row
  size_t at_ = 0;        // of it: what is handed out
  bool ended_ = false;
  uint64_t files_ = 0, bytes_ = 0, problems_ = 0;
};

// Rows as they come. An error that comes at once is the answer's status; a later one stands in the last line.
class RowsReply final : public LateReply {
 public:
  RowsReply(std::unique_ptr<FileTicket> ticket, bool with_replicas)
      : ticket_(std::move(ticket)), with_replicas_(with_replicas) {}

  std::optional<StatusOr<ApiReply>> poll(int64_t waited_ms) override {
    RS_CHECK(ticket_ != nullptr, "it is asked until it has answered");
    const FileStep first = ticket_->next();
    if (first.kind == FileStep::Kind::kNothing && waited_ms < kErrorMs) return std::nullopt;
    if (first.kind == FileStep::Kind::kEnd && !first.status.ok()) return first.status;
    auto rows = std::make_unique<RowSource>(std::move(ticket_), with_replicas_);
    rows->take(first);
    return ApiReply{200, "application/jsonl", "", std::move(rows), "\n"};
  }

 private:
  std::unique_ptr<FileTicket> ticket_;
  const bool with_replicas_;
};

// The one file that the order is about, with what was wrong on the way.
class FileReply final : public LateReply {
 public:
  explicit FileReply(std::unique_ptr<FileTicket> ticket) : ticket_(std::move(ticket)) {}

  std::optional<StatusOr<ApiReply>> poll(int64_t) override {
    for (;;) {
      const FileStep step = ticket_->next();
      switch (step.kind) {
        case FileStep::Kind::kNothing:
          return std::nullopt;
        case FileStep::Kind::kFile:
          RS_CHECK(file_.is_null(), "one file");
          file_ = rs::json_of(step.file);
          break;
        case FileStep::Kind::kProblem:
          problems_.push_back(json_of(step.problem));
          break;
        case FileStep::Kind::kUsage:
          RS_CHECK(false, "usage is a list");
        case FileStep::Kind::kEnd:
          if (!step.status.ok()) return step.status;
          RS_CHECK(!file_.is_null(), "an order about a file brings it, or fails");
          if (!problems_.empty()) file_["problems"] = problems_;
          return json_reply(file_);
      }
    }
  }

 private:
  const std::unique_ptr<FileTicket> ticket_;
  Json file_;
  Json problems_ = Json::array();
};

StatusOr<ApiReply> rows(const ApiRequest& request, const NodeService& node, Kind kind) {
  const auto files = files_of(node);
  if (!files.ok()) return files.status();
  const std::string* prefix = request.parameter("prefix");
  ApiReply reply;
  reply.late =
      std::make_unique<RowsReply>((*files)->begin({.kind = kind, .name = prefix ? *prefix : ""}), kind != Kind::kList);
  return reply;
}

StatusOr<ApiReply> one_file(const ApiRequest& request, const NodeService& node, Kind kind) {
  const auto files = files_of(node);
  if (!files.ok()) return files.status();
  ApiReply reply;
  reply.late = std::make_unique<FileReply>((*files)->begin({.kind = kind, .name = request.words.at(0)}));
  return reply;
}
}  // namespace

StatusOr<ApiReply> get_files(const ApiRequest& request, const NodeService& node) {
  const auto store = read_flag("store", request.parameter("store"));
  if (!store.ok()) return store.status();
  if (*store && request.parameter("prefix")) return bad_field("store", "a store has no prefix: one of both");
  return rows(request, node, *store ? Kind::kStore : Kind::kList);
}

StatusOr<ApiReply> get_check(const ApiRequest& request, const NodeService& node) {
  return rows(request, node, Kind::kCheck);
}
StatusOr<ApiReply> get_usage(const ApiRequest& request, const NodeService& node) {
  return rows(request, node, Kind::kUsage);
}
StatusOr<ApiReply> get_file(const ApiRequest& request, const NodeService& node) {
  return one_file(request, node, Kind::kStat);
}
StatusOr<ApiReply> delete_file(const ApiRequest& request, const NodeService& node) {
  return one_file(request, node, Kind::kRemove);
}

// A merge may have much to mend, so its answer is a stream too.
StatusOr<ApiReply> post_merge(const ApiRequest& request, const NodeService& node) {
  const auto files = files_of(node);
  if (!files.ok()) return files.status();
  ApiReply reply;
  reply.late = std::make_unique<RowsReply>((*files)->begin({.kind = Kind::kMerge, .name = request.words.at(0)}), true);
  return reply;
}

StatusOr<ApiReply> get_ring(const ApiRequest&, const NodeService& node) {
  const auto files = files_of(node);
  if (!files.ok()) return files.status();
  Json members = Json::array();
  for (const RingMember& member : (*files)->ring())
    members.push_back({{"name", member.node},
                       {"id", member.id},
                       {"address", member.address},
                       {"state", member.state},
                       {"ring_id", member.ring_id}});
  return json_reply({{"members", members}});
}
}  // namespace rs
