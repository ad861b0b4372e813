#include "node/query/command.h"

#include <algorithm>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "node/query/message.h"

namespace rs {
namespace {
enum class Takes { kNothing, kValue, kPerhaps };

struct Option {
  char letter;       // what it is told by; options that need no notice share '.'
  const char* name;  // its long form
  Takes takes = Takes::kNothing;
  const char* refusal = nullptr;
};

constexpr const char* kFileList = "it reads a file of the asking machine's choice; give the patterns with -e";
constexpr const char* kFolders = "each node opens its logs itself; name them with --files";
constexpr const char* kLabel = "the label says which node and file a line is of";
constexpr const char* kNoSearch = "it searches nothing; ask the grep of your own machine";

// Of GNU grep 3.8. In the order of their letters, then those without one.
constexpr Option kOptions[] = {
    {'A', "after-context", Takes::kValue},
    {'B', "before-context", Takes::kValue},
    {'C', "context", Takes::kValue},
    {'D', "devices", Takes::kValue, kFolders},
    {'E', "extended-regexp"},
    {'F', "fixed-strings"},
    {'F', "fixed-regexp"},
    {'G', "basic-regexp"},
    {'H', "with-filename"},
    {'I', ""},
    {'L', "files-without-match"},
    {'P', "perl-regexp"},
    {'R', "dereference-recursive", Takes::kNothing, kFolders},
    {'T', "initial-tab"},
    {'U', "binary"},
    {'V', "version", Takes::kNothing, kNoSearch},
    {'X', "", Takes::kValue},
    {'Z', "null"},
    {'a', "text"},
    {'b', "byte-offset"},
    {'c', "count"},
    {'d', "directories", Takes::kValue, kFolders},
    {'e', "regexp", Takes::kValue},
    {'f', "file", Takes::kValue, kFileList},
    {'h', "no-filename"},
    {'i', "ignore-case"},
    {'l', "files-with-matches"},
    {'m', "max-count", Takes::kValue},
    {'n', "line-number"},
    {'o', "only-matching"},
    {'q', "quiet"},
    {'q', "silent"},
    {'r', "recursive", Takes::kNothing, kFolders},
    {'s', "no-messages"},
    {'u', "unix-byte-offsets"},
    {'v', "invert-match"},
    {'w', "word-regexp"},
    {'x', "line-regexp"},
    {'y', ""},
    {'z', "null-data"},
    {'.', "binary-files", Takes::kValue},
    {'.', "color", Takes::kPerhaps},
    {'.', "colour", Takes::kPerhaps},
    {'.', "group-separator", Takes::kValue},
    {'.', "line-buffered"},
    {'.', "no-group-separator"},
    {'.', "no-ignore-case"},
    {'.', "exclude", Takes::kValue, kFolders},
    {'.', "exclude-dir", Takes::kValue, kFolders},
    {'.', "exclude-from", Takes::kValue, kFolders},
    {'.', "help", Takes::kNothing, kNoSearch},
    {'.', "include", Takes::kValue, kFolders},
    {'.', "label", Takes::kValue, kLabel},
};

Status refused(const std::string& what) { return absl::InvalidArgumentError(absl::StrCat("grep: ", what)); }

Status refused(const std::string& option, const char* why) {
  return refused(absl::StrCat("option ", option, " is not for a log query: ", why));
}

StatusOr<Option> find_letter(char letter) {
  if (letter >= '0' && letter <= '9') return Option{'C', ""};  // -3 is -C 3
  const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                   [&](const Option& option) { return option.letter == letter && letter != '.'; });
  if (found == std::end(kOptions)) return refused(std::string("unknown option -") + letter);
  return *found;
}

// As getopt_long: a begin that only one option has is that option.
StatusOr<Option> find_name(const std::string& name) {
  std::optional<Option> found;
  for (const Option& option : kOptions) {
    const std::string_view whole = option.name;
    if (whole == name && !name.empty()) return option;
    if (!whole.starts_with(name) || whole.empty()) continue;
    const bool same = found && found->letter == option.letter && found->takes == option.takes && !option.refusal;
    if (found && !same)
      return refused(absl::StrCat("option --", name, " could be --", found->name, " or --", option.name));
    found = option;
  }
  if (!found) return refused(absl::StrCat("unknown option --", name));
  return *found;
}

class Judge {
 public:
  StatusOr<GrepCommand> judge(std::span<const std::string> words);

 private:
  Status long_option(std::string_view word);
  Status letters(std::string_view word);
  void note(char letter);
  void operand(const std::string& word);

  std::span<const std::string> rest_;
  GrepCommand command_;
  bool has_pattern_ = false;  // given with -e
  std::vector<std::string> operands_;
  bool counts_ = false, names_ = false, quiet_ = false, nul_names_ = false, nul_lines_ = false;
};

void Judge::note(char letter) {
  switch (letter) {
    case 'A':
    case 'B':
    case 'C':
      command_.context = true;
      command_.resumable = false;
      break;
    case 'b':
    case 'm':
    case 'n':
    case 'o':
      command_.resumable = false;
      break;
    case 'H':
    case 'h':
      command_.hides_file = letter == 'h';
      break;
    case 'L':
    case 'l':
      names_ = true;
      break;
    case 'Z':
      nul_names_ = true;
      break;
    case 'c':
      counts_ = true;
      break;
    case 'e':
      has_pattern_ = true;
      break;
    case 'q':
      quiet_ = true;
      break;
    case 'z':
      nul_lines_ = true;
      break;
    default:
      break;
  }
}

Status Judge::long_option(std::string_view word) {
  const size_t equals = word.find('=');
  const bool has_value = equals != std::string_view::npos;
  const StatusOr<Option> option = find_name(std::string(word.substr(2, has_value ? equals - 2 : equals)));
  if (!option.ok()) return option.status();
  if (option->refusal) return refused(absl::StrCat("--", option->name), option->refusal);
  if (option->takes == Takes::kNothing && has_value)
    return refused(absl::StrCat("--", option->name, " takes no value"));
  if (option->takes == Takes::kValue && !has_value) {
    if (rest_.empty()) return refused(absl::StrCat("--", option->name, " needs a value"));
    command_.words.push_back(rest_.front());
    rest_ = rest_.subspan(1);
  }
  note(option->letter);
  return Ok();
}

// -ivA3: the first letter that takes a value takes the rest of the word, or the next one.
Status Judge::letters(std::string_view word) {
  for (size_t i = 1; i < word.size(); ++i) {
    const StatusOr<Option> option = find_letter(word[i]);
    if (!option.ok()) return option.status();
    if (option->refusal) return refused(absl::StrCat("-", std::string(1, word[i])), option->refusal);
    note(option->letter);
    if (option->takes != Takes::kValue) continue;
    if (i + 1 == word.size()) {
      if (rest_.empty()) return refused(absl::StrCat("-", std::string(1, word[i]), " needs a value"));
      command_.words.push_back(rest_.front());
      rest_ = rest_.subspan(1);
    }
    break;
  }
  return Ok();
}

StatusOr<GrepCommand> Judge::judge(std::span<const std::string> words) {
  size_t bytes = 0;
  for (const std::string& word : words) {
    bytes += word.size();
    if (word.find('\0') != std::string::npos) {
      return refused("a NUL byte cannot stand in the words of a program; with -P, \\x00 means one");
    }
  }
  if (words.size() > kMaxGrepArguments || bytes > kMaxGrepBytes) return refused("the patterns are too long");
  bool options = true;
  for (rest_ = words; !rest_.empty();) {
    const std::string& word = rest_.front();
    rest_ = rest_.subspan(1);
    if (options && word == "--") {
      options = false;
    } else if (options && word.size() > 1 && word[0] == '-') {
      command_.words.push_back(word);
      RS_RETURN_IF_ERROR(word[1] == '-' ? long_option(word) : letters(word));
    } else {
      operands_.push_back(word);
    }
  }
  if (!has_pattern_ && operands_.empty()) return refused("there is no pattern");
  if (!has_pattern_) {
    command_.words.insert(command_.words.end(), {"-e", operands_.front()});
    operands_.erase(operands_.begin());
  }
  if (!operands_.empty()) {
    return refused(absl::StrCat("\"", operands_.front(), "\" would be a file; files are named with --files"));
  }
  using Shows = GrepCommand::Shows;
  command_.shows = quiet_ ? Shows::kNothing : names_ ? Shows::kNames : counts_ ? Shows::kCounts : Shows::kLines;
  const bool nul = command_.shows == Shows::kNames ? nul_names_ : nul_lines_ && command_.shows == Shows::kLines;
  command_.resumable &= command_.shows == Shows::kLines;
  if (nul_names_) command_.label_end = '\0';
  command_.line_end = nul ? '\0' : '\n';
  return command_;
}
}  // namespace

StatusOr<GrepCommand> judge_grep(const std::vector<std::string>& arguments) { return Judge().judge(arguments); }

std::string GrepCommand::label(const std::string& node, const std::string& file) const {
  return hides_file && shows != Shows::kNames ? node : absl::StrCat(node, ":", file);
}

std::vector<std::string> GrepCommand::argv(const std::string& label) const {
  std::vector<std::string> argv = {"grep"};
  argv.insert(argv.end(), words.begin(), words.end());
  argv.insert(argv.end(), {"-H", "--label=" + label, "--", "-"});
  return argv;
}

std::vector<std::string> GrepCommand::first_lines_argv(const std::string& label, size_t lines) const {
  std::vector<std::string> argv = this->argv(label);
  argv.insert(argv.end() - 2, {"--line-buffered", absl::StrCat("--max-count=", lines)});
  return argv;
}
}  // namespace rs
