#include "node/query/local_grep.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs {
namespace {
constexpr size_t kOpenFiles = 128;
constexpr uint64_t kFirstLines = 200;
constexpr size_t kPrograms = 2;    // while one is read the next one starts, and fills its pipe
constexpr size_t kEndsAtOnce = 4;  // a start takes a millisecond, and others wait for this thread
constexpr int kError = 2;
constexpr int64_t kSilenceNs = 10'000'000'000;

std::string last_line(std::string words) {
  while (words.ends_with('\n')) words.pop_back();
  return words.substr(words.rfind('\n') + 1);  // npos + 1 == 0
}
}  // namespace

LocalGrep::LocalGrep(GrepCommand command, std::string node, const std::vector<std::string>& files, GrepDoors doors,
                     int64_t now_ns)
    : command_(std::move(command)),
      node_(std::move(node)),
      doors_(doors),
      names_(files.begin(), files.end()),
      buffer_(kGrepPieceBytes),
      moved_ns_(now_ns) {
  result_.files = files.size();
  open_files();
}

void LocalGrep::open_files() {
  while (!names_.empty() && files_.size() < kOpenFiles) {
    auto file = doors_.logs->open(names_.front());
    if (file.ok()) {
      files_.push_back({std::move(names_.front()), std::move(*file)});
    } else if (!absl::IsNotFound(file.status())) {  // else it went away since it was listed
      fail(std::string(file.status().message()), kError);
    }
    names_.pop_front();
  }
}

void LocalGrep::start_programs() {
  while (!files_.empty() && programs_.size() < kPrograms) {
    LogFile log = std::move(files_.front());
    files_.pop_front();
    if (auto program = start(std::move(log), command_.resumable)) programs_.push_back(std::move(*program));
    open_files();
  }
}

std::optional<LocalGrep::Program> LocalGrep::start(LogFile log, bool first_lines) {
  const std::string label = command_.label(node_, log.name);
  io::ChildSpec spec;
  spec.argv = first_lines ? command_.first_lines_argv(label, kFirstLines) : command_.argv(label);
  spec.stdin_file = log.file.get();
  spec.stderr_path = "/dev/null";  // whoever asked is told; this node's own errors are others
  auto child = doors_.children->start(spec);
  if (child.ok()) return Program{std::move(log), std::move(*child), MatchCount(command_, label), first_lines};
  fail(std::string(child.status().message()), kPartialExit);
  return std::nullopt;
}

// The rest of a file whose first lines are through.
std::optional<LocalGrep::Program> LocalGrep::go_on(Program* program) {
  if (!program->first_lines || program->matches < kFirstLines) return std::nullopt;
  const uint64_t position = program->child->position();
  const StatusOr<uint64_t> size = program->log.file->size();
  if (size.ok() && position >= *size) return std::nullopt;
  char before = 0;
  const bool read = position > 0 && program->log.file->read(position - 1, {&before, 1}).ok();
  if (!size.ok() || !read || before != command_.line_end) {
    fail("grep did not stop behind a line", kPartialExit);
    return std::nullopt;
  }
  return start(std::move(program->log), false);
}

LocalGrep::Piece LocalGrep::next(int64_t now_ns) {
  for (size_t ends = 0; ends < kEndsAtOnce; ++ends) {
    start_programs();
    if (programs_.empty()) {
      if (result_.problem.empty()) result_ = {found_ ? 0 : 1, false, result_.files, remark_};
      return {Piece::Kind::kEnd, {}};
    }
    Program* program = &programs_.front();
    if (read(program)) moved_ns_ = now_ns;
    if (Piece piece = hand_out(program); piece.kind == Piece::Kind::kLines) return piece;
    if (!ended(program)) {
      give_up_on_silence(program, now_ns);
      break;
    }
    moved_ns_ = now_ns;
  }
  return {};
}

// Whether bytes came.
bool LocalGrep::read(Program* program) {
  const size_t before = filled_;
  while (!program->at_end && filled_ < buffer_.size()) {
    const auto got = program->child->read(std::span(buffer_).subspan(filled_));
    if (!got.ok()) fail(std::string(got.status().message()), kPartialExit);
    program->at_end = !got.ok() || got->kind == io::ReadResult::Kind::kEof;
    if (program->at_end || got->kind == io::ReadResult::Kind::kWait) break;
    filled_ += got->size;
  }
  return filled_ > before;
}

// Up to the last end of a line. What is behind it waits for its own end, unless it fills a piece.
LocalGrep::Piece LocalGrep::hand_out(Program* program) {
  const std::string_view printed(buffer_.data(), filled_);
  size_t size = printed.rfind(command_.line_end) + 1;  // npos + 1 == 0
  if (program->at_end || (size == 0 && filled_ == buffer_.size())) size = filled_;
  if (size == 0) return {};
  const std::string_view text = printed.substr(0, size);
  Piece piece{Piece::Kind::kLines, {std::string(text), program->count.add(text)}};
  program->printed = true;
  program->matches += piece.lines.matches;
  filled_ -= size;
  std::memmove(buffer_.data(), buffer_.data() + size, filled_);
  return piece;
}

bool LocalGrep::ended(Program* program) {
  if (!program->at_end) return false;
  RS_CHECK(filled_ == 0, "the output is handed out before its end is looked at");
  const io::ChildExit exit = program->child->exit();
  if (!exit.exited) return false;
  judge(exit, *program, last_line(program->child->stderr_tail()));
  std::optional<Program> rest = go_on(program);
  programs_.pop_front();
  if (rest) programs_.push_front(std::move(*rest));
  if (result_.refused || (found_ && command_.shows == GrepCommand::Shows::kNothing)) stop();
  return true;
}

void LocalGrep::judge(const io::ChildExit& exit, const Program& program, const std::string& words) {
  const bool first = !std::exchange(judged_, true);
  if (exit.signal != 0) return fail(absl::StrCat("its grep was killed by signal ", exit.signal), kPartialExit);
  if (exit.code == 0) found_ = true;
  if (exit.code < 2 && remark_.empty()) remark_ = words;
  if (exit.code < 2) return;
  // It reads its stdin alone, so what it complains of before it has printed a byte is the question.
  result_.refused = first && !program.printed;
  fail(words.empty() ? absl::StrCat("grep ended with exit code ", exit.code) : words, kError);
}

void LocalGrep::give_up_on_silence(Program* program, int64_t now_ns) {
  const uint64_t position = program->child->position();
  if (position != std::exchange(program->position, position)) moved_ns_ = now_ns;
  if (now_ns - moved_ns_ < kSilenceNs) return;
  fail("its grep neither read nor printed anything for 10 s and was killed", kPartialExit);
  stop();
}

void LocalGrep::stop() {
  names_.clear();
  files_.clear();
  programs_.clear();
  filled_ = 0;
}

// The first one is told.
void LocalGrep::fail(const std::string& problem, int exit) {
  if (result_.problem.empty()) result_.problem = problem;
  result_.exit = std::max(result_.exit, exit);
}
}  // namespace rs
