#include "node/cluster_folder.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/real/real.h"
#include "io/real/scratch_folder.h"
#include "io/real/signals.h"
#include "io/sim/random.h"

namespace rs {
namespace {
std::string found(const std::string& given, std::map<std::string, std::string> variables) {
  const auto environment = [&](const std::string& name) {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional<std::string>(at->second);
  };
  const auto cluster = find_cluster(given, environment, "/w");
  return cluster.ok() ? cluster->path : "none";
}

TEST(FindCluster, TakesTheNearestThatSaysSomething) {
  EXPECT_EQ(found("d", {{"RAINSTORM_CLUSTER", "/c"}}), "/w/d");
  EXPECT_EQ(found("", {{"RAINSTORM_CLUSTER", "c"}, {"XDG_STATE_HOME", "/x"}}), "/w/c");
  EXPECT_EQ(found("", {{"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}}), "/x/rainstorm-cluster");
  EXPECT_EQ(found("", {{"XDG_STATE_HOME", "relative"}, {"HOME", "/h"}}), "/h/.local/state/rainstorm-cluster");
  EXPECT_EQ(found("", {}), "none");
}

TEST(NodeName, NamesAFolderAndNeverAnotherFile) {
  for (const char* name : {"n1", "a", "127.0.0.1:7001", "node-b_2.x"}) EXPECT_TRUE(valid_node_name(name)) << name;
  for (const char* name : {"", ".", "..", ".n1", "a/b", "key", "token", "dev.lock", "n 1", "n\n"})
    EXPECT_FALSE(valid_node_name(name)) << name;
  EXPECT_FALSE(valid_node_name(std::string(65, 'n')));
  EXPECT_FALSE(valid_node_name(std::string("n\0", 2)));
}

class ClusterFolderTest : public testing::Test {
 protected:
  io::ScratchFolder scratch_;
  const ClusterFolder cluster_{scratch_ / "a/b"};
  std::unique_ptr<io::Directory> directory_ = io::real_directory();
  io::SimRandom random_{1, "secrets"};
};

TEST_F(ClusterFolderTest, SecretsAreMadeOnce) {
  EXPECT_EQ(read_token(cluster_).status().code(), absl::StatusCode::kNotFound);
  const auto first = open_secrets(cluster_, directory_.get(), &random_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->key.size(), 64u);
  EXPECT_NE(first->key, first->token);
  const auto second = open_secrets(cluster_, directory_.get(), &random_);
  EXPECT_EQ(second->key, first->key);
  EXPECT_EQ(read_token(cluster_).value(), first->token);
}

TEST_F(ClusterFolderTest, SecretsThatOthersSeeOrThatAreNoneAreRefused) {
  ASSERT_TRUE(open_secrets(cluster_, directory_.get(), &random_).ok());
  std::filesystem::permissions(cluster_.token(), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(error_id(read_token(cluster_).status()), ErrorId::kOpenSecret);
  EXPECT_EQ(error_id(open_secrets(cluster_, directory_.get(), &random_).status()), ErrorId::kOpenSecret);
  std::filesystem::remove(cluster_.token());
  for (const std::string& text :
       {std::string(""), std::string(64, 'a'), std::string(64, 'A') + "\n", std::string(65, 'a') + "\n"}) {
    io::ScratchFolder::write(cluster_.key(), text);
    EXPECT_EQ(error_id(open_secrets(cluster_, directory_.get(), &random_).status()), ErrorId::kOpenSecret) << text;
  }
}

TEST_F(ClusterFolderTest, AFolderThatCannotBeMadeIsSaid) {
  io::ScratchFolder::write(scratch_ / "a", "a file");
  EXPECT_EQ(error_id(open_secrets(cluster_, directory_.get(), &random_).status()), ErrorId::kNodeFolder);
  EXPECT_EQ(error_id(lock_node(cluster_.node("n1"), directory_.get()).status()), ErrorId::kNodeFolder);
}

TEST_F(ClusterFolderTest, OneNodeWorksInAFolder) {
  const NodePaths node = cluster_.node("n1");
  auto first = lock_node(node, directory_.get());
  ASSERT_TRUE(first.ok()) << first.status();
  const Status second = lock_node(node, directory_.get()).status();
  EXPECT_EQ(error_id(second), ErrorId::kNodeBusy);
  EXPECT_NE(report_of(second).message.find("process " + std::to_string(io::own_pid())), std::string::npos);
  EXPECT_TRUE(lock_node(cluster_.node("n2"), directory_.get()).ok());
  first->reset();
  EXPECT_TRUE(lock_node(node, directory_.get()).ok());
}

TEST_F(ClusterFolderTest, NodesAreFoundInTheOrderOfTheirNumbers) {
  EXPECT_TRUE(node_names(cluster_, directory_.get())->empty());
  for (const char* name : {"n10", "n2", "n1", "b", "empty"}) {
    ASSERT_TRUE(directory_->make(cluster_.node(name).folder).ok());
    if (name != std::string("empty")) io::ScratchFolder::write(cluster_.node(name).identity, "");
  }
  io::ScratchFolder::write(cluster_.key(), "");
  EXPECT_EQ(*node_names(cluster_, directory_.get()), (std::vector<std::string>{"b", "n1", "n2", "n10"}));
}
}  // namespace
}  // namespace rs
