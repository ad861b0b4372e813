#include "sim/model/command.h"

#include <algorithm>
#include <cstdio>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "io/real/real.h"
#include "sim/model/search.h"

namespace rs::sim::model {
namespace {
struct Options {
  std::string configuration, variant;
  Bounds bounds;
  uint64_t seed = 1;
  double walk = 0;
  bool all = false, fast = false, list = false, safety = false;
};

void say(const std::string& text) {
  std::fprintf(stdout, "%s\n", text.c_str());
  std::fflush(stdout);
}

std::string verdict_of(const Finding& finding) {
  if (finding.broken.empty() && finding.losses == 0) return "all promises hold";
  if (finding.broken.empty()) return absl::StrCat("all promises hold, DATA_LOSS is rightly said in ", finding.losses);
  return absl::StrCat("BROKEN in ", finding.history.size(), " steps: ", finding.broken);
}

// true: all promises hold.
bool run(const Configuration& configuration, Variant variant, const Options& options, bool tell) {
  const std::unique_ptr<io::Clock> clock = io::real_clock();
  const int64_t began = clock->now_ns();
  const auto seconds = [&] { return static_cast<double>(clock->now_ns() - began) * 1e-9; };
  broken_variant = variant;
  const double walk_for = options.walk > 0 ? options.walk : configuration.walks ? 10 : 0;
  const Finding found = walk_for > 0
                            ? walk(configuration, options.bounds, options.seed, [&] { return seconds() < walk_for; })
                            : explore(configuration, options.bounds);
  broken_variant = Variant::kNone;
  const char* part = found.whole ? "" : walk_for > 0 ? " (walks)" : " (cut off)";
  say(absl::StrFormat("%-10s %-26s %9d states%s, depth %2d, %5.1f s: %s", configuration.name, name_of(variant),
                      found.states, part, found.depth, seconds(), verdict_of(found)));
  if (!tell || found.broken.empty()) return found.broken.empty();
  for (size_t i = 0; i < found.history.size(); ++i) say(absl::StrFormat("  %2d. %s", i + 1, found.history[i]));
  say(found.picture);
  return false;
}

int run_all(const Options& options) {
  int wrong = 0;
  for (const Configuration& each : configurations())
    if (!options.fast || each.small) wrong += !run(each, Variant::kNone, options, true);
  for (const Breakage& each : breakages()) {
    Options one = options;
    one.bounds.liveness = each.liveness;
    wrong += run(*configuration_of(each.configuration), each.variant, one, false);
  }
  say(wrong == 0 ? "the rules hold, and each broken one is caught" : absl::StrCat(wrong, " wrong"));
  return wrong == 0 ? 0 : 1;
}

void list() {
  say("configurations");
  for (const Configuration& each : configurations())
    say(absl::StrFormat("  %-10s %s%s", each.name, each.text, each.walks ? " (random walks)" : ""));
  say("variants, each with the configuration that must catch it");
  for (const Breakage& each : breakages())
    say(absl::StrFormat("  %-28s %s", name_of(each.variant), each.configuration));
}

int dispatch(Options options) {
  if (options.list) return list(), 0;
  if (options.all || options.fast) return run_all(options);
  Variant variant = Variant::kNone;
  std::string configuration = options.configuration;
  if (!options.variant.empty()) {
    const auto found = std::find_if(breakages().begin(), breakages().end(),
                                    [&](const Breakage& each) { return name_of(each.variant) == options.variant; });
    if (found == breakages().end()) return say("no such variant; --list names them"), 2;
    variant = found->variant;
    options.bounds.liveness = found->liveness;
    if (configuration.empty()) configuration = found->configuration;
  }
  const Configuration* chosen = configuration_of(configuration.empty() ? "core" : configuration);
  if (chosen == nullptr) return say("no such configuration; --list names them"), 2;
  const bool held = run(*chosen, variant, options, true);
  return held == (variant == Variant::kNone) ? 0 : 1;
}
}  // namespace

int check_model(int argc, char** argv) {
  CLI::App app("Takes every step of a small group of replicas in every order, with the code that the nodes run.");
  Options options;
  app.add_option("--config", options.configuration, "one configuration; core if none is given");
  app.add_option("--variant", options.variant, "break a rule: it is an error if no promise breaks");
  app.add_flag("--all", options.all, "every configuration, and every broken variant with its own");
  app.add_flag("--short", options.fast, "the same with the small configurations only");
  app.add_flag("--list", options.list, "name configurations and variants");
  app.add_option("--deeper", options.bounds.deeper, "add to the bounds on views and log");
  app.add_option("--states", options.bounds.states, "give up behind so many");
  app.add_option("--walk", options.walk, "random walks for so many seconds instead of a search");
  app.add_option("--seed", options.seed, "of the walks");
  app.add_flag("--safety", options.safety, "do not try from each state whether the group comes back");
  CLI11_PARSE(app, argc, argv);
  options.bounds.liveness = !options.safety;
  return dispatch(options);
}
}  // namespace rs::sim::model
