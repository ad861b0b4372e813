#include "engine/place.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rs {
namespace {
Status refused(const std::string& tuple) { return make_error(ErrorId::kNotANumber, "m", {{"tuple", tuple}}); }

TEST(Place, FindsTheLineThatTheErrorShows) {
  EXPECT_EQ(find_tuple("ab\na\nb\n", refused("a")), 3u);
  EXPECT_EQ(find_tuple("ab\nabc\n", refused("abc")), 3u);
  EXPECT_EQ(find_tuple("x\nlong line\n", refused("long...")), 2u) << "shown in part";
  EXPECT_EQ(find_tuple("x\n\n", refused("")), 2u);
  EXPECT_EQ(find_tuple("ab\n", refused("made by a stage")), std::nullopt);
  EXPECT_EQ(find_tuple("m\n", absl::InternalError("m")), std::nullopt);
}

TEST(Place, IsToldOnce) {
  const ErrorDetails expected = {{"where", "in:3"}, {"tuple", "a"}};
  const Status once = placed(refused("a"), "in:3");
  EXPECT_EQ(report_of(once).details, expected);
  EXPECT_EQ(report_of(placed(once, "epoch 1")).details, expected);
  EXPECT_TRUE(report_of(placed(absl::InternalError("m"), "in:3")).details.empty());
}
}  // namespace
}  // namespace rs
