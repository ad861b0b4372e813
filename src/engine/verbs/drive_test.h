// For the tests of the verbs: runs a verb over a text in many ways of cutting it, and the real program beside it.
#pragma once
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/verbs/verbs.h"

namespace rs {
using Argv = std::vector<std::string>;
using Dice = std::mt19937_64;

struct Keyed {
  std::string key, line;
  bool operator==(const Keyed&) const = default;
};

struct Answer {
  std::string text;
  std::vector<Keyed> keyed;  // the lines with their keys, where the batches were keyed
  Status status;
};

// One batch of the whole text; or, with dice, batches of random size whose runs are parted by lines that do not
// count. `keyed`: each line brings its number as key.
Answer drive(Operator& op, std::string_view text, Dice* dice = nullptr, bool keyed = false);

std::optional<Verb> built_in(const Argv& argv);  // nullopt: a program stands in, or an error
Argv program_of(const Argv& argv);               // what stands in; empty if none does

// The program's standard output, with LC_ALL=C; `text` is its input.
std::string run_program(const Argv& argv, std::string_view text);

// Lines over a small alphabet, with empty ones, NUL and high bytes, '\r', and now and then a long one.
std::string random_lines(Dice& dice, std::string_view alphabet, size_t lines);

// A pattern of grep or sed over the letters of random_lines and the odd corners of the syntax.
std::string random_pattern(Dice& dice, bool extended);

size_t rounds(size_t usual);  // more with RS_TEST_ROUNDS=factor in the environment
std::string shown(const Argv& argv);
}  // namespace rs
