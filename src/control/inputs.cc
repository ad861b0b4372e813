#include "control/inputs.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "control/words.h"

namespace rs {
namespace {
using Type = io::FileStat::Type;

Status unread(const Status& why, const std::string& path) {
  const ErrorDetails where = {{"where", path}, {"system", std::string(why.message())}};
  if (absl::IsNotFound(why)) return make_error(ErrorId::kNoInput, "there is no " + quote_word(path), where);
  if (absl::IsPermissionDenied(why))
    return make_error(ErrorId::kInputDenied, quote_word(path) + " may not be read", where);
  return make_error(ErrorId::kInputUnread, quote_word(path) + " can't be looked at", where);
}

std::string joined(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

bool has_glob(std::string_view component) {
  for (size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '\\')
      ++i;
    else if (component[i] == '*' || component[i] == '?' || component[i] == '[')
      return true;
  }
  return false;
}

std::string without_backslashes(std::string_view component) {
  std::string name;
  for (size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '\\' && i + 1 < component.size()) ++i;
    name += component[i];
  }
  return name;
}

class Expansion {
 public:
  explicit Expansion(io::Directory& files) : files_(files) {}
  Status file(const std::string& path);
  Status folder(const std::string& path);
  Status pattern(const std::string& text);
  std::vector<InputPath> take() { return std::move(found_); }

 private:
  StatusOr<std::vector<std::string>> step(const std::vector<std::string>& folders, std::string_view component);
  Status match(const std::string& folder, std::string_view component, std::vector<std::string>* out);
  Status add(const std::string& path, const io::FileStat& stat);

  io::Directory& files_;
  std::vector<InputPath> found_;
};

// A file is read up to the size it has at the start. A pipe has none, and what /proc shows says that it has none: taken
// as files they would be empty, and nobody would know.
Status Expansion::add(const std::string& path, const io::FileStat& stat) {
  const auto without_size = [&](const char* what) {
    return make_error(ErrorId::kInputKind, quote_word(path) + what,
                      {{"next", "send it in: cat " + quote_word(path) + " | rainstorm run '...', without a source"}});
  };
  if (stat.type != Type::kRegular) return without_size(" is a pipe or a device, and no file");
  const auto file = files_.open(path, io::OpenMode::kRead);
  if (!file.ok()) return unread(file.status(), path);
  if (stat.size == 0) {
    char byte = 0;
    const auto read = (*file)->read(0, {&byte, 1});
    if (!read.ok()) return unread(read.status(), path);
    const auto now = files_.stat(path);
    if (!now.ok()) return unread(now.status(), path);
    if (read->kind == io::ReadResult::Kind::kData && now->size == 0) return without_size(" has bytes, but no size");
  }
  found_.push_back({path, stat});
  return Ok();
}

Status Expansion::file(const std::string& path) {
  const auto stat = files_.stat(path);
  if (!stat.ok()) return unread(stat.status(), path);
  if (stat->type == Type::kDirectory)
    return make_error(ErrorId::kInputKind, quote_word(path) + " is a folder", {{"next", "dir:" + quote_word(path)}});
  return add(path, *stat);
}

Status Expansion::folder(const std::string& path) {
  const auto stat = files_.stat(path);
  if (!stat.ok()) return unread(stat.status(), path);
  if (stat->type != Type::kDirectory)
    return make_error(ErrorId::kInputKind, quote_word(path) + " is no folder", {{"next", "file:" + quote_word(path)}});
  const auto names = files_.list(path);
  if (!names.ok()) return unread(names.status(), path);
  RS_CHECK(std::is_sorted(names->begin(), names->end()), "a directory lists in byte order");
  for (const std::string& name : *names) {
    if (name.starts_with('.')) continue;
    const std::string whole = joined(path, name);
    const auto entry = files_.stat(whole);
    if (!entry.ok()) return unread(entry.status(), whole);
    if (entry->type == Type::kRegular) RS_RETURN_IF_ERROR(add(whole, *entry));
  }
  return Ok();
}

Status Expansion::match(const std::string& folder, std::string_view component, std::vector<std::string>* out) {
  const auto names = files_.list(folder.empty() ? "." : folder);
  if (!names.ok()) {
    // A pattern speaks of what is there: a file where it wants a folder is no match, a refusal is an error.
    if (absl::IsPermissionDenied(names.status())) return unread(names.status(), folder);
    return Ok();
  }
  for (const std::string& name : *names)
    if (matches(component, name)) out->push_back(joined(folder, name));
  return Ok();
}

StatusOr<std::vector<std::string>> Expansion::step(const std::vector<std::string>& folders,
                                                   std::string_view component) {
  std::vector<std::string> out;
  for (const std::string& folder : folders) {
    if (has_glob(component))
      RS_RETURN_IF_ERROR(match(folder, component, &out));
    else
      out.push_back(joined(folder, without_backslashes(component)));
  }
  return out;
}

Status Expansion::pattern(const std::string& text) {
  std::vector<std::string> paths = {text.starts_with('/') ? "/" : ""};
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view component = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    if (component.empty()) continue;
    auto next = step(paths, component);
    if (!next.ok()) return next.status();
    paths = *std::move(next);
  }
  std::sort(paths.begin(), paths.end());
  const size_t before = found_.size();
  for (const std::string& path : paths) {
    const auto stat = files_.stat(path);
    if (!stat.ok() && absl::IsNotFound(stat.status())) continue;  // named behind a pattern, but not there
    if (!stat.ok()) return unread(stat.status(), path);
    if (stat->type != Type::kDirectory) RS_RETURN_IF_ERROR(add(path, *stat));
  }
  if (found_.size() > before) return Ok();
  return make_error(
      ErrorId::kNoInput, "no file matches " + text,
      {{"next", "look at the pattern, and at the folder it starts from; a name that holds * ? or [ is quoted"}});
}
}  // namespace

StatusOr<std::vector<InputPath>> expand_inputs(const SourceSpec& source, io::Directory& files) {
  Expansion expansion(files);
  RS_CHECK(source.paths.empty() == (source.kind == SourceSpec::Kind::kStdin), "all sources but stdin have a path");
  for (const PathPattern& path : source.paths) {
    if (source.kind == SourceSpec::Kind::kDir)
      RS_RETURN_IF_ERROR(expansion.folder(path.text));
    else if (path.glob)
      RS_RETURN_IF_ERROR(expansion.pattern(path.text));
    else
      RS_RETURN_IF_ERROR(expansion.file(path.text));
  }
  return expansion.take();
}
}  // namespace rs
