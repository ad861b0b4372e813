// Hostile bytes as a payload of each aggregate: an answer, never a crash; and what was accepted survives a snapshot.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "engine/aggregate.h"
#include "engine/aggregate/payload.h"

namespace {
std::string all_finals(rs::Folder* folder) {
  std::string lines;
  folder->finals([&](std::string_view piece) { lines += piece; });
  return lines;
}

void try_fold(rs::AggregateSpec::Fold fold, std::string_view payload) {
  const rs::AggregateSpec spec{fold, {}, {}, 3};
  const auto folder = rs::make_folder(spec);
  folder->track_changes(true);
  const rs::Status status = folder->fold(payload);
  if (!status.ok()) {
    RS_CHECK(absl::IsDataLoss(status) || absl::IsInvalidArgument(status), "malformed or too big");
    return;
  }
  const auto restored = rs::make_folder(spec);
  folder->snapshot(
      [&](rs::KeyGroup, std::string_view piece) { RS_CHECK(restored->fold(piece).ok(), "our own bytes"); });
  RS_CHECK(all_finals(restored.get()) == all_finals(folder.get()), "a snapshot holds everything");
  std::string changed;
  folder->take_changed(&changed);
  RS_CHECK(changed == all_finals(folder.get()), "each key has changed");
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  using Fold = rs::AggregateSpec::Fold;
  for (const Fold fold : {Fold::kCount, Fold::kSum, Fold::kMin, Fold::kMax, Fold::kTop}) try_fold(fold, payload);

  for (std::string_view rest = payload; !rest.empty();) {
    const size_t entry = rs::aggregate::entry_bytes(rest);
    RS_CHECK(entry <= rest.size(), "an entry lies in its payload");
    if (entry == 0) break;
    rest.remove_prefix(entry);
  }
  return 0;
}
