#include "node/api/routes.h"

#include <gtest/gtest.h>

#include "node/api/upload_desk.h"

namespace rs {
namespace {
std::string found(std::string_view method, std::string_view path) {
  int status = 0;
  const auto match = find_route(method, path, &status);
  if (!match.ok()) return std::to_string(status);
  std::string text(match->route->path);
  for (const std::string_view word : match->words) text.append(" ").append(word);
  return text;
}

TEST(Routes, WordsStandForPartsInBraces) {
  EXPECT_EQ(found("GET", "/api/v1/files"), "/api/v1/files");
  EXPECT_EQ(found("GET", "/api/v1/files/a%2Fb"), "/api/v1/files/{name} a%2Fb");
  EXPECT_EQ(found("GET", "/api/v1/files/content/content"), "/api/v1/files/{name}/content content");
  EXPECT_EQ(found("GET", "/api/v1/files/content"), "/api/v1/files/{name} content");
  EXPECT_EQ(found("PUT", "/api/v1/uploads/1-2/3"), "/api/v1/uploads/{id}/{piece} 1-2 3");
  EXPECT_EQ(found("POST", "/api/v1/uploads/1-2/commit"), "/api/v1/uploads/{id}/commit 1-2");
  for (const char* none : {"/api/v1/files/", "/api/v1/files//content", "/api/v1/files/a/b", "/api/v1/files/a/content/",
                           "//api/v1/files", "/", "", "/api/v1/filesa"})
    EXPECT_EQ(found("GET", none), "404") << none;
  EXPECT_EQ(found("PUT", "/api/v1/files/a"), "405");
  EXPECT_EQ(found("GET", "/api/v1/uploads/1/2"), "405");
}

TEST(Routes, BodiesHaveTheBoundOfTheirRoute) {
  EXPECT_EQ(body_bound("PUT", "/api/v1/uploads/x/1"), kPieceBytes);
  EXPECT_EQ(body_bound("POST", "/api/v1/uploads/x/1"), 0u);
  EXPECT_EQ(body_bound("POST", "/api/v1/uploads/x/commit"), kMostRequestBytes);
  EXPECT_EQ(body_bound("PUT", "/api/v1/uploads/x/1/2"), 0u);
  EXPECT_EQ(body_bound("POST", "/api/v1/leave"), 0u);
}
}  // namespace
}  // namespace rs
