#include "cli/client/fs_render.h"

#include "cli/client/fields.h"
#include "cli/format.h"
#include "cli/table.h"

namespace rs {
namespace {
const Json& list_in(const Json& object, const char* name) {
  static const Json kNone = Json::array();
  return has(object, name) && object[name].is_array() ? object[name] : kNone;
}

const Json& list_in(const Json&& object, const char* name) = delete;  // it would not live long enough

std::string amount(const Json& object, const char* name) { return grouped(number_in(object, name)); }
}  // namespace

std::string file_text(std::string_view json) {
  const Json file = read_json(json);
  std::string text = aligned({{"name", text_in(file, "name")},
                              {"id", text_in(file, "id")},
                              {"ring id", text_in(file, "ring_id")},
                              {"size", amount(file, "size")},
                              {"appends", amount(file, "appends")}});
  Table replicas = {{"NODE", "ADDRESS", "RING ID", "BYTES"}};
  for (const Json& each : list_in(file, "replicas"))
    replicas.push_back(
        {text_in(each, "node"), text_in(each, "address"), text_in(each, "ring_id"), amount(each, "bytes")});
  text += replicas.size() > 1 ? aligned(replicas) : "no node stores it\n";
  for (const Json& problem : list_in(file, "problems")) text += "warning: " + problem_line(dumped(problem));
  return text;
}

std::string files_table(const std::vector<std::string>& rows) {
  Table table = {{"SIZE", "APPENDS", "ID", "NAME"}};
  for (const std::string& row : rows) {
    const Json file = read_json(row);
    table.push_back({amount(file, "size"), amount(file, "appends"), text_in(file, "id"), text_in(file, "name")});
  }
  return aligned(table);
}

std::string store_table(const std::vector<std::string>& rows) {
  Table table = {{"NODE", "RING ID", "BYTES", "SIZE", "ID", "NAME"}};
  for (const std::string& row : rows) {
    const Json file = read_json(row);
    const Json& replicas = list_in(file, "replicas");
    const Json replica = replicas.empty() ? Json::object() : replicas[0];
    table.push_back({text_in(replica, "node"), text_in(replica, "ring_id"), amount(replica, "bytes"),
                     amount(file, "size"), text_in(file, "id"), text_in(file, "name")});
  }
  return aligned(table);
}

std::string usage_table(const std::vector<std::string>& rows) {
  Table table = {{"NODE", "ADDRESS", "FILES", "BYTES", "ON DISK"}};
  for (const std::string& row : rows) {
    const Json usage = read_json(row);
    table.push_back({text_in(usage, "node"), text_in(usage, "address"), amount(usage, "files"),
                     bytes_text(static_cast<double>(number_in(usage, "bytes"))),
                     bytes_text(static_cast<double>(number_in(usage, "disk_bytes")))});
  }
  return aligned(table);
}

std::string ring_table(std::string_view json) {
  Table table = {{"RING ID", "NAME", "ID", "STATE"}};
  const Json ring = read_json(json);
  for (const Json& each : list_in(ring, "members"))
    table.push_back({text_in(each, "ring_id"), text_in(each, "name"), text_in(each, "id"), text_in(each, "state")});
  return aligned(table);
}

std::string problem_line(std::string_view row) {
  const Json problem = read_json(row);
  const std::string name = text_in(problem, "name"), node = text_in(problem, "node");
  const std::string head = name.empty() ? node : name;
  return (head.empty() ? "" : head + ": ") + text_in(problem, "problem") +
         (name.empty() || node.empty() ? "" : " (" + node + ")") + "\n";
}

std::string replica_nodes(std::string_view json) {
  const Json file = read_json(json);
  std::string nodes;
  for (const Json& each : list_in(file, "replicas")) nodes += (nodes.empty() ? "" : ", ") + text_in(each, "node");
  return nodes.empty() ? "no node" : nodes;
}
}  // namespace rs
