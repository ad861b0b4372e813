#include "engine/verbs/programs.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.h"
#include "base/error.h"
#include "engine/text/pattern_fault.h"
#include "engine/text/regex.h"
#include "engine/verbs/operators.h"
#include "engine/verbs/options.h"

namespace rs {
namespace {
using Argv = std::span<const std::string>;

StandIn stand_in(std::vector<std::string> before, Argv rest, std::string why) {
  before.insert(before.end(), rest.begin(), rest.end());
  return {std::move(before), std::move(why)};
}

Syntax syntax_of(const Options& options) {
  return options.has('F') ? Syntax::kFixed : options.has('E') ? Syntax::kExtended : Syntax::kBasic;
}

Dialect dialect_of(Syntax syntax) { return syntax == Syntax::kExtended ? Dialect::kGrepExtended : Dialect::kGrep; }

// What the program would say, said before anything is touched.
Status check_pattern(const std::string& verb, std::string_view pattern, Dialect dialect, const char* literally) {
  const std::string fault = pattern_fault(pattern, dialect);
  if (fault.empty()) return Ok();
  return make_error(ErrorId::kVerbUse, "`" + verb + "`: the pattern `" + std::string(pattern) + "` is broken: " + fault,
                    {{"next", std::string("mend the pattern; ") + literally + " takes it as plain text"}});
}

// Reads the patterns, one a line, in `text`. False: grep itself must do it.
StatusOr<bool> add_patterns(std::string_view text, const Options& options, Grep* grep) {
  bool built_in = true;
  for (;;) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::optional<Pattern> pattern = parse_pattern(text.substr(0, end), syntax_of(options), options.has('i'));
    if (!pattern) {
      RS_RETURN_IF_ERROR(check_pattern("grep", text.substr(0, end), dialect_of(syntax_of(options)), "grep -F"));
      built_in = false;
    } else if (grep->word && !grep->line && (pattern->nullable || pattern->anchored || pattern->looks_around)) {
      // grep tries shorter and later matches for -w; which ones, is visible where a match may be empty or looks
      // at what is beside it.
      built_in = false;
    } else {
      grep->patterns.push_back(*pattern);
    }
    if (end == text.size()) return built_in;
    text.remove_prefix(end + 1);
  }
}
}  // namespace

StatusOr<ParsedVerb> parse_grep(Argv argv) {
  const auto run_grep = [&](std::string why) { return stand_in({"grep", "-a"}, argv.subspan(1), std::move(why)); };
  Options options = read_options(argv.subspan(1), "aivFEGwxe:");
  if (!options.unknown.empty()) return run_grep("grep " + options.unknown + " is not built in");
  if (options.without_value) return wrong_use("grep", "-e needs a pattern", "grep -i science");
  std::vector<std::string> texts;
  for (const auto& [option, value] : options.set) {
    if (option == 'e') texts.push_back(value);
  }
  if (texts.empty() && !options.operands.empty()) {
    texts.push_back(options.operands.front());
    options.operands.erase(options.operands.begin());
  }
  if (texts.empty()) return wrong_use("grep", "it needs a pattern", "grep -i science");
  if (!options.operands.empty())
    return wrong_use("grep", "it reads the stage before it, not the file `" + options.operands.front() + "`",
                     "file:PATH | grep -i science");
  if (options.has('E') + options.has('F') + options.has('G') > 1) return run_grep("grep chooses between -E, -F and -G");

  Grep grep{.invert = options.has('v'), .word = options.has('w'), .line = options.has('x')};
  bool built_in = true;
  for (const std::string& text : texts) {
    const StatusOr<bool> added = add_patterns(text, options, &grep);
    if (!added.ok()) return added.status();
    built_in &= *added;
  }
  if (!built_in) return run_grep("the pattern needs grep itself");
  if (!can_make(grep)) return run_grep("the pattern is too big");
  return Verb(std::move(grep));
}

namespace {
// The replacement text of sed: & is the match. False: it says more than that.
bool parse_parts(std::string_view text, std::vector<std::string>* parts) {
  parts->emplace_back();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '&') {
      parts->emplace_back();
      continue;
    }
    if (text[i] == '\\' && (++i == text.size() || (text[i] != '&' && text[i] != '\\' && text[i] != '/'))) return false;
    parts->back().push_back(text[i]);
  }
  return true;
}

StatusOr<ParsedVerb> run_sed(const std::string& pattern, const std::string& replacement) {
  for (const char delimiter : {'/', ',', '#', '%', '~', '@', '\x01', '\x02'}) {
    if ((pattern + replacement).find(delimiter) != std::string::npos) continue;
    const std::string d(1, delimiter);
    return StandIn{{"sed", "-E", "s" + d + pattern + d + replacement + d + "g"},
                   "the pattern or its replacement needs sed itself"};
  }
  return wrong_use("replace", "the pattern holds every character that could end it", "replace -E '(a|b)+' '<&>'");
}

StatusOr<ParsedVerb> parse_replace_pattern(const std::string& text, const std::string& replacement) {
  constexpr std::string_view kForm = "replace -E '[0-9]+' '<&>'";
  if (text.empty()) return wrong_use("replace", "the pattern is empty", kForm);
  if ((text + replacement).find('\n') != std::string::npos)
    return wrong_use("replace", "a line end is never found nor made", kForm);
  const std::optional<Pattern> pattern = parse_pattern(text, Syntax::kExtended, false);
  if (!pattern) RS_RETURN_IF_ERROR(check_pattern("replace", text, Dialect::kSedExtended, "replace without -E"));
  ReplacePattern replace;
  // The C library has answers of its own where word borders are replaced at or anchors repeated, and sed reads
  // escapes inside of brackets.
  if (!pattern || pattern->looks_around || pattern->repeats_border || pattern->backslash_in_set ||
      !parse_parts(replacement, &replace.parts) || !Regex(pattern->expression, Regex::Prefer::kLongest).ok())
    return run_sed(text, replacement);
  if (pattern->is_literal && !pattern->nullable) {
    Replace literal{pattern->literal, replace.parts[0]};
    for (size_t i = 1; i < replace.parts.size(); ++i) literal.to.append(literal.from).append(replace.parts[i]);
    return Verb(std::move(literal));
  }
  replace.pattern = *pattern;
  return Verb(std::move(replace));
}
}  // namespace

StatusOr<ParsedVerb> parse_replace(Argv argv) {
  constexpr std::string_view kForm = "replace the THE, or replace -E '[0-9]+' '<&>'";
  const bool by_pattern = argv.size() > 1 && argv[1] == "-E";
  const Argv words = argv.subspan(by_pattern ? 2 : 1);
  if (words.size() != 2) return wrong_use("replace", "it takes what to find and what to put there", kForm);
  if (by_pattern) return parse_replace_pattern(words[0], words[1]);
  if (words[0].empty()) return wrong_use("replace", "what to find is empty", kForm);
  if ((words[0] + words[1]).find('\n') != std::string::npos)
    return wrong_use("replace", "a line end is never found nor made", kForm);
  return Verb(Replace{words[0], words[1]});
}

namespace {
using Ranges = std::vector<std::pair<uint32_t, uint32_t>>;

bool parse_number(std::string_view text, uint32_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && *number > 0 &&
         *number < std::numeric_limits<uint32_t>::max();
}

// N, N-, -M or N-M.
bool parse_range(std::string_view text, Ranges* ranges) {
  const size_t dash = text.find('-');
  uint32_t first = 1, last = std::numeric_limits<uint32_t>::max();
  if (dash == std::string_view::npos) {
    if (!parse_number(text, &first)) return false;
    last = first;
  } else {
    if (text.size() == 1) return false;
    if (dash > 0 && !parse_number(text.substr(0, dash), &first)) return false;
    if (dash + 1 < text.size() && !parse_number(text.substr(dash + 1), &last)) return false;
  }
  ranges->emplace_back(first, last);
  return first <= last;
}

// A list as `1,3-5,9-`, made ascending and without overlap. Empty: cut itself says what is wrong.
Ranges parse_list(std::string_view text) {
  Ranges given, ranges;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (!parse_range(text.substr(0, comma), &given) || comma + 1 == text.size()) return {};
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  std::sort(given.begin(), given.end());
  for (const auto& range : given) {
    if (!ranges.empty() && uint64_t{ranges.back().second} + 1 >= range.first) {
      ranges.back().second = std::max(ranges.back().second, range.second);
    } else {
      ranges.push_back(range);
    }
  }
  return ranges;
}
}  // namespace

StatusOr<ParsedVerb> parse_cut(Argv argv) {
  constexpr std::string_view kForm = "cut -d, -f1,3";
  const auto run_cut = [&](std::string why) { return stand_in({"cut"}, argv.subspan(1), std::move(why)); };
  const Options options = read_options(argv.subspan(1), "b:c:f:d:sn");
  if (!options.unknown.empty()) return run_cut("cut " + options.unknown + " is not built in");
  if (options.without_value)
    return wrong_use("cut", std::string("-") + options.without_value + " needs a value", kForm);
  if (!options.operands.empty())
    return wrong_use("cut", "it reads the stage before it, not the file `" + options.operands.front() + "`", kForm);
  Cut cut;
  int lists = 0;
  bool delimited = false;
  for (const auto& [option, value] : options.set) {
    if (option == 'd') {
      if (value.size() != 1 || value == "\n") return run_cut("cut -d takes one byte here");
      cut.delimiter = value[0];
      delimited = true;
    } else if (option == 's') {
      cut.only_delimited = true;
    } else if (option != 'n') {
      cut.fields = option == 'f';
      cut.ranges = parse_list(value);
      ++lists;
    }
  }
  if (lists != 1) return wrong_use("cut", "it takes one list of bytes, characters or fields", kForm);
  if (cut.ranges.empty()) return run_cut("the list needs cut itself");
  if (!cut.fields && (delimited || cut.only_delimited)) return wrong_use("cut", "-d and -s go with -f only", kForm);
  return Verb(std::move(cut));
}
}  // namespace rs
