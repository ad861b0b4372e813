#include "cli/progress.h"

#include <gtest/gtest.h>

namespace rs {
namespace {
struct Screen {
  std::string written;
  Console console;
  explicit Screen(std::string terminal, bool is_terminal = true) {
    console.err = [this](std::string_view text) { written += text; };
    console.environment = [terminal](const std::string& name) {
      return name == "TERM" ? std::optional<std::string>(terminal) : std::nullopt;
    };
    console.stderr_is_terminal = is_terminal;
  }
};

TEST(ProgressLine, SaysWhatIsDoneAndWhatIsLeft) {
  Screen screen("xterm");
  ProgressLine line(screen.console);
  EXPECT_EQ(line.text({100'000'000, 1'000'000'000, 1000, 10, 1}), "10 %  100 MB of 1.00 GB  0 B/s  1,000 → 10 tuples");
  EXPECT_EQ(line.text({300'000'000, 1'000'000'000, 3000, 30, 2}),
            "30 %  300 MB of 1.00 GB  200 MB/s  ETA 4 s  3,000 → 30 tuples");
  EXPECT_EQ(line.text({1'000'000'000, 1'000'000'000, 9, 9, 4}), "100 %  1.00 GB of 1.00 GB  350 MB/s  9 → 9 tuples");
}

TEST(ProgressLine, UnknownSizeHasNoTimeLeft) {
  Screen screen("xterm");
  ProgressLine line(screen.console);
  line.text({0, 0, 0, 0, 0});
  EXPECT_EQ(line.text({5'000'000, 0, 7, 8, 1}), "5.00 MB  5.00 MB/s  7 → 8 tuples");
}

TEST(ProgressLine, IsDrawnInPlaceAndCleared) {
  Screen screen("xterm");
  screen.console.columns = 9;
  {
    ProgressLine line(screen.console);
    line.show({5'000'000, 0, 7, 8, 1});
    EXPECT_EQ(screen.written, "\r5.00 MB \x1b[K");
    screen.written.clear();
  }
  EXPECT_EQ(screen.written, "\r\x1b[K");
}

TEST(ProgressLine, NothingMovesElsewhere) {
  for (const Screen& screen : {Screen("dumb"), Screen("xterm", false)}) {
    ProgressLine(screen.console).show({1, 2, 3, 4, 5});
    EXPECT_EQ(screen.written, "");
  }
}
}  // namespace
}  // namespace rs
