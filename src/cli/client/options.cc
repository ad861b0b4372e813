#include "cli/client/options.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/check.h"
#include "base/error.h"
#include "base/suggest.h"

namespace rs {
namespace {
using Kind = ClientCommand::Kind;
using Words = std::vector<std::string>;

struct Form {
  std::string_view command, action;  // action: empty, or the word behind the command
  Kind kind;
  size_t least, most;  // words behind
  std::string_view usage;
  std::vector<std::string_view> options;  // besides those of every command
};

const std::vector<Form>& forms() {
  constexpr size_t kAny = 1000;
  static const std::vector<Form> kForms = {
      {"node", "ls", Kind::kNodes, 0, 0, "node ls [--ring]", {"--ring"}},
      {"node", "self", Kind::kSelf, 0, 0, "node self", {}},
      {"node", "join", Kind::kJoin, 0, kAny, "node join [HOST:PORT ...]", {}},
      {"node", "leave", Kind::kLeave, 0, 0, "node leave", {}},
      {"node", "suspects", Kind::kSuspects, 0, 0, "node suspects [--all]", {"--all"}},
      {"node", "protocol", Kind::kProtocol, 0, 2, "node protocol [gossip|ping suspect|nosuspect]", {}},
      {"node", "drop", Kind::kDrop, 0, 1, "node drop [FRACTION] [--all]", {"--all"}},
      {"node", "watch", Kind::kWatch, 0, 0, "node watch", {}},
      {"status", "", Kind::kStatus, 0, 0, "status", {}},
      {"config", "show", Kind::kConfig, 0, 0, "config show [--origin]", {"--origin"}},
      {"logs", "", Kind::kLogs, 0, 0, "logs [-f] [--lines N]", {"--follow", "--lines"}},
      {"grep",
       "",
       Kind::kGrep,
       1,
       kAny,
       "grep [OPTIONS OF GREP] PATTERN [--files GLOB] [--nodes a,b]",
       {"--files", "--nodes"}},
      {"fs", "ls", Kind::kFiles, 0, 1, "fs ls [NAME|PREFIX] | fs ls --node n3", {"--store"}},
      {"fs", "put", Kind::kPut, 2, 2, "fs put LOCAL NAME", {}},
      {"fs", "get", Kind::kGet, 1, 2, "fs get NAME [LOCAL] [--replica n3]", {"--replica"}},
      {"fs", "cat", Kind::kCat, 1, kAny, "fs cat NAME ... [--replica n3]", {"--replica"}},
      {"fs", "tail", Kind::kTail, 1, 1, "fs tail [-f] [-n LINES] NAME", {"--follow", "--lines"}},
      {"fs", "append", Kind::kAppend, 2, kAny, "fs append NAME LOCAL ... [--via n1,n2]", {"--via"}},
      {"fs", "rm", Kind::kRemove, 1, kAny, "fs rm NAME ...", {}},
      {"fs", "stat", Kind::kStat, 1, kAny, "fs stat NAME ...", {}},
      {"fs", "merge", Kind::kMerge, 1, kAny, "fs merge NAME ...", {}},
      {"fs", "du", Kind::kUsage, 0, 1, "fs du [PREFIX]", {}},
      {"fs", "check", Kind::kCheck, 0, 1, "fs check [PREFIX]", {}},
      {"shell", "", Kind::kShell, 0, 0, "shell [-c 'COMMAND']", {"--command"}},
  };
  return kForms;
}

struct Classic {
  std::string_view name;
  std::array<std::string_view, 3> modern;
};
constexpr std::array<Classic, 24> kClassic = {{{"list_mem", {"node", "ls"}},
                                               {"list_mem_ids", {"node", "ls", "--ring"}},
                                               {"create", {"fs", "put"}},
                                               {"get", {"fs", "get"}},
                                               {"getfromreplica", {"fs", "get"}},
                                               {"append", {"fs", "append"}},
                                               {"multiappend", {"fs", "append"}},
                                               {"merge", {"fs", "merge"}},
                                               {"ls", {"fs", "ls"}},
                                               {"list", {"fs", "ls"}},
                                               {"liststore", {"fs", "ls", "--store"}},
                                               {"store", {"fs", "ls", "--store"}},
                                               {"delete", {"fs", "rm"}},
                                               {"stat", {"fs", "stat"}},
                                               {"cat", {"fs", "cat"}},
                                               {"tail", {"fs", "tail"}},
                                               {"list_self", {"node", "self"}},
                                               {"join", {"node", "join"}},
                                               {"leave", {"node", "leave"}},
                                               {"display_suspects", {"node", "suspects"}},
                                               {"switch", {"node", "protocol"}},
                                               {"display_protocol", {"node", "protocol"}},
                                               {"drop", {"node", "drop"}},
                                               {"grep", {"grep", ""}}}};

constexpr std::array<std::string_view, 7> kOtherCommands = {"run",  "state",   "dev", "explain",
                                                            "help", "version", "demo"};
constexpr std::array<std::string_view, 8> kWithValue = {"--cluster", "--node",    "--lines",   "--files",
                                                        "--nodes",   "--command", "--replica", "--via"};

Status usage(std::string_view message, std::string_view next) {
  return make_error(ErrorId::kUsage, message, {{"next", std::string(next)}});
}

bool is_option(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

bool is_command(std::string_view word) {
  return std::any_of(forms().begin(), forms().end(), [&](const Form& form) { return form.command == word; });
}

// Where the word stands that names the command; the end: nowhere.
Words::const_iterator find_command(const Words& arguments) {
  const auto stop = std::find(arguments.begin(), arguments.end(), "--");
  const auto found = std::find_if(arguments.begin(), stop, [](const std::string& word) {
    return is_command(word) || std::find(kOtherCommands.begin(), kOtherCommands.end(), word) != kOtherCommands.end();
  });
  return found == stop ? arguments.end() : found;
}

bool takes_next(std::string_view option) {
  return std::find(kWithValue.begin(), kWithValue.end(), option) != kWithValue.end();
}

// -f as --follow, where a command has such an option.
std::string long_name(std::string_view word, Kind kind) {
  if (word == "-q") return "--quiet";
  const bool has_lines = kind == Kind::kLogs || kind == Kind::kTail;
  if (word == "-f" && has_lines) return "--follow";
  if (word == "-n" && has_lines) return "--lines";
  if (word == "-c" && kind == Kind::kShell) return "--command";
  return std::string(word);
}

Words split_list(std::string_view text) {
  Words names;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(','));
    if (!name.empty()) names.emplace_back(name);
    text.remove_prefix(std::min(text.size(), name.size() + 1));
  }
  return names;
}

class Parser {
 public:
  Parser(const Form& form, ClientCommand* to) : form_(form), to_(to) {}

  Status read(std::span<const std::string> words) {
    for (size_t i = 0; i < words.size(); ++i) {
      if (words[i] == "--" || !is_option(words[i])) {
        RS_RETURN_IF_ERROR(plain(words, &i));
        continue;
      }
      const size_t equals = words[i].find('=');
      const std::string name = long_name(words[i].substr(0, equals), to_->kind);
      if (!known(name)) {
        if (to_->kind != Kind::kGrep) return unknown(name);
        to_->words.push_back(words[i]);  // an option of grep; one that wants a value takes the next word there
        continue;
      }
      const bool wants = takes_next(name);
      if (!wants && equals != std::string::npos) return usage(name + " takes no value", next());
      if (wants && equals == std::string::npos && i + 1 == words.size()) return usage(name + " needs a value", next());
      set(name, !wants ? "" : equals == std::string::npos ? words[++i] : words[i].substr(equals + 1));
    }
    if (to_->words.size() < form_.least)
      return usage(
          std::string(form_.command) + " " +
              (to_->kind == Kind::kGrep ? " needs a pattern" : " " + std::string(form_.action) + " needs more words"),
          next());
    if (to_->words.size() > form_.most) return usage("`" + to_->words[form_.most] + "` is one word too many", next());
    if (to_->kind == Kind::kFiles && node_given_ && to_->words.empty()) to_->store = true;
    return Ok();
  }

 private:
  std::string next() const { return "rainstorm " + std::string(form_.usage); }

  // Behind -- all words are plain. grep reads it itself.
  Status plain(std::span<const std::string> words, size_t* i) {
    if (words[*i] != "--") return to_->words.push_back(words[*i]), Ok();
    if (to_->kind == Kind::kGrep) to_->words.push_back("--");
    while (++*i < words.size()) to_->words.push_back(words[*i]);
    return Ok();
  }

  bool known(std::string_view name) const {
    constexpr std::array<std::string_view, 3> kCommon = {"--json", "--cluster", "--node"};
    if (std::find(kCommon.begin(), kCommon.end(), name) != kCommon.end()) return true;
    if (name == "--quiet") return to_->kind != Kind::kGrep;  // grep has one of its own, which asks for less
    return std::find(form_.options.begin(), form_.options.end(), name) != form_.options.end();
  }

  Status unknown(const std::string& name) const {
    std::vector<std::string_view> names = {"--json", "--cluster", "--node", "--quiet"};
    names.insert(names.end(), form_.options.begin(), form_.options.end());
    const std::string near(nearest(name, names));
    return usage("no option is called " + name, near.empty() ? next() : "did you mean " + near + "?");
  }

  void set(std::string_view name, const std::string& value) {
    if (name == "--json") to_->json = true;
    if (name == "--quiet") to_->quiet = true;
    if (name == "--all") to_->all = true;
    if (name == "--follow") to_->follow = true;
    if (name == "--origin") to_->origin = true;
    if (name == "--ring") to_->ring = true;
    if (name == "--store") to_->store = true;
    if (name == "--replica") to_->replica = value;
    if (name == "--via") to_->via = split_list(value);
    if (name == "--cluster") to_->cluster = value;
    if (name == "--node") node_given_ = true, to_->node = value;
    if (name == "--lines") to_->lines = value;
    if (name == "--files") to_->files = value;
    if (name == "--nodes") to_->nodes = split_list(value);
    if (name == "--command") to_->script = value;
  }

  const Form& form_;
  ClientCommand* const to_;
  bool node_given_ = false;  // here, not to the shell
};

StatusOr<const Form*> find_form(std::string_view command, std::string_view action) {
  std::vector<std::string_view> actions;
  std::string all;
  for (const Form& form : forms()) {
    if (form.command != command) continue;
    if (form.action.empty() || form.action == action) return &form;
    actions.push_back(form.action);
    all += (all.empty() ? "rainstorm " : " | ") + std::string(form.usage.substr(all.empty() ? 0 : command.size() + 1));
  }
  RS_CHECK(!actions.empty(), "the command is one of ours");
  if (action.empty()) return usage(std::string(command) + " needs an action", all);
  const std::string near(nearest(action, actions));
  return usage("no action is called `" + std::string(action) + "`", near.empty() ? all : "did you mean " + near + "?");
}
// The first word from `at` on that is no option, and no option's value.
std::string take_action(Words* words, size_t at) {
  while (at < words->size() && is_option((*words)[at])) at += takes_next((*words)[at]) ? 2 : 1;
  if (at >= words->size()) return {};
  const std::string action = (*words)[at];
  words->erase(words->begin() + static_cast<std::ptrdiff_t>(at));
  return action;
}
// Where the words stand that are no options, and no options' values.
std::vector<size_t> plain_words(const Words& words, size_t from) {
  std::vector<size_t> plain;
  for (size_t i = from; i < words.size(); ++i) {
    if (!is_option(words[i])) plain.push_back(i);
    i += takes_next(words[i]);
  }
  return plain;
}
// `node run` has options of its own, so any word that is not the value of one of ours may be the action.
bool names_run(const Words& words) {
  for (size_t i = 0; i < words.size(); i += takes_next(words[i]) ? 2 : 1)
    if (words[i] == "run") return true;
  return false;
}
}  // namespace

bool is_client_command(const Words& arguments) {
  const auto command = find_command(arguments);
  if (command == arguments.end() || !is_command(*command)) return false;
  const auto stop = std::find(arguments.begin(), arguments.end(), "--");
  if (std::find(arguments.begin(), stop, "--help") != stop) return false;
  return *command != "node" || !names_run(Words(command + 1, stop));
}

Status parse_client_command(const Words& arguments, ClientCommand* to) {
  const auto command = find_command(arguments);
  RS_CHECK(command != arguments.end() && is_command(*command), "it was asked whether this is one of ours");
  const auto stop = std::find(arguments.begin(), arguments.end(), "--");
  to->json |= std::find(arguments.begin(), stop, "--json") != stop;
  Words rest(arguments.begin(), command);
  rest.insert(rest.end(), command + 1, arguments.end());
  const bool has_actions = *command == "node" || *command == "config" || *command == "fs";
  const std::string action = has_actions ? take_action(&rest, static_cast<size_t>(command - arguments.begin())) : "";
  const auto form = find_form(*command, action);
  if (!form.ok()) return form.status();
  to->kind = (*form)->kind;
  return Parser(**form, to).read(rest);
}

Words modern_words(const Words& words) {
  for (const Classic& classic : kClassic) {
    if (words.empty() || words[0] != classic.name) continue;
    Words modern;
    for (const std::string_view word : classic.modern)
      if (!word.empty()) modern.emplace_back(word);
    const size_t head = modern.size();
    modern.insert(modern.end(), words.begin() + 1, words.end());
    const std::vector<size_t> plain = plain_words(modern, head);
    if (classic.name == "append" && plain.size() == 2) std::swap(modern[plain[0]], modern[plain[1]]);
    if (classic.name == "getfromreplica" && !plain.empty()) modern[plain[0]].insert(0, "--replica=");
    return modern;
  }
  return words;
}

StatusOr<Words> modern_multiappend(const Words& words, const std::function<bool(const std::string&)>& is_node) {
  constexpr std::string_view kForm =
      "multiappend FILE NODE ... LOCAL ..., or multiappend FILE NODE LOCAL NODE LOCAL ...";
  const std::vector<size_t> plain = plain_words(words, 0);
  if (plain.size() < 3 || plain.size() % 2 == 0)
    return usage("multiappend needs a file, and as many nodes as local files", kForm);
  const size_t count = plain.size() / 2;
  Words nodes, locals;
  for (const bool pairs : {false, true}) {
    nodes.clear();
    locals.clear();
    for (size_t i = 0; i < count; ++i) {
      nodes.push_back(words[plain[1 + (pairs ? 2 * i : i)]]);
      locals.push_back(words[plain[1 + (pairs ? 2 * i + 1 : count + i)]]);
    }
    if (!std::all_of(nodes.begin(), nodes.end(), is_node)) continue;
    std::string via = "--via=";
    for (size_t i = 0; i < count; ++i) via += (i ? "," : "") + nodes[i];
    Words modern = {"fs", "append", via};
    for (size_t i = 0; i < words.size(); ++i)
      if (std::find(plain.begin(), plain.end(), i) == plain.end()) modern.push_back(words[i]);
    modern.insert(modern.end(), {"--", words[plain[0]]});
    modern.insert(modern.end(), locals.begin(), locals.end());
    return modern;
  }
  return usage("these are not the names of nodes, in either order", kForm);
}

std::string whole_command(const std::string& word) {
  Words words = modern_words({word});
  for (const Form& form : forms())
    if (!word.empty() && form.action == word) words = {std::string(form.command), word};
  if (words == Words{word}) return {};
  std::string whole = "rainstorm";
  for (const std::string& each : words) whole += " " + each;
  return whole;
}

std::vector<std::string_view> classic_names() {
  std::vector<std::string_view> names;
  for (const Classic& classic : kClassic) names.push_back(classic.name);
  return names;
}
}  // namespace rs
