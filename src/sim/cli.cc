#include "sim/cli.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/variants.h"
#include "io/real/real.h"
#include "sim/library.h"
#include "sim/model/command.h"

namespace rs::sim {
namespace {
struct Options {
  uint64_t seeds = 1000, from = 1;
  std::vector<std::string> workloads;
  std::string folder = "src/sim", variant, caught;
  bool trace = false, list = false, until_caught = false, quiet = false, twice = false;
};

void say(const std::string& text) {
  std::fprintf(stdout, "%s\n", text.c_str());
  std::fflush(stdout);  // a run that hangs must have said what it found
}

struct Tally {
  uint64_t runs = 0, finished = 0, stopped = 0, breaches = 0, steps = 0;
  std::map<std::string, uint64_t> counts, most;
  void add(const Outcome& outcome) {
    ++runs;
    finished += outcome.finished;
    stopped += !outcome.stopped.empty();
    breaches += outcome.breach.has_value();
    steps += outcome.steps;
    for (const auto& [name, n] : outcome.counts) counts[name] += n;
    for (const auto& [name, n] : outcome.most) most[name] = std::max(most[name], n);
  }
};

void say_breach(const Scenario& workload, uint64_t seed, const Options& options, const Outcome& outcome) {
  std::string variant = options.variant.empty() ? "" : absl::StrCat(" --variant ", options.variant);
  say(absl::StrCat("FAILED: workload ", workload.name, ", seed ", seed,
                   "\n  broken: ", sentence_of(outcome.breach->invariant), " (", name_of(outcome.breach->invariant),
                   ")\n  ", outcome.breach->detail, "\n  replay: ./dev sim --workload ", workload.name, " --from ",
                   seed, " --seeds 1 --trace", variant));
}

void say_tally(const Tally& tally, int64_t ns) {
  double seconds = std::max(1e-3, static_cast<double>(ns) * 1e-9);
  for (const auto& [name, n] : tally.counts) say(absl::StrCat("  ", name, ": ", n));
  for (const auto& [name, n] : tally.most) say(absl::StrCat("  at most ", n, " ", name));
  say(absl::StrCat(tally.runs, " seeds (", tally.finished, " finished, ", tally.stopped,
                   " stopped for a reason given, ", tally.breaches, " broke an invariant), ", tally.steps, " events, ",
                   static_cast<int64_t>(static_cast<double>(tally.runs) / seconds), " seeds/s"));
}

// Whose turn it is: round robin, and in each round those that take part in it.
std::vector<const Scenario*> turns(const std::vector<Scenario>& workloads, uint64_t seeds) {
  std::vector<const Scenario*> turns;
  for (uint64_t round = 0; turns.size() < seeds; ++round) {
    for (const Scenario& workload : workloads) {
      if (round % workload.every == 0 && turns.size() < seeds) turns.push_back(&workload);
    }
  }
  return turns;
}

// With --until-caught the first breach ends it.
int run_seeds(const std::vector<Scenario>& workloads, const Options& options) {
  std::unique_ptr<io::Clock> clock = io::real_clock();
  const int64_t began = clock->now_ns();
  Tally tally;
  uint64_t seed = options.from;
  for (const Scenario* workload : turns(workloads, options.seeds)) {
    TraceLine trace;
    if (options.trace) trace = [](std::string_view line) { say(std::string(line)); };
    Outcome outcome = workload->run(seed, trace);
    if (options.trace) {
      say(absl::StrCat(outcome.finished ? "finished" : absl::StrCat("not finished: ", outcome.stopped), ", trace hash ",
                       absl::Hex(outcome.trace_hash)));
    }
    tally.add(outcome);
    if (options.twice && workload->run(seed, nullptr).trace_hash != outcome.trace_hash) {
      say(absl::StrCat("FAILED: workload ", workload->name, ", seed ", seed, ": it does not run twice alike"));
      ++tally.breaches;
    }
    if (outcome.breach) say_breach(*workload, seed, options, outcome);
    if (outcome.breach && options.until_caught) {
      say(absl::StrCat("CAUGHT ", options.variant, " ", workload->name, " ", seed, " ", seed - options.from + 1, " ",
                       name_of(outcome.breach->invariant)));
      return 0;
    }
    ++seed;
  }
  if (!options.quiet) say_tally(tally, clock->now_ns() - began);
  return tally.breaches > 0 || options.until_caught ? 1 : 0;
}

// A change of the engine moves what a seed does; then another one must catch the variant, and not a late one.
std::optional<uint64_t> catch_anew(const Scenario& workload) {
  constexpr uint64_t kMost = 20'000;
  for (uint64_t seed = 1; seed <= kMost; ++seed) {
    if (workload.run(seed, nullptr).breach) return seed;
  }
  return std::nullopt;
}

// Each line of the table names a seed that must fail, and the invariant that must see it.
int replay_caught(const std::vector<Scenario>& workloads, const std::string& table) {
  int wrong = 0;
  for (const CaughtSeed& row : parse_caught(table)) {
    auto workload =
        std::find_if(workloads.begin(), workloads.end(), [&](const Scenario& w) { return w.name == row.workload; });
    std::optional<Variant> variant = variant_of(row.variant);
    if (workload == workloads.end() || !variant) {
      say(absl::StrCat("no such variant or workload: ", row.variant, " ", row.workload));
      return 2;
    }
    broken_variant = *variant;
    Outcome outcome = workload->run(row.seed, nullptr);
    bool seen = outcome.breach && name_of(outcome.breach->invariant) == row.invariant;
    std::optional<uint64_t> anew = seen ? std::nullopt : catch_anew(*workload);
    broken_variant = Variant::kNone;
    std::string how = seen   ? absl::StrCat("seed ", row.seed, ", ", sentence_of(outcome.breach->invariant))
                      : anew ? absl::StrCat("no longer by seed ", row.seed, " but by ", *anew, ": write that down")
                             : "no seed catches it";
    wrong += !seen && !anew;
    say(absl::StrCat(seen || anew ? "caught  " : "MISSED  ", row.variant, ": ", row.workload, ", ", how));
  }
  return wrong > 0 ? 1 : 0;
}

int run(const Options& options) {
  std::unique_ptr<io::Directory> directory = io::real_directory();
  StatusOr<std::vector<Scenario>> all = load_scenarios(directory.get(), options.folder, options.workloads);
  if (!all.ok()) {
    say(std::string(all.status().message()));
    return 2;
  }
  if (options.list) {
    for (const Scenario& workload : *all) say(workload.name);
    return 0;
  }
  if (!options.caught.empty()) {
    StatusOr<std::string> table = load_text(directory.get(), options.caught);
    return table.ok() ? replay_caught(*all, *table) : 2;
  }
  if (!options.variant.empty()) {
    std::optional<Variant> variant = variant_of(options.variant);
    if (!variant) {
      say("no such variant: " + options.variant);
      return 2;
    }
    broken_variant = *variant;
    if (options.workloads.empty()) {
      std::erase_if(*all, [&](const Scenario& w) {
        return std::find(w.aims.begin(), w.aims.end(), options.variant) == w.aims.end();
      });
      if (all->empty()) return say("no workload aims at " + options.variant), 2;
    }
  }
  return run_seeds(*all, options);
}
}  // namespace

int simulate(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "model") return model::check_model(argc - 1, argv + 1);
  CLI::App app(
      "Runs whole jobs and clusters in virtual time under faults and checks what must hold after every event.");
  Options options;
  app.add_option("--seeds", options.seeds, "how many seeds");
  app.add_option("--from", options.from, "the first one");
  app.add_option("--workload", options.workloads, "names; all of the folder if none is given");
  app.add_option("--folder", options.folder, "the folder of workloads/ and clusters/");
  app.add_option("--variant", options.variant, "break a rule on purpose (base/variants.def)");
  app.add_option("--caught", options.caught, "replay a table of seeds that must fail");
  app.add_flag("--trace", options.trace, "print every event");
  app.add_flag("--list", options.list, "name the workloads");
  app.add_flag("--until-caught", options.until_caught, "stop at the first breach; it is an error if there is none");
  app.add_flag("--twice", options.twice, "run each seed twice: the traces must be the same");
  app.add_flag("--quiet", options.quiet, "no counts at the end");
  CLI11_PARSE(app, argc, argv);
  return run(options);
}
}  // namespace rs::sim
