#include "node/state_record.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace rs {
namespace {
constexpr uint32_t kMaxCores = 1u << 16;
constexpr uint8_t kEmitChanges = 1, kNoChain = 2, kFinalValues = 4;

std::string sealed(const std::string& body) {
  std::string bytes(kRecordMark);
  put_fixed<uint32_t>(&bytes, crc32c(body));
  return bytes + body;
}

std::optional<std::string_view> opened(std::string_view bytes) {
  ByteReader in(bytes);
  const std::string_view mark = in.raw(kRecordMark.size());
  const auto checksum = in.fixed<uint32_t>();
  const std::string_view body = in.raw(in.remaining());
  if (!in.ok() || mark != kRecordMark || checksum != crc32c(body)) return std::nullopt;
  return body;
}
}  // namespace

std::string encode(const JobRecord& record) {
  std::string body;
  put_fixed<uint64_t>(&body, record.job_id);
  put_string(&body, record.identity);
  put_string(&body, record.line);
  put_string(&body, record.sink_path);
  put_varint(&body, record.cores);
  body.push_back(static_cast<char>((record.emit_changes ? kEmitChanges : 0) | (record.no_chain ? kNoChain : 0) |
                                   (record.final_values ? kFinalValues : 0)));
  put_varint(&body, record.files.size());
  for (const InputFile& file : record.files) {
    put_string(&body, file.path);
    put_varint(&body, file.at_start.device);
    put_varint(&body, file.at_start.inode);
    put_varint(&body, file.at_start.size);
    put_fixed<int64_t>(&body, file.at_start.mtime_ns);
  }
  return sealed(body);
}

std::string encode(const FinishedRecord& record) {
  std::string body;
  put_varint(&body, record.tuples_in);
  put_varint(&body, record.tuples_out);
  put_varint(&body, record.bytes_in);
  return sealed(body);
}

std::string encode(const OutputRecord& record) {
  std::string body;
  put_varint(&body, record.device);
  put_varint(&body, record.inode);
  return sealed(body);
}

std::optional<JobRecord> decode_job(std::string_view bytes) {
  const std::optional<std::string_view> body = opened(bytes);
  if (!body) return std::nullopt;
  ByteReader in(*body);
  JobRecord record;
  record.job_id = in.fixed<uint64_t>();
  record.identity = in.string();
  record.line = in.string();
  record.sink_path = in.string();
  const uint64_t cores = in.varint();
  if (cores == 0 || cores > kMaxCores) return std::nullopt;
  record.cores = static_cast<uint32_t>(cores);
  const auto flags = in.fixed<uint8_t>();
  if (flags > (kEmitChanges | kNoChain | kFinalValues)) return std::nullopt;
  record.emit_changes = (flags & kEmitChanges) != 0;
  record.no_chain = (flags & kNoChain) != 0;
  record.final_values = (flags & kFinalValues) != 0;
  const uint64_t files = in.varint();
  for (uint64_t i = 0; i < files && in.ok(); ++i) {
    InputFile& file = record.files.emplace_back();
    file.path = in.string();
    file.at_start.type = io::FileStat::Type::kRegular;
    file.at_start.device = in.varint();
    file.at_start.inode = in.varint();
    file.at_start.size = in.varint();
    file.at_start.mtime_ns = in.fixed<int64_t>();
  }
  if (!in.ok() || !in.done()) return std::nullopt;
  return record;
}

std::optional<FinishedRecord> decode_finished(std::string_view bytes) {
  const std::optional<std::string_view> body = opened(bytes);
  if (!body) return std::nullopt;
  ByteReader in(*body);
  FinishedRecord record;
  record.tuples_in = in.varint();
  record.tuples_out = in.varint();
  record.bytes_in = in.varint();
  if (!in.ok() || !in.done()) return std::nullopt;
  return record;
}

std::optional<OutputRecord> decode_output(std::string_view bytes) {
  const std::optional<std::string_view> body = opened(bytes);
  if (!body) return std::nullopt;
  ByteReader in(*body);
  OutputRecord record;
  record.device = in.varint();
  record.inode = in.varint();
  if (!in.ok() || !in.done()) return std::nullopt;
  return record;
}
}  // namespace rs
