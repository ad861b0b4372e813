#include "hydfs/store/segment.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_format.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace rs::hydfs::store {
namespace {
constexpr std::string_view kSegmentMagic = "RSHYDFS\n", kIndexMagic = "RSHYIDX\n";
constexpr std::string_view kNamePrefix = "hydfs-", kIndexSuffix = ".index";
constexpr uint32_t kFormat = 1;
constexpr size_t kNameDigits = 16;
constexpr size_t kIndexCrcAt = 12, kIndexHeaderBytes = 48;

bool is_blank(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

// The first good record at or behind `at`.
std::optional<FoundRecord> next_record(std::string_view bytes, Place place) {
  for (; place.offset + kRecordHeaderBytes <= bytes.size(); place.offset += kAlign) {
    const std::string_view rest = bytes.substr(place.offset);
    if (!may_begin_record(rest)) continue;
    auto record = parse_record(rest, place);
    if (!record) continue;
    const std::string_view payload =
        rest.substr(std::min<size_t>(rest.size(), kRecordHeaderBytes + record->head_bytes), record->payload);
    const bool good = payload_is_good(*record, place, payload);
    return FoundRecord{*std::move(record), place.offset, good};
  }
  return std::nullopt;
}
}  // namespace

std::string encode_segment_header(uint64_t store, uint64_t number) {
  std::string out(kSegmentMagic);
  put_fixed(&out, kFormat);
  put_fixed(&out, uint32_t{0});
  put_fixed(&out, store);
  put_fixed(&out, number);
  out.resize(kSegmentHeaderBytes - sizeof(uint32_t));
  put_fixed(&out, crc32c(out));
  RS_CHECK(out.size() == kSegmentHeaderBytes, "the header has one size");
  return out;
}

std::string segment_path(const std::string& folder, uint64_t number) {
  return absl::StrFormat("%s/hydfs-%016x", folder, number);
}
std::string index_path(const std::string& folder, uint64_t number) {
  return segment_path(folder, number).append(kIndexSuffix);
}
bool is_store_file(std::string_view name) {
  if (!name.starts_with(kNamePrefix)) return false;
  const std::string_view digits = name.substr(kNamePrefix.size(), kNameDigits);
  const std::string_view suffix = name.substr(kNamePrefix.size() + digits.size());
  return digits.size() == kNameDigits && digits.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         (suffix.empty() || suffix == kIndexSuffix);
}

Scan scan_segment(std::string_view bytes, uint64_t store, uint64_t segment) {
  Scan out;
  uint64_t at = kSegmentHeaderBytes;
  std::optional<uint64_t> first_bad;
  while (auto found = next_record(bytes, {store, segment, at})) {
    if (found->offset > at && !first_bad) first_bad = at;
    at = found->end();
    RS_CHECK(at > found->offset, "a record takes room");
    out.records.push_back(*std::move(found));
  }
  out.end = at;
  out.first_bad = first_bad.value_or(at);
  out.blank_behind = at >= bytes.size() || is_blank(bytes.substr(at));
  return out;
}

void IndexBuilder::add(uint64_t offset, std::string_view header_and_head) {
  RS_CHECK(header_and_head.size() >= kRecordHeaderBytes, "a record has a header");
  put_varint(&body_, offset);
  put_string(&body_, header_and_head);
}

std::string IndexBuilder::encode(uint64_t store, uint64_t segment, uint64_t end) const {
  std::string out(kIndexMagic);
  put_fixed(&out, kFormat);
  put_fixed(&out, uint32_t{0});
  put_fixed(&out, store);
  put_fixed(&out, segment);
  put_fixed(&out, end);
  put_fixed(&out, uint64_t{body_.size()});
  RS_CHECK(out.size() == kIndexHeaderBytes, "the header has one size");
  out += body_;
  const uint32_t crc = crc32c(std::string_view(out).substr(kIndexCrcAt + sizeof crc));
  std::memcpy(out.data() + kIndexCrcAt, &crc, sizeof crc);
  return out;
}

std::optional<std::vector<FoundRecord>> decode_index(std::string_view bytes, uint64_t store, uint64_t segment,
                                                     uint64_t end) {
  if (bytes.size() < kIndexHeaderBytes || bytes.substr(0, kIndexMagic.size()) != kIndexMagic) return std::nullopt;
  ByteReader in(bytes.substr(kIndexMagic.size()));
  const bool known = in.fixed<uint32_t>() == kFormat;
  const bool whole = in.fixed<uint32_t>() == crc32c(bytes.substr(kIndexCrcAt + sizeof(uint32_t)));
  const bool ours = in.fixed<uint64_t>() == store && in.fixed<uint64_t>() == segment && in.fixed<uint64_t>() == end;
  if (!known || !whole || !ours || in.fixed<uint64_t>() != in.remaining()) return std::nullopt;
  std::vector<FoundRecord> out;
  uint64_t behind = kSegmentHeaderBytes;
  while (!in.done() && in.ok()) {
    const uint64_t offset = in.varint();
    auto record = parse_record(in.string(), {store, segment, offset});
    if (!record || offset < behind || offset % kAlign != 0) return std::nullopt;
    out.push_back({*std::move(record), offset, true});
    behind = out.back().end();
  }
  if (!in.ok() || behind > end) return std::nullopt;
  return out;
}
}  // namespace rs::hydfs::store
