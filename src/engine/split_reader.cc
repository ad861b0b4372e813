#include "engine/split_reader.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "engine/chunk.h"
#include "engine/place.h"
#include "engine/text/scan.h"

namespace rs {
namespace {
Status changed(const InputFile& input, const char* how) {
  return make_error(ErrorId::kInputChanged, absl::StrCat(input.path, " ", how, " since the job started"),
                    {{"next", "nothing wrong was committed; start again with --fresh, or bring the file back"}});
}
}  // namespace

Status line_too_long(const std::string& place) {
  return make_error(ErrorId::kLineTooLong, absl::StrCat(place, ": a line of more than ", kMaxTupleBytes, " bytes"),
                    {{"next", "make shorter lines before rainstorm: fold -b -w 1000000 FILE | rainstorm run '...'"}});
}

SplitReader::SplitReader(const std::vector<InputFile>* files, io::Directory* directory, bool grows)
    : files_(files), directory_(directory), grows_(grows), buffer_(kReadBytes + 1, '\0') {}

Status SplitReader::open(uint32_t file) {
  RS_CHECK(file < files_->size(), "a split is of a known file");
  if (open_ && open_index_ == file) return Ok();
  StatusOr<std::unique_ptr<io::File>> opened = directory_->open((*files_)[file].path, io::OpenMode::kRead);
  if (absl::IsNotFound(opened.status())) return changed((*files_)[file], "is gone");
  if (!opened.ok()) return opened.status();
  open_ = *std::move(opened);
  open_index_ = file;
  return unchanged(file);
}

// Reads up to `most` bytes at `offset` into the buffer behind its first `at` bytes.
StatusOr<size_t> SplitReader::fill(uint64_t offset, size_t at, size_t most) {
  if (buffer_.size() < at + most + 1) buffer_.resize(at + most + 1);  // room for a '\n' that is missing
  size_t got = 0;
  while (got < most) {
    StatusOr<io::ReadResult> read = open_->read(offset + got, {buffer_.data() + at + got, most - got});
    if (!read.ok()) return read.status();
    if (read->kind != io::ReadResult::Kind::kData) break;
    got += read->size;
  }
  return got;
}

Status SplitReader::read(const Split& split, const std::function<Status(std::string_view lines)>& lines) {
  RS_RETURN_IF_ERROR(open(split.file));
  const uint64_t limit = std::max((*files_)[split.file].at_start.size, split.end);
  bool skipping = split.begin > 0;                    // up to the end of the line that an earlier split has
  uint64_t start = split.begin - (skipping ? 1 : 0);  // file offset of buffer_[0]
  size_t held = 0;
  while (true) {
    size_t most = std::min<uint64_t>(kReadBytes, limit - start - held);
    StatusOr<size_t> got = fill(start + held, held, most);
    if (!got.ok()) return got.status();
    if (*got < most) {
      return make_error(ErrorId::kInputChanged,
                        absl::StrCat((*files_)[split.file].path, " became shorter while it was read"));
    }
    held += *got;
    bool at_limit = start + held == limit;
    if (at_limit && held > 0 && buffer_[held - 1] != '\n') buffer_[held++] = '\n';
    std::string_view text(buffer_.data(), held);
    size_t begin = 0;
    if (skipping) {
      begin = line_end(text, 0);
      skipping = begin == text.size() && !(begin > 0 && text.back() == '\n');
      if (start + begin >= split.end) return Ok();  // no line starts in this split
    }
    bool last = start + held >= split.end;
    // The line that holds byte end-1 is the last one that starts in this split.
    size_t end =
        last ? line_end(text, std::max<uint64_t>(split.end - 1, start) - start) : line_begin(text, text.size());
    bool whole = !last || text[end - 1] == '\n';
    if (!whole) end = std::max(begin, line_begin(text, end));
    if (line_end(text, begin) - begin > kMaxTupleBytes + 1) return too_long(split.file, start + begin);
    if (end > begin && !skipping) {
      const std::string_view block = text.substr(begin, end - begin);
      if (const Status status = lines(block); !status.ok())
        return at_its_line(status, split.file, start + begin, block);
    }
    if (last && whole) return Ok();
    size_t keep_from = skipping ? text.size() : std::max(begin, end);
    held -= keep_from;
    start += keep_from;
    std::memmove(buffer_.data(), buffer_.data() + keep_from, held);
  }
}

StatusOr<std::string_view> SplitReader::block(uint32_t file, uint64_t offset, uint64_t limit, bool at_end) {
  RS_RETURN_IF_ERROR(open(file));
  size_t most = std::min<uint64_t>(kReadBytes, limit - offset);
  while (true) {
    StatusOr<size_t> got = fill(offset, 0, most);
    if (!got.ok()) return got.status();
    std::string_view text(buffer_.data(), *got);
    size_t end = text.empty() || text.back() == '\n' ? text.size() : line_begin(text, text.size());
    bool all = offset + *got >= limit;
    if (end == 0 && all && at_end && *got > 0) {
      buffer_[*got] = '\n';
      return std::string_view(buffer_.data(), *got + 1);
    }
    if (line_end(text, 0) > kMaxTupleBytes + 1) return too_long(file, offset);
    if (end > 0 || all || *got < most) return text.substr(0, end);
    most = std::min<uint64_t>(most * 2, limit - offset);
  }
}

Status SplitReader::unchanged(uint32_t file) {
  const InputFile& input = (*files_)[file];
  StatusOr<io::FileStat> now = directory_->stat(input.path);
  const char* why = nullptr;
  if (!now.ok()) {
    if (now.status().code() != absl::StatusCode::kNotFound) return now.status();  // not seen is not gone
    why = "is gone";
  } else if (now->device != input.at_start.device || now->inode != input.at_start.inode) {
    why = "was replaced by another file";
  } else if (now->size < input.at_start.size) {
    why = "became shorter";
  } else if (!grows_ && now->size == input.at_start.size && now->mtime_ns != input.at_start.mtime_ns) {
    why = "was written to";
  }
  return why ? changed(input, why) : Ok();
}

// Overwrites the buffer: for errors, which end the reading.
std::string SplitReader::place(uint32_t file, uint64_t offset) {
  uint64_t line = 1;
  for (uint64_t at = 0; at < offset;) {
    StatusOr<size_t> got = fill(at, 0, std::min<uint64_t>(kReadBytes, offset - at));
    if (!got.ok() || *got == 0) break;
    line += count_newlines({buffer_.data(), *got});
    at += *got;
  }
  return absl::StrCat((*files_)[file].path, ":", line);
}

Status SplitReader::at_its_line(const Status& status, uint32_t file, uint64_t offset, std::string_view block) {
  const std::optional<size_t> line = find_tuple(block, status);
  return line ? placed(status, place(file, offset + *line)) : status;
}

Status SplitReader::too_long(uint32_t file, uint64_t offset) { return line_too_long(place(file, offset)); }
}  // namespace rs
