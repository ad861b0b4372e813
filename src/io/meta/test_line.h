// Tests only: a line that loses what it is told to lose.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "io/meta/line.h"

namespace rs::io {
class LossyMetaLine final : public MetaLine {
 public:
  enum class Loss { kNone, kAsk, kAnswer };
  explicit LossyMetaLine(std::unique_ptr<MetaLine> line) : line_(std::move(line)) {}

  Loss next = Loss::kNone;                                                 // what happens to the next transaction
  bool cut = false;                                                        // nothing gets through any more
  std::optional<MetaAsk> held;                                             // the ask that was lost
  void arrive_late() { line_->send(*std::exchange(held, std::nullopt)); }  // and nobody hears the answer
  void end_watches() {                                                     // as when a connection breaks
    for (const MetaAskId id : std::exchange(watches_, {})) own_.emplace_back(MetaUnseen{id});
  }
  void order(MetaQuestion question) { line_->send({MetaAskId(UINT64_MAX), std::move(question)}); }
  uint64_t asks = 0;

  bool send(const MetaAsk& ask) override {
    ++asks;
    const bool is_watch = std::holds_alternative<MetaWatch>(ask.question);
    if (cut) return is_watch ? own_.emplace_back(MetaUnseen{ask.id}) : own_.emplace_back(lost(ask.id)), true;
    if (is_watch) watches_.insert(ask.id);
    if (std::holds_alternative<MetaTransact>(ask.question) && next != Loss::kNone) {
      if (std::exchange(next, Loss::kNone) == Loss::kAsk) {
        held = ask;
        own_.emplace_back(lost(ask.id));
        return true;
      }
      swallowed_ = ask.id;
    }
    return line_->send(ask);
  }
  std::vector<MetaReply> take() override {
    std::vector<MetaReply> replies;
    for (MetaReply& reply : line_->take()) {
      auto* answer = std::get_if<MetaAnswer>(&reply);
      const auto* seen = std::get_if<MetaSeen>(&reply);
      if (cut || (seen && watches_.count(seen->id) == 0)) continue;
      if (answer && answer->id == swallowed_ && answer->id.value != 0) reply = lost(std::exchange(swallowed_, {}));
      replies.push_back(std::move(reply));
    }
    for (MetaReply& reply : std::exchange(own_, {})) replies.push_back(std::move(reply));
    return replies;
  }
  int64_t step() override { return own_.empty() ? line_->step() : INT64_MIN; }
  Status health() override { return line_->health(); }

 private:
  static MetaAnswer lost(MetaAskId id) { return {id, absl::UnavailableError("lost"), 0, {}}; }

  const std::unique_ptr<MetaLine> line_;
  std::vector<MetaReply> own_;
  std::set<MetaAskId> watches_;
  MetaAskId swallowed_;
};
}  // namespace rs::io
