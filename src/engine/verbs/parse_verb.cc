// The words of a stage -> a Verb, a program that stands in, or an error.
#include <algorithm>
#include <charconv>
#include <limits>

#include "base/error.h"
#include "engine/verbs/programs.h"
#include "engine/verbs/verbs.h"

namespace rs {
namespace {
using Argv = std::span<const std::string>;
using Parsed = StatusOr<ParsedVerb>;

bool parse_column(std::string_view text, uint32_t* column) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *column);
  return error == std::errc() && end == text.data() + text.size() && *column > 0;
}

// N, csv:N or tsv:N.
StatusOr<FieldSpec> parse_field(const std::string& verb, std::string_view text) {
  FieldSpec field{FieldSpec::Kind::kAwk};
  if (text.starts_with("csv:")) field.kind = FieldSpec::Kind::kCsv;
  if (text.starts_with("tsv:")) field.kind = FieldSpec::Kind::kTsv;
  if (text.starts_with("json:"))
    return make_error(ErrorId::kNotYet, "`" + verb + " json:...` is reserved",
                      {{"next", "bring the field to a column first, for example with `exec jq -r ...`"}});
  if (!parse_column(text.substr(field.kind == FieldSpec::Kind::kAwk ? 0 : 4), &field.column))
    return wrong_use(verb, "`" + std::string(text) + "` is no field",
                     verb + " 3 (as awk counts), " + verb + " csv:4, " + verb + " tsv:2");
  return field;
}

Parsed parse_identity(Argv argv) {
  if (argv.size() > 1) return wrong_use(argv[0], "it takes no words", "identity");
  return Verb(Identity{});
}

Parsed parse_words(Argv argv) {
  if (argv.size() > 1) return wrong_use(argv[0], "it takes no words", "words");
  return Verb(Words{});
}

Parsed parse_by(Argv argv) {
  if (argv.size() != 2) return wrong_use(argv[0], "it takes one field", "by 3, by csv:4, by tsv:2");
  const StatusOr<FieldSpec> key = parse_field(argv[0], argv[1]);
  if (!key.ok()) return key.status();
  return Verb(By{*key});
}

Parsed parse_transform(Argv argv) {
  constexpr std::string_view kForm = "transform csv:1,2,3";
  if (argv.size() != 2 || !argv[1].starts_with("csv:"))
    return wrong_use(argv[0], "it takes a list of CSV columns", kForm);
  Transform transform;
  for (std::string_view rest = std::string_view(argv[1]).substr(4); !rest.empty() || transform.columns.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    uint32_t column = 0;
    if (!parse_column(rest.substr(0, comma), &column) || column > kMaxColumn || comma + 1 == rest.size())
      return wrong_use(argv[0], "`" + argv[1] + "` is no list of columns, 1 to " + std::to_string(kMaxColumn), kForm);
    transform.columns.push_back(column);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return Verb(std::move(transform));
}

Parsed parse_count(Argv argv) {
  if (argv.size() > 1)
    return wrong_use(argv[0], "it takes no words: `by` or `words` before it makes the key", "by 3 | count");
  return Verb(AggregateSpec{AggregateSpec::Fold::kCount});
}

template <AggregateSpec::Fold kFold>
Parsed parse_fold(Argv argv) {
  const std::string& verb = argv[0];
  if (argv.size() > 2)
    return wrong_use(verb, "it takes at most one field", verb + ", " + verb + " 3, " + verb + " csv:4");
  AggregateSpec spec{kFold};
  if (argv.size() == 1) return Verb(spec);
  const StatusOr<FieldSpec> field = parse_field(verb, argv[1]);
  if (!field.ok()) return field.status();
  spec.field = *field;
  return Verb(spec);
}

Parsed parse_top(Argv argv) {
  AggregateSpec spec{AggregateSpec::Fold::kTop};
  uint32_t limit = 0;
  if (argv.size() != 2 || !parse_column(argv[1], &limit))
    return wrong_use(argv[0], "it takes how many lines to keep", "top 20");
  spec.limit = limit;
  return Verb(spec);
}

Parsed parse_sort(Argv argv) { return StandIn{{argv.begin(), argv.end()}, "sort is not built in"}; }

struct Row {
  std::string_view verb;
  Parsed (*parse)(Argv);
};
constexpr Row kVerbs[] = {
    {"identity", parse_identity},
    {"words", parse_words},
    {"by", parse_by},
    {"grep", parse_grep},
    {"replace", parse_replace},
    {"cut", parse_cut},
    {"sort", parse_sort},
    {"top", parse_top},
    {"transform", parse_transform},
    {"count", parse_count},
    {"sum", parse_fold<AggregateSpec::Fold::kSum>},
    {"min", parse_fold<AggregateSpec::Fold::kMin>},
    {"max", parse_fold<AggregateSpec::Fold::kMax>},
};
}  // namespace

Status wrong_use(const std::string& verb, std::string_view what, std::string_view form) {
  return make_error(ErrorId::kVerbUse, "`" + verb + "`: " + std::string(what),
                    {{"next", "write it like " + std::string(form)}});
}

StatusOr<ParsedVerb> parse_verb(std::span<const std::string> argv) {
  for (const Row& row : kVerbs) {
    if (row.verb == argv.front()) return row.parse(argv);
  }
  return make_error(ErrorId::kReservedWord, "`" + argv.front() + "` is no verb of this version",
                    {{"next", "exec " + argv.front() + " runs a program of that name"}});
}
}  // namespace rs
