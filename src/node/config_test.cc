#include "node/config.h"

#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "base/error.h"
#include "io/sim/world.h"

namespace rs {
namespace {
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() : directory_(world_.disk.view(world_.processes.start())) {
    sources_.environment = [this](const std::string& name) {
      const auto at = variables_.find(name);
      return at == variables_.end() ? std::nullopt : std::optional<std::string>(at->second);
    };
    sources_.working_directory = "/w";
    sources_.directory = directory_.get();
    sources_.options = {{"dir", "/c"}};
  }
  StatusOr<NodeConfig> file(const std::string& text) {
    world_.disk.put("/w/node.yaml", text);
    sources_.file = "/w/node.yaml";
    return read_config(sources_);
  }
  static std::string said(const StatusOr<NodeConfig>& config) {
    if (config.ok()) return "fine";
    EXPECT_EQ(report_of(config.status()).row->exit_code, 78);
    return report_of(config.status()).message;
  }
  static const ConfigValue& value(const NodeConfig& config, const std::string& name) {
    const auto at = std::find_if(config.values.begin(), config.values.end(),
                                 [&](const ConfigValue& each) { return each.name == name; });
    EXPECT_NE(at, config.values.end()) << name;
    return *at;
  }

  io::SimWorld world_{1};
  std::unique_ptr<io::Directory> directory_;
  std::map<std::string, std::string> variables_;
  ConfigSources sources_;
};

TEST_F(ConfigTest, HasADefaultForAll) {
  const auto config = read_config(sources_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen.text(), "127.0.0.1:7001");
  EXPECT_EQ(config->name, "127.0.0.1:7001");
  EXPECT_TRUE(config->join.empty());
  EXPECT_FALSE(config->api.has_value());
  EXPECT_EQ(config->protocol, membership::Protocol{});
  EXPECT_EQ(config->log_bytes, 16u << 20);
  ASSERT_EQ(config->values.size(), setting_rows().size());
  for (const ConfigValue& each : config->values) EXPECT_EQ(each.origin, each.name == "dir" ? "flag --dir" : "default");
}

TEST_F(ConfigTest, AnOptionBeatsTheEnvironmentThatBeatsTheFile) {
  const std::string text = "listen: 127.0.0.1:1\nname: a\nlog:\n  level: debug\n  size: 1MiB\n";
  auto config = file(text);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(value(*config, "listen").origin, "/w/node.yaml:1:9");
  EXPECT_EQ(value(*config, "log.level").origin, "/w/node.yaml:4:10");
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
  EXPECT_EQ(config->log_bytes, 1u << 20);
  variables_ = {{"RAINSTORM_LISTEN", "127.0.0.1:2"}, {"RAINSTORM_NODE", "b"}, {"RAINSTORM_LOG_LEVEL", ""}};
  sources_.options["listen"] = "127.0.0.1:3";
  config = file(text);
  EXPECT_EQ(config->listen.port, 3);
  EXPECT_EQ(value(*config, "listen").origin, "flag --listen");
  EXPECT_EQ(config->name, "b");
  EXPECT_EQ(value(*config, "name").origin, "RAINSTORM_NODE");
  EXPECT_EQ(config->log_level, LogLevel::kDebug) << "an empty variable says nothing";
}

TEST_F(ConfigTest, TheFileInTheNodesFolderIsRead) {
  world_.disk.put("/c/n1/config.yaml", "listen: 127.0.0.1:9\njoin: [127.0.0.1:1, '[::1]:2']\n");
  sources_.options["name"] = "n1";
  auto config = read_config(sources_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen.port, 9);
  ASSERT_EQ(config->join.size(), 2u);
  EXPECT_EQ(config->join[1].text(), "[::1]:2");
  EXPECT_EQ(value(*config, "join").value, "127.0.0.1:1,[::1]:2");
  world_.disk.put("/c/n1/config.yaml", "name: n2\n");
  EXPECT_EQ(said(read_config(sources_)),
            "/c/n1/config.yaml:1:1: name tells where this file is, so it can't stand in it");
}

TEST_F(ConfigTest, ErrorsHaveTheirPlaceAndASuggestion) {
  EXPECT_EQ(said(file("name: n1\n lisen: 1\n")), "/w/node.yaml:2:7: illegal map value");
  EXPECT_EQ(said(file("name: n1\nlisen: 1\n")),
            "/w/node.yaml:2:1: unknown setting \"lisen\"; did you mean \"listen\"?");
  EXPECT_EQ(said(file("log: { levl: info }\n")),
            "/w/node.yaml:1:8: unknown setting \"log.levl\"; did you mean \"log.level\"?");
  EXPECT_EQ(said(file("log:\n  level: inf\n")),
            "/w/node.yaml:2:10: log.level: \"inf\" is not known; did you mean \"info\"?");
  EXPECT_EQ(said(file("name: a\nname: b\n")), "/w/node.yaml:2:1: name is set twice, first at /w/node.yaml:1:1");
  EXPECT_EQ(said(file("name: [a]\n")), "/w/node.yaml:1:7: name is no list");
  EXPECT_EQ(said(file("join: [[a]]\n")), "/w/node.yaml:1:8: join is a list of plain values");
  EXPECT_EQ(said(file("name:\n")), "/w/node.yaml:1:1: name has no value");
  EXPECT_EQ(said(file("just words\n")), "/w/node.yaml:1:1: settings are written NAME: VALUE");
  EXPECT_EQ(said(file("a: { b: { c: 1 } }\n")), "/w/node.yaml:1:9: maps do not go so deep");
  EXPECT_EQ(said(file("name: a\n---\nname: b\n")), "/w/node.yaml:2:1: a second document begins; one is read");
  EXPECT_EQ(said(file(",")), "/w/node.yaml:1:1: a second document begins; one is read");
  EXPECT_EQ(said(file("name: a\n]\n")), "/w/node.yaml:2:1: illegal flow end");
  EXPECT_NE(said(file("name: [a\n")).find("/w/node.yaml:2:1: "), std::string::npos);
  EXPECT_NE(said(file(std::string(70'000, '#'))).find("too long"), std::string::npos);
  sources_.file = "/w/none.yaml";
  EXPECT_NE(said(read_config(sources_)).find("the configuration: /w/none.yaml"), std::string::npos);
}

TEST_F(ConfigTest, AnEmptyFileSaysNothing) {
  for (const char* text : {"", "# words\n", "---\n", "{}\n"}) EXPECT_EQ(said(file(text)), "fine") << text;
}

TEST_F(ConfigTest, HostileFilesAreErrors) {
  EXPECT_NE(said(file(std::string(60'000, '['))), "fine");
  EXPECT_NE(said(file("a: &x [*x]\n")), "fine");
  EXPECT_NE(said(file("&a a: &b {b: *b}\n")), "fine");
  EXPECT_NE(said(file("? [x]\n: 1\n")), "fine");
  EXPECT_NE(said(file(std::string("name: \"a\\0b\"\n"))), "fine");
  EXPECT_NE(said(file("\xff: 1\n")), "fine");
}

TEST_F(ConfigTest, ValuesOutsideOfWhatIsMeantAreRefused) {
  const std::pair<const char*, const char*> kBad[] = {
      {"listen", "unix:/s"},    {"listen", "127.0.0.1"}, {"join", "127.0.0.1:0"}, {"join", "127.0.0.1:1,x"},
      {"api", "unix:/s"},       {"name", "../x"},        {"name", "key"},         {"cluster-name", "a b"},
      {"protocol", "ping sus"}, {"protocol", "swim"},    {"protocol", ""},        {"protocol", "ping suspect x"},
      {"log.level", "loud"},    {"log.size", "16"},      {"log.size", "1KiB"},    {"log.size", "99999999999GiB"},
      {"log.size", "1 MiB"},    {"log.size", "16MB"},    {"log.files", "-1"},     {"log.files", "101"},
      {"log.files", "4x"},      {"log.files", ""}};
  for (const auto& [name, text] : kBad) {
    sources_.options["name"] = "n1";
    sources_.options[name] = text;
    const std::string message = said(read_config(sources_));
    EXPECT_TRUE(message.starts_with(std::string("flag --")) && message.find(name) != std::string::npos)
        << name << " " << text << ": " << message;
    sources_.options.erase(name);
  }
  EXPECT_EQ(said(read_config(sources_)), "fine");
}

TEST_F(ConfigTest, AnAddressBeyondThisMachineIsRefusedWithTheReason) {
  for (const char* name : {"listen", "join", "api"}) {
    const std::string variable = "RAINSTORM_" + absl::AsciiStrToUpper(name);
    variables_ = {{variable, "0.0.0.0:7001"}};
    const Status status = read_config(sources_).status();
    EXPECT_EQ(error_id(status), ErrorId::kNodeWide) << name;
    EXPECT_NE(report_of(status).message.find("TLS"), std::string::npos);
    EXPECT_TRUE(report_of(status).message.starts_with(variable));
  }
}

TEST_F(ConfigTest, AnyPortNeedsAName) {
  sources_.options["listen"] = "127.0.0.1:0";
  EXPECT_EQ(said(read_config(sources_)), "name: a node on any free port needs one: --name n1");
  sources_.options["name"] = "n1";
  EXPECT_EQ(said(read_config(sources_)), "fine");
}

TEST_F(ConfigTest, ChangesSayWhatNeedsARestart) {
  const auto before = file("protocol: ping\nlog: { level: info, files: 3 }\n");
  const auto after = file("protocol: gossip\nlog: { level: warn, files: 5 }\n");
  const auto list = changes(*before, *after);
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].name + list[0].before + list[0].after, "protocolpinggossip");
  EXPECT_FALSE(list[0].live);
  EXPECT_EQ(list[1].name + list[1].before + list[1].after, "log.levelinfowarn");
  EXPECT_TRUE(list[1].live);
  EXPECT_EQ(list[2].name + list[2].before + list[2].after, "log.files35");
  EXPECT_TRUE(list[2].live);
  EXPECT_TRUE(changes(*after, *after).empty());
  NodeConfig now = *before;
  now.take_live(*after);
  EXPECT_EQ(now.log_level, LogLevel::kWarn);
  EXPECT_EQ(now.log_files, 5);
  ASSERT_EQ(changes(now, *after).size(), 1u) << "what needs a restart is still to come";
}
}  // namespace
}  // namespace rs
