#include "sim/model/configuration.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "sim/model/names.h"

namespace rs::sim::model {
namespace {
using hydfs::EntryKind;
const Request kCreate{EntryKind::kCreate, 0, 0, 0, 'f', "CREATE(f)"};
const Request kOpen1{EntryKind::kOpenWriter, 1, 1, 0, 0, "OPEN_WRITER(w, epoch 1)"};
const Request kOpen2{EntryKind::kOpenWriter, 1, 2, 0, 0, "OPEN_WRITER(w, epoch 2)"};
const Request kOpenX{EntryKind::kOpenWriter, 2, 1, 0, 0, "OPEN_WRITER(x, epoch 1)"};
const Request kA1{EntryKind::kAppend, 1, 1, 1, 'a', "APPEND(w 1: a)"};
const Request kB2{EntryKind::kAppend, 1, 1, 2, 'b', "APPEND(w 2: b)"};
const Request kA1Second{EntryKind::kAppend, 1, 2, 1, 'a', "APPEND(w 1: a, epoch 2)"};
const Request kC2Second{EntryKind::kAppend, 1, 2, 2, 'c', "APPEND(w 2: c, epoch 2)"};
const Request kX1{EntryKind::kAppend, 2, 1, 1, 'x', "APPEND(x 1: x)"};
const Request kExpire{EntryKind::kExpire, 1, 0, 0, 0, "EXPIRE(w)"};
const Request kStage1{EntryKind::kStage, 1, 1, 1, 's', "STAGE(w 1)"};
const Request kCommit1{EntryKind::kCommitStage, 1, 1, 1, 's', "COMMIT_STAGE(w 1)"};
const Request kStage2{EntryKind::kStage, 1, 2, 1, 't', "STAGE(w 1, epoch 2)"};
const Request kCommit2{EntryKind::kCommitStage, 1, 2, 1, 't', "COMMIT_STAGE(w 1, epoch 2)"};
const std::vector<Request> kOne{kCreate, kOpen1, kA1}, kTwo{kCreate, kOpen1, kA1, kB2};
const std::vector<Request> kFenced{kCreate, kOpen1, kA1, kB2, kOpen2, kA1Second, kC2Second};
const std::vector<Request> kPair{kCreate, kOpen1, kOpenX, kA1, kX1}, kPairLong{kCreate, kOpen1, kOpenX, kA1, kX1, kB2};
const std::vector<Request> kExpiring{kCreate, kOpen1, kA1, kOpen2, kA1Second, kExpire};
const std::vector<Request> kStaged{kCreate, kOpen1, kStage1, kCommit1, kOpen2, kStage2, kCommit2};
const std::vector<Request> kMixed{kCreate, kOpen1, kA1, kB2, kOpen2, kA1Second, kC2Second, kExpire};
}  // namespace

const std::vector<Configuration>& configurations() {
  // nodes, members, prefix, requests, views, log,
  //   {crash, power loss, torn tail, flipped tail, bad record, sync fails, disk lost, late}, lazy, reads, copies,
  //   walks, small
  static const std::vector<Configuration> all = {
      // clang-format off
      {"core", "3 members; crashes, late swaps", 3, 3, 2, kTwo, 3, 7, {1, 0, 0, 0, 0, 0, 0, 1}},
      {"power", "3 members, power loss before the sync", 3, 3, 2, kTwo, 2, 6, {1, 1, 0, 0, 0, 0, 0, 0}, true},
      {"pair", "2 members and a spare", 3, 2, 2, kOne, 3, 5, {1, 0, 0, 0, 0, 0, 0, 1}, false, 0, 2},
      {"pair-wipe", "2 members and a spare, a disk lost", 3, 2, 2, kOne, 3, 5, {0, 0, 0, 0, 0, 0, 1, 1}, false, 0, 2},
      {"trio-wipe", "3 members, a disk lost and copied back", 3, 3, 2, kOne, 3, 6, {0, 0, 0, 0, 0, 0, 1, 0}, false, 0, 2},
      {"spare", "3 members and a spare", 4, 3, 2, kOne, 3, 6, {0, 0, 0, 0, 0, 0, 0, 0}, false, 0, 1},
      {"flip", "3 members, a flipped last record", 3, 3, 2, kOne, 3, 6, {1, 0, 0, 1, 0, 0, 0, 0}},
      {"pair-flip", "2 members and a spare, a flip", 3, 2, 2, kOne, 3, 6, {0, 0, 0, 1, 0, 0, 0, 1}, false, 0, 1, false, true},
      {"torn", "3 members, torn tails and a flip", 3, 3, 2, kOne, 2, 6, {0, 0, 2, 1, 0, 0, 0, 0}},
      {"torn-wipe", "3 members, torn tails, a disk lost", 3, 3, 2, kOne, 2, 6, {0, 0, 2, 0, 0, 0, 1, 0}, false, 0, 2},
      {"middle", "3 members, bad records inside the log", 3, 3, 2, kOne, 3, 6, {0, 0, 0, 0, 2, 0, 0, 0}},
      {"fsync", "2 members, a sync fails, power loss", 3, 2, 2, kOne, 3, 6, {0, 1, 0, 0, 0, 1, 0, 0}, true, 0, 0, false, true},
      {"fence", "a writer and its successor", 3, 3, 2, kFenced, 2, 7, {1, 0, 0, 0, 0, 0, 0, 0}, false, 0, 0, false, true},
      {"writers", "two writers, power loss", 3, 3, 3, kPair, 2, 7, {0, 1, 0, 0, 0, 0, 0, 0}, true},
      {"expire", "a writer expires, its requests come late", 3, 3, 1, kExpiring, 2, 7, {0, 0, 0, 0, 0, 0, 0, 0}, false, 0, 0, false, true},
      {"read", "reads without a token", 3, 3, 2, kOne, 3, 6, {1, 0, 0, 0, 0, 0, 0, 0}, false, 1, 0, false, true},
      {"stage", "staged appends of two epochs", 3, 3, 2, kStaged, 2, 8, {1, 0, 0, 0, 0, 0, 0, 0}, false, 0, 0, false, true},
      {"mix2", "2 members, 2 spares, two writers", 4, 2, 3, kPairLong, 6, 10, {2, 1, 1, 0, 0, 1, 1, 2}, true, 1, 3, true},
      {"mix3", "3 members, every fault", 3, 3, 2, kFenced, 6, 10, {2, 1, 1, 1, 1, 1, 1, 2}, true, 1, 2, true},
      {"mix4", "3 members, a spare, expiry", 4, 3, 1, kMixed, 5, 11, {1, 1, 2, 1, 1, 0, 1, 1}, true, 1, 2, true},
      // clang-format on
  };
  return all;
}

const Configuration* configuration_of(std::string_view name) {
  for (const Configuration& each : configurations())
    if (name == each.name) return &each;
  return nullptr;
}

const std::vector<Breakage>& breakages() {
  static const std::vector<Breakage> all = {
      {Variant::kHydfsMajority, "core"},
      {Variant::kHydfsPendingNotCounted, "pair"},
      {Variant::kHydfsUuidNotCompared, "pair-wipe"},
      {Variant::kHydfsNoFreeze, "pair"},
      {Variant::kHydfsTruncateByLength, "core"},
      {Variant::kHydfsCutNotInDoubt, "flip"},
      {Variant::kHydfsFenceInMemory, "fence"},
      {Variant::kHydfsUnknownIsNew, "expire"},
      {Variant::kHydfsAckBeforeSync, "power"},
      {Variant::kHydfsUnsyncedTail, "power"},
      {Variant::kHydfsBadIsEnd, "middle"},
      {Variant::kHydfsTwoSources, "spare"},
      {Variant::kHydfsReadNoRound, "read"},
      {Variant::kHydfsWipeKeepsUuid, "pair-wipe"},
      {Variant::kHydfsViewNotKept, "core"},
      {Variant::kHydfsServeEarly, "read"},
      {Variant::kHydfsRestartedLeads, "writers"},
      {Variant::kHydfsFreezeInMemory, "pair"},
      {Variant::kHydfsPendingDropped, "pair"},
      {Variant::kHydfsPendingEarly, "pair"},
      {Variant::kHydfsStartUnchecked, "pair"},
      {Variant::kHydfsDoubtInMemory, "flip"},
      {Variant::kHydfsDoubtPrefix, "flip"},
      {Variant::kHydfsDoubtAllLost, "torn", true},
      {Variant::kHydfsDropsClear, "flip"},
      {Variant::kHydfsTakeoverDrops, "torn", true},
      {Variant::kHydfsAnswerEarly, "core"},
      {Variant::kHydfsTableCommitted, "core"},
      {Variant::kHydfsOpenResets, "fence"},
      {Variant::kHydfsExpireForgets, "expire"},
      {Variant::kHydfsReadUncommitted, "core"},
      {Variant::kHydfsLoneReads, "read"},
      {Variant::kHydfsFsyncTrusted, "fsync"},
      {Variant::kHydfsStageUnchecked, "stage"},
  };
  return all;
}

std::string name_of(Variant variant) {
  switch (variant) {
    case Variant::kNone:
      return "the rules";
#define RS_VARIANT(id, name, rule, text) \
  case Variant::id:                      \
    return name;
#include "base/variants.def"
#undef RS_VARIANT
  }
  return "";
}

hydfs::EntryHead proposal_of(const Request& request) {
  hydfs::EntryHead head;
  head.kind = request.kind;
  head.file = kFile;
  head.writer = request.writer > 0 ? writer_uuid(request.writer) : Uuid();
  head.epoch = hydfs::WriterEpoch(static_cast<uint64_t>(request.epoch));
  head.sequence = hydfs::Sequence(static_cast<uint64_t>(request.sequence));
  if (request.content == 0) return head;
  const uint64_t digest = hash64(std::string(1, request.content));
  head.length = 1;
  head.digest = digest;
  if (request.kind == EntryKind::kCreate) head.name.push_back('f');
  if (request.kind == EntryKind::kCommitStage) {
    std::string digests;
    put_fixed(&digests, digest);
    head.part = 1;
    head.length = 0;
    head.digest = hash64(digests);
  }
  return head;
}
}  // namespace rs::sim::model
