#include "sim/library.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "sim/cluster/run.h"
#include "sim/files/files_run.h"
#include "sim/run.h"

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

namespace {
StatusOr<Scenario> job(const std::string& name, const std::string& text) {
  StatusOr<Workload> workload = parse_workload(name, text);
  if (!workload.ok()) return workload.status();
  return Scenario{name, workload->aims, 1, [workload = *workload](uint64_t seed, const TraceLine& trace) {
                    return run_seed(workload, seed, trace);
                  }};
}

StatusOr<Scenario> cluster(const std::string& name, const std::string& text) {
  StatusOr<ClusterWorkload> workload = parse_cluster_workload(name, text);
  if (!workload.ok()) return workload.status();
  return Scenario{name, workload->aims, workload->every, [workload = *workload](uint64_t seed, const TraceLine& trace) {
                    return run_cluster(workload, seed, trace);
                  }};
}

StatusOr<Scenario> file_system(const std::string& name, const std::string& text) {
  StatusOr<FilesWorkload> workload = parse_files_workload(name, text);
  if (!workload.ok()) return workload.status();
  return Scenario{name, workload->aims, workload->every, [workload = *workload](uint64_t seed, const TraceLine& trace) {
                    return run_files(workload, seed, trace);
                  }};
}

// Those of one folder that are wanted, in the order of their names.
Status load(io::Directory* directory, const std::string& folder, const std::vector<std::string>& names,
            StatusOr<Scenario> (*parse)(const std::string&, const std::string&), std::vector<Scenario>* scenarios) {
  const std::string kEnding = ".sim";
  StatusOr<std::vector<std::string>> files = directory->list(folder);
  if (!files.ok()) return files.status();
  for (const std::string& file : *files) {
    if (!absl::EndsWith(file, kEnding)) continue;
    const std::string name = file.substr(0, file.size() - kEnding.size());
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    StatusOr<std::string> text = load_text(directory, absl::StrCat(folder, "/", file));
    if (!text.ok()) return text.status();
    StatusOr<Scenario> scenario = parse(name, *text);
    if (!scenario.ok()) return scenario.status();
    scenarios->push_back(*std::move(scenario));
  }
  return Ok();
}
}  // namespace

StatusOr<std::vector<Scenario>> load_scenarios(io::Directory* directory, const std::string& folder,
                                               const std::vector<std::string>& names) {
  std::vector<Scenario> all;
  RS_RETURN_IF_ERROR(load(directory, folder + "/workloads", names, job, &all));
  RS_RETURN_IF_ERROR(load(directory, folder + "/clusters", names, cluster, &all));
  RS_RETURN_IF_ERROR(load(directory, folder + "/filesystems", names, file_system, &all));
  for (const std::string& name : names) {
    const auto called = [&](const Scenario& scenario) { return scenario.name == name; };
    if (std::none_of(all.begin(), all.end(), called)) return absl::NotFoundError("no workload " + name);
  }
  if (all.empty()) return absl::NotFoundError("no workload in " + folder);
  return all;
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
