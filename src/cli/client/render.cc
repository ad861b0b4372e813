#include "cli/client/render.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/format.h"
#include "cli/table.h"

namespace rs {
namespace {
using Json = nlohmann::ordered_json;
constexpr auto kReplace = Json::error_handler_t::replace;

StatusOr<Json> read(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_object()) return json;
  return make_error(ErrorId::kApiAnswer, "the answer is no JSON object", {{"next", "is that a node of this version?"}});
}

// A field that is missing, or of another type, shows as nothing: fields are only added, so a newer node has them all.
std::string text(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end()) return {};
  return found->is_string()      ? found->get<std::string>()
         : found->is_primitive() ? found->dump(-1, ' ', false, kReplace)
                                 : "";
}

uint64_t number(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

bool is_set(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && *found == true;
}

const Json& part(const Json& object, const char* name) {
  static const Json kNothing = Json::object();
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

std::string pair_text(const Json& protocol) {
  return "<" + text(protocol, "mode") + ", " + (is_set(protocol, "suspicion") ? "suspect" : "nosuspect") + ">";
}

std::string percent_text(const Json& object, const char* name) {
  const auto found = object.find(name);
  const double value = found != object.end() && found->is_number() ? found->get<double>() : 0;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g %%", value * 100);
  return text;
}
}  // namespace

StatusOr<std::string> nodes_text(std::string_view json) {
  const auto answer = read(json);
  if (!answer.ok()) return answer.status();
  Table rows = {{"NAME", "ID", "STATE", "GENERATION", "REFUTATION", "UPDATED"}};
  for (const Json& node : part(*answer, "nodes"))
    rows.push_back({text(node, "name"), text(node, "id"), text(node, "state"), text(node, "generation"),
                    text(node, "refutation"), text(node, "updated")});
  return aligned(rows);
}

StatusOr<std::string> self_text(std::string_view json) {
  const auto node = read(json);
  if (!node.ok()) return node.status();
  Table rows;
  for (const char* name : {"name", "id", "uuid", "state", "presence", "refutation", "updated"})
    rows.push_back({name, text(*node, name)});
  return aligned(rows);
}

StatusOr<std::string> suspects_text(std::string_view json, bool all) {
  const auto answer = read(json);
  if (!answer.ok()) return answer.status();
  const Json& suspects = part(*answer, "suspects");
  if (suspects.empty()) return std::string(all ? "nobody was suspected\n" : "nobody is suspected\n");
  Table rows = {{"NODE", "ID", "SINCE", "UNTIL", "OUTCOME"}};
  for (const Json& each : suspects)
    rows.push_back({text(each, "node"), text(each, "id"), text(each, "since"),
                    each.is_object() && each.contains("until") ? text(each, "until") : "-", text(each, "outcome")});
  return aligned(rows);
}

StatusOr<std::string> protocol_text(std::string_view json) {
  const auto answer = read(json);
  if (!answer.ok()) return answer.status();
  return pair_text(*answer) + "\n";
}

StatusOr<std::string> drop_text(std::string_view json) {
  const auto answer = read(json);
  if (!answer.ok()) return answer.status();
  return percent_text(*answer, "fraction") + "\n";
}

StatusOr<std::string> status_text(std::string_view json) {
  const auto answer = read(json);
  if (!answer.ok()) return answer.status();
  const Json &node = part(*answer, "node"), &counts = part(*answer, "nodes");
  std::string nodes;
  for (const char* state : {"alive", "suspect", "failed", "left"})
    nodes += (nodes.empty() ? "" : ", ") + std::to_string(number(counts, state)) + " " + state;
  std::string shown = aligned({{"node", text(node, "name") + " (" + text(node, "id") + "), " + text(node, "state")},
                               {"nodes", nodes},
                               {"protocol", pair_text(part(*answer, "protocol"))},
                               {"drop", percent_text(*answer, "drop")},
                               {"process", text(*answer, "pid") + ", since " + text(*answer, "started")},
                               {"version", text(*answer, "version")},
                               {"folder", text(*answer, "folder")}});
  for (const Json& warning : part(*answer, "warnings"))
    if (warning.is_string()) shown += "warning: " + warning.get<std::string>() + "\n";
  return shown;
}

StatusOr<std::string> config_text(std::string_view json, bool origin) {
  const auto answer = read(json);
  if (!answer.ok()) return answer.status();
  Table rows = {{"NAME", "VALUE"}};
  if (origin) rows[0].push_back("ORIGIN");
  for (const Json& value : part(*answer, "values")) {
    rows.push_back({text(value, "name"), text(value, "value")});
    if (origin) rows.back().push_back(text(value, "origin"));
  }
  return aligned(rows);
}

StatusOr<std::string> event_text(std::string_view json) {
  const auto event = read(json);
  if (!event.ok()) return event.status();
  if (event->contains("missed")) return text(*event, "missed") + " events were missed\n";
  std::string line = text(*event, "time");
  for (const char* name : {"kind", "node", "id", "detail"})
    if (const std::string word = text(*event, name); !word.empty()) line += " " + word;
  return line + "\n";
}

StatusOr<std::string> lines_of(std::string_view json, std::string_view name) {
  const auto answer = read(json);
  if (!answer.ok()) return answer.status();
  std::string lines;
  for (const Json& each : part(*answer, std::string(name).c_str())) lines += each.dump(-1, ' ', false, kReplace) + "\n";
  return lines;
}

StatusOr<std::string> presence_of(std::string_view json) {
  const auto node = read(json);
  if (!node.ok()) return node.status();
  return text(*node, "presence");
}

StatusOr<GrepSummary> read_summary(std::string_view json) {
  const auto answer = read(json);
  if (!answer.ok()) return answer.status();
  return GrepSummary{is_set(*answer, "end"),     text(*answer, "node"),
                     text(*answer, "problem"),   number(*answer, "matches"),
                     is_set(*answer, "partial"), static_cast<int>(number(*answer, "exit_code"))};
}

void EventReader::feed(std::string_view piece, const std::function<void(std::string_view)>& sink) {
  constexpr std::string_view kData = "data: ";
  input_.append(piece);
  size_t at = 0;
  for (size_t end; (end = input_.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string_view line = std::string_view(input_).substr(at, end - at);
    if (line.starts_with(kData)) sink(line.substr(kData.size()));
  }
  input_.erase(0, at);
}
}  // namespace rs
