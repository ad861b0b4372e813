#include "node/cluster_folder.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "control/identity.h"
#include "io/real/secret_file.h"
#include "io/real/signals.h"
#include "membership/member.h"
#include "node/durable_file.h"

namespace rs {
namespace {
constexpr size_t kSecretDigits = 64;
constexpr int kLockTries = 200;  // 10 ms apart

std::string fresh_secret(io::Random* random) {
  std::string text;
  while (text.size() < kSecretDigits) absl::StrAppend(&text, absl::Hex(random->next(), absl::kZeroPad16));
  RS_CHECK(text.size() == kSecretDigits, "whole numbers fill it");
  return text + "\n";
}

StatusOr<std::string> checked_secret(const std::string& path, const StatusOr<std::string>& found) {
  if (found.status().code() == absl::StatusCode::kPermissionDenied)
    return make_error(ErrorId::kOpenSecret, absl::StrCat("a secret can't be used: ", found.status().message()),
                      {{"next", "chmod 600 it, or remove it and start all nodes again"}});
  if (!found.ok()) return found.status();
  const std::string digits = found->substr(0, kSecretDigits);
  const bool whole = digits.size() == kSecretDigits && *found == digits + "\n" &&
                     digits.find_first_not_of("0123456789abcdef") == digits.npos;
  if (whole) return digits;
  return make_error(ErrorId::kOpenSecret, path + " does not hold 64 hexadecimal digits and a newline",
                    {{"next", "remove it and start all nodes again: a new one is made"}});
}

StatusOr<std::string> open_secret(const std::string& path, io::Random* random) {
  return checked_secret(path, io::read_or_make_secret(path, fresh_secret(random)));
}

// n2 before n10: the digits at the end count as a number.
bool before(const std::string& a, const std::string& b) {
  const auto stem = [](const std::string& name) { return name.find_last_not_of("0123456789") + 1; };
  const std::string_view left(a.data(), stem(a)), right(b.data(), stem(b));
  if (left != right) return left < right;
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}
}  // namespace

NodePaths ClusterFolder::node(const std::string& name) const {
  RS_CHECK(valid_node_name(name), "a name was checked before it became a path");
  const std::string folder = path + "/" + name;
  return {
      folder,          folder + "/lock",         folder + "/identity", folder + "/config.yaml", folder + "/api.sock",
      folder + "/log", folder + "/log/node.log", folder + "/errors"};
}

StatusOr<ClusterFolder> find_cluster(const std::string& given, const Environment& environment,
                                     const std::string& working_directory) {
  const std::string named = given.empty() ? environment("RAINSTORM_CLUSTER").value_or("") : given;
  if (!named.empty()) return ClusterFolder{absolute_path(named, working_directory)};
  const std::string state = environment("XDG_STATE_HOME").value_or("");
  if (state.starts_with('/')) return ClusterFolder{absolute_path(state + "/rainstorm-cluster", "/")};
  const std::string home = environment("HOME").value_or("");
  if (home.starts_with('/')) return ClusterFolder{absolute_path(home + "/.local/state/rainstorm-cluster", "/")};
  return make_error(ErrorId::kUsage, "nothing says which cluster is meant",
                    {{"next", "set RAINSTORM_CLUSTER to its folder, or HOME"}});
}

bool valid_node_name(std::string_view name) {
  constexpr std::array<std::string_view, 3> kTaken = {"key", "token", "dev.lock"};
  return membership::valid_name(name) && name[0] != '.' &&
         std::find(kTaken.begin(), kTaken.end(), name) == kTaken.end();
}

StatusOr<std::vector<std::string>> node_names(const ClusterFolder& cluster, io::Directory* directory) {
  std::vector<std::string> names;
  const StatusOr<std::vector<std::string>> entries = directory->list(cluster.path);
  if (absl::IsPermissionDenied(entries.status())) return cluster_denied(cluster, entries.status());
  for (const std::string& name : entries.value_or(std::vector<std::string>{})) {
    if (!valid_node_name(name)) continue;
    const NodePaths node = cluster.node(name);
    if (directory->stat(node.identity).ok() || directory->stat(node.api_socket).ok()) names.push_back(name);
  }
  std::sort(names.begin(), names.end(), before);
  return names;
}

StatusOr<ClusterSecrets> open_secrets(const ClusterFolder& cluster, io::Directory* directory, io::Random* random) {
  if (const Status made = make_durably(cluster.path, directory); !made.ok()) return folder_refused(cluster.path, made);
  const StatusOr<std::string> key = open_secret(cluster.key(), random);
  const StatusOr<std::string> token = open_secret(cluster.token(), random);
  for (const StatusOr<std::string>* secret : {&key, &token})
    if (!secret->ok()) return folder_refused(cluster.path, secret->status());
  return ClusterSecrets{*key, *token};
}

StatusOr<std::string> read_token(const ClusterFolder& cluster) {
  return checked_secret(cluster.token(), io::read_secret(cluster.token()));
}

StatusOr<std::unique_ptr<io::File>> lock_node(const NodePaths& node, io::Directory* directory) {
  if (const Status made = make_durably(node.log_root, directory); !made.ok()) return folder_refused(node.folder, made);
  StatusOr<std::unique_ptr<io::File>> file = directory->open(node.lock, io::OpenMode::kCreate);
  if (!file.ok()) return folder_refused(node.folder, file.status());
  int64_t holder = 0;
  for (int i = 0; i < kLockTries; ++i) {
    const StatusOr<int64_t> held = (*file)->lock("rainstorm node\n");
    if (!held.ok()) return folder_refused(node.folder, held.status());
    holder = *held;
    if (holder == 0) return file;
    io::nap_ns(10'000'000);
  }
  return make_error(ErrorId::kNodeBusy, absl::StrCat("a node works in ", node.folder, " already: process ", holder),
                    {{"next", "end that one, or choose another --name"}});
}

Status cluster_denied(const ClusterFolder& cluster, const Status& why) {
  RS_CHECK(!why.ok(), "there is a reason");
  return make_error(ErrorId::kClusterDenied,
                    absl::StrCat("the cluster in ", cluster.path, " is another user's: ", why.message()),
                    {{"next", "become that user, or name another folder with --cluster"}});
}

Status folder_refused(const std::string& path, const Status& why) {
  switch (why.code()) {
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      if (error_id(why)) return why;
      return make_error(ErrorId::kNodeFolder, absl::StrCat("the folder ", path, " can't be used: ", why.message()),
                        {{"next", "name another one with --dir, or have the rights changed"}});
    default:
      return why;
  }
}
}  // namespace rs
