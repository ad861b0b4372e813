// The page and the table of routes say the same: routes, access, parameters, bodies, and the fields of answers.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <set>

#include "node/api/routes.h"
#include "node/test_node.h"

namespace rs {
namespace {
using Names = std::set<std::string>;

// What stands in braces.
Names words_of(std::string_view path) {
  Names words;
  for (size_t at = 0; (at = path.find('{', at)) != std::string_view::npos; ++at)
    words.emplace(path.substr(at + 1, path.find('}', at) - at - 1));
  return words;
}

class OpenApi : public testing::Test {
 protected:
  YAML::Node operation(const Route& route) const {
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    return page_["paths"][std::string(route.path)][method];
  }
  const YAML::Node page_ = YAML::LoadFile("docs/api/openapi.yaml");
};

TEST_F(OpenApi, HasEachRouteAndNoOther) {
  Names table, page;
  for (const Route& route : api_routes()) table.insert(std::string(route.method) + " " + std::string(route.path));
  for (const auto& path : page_["paths"]) {
    for (const auto& operation : path.second) {
      std::string method = operation.first.as<std::string>();
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      page.insert(method + " " + path.first.as<std::string>());
    }
  }
  EXPECT_EQ(page, table);
}

TEST_F(OpenApi, SaysWhoMayAskAndWhatARouteTakes) {
  for (const Route& route : api_routes()) {
    const YAML::Node operation = this->operation(route);
    const bool open = operation["security"] && operation["security"].size() == 0;
    EXPECT_EQ(open, route.access == Access::kAnybody) << route.path;
    EXPECT_EQ(static_cast<bool>(operation["requestBody"]), route.body_bytes > 0) << route.method << route.path;
    Names parameters, words;
    for (const auto& parameter : operation["parameters"])
      (parameter["in"].as<std::string>() == "path" ? words : parameters).insert(parameter["name"].as<std::string>());
    EXPECT_EQ(parameters, Names(route.parameters.begin(), route.parameters.end())) << route.path;
    EXPECT_EQ(words, words_of(route.path));
    EXPECT_FALSE(operation["summary"].as<std::string>().empty());
    EXPECT_NE(open, static_cast<bool>(operation["responses"]["default"])) << route.path << " may fail";
  }
}

// The schema behind a $ref, or itself.
YAML::Node resolved(const YAML::Node& page, const YAML::Node& schema) {
  if (!schema["$ref"]) return schema;
  const std::string name = schema["$ref"].as<std::string>();
  return page["components"]["schemas"][name.substr(name.rfind('/') + 1)];
}

void expect_described(const YAML::Node& page, const YAML::Node& given, const nlohmann::json& value,
                      const std::string& where) {
  const YAML::Node schema = resolved(page, given);
  if (value.is_array()) {
    for (const auto& element : value) expect_described(page, schema["items"], element, where + "[]");
    return;
  }
  if (schema["enum"]) {
    Names choices;
    for (const auto& choice : schema["enum"]) choices.insert(choice.as<std::string>());
    EXPECT_TRUE(choices.count(value.get<std::string>())) << where << " " << value;
  }
  if (!value.is_object() || !schema["properties"]) return;
  Names fields;
  for (const auto& [name, field] : value.items()) {
    fields.insert(name);
    ASSERT_TRUE(schema["properties"][name]) << where << "." << name << " is not described";
    expect_described(page, schema["properties"][name], field, where + "." + name);
  }
  for (const auto& name : schema["required"])
    EXPECT_TRUE(fields.count(name.as<std::string>())) << where << " has no " << name.as<std::string>();
}

TEST_F(OpenApi, DescribesTheAnswersOfWholeRoutes) {
  ServedNode served;
  served.node.files.put("{name}", "content");
  served.node.suspected.push_back({"n4", "x#1", 1, 2, "refuted"});
  int described = 0;
  for (const Route& route : api_routes()) {
    if (route.method != "GET") continue;
    const YAML::Node content = operation(route)["responses"]["200"]["content"];
    if (!content["application/json"] || route.path == "/api/v1/uploads/{id}") continue;
    const auto answer = io::http_call(served.local, {.target = std::string(route.path)});
    ASSERT_TRUE(answer.ok()) << answer.status();
    expect_described(page_, content["application/json"]["schema"], nlohmann::json::parse(answer->body),
                     std::string(route.path));
    ++described;
  }
  EXPECT_EQ(described, 9);
}
}  // namespace
}  // namespace rs
