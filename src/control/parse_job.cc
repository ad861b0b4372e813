#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "base/check.h"
#include "base/suggest.h"
#include "control/job.h"
#include "control/words.h"
#include "engine/verbs/verbs.h"

namespace rs {
namespace {
using Words = std::span<const Token>;

constexpr std::array<std::string_view, 13> kVerbs = {"identity", "grep", "replace", "cut", "transform", "words", "by",
                                                     "count",    "sum",  "min",     "max", "top",       "sort"};
constexpr std::array<std::string_view, 10> kReserved = {"avg", "distinct", "lines", "csv",    "json",
                                                        "tee", "window",   "join",  "lookup", "sql"};
constexpr std::array<std::string_view, 6> kSchemes = {"file", "dir", "tail", "stdin", "stdout", "hydfs"};
constexpr std::array<std::string_view, 6> kLaterSchemes = {"hydfs", "http", "https", "tcp", "kafka", "s3"};
constexpr std::array<std::string_view, 23> kDataEndings = {
    "txt", "text", "csv", "tsv",  "tab", "log",  "json", "jsonl", "ndjson", "gz",  "zst",    "bz2",
    "xz",  "zip",  "dat", "data", "xml", "html", "htm",  "md",    "yaml",   "yml", "parquet"};

template <size_t N>
bool holds(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// A reserved word is a verb too: parse_verb refuses it, so that it is not taken for a program by accident.
bool is_verb(std::string_view word) { return holds(kVerbs, word) || holds(kReserved, word); }

// "file" of "file:a.txt"; "" where the word has no scheme.
std::string_view scheme_of(std::string_view word) {
  const size_t colon = word.find(':');
  if (colon == std::string_view::npos || colon == 0 || word[0] < 'a' || word[0] > 'z') return {};
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789+-";
  return word.substr(0, colon).find_first_not_of(kLetters) == std::string_view::npos ? word.substr(0, colon)
                                                                                     : std::string_view();
}

// A first word that was surely meant as data: nobody has a program of such a name in PATH.
bool looks_like_data(const Token& word) {
  const std::string_view text = word.text;
  if (word.glob || text == "." || text == ".." || text.ends_with('/')) return true;
  const size_t dot = text.rfind('.');
  return dot != std::string_view::npos && holds(kDataEndings, text.substr(dot + 1));
}

bool is_assignment(const Token& word) {
  const size_t equals = word.text.find('=');
  if (equals == std::string::npos || equals == 0 || word.text[0] == '=') return false;
  return std::all_of(word.text.begin(), word.text.begin() + equals, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

class Parser {
 public:
  explicit Parser(std::string_view line) : line_(line) {}
  StatusOr<JobSpec> parse();

 private:
  Status elements(Words words);  // all that stands before `>`
  Status sink(Words words, size_t into);
  Status first(Words element);  // the source, or the first stage
  Status source(Words element, std::string_view scheme);
  Status add_path(const Token& word, std::string_view scheme);
  Status stage(Words element);
  Status parallel(const Token& word, uint32_t* tasks) const;
  Status named(Words rest, bool forced, StageSpec* stage) const;
  Status verb(const Token& name, StageSpec* stage) const;
  Status unknown_scheme(const Token& word, std::string_view scheme, bool source) const;
  Status fail(ErrorId id, size_t offset, std::string_view message, std::string_view next) const {
    return error_at(id, line_, offset, message, next);
  }
  Status fail(ErrorId id, const Token& at, std::string_view message, std::string_view next) const {
    return fail(id, at.begin, message, next);
  }

  std::string_view line_;
  JobSpec job_;
};

StatusOr<JobSpec> Parser::parse() {
  auto tokens = split_words(line_);
  if (!tokens.ok()) return tokens.status();
  if (tokens->empty())
    return fail(ErrorId::kJobSyntax, 0, "the job is empty",
                "SOURCE | STAGE | ... > SINK, say 'file:a.txt | words | count'");
  const auto into =
      std::find_if(tokens->begin(), tokens->end(), [](const Token& t) { return t.kind == Token::Kind::kInto; });
  const size_t before = static_cast<size_t>(into - tokens->begin());
  const Words all = *tokens;
  if (before > 0) RS_RETURN_IF_ERROR(elements(all.first(before)));
  if (into != tokens->end()) RS_RETURN_IF_ERROR(sink(all.subspan(before + 1), into->begin));
  return std::move(job_);
}

Status Parser::elements(Words words) {
  bool is_first = true;
  for (size_t begin = 0; begin <= words.size();) {
    size_t end = begin;
    while (end < words.size() && words[end].kind == Token::Kind::kWord) ++end;
    const Words element = words.subspan(begin, end - begin);
    if (element.empty()) {
      const size_t at = begin < words.size() ? words[begin].begin : words.back().begin;
      const bool starts = is_first && begin < words.size();
      return fail(
          ErrorId::kJobSyntax, at, starts ? "nothing stands before this `|`" : "a stage is missing at this `|`",
          starts ? "leave out the `|` to read standard input" : "put a verb or a program there, or leave out the `|`");
    }
    for (const Token& word : element.subspan(1))
      if (word.new_line)
        return fail(ErrorId::kJobSyntax, word, "a new line begins inside a stage",
                    "put a `|` before it, or a backslash at the end of the line above");
    RS_RETURN_IF_ERROR(is_first ? first(element) : stage(element));
    is_first = false;
    begin = end + 1;
  }
  return Ok();
}

Status Parser::first(Words element) {
  const Token& word = element.front();
  if (word.text == "-" && element.size() == 1) return Ok();
  const std::string_view scheme = scheme_of(word.text);
  if (!scheme.empty()) return source(element, scheme);
  if (!looks_like_data(word)) return stage(element);
  const bool folder = word.text == "." || word.text == ".." || word.text.ends_with('/');
  return fail(ErrorId::kNoScheme, word, "`" + word.text + "` looks like a path, and a source has a scheme",
              std::string(folder ? "dir:" : "file:") + (word.glob ? word.text : quote_word(word.text)) +
                  "   (exec NAME, if it is a program)");
}

Status Parser::unknown_scheme(const Token& word, std::string_view scheme, bool source) const {
  const std::string name = "`" + std::string(scheme) + ":`";
  if (holds(kLaterSchemes, scheme))
    return fail(ErrorId::kBadScheme, word, name + " is not in this version",
                source ? "sources are file: dir: tail: stdin:" : "sinks are file: and stdout:");
  const std::string_view near = nearest(scheme, kSchemes);
  std::string next = source ? "sources are file: dir: tail: stdin:" : "sinks are file: and stdout:";
  if (!near.empty()) next = "did you mean " + std::string(near) + ":   (" + next + ")";
  return fail(ErrorId::kBadScheme, word, name + (source ? " is no source" : " is no sink"), next);
}

Status Parser::source(Words element, std::string_view scheme) {
  using Kind = SourceSpec::Kind;
  constexpr std::array<std::pair<std::string_view, Kind>, 4> kKinds = {
      {{"file", Kind::kFile}, {"dir", Kind::kDir}, {"tail", Kind::kTail}, {"stdin", Kind::kStdin}}};
  const auto* kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return k.first == scheme; });
  if (kind == kKinds.end()) return unknown_scheme(element.front(), scheme, true);
  job_.source.kind = kind->second;
  for (const Token& word : element) RS_RETURN_IF_ERROR(add_path(word, scheme));
  const bool many = job_.source.kind == Kind::kFile;
  if (element.size() > 1 && !many)
    return fail(ErrorId::kBadSource, element[1], std::string(scheme) + ": stands alone as the source",
                "only file: may be given several times");
  return Ok();
}

Status Parser::add_path(const Token& word, std::string_view scheme) {
  const std::string head = std::string(scheme) + ":";
  if (!word.text.starts_with(head)) {
    return fail(ErrorId::kBadSource, word,
                "`" + word.text + "` follows the source, and has no `" + head + "` before it",
                is_verb(word.text) ? "put a `|` before it"
                                   : "a path with a space is quoted as a whole; a stage begins with `|`");
  }
  PathPattern path{word.glob ? word.pattern.substr(head.size()) : word.text.substr(head.size()), word.glob};
  if (job_.source.kind == SourceSpec::Kind::kStdin) {
    if (path.text.empty()) return Ok();
    return fail(ErrorId::kBadSource, word, "stdin: takes no path", "a file is read by file:" + path.text);
  }
  if (path.text.empty())
    return fail(ErrorId::kBadSource, word, head + " has no path", "write it behind the colon, without a space");
  if (path.glob && job_.source.kind != SourceSpec::Kind::kFile)
    return fail(ErrorId::kBadSource, word, "patterns work in file: only", "quote it, if it is the name itself");
  job_.source.paths.push_back(std::move(path));
  return Ok();
}

Status Parser::sink(Words words, size_t into) {
  if (words.empty()) return fail(ErrorId::kJobSyntax, into, "no sink follows this `>`", "> file:PATH, or > stdout:");
  const Token& word = words.front();
  if (word.kind != Token::Kind::kWord)
    return fail(ErrorId::kJobSyntax, word, "a sink stands here", "> file:PATH, or > stdout:");
  if (words.size() > 1) {
    const Token& more = words[1];
    const bool second = more.kind == Token::Kind::kInto;
    return fail(ErrorId::kBadSink, more, second ? "a job has one sink" : "nothing may follow the sink",
                second ? "leave one out" : "the sink is the last word; a path with a space is quoted as a whole");
  }
  if (word.text == "-") return Ok();
  const std::string_view scheme = scheme_of(word.text);
  if (scheme.empty())
    return fail(ErrorId::kNoScheme, word, "`" + word.text + "` has no scheme, and a sink has one",
                "> file:" + quote_word(word.text));
  if (scheme != "file" && scheme != "stdout") return unknown_scheme(word, scheme, false);
  std::string path = word.text.substr(scheme.size() + 1);
  if (scheme == "stdout") {
    if (path.empty()) return Ok();
    return fail(ErrorId::kBadSink, word, "stdout: takes no path", "a file is written by > file:" + path);
  }
  if (word.glob)
    return fail(ErrorId::kBadSink, word, "a pattern can't be a sink", "quote it, if it is the name itself");
  if (path.empty())
    return fail(ErrorId::kBadSink, word, "file: has no path", "write it behind the colon, without a space");
  if (path.ends_with('/')) return fail(ErrorId::kBadSink, word, "a folder can't be a sink", "name a file in it");
  job_.sink = {SinkSpec::Kind::kFile, std::move(path)};
  return Ok();
}

Status Parser::parallel(const Token& word, uint32_t* tasks) const {
  const std::string_view text = word.text;
  constexpr std::string_view kDigits = "0123456789";
  if (word.quoted || text.size() < 2 || text.back() != 'x') return Ok();
  const size_t first = text.find_first_not_of(kDigits);
  if (first == 0) return Ok();
  if (first != text.size() - 1) {
    const bool range = text[first] == '-' && text.find_first_not_of(kDigits, first + 1) == text.size() - 1;
    if (!range || first + 2 == text.size()) return Ok();
    return fail(ErrorId::kBadParallel, word, "a range of tasks is not in this version",
                "say how many: " + std::string(text.substr(first + 1)));
  }
  const auto read = std::from_chars(text.data(), text.data() + first, *tasks);
  if (read.ec != std::errc() || *tasks == 0 || *tasks > kMaxParallel) {
    return fail(ErrorId::kBadParallel, word, "a stage runs as 1 to " + std::to_string(kMaxParallel) + " tasks",
                "4x is four");
  }
  return Ok();
}

Status Parser::stage(Words element) {
  StageSpec stage;
  stage.text = std::string(line_.substr(element.front().begin, element.back().end - element.front().begin));
  RS_RETURN_IF_ERROR(parallel(element.front(), &stage.parallel));
  if (stage.parallel > 0) {
    if (element.size() == 1)
      return fail(ErrorId::kBadStage, element.front(), "nothing follows `" + element.front().text + "`",
                  element.front().text + " VERB, or " + element.front().text + " PROGRAM");
    element = element.subspan(1);
  }
  const bool forced = element.front().text == "exec" && !element.front().quoted;
  if (forced && element.size() == 1)
    return fail(ErrorId::kBadStage, element.front(), "nothing follows `exec`", "exec PROGRAM [ARGUMENT ...]");
  RS_RETURN_IF_ERROR(named(forced ? element.subspan(1) : element, forced, &stage));
  RS_CHECK(!stage.argv.empty(), "a stage has a name");
  job_.stages.push_back(std::move(stage));
  return Ok();
}

Status Parser::named(Words rest, bool forced, StageSpec* stage) const {
  const Token& name = rest.front();
  if (name.text.empty())
    return fail(ErrorId::kBadStage, name, "the name of a program is empty", "name it, or leave it out");
  for (const Token& word : rest) stage->argv.push_back(word.text);
  if (forced) return Ok();
  const std::string_view scheme = scheme_of(name.text);
  if (holds(kSchemes, scheme) || holds(kLaterSchemes, scheme))
    return fail(ErrorId::kJobSyntax, name, "`" + name.text + "` stands where a stage is",
                "a source is the first of the line, a sink the last, behind `>`");
  if (is_assignment(name) && !name.quoted)
    return fail(ErrorId::kBadStage, name, "`" + name.text + "` sets a variable, which is the shell's",
                "env " + name.text + " PROGRAM");
  return is_verb(name.text) ? verb(name, stage) : Ok();
}

// Tried at once, so that what is wrong with its words is told with its place; the plan parses it again.
Status Parser::verb(const Token& name, StageSpec* stage) const {
  stage->kind = StageSpec::Kind::kVerb;
  const StatusOr<ParsedVerb> parsed = parse_verb(stage->argv);
  if (parsed.ok()) {
    stage->stands_in = std::holds_alternative<StandIn>(*parsed);
    return Ok();
  }
  const ErrorReport report = report_of(parsed.status());
  std::string next;
  for (const auto& [detail, value] : report.details)
    if (detail == "next") next = value;
  return fail(report.row->id, name, report.message, next);
}
}  // namespace

StatusOr<JobSpec> parse_job(std::string_view line) { return Parser(line).parse(); }

std::string near_verb(std::string_view name) { return std::string(nearest(name, kVerbs)); }
}  // namespace rs
