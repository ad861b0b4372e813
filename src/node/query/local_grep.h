// The grep of one query on this node: the real program, for each file anew. The file is its stdin, so it opens nothing
// itself, and each line it prints begins with the label that it was given.
//
// Grep holds its lines back until they fill a block, unless told to write each at once, which is slow for many. So
// where the command allows it the first lines of a file come from a grep of their own; the next one goes on behind
// them.
//
// Lines are handed out in pieces as they come; nothing is read ahead but what fits into the pipes of two programs. The
// files are opened when the query comes (of very many the first), so a log that is rotated meanwhile is read once. A
// grep that neither reads nor prints for ten seconds while somebody wants its lines is killed: it hangs, or its pattern
// takes for ever.
//
// One thread. Destroyed early: the programs are killed.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/beneath.h"
#include "io/child.h"
#include "node/query/command.h"
#include "node/query/match_count.h"
#include "node/query/message.h"

namespace rs {
struct GrepDoors {  // borrowed
  io::Beneath* logs;
  io::Children* children;
};

class LocalGrep {
 public:
  LocalGrep(GrepCommand command, std::string node, const std::vector<std::string>& files, GrepDoors doors,
            int64_t now_ns);

  struct Piece {
    enum class Kind {
      kNothing,  // ask again in a millisecond
      kLines,
      kEnd,  // result() is final
    };
    Kind kind = Kind::kNothing;
    GrepLines lines;
  };
  Piece next(int64_t now_ns);
  void hold(int64_t now_ns) { moved_ns_ = now_ns; }  // nobody wants more now
  const GrepDone& result() const { return result_; }

 private:
  struct LogFile {
    std::string name;
    std::unique_ptr<io::File> file;
  };
  struct Program {
    LogFile log;
    std::unique_ptr<io::Child> child;
    MatchCount count;
    bool first_lines = false;  // it stops behind them
    uint64_t position = 0;     // in its file
    uint64_t matches = 0;
    bool printed = false, at_end = false;
  };

  void open_files();
  void start_programs();
  std::optional<Program> start(LogFile log, bool first_lines);
  std::optional<Program> go_on(Program* program);
  bool read(Program* program);
  Piece hand_out(Program* program);
  bool ended(Program* program);
  void judge(const io::ChildExit& exit, const Program& program, const std::string& words);
  void stop();
  void give_up_on_silence(Program* program, int64_t now_ns);
  void fail(const std::string& problem, int exit);

  const GrepCommand command_;
  const std::string node_;
  const GrepDoors doors_;
  std::deque<std::string> names_;  // not opened
  std::deque<LogFile> files_;      // opened, not searched
  std::deque<Program> programs_;   // the first one is read
  std::vector<char> buffer_;       // what it has printed
  size_t filled_ = 0;
  int64_t moved_ns_;  // when the last byte went in or out
  bool found_ = false, judged_ = false;
  std::string remark_;  // the first word of a grep that did well: a binary file matches, a stray backslash
  GrepDone result_;
};
}  // namespace rs
