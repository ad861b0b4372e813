// Any bytes as the segments of a journal: an answer, never a crash. What is accepted once is accepted again, and says
// the same. Mended segments get past the checksums, so that what is behind them is tried too.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "node/journal/rig.h"

namespace {
constexpr uint32_t kTasks = 4;

// Each piece of the input becomes a group with a right checksum: mark u16 (times kAlign), length u16, payload.
std::string mended(uint64_t number, uint64_t previous_end, rs::ByteReader* in) {
  using namespace rs::journal;
  std::string groups;
  const uint64_t born = in->fixed<uint8_t>() * kAlign;
  for (auto count = in->fixed<uint8_t>(); count > 0 && in->remaining() > 0; --count) {
    const uint64_t at = kHeaderBytes + groups.size();
    const uint64_t mark = std::min<uint64_t>(in->fixed<uint16_t>() * kAlign, at);
    const size_t length = std::min<size_t>(in->fixed<uint16_t>(), in->remaining());
    std::string group = empty_group().append(in->raw(length));
    seal_group(&group, {1, number, at}, mark);
    groups += group;
  }
  return encode_header({1, number, previous_end, born}) + groups;
}

using Found = std::map<uint32_t, std::vector<std::string>>;
Found open_all(rs::Rig* rig) {
  Found found;
  for (uint32_t task = 0; task < kTasks; ++task) {
    const rs::Status status = rig->open(task, UINT64_MAX - 2 + rig->incarnation);
    if (status.ok()) found[task] = rig->found(task);
    RS_CHECK(status.ok() || absl::IsFailedPrecondition(status), "only a higher writer refuses");
  }
  return found;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  rs::Rig rig;
  if (data[0] % 2 == 0) {
    rig.world.disk.put(rs::journal::segment_path("state", 1), bytes);
  } else {
    rs::ByteReader in(bytes);
    const std::string first = mended(1, 0, &in);
    rig.world.disk.put(rs::journal::segment_path("state", 1), first);
    const uint64_t end = data[0] % 4 == 1 ? first.size() : in.fixed<uint16_t>() * rs::journal::kAlign;
    if (in.remaining() > 0) rig.world.disk.put(rs::journal::segment_path("state", 2), mended(2, end, &in));
  }
  if (!rig.boot().ok()) return 0;
  const Found found = open_all(&rig);
  rig.lose_power();
  RS_CHECK(rig.boot().ok(), "a journal that was recovered is sound");
  ++rig.incarnation;
  const Found again = open_all(&rig);
  for (const auto& [task, records] : again)
    RS_CHECK(found.count(task) == 0 || found.at(task) == records, "a second recovery finds the same");
  return 0;
}
