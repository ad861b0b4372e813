#include "engine/verbs/drive_test.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "engine/text/scan.h"

namespace rs {
namespace {
class Collector final : public Emitter {
 public:
  Status emit(const Batch& batch) override {
    size_t key = 0;
    uint32_t last = 0;
    for (const Run& run : batch.runs) {
      RS_CHECK(run.begin < run.end && run.begin >= last && run.end <= batch.text.size(), "runs ascend, none is empty");
      last = run.end;
      const std::string_view text = batch.text.substr(run.begin, run.end - run.begin);
      RS_CHECK(text.back() == '\n', "runs are complete lines");
      answer.text += text;
      if (!batch.keyed) continue;
      for_each_line(text, [&](std::string_view line) {
        RS_CHECK(key < batch.keys.size(), "a key for each line");
        answer.keyed.push_back({std::string(batch.keys[key++]), std::string(line)});
      });
    }
    RS_CHECK(!batch.keyed || key == batch.keys.size(), "no key without a line");
    return Ok();
  }
  Answer answer;
};

// The batch that is being put together.
struct Draft {
  std::string text;
  std::vector<Run> runs;
  std::vector<std::string> keys;

  void add(std::string_view line, bool counts, bool joined) {
    const Run run{static_cast<uint32_t>(text.size()), static_cast<uint32_t>(text.size() + line.size())};
    text += line;
    if (!counts) return;
    if (joined && !runs.empty() && runs.back().end == run.begin)
      runs.back().end = run.end;
    else
      runs.push_back(run);
  }
  Status process(Operator& op, bool keyed, Emitter& out) {
    if (runs.empty()) return Ok();
    const std::string exact = text;  // a buffer of its own: the address sanitizer sees what is read beyond
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    const Status status = op.process({exact, runs, keyed, keyed ? views : std::vector<std::string_view>()}, out);
    *this = {};
    return status;
  }
};
}  // namespace

Answer drive(Operator& op, std::string_view text, Dice* dice, bool keyed) {
  Collector collector;
  Draft draft;
  size_t number = 0;
  const auto flush = [&] {
    if (collector.answer.status.ok()) collector.answer.status = draft.process(op, keyed, collector);
  };
  const auto chance = [&](size_t of) { return dice != nullptr && (*dice)() % of == 0; };
  for (size_t at = 0; at < text.size();) {
    const size_t end = line_end(text, at);
    if (chance(6)) draft.add("the decoy: abc, foo, 123\n", false, false);
    if (keyed) draft.keys.push_back(std::to_string(number++));
    draft.add(text.substr(at, end - at), true, !chance(5));
    if (chance(20)) flush();
    at = end;
  }
  flush();
  return std::move(collector.answer);
}

std::optional<Verb> built_in(const Argv& argv) {
  StatusOr<ParsedVerb> parsed = parse_verb(argv);
  if (!parsed.ok() || !std::holds_alternative<Verb>(*parsed)) return std::nullopt;
  return std::get<Verb>(*std::move(parsed));
}

Argv program_of(const Argv& argv) {
  const StatusOr<ParsedVerb> parsed = parse_verb(argv);
  if (!parsed.ok() || !std::holds_alternative<StandIn>(*parsed)) return {};
  return std::get<StandIn>(*parsed).argv;
}

std::string run_program(const Argv& argv, std::string_view text) {
  const std::string input = testing::TempDir() + "/rs_verbs_" + std::to_string(getpid());
  std::ofstream(input, std::ios::binary) << text;
  std::string command = "LC_ALL=C";
  for (const std::string& word : argv) {
    command += " '";
    for (char c : word) command += c == '\'' ? std::string("'\\''") : std::string(1, c);
    command += "'";
  }
  FILE* pipe = popen((command + " < '" + input + "' 2>&1").c_str(), "r");
  RS_CHECK(pipe != nullptr, "a shell runs");
  std::string output;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  pclose(pipe);
  std::filesystem::remove(input);
  return output;
}

std::string random_lines(Dice& dice, std::string_view alphabet, size_t lines) {
  static constexpr std::string_view kOdd("\0\r\t\xff\xe9\x80 _.\\nt*]{-", 16);
  std::string text;
  for (size_t i = 0; i < lines; ++i) {
    const size_t size = dice() % 30 == 0 ? dice() % 6000 : dice() % 12;
    for (size_t k = 0; k < size; ++k) {
      text += dice() % 12 == 0 ? kOdd[dice() % kOdd.size()] : alphabet[dice() % alphabet.size()];
    }
    text += '\n';
  }
  return text;
}

namespace {
class PatternDice {
 public:
  PatternDice(Dice& dice, bool extended) : dice_(dice), extended_(extended) {}

  std::string pattern(int depth = 0) {
    std::string text = chance(6) ? "^" : "";
    for (size_t parts = 1 + dice_() % 4; parts > 0; --parts) text += repeated(depth);
    if (chance(6)) text += "$";
    if (chance(depth == 0 ? 5 : 3)) text += op("|") + pattern(depth + 1);
    return text;
  }

 private:
  bool chance(size_t of) { return dice_() % of == 0; }
  std::string op(std::string_view bare) { return (extended_ ? "" : "\\") + std::string(bare); }

  std::string repeated(int depth) {
    std::string text = atom(depth);
    if (!chance(3)) return text;
    switch (dice_() % 7) {
      case 0:
        return text + op("+");
      case 1:
        return text + op("?");
      case 2:
        return text + op("{") + "2" + op("}");
      case 3:
        return text + op("{") + "1,2" + op("}");
      case 4:
        return text + op("{") + ",2" + op("}");
      case 5:
        return text + op("{") + "2," + op("}");
      default:
        return text + "*";
    }
  }

  std::string atom(int depth) {
    static const char* const kSets[] = {
        ".",   "[ab]", "[^a]", "[[:alpha:]]", "[^[:space:]b]",        "[a-c_]",      "[]a]",  "[a-]",
        "\\w", "\\W",  "\\s",  "\\S",         "[[:upper:][:digit:]]", "[[:punct:]]", "[\\n]", "[^]a]"};
    static const char* const kBorders[] = {"\\b", "\\B", "\\<", "\\>", "^", "$", "*", "\\.", "\\*", "{", "]", "\\\\"};
    if (depth < 2 && chance(7)) return op("(") + pattern(depth + 1) + op(")");
    if (chance(5)) return kSets[dice_() % std::size(kSets)];
    if (chance(12)) return kBorders[dice_() % std::size(kBorders)];
    static const char* const kStrings[] = {"a", "b", "c", "ab", "A", "foo", "bc", "1", " ", "_"};
    return kStrings[dice_() % std::size(kStrings)];
  }

  Dice& dice_;
  const bool extended_;
};
}  // namespace

std::string random_pattern(Dice& dice, bool extended) { return PatternDice(dice, extended).pattern(); }

size_t rounds(size_t usual) {
  const char* factor = std::getenv("RS_TEST_ROUNDS");
  return usual * (factor ? std::strtoul(factor, nullptr, 10) : 1);
}

std::string shown(const Argv& argv) {
  std::string text;
  for (const std::string& word : argv) text += "[" + word + "] ";
  return text;
}
}  // namespace rs
