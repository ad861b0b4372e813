#include "control/beyond_line.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

#include "base/check.h"

namespace rs {
namespace {
using Argv = std::vector<std::string>;

bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The words of an awk program, one blank between two: names and signs, without texts, patterns and comments.
std::string awk_words(std::string_view program) {
  std::string words = " ";
  auto skip_to = [&](size_t at, char end) {
    for (++at; at < program.size() && program[at] != end; ++at) {
      if (program[at] == '\\') ++at;
    }
    return at + 1;
  };
  for (size_t at = 0; at < program.size();) {
    const char c = program[at];
    const char before = words.size() < 2 ? ' ' : words[words.size() - 2];
    if (c == '"') {
      at = skip_to(at, '"');
    } else if (c == '#') {
      at = std::min(program.find('\n', at), program.size());
    } else if (c == '/' && !in_name(before) && before != ')' && before != ']') {  // behind a value it divides
      at = skip_to(at, '/');
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else {
      size_t end = at + 1;
      while (in_name(c) && end < program.size() && in_name(program[end])) ++end;
      words.append(program.substr(at, end - at)).append(" ");
      at = end;
    }
  }
  return words;
}

// A BEGIN that only sets variables is the same in each batch; one that prints or reads is not. `x[...]++` counts.
bool awk_program_looks(std::string_view program) {
  const std::string words = awk_words(program);
  const auto has = [](std::string_view text, std::string_view what) { return text.find(what) != text.npos; };
  for (const char* sign : {" END ", " NR ", " FNR ", " getline ", " ] + + "}) {
    if (has(words, sign)) return true;
  }
  const size_t begin = words.find(" BEGIN ");
  if (begin == std::string::npos) return false;
  const std::string_view block = std::string_view(words).substr(begin, words.find("}", begin) - begin);
  return has(block, " print ") || has(block, " printf ");
}

bool awk_looks(const Argv& argv) {
  for (size_t i = 1; i < argv.size(); ++i) {
    const bool takes_next = argv[i] == "-F" || argv[i] == "-v" || argv[i] == "-f";
    if (takes_next) {
      ++i;
    } else if (!argv[i].starts_with("-F") && !argv[i].starts_with("-v") && awk_program_looks(argv[i])) {
      return true;
    }
  }
  return false;
}

// A script that begins with a number or `$` speaks of certain lines; what comes later in a script is not looked at.
bool sed_looks(const Argv& argv) {
  const auto addresses_lines = [](std::string_view script) {
    const size_t first = script.find_first_not_of(" \t\n;{");
    return first != script.npos && (script[first] == '$' || std::isdigit(static_cast<unsigned char>(script[first])));
  };
  bool by_option = false, looks = false;
  for (size_t i = 1; i < argv.size(); ++i) {
    if (argv[i] == "-e" && i + 1 < argv.size()) {
      by_option = true;
      looks |= addresses_lines(argv[++i]);
    } else if (argv[i] == "-f") {
      by_option = true;
      ++i;
    } else if (!argv[i].starts_with('-') && !by_option) {
      return addresses_lines(argv[i]);
    }
  }
  return looks;
}

// Options that count lines or show others beside the one that matches.
bool grep_looks(const Argv& argv) {
  for (size_t i = 1; i < argv.size() && argv[i] != "--"; ++i) {
    const std::string_view word = argv[i];
    if (word == "-e" || word == "-f" || word == "--regexp" || word == "--file") {
      ++i;
    } else if (word.starts_with("--")) {
      for (const char* name : {"--count", "--max-count", "--line-number", "--byte-offset", "--after-context",
                               "--before-context", "--context", "--quiet", "--silent", "--files-with", "--null-data"}) {
        if (word.starts_with(name)) return true;
      }
    } else if (word.size() > 1 && word[0] == '-') {
      const std::string_view letters = word.substr(1, word.find_first_of("ef") - 1);  // a pattern follows these
      if (letters.find_first_of("cmnbzABCqlL0123456789") != letters.npos) return true;
    }
  }
  return false;
}
}  // namespace

bool looks_beyond_a_line(const Argv& argv) {
  RS_CHECK(!argv.empty(), "a stage has a name");
  static const std::set<std::string> kNames = {
      "sort",  "uniq",   "wc",  "head",  "tail",   "tac",    "nl",      "shuf",      "comm",      "join",     "paste",
      "split", "csplit", "sum", "cksum", "md5sum", "b2sum",  "sha1sum", "sha256sum", "sha512sum", "datamash", "tsort",
      "pr",    "fmt",    "od",  "xxd",   "base64", "column", "zip",     "gzip",      "zstd"};
  const std::string name = argv[0].substr(argv[0].rfind('/') + 1);
  if (kNames.contains(name)) return true;
  if (name == "awk" || name == "mawk" || name == "gawk") return awk_looks(argv);
  if (name == "sed" || name == "gsed") return sed_looks(argv);
  if (name == "cat") return argv.size() > 1 && (argv[1] == "-n" || argv[1] == "-b" || argv[1] == "-s");
  return (name == "grep" || name == "egrep" || name == "fgrep") && grep_looks(argv);
}
}  // namespace rs
