// Watches the output files as a reader does (invariant 8).
//
// A power loss leaves behind the last synced offset what it likes (design.md E12a): shorter, or holes. So from then on
// a byte may be what the loss left there or what was seen before it, until the next life has written it again.
#pragma once
#include <string>
#include <vector>

#include "io/sim/disk.h"
#include "sim/invariants.h"
#include "sim/shape.h"

namespace rs::sim {
class OutputWatch {
 public:
  OutputWatch(const Job& job, const io::SimDisk& disk, Verdict* verdict);
  void look();            // after every event
  void power_was_lost();  // right after it
  bool whole() const;     // is the whole result there?
  void finished();        // at FINISHED, and once more after a power loss that follows it

 private:
  struct Seen {
    const Output* output;
    std::string longest;  // what a reader has seen
    std::string now;
    std::string left;   // by the last power loss
    bool lost = false;  // a part of `longest` is not there again yet
    bool there = false;
  };
  void look_at(Seen* seen);
  void check_part(const Output& output, const std::string& content);
  void check_whole(const Output& output, const std::string& content);
  void check_nothing_left();
  void check_together();
  void breach(Invariant invariant, const Output& output, const std::string& what);

  const Job& job_;
  const io::SimDisk& disk_;
  Verdict* verdict_;
  std::vector<Seen> seen_;
};
}  // namespace rs::sim
