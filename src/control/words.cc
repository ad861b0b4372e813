#include "control/words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace rs {
namespace {
constexpr size_t kPictureColumns = 72;  // a longer line is shown around the caret

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
bool is_glob(char c) { return c == '*' || c == '?' || c == '['; }
bool acts_in_pattern(char c) { return std::string_view("*?[]!^-\\").find(c) != std::string_view::npos; }

struct Refused {
  char character;
  const char* next;
};
constexpr const char* kNoSubshell = "quote it to mean the character; a command of its own stands between two |";
constexpr std::array<Refused, 7> kRefused = {{
    {'$',
     "quote it to mean the character; variables are the shell's: put the job in \" \" there, and it fills them in"},
    {'~', "write the folder in full, or quote it to mean the character"},
    {';', "quote it to mean the character; two jobs are two commands"},
    {'&', "quote it to mean the character; stages run at the same time anyway"},
    {'<', "the source stands first: file:PATH | ..."},
    {'`', kNoSubshell},
    {'(', kNoSubshell},
}};

std::string shown(char c) { return c == '`' ? "the backtick" : std::string("`") + c + "`"; }

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}
  StatusOr<std::vector<Token>> split();

 private:
  Status word();
  Status single_quoted();
  Status double_quoted();
  Status backslash();
  Status into();
  Status refuse(char c) const;
  bool blank();          // steps over white space; true if there was some
  void literal(char c);  // takes c as it is
  void operation(Token::Kind kind);
  bool at_end() const { return at_ == line_.size(); }
  bool next_is(char c) const { return at_ + 1 < line_.size() && line_[at_ + 1] == c; }

  std::string_view line_;
  size_t at_ = 0;
  bool new_line_ = false;
  Token token_;
  std::vector<Token> tokens_;
};

StatusOr<std::vector<Token>> Splitter::split() {
  if (const size_t zero = line_.find('\0'); zero != std::string_view::npos)
    return error_at(ErrorId::kJobSyntax, line_, zero, "a job holds no NUL byte", "take it out");
  while (true) {
    while (blank()) continue;
    if (at_end()) return std::move(tokens_);
    const size_t before = at_;
    if (line_[at_] == '|')
      operation(Token::Kind::kPipe);
    else if (line_[at_] == '>')
      RS_RETURN_IF_ERROR(into());
    else
      RS_RETURN_IF_ERROR(word());
    RS_CHECK(at_ > before, "each turn takes a byte, so the loop ends");
  }
}

bool Splitter::blank() {
  if (at_end()) return false;
  const char c = line_[at_];
  if (c == '\\' && next_is('\n')) return at_ += 2, true;  // a continued line
  if (c != ' ' && c != '\t' && c != '\n') return false;
  new_line_ |= c == '\n';
  return ++at_, true;
}

void Splitter::operation(Token::Kind kind) {
  Token token;
  token.kind = kind;
  token.begin = at_;
  token.end = ++at_;
  tokens_.push_back(std::move(token));
  new_line_ = false;
}

Status Splitter::into() {
  if (next_is('>'))
    return error_at(ErrorId::kShellSyntax, line_, at_, "`>>` outside quotes: an output is never appended to",
                    "> file:PATH writes it whole, and it appears when the job is complete");
  const bool touches = !tokens_.empty() && tokens_.back().kind == Token::Kind::kWord && tokens_.back().end == at_;
  if (touches && !tokens_.back().quoted &&
      std::all_of(tokens_.back().text.begin(), tokens_.back().text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return error_at(ErrorId::kShellSyntax, line_, tokens_.back().begin, "a numbered stream can't be led elsewhere",
                    "what a program writes to stderr is shown and logged; a number as its last argument needs a space");
  operation(Token::Kind::kInto);
  return Ok();
}

Status Splitter::refuse(char c) const {
  if (c == ')') c = '(';
  const auto* row = std::find_if(kRefused.begin(), kRefused.end(), [&](const Refused& r) { return r.character == c; });
  if (row == kRefused.end()) return Ok();
  return error_at(ErrorId::kShellSyntax, line_, at_,
                  shown(line_[at_]) + " outside quotes is shell syntax, and no shell is started", row->next);
}

void Splitter::literal(char c) {
  token_.text += c;
  if (acts_in_pattern(c)) token_.pattern += '\\';
  token_.pattern += c;
  token_.quoted = true;
}

Status Splitter::word() {
  token_ = Token();
  token_.begin = at_;
  token_.new_line = std::exchange(new_line_, false);
  while (!at_end()) {
    const char c = line_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '|' || c == '>') break;
    if (c == '\'') {
      RS_RETURN_IF_ERROR(single_quoted());
    } else if (c == '"') {
      RS_RETURN_IF_ERROR(double_quoted());
    } else if (c == '\\') {
      RS_RETURN_IF_ERROR(backslash());
    } else {
      RS_RETURN_IF_ERROR(refuse(c));
      token_.text += c;
      token_.pattern += c;
      token_.glob |= is_glob(c);
      ++at_;
    }
  }
  token_.end = at_;
  RS_CHECK(token_.end > token_.begin, "a word has bytes, its quotes at the least");
  tokens_.push_back(std::move(token_));
  return Ok();
}

Status Splitter::single_quoted() {
  const size_t open = at_++;
  token_.quoted = true;
  for (; !at_end() && line_[at_] != '\''; ++at_) literal(line_[at_]);
  if (at_end())
    return error_at(ErrorId::kJobQuotes, line_, open, "this ' has no partner",
                    "close it; a ' itself is written \\' outside of single quotes, or \"'\"");
  ++at_;
  return Ok();
}

Status Splitter::double_quoted() {
  const size_t open = at_++;
  token_.quoted = true;
  for (; !at_end() && line_[at_] != '"'; ++at_) {
    const bool escapes = line_[at_] == '\\' && at_ + 1 < line_.size() &&
                         std::string_view("\"\\$`\n").find(line_[at_ + 1]) != std::string_view::npos;
    if (escapes && line_[++at_] == '\n') continue;
    literal(line_[at_]);
  }
  if (at_end()) return error_at(ErrorId::kJobQuotes, line_, open, "this \" has no partner", "close it, or write \\\"");
  ++at_;
  return Ok();
}

Status Splitter::backslash() {
  if (at_ + 1 == line_.size())
    return error_at(ErrorId::kJobQuotes, line_, at_, "nothing follows this backslash", "a backslash itself is '\\'");
  if (!next_is('\n')) literal(line_[at_ + 1]);
  at_ += 2;
  return Ok();
}

struct Picture {
  std::string text, caret;
};

// One line for people: control bytes become spaces, a long one is cut around the caret.
Picture draw(std::string_view line, size_t offset) {
  std::vector<std::string> cells;
  size_t caret = 0;
  for (size_t i = 0; i <= line.size(); ++i) {
    if (i == offset) caret = cells.size() - (i < line.size() && continues_character(line[i]) && !cells.empty());
    if (i == line.size()) break;
    if (continues_character(line[i]) && !cells.empty())
      cells.back() += line[i];
    else
      cells.emplace_back(1, static_cast<unsigned char>(line[i]) < ' ' || line[i] == '\x7f' ? ' ' : line[i]);
  }
  size_t begin = 0, end = cells.size();
  if (end > kPictureColumns) {
    begin = caret > kPictureColumns / 2 ? std::min(caret - kPictureColumns / 2, end - kPictureColumns) : 0;
    end = begin + kPictureColumns;
  }
  RS_CHECK(begin <= caret && caret <= end, "the picture shows what it points at");
  Picture picture;
  if (begin > 0) picture.text = "...";
  picture.caret.assign(picture.text.size() + (caret - begin), ' ');
  for (size_t i = begin; i < end; ++i) picture.text += cells[i];
  if (end < cells.size()) picture.text += "...";
  picture.caret += '^';
  return picture;
}
}  // namespace

StatusOr<std::vector<Token>> split_words(std::string_view line) { return Splitter(line).split(); }

Status error_at(ErrorId id, std::string_view line, size_t offset, std::string_view message, std::string_view next) {
  RS_CHECK(offset <= line.size(), "an error stands in its line");
  const size_t before = offset == 0 ? std::string_view::npos : line.rfind('\n', offset - 1);
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const size_t end = std::min(line.find('\n', offset), line.size());
  const auto characters =
      std::count_if(line.begin(), line.begin() + offset, [](char c) { return !continues_character(c); });
  const Picture picture = draw(line.substr(begin, end - begin), offset - begin);
  std::string where = "column " + std::to_string(characters + 1);
  where += "\n" + picture.text + "\n" + picture.caret;
  ErrorDetails details = {{"where", where}};
  if (!next.empty()) details.emplace_back("next", next);
  return make_error(id, message, details);
}

std::string quote_word(std::string_view word) {
  constexpr std::string_view kBare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_^";
  if (!word.empty() && word.find_first_not_of(kBare) == std::string_view::npos) return std::string(word);
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}
}  // namespace rs
