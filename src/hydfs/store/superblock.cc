#include "hydfs/store/superblock.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/failpoint.h"
#include "base/hash.h"
#include "hydfs/store/disk.h"

namespace rs::hydfs::store {
namespace {
constexpr std::string_view kMagic = "RSHYSUP\n";
constexpr uint32_t kFormat = 1;
constexpr size_t kCrcAt = 12, kLengthAt = 16, kHeaderBytes = 24;  // magic, format, checksum, length, which copy
constexpr size_t kMaxBytes = size_t{64} << 20;
constexpr uint8_t kFrozen = 1, kInDoubt = 2, kLearner = 4;

void put_row(std::string* out, const GroupRow& group) {
  const ReplicaRow& row = group.row;
  const bool learner = row.source != Uuid();
  put_uuid(out, row.replica);
  put_varint(out, row.view.value);
  out->push_back(
      static_cast<char>((row.frozen ? kFrozen : 0) | (row.in_doubt ? kInDoubt : 0) | (learner ? kLearner : 0)));
  if (learner) put_uuid(out, row.source);
  put_varint(out, group.born);
  put_varint(out, group.cuts.size());
  for (const Cut& cut : group.cuts) {
    put_varint(out, cut.kept);
    put_varint(out, cut.before);
  }
}

bool take_row(ByteReader* in, GroupRow* group) {
  group->row.replica = take_uuid(in);
  group->row.view = ViewNumber(in->varint());
  const auto flags = in->fixed<uint8_t>();
  group->row.frozen = (flags & kFrozen) != 0;
  group->row.in_doubt = (flags & kInDoubt) != 0;
  if ((flags & kLearner) != 0) group->row.source = take_uuid(in);
  group->born = in->varint();
  bool sound = flags <= (kFrozen | kInDoubt | kLearner) && group->row.replica != Uuid() && group->born > 0;
  for (uint64_t left = in->varint(); left > 0 && in->ok(); --left) {
    const Cut cut{in->varint(), in->varint()};
    const Cut before = group->cuts.empty() ? Cut{} : group->cuts.back();
    sound = sound && (group->cuts.empty() || (cut.kept > before.kept && cut.before >= before.before));
    group->cuts.push_back(cut);
  }
  return sound && in->ok();
}

std::string encode_body(const Superblock& block) {
  std::string out;
  put_varint(&out, block.version);
  put_fixed(&out, block.store);
  put_varint(&out, block.floor);
  put_varint(&out, block.segments.size());
  for (const SegmentRow& segment : block.segments) {
    put_varint(&out, segment.number);
    put_varint(&out, segment.first);
    put_varint(&out, segment.end);
    put_varint(&out, segment.born_end);
    put_varint(&out, segment.behind);
  }
  put_varint(&out, block.groups.size());
  for (const auto& [id, group] : block.groups) {
    put_varint(&out, id.value);
    put_row(&out, group);
  }
  put_varint(&out, block.bad.size());
  for (const auto& [spot, number] : block.bad) {
    put_varint(&out, spot.first.value);
    put_varint(&out, spot.second.value);
    put_varint(&out, number);
  }
  put_varint(&out, block.lost.size());
  for (const Range& range : block.lost) {
    put_varint(&out, range.from);
    put_varint(&out, range.to);
  }
  return out;
}

bool take_segments(ByteReader* in, Superblock* block) {
  bool sound = true;
  for (uint64_t left = in->varint(); left > 0 && in->ok(); --left) {
    const SegmentRow row{in->varint(), in->varint(), in->varint(), in->varint(), in->varint()};
    const SegmentRow before = block->segments.empty() ? SegmentRow{} : block->segments.back();
    sound = sound && row.number > before.number && row.number < UINT32_MAX && row.first > 0 &&
            row.first >= std::max<uint64_t>(before.behind, 1) && (row.end == 0) == (left == 1) &&
            (row.end == 0 ? row.behind == 0 : row.behind >= row.first);
    block->segments.push_back(row);
  }
  return sound && !block->segments.empty();
}

bool decode_body(std::string_view bytes, Superblock* block) {
  ByteReader in(bytes);
  block->version = in.varint();
  block->store = in.fixed<uint64_t>();
  block->floor = in.varint();
  bool sound = take_segments(&in, block) && block->version > 0;
  for (uint64_t left = in.varint(); left > 0 && in.ok() && sound; --left) {
    const uint64_t id = in.varint();
    sound = id < kGroups && take_row(&in, &block->groups[GroupId(static_cast<uint16_t>(id))]);
  }
  for (uint64_t left = in.varint(); left > 0 && in.ok() && sound; --left) {
    const uint64_t id = in.varint();
    const LogIndex index(in.varint());
    sound = id < kGroups && index.value > 0;
    if (sound) block->bad[{GroupId(static_cast<uint16_t>(id)), index}] = in.varint();
  }
  for (uint64_t left = in.varint(); left > 0 && in.ok() && sound; --left) {
    const Range range{in.varint(), in.varint()};
    sound = range.from < range.to;
    block->lost.push_back(range);
  }
  return sound && in.ok() && in.done();
}
}  // namespace

bool GroupRow::counts(uint64_t number, LogIndex index) const {
  if (number < born) return false;
  return std::none_of(cuts.begin(), cuts.end(),
                      [&](const Cut& cut) { return number < cut.before && index.value > cut.kept; });
}

void GroupRow::cut(uint64_t kept, uint64_t before) {
  while (!cuts.empty() && cuts.back().kept >= kept) cuts.pop_back();
  RS_CHECK(cuts.empty() || cuts.back().before <= before, "numbers rise");
  cuts.push_back({kept, before});
}

std::string encode_superblock(const Superblock& block, bool second) {
  const std::string body = encode_body(block);
  std::string out(kMagic);
  put_fixed(&out, kFormat);
  put_fixed(&out, uint32_t{0});
  put_fixed(&out, static_cast<uint32_t>(body.size()));
  put_fixed(&out, uint32_t{second});
  RS_CHECK(out.size() == kHeaderBytes && body.size() <= kMaxBytes, "a superblock within its bounds");
  out += body;
  const uint32_t crc = crc32c(std::string_view(out).substr(kLengthAt), crc32c(std::string_view(out).substr(0, kCrcAt)));
  std::memcpy(out.data() + kCrcAt, &crc, sizeof crc);
  return out;
}

StatusOr<DecodedSuperblock> decode_superblock(std::string_view bytes, const std::string& path) {
  const Status damaged = absl::DataLossError(absl::StrCat(path, ": damaged"));
  if (bytes.size() < kHeaderBytes || bytes.substr(0, kMagic.size()) != kMagic) return damaged;
  ByteReader in(bytes.substr(kMagic.size()));
  const auto format = in.fixed<uint32_t>();
  const auto crc = in.fixed<uint32_t>();
  const auto length = in.fixed<uint32_t>();
  const auto copy = in.fixed<uint32_t>();
  if (length > bytes.size() - kHeaderBytes) return damaged;
  const std::string_view covered = bytes.substr(kLengthAt, kHeaderBytes - kLengthAt + length);
  if (crc != crc32c(covered, crc32c(bytes.substr(0, kCrcAt)))) return damaged;
  if (format != kFormat) {
    return make_error(ErrorId::kJournalFormat, absl::StrCat("the store has format ", format),
                      {{"where", path}, {"expected", absl::StrCat("format ", kFormat)}});
  }
  DecodedSuperblock out;
  out.second = copy != 0;
  if (copy > 1 || !decode_body(bytes.substr(kHeaderBytes, length), &out.block)) return damaged;
  return out;
}

std::string SuperblockFiles::path(const std::string& folder, int copy) {
  return absl::StrCat(folder, "/hydfs-superblock-", copy);
}

// Which copy is surely durable? Equal versions: the one that was written first, for the second was begun behind its
// fdatasync. Different ones: the older, for the newer was never in force. One bad: the other. It is written last.
StatusOr<Superblock> SuperblockFiles::read() {
  std::optional<DecodedSuperblock> found[2];
  Status unread;
  for (int copy = 0; copy < 2; ++copy) {
    auto bytes = read_whole(directory_, path(folder_, copy), kMaxBytes + kHeaderBytes);
    if (absl::IsNotFound(bytes.status())) continue;
    if (!bytes.ok()) {
      unread.Update(bytes.status());
      continue;
    }
    auto block = decode_superblock(*bytes, path(folder_, copy));
    if (block.ok()) {
      found[copy] = *std::move(block);
    } else if (!absl::IsDataLoss(block.status())) {
      return block.status();
    }
  }
  if (!found[0] && !found[1]) {
    if (!unread.ok()) return unread;  // not "empty": perhaps it can be read tomorrow
    return Superblock{};
  }
  if (!found[0] || !found[1]) {
    first_ = found[0] ? 1 : 0;
    return std::move(found[1 - first_]->block);
  }
  const uint64_t versions[] = {found[0]->block.version, found[1]->block.version};
  if (versions[0] == versions[1]) {
    first_ = found[0]->second ? 0 : 1;
  } else {
    first_ = versions[0] > versions[1] ? 0 : 1;
  }
  return std::move(found[first_]->block);
}

Status SuperblockFiles::write(Superblock* block) {
  ++block->version;
  for (int turn = 0; turn < 2; ++turn) {
    const int copy = turn == 0 ? first_ : 1 - first_;
    const bool is_new = files_[copy] == nullptr;
    if (is_new) {
      auto file = directory_.open(path(folder_, copy), io::OpenMode::kCreate);
      if (!file.ok()) return file.status();
      files_[copy] = *std::move(file);
    }
    const std::string bytes = encode_superblock(*block, turn == 1);
    RS_RETURN_IF_ERROR(files_[copy]->pwrite(0, bytes));
    RS_RETURN_IF_ERROR(sync_file(files_[copy].get()));
    if (is_new) RS_RETURN_IF_ERROR(directory_.sync(folder_));
    failpoint(turn == 0 ? "hydfs.between-superblocks" : "hydfs.after-superblocks");
    size_ = bytes.size();
  }
  first_ = 1 - first_;
  return Ok();
}
}  // namespace rs::hydfs::store
