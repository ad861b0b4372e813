// Aggregates alone, on one core: words counted into a combiner, payloads folded, snapshots made and restored.
//   micro_aggregate [--benchmark_filter=...]      RAINSTORM_TEXT=FILE: the text (default: words drawn by Zipf's law)
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <random>

#include "base/check.h"
#include "engine/aggregate.h"
#include "engine/aggregate/payload.h"
#include "engine/text/scan.h"
#include "given_text.h"

namespace rs {
namespace {
constexpr size_t kBatch = 256u << 10;
const AggregateSpec kWordCount{AggregateSpec::Fold::kCount, {FieldSpec::Kind::kWords}};

std::string drawn_text() {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::string text;
  while (text.size() < 100'000'000) {
    text += "w" + std::to_string(static_cast<uint64_t>(std::pow(1e6, uniform(random))));
    text += random() % 20 == 0 ? '\n' : ' ';
  }
  return text += '\n';
}

const std::string& text() {
  static const std::string bytes = given_text(std::string::npos, drawn_text);
  return bytes;
}

size_t words(std::string_view bytes) {
  size_t count = 0;
  for_each_word(bytes, [&](std::string_view) { ++count; });
  return count;
}

// Adds text from `at` on until `bytes` are in; answers the end.
size_t add_some(Combiner* combiner, size_t at, size_t bytes) {
  const size_t stop = std::min(text().size(), at + bytes);
  while (at < stop) {
    const std::string_view rest = std::string_view(text()).substr(at);
    const std::string_view batch = rest.substr(0, line_end(rest, std::min(kBatch, rest.size()) - 1));
    const Run run{0, static_cast<uint32_t>(batch.size())};
    RS_CHECK(combiner->add({batch, {&run, 1}}).ok(), "words are counted");
    at += batch.size();
  }
  return at;
}

std::vector<std::vector<std::string>> flushed(size_t epoch_bytes, uint32_t receivers) {
  std::vector<uint32_t> owner(kKeyGroups);
  for (uint32_t i = 0; i < kKeyGroups; ++i) owner[i] = i * receivers / kKeyGroups;
  const auto combiner = make_combiner(kWordCount);
  std::vector<std::vector<std::string>> epochs;
  for (size_t at = 0; at < text().size();) {
    at = add_some(combiner.get(), at, epoch_bytes);
    combiner->flush(owner, &epochs.emplace_back(receivers));
  }
  return epochs;
}

void report_words(benchmark::State& state, size_t count) {
  state.SetItemsProcessed(static_cast<int64_t>(count) * static_cast<int64_t>(state.iterations()));
}

void split(benchmark::State& state) {
  for (auto _ : state) {
    size_t count = 0, bytes = 0;
    for_each_word(text(), [&](std::string_view word) { ++count, bytes += word.size(); });
    benchmark::DoNotOptimize(count + bytes);
  }
  report_words(state, words(text()));
}
BENCHMARK(split)->Unit(benchmark::kMillisecond);

// The argument: MiB between flushes; 0: never flushed.
void combine(benchmark::State& state) {
  const size_t epoch = static_cast<size_t>(state.range(0)) << 20;
  const std::vector<uint32_t> owner(kKeyGroups, 0);
  const auto combiner = make_combiner(kWordCount);
  size_t bytes = 0, held = 0;
  for (auto _ : state) {
    bytes = 0;
    for (size_t at = 0; at < text().size();) {
      at = add_some(combiner.get(), at, epoch == 0 ? text().size() : epoch);
      held = std::max(held, combiner->bytes());
      std::vector<std::string> payloads(1);
      combiner->flush(owner, &payloads);
      bytes += payloads[0].size();
    }
  }
  report_words(state, words(text()));
  state.counters["payload_MB"] = static_cast<double>(bytes) / 1e6;
  state.counters["held_MB"] = static_cast<double>(held) / 1e6;
}
BENCHMARK(combine)->Arg(0)->Arg(64)->Arg(16)->Arg(4)->Arg(1)->Unit(benchmark::kMillisecond);

// As a channel does it.
std::vector<std::string> cut(std::string_view payload) {
  std::vector<std::string> pieces(1);
  while (const size_t size = aggregate::entry_bytes(payload)) {
    if (pieces.back().size() + size > kBatch) pieces.emplace_back();
    pieces.back().append(payload.substr(0, size));
    payload.remove_prefix(size);
  }
  return pieces;
}

// The epochs of a combiner into one of two folders.
void fold(benchmark::State& state) {
  std::vector<std::vector<std::string>> epochs;
  for (const auto& epoch : flushed(static_cast<size_t>(state.range(0)) << 20, 2)) epochs.push_back(cut(epoch[0]));
  size_t keys = 0, bytes = 0;
  for (auto _ : state) {
    const auto folder = make_folder(kWordCount);
    bytes = 0;
    for (const auto& epoch : epochs) {
      for (const std::string& piece : epoch) {
        RS_CHECK(folder->fold(piece).ok(), "payloads of a combiner");
        bytes += piece.size();
      }
    }
    keys = folder->keys();
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes) * static_cast<int64_t>(state.iterations()));
  state.counters["keys"] = static_cast<double>(keys);
}
BENCHMARK(fold)->Arg(64)->Arg(16)->Arg(4)->Arg(1)->Unit(benchmark::kMillisecond);

std::unique_ptr<Folder> folder_of_a_million() {
  std::string lines;
  for (int i = 0; i < 1'000'000; ++i) lines += "key-" + std::to_string(i * 7) + "\n";
  const auto combiner = make_combiner({AggregateSpec::Fold::kCount});
  const Run run{0, static_cast<uint32_t>(lines.size())};
  RS_CHECK(combiner->add({lines, {&run, 1}}).ok(), "lines are counted");
  std::vector<std::string> payloads(1);
  combiner->flush(std::vector<uint32_t>(kKeyGroups, 0), &payloads);
  auto folder = make_folder(kWordCount);
  RS_CHECK(folder->fold(payloads[0]).ok(), "a payload of the combiner");
  return folder;
}

void snapshot_million(benchmark::State& state) {
  const auto folder = folder_of_a_million();
  size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    folder->snapshot([&](KeyGroup, std::string_view payload) { bytes += payload.size(); });
  }
  state.counters["MB"] = static_cast<double>(bytes) / 1e6;
}
BENCHMARK(snapshot_million)->Unit(benchmark::kMillisecond);

void restore_million(benchmark::State& state) {
  std::vector<std::string> payloads;
  folder_of_a_million()->snapshot([&](KeyGroup, std::string_view payload) { payloads.emplace_back(payload); });
  for (auto _ : state) {
    const auto folder = make_folder(kWordCount);
    for (const std::string& payload : payloads) RS_CHECK(folder->fold(payload).ok(), "payloads of a snapshot");
    RS_CHECK(folder->keys() == 1'000'000, "nothing is lost");
  }
}
BENCHMARK(restore_million)->Unit(benchmark::kMillisecond);

void finals_million(benchmark::State& state) {
  const auto folder = folder_of_a_million();
  size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    folder->finals([&](std::string_view piece) { bytes += piece.size(); });
  }
  state.counters["MB"] = static_cast<double>(bytes) / 1e6;
}
BENCHMARK(finals_million)->Unit(benchmark::kMillisecond);
}  // namespace
}  // namespace rs

BENCHMARK_MAIN();
