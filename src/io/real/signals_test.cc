#include "io/real/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace rs::io {
namespace {
TEST(Interrupts, AreCountedAndEndNobodyHoweverMany) {
  struct sigaction before = {}, term = {};
  ::sigaction(SIGINT, nullptr, &before);
  const int first = interrupts_so_far();
  for (int i = 0; i < 3; ++i) ::raise(SIGINT);
  EXPECT_EQ(interrupts_so_far(), first + 3);
  EXPECT_EQ(::alarm(0), 0u) << "no end is set for the process, as a second signal to a job sets one";
  ::sigaction(SIGTERM, nullptr, &term);
  EXPECT_EQ(term.sa_handler, SIG_DFL);
  ::sigaction(SIGINT, &before, nullptr);
}
}  // namespace
}  // namespace rs::io
