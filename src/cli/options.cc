#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/check.h"
#include "base/error.h"
#include "base/suggest.h"
#include "cli/client/options.h"
#include "cli/values.h"
#include "node/config.h"

namespace rs {
namespace {
using Command = Invocation::Command;

// What the option library fills in; the meaning of the values is ours.
struct Raw {
  std::vector<std::string> words;  // positional
  bool help = false, version = false, json = false, quiet = false;
  bool plan = false, fresh = false, overwrite = false, no_chain = false, at_least_once = false, unordered = false;
  std::string state, rate, emit, stdin_mode, on_error, grace, memory, save;
  std::string config_file, folder;
  bool detach = false;
  std::map<std::string, std::string> settings;  // of a node, by their names; not given: empty
};

constexpr std::array<std::string_view, 12> kCommands = {"run",  "state", "node",  "dev",     "status", "config",
                                                        "logs", "grep",  "shell", "explain", "help",   "version"};
constexpr std::array<std::string_view, 15> kLaterCommands = {"submit", "check", "test", "init",    "demo",
                                                             "jobs",   "top",   "stop", "rescale", "tap",
                                                             "why",    "dlq",   "op",   "fs",      "completion"};

Status usage(std::string_view message, std::string_view next) {
  return make_error(ErrorId::kUsage, message, {{"next", std::string(next)}});
}

Status not_yet(std::string_view message, std::string_view next) {
  return make_error(ErrorId::kNotYet, message, {{"next", std::string(next)}});
}

void add_run_options(CLI::App* run, Raw* raw) {
  // An unset variable, --state "$X", must not cost the promise.
  run->add_option("--state", raw->state)->check([](const std::string& name) {
    return name.empty() ? std::string("--state needs a name or a folder") : std::string();
  });
  run->add_option("--rate", raw->rate);
  run->add_option("--emit", raw->emit);
  run->add_option("--stdin", raw->stdin_mode);
  run->add_option("--on-error", raw->on_error);
  run->add_option("--grace", raw->grace);
  run->add_option("--memory", raw->memory);
  run->add_option("--save", raw->save);
  run->add_flag("-n,--plan", raw->plan);
  run->add_flag("--fresh", raw->fresh);
  run->add_flag("--overwrite", raw->overwrite);
  run->add_flag("--no-chain", raw->no_chain);
  run->add_flag("--at-least-once", raw->at_least_once);
  run->add_flag("--unordered", raw->unordered);
  for (CLI::Option* option : run->get_options()) option->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

void add_node_options(CLI::App* node, Raw* raw) {
  node->add_option("--config", raw->config_file);
  for (const SettingRow& row : setting_rows()) node->add_option(option_of(row), raw->settings[std::string(row.name)]);
}

void add_dev_options(CLI::App* dev, Raw* raw) {
  dev->add_option("--dir", raw->folder);
  dev->add_flag("--detach", raw->detach);
}

void add_common_options(CLI::App* app, Raw* raw) {
  app->set_help_flag();
  app->allow_extras();
  app->add_flag("-h,--help", raw->help);
  app->add_flag("--version", raw->version);
  app->add_flag("--json", raw->json);
  app->add_flag("-q,--quiet", raw->quiet);
}

Status unknown_option(const std::string& given, const CLI::App& app) {
  const std::string name = given.substr(0, given.find('='));
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& text : option->get_lnames()) known.push_back("--" + text);
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string near(nearest(name, views));
  if (!near.empty()) return usage("no option is called " + name, "did you mean " + near + "?");
  if (app.get_name() == "run") return usage("no option is called " + name, "rainstorm help run lists the options");
  const bool named = app.get_name() == "state" || app.get_name() == "explain" || app.get_name() == "help";
  return usage("no option is called " + name, std::string("-h, -q and --json are all there is") +
                                                  (named ? "; a name like that stands behind --" : ""));
}

Status unknown_command(const std::string& given) {
  if (std::find(kLaterCommands.begin(), kLaterCommands.end(), given) != kLaterCommands.end())
    return not_yet("the command `" + given + "` is not in this version", "rainstorm help lists what is");
  if (const std::string whole = whole_command(given); !whole.empty())
    return usage("no command is called `" + given + "`", whole);
  const std::string near(nearest(given, kCommands));
  if (!near.empty()) return usage("no command is called `" + given + "`", "did you mean " + near + "?");
  const bool job = given.find_first_of("|>:") != std::string::npos;
  return usage("no command is called `" + given + "`",
               job ? "rainstorm run 'JOB'" : "rainstorm help lists the commands");
}

// What the option library says, in our words: it names the option first.
Status misused(const CLI::ParseError& error, const std::string& command) {
  const std::string said = error.what();
  const std::string option = said.substr(0, said.find(':'));
  const std::string next = command.empty() ? "rainstorm help" : "rainstorm help " + command;
  if (!option.starts_with('-')) return usage(said, next);
  if (said.find("missing") != std::string::npos) return usage(option + " needs a value", next);
  return usage(said.find("received") != std::string::npos ? option + " is given twice" : said, next);
}

// The value of an option that may say one word only.
Status only(std::string_view option, const std::string& given, std::string_view word, std::string_view later) {
  if (given.empty() || given == word) return Ok();
  const std::string next = std::string(option) + "=" + std::string(word);
  if (!later.empty() && given.starts_with(later))
    return not_yet(std::string(option) + " " + given + " is not in this version", next);
  return make_error(ErrorId::kBadValue, std::string(option) + " " + given + ": no such choice", {{"next", next}});
}

Status read_values(const Raw& raw, const Console& console, RunOptions* run) {
  RS_RETURN_IF_ERROR(only("--emit", raw.emit, "changes", ""));
  RS_RETURN_IF_ERROR(only("--stdin", raw.stdin_mode, "resend", ""));
  RS_RETURN_IF_ERROR(only("--on-error", raw.on_error, "fail", "quarantine"));
  if (raw.unordered)
    return not_yet("--unordered is not in this version", "leave it out: the order of the input is kept");
  if (!raw.save.empty()) return not_yet("--save is not in this version", "leave it out: the line is the job");
  if (!raw.rate.empty()) {
    const auto rate = parse_rate(raw.rate);
    if (!rate.ok()) return rate.status();
    run->rate = *rate;
  }
  if (!raw.grace.empty()) {
    const auto grace = parse_duration_ms(raw.grace);
    if (!grace.ok()) return grace.status();
    run->grace_ms = *grace;
  }
  if (!raw.memory.empty()) {
    const auto memory = parse_size(raw.memory);
    if (!memory.ok()) return memory.status();
    run->memory_bytes = *memory;
  }
  if (raw.state.empty()) return Ok();
  auto folder = state_folder(console, raw.state);
  if (!folder.ok()) return folder.status();
  run->state = *std::move(folder);
  run->state_name = raw.state;
  return Ok();
}

Status read_run(const Raw& raw, const Console& console, Invocation* to) {
  RunOptions& run = to->run;
  if (raw.words.empty() && raw.state.find_first_of("|>:") != std::string::npos)
    return usage("--state took the job for its name, so run has none", "rainstorm run --state NAME 'JOB'");
  RS_RETURN_IF_ERROR(read_values(raw, console, &run));
  if (raw.words.empty())
    return usage("run needs a job", "rainstorm run 'file:a.txt | words | count > file:counts.tsv'");
  if (raw.words.size() > 1)
    return usage("run takes one job, and `" + raw.words[1] + "` is a second word",
                 "put the whole job in single quotes: rainstorm run 'SOURCE | STAGE > SINK'");
  run.line = raw.words[0];
  if (run.line.ends_with(".yaml") || run.line.ends_with(".yml"))
    return not_yet("jobs from a file are not in this version", "rainstorm run 'SOURCE | STAGE > SINK'");
  auto job = parse_job(run.line);
  if (!job.ok()) return job.status();
  run.job = *std::move(job);
  run.working_directory = console.working_directory;
  run.fresh = raw.fresh;
  run.overwrite = raw.overwrite;
  run.no_chain = raw.no_chain;
  run.at_least_once = raw.at_least_once;
  run.emit_changes = !raw.emit.empty();
  run.stdin_resend = !raw.stdin_mode.empty();
  to->plan = raw.plan;
  return Ok();
}

Status read_state(const Raw& raw, Invocation* to) {
  constexpr std::array<std::string_view, 3> kActions = {"ls", "show", "rm"};
  constexpr const char* kForms = "rainstorm state ls | show NAME | rm NAME";
  if (raw.words.empty()) return usage("state needs an action", kForms);
  const auto* action = std::find(kActions.begin(), kActions.end(), raw.words[0]);
  if (action == kActions.end()) {
    const std::string near(nearest(raw.words[0], kActions));
    return usage("no action is called `" + raw.words[0] + "`", near.empty() ? kForms : "did you mean " + near + "?");
  }
  const bool list = *action == "ls";
  if (raw.words.size() != (list ? 1u : 2u))
    return usage(list ? "state ls takes no name" : "one state is to be named", kForms);
  to->command = list ? Command::kStateList : *action == "show" ? Command::kStateShow : Command::kStateRemove;
  if (!list) to->argument = raw.words[1];
  return Ok();
}

// The action behind `node` or `dev`.
StatusOr<std::string> read_action(const std::string& command, const Raw& raw, std::span<const std::string_view> actions,
                                  const std::string& forms) {
  if (raw.words.empty()) return usage(command + " needs an action", forms);
  const std::string& action = raw.words[0];
  if (std::find(actions.begin(), actions.end(), action) != actions.end()) return action;
  const std::string near(nearest(action, actions));
  return usage("no action is called `" + action + "`", near.empty() ? forms : "did you mean " + near + "?");
}

Status read_node(const Raw& raw, Invocation* to) {
  constexpr std::array<std::string_view, 1> kActions = {"run"};
  const auto action = read_action("node", raw, kActions, "rainstorm node run");
  if (!action.ok()) return action.status();
  if (raw.words.size() > 1) return usage("node run takes options alone", "rainstorm help node-run");
  to->command = Command::kNodeRun;
  to->config_file = raw.config_file;
  for (const auto& [name, value] : raw.settings)
    if (!value.empty()) to->settings[name] = value;
  return Ok();
}

Status read_dev(const Raw& raw, Invocation* to) {
  constexpr std::array<std::string_view, 6> kActions = {"cluster", "kill", "pause", "resume", "start", "stop"};
  constexpr const char* kForms = "rainstorm dev cluster N | kill NODE | pause NODE | resume NODE | start NODE | stop";
  const auto action = read_action("dev", raw, kActions, kForms);
  if (!action.ok()) return action.status();
  if (raw.words.size() != (*action == "stop" ? 1u : 2u))
    return usage(
        *action == "stop"
            ? "dev stop takes no more words"
            : "dev " + *action + (*action == "cluster" ? " takes a number of nodes" : " takes the name of one node"),
        kForms);
  if (raw.detach && *action != "cluster") return usage("--detach goes with dev cluster", kForms);
  to->command = Command::kDev;
  to->words = raw.words;
  to->folder = raw.folder;
  to->detach = raw.detach;
  return Ok();
}

Status read_command(const std::string& name, const Raw& raw, const Console& console, Invocation* to) {
  if (raw.help) return to->argument = name, Ok();
  if (raw.version) return to->command = Command::kVersion, Ok();
  if (name == "run") return to->command = Command::kRun, read_run(raw, console, to);
  if (name == "state") return read_state(raw, to);
  if (name == "node") return read_node(raw, to);
  if (name == "dev") return read_dev(raw, to);
  if (name == "version" && !raw.words.empty()) return usage("version takes no word", "rainstorm version");
  if (raw.words.size() > 1) return usage(name + " takes one word", "rainstorm help lists the topics");
  if (!raw.words.empty()) to->argument = raw.words[0];
  if (name == "version") return to->command = Command::kVersion, Ok();
  if (name != "explain") return Ok();
  to->command = Command::kExplain;
  return to->argument.empty() ? usage("explain needs the code of an error", "rainstorm explain RS1012") : Ok();
}

bool is_option(const std::string& word) { return word.size() > 1 && word[0] == '-' && word[1] != ' '; }

// The command may stand behind options of its own, so a word that names one is it before any other word.
std::string take_command(std::vector<std::string>* arguments) {
  auto first = std::find_first_of(arguments->begin(), arguments->end(), kCommands.begin(), kCommands.end());
  if (first == arguments->end()) first = std::find_if_not(arguments->begin(), arguments->end(), is_option);
  if (first == arguments->end()) return {};
  std::string name = *first;
  arguments->erase(first);
  return name;
}

Status parse(std::vector<std::string> arguments, const Console& console, Invocation* to) {
  Raw raw;
  const std::string name = take_command(&arguments);
  const bool known = name.empty() || std::find(kCommands.begin(), kCommands.end(), name) != kCommands.end();
  if (!known) return unknown_command(name);
  CLI::App app("", name);
  add_common_options(&app, &raw);
  if (name == "run") add_run_options(&app, &raw);
  if (name == "node") add_node_options(&app, &raw);
  if (name == "dev") add_dev_options(&app, &raw);
  app.add_option("word", raw.words);
  std::reverse(arguments.begin(), arguments.end());  // the library takes them from the back
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return misused(error, name);
  }
  for (const std::string& rest : app.remaining())
    if (is_option(rest) && rest != "--") return unknown_option(rest, app);
  RS_CHECK(to->command == Command::kHelp, "help is what remains");
  to->json |= raw.json;
  to->quiet |= raw.quiet;
  return read_command(name, raw, console, to);
}
}  // namespace

Status parse_command_line(const std::vector<std::string>& arguments, const Console& console, Invocation* invocation) {
  const auto stop = std::find(arguments.begin(), arguments.end(), "--");
  const auto given = [&](std::string_view flag) { return std::find(arguments.begin(), stop, flag) != stop; };
  invocation->json = given("--json");
  invocation->quiet = given("-q") || given("--quiet");
  return parse(arguments, console, invocation);
}
}  // namespace rs
