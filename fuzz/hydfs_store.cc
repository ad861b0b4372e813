// Any bytes as superblock, segments and index of a store: an answer, never a crash. What is accepted once is accepted
// again, and says the same. Mended files get past the checksums, so that what is behind them is tried too.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "hydfs/store/record.h"
#include "hydfs/store/rig.h"
#include "hydfs/store/segment.h"
#include "hydfs/store/superblock.h"

namespace {
using namespace rs::hydfs;
using namespace rs::hydfs::store;
constexpr uint64_t kStore = 7;

// Each piece of the input becomes a record with right checksums: kind, group, index, number, mark, length, payload.
std::string mended_segment(uint64_t number, rs::ByteReader* in, IndexBuilder* index) {
  std::string out = encode_segment_header(kStore, number);
  for (auto count = in->fixed<uint8_t>(); count > 0 && in->remaining() > 0; --count) {
    Record record;
    record.kind = static_cast<RecordKind>(in->fixed<uint8_t>() % 6);
    record.group = GroupId(in->fixed<uint8_t>() % 3);
    record.entry.at = {ViewNumber(1), LogIndex(in->fixed<uint8_t>() + 1u)};
    record.number = in->fixed<uint8_t>() + 1u;
    record.synced = std::min<uint64_t>(in->fixed<uint16_t>() * kAlign, out.size());
    const std::string_view payload = in->raw(std::min<size_t>(in->fixed<uint8_t>(), in->remaining()));
    record.entry.length = static_cast<uint32_t>(payload.size());
    const uint64_t offset = out.size();
    put_record(&out, {kStore, number, offset}, &record, record.kind == RecordKind::kEntry ? payload : "");
    index->add(offset, std::string_view(out).substr(offset));
    if (record.kind == RecordKind::kEntry) out += payload;
    out.resize(padded(out.size()));
    if (in->fixed<uint8_t>() == 0) out += std::string(in->raw(std::min<size_t>(8, in->remaining())));
    out.resize(padded(out.size()));
  }
  return out;
}

void put_files(Rig* rig, uint8_t how, rs::ByteReader* in) {
  Superblock block;
  block.version = 1;
  block.store = kStore;
  block.floor = in->fixed<uint8_t>() + 1u;
  const uint64_t first = in->fixed<uint8_t>() + 1u, behind = first + in->fixed<uint8_t>();
  IndexBuilder index, unused;
  const std::string sealed = mended_segment(1, in, &index);
  const uint64_t end = how % 3 == 0 ? in->fixed<uint8_t>() * kAlign + kAlign : sealed.size();
  block.segments = {{1, first, end, 64, behind}, {2, behind, 0, in->fixed<uint8_t>() * kAlign, 0}};
  for (uint16_t group = 0; group < 2; ++group) block.groups[GroupId(group)] = {row_of(group + 1u), 1, {}};
  block.groups[GroupId(0)].born = in->fixed<uint8_t>() % 8 + 1u;
  block.groups[GroupId(1)].cut(in->fixed<uint8_t>(), in->fixed<uint8_t>());
  block.bad[{GroupId(1), LogIndex(in->fixed<uint8_t>() + 1u)}] = in->fixed<uint8_t>();
  for (int copy = 0; copy < 2; ++copy)
    rig->world.disk.put(SuperblockFiles::path("store", copy), encode_superblock(block, copy == 1));
  rig->world.disk.put(segment_path("store", 1), sealed);
  if (how % 2 == 0) rig->world.disk.put(index_path("store", 1), index.encode(kStore, 1, end));
  rig->world.disk.put(segment_path("store", 2), mended_segment(2, in, &unused));
}

std::map<GroupId, std::vector<std::string>> logs(Rig* rig) {
  std::map<GroupId, std::vector<std::string>> out;
  const Recovered found = rig->found;
  for (const auto& [id, group] : found.groups) out[id] = rig->log(id.value);
  return out;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  Rig rig;
  if (data[0] % 4 == 0) {
    const std::string paths[] = {SuperblockFiles::path("store", 0), segment_path("store", 1), index_path("store", 1)};
    rig.world.disk.put(paths[data[1] % 3], bytes);
    static_cast<void>(decode_superblock(bytes, "x"));
    static_cast<void>(scan_segment(bytes, kStore, 1));
    static_cast<void>(decode_index(bytes, kStore, 1, size));
  } else {
    rs::ByteReader in(bytes);
    put_files(&rig, data[1], &in);
  }
  if (!rig.boot().ok()) return 0;
  const auto found = logs(&rig);
  rig.lose_power();
  RS_CHECK(rig.boot().ok(), "a store that was recovered is sound");
  const auto again = logs(&rig);
  RS_CHECK(found.size() == again.size(), "a second recovery finds the same groups");
  for (const auto& [id, log] : found) {
    RS_CHECK(again.count(id) != 0 && again.at(id).size() == log.size(), "and as long logs");
    for (size_t i = 0; i < log.size(); ++i)  // what was called bad, and could be read when it was carried, is good
      RS_CHECK(log[i] == "?" || log[i] == again.at(id)[i], "a second recovery finds the same");
  }
  return 0;
}
