// Text kernels and verbs alone, on one core, over batches that stay in the cache.
//   micro_text [--benchmark_filter=...]      RAINSTORM_TEXT=FILE: the text (default: sentences of drawn words)
#include <benchmark/benchmark.h>

#include <optional>
#include <random>

#include "base/check.h"
#include "engine/text/literal.h"
#include "engine/text/scan.h"
#include "engine/verbs/verbs.h"
#include "given_text.h"

namespace rs {
namespace {
constexpr size_t kBatchBytes = 256u << 10;
constexpr size_t kTextBytes = 64u << 20;

std::string drawn_text() {
  static const char* const kWords[] = {"the", "of", "science", "a", "in", "river", "and", "Other", "is", "from"};
  std::mt19937_64 random(1);
  std::string text;
  while (text.size() < kTextBytes) {
    const size_t word = random() % 40;
    text += word < std::size(kWords) ? kWords[word] : "w" + std::to_string(random() % 5000);
    text += random() % 20 == 0 ? '\n' : ' ';
  }
  return text += '\n';
}

const std::string& text() {
  static const std::string bytes = given_text(kTextBytes, drawn_text);
  return bytes;
}

template <class F>
void for_each_batch(F&& f) {
  for (std::string_view rest = text(); !rest.empty();) {
    const std::string_view batch = rest.substr(0, line_end(rest, std::min(kBatchBytes, rest.size()) - 1));
    f(batch);
    rest.remove_prefix(batch.size());
  }
}

// Runs `f` over the whole text; what it counts is shown beside the rate.
template <class F>
void measure(benchmark::State& state, F&& f) {
  size_t count = 0;
  text();
  for (auto _ : state) {
    count = 0;
    for_each_batch([&](std::string_view batch) { count += f(batch); });
    benchmark::DoNotOptimize(count);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text().size()));
  state.counters["count"] = static_cast<double>(count);
}

void newlines(benchmark::State& state) {
  measure(state, [](std::string_view batch) { return count_newlines(batch); });
}

void lines(benchmark::State& state) {
  measure(state, [](std::string_view batch) {
    size_t sum = 0;
    for_each_line(batch, [&](std::string_view line) { sum += line.size() & 1; });
    return sum;
  });
}

void words(benchmark::State& state) {
  measure(state, [](std::string_view batch) {
    size_t count = 0, bytes = 0;
    for_each_word(batch, [&](std::string_view word) { ++count, bytes += word.size(); });
    benchmark::DoNotOptimize(bytes);
    return count;
  });
}

void literal(benchmark::State& state, const char* needle, bool ignore_case) {
  const Literal literal(needle, ignore_case);
  measure(state, [&](std::string_view batch) {
    size_t hits = 0;
    for_each_hit(batch, literal, [&](size_t at) { return ++hits, at + 1; });
    return hits;
  });
}

class Bytes final : public Emitter {
 public:
  Status emit(const Batch& batch) override {
    for (const Run& run : batch.runs) bytes += run.end - run.begin;
    return Ok();
  }
  size_t bytes = 0;
};

// Through grep -i first where `filter` is given, as a chain does.
class Chain final : public Emitter {
 public:
  Chain(Operator& next, Emitter& out) : next_(next), out_(out) {}
  Status emit(const Batch& batch) override { return next_.process(batch, out_); }

 private:
  Operator& next_;
  Emitter& out_;
};

std::unique_ptr<Operator> operator_of(const std::vector<std::string>& argv) {
  const StatusOr<ParsedVerb> parsed = parse_verb(argv);
  RS_CHECK(parsed.ok() && std::holds_alternative<Verb>(*parsed), "a built-in verb");
  return make_operator(std::get<Verb>(*parsed));
}

void verbs(benchmark::State& state, const std::vector<std::vector<std::string>>& stages) {
  std::vector<std::unique_ptr<Operator>> operators;
  for (const auto& argv : stages) operators.push_back(operator_of(argv));
  measure(state, [&](std::string_view batch) {
    Bytes bytes;
    const Run run{0, static_cast<uint32_t>(batch.size())};
    std::optional<Chain> chain;
    if (operators.size() > 1) chain.emplace(*operators[1], bytes);
    Emitter& out = chain ? static_cast<Emitter&>(*chain) : bytes;
    RS_CHECK(operators[0]->process({batch, {&run, 1}}, out).ok(), "text has no bad lines");
    return bytes.bytes;
  });
}

BENCHMARK(newlines);
BENCHMARK(lines);
BENCHMARK(words);
BENCHMARK_CAPTURE(literal, science, "science", false);
BENCHMARK_CAPTURE(literal, science_any_case, "science", true);
BENCHMARK_CAPTURE(literal, the, "the", false);
BENCHMARK_CAPTURE(literal, absent, "zyzzyva", false);
BENCHMARK_CAPTURE(verbs, grep_i_science, {{"grep", "-i", "science"}});
BENCHMARK_CAPTURE(verbs, grep_i_the, {{"grep", "-i", "the"}});
BENCHMARK_CAPTURE(verbs, grep_v_the, {{"grep", "-v", "the"}});
BENCHMARK_CAPTURE(verbs, grep_w_the, {{"grep", "-w", "the"}});
BENCHMARK_CAPTURE(verbs, grep_regex_with_literal, {{"grep", "-E", "scien(ce|tist)s? (is|was)"}});
BENCHMARK_CAPTURE(verbs, grep_regex_alone, {{"grep", "-E", "[0-9]{3}-[0-9]{4}"}});
BENCHMARK_CAPTURE(verbs, replace_the, {{"replace", "the", "THE"}});
BENCHMARK_CAPTURE(verbs, replace_science, {{"replace", "science", "SCIENCE"}});
BENCHMARK_CAPTURE(verbs, grep_i_the_then_replace, {{"grep", "-i", "the"}, {"replace", "the", "THE"}});
BENCHMARK_CAPTURE(verbs, replace_numbers, {{"replace", "-E", "[0-9]+", "<&>"}});
BENCHMARK_CAPTURE(verbs, cut_field, {{"cut", "-d ", "-f2,4"}});
BENCHMARK_CAPTURE(verbs, words_as_lines, {{"words"}});
BENCHMARK_CAPTURE(verbs, by_3, {{"by", "3"}});
}  // namespace
}  // namespace rs

BENCHMARK_MAIN();
