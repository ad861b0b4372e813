#include "io/real/processes.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <set>

#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "io/real/signals.h"

namespace rs::io {
namespace {
constexpr int kTries = 20'000;  // naps of 1 ms: a bound for a machine that stands still, not a time

template <class Condition>
bool eventually(Condition holds) {
  for (int i = 0; i < kTries; ++i) {
    if (holds()) return true;
    nap_ns(1'000'000);
  }
  return false;
}

// A process that takes a lock and sleeps until a signal ends it.
class Holder {
 public:
  explicit Holder(const std::string& path) : pid_(::fork()) {
    if (pid_ != 0) return;
    ::signal(SIGTERM, SIG_DFL);
    auto file = real_directory()->open(path, OpenMode::kCreate);
    if (!file.ok() || (*file)->lock("test").value_or(1) != 0) ::_exit(1);
    for (;;) ::pause();
  }
  ~Holder() {
    if (pid_ > 0) ::kill(pid_, SIGKILL), ::waitpid(pid_, nullptr, 0);
  }
  int end() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

class Processes : public testing::Test {
 protected:
  bool holds(const Holder& holder) {
    return eventually([&] { return lock_holder(lock_).value_or(-2) == holder.pid(); });
  }
  ScratchFolder folder_;
  const std::string lock_ = folder_ / "lock";
};

TEST_F(Processes, NobodyHoldsWhatIsNotThereOrFree) {
  EXPECT_EQ(lock_holder(lock_).value(), 0);
  ScratchFolder::write(lock_, "pid 1\n");
  EXPECT_EQ(lock_holder(lock_).value(), 0) << "what a dead holder wrote means nothing";
  EXPECT_EQ(order_holder(lock_, ProcessOrder::kKill).code(), absl::StatusCode::kNotFound);
}

TEST_F(Processes, TheHolderIsEndedAndKilled) {
  for (const auto& [order, signal] : {std::pair(ProcessOrder::kEnd, SIGTERM), {ProcessOrder::kKill, SIGKILL}}) {
    Holder holder(lock_);
    ASSERT_TRUE(holds(holder));
    ASSERT_TRUE(order_holder(lock_, order).ok());
    EXPECT_EQ(WTERMSIG(holder.end()), signal);
    EXPECT_EQ(lock_holder(lock_).value(), 0);
  }
}

TEST_F(Processes, APausedHolderHearsThatItShallEnd) {
  Holder holder(lock_);
  ASSERT_TRUE(holds(holder));
  ASSERT_TRUE(order_holder(lock_, ProcessOrder::kPause).ok());
  int status = 0;
  ASSERT_EQ(::waitpid(holder.pid(), &status, WUNTRACED), holder.pid());
  EXPECT_TRUE(WIFSTOPPED(status));
  ASSERT_TRUE(order_holder(lock_, ProcessOrder::kResume).ok());
  ASSERT_EQ(::waitpid(holder.pid(), &status, WCONTINUED), holder.pid());
  EXPECT_TRUE(WIFCONTINUED(status));
  ASSERT_TRUE(order_holder(lock_, ProcessOrder::kPause).ok());
  ASSERT_TRUE(order_holder(lock_, ProcessOrder::kEnd).ok());
  EXPECT_EQ(WTERMSIG(holder.end()), SIGTERM);
}

TEST_F(Processes, ADetachedProgramRunsInASessionOfItsOwn) {
  const std::string out = folder_ / "out", err = folder_ / "err";
  ASSERT_EQ(::mkfifo((folder_ / "go").c_str(), 0600), 0);
  const std::string script = "ps -o sid= -p $$ | tr -d ' ' >" + out + ".new; echo $$ >>" + out + ".new; mv " + out +
                             ".new " + out + "; echo words >&2";
  const auto ended = start_detached({"/bin/sh", "-c", script + "; read x <" + folder_ / "go"}, err);
  ASSERT_TRUE(ended.ok()) << ended.status();
  ASSERT_TRUE(eventually([&] { return ScratchFolder::read(err) == "words\n"; }));
  std::istringstream told(ScratchFolder::read(out));
  pid_t session = 0, pid = 0;
  told >> session >> pid;
  EXPECT_NE(session, ::getsid(0));
  EXPECT_GT(session, 0);
  EXPECT_NE(::getpgid(0), pid);
  EXPECT_FALSE((*ended)());
  ScratchFolder::write(folder_ / "go", "x\n");
  EXPECT_TRUE(eventually([&] { return (*ended)(); }));
}

TEST_F(Processes, WhatCannotBeStartedIsSaid) {
  EXPECT_EQ(start_detached({folder_ / "none"}, folder_ / "err").status().code(), absl::StatusCode::kNotFound);
  ScratchFolder::write(folder_ / "text", "no program");
  EXPECT_EQ(start_detached({folder_ / "text"}, folder_ / "err").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(start_detached({"/bin/true"}, folder_ / "no/err").status().code(), absl::StatusCode::kNotFound);
}

TEST(FreePorts, AreDistinctAndOutsideOfWhatTheSystemDeals) {
  const auto ports = free_ports(20, 77).value();
  EXPECT_EQ(std::set<uint16_t>(ports.begin(), ports.end()).size(), 20u);
  for (const uint16_t port : ports) EXPECT_TRUE(port >= 20'000 && port < 30'000) << port;
  EXPECT_EQ(free_ports(20'000, 0).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(OwnProgram, IsThisTest) { EXPECT_NE(own_program().value().find("io_test"), std::string::npos); }
}  // namespace
}  // namespace rs::io
