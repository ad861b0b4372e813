#include "engine/text/field.h"

#include <cstring>

#include "base/check.h"
#include "base/error.h"

namespace rs {
namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kShownBytes = 80;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

size_t find_or_end(std::string_view text, char c, size_t from) {
  const size_t at = text.find(c, from);
  return at == std::string_view::npos ? text.size() : at;
}
}  // namespace

std::string_view awk_field(std::string_view line, uint32_t column) {
  RS_CHECK(column > 0, "columns count from 1");
  const char* at = line.data();
  const char* const end = at + line.size();
  for (;;) {
    while (at != end && is_blank(*at)) ++at;
    const char* begin = at;
    while (at != end && !is_blank(*at)) ++at;
    if (--column == 0 || at == end) return column == 0 ? std::string_view(begin, at - begin) : std::string_view();
  }
}

std::string_view tsv_field(std::string_view line, uint32_t column) {
  RS_CHECK(column > 0, "columns count from 1");
  size_t begin = 0;
  while (--column > 0) {
    begin = find_or_end(line, '\t', begin) + 1;
    if (begin > line.size()) return {};
  }
  return line.substr(begin, find_or_end(line, '\t', begin) - begin);
}

CsvReader::CsvReader(std::string_view line) : rest_(line) {
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  if (rest_.ends_with('\r')) rest_.remove_suffix(1);
}

bool CsvReader::next(std::string* scratch, std::string_view* value) {
  if (!more_) return false;
  if (rest_.starts_with('"')) return quoted(scratch, value);
  const size_t end = find_or_end(rest_, ',', 0);
  *value = rest_.substr(0, end);
  more_ = end < rest_.size();
  rest_.remove_prefix(end + more_);
  return true;
}

bool CsvReader::quoted(std::string* scratch, std::string_view* value) {
  scratch->clear();
  size_t begin = 1;  // of the part since the opening or the last doubled quote
  size_t quote = rest_.find('"', begin);
  while (quote != std::string_view::npos && quote + 1 < rest_.size() && rest_[quote + 1] == '"') {
    scratch->append(rest_, begin, quote + 1 - begin);
    begin = quote + 2;
    quote = rest_.find('"', begin);
  }
  if (quote == std::string_view::npos) {
    more_ = false;
    broken_ = true;
    return false;
  }
  const size_t end = find_or_end(rest_, ',', quote + 1);
  if (begin == 1 && quote + 1 == end) {
    *value = rest_.substr(1, quote - 1);
  } else {
    scratch->append(rest_, begin, quote - begin).append(rest_, quote + 1, end - quote - 1);
    *value = *scratch;
  }
  more_ = end < rest_.size();
  rest_.remove_prefix(end + more_);
  return true;
}

bool CsvReader::rest_is_sound() {
  if (!broken_ && rest_.find('"') == std::string_view::npos) return true;
  std::string scratch;
  std::string_view value;
  while (next(&scratch, &value)) continue;
  return !broken_;
}

void put_csv(std::string_view value, TextBuffer* out) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
    out->append(value);
    return;
  }
  out->push_back('"');
  for (size_t quote; (quote = value.find('"')) != std::string_view::npos; value.remove_prefix(quote + 1)) {
    out->append(value.substr(0, quote + 1)).push_back('"');
  }
  out->append(value).push_back('"');
}

namespace {
bool csv_field(std::string_view line, uint32_t column, std::string* scratch, std::string_view* value) {
  RS_CHECK(column > 0, "columns count from 1");
  CsvReader reader(line);
  while (column > 0 && reader.next(scratch, value)) --column;
  if (column > 0) *value = {};
  return reader.rest_is_sound();
}
}  // namespace

bool field(std::string_view line, const FieldSpec& spec, std::string* scratch, std::string_view* value) {
  switch (spec.kind) {
    case FieldSpec::Kind::kLine:
      *value = line;
      return true;
    case FieldSpec::Kind::kAwk:
      *value = awk_field(line, spec.column);
      return true;
    case FieldSpec::Kind::kTsv:
      *value = tsv_field(line, spec.column);
      return true;
    case FieldSpec::Kind::kCsv:
      return csv_field(line, spec.column, scratch, value);
    case FieldSpec::Kind::kWords:
      break;
  }
  RS_CHECK(false, "words are many: for_each_word");
}

Status broken_csv(std::string_view line) {
  std::string shown(line.substr(0, kShownBytes));
  if (shown.size() < line.size()) shown += "...";
  return make_error(ErrorId::kBrokenCsv, "a quoted field is open at the end of the line", {{"tuple", shown}});
}
}  // namespace rs
