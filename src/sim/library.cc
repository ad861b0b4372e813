#include "sim/library.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"

namespace rs::sim {
StatusOr<std::string> load_text(io::Directory* directory, const std::string& path) {
  StatusOr<std::unique_ptr<io::File>> file = directory->open(path, io::OpenMode::kRead);
  if (!file.ok()) return file.status();
  std::string text, buffer(64 << 10, '\0');
  while (true) {
    StatusOr<io::ReadResult> got = (*file)->read(text.size(), buffer);
    if (!got.ok()) return got.status();
    if (got->kind != io::ReadResult::Kind::kData) return text;
    text.append(buffer, 0, got->size);
  }
}

StatusOr<std::vector<Workload>> load_workloads(io::Directory* directory, const std::string& folder,
                                               const std::vector<std::string>& names) {
  const std::string kEnding = ".sim";
  std::vector<std::string> wanted = names;
  if (wanted.empty()) {
    StatusOr<std::vector<std::string>> files = directory->list(folder);
    if (!files.ok()) return files.status();
    for (const std::string& file : *files) {
      if (absl::EndsWith(file, kEnding)) wanted.push_back(file.substr(0, file.size() - kEnding.size()));
    }
  }
  std::vector<Workload> workloads;
  for (const std::string& name : wanted) {
    StatusOr<std::string> text = load_text(directory, absl::StrCat(folder, "/", name, kEnding));
    if (!text.ok()) return text.status();
    StatusOr<Workload> workload = parse_workload(name, *text);
    if (!workload.ok()) return workload.status();
    workloads.push_back(*std::move(workload));
  }
  if (workloads.empty()) return absl::NotFoundError("no workload in " + folder);
  return workloads;
}

std::optional<Variant> variant_of(const std::string& name) {
#define RS_VARIANT(id, text, rule, meaning) \
  if (name == text) return Variant::id;
#include "base/variants.def"
#undef RS_VARIANT
  return std::nullopt;
}

std::vector<CaughtSeed> parse_caught(const std::string& table) {
  std::vector<CaughtSeed> rows;
  const std::vector<std::string> lines = absl::StrSplit(table, '\n');
  for (const std::string& line : lines) {
    std::vector<std::string> words = absl::StrSplit(line.substr(0, line.find('#')), ' ', absl::SkipEmpty());
    if (words.empty()) continue;
    CaughtSeed row;
    bool ok = words.size() == 5 && absl::SimpleAtoi(words[2], &row.seed) && absl::SimpleAtoi(words[3], &row.needed);
    RS_CHECK(ok, "VARIANT WORKLOAD SEED NEEDED INVARIANT");
    row.variant = words[0];
    row.workload = words[1];
    row.invariant = words[4];
    rows.push_back(std::move(row));
  }
  return rows;
}
}  // namespace rs::sim
