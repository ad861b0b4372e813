#include "node/files/doors.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/check.h"
#include "base/error.h"
#include "hydfs/name.h"
#include "hydfs/placement.h"

namespace rs::files {
std::string ring_text(uint64_t point) { return absl::StrFormat("%016x", point); }

FileReplica replica_of(const Doors& doors, const Uuid& node) {
  FileReplica replica{uuid_text(node), "", ring_text(hydfs::ring_point(node)), 0};
  for (const membership::ListedMember& listed : doors.view()->members) {
    if (listed.member.id.node != node) continue;
    replica.node = listed.member.name;
    replica.address = listed.member.id.address.text();
  }
  return replica;
}

FileInfo info_of(const hydfs::FileFact& fact) {
  FileInfo info;
  info.name = fact.name;
  info.id = uuid_text(fact.id);
  info.ring_id = ring_text(hydfs::ring_point(hydfs::group_of(fact.name)));
  info.size = fact.size;
  info.appends = fact.appends;
  return info;
}

Status missing(const std::string& name) {
  return make_error(ErrorId::kFileMissing, absl::StrCat("there is no file ", name), {{"name", name}});
}

Status refusal(hydfs::Verdict::Kind verdict, const std::string& name) {
  using Kind = hydfs::Verdict::Kind;
  switch (verdict) {
    case Kind::kExists:
      return make_error(ErrorId::kFileExists, absl::StrCat(name, " exists already"), {{"name", name}});
    case Kind::kMissing:
      return missing(name);
    case Kind::kSealed:
      return make_error(ErrorId::kFsFenced, absl::StrCat(name, " is sealed: it takes no more appends"),
                        {{"name", name}});
    case Kind::kFenced:
      return make_error(ErrorId::kFsFenced, absl::StrCat("a newer writer has taken over ", name), {{"name", name}});
    case Kind::kUnknownWriter:
    case Kind::kOldSequence:
    case Kind::kGap:
      return make_error(ErrorId::kFsUnknownOutcome, absl::StrCat("the session that appends to ", name, " has ended"),
                        {{"name", name}});
    case Kind::kNew:
    case Kind::kRepeat:
      break;
  }
  RS_CHECK(false, "what was done is no refusal");
}

void find_replicas(const Doors& doors, Calls* calls, const std::string& name,
                   std::function<void(std::vector<FileReplica>, std::vector<FileProblem>)> done) {
  const hydfs::GroupId group = hydfs::group_of(name);
  struct Found {
    size_t missing = 0;
    std::map<Uuid, uint64_t> bytes;
    std::vector<FileProblem> problems;
  };
  const auto found = std::make_shared<Found>();  // shared by the callbacks
  std::vector<Uuid> nodes = doors.fs.host().living();
  for (const hydfs::Member& member : doors.fs.host().authority().record(group).members)
    if (std::find(nodes.begin(), nodes.end(), member.node) == nodes.end())
      found->problems.push_back({replica_of(doors, member.node).node, name, "is not alive"});
  found->missing = nodes.size();
  const auto finish = [&doors, found, group, done = std::move(done)] {
    std::vector<Uuid> holders;
    for (const auto& [node, bytes] : found->bytes) holders.push_back(node);
    std::vector<FileReplica> replicas;
    for (const Uuid& node : hydfs::successors(group, holders)) {
      replicas.push_back(replica_of(doors, node));
      replicas.back().bytes = found->bytes[node];
    }
    done(std::move(replicas), std::move(found->problems));
  };
  for (const Uuid& node : nodes) {
    hydfs::LookAsk look{name, true, "", std::nullopt, true};
    calls->call_node(node, {0, group, std::move(look)}, [&doors, found, node, name, finish](const auto& reply) {
      if (!reply.ok()) found->problems.push_back({replica_of(doors, node).node, name, "does not answer"});
      if (reply.ok() && reply->kind == hydfs::Reply::Kind::kFiles) found->bytes[node] = reply->files.front().size;
      if (--found->missing == 0) finish();
    });
  }
}
}  // namespace rs::files
