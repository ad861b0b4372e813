#include "engine/verbs/options.h"

#include <algorithm>

namespace rs {
bool Options::has(char option) const {
  return std::any_of(set.begin(), set.end(), [=](const auto& given) { return given.first == option; });
}

namespace {
// Reads one word such as -ivePATTERN. Answers whether the next word was taken for the last option's value.
bool read_cluster(std::string_view cluster, const std::string* next, std::string_view known, Options* options) {
  for (size_t i = 0; i < cluster.size(); ++i) {
    const size_t at = known.find(cluster[i]);
    if (cluster[i] == ':' || at == std::string_view::npos) {
      options->unknown = std::string("-") + cluster[i];
      return false;
    }
    if (!known.substr(at + 1).starts_with(':')) {
      options->set.emplace_back(cluster[i], "");
      continue;
    }
    const bool attached = i + 1 < cluster.size();
    if (!attached && next == nullptr)
      options->without_value = cluster[i];
    else
      options->set.emplace_back(cluster[i], attached ? cluster.substr(i + 1) : std::string_view(*next));
    return !attached;
  }
  return false;
}
}  // namespace

Options read_options(std::span<const std::string> args, std::string_view known) {
  Options options;
  for (size_t i = 0; i < args.size() && options.unknown.empty(); ++i) {
    const std::string& word = args[i];
    if (word == "--") {
      options.operands.insert(options.operands.end(), args.begin() + i + 1, args.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-')
      options.operands.push_back(word);
    else if (word.starts_with("--"))
      options.unknown = word.substr(0, word.find('='));
    else
      i +=
          read_cluster(std::string_view(word).substr(1), i + 1 < args.size() ? &args[i + 1] : nullptr, known, &options);
  }
  return options;
}
}  // namespace rs
