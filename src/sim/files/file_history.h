// What clients did and were told, and what must follow from it: no acknowledged append is lost, none is there twice,
// each writer's stand in their order and without a gap, and a read shows all that was acknowledged before it began.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "sim/invariants.h"

namespace rs::sim {
class FileHistory {
 public:
  explicit FileHistory(Verdict* verdict) : verdict_(*verdict) {}

  // An append is a line: its number, and padding. The number is of the whole run.
  std::string begin(const Uuid& file, const Uuid& writer, size_t bytes, uint64_t* number);
  void acknowledged(uint64_t number);
  void refused(uint64_t number);  // it must not be there

  std::set<uint64_t> must_show(const Uuid& file) const;  // acknowledged by now
  void read(const Uuid& file, std::string_view content, const std::set<uint64_t>& must_show);
  void removed(const Uuid& file) { removed_.insert(file); }  // asked for, or done: it may be missing from now on
  bool may_be_missing(const Uuid& file) const { return removed_.count(file) > 0; }
  void last_read(const Uuid& file, std::string_view content) { read(file, content, must_show(file)); }
  void missing(const Uuid& file);

  uint64_t appends() const { return appends_.size(); }
  uint64_t acknowledged_appends() const { return acknowledged_; }
  uint64_t reads() const { return reads_; }
  std::set<Uuid> files() const;

 private:
  struct Append {
    Uuid file, writer;
    bool acknowledged = false, refused = false;
  };
  std::vector<uint64_t> numbers_in(std::string_view content);

  Verdict& verdict_;
  std::vector<Append> appends_;
  std::map<Uuid, std::vector<uint64_t>> of_writer_;  // in the order they were sent
  std::map<Uuid, std::string> longest_;              // content of each file that was read
  std::set<Uuid> removed_;
  uint64_t acknowledged_ = 0, reads_ = 0;
};
}  // namespace rs::sim
