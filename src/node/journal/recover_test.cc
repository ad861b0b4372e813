#include "node/journal/recover.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "node/journal/rig.h"

namespace rs {
namespace {
using Files = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;
constexpr uint32_t kTasks = 2;
const char* const kSegment1 = "state/journal-0000000000000001";
const char* const kSegment2 = "state/journal-0000000000000002";

struct Outcome {
  Status status;
  std::map<uint32_t, Strings> found;
  bool cut = false;
};

Files files_of(const Rig& rig) {
  Files files;
  for (const std::string& path : rig.segments()) files[path] = rig.world.disk.contents(path);
  return files;
}

Outcome recover(const Files& files) {
  Rig rig;
  for (const auto& [path, bytes] : files) rig.world.disk.put(path, bytes);
  Outcome out;
  out.status = rig.boot();
  if (!out.status.ok()) return out;
  rig.incarnation = 1000;
  for (uint32_t task = 1; task <= kTasks; ++task) {
    EXPECT_TRUE(rig.open(task).ok());
    out.found[task] = rig.found(task);
    out.cut = out.cut || rig.contents[task].tail_was_cut;
  }
  return out;
}

bool is_prefix(const Strings& part, const Strings& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

struct Image {
  Files files;
  std::map<uint32_t, Strings> content;
};

// Two segments, the second of a restart; some groups hold both tasks, one is trimmed. `marked`: whether the last commit
// has its mark, as after a kill of an idle journal.
Image sample(bool marked) {
  Rig rig;
  EXPECT_TRUE(rig.boot().ok());
  for (int start = 0; start < 2; ++start) {
    if (start == 1) {
      rig.crash();
      EXPECT_TRUE(rig.boot().ok());
    }
    EXPECT_TRUE(rig.open(1).ok());
    EXPECT_TRUE(rig.open(2).ok());
    for (int i = 0; i < 3; ++i) {
      rig.append(1, absl::StrCat("one ", start, i));
      rig.append(2, absl::StrCat("two ", start, i));
      if (i == 2 && !marked) {
        rig.journal->step();
      } else {
        rig.run();
      }
      if (start == 0 && i == 1) rig.logs[1]->trim(2);
    }
  }
  Image image{files_of(rig), {}};
  image.content = recover(image.files).found;
  return image;
}

TEST(Recover, TheSampleIsWhatWasWritten) {
  for (bool marked : {true, false}) {
    const Image image = sample(marked);
    EXPECT_EQ(image.files.size(), 2u);
    EXPECT_EQ(image.content.at(1), (Strings{"2:one 01", "3:one 02", "4:one 10", "5:one 11", "6:one 12"}));
    EXPECT_EQ(image.content.at(2).size(), 6u);
    EXPECT_FALSE(recover(image.files).cut);
  }
}

// Fault 23. `may_cut` says from which byte of the last segment on a bad group may be taken for a torn tail.
void flip_everywhere(const Image& image, uint64_t may_cut, int* cuts) {
  for (const auto& [path, bytes] : image.files) {
    for (size_t at = 0; at < bytes.size(); ++at) {
      Files files = image.files;
      files[path][at] = static_cast<char>(files[path][at] ^ (1 << at % 8));
      const Outcome out = recover(files);
      if (!out.status.ok()) {
        EXPECT_EQ(error_id(out.status), ErrorId::kJournalDamaged) << out.status;
        continue;
      }
      if (out.found == image.content) continue;
      ++*cuts;
      EXPECT_TRUE(path == kSegment2 && at >= may_cut) << path << " byte " << at;
      EXPECT_TRUE(out.cut) << at;
      for (uint32_t task = 1; task <= kTasks; ++task) {
        EXPECT_TRUE(is_prefix(out.found.at(task), image.content.at(task))) << at;
        EXPECT_GE(out.found.at(task).size() + 1, image.content.at(task).size()) << at;
      }
    }
  }
}

TEST(Recover, AFlippedBitBeforeAMarkIsDataLoss) {
  const Image image = sample(true);
  int cuts = 0;
  flip_everywhere(image, UINT64_MAX, &cuts);
  EXPECT_EQ(cuts, 0);
}

TEST(Recover, AFlippedBitBehindTheLastMarkIsATornTail) {
  const Image image = sample(false);
  const std::string& last = image.files.at(kSegment2);
  // The last group, and the mark before it, which was not synced by itself.
  const uint64_t may_cut = last.find("one 12") - 2 * journal::kGroupHeaderBytes - 6;
  int cuts = 0;
  flip_everywhere(image, may_cut, &cuts);
  EXPECT_GT(cuts, 20);
}

// Faults 22 and 25: no size gives a wrong content, and none is silent but those at the end of a group.
TEST(Recover, TruncationAtEachByte) {
  const Image image = sample(false);
  int losses = 0, cuts = 0;
  std::map<Strings, int> clean;
  for (const auto& [path, bytes] : image.files) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      Files files = image.files;
      files[path].resize(size);
      const Outcome out = recover(files);
      losses += !out.status.ok();
      if (!out.status.ok()) {
        EXPECT_EQ(error_id(out.status), ErrorId::kJournalDamaged) << out.status;
        continue;
      }
      EXPECT_TRUE(path == kSegment2 || out.found == image.content) << "only the last segment has a tail";
      for (uint32_t task = 1; task <= kTasks; ++task)
        EXPECT_TRUE(is_prefix(out.found.at(task), image.content.at(task))) << path << " size " << size;
      cuts += out.cut;
      if (!out.cut) ++clean[out.found.at(1)];
    }
  }
  EXPECT_GT(losses, 100);
  EXPECT_GT(cuts, 100);
  EXPECT_LE(clean.size(), 4u);
}

TEST(Recover, ZerosBehindTheEndAreReservedSpace) {
  Image image = sample(true);
  image.files[kSegment2].append(10'000, '\0');
  const Outcome out = recover(image.files);
  EXPECT_EQ(out.found, image.content);
  EXPECT_FALSE(out.cut);
}

TEST(Recover, AMissingSegmentIsDataLoss) {
  Rig rig;
  ASSERT_TRUE(rig.boot().ok());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(rig.open(1).ok());
    rig.append(1, "x");
    rig.run();
    rig.crash();
    ASSERT_TRUE(rig.boot().ok());
  }
  const Files all = files_of(rig);
  ASSERT_EQ(all.size(), 4u);
  int missed = 0;
  for (const auto& [path, bytes] : all) {
    Files files = all;
    files.erase(path);
    const bool is_last = path == all.rbegin()->first;
    missed += error_id(recover(files).status) == ErrorId::kJournalDamaged;
    EXPECT_EQ(recover(files).status.ok(), is_last) << path << ": the last one held no record yet";
  }
  EXPECT_EQ(missed, 3);
}

TEST(Recover, ASegmentOfAnotherStateIsDataLoss) {
  Image a = sample(true);
  Rig other(77);
  ASSERT_TRUE(other.boot().ok());
  ASSERT_TRUE(other.open(1).ok());
  other.append(1, "foreign");
  other.run();
  a.files[kSegment1] = other.world.disk.contents(kSegment1);
  EXPECT_EQ(error_id(recover(a.files).status), ErrorId::kJournalDamaged);
}

TEST(Recover, AnotherFormatIsRefused) {
  std::string header = journal::encode_header({1, 1, 0, 64});
  header[8] = 2;
  header.resize(header.size() - 4);
  put_fixed(&header, crc32c(header));
  Files files;
  files[kSegment1] = header;
  EXPECT_EQ(error_id(recover(files).status), ErrorId::kJournalFormat);
}

// Segments by hand: groups whose marks a power loss in between would leave.
class HandMade {
 public:
  HandMade() {
    const journal::SegmentHeader header{9, 1, 0, journal::kHeaderBytes};
    file_ = journal::encode_header(header);
  }
  uint64_t add(uint64_t synced, uint64_t position, const std::string& bytes) {
    std::string group = journal::empty_group();
    journal::put_record(&group, TaskId(1), position, Incarnation(1), bytes);
    const uint64_t at = file_.size();
    journal::seal_group(&group, {9, 1, at}, synced);
    file_ += group;
    return at;
  }
  Outcome recovered() const {
    Files files;
    files[kSegment1] = file_;
    return recover(files);
  }
  std::string& file() { return file_; }

 private:
  std::string file_;
};

TEST(Recover, AHoleInTheUnsyncedRegionIsATornTail) {
  HandMade made;
  made.add(64, 1, "a");
  const uint64_t b = made.add(64, 2, "b");
  const uint64_t c = made.add(b, 3, "c");
  made.add(b, 4, "d");  // written while c was not yet durable
  std::fill_n(made.file().begin() + static_cast<ptrdiff_t>(c), 32, '\0');
  const Outcome out = made.recovered();
  ASSERT_TRUE(out.status.ok()) << out.status;
  EXPECT_EQ(out.found.at(1), (Strings{"1:a", "2:b"}));
  EXPECT_TRUE(out.cut);
}

TEST(Recover, AHoleBeforeALaterMarkIsDataLoss) {
  HandMade made;
  made.add(64, 1, "a");
  const uint64_t b = made.add(64, 2, "b");
  const uint64_t c = made.add(b, 3, "c");
  made.add(b, 4, "d");
  made.add(c + 8, 5, "e");  // knows that c was durable
  std::fill_n(made.file().begin() + static_cast<ptrdiff_t>(c), 32, '\0');
  const Outcome out = made.recovered();
  EXPECT_EQ(error_id(out.status), ErrorId::kJournalDamaged);
  const ErrorReport report = report_of(out.status);
  EXPECT_EQ(report.details[0].second, absl::StrCat(kSegment1, ", offset ", c));
}

TEST(Recover, AGroupLargerThanTheSearchWindowIsFoundBehindAHole) {
  HandMade made;
  const uint64_t a = made.add(64, 1, "a");
  made.file().append(3u << 20, 'x');
  made.add(a + 40, 2, std::string(1u << 20, 'b'));
  EXPECT_EQ(error_id(made.recovered().status), ErrorId::kJournalDamaged);
}

// Carried to a later segment, and the old one not yet removed.
TEST(Recover, ARecordMayStandInTwoSegmentsIfItIsEqual) {
  HandMade first;
  first.add(64, 1, "a");
  first.add(64, 2, "b");
  for (const char* again : {"a", "A"}) {
    const journal::SegmentHeader header{9, 2, first.file().size(), 64};
    std::string group = journal::empty_group();
    journal::put_record(&group, TaskId(1), 1, Incarnation(1), again);
    journal::seal_group(&group, {9, 2, 64}, 64);
    Files files;
    files[kSegment1] = first.file();
    files[kSegment2] = journal::encode_header(header) + group;
    const Outcome out = recover(files);
    if (again[0] == 'a') {
      EXPECT_EQ(out.found.at(1), (Strings{"1:a", "2:b"}));
    } else {
      EXPECT_EQ(error_id(out.status), ErrorId::kJournalDamaged);
    }
  }
}

TEST(Recover, ARecordStandsOnceInASegment) {
  HandMade made;
  made.add(64, 1, "a");
  made.add(64, 1, "a");
  EXPECT_EQ(error_id(made.recovered().status), ErrorId::kJournalDamaged);
}

TEST(Recover, AMissingPositionIsDataLoss) {
  HandMade made;
  made.add(64, 1, "a");
  made.add(64, 3, "c");
  EXPECT_EQ(error_id(made.recovered().status), ErrorId::kJournalDamaged);
  HandMade late;
  late.add(64, 2, "b");
  EXPECT_EQ(error_id(late.recovered().status), ErrorId::kJournalDamaged);
}

TEST(Recover, WhatAnOlderUseLeftInTheBlocksIsNotRead) {
  HandMade made;
  made.add(64, 1, "a");
  std::string stale = journal::empty_group();
  journal::put_record(&stale, TaskId(1), 2, Incarnation(1), "of another state");
  journal::seal_group(&stale, {8, 1, made.file().size()}, 64);
  made.file() += stale;
  const Outcome out = made.recovered();
  EXPECT_EQ(out.found.at(1), (Strings{"1:a"}));
  EXPECT_TRUE(out.cut);
}
}  // namespace
}  // namespace rs
