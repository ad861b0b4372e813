// An aggregate task's epochs: the overlay is the list of payloads that came; closing folds them into the state.
#include "base/check.h"
#include "base/error.h"
#include "base/variants.h"
#include "engine/durable_task.h"
#include "engine/text/scan.h"

namespace rs {
namespace {
class AggregateWork : public EpochWork {
 public:
  AggregateWork(const TaskSpec& spec, Chain* chain)
      : folder_(make_folder(*spec.fold)), emit_changes_(spec.emit_changes), chain_(chain) {}

  void chunk(Chunk chunk) override { overlay_.push_back(std::move(chunk)); }
  void discard() override { overlay_.clear(); }
  void seal() override {
    closing_ = std::move(overlay_);
    overlay_.clear();
  }

  StatusOr<bool> run(const ClosedEpoch& closed, io::Wake*) override {
    for (const Chunk& chunk : closing_) {
      RS_CHECK(chunk.kind == PayloadKind::kEntries && chunk.epoch == closed.epoch, "entries, of the closing epoch");
      RS_RETURN_IF_ERROR(folder_->fold(*chunk.payload));
    }
    Status status;
    auto emit = [&](std::string_view lines) {
      if (!status.ok() || lines.empty()) return;
      Run all{0, static_cast<uint32_t>(lines.size())};
      status = chain_->process(Batch{lines, {&all, 1}});
    };
    if (emit_changes_) {
      std::string lines;
      folder_->take_changed(&lines);
      emit(lines);
    } else if (closed.final) {
      folder_->finals(emit);
    }
    if (!status.ok()) return status;
    return true;
  }

  const std::vector<Chunk>& changes() const override { return closing_; }
  Folder* state() override { return folder_.get(); }

 private:
  std::unique_ptr<Folder> folder_;
  bool emit_changes_;
  Chain* chain_;
  std::vector<Chunk> overlay_, closing_;
};
}  // namespace

std::unique_ptr<EpochWork> make_aggregate_work(const TaskSpec& spec, Chain* chain) {
  return std::make_unique<AggregateWork>(spec, chain);
}
}  // namespace rs
