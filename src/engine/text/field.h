// The part of a line that a FieldSpec names. A field that is not there is empty.
#pragma once
#include <string>
#include <string_view>

#include "base/status.h"
#include "engine/aggregate.h"
#include "engine/text/buffer.h"

namespace rs {
// awk's $column with the default FS in the C locale: runs of space and tab part the fields.
std::string_view awk_field(std::string_view line, uint32_t column);
std::string_view tsv_field(std::string_view line, uint32_t column);  // tabs part the fields; no quotes

// The fields of one CSV line from left to right, read leniently as Python's csv does: a quote counts only at the
// start of a field, and what follows the closing quote is taken as it stands. A byte order mark before the first
// field and a '\r' at the line's end belong to no field. An empty line has one empty field.
class CsvReader {
 public:
  explicit CsvReader(std::string_view line);  // without '\n'
  // False: there is no further field, or it is broken. The value lies in the line or in *scratch.
  bool next(std::string* scratch, std::string_view* value);
  bool broken() const { return broken_; }  // a quoted field was open at the line's end
  bool rest_is_sound();                    // reads on to the end

 private:
  bool quoted(std::string* scratch, std::string_view* value);
  std::string_view rest_;
  bool more_ = true, broken_ = false;
};

// Appends the value as a CSV field: quoted where it holds a comma, a quote or a line end.
void put_csv(std::string_view value, TextBuffer* out);

// False: the line is CSV with a quoted field that is open at its end (also behind the field that is asked for:
// the record goes on in the next line, and half a record must not pass for a whole one). The value lies in the
// line or in *scratch. `spec` is not kWords.
bool field(std::string_view line, const FieldSpec& spec, std::string* scratch, std::string_view* value);

Status broken_csv(std::string_view line);  // kInvalidArgument, with the beginning of the line
}  // namespace rs
