// For tests: a file system in memory, on three nodes that all store everything. It can be slow, full, or broken at any
// byte. All on the loop of the node; a test changes it between calls.
#pragma once
#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "node/file_service.h"

namespace rs {
class FakeFiles final : public FileService {
 public:
  struct Content {
    std::string bytes;
    uint64_t appends = 1, id = 0;
  };

  std::unique_ptr<FileTicket> begin(const FileOrder& order) override {
    orders.push_back(order);
    return std::make_unique<Ticket>(*this, order);
  }
  std::unique_ptr<FileUpload> upload(const UploadOrder& order) override {
    return std::make_unique<Upload>(*this, order);
  }
  std::unique_ptr<FileDownload> download(const DownloadOrder& order) override {
    downloads.push_back(order);
    return std::make_unique<Download>(*this, order);
  }
  std::vector<RingMember> ring() override {
    return {{"n3", "127.0.0.1:7003#1", "127.0.0.1:7003", "alive", "10"},
            {"n1", "127.0.0.1:7001#3", "127.0.0.1:7001", "alive", "20"},
            {"n2", "127.0.0.1:7002#1", "127.0.0.1:7002", "suspect", "30"}};
  }

  void put(const std::string& name, std::string bytes) { files[name] = {std::move(bytes), 1, ++last_id}; }

  std::map<std::string, Content> files;
  uint64_t last_id = 0;
  Status failure;                     // what everything ends with
  int slow = 0;                       // so many times nothing, before each step
  bool stuck = false;                 // nothing, for ever
  size_t room = SIZE_MAX;             // of an upload, every other time it is asked
  size_t break_at = SIZE_MAX;         // a download ends with `broken` behind so many bytes
  Status broken;                      // of a download; of an upload: what its commit ends with
  std::vector<FileProblem> problems;  // of lists and checks
  std::vector<FileOrder> orders;
  std::vector<DownloadOrder> downloads;
  std::atomic<int> open{0};  // tickets, uploads and downloads that are not destroyed yet
  std::function<void()> wake = [] {};

 private:
  FileInfo info(const std::string& name, bool replicas = true) const {
    const Content& content = files.at(name);
    FileInfo file{name, "f" + std::to_string(content.id), "15", content.bytes.size(), content.appends, {}};
    for (const char* node : {"n1", "n2", "n3"})
      if (replicas) file.replicas.push_back({node, std::string("127.0.0.1:700") + node[1], "20", file.size});
    return file;
  }
  Status missing(const std::string& name) const {
    return make_error(ErrorId::kFileMissing, "there is no file " + name, {{"next", "rainstorm fs ls"}});
  }

  struct Counted {
    explicit Counted(FakeFiles& all) : all(all), waits(all.slow) { ++all.open; }
    ~Counted() { --all.open; }
    bool waiting() {
      if (all.stuck) return true;
      if (waits-- > 0) return all.wake(), true;
      waits = all.slow;
      return false;
    }
    FakeFiles& all;
    int waits;
  };

  struct Ticket final : FileTicket, Counted {
    Ticket(FakeFiles& fake, const FileOrder& order) : Counted(fake) {
      using Kind = FileOrder::Kind;
      const bool one = order.kind == Kind::kStat || order.kind == Kind::kRemove || order.kind == Kind::kMerge;
      if (!all.failure.ok()) end.status = all.failure;
      if (end.status.ok() && one && !all.files.count(order.name)) end.status = all.missing(order.name);
      if (!end.status.ok()) return;
      for (const auto& [name, content] : all.files) {
        if (one ? name != order.name : !name.starts_with(order.name)) continue;
        if (order.kind != Kind::kUsage) steps.push_back({FileStep::Kind::kFile, all.info(name)});
      }
      if (order.kind == Kind::kUsage)
        for (const RingMember& member : all.ring())
          steps.push_back({FileStep::Kind::kUsage, {}, {member.node, member.address, all.files.size(), 7, 4096}});
      if (order.kind == Kind::kRemove) all.files.erase(order.name);
      for (const FileProblem& problem : all.problems) steps.push_back({FileStep::Kind::kProblem, {}, {}, problem});
      if (order.kind == Kind::kCheck && !all.problems.empty())
        end.status = make_error(ErrorId::kFsDiffers, "1 file differs");
    }
    FileStep next() override {
      if (waiting()) return {};
      return at < steps.size() ? steps[at++] : end;
    }
    std::vector<FileStep> steps;
    size_t at = 0;
    FileStep end{FileStep::Kind::kEnd};
  };

  struct Upload final : FileUpload, Counted {
    Upload(FakeFiles& fake, const UploadOrder& order) : Counted(fake), order(order) {}
    const UploadState& state() override {
      using Phase = UploadState::Phase;
      if (now.phase != Phase::kOpening && now.phase != Phase::kCommitting) return now;
      if (waiting()) return now;
      const bool exists = all.files.count(order.name) > 0, creates = order.kind == UploadOrder::Kind::kCreate;
      now.failure = !all.failure.ok()     ? all.failure
                    : creates && exists   ? make_error(ErrorId::kFileExists, order.name + " exists already")
                    : !creates && !exists ? all.missing(order.name)
                                          : Ok();
      if (now.failure.ok() && now.phase == Phase::kCommitting) now.failure = all.broken;
      if (!now.failure.ok()) {
        now.phase = Phase::kFailed;
      } else if (now.phase == Phase::kOpening) {
        now.phase = Phase::kWriting;
      } else {
        if (creates) all.put(order.name, "");
        Content& content = all.files[order.name];
        now.offset = content.bytes.size();
        content.appends += !creates;
        content.bytes += bytes;
        now.file = all.info(order.name);
        now.phase = Phase::kDone;
      }
      return now;
    }
    size_t room() override {
      if (all.stuck) return 0;
      if (all.room == SIZE_MAX) return SIZE_MAX;
      all.wake();
      return (full = !full) ? 0 : all.room;
    }
    void write(std::string_view more) override {
      bytes += more;
      now.taken_bytes = now.safe_bytes = bytes.size();
    }
    void commit() override { now.phase = UploadState::Phase::kCommitting; }
    UploadOrder order;
    bool full = false;
    UploadState now;
    std::string bytes;
  };

  struct Download final : FileDownload, Counted {
    Download(FakeFiles& fake, const DownloadOrder& order) : Counted(fake), order(order) {}
    DownloadPiece next(size_t at_most) override {
      using Kind = DownloadPiece::Kind;
      if (waiting()) return {};
      if (!all.failure.ok()) return {Kind::kEnd, {}, 0, {}, "", all.failure};
      const auto found = all.files.find(order.name);
      if (found == all.files.end()) return {Kind::kEnd, {}, 0, {}, "", all.missing(order.name)};
      const std::string& bytes = found->second.bytes;
      if (!begun) {
        begun = true;
        at = order.last ? bytes.size() - std::min<uint64_t>(*order.last, bytes.size()) : order.from;
        if (at > bytes.size())
          return {Kind::kEnd, {}, 0, {}, "", make_error(ErrorId::kApiRequest, "it begins behind the end of the file")};
        end = order.follow ? SIZE_MAX : at + std::min<uint64_t>(order.length.value_or(UINT64_MAX), bytes.size() - at);
        return {Kind::kHead, all.info(order.name), at, order.follow ? std::nullopt : std::optional<uint64_t>(end - at)};
      }
      if (at >= all.break_at) return {Kind::kEnd, {}, 0, {}, "", all.broken};
      if (at == end) return {Kind::kEnd};
      const size_t size = std::min({at_most, bytes.size() - at, end - at, all.break_at - at});
      if (size == 0) return {};
      at += size;
      return {Kind::kBytes, {}, 0, {}, bytes.substr(at - size, size)};
    }
    DownloadOrder order;
    bool begun = false;
    size_t at = 0, end = 0;
  };
};
}  // namespace rs
