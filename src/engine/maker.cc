#include "engine/maker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "engine/aggregate/payload.h"
#include "engine/text/scan.h"

namespace rs {
namespace {
// Sources bound what they read; operators and programs may lengthen it.
Status check_lengths(std::string_view lines) {
  size_t longest = 0;
  for_each_line(lines, [&](std::string_view line) { longest = std::max(longest, line.size()); });
  if (longest <= kMaxMadeBytes) return Ok();
  return make_error(ErrorId::kLineTooLong,
                    absl::StrCat("a stage made a line of ", longest, " bytes; a line has at most ", kMaxTupleBytes),
                    {{"next", "let the stage write shorter lines, several for one if need be"}});
}
}  // namespace

Maker::Maker(const TaskSpec& task, ChunkSink* sink) : sink_(sink) {
  size_t first = 0;
  for (const OutputSpec& spec : task.outputs) {
    Group group{.spec = spec, .first_out = first};
    RS_CHECK(!spec.channels.empty(), "an output has a channel");
    first += spec.channels.size();
    bool hash = spec.routing == Routing::kHash;
    RS_CHECK(!hash || spec.channels.size() <= kKeyGroups, "each receiver owns a key group");
    RS_CHECK(!spec.combine || hash, "what is added up by key is routed by key");
    group.builders.resize(hash ? spec.channels.size() : 1);
    for (uint32_t g = 0; hash && g < kKeyGroups; ++g) {
      group.owner.push_back(static_cast<uint32_t>(g * spec.channels.size() / kKeyGroups));
    }
    if (spec.combine) group.combiner = make_combiner(*spec.combine);
    groups_.push_back(std::move(group));
  }
}

void Maker::discard() {
  for (Group& group : groups_) {
    for (Builder& builder : group.builders) builder = {};
    if (group.combiner) group.combiner = make_combiner(*group.spec.combine);
  }
}

void Maker::begin(Epoch epoch, Origin origin) {
  epoch_ = epoch;
  origin_ = origin;
  for (Group& group : groups_) {
    for (Builder& builder : group.builders) {
      RS_CHECK(builder.payload.empty(), "a payload has one origin");
      builder.pieces = 0;
    }
  }
}

Status Maker::emit(const Batch& batch) {
  if (batch.runs.empty()) return Ok();
  RS_CHECK(batch.runs.back().end <= batch.text.size(), "runs lie in their text");
  for (const Run& run : batch.runs) {
    const std::string_view lines = batch.text.substr(run.begin, run.end - run.begin);
    if (lines.size() > kMaxMadeBytes) RS_RETURN_IF_ERROR(check_lengths(lines));
    tuples_ += count_newlines(lines);
  }
  for (Group& group : groups_) {
    if (group.combiner) {
      RS_RETURN_IF_ERROR(group.combiner->add(batch));
    } else if (batch.keyed) {
      append_keyed(group, batch);
    } else {
      RS_CHECK(group.spec.routing != Routing::kHash, "the planner routes by key only what has one");
      for (const Run& run : batch.runs) {
        append_lines(group, group.builders[0], batch.text.substr(run.begin, run.end - run.begin));
      }
    }
  }
  return Ok();
}

// Payloads are cut at line ends, at or before kChunkBytes; only a line that is longer than that makes a longer one.
void Maker::append_lines(Group& group, Builder& builder, std::string_view lines) {
  while (!lines.empty()) {
    size_t room = builder.payload.size() < kChunkBytes ? kChunkBytes - builder.payload.size() : 0;
    size_t take = lines.size();
    if (take > room) {
      size_t end = lines.substr(0, room).rfind('\n');
      take = end == std::string_view::npos ? 0 : end + 1;
      if (take == 0 && builder.payload.empty()) take = lines.find('\n') + 1;
    }
    builder.payload.append(lines.substr(0, take));
    lines.remove_prefix(take);
    if (!lines.empty()) close(group, 0, PayloadKind::kLines);
  }
}

void Maker::append_keyed(Group& group, const Batch& batch) {
  size_t key = 0;
  auto append = [&](std::string_view line) {
    std::string_view name = batch.keys[key++];
    line = {line.data(), line.size() + 1};  // with its '\n'
    bool hash = group.spec.routing == Routing::kHash;
    size_t b = hash ? group.owner[key_group(hash64(name)).value] : 0;
    Builder& builder = group.builders[b];
    if (!builder.payload.empty() && builder.payload.size() + name.size() + line.size() > kChunkBytes) {
      close(group, b, PayloadKind::kKeyed);
    }
    put_string(&builder.payload, name);
    put_string(&builder.payload, line);
    ++builder.tuples;
  };
  for (const Run& run : batch.runs) for_each_line(batch.text.substr(run.begin, run.end - run.begin), append);
}

void Maker::close(Group& group, size_t b, PayloadKind kind) {
  Builder& builder = group.builders[b];
  if (builder.payload.empty()) return;
  RS_CHECK(builder.payload.back() == '\n', "a payload is whole lines");
  uint64_t tuples = kind == PayloadKind::kLines ? count_newlines(builder.payload) : builder.tuples;
  Origin origin = origin_;
  origin.piece = origin_.piece * 65599 + builder.pieces++;
  std::string payload;
  payload.swap(builder.payload);
  builder.tuples = 0;
  Chunk chunk = make_chunk(epoch_, origin, kind, std::move(payload), tuples);
  size_t channels = group.spec.channels.size();
  switch (group.spec.routing) {
    case Routing::kHash:
      return sink_->made(group.first_out + b, std::move(chunk));
    case Routing::kRotate:
      return sink_->made(group.first_out + epoch_.value % channels, std::move(chunk));
    case Routing::kOne:
      for (size_t c = 0; c < channels; ++c) sink_->made(group.first_out + c, chunk);
  }
}

void Maker::flush_lines() {
  for (Group& group : groups_) {
    for (size_t b = 0; b < group.builders.size(); ++b) {
      bool keyed = group.builders[b].tuples > 0;
      close(group, b, keyed ? PayloadKind::kKeyed : PayloadKind::kLines);
    }
  }
}

void Maker::flush_combined() {
  for (Group& group : groups_) {
    if (!group.combiner) continue;
    std::vector<std::string> payloads(group.spec.channels.size());
    group.combiner->flush(group.owner, &payloads);
    for (size_t c = 0; c < payloads.size(); ++c) entries(group, c, payloads[c]);
  }
}

// Cut between entries, at or before kChunkBytes. What a flush gives is canonical (payload.md), so the pieces are too.
void Maker::entries(Group& group, size_t channel, const std::string& payload) {
  Origin origin = origin_;
  for (std::string_view rest = payload; !rest.empty();) {
    size_t size = 0;
    uint64_t count = 0;
    while (size < rest.size()) {
      size_t next = aggregate::entry_bytes(rest.substr(size));
      RS_CHECK(next > 0, "a combiner writes whole entries");
      if (size > 0 && size + next > kChunkBytes) break;
      size += next;
      ++count;
    }
    sink_->made(group.first_out + channel,
                make_chunk(epoch_, origin, PayloadKind::kEntries, std::string(rest.substr(0, size)), count));
    rest.remove_prefix(size);
    ++origin.piece;
  }
}

Chain::Chain(std::vector<std::unique_ptr<Operator>> operators, Emitter* end) : first_(end) {
  for (size_t i = operators.size(); i-- > 0;) {
    links_.push_back(std::make_unique<Link>(std::move(operators[i]), first_));
    first_ = links_.back().get();
  }
}

Status Chain::process(const Batch& batch) { return batch.runs.empty() ? Ok() : first_->emit(batch); }

Status Chain::process_chunk(const Chunk& chunk) {
  if (chunk.kind == PayloadKind::kLines) {
    Run all{0, static_cast<uint32_t>(chunk.bytes())};
    return process(Batch{*chunk.payload, {&all, 1}});
  }
  RS_CHECK(chunk.kind == PayloadKind::kKeyed, "entries go to an aggregate");
  std::vector<Run> runs;
  std::vector<std::string_view> keys;
  ByteReader in(*chunk.payload);
  while (!in.done()) {
    keys.push_back(in.string());
    std::string_view line = in.string();
    auto begin = static_cast<uint32_t>(line.data() - chunk.payload->data());
    runs.push_back({begin, begin + static_cast<uint32_t>(line.size())});
  }
  if (!in.ok()) return absl::DataLossError("a keyed payload is malformed");
  return process(Batch{*chunk.payload, runs, true, keys});
}
}  // namespace rs
