// The options of a verb that has a program's name, in the form of getopt(3): clusters (-iv), values attached or
// apart (-eX, -e X), `--` ends them, operands may stand between. Long options are none of ours.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rs {
struct Options {
  std::vector<std::pair<char, std::string>> set;  // in order; the value is "" where none is taken
  std::vector<std::string> operands;
  std::string unknown;     // the first option that is not ours; the rest is not read
  char without_value = 0;  // an option whose value is missing
  bool has(char option) const;
};
// `known` lists the options; a ':' behind one says that it takes a value.
Options read_options(std::span<const std::string> args, std::string_view known);
}  // namespace rs
