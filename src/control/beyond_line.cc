#include "control/beyond_line.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>
#include <utility>

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

// Behind `script[at]`, the sign that ends a pattern: its next bare appearance and one more.
size_t behind_pattern(std::string_view script, size_t at) {
  const char end = script[at];
  for (++at; at < script.size() && script[at] != end; ++at) {
    if (script[at] == '\\') ++at;
  }
  return std::min(at + 1, script.size());
}

// Addresses by number or `$`, ranges, and commands that join, count, keep or end lines.
bool sed_script_looks(std::string_view script) {
  constexpr std::string_view kBlank = " \t\n;{}!", kBeyond = "=nNDgGhHxPqQ,";
  for (size_t at = script.find_first_not_of(kBlank); at < script.size(); at = script.find_first_not_of(kBlank, at)) {
    const char c = script[at];
    if (c == '$' || std::isdigit(static_cast<unsigned char>(c))) return true;
    if (c == '/') {
      at = behind_pattern(script, at);
    } else if (c == 's' || c == 'y' || c == 'b' || c == 't') {  // a label ends as flags do
      if (c != 'b' && c != 't' && at + 1 < script.size())
        at = behind_pattern(script, behind_pattern(script, at + 1) - 1);
      at = std::min(script.find_first_of(";}\n", at), script.size());
    } else if (kBeyond.find(c) != kBeyond.npos) {
      return true;
    } else if (c == 'a' || c == 'i' || c == 'c' || c == 'w' || c == 'r' || c == ':' || c == '#') {
      do at = std::min(script.find('\n', at + 1), script.size());  // a text, which goes on behind a backslash; a name
      while (at < script.size() && script[at - 1] == '\\');
    } else {
      ++at;
    }
  }
  return false;
}

bool sed_looks(const Argv& argv) {
  bool by_option = false, looks = false;
  for (size_t i = 1; i < argv.size(); ++i) {
    if (argv[i] == "-e" && i + 1 < argv.size()) {
      by_option = true;
      looks |= sed_script_looks(argv[++i]);
    } else if (argv[i] == "-f") {
      by_option = true;
      ++i;
    } else if (argv[i] == "-z" || argv[i] == "--null-data") {
      return true;
    } else if (!argv[i].starts_with('-') && !by_option) {
      return looks || sed_script_looks(argv[i]);
    }
  }
  return looks;
}

// To translate another byte into a line's end is the work of one line; to take line ends away or squeeze them is not.
bool tr_looks(const Argv& argv) {
  std::string letters;
  std::vector<bool> newline;  // of each operand: does it name the line's end
  for (auto word = argv.begin() + 1; word != argv.end(); ++word) {
    if (word->size() > 1 && word->front() == '-') {
      letters += *word;
      continue;
    }
    const auto has = [&](const char* what) { return word->find(what) != word->npos; };
    newline.push_back(has("\\n") || has("\n") || has("\\012") || has("[:space:]") || has("[:cntrl:]"));
  }
  if (newline.empty()) return false;
  const auto asked = [&](const char* any) { return letters.find_first_of(any) != letters.npos; };
  const bool first = newline[0] != asked("cC");
  if (asked("s")) return first || newline.back();
  return first && (asked("d") || newline.size() < 2 || !newline[1]);
}

bool jq_looks(const Argv& argv) {
  return std::any_of(argv.begin() + 1, argv.end(), [](const std::string& word) {
    const bool letters = word.size() > 1 && word[0] == '-' && word[1] != '-';
    return word == "--slurp" || word == "--null-input" || (letters && word.find_first_of("sn") != word.npos);
  });
}

// One command for each line, or as many as fit.
bool xargs_looks(const Argv& argv) {
  return std::none_of(argv.begin() + 1, argv.end(), [&](const std::string& word) {
    const size_t next = static_cast<size_t>(&word - argv.data()) + 1;
    const bool one = next < argv.size() && argv[next] == "1";
    return word == "-L1" || word == "-n1" || word.starts_with("-I") || (one && (word == "-L" || word == "-n"));
  });
}

// The command behind the words that only say how it shall run; empty: none of these, or nothing behind them.
Argv without_wrapper(const Argv& argv, std::string_view name) {
  static const std::set<std::string_view> kWrappers = {"env",      "nice",  "stdbuf", "timeout", "busybox",
                                                       "command",  "nohup", "time",   "ionice",  "setsid",
                                                       "unbuffer", "chrt",  "exec"};
  if (!kWrappers.contains(name)) return {};
  size_t at = 1;
  const auto is_setting = [&](const std::string& word) {
    const bool number = !word.empty() && std::isdigit(static_cast<unsigned char>(word[0]));
    return word.starts_with('-') || word.find('=') != word.npos || number;
  };
  while (at < argv.size() && is_setting(argv[at])) ++at;
  return Argv(argv.begin() + static_cast<std::ptrdiff_t>(at), argv.end());
}

// A shell's script: any of its commands, each taken to end at a sign of the shell.
bool script_looks(const Argv& argv) {
  for (size_t i = 1; i + 1 < argv.size(); ++i) {
    if (!argv[i].starts_with('-') || !argv[i].ends_with('c')) continue;
    Argv command;
    std::string word;
    for (const char c : argv[i + 1] + ";") {
      const bool sign = std::string_view("|;&()\n").find(c) != std::string_view::npos;
      if (!sign && c != ' ' && c != '\t') {
        word += c;
        continue;
      }
      if (!word.empty()) command.push_back(std::exchange(word, {}));
      if (sign && !command.empty() && looks_beyond_a_line(command)) return true;
      if (sign) command.clear();
    }
  }
  return false;
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
  if (name == "tr") return tr_looks(argv);
  if (name == "jq") return jq_looks(argv);
  if (name == "xargs") return xargs_looks(argv);
  if (name == "sh" || name == "bash" || name == "dash") return script_looks(argv);
  if (const Argv inner = without_wrapper(argv, name); !inner.empty()) return looks_beyond_a_line(inner);
  if (name == "cat") return argv.size() > 1 && (argv[1] == "-n" || argv[1] == "-b" || argv[1] == "-s");
  return (name == "grep" || name == "egrep" || name == "fgrep") && grep_looks(argv);
}
}  // namespace rs
