// A program at level 0 (design.md section 5): one process for each epoch's input, the next one already started. Its
// stdin ends with the input, each line it writes is a tuple, its exit code is the verdict.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/variants.h"
#include "engine/durable_task.h"
#include "engine/program_error.h"

namespace rs {
namespace {
constexpr int64_t kNapNs = 1'000'000;       // after a pipe had nothing to give or no room
constexpr int kTries = 4;                   // E15
constexpr int64_t kBackoffNs = 50'000'000;  // after the first failure; then twice as long each time

class ProgramWork : public EpochWork {
 public:
  ProgramWork(const TaskSpec& spec, Chain* chain, io::Children* children, io::Clock* clock)
      : spec_(*spec.program), chain_(chain), children_(children), clock_(clock) {}

  void chunk(Chunk chunk) override { overlay_.push_back(without_keys(std::move(chunk))); }
  void discard() override { overlay_.clear(); }
  void seal() override {
    RS_CHECK(!child_, "one epoch at a time");
    closing_ = std::move(overlay_);
    overlay_.clear();
    // In the order of the splits, whichever source read them; a split comes over one channel, in order.
    std::stable_sort(closing_.begin(), closing_.end(),
                     [](const Chunk& a, const Chunk& b) { return a.origin.split < b.origin.split; });
    tries_ = 0;
  }

  StatusOr<bool> run(const ClosedEpoch& closed, io::Wake* wake) override {
    if (closing_.empty()) return true;  // nothing to do: no process
    RS_CHECK(closing_.front().epoch == closed.epoch && tries_ < kTries, "this epoch's input, and a try that is left");
    if (!child_) {
      if (clock_->now_ns() < again_ns_) {
        *wake = {io::Wake::Kind::kAt, again_ns_};
        return false;
      }
      next_chunk_ = written_ = 0;
      stdin_closed_ = false;
      if (!broken(Variant::kRetryKeepsOutput)) output_.clear();
      RS_RETURN_IF_ERROR(next_ ? Ok() : start_next());
      child_ = std::move(next_);
      if (!closed.final) RS_RETURN_IF_ERROR(start_next());
    }
    bool moved = false;
    RS_RETURN_IF_ERROR(write(&moved));
    StatusOr<bool> ended = read(&moved);
    if (!ended.ok()) return ended.status();
    if (*ended) {
      io::ChildExit exit = child_->exit();
      if (exit.exited && (ended_well(spec_, exit) || ++tries_ == kTries)) return finish(exit, closed);
      if (exit.exited) {
        ++retries_;
        child_.reset();
        again_ns_ = clock_->now_ns() + (kBackoffNs << (tries_ - 1));
        *wake = {io::Wake::Kind::kAt, again_ns_};
        return false;
      }
    }
    if (moved && !*ended) {
      wake->kind = io::Wake::Kind::kAgain;
    } else {
      *wake = {io::Wake::Kind::kAt, clock_->now_ns() + kNapNs};
    }
    return false;
  }

  const std::vector<Chunk>& changes() const override { return no_changes_; }
  ProgramCounts counts() const override { return {retries_, unread_}; }

 private:
  Status start_next() {
    RS_CHECK(children_ != nullptr && !next_, "somebody starts programs, one ahead");
    StatusOr<std::unique_ptr<io::Child>> child = children_->start({.argv = spec_.argv, .env = spec_.env});
    if (!child.ok()) return program_not_started(spec_, child.status());
    next_ = *std::move(child);
    return Ok();
  }

  Status write(bool* moved) {
    while (!stdin_closed_) {
      if (next_chunk_ == closing_.size()) {
        child_->close_stdin();
        stdin_closed_ = true;
        break;
      }
      std::string_view rest = std::string_view(*closing_[next_chunk_].payload).substr(written_);
      StatusOr<size_t> taken = child_->write(rest);
      if (taken.status().code() == absl::StatusCode::kUnavailable) {  // it wants no more: fine if it exits with 0
        stdin_closed_ = true;
        ++unread_;
        break;
      }
      if (!taken.ok()) return taken.status();
      RS_CHECK(*taken <= rest.size(), "a pipe takes no more than it is given");
      if (*taken == 0) break;
      *moved = true;
      written_ += *taken;
      if (written_ == closing_[next_chunk_].bytes()) {
        ++next_chunk_;
        written_ = 0;
      }
    }
    return Ok();
  }

  StatusOr<bool> read(bool* moved) {
    while (true) {
      StatusOr<io::ReadResult> got = child_->read(buffer_);
      if (!got.ok()) return got.status();
      if (got->kind == io::ReadResult::Kind::kEof) return true;
      if (got->kind == io::ReadResult::Kind::kWait) return false;
      output_.append(buffer_.data(), got->size);
      *moved = true;
    }
  }

  StatusOr<bool> finish(const io::ChildExit& exit, const ClosedEpoch& closed) {
    if (!ended_well(spec_, exit)) {
      return program_failed(spec_, *child_,
                            absl::StrCat("epoch ", closed.epoch.value, ", split ", closing_.front().origin.split,
                                         " and what follows it"));
    }
    child_.reset();
    if (!output_.empty() && output_.back() != '\n') output_.push_back('\n');
    for (size_t begin = 0; begin < output_.size();) {
      size_t end = begin + std::min(kChunkBytes, output_.size() - begin);
      end = output_.find('\n', end - 1) + 1;
      RS_CHECK(end > begin, "the output ends with its last line");
      Run all{0, static_cast<uint32_t>(end - begin)};
      RS_RETURN_IF_ERROR(chain_->process(Batch{std::string_view(output_).substr(begin, end - begin), {&all, 1}}));
      begin = end;
    }
    output_.clear();
    return true;
  }

  const ProgramSpec& spec_;
  Chain* chain_;
  io::Children* children_;
  io::Clock* clock_;
  std::vector<Chunk> overlay_, closing_, no_changes_;
  std::unique_ptr<io::Child> child_, next_;
  size_t next_chunk_ = 0, written_ = 0;
  bool stdin_closed_ = false;
  int tries_ = 0;  // of this epoch that failed
  int64_t again_ns_ = 0;
  uint64_t retries_ = 0, unread_ = 0;
  std::string output_;
  std::vector<char> buffer_ = std::vector<char>(1u << 20);
};
}  // namespace

std::unique_ptr<EpochWork> make_program_work(const TaskSpec& spec, Chain* chain, io::Children* children,
                                             io::Clock* clock) {
  RS_CHECK(spec.program && !spec.program->argv.empty(), "a task that folds nothing runs a program");
  return std::make_unique<ProgramWork>(spec, chain, children, clock);
}
}  // namespace rs
