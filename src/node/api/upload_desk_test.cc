#include "node/api/upload_desk.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "node/test_node.h"

namespace rs {
namespace {
class UploadDeskTest : public testing::Test {
 protected:
  UploadSession& open(const std::string& name) { return **desk.open(files, {.name = name}); }

  FakeFiles files;
  HandClock clock;
  UploadDesk desk{clock};
};

TEST_F(UploadDeskTest, PiecesAreTakenInTheirOrder) {
  UploadSession& session = open("a");
  EXPECT_EQ(session.put(1, "one").value(), true);
  EXPECT_EQ(session.put(1, "one").value(), true);
  EXPECT_EQ(error_id(session.put(1, "eno").status()), ErrorId::kFsFenced);
  EXPECT_EQ(error_id(session.put(1, "one more").status()), ErrorId::kFsFenced);
  for (const uint64_t wrong : {0, 3, 4}) EXPECT_EQ(error_id(session.put(wrong, "x").status()), ErrorId::kApiRequest);
  EXPECT_EQ(session.put(2, "").value(), true) << "an empty one is one";
  EXPECT_EQ(session.put(3, "two").value(), true);
  EXPECT_EQ(error_id(session.put(1, "one").status()), ErrorId::kApiRequest) << "it is not the last one";
  EXPECT_EQ(session.pieces(), 3u);
  EXPECT_EQ(session.bytes(), 6u);
}

TEST_F(UploadDeskTest, OneIsHeldAndTheNextWaits) {
  files.stuck = true;
  UploadSession& session = open("a");
  EXPECT_EQ(session.put(1, "one").value(), true);
  EXPECT_EQ(session.put(2, "two").value(), false);
  EXPECT_EQ(session.put(1, "one").value(), true) << "its answer was lost";
  EXPECT_EQ(session.pieces(), 1u);
  files.stuck = false;
  desk.step();
  EXPECT_EQ(session.put(2, "two").value(), true);
  EXPECT_EQ(session.state().taken_bytes, 6u);
}

TEST_F(UploadDeskTest, ACommitWaitsForWhatIsHeld) {
  files.room = 2;
  UploadSession& session = open("a");
  EXPECT_TRUE(session.put(1, "12345").ok());
  EXPECT_FALSE(session.commit(1, 5, crc32c("12344")).ok());
  EXPECT_FALSE(session.commit(1, 4, crc32c("12345")).ok());
  EXPECT_FALSE(session.commit(2, 5, crc32c("12345")).ok());
  EXPECT_TRUE(session.commit(1, 5, crc32c("12345")).ok());
  EXPECT_NE(session.state().phase, UploadState::Phase::kDone);
  EXPECT_EQ(error_id(session.put(2, "x").status()), ErrorId::kApiRequest) << "nothing comes behind a commit";
  for (int i = 0; i < 10; ++i) desk.step();
  EXPECT_EQ(session.state().phase, UploadState::Phase::kDone);
  EXPECT_TRUE(session.commit(1, 5, crc32c("12345")).ok()) << "it may be asked again";
  EXPECT_EQ(files.files.at("a").bytes, "12345");
}

TEST_F(UploadDeskTest, WhoIsSilentIsForgotten) {
  const std::string quiet = open("a").id(), heard = open("b").id();
  EXPECT_NE(quiet, heard);
  clock.advance_ms(UploadDesk::kIdleMs);
  EXPECT_TRUE(desk.find(heard).ok());
  desk.step();
  EXPECT_EQ(desk.size(), 2u) << "not a moment too early";
  clock.advance_ms(1);
  desk.step();
  EXPECT_EQ(error_id(desk.find(quiet).status()), ErrorId::kUploadGone);
  EXPECT_TRUE(desk.find(heard).ok());
  desk.end(heard);
  desk.end(heard);
  EXPECT_EQ(desk.size(), 0u);
  EXPECT_EQ(files.open, 0);
}

TEST_F(UploadDeskTest, AFullDeskForgetsTheOldestThatIsThrough) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < UploadDesk::kMostSessions; ++i) {
    ids.push_back(open("f" + std::to_string(i)).id());
    clock.advance_ms(1);
  }
  EXPECT_EQ(error_id(desk.open(files, {.name = "x"}).status()), ErrorId::kUploadsBusy);
  for (const size_t through : {7, 3}) {
    EXPECT_TRUE((*desk.find(ids[through]))->commit(0, 0, 0).ok());
    clock.advance_ms(1);
    desk.step();
  }
  EXPECT_TRUE(desk.open(files, {.name = "x"}).ok());
  EXPECT_FALSE(desk.find(ids[7]).ok());
  EXPECT_TRUE(desk.find(ids[3]).ok());
}

TEST_F(UploadDeskTest, AFailureIsToldToEachPiece) {
  files.failure = make_error(ErrorId::kFsNoSpace, "full");
  UploadSession& session = open("a");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(error_id(session.put(1, "x").status()), ErrorId::kFsNoSpace);
}
}  // namespace
}  // namespace rs
