#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <thread>

#include "base/check.h"
#include "io/real/descriptor.h"
#include "io/real/open_file.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"

namespace rs::io {
namespace {
using Kind = ReadResult::Kind;

class FileTest : public testing::Test {
 protected:
  FileTest() { prepare_process(); }

  std::unique_ptr<File> open(const std::string& path, OpenMode mode) {
    StatusOr<std::unique_ptr<File>> file = directory_->open(path, mode);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? std::move(*file) : nullptr;
  }
  static std::string read_at(File& file, uint64_t offset, size_t bytes) {
    std::string text(bytes, '\0');
    const StatusOr<ReadResult> result = file.read(offset, {text.data(), text.size()});
    EXPECT_TRUE(result.ok()) << result.status();
    text.resize(result.ok() ? result->size : 0);
    return text;
  }
  static Kind kind(File& file) {
    char byte;
    const StatusOr<ReadResult> result = file.read(0, {&byte, 1});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->kind : Kind::kEof;
  }

  const std::unique_ptr<Directory> directory_ = real_directory();
  ScratchFolder scratch_;
};

TEST_F(FileTest, AppendGoesOnAtTheEndOfAnExistingFile) {
  ScratchFolder::write(scratch_ / "log", "one ");
  auto file = open(scratch_ / "log", OpenMode::kCreate);
  EXPECT_TRUE(file->append("two ").ok());
  EXPECT_TRUE(file->append("three").ok());
  EXPECT_EQ(ScratchFolder::read(scratch_ / "log"), "one two three");
  EXPECT_EQ(*file->size(), 13u);
}

TEST_F(FileTest, AppendGoesBehindWhatPwriteExtended) {
  auto file = open(scratch_ / "log", OpenMode::kCreateNew);
  EXPECT_TRUE(file->append("abc").ok());
  EXPECT_TRUE(file->pwrite(1, "XYZ").ok());
  EXPECT_TRUE(file->append("!").ok());
  EXPECT_EQ(ScratchFolder::read(scratch_ / "log"), "aXYZ!");
}

TEST_F(FileTest, ReadKnowsDataFromEnd) {
  ScratchFolder::write(scratch_ / "in", "hello");
  auto file = open(scratch_ / "in", OpenMode::kRead);
  EXPECT_EQ(read_at(*file, 1, 3), "ell");
  EXPECT_EQ(read_at(*file, 3, 10), "lo");
  EXPECT_EQ(read_at(*file, 5, 10), "");
  char byte;
  EXPECT_EQ(file->read(99, {&byte, 1})->kind, Kind::kEof);
}

TEST_F(FileTest, PreallocateKeepsTheSize) {
  auto file = open(scratch_ / "log", OpenMode::kCreateNew);
  EXPECT_TRUE(file->preallocate(1 << 20).ok());
  EXPECT_EQ(*file->size(), 0u);
  EXPECT_TRUE(file->append("x").ok());
  EXPECT_TRUE(file->fdatasync().ok());
  EXPECT_EQ(ScratchFolder::read(scratch_ / "log"), "x");
}

TEST_F(FileTest, OpenModes) {
  EXPECT_EQ(directory_->open(scratch_ / "no", OpenMode::kRead).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(directory_->open(scratch_ / "no", OpenMode::kReadWrite).status().code(), absl::StatusCode::kNotFound);
  ScratchFolder::write(scratch_ / "a", "kept");
  EXPECT_EQ(directory_->open(scratch_ / "a", OpenMode::kCreateNew).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(read_at(*open(scratch_ / "a", OpenMode::kCreate), 0, 9), "kept");
  const Status folder = directory_->open(scratch_.path(), OpenMode::kRead).status();
  EXPECT_EQ(folder.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(folder.message().find(scratch_.path()), std::string::npos);
}

TEST_F(FileTest, FullDiskIsResourceExhausted) {
  auto full = open("/dev/full", OpenMode::kReadWrite);
  EXPECT_EQ(full->append("x").code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(FileTest, AFailedAppendCanBeRepeatedAtTheSamePlace) {
  auto file = open(scratch_ / "log", OpenMode::kCreateNew);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{10, before.rlim_max};
  EXPECT_TRUE(file->append("12345").ok());
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_EQ(file->append("too much by far").code(), absl::StatusCode::kResourceExhausted);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_TRUE(file->append("too much by far").ok());
  EXPECT_EQ(ScratchFolder::read(scratch_ / "log"), "12345too much by far");
}

TEST_F(FileTest, SecondLockNamesTheHolder) {
  auto first = open(scratch_ / "lock", OpenMode::kCreate);
  EXPECT_EQ(*first->lock("state wc"), 0);
  auto second = open(scratch_ / "lock", OpenMode::kCreate);
  EXPECT_EQ(*second->lock("other"), ::getpid());
  EXPECT_NE(ScratchFolder::read(scratch_ / "lock").find("state wc"), std::string::npos);
  first.reset();
  EXPECT_EQ(*second->lock("other"), 0);
}

TEST_F(FileTest, LockWithoutNoteLeavesTheContentAlone) {
  ScratchFolder::write(scratch_ / "out.tsv", "17\tapples\n");
  auto first = open(scratch_ / "out.tsv", OpenMode::kCreate);
  EXPECT_EQ(*first->lock(""), 0);
  auto second = open(scratch_ / "out.tsv", OpenMode::kCreate);
  EXPECT_EQ(*second->lock(""), -1);  // held, by whom the file does not say
  EXPECT_EQ(ScratchFolder::read(scratch_ / "out.tsv"), "17\tapples\n");
}

TEST_F(FileTest, LockGoesWithTheProcess) {
  const std::string path = scratch_ / "lock";
  Pipe ready = *make_pipe(PipeSize::kUsual);
  const pid_t holder = ::fork();
  if (holder == 0) {
    auto file = real_directory()->open(path, OpenMode::kCreate);
    if (!file.ok() || *(*file)->lock("holder") != 0) ::_exit(1);
    write_all(ready.write.get(), "x");
    for (;;) ::pause();
  }
  char byte;
  ASSERT_EQ(::read(ready.read.get(), &byte, 1), 1);
  auto file = open(path, OpenMode::kCreate);
  EXPECT_EQ(*file->lock("next"), holder);
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_EQ(*file->lock("next"), 0);
}

TEST_F(FileTest, FifoWaitsThenGivesDataThenEnds) {
  const std::string path = scratch_ / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::unique_ptr<File> writer;
  std::thread opener([&] { writer = open(path, OpenMode::kCreate); });  // both ends wait for each other, as in a shell
  auto reader = open(path, OpenMode::kRead);
  opener.join();
  EXPECT_EQ(kind(*reader), Kind::kWait);
  EXPECT_TRUE(writer->append("data").ok());
  EXPECT_EQ(read_at(*reader, 12345, 10), "data");
  EXPECT_EQ(kind(*reader), Kind::kWait);
  EXPECT_TRUE(writer->fdatasync().ok());
  EXPECT_FALSE(writer->pwrite(0, "x").ok());
  writer.reset();
  EXPECT_EQ(kind(*reader), Kind::kEof);
}

TEST_F(FileTest, WriterOfAFifoSeesThatTheReaderHasGone) {
  const std::string path = scratch_ / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::unique_ptr<File> reader;
  std::thread opener([&] { reader = open(path, OpenMode::kRead); });
  auto writer = open(path, OpenMode::kCreate);
  opener.join();
  reader.reset();
  EXPECT_EQ(writer->append("x").code(), absl::StatusCode::kUnavailable);
}

TEST_F(FileTest, AppendToAFullNonblockingPipeWritesAll) {
  Pipe pipe = *make_pipe(PipeSize::kUsual);
  ASSERT_EQ(set_nonblocking(pipe.write.get()), 0);
  const std::string text(1 << 20, 'x');
  OpenFile file(std::move(pipe.write), "pipe", OpenFile::Access::kInOrder, 0);
  size_t read = 0;
  std::thread reader([&] {
    char buffer[4096];
    for (ssize_t n; read < text.size() && (n = ::read(pipe.read.get(), buffer, sizeof buffer)) > 0;) read += n;
  });
  EXPECT_TRUE(file.append(text).ok());
  reader.join();
  EXPECT_EQ(read, text.size());
}

// Puts `path` in the place of a standard descriptor while it lives.
class Redirected {
 public:
  Redirected(int standard, const std::string& path, int flags) : standard_(standard), kept_(::dup(standard)) {
    const Descriptor fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    RS_CHECK(::dup2(fd.get(), standard) == standard, "a file to put there");
  }
  ~Redirected() { ::dup2(kept_.get(), standard_); }

 private:
  const int standard_;
  const Descriptor kept_;
};

TEST_F(FileTest, StdinGoesOnWhereTheCallerLeftIt) {
  ScratchFolder::write(scratch_ / "in", "head\nrest");
  const Redirected in(STDIN_FILENO, scratch_ / "in", O_RDONLY);
  ASSERT_EQ(::lseek(STDIN_FILENO, 5, SEEK_SET), 5);
  auto file = std_in();
  EXPECT_EQ(read_at(*file, 0, 2), "re");
  EXPECT_EQ(read_at(*file, 0, 9), "st");
  EXPECT_EQ(kind(*file), Kind::kEof);
}

TEST_F(FileTest, StdoutSharesItsPositionWithOthers) {
  ScratchFolder::write(scratch_ / "out", "");
  const Redirected out(STDOUT_FILENO, scratch_ / "out", O_WRONLY);
  ASSERT_EQ(write_all(STDOUT_FILENO, "before "), 0);
  EXPECT_TRUE(std_out()->append("ours ").ok());
  ASSERT_EQ(write_all(STDOUT_FILENO, "after"), 0);
  EXPECT_EQ(ScratchFolder::read(scratch_ / "out"), "before ours after");
}

TEST_F(FileTest, FilesDoNotReachAProgramThatIsStarted) {
  auto file = open(scratch_ / "a", OpenMode::kCreate);
  for (int fd = 3; fd < 64; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    char link[256] = {};
    const ssize_t n = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), link, sizeof link - 1);
    if (flags < 0 || n <= 0 || !std::string_view(link).ends_with("/a")) continue;
    EXPECT_TRUE(flags & FD_CLOEXEC) << link;
  }
}

TEST_F(FileTest, ClosedStandardStreamsStayTakenAndFail) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDIN_FILENO);
    ::close(STDOUT_FILENO);
    prepare_process();
    char byte;
    const bool in_fails = !std_in()->read(0, {&byte, 1}).ok();
    const bool out_fails = !std_out()->append("x").ok();
    ::_exit(in_fails && out_fails ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}
}  // namespace
}  // namespace rs::io
