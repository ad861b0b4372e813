#include "engine/verbs/options.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
using Argv = std::vector<std::string>;

// "-i -e=x | a b | unknown -z | without value e"
std::string shown(const Argv& argv) {
  const Options options = read_options(argv, "aie:d:");
  std::string text;
  for (const auto& [option, value] : options.set)
    text += std::string("-") + option + (value.empty() ? " " : "=" + value + " ");
  text += "|";
  for (const std::string& operand : options.operands) text += " " + operand;
  if (!options.unknown.empty()) text += " | unknown " + options.unknown;
  if (options.without_value != 0) text += std::string(" | without value ") + options.without_value;
  return text;
}

TEST(Options, AreReadAsGetoptDoes) {
  const std::pair<Argv, const char*> rows[] = {
      {{}, "|"},
      {{"x", "y"}, "| x y"},
      {{"-i", "x"}, "-i | x"},
      {{"-ia"}, "-i -a |"},
      {{"-ex"}, "-e=x |"},
      {{"-e", "x"}, "-e=x |"},
      {{"-e", "-i"}, "-e=-i |"},
      {{"-iex", "y"}, "-i -e=x | y"},
      {{"-eia"}, "-e=ia |"},
      {{"-e", "--", "x"}, "-e=-- | x"},
      {{"-e", "", "-a"}, "-e -a |"},
      {{"a", "-i", "b"}, "-i | a b"},
      {{"--", "-i", "--"}, "| -i --"},
      {{"-i", "--", "-a"}, "-i | -a"},
      {{"-"}, "| -"},
      {{""}, "| "},
      {{"-e", "1", "-e", "2", "-d", "3"}, "-e=1 -e=2 -d=3 |"},
  };
  for (const auto& [argv, text] : rows) EXPECT_EQ(shown(argv), text) << testing::PrintToString(argv);
}

TEST(Options, WhatIsNotOursEndsTheReading) {
  const std::pair<Argv, const char*> rows[] = {
      {{"-z", "-i"}, "| | unknown -z"},
      {{"-iz", "x"}, "-i | | unknown -z"},
      {{"-:"}, "| | unknown -:"},
      {{"--color"}, "| | unknown --color"},
      {{"--color=never", "x"}, "| | unknown --color"},
      {{"x", "--all"}, "| x | unknown --all"},
      {{"-i", "-e"}, "-i | | without value e"},
      {{"-ad"}, "-a | | without value d"},
  };
  for (const auto& [argv, text] : rows) EXPECT_EQ(shown(argv), text) << testing::PrintToString(argv);
}

TEST(Options, HasSaysWhetherOneWasGiven) {
  const Options options = read_options(Argv{"-i", "-ex", "--", "-a"}, "aie:");
  EXPECT_TRUE(options.has('i') && options.has('e'));
  EXPECT_FALSE(options.has('a') || options.has('x'));
}
}  // namespace
}  // namespace rs
