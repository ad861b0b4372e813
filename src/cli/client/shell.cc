#include "cli/client/shell.h"

#include <algorithm>

#include "base/error.h"
#include "base/suggest.h"
#include "cli/client/client.h"
#include "cli/exit_codes.h"
#include "cli/help_client_pages.h"
#include "control/words.h"

namespace rs {
namespace {
constexpr std::string_view kPrompt = "rainstorm> ";

// A quote protects what would act in a job; here only words are wanted.
StatusOr<std::vector<std::string>> words_of(const std::string& line) {
  const auto tokens = split_words(line);
  if (!tokens.ok()) return tokens.status();
  std::vector<std::string> words;
  for (const Token& token : *tokens) {
    if (token.kind != Token::Kind::kWord)
      return error_at(ErrorId::kShellSyntax, line, token.begin, "this shell runs one command a line",
                      "quote it, if it is meant literally");
    words.push_back(token.text);
  }
  return words;
}

Status unknown(const std::string& word) {
  std::vector<std::string_view> names = classic_names();
  names.insert(names.end(), {"node", "fs", "status", "config", "logs", "help", "exit"});
  const std::string near(nearest(word, names));
  return make_error(ErrorId::kUsage, "no command is called `" + word + "`",
                    {{"next", near.empty() ? "help lists the commands" : "did you mean " + near + "?"}});
}

class ShellLoop {
 public:
  ShellLoop(const ClientCommand& shell, const Console& console, const ClientBackend& backend)
      : shell_(shell), console_(console), backend_(backend) {}

  int run() {
    if (shell_.script) return execute(*shell_.script, nullptr), code_;
    const bool talks = backend_.input_is_terminal && console_.stderr_is_terminal;
    if (backend_.input_is_terminal) backend_.interrupts();
    while (!over_) {
      if (talks) console_.err(kPrompt);
      const auto line = backend_.read_line();
      if (!line) break;
      if (!backend_.input_is_terminal) {
        execute(*line, nullptr);
        continue;
      }
      // Ctrl-C ends the command and not the shell.
      execute(*line, [this, before = backend_.interrupts()] { return backend_.interrupts() != before; });
    }
    return code_;
  }

 private:
  void execute(const std::string& line, const std::function<bool()>& cancelled) {
    const auto words = words_of(line);
    if (!words.ok()) return fail(words.status());
    if (words->empty()) return;
    const std::string& first = words->front();
    if (first == "exit" || first == "quit") {
      over_ = true;
    } else if (first == "help") {
      console_.out(kShellPage.text);
      code_ = static_cast<int>(Exit::kOk);
    } else {
      command(*words, cancelled);
    }
  }

  void command(const std::vector<std::string>& words, const std::function<bool()>& cancelled) {
    std::vector<std::string> modern = modern_words(words);
    if (words[0] == "multiappend") {
      auto appends = multiappend(words);
      if (!appends.ok()) return fail(appends.status());
      modern = *std::move(appends);
    }
    if (!is_client_command({modern[0]}) || modern[0] == "shell") return fail(unknown(words[0]));
    ClientCommand command;
    command.cluster = shell_.cluster;
    command.node = shell_.node;
    command.json = shell_.json;
    command.quiet = shell_.quiet;
    if (const Status status = parse_client_command(modern, &command); !status.ok()) return fail(status);
    code_ = run_client(command, console_, backend_, cancelled);
  }

  // A node is one of the cluster's folder, or an endpoint.
  StatusOr<std::vector<std::string>> multiappend(const std::vector<std::string>& words) const {
    std::vector<std::string> names;
    if (const auto cluster = find_cluster(shell_.cluster, console_.environment, console_.working_directory);
        cluster.ok()) {
      const auto found = backend_.node_names(*cluster);
      if (!found.ok()) return found.status();
      names = *found;
    }
    return modern_multiappend({words.begin() + 1, words.end()}, [&](const std::string& word) {
      return std::find(names.begin(), names.end(), word) != names.end() || io::parse_endpoint(word).ok();
    });
  }

  void fail(const Status& status) { code_ = client_failed(status, shell_.json, console_); }

  const ClientCommand& shell_;
  const Console& console_;
  const ClientBackend& backend_;
  int code_ = 0;
  bool over_ = false;
};
}  // namespace

int run_shell(const ClientCommand& shell, const Console& console, const ClientBackend& backend) {
  return ShellLoop(shell, console, backend).run();
}
}  // namespace rs
