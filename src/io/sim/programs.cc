// The programs that simulated jobs run.
#include <algorithm>
#include <csignal>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "io/sim/children.h"

namespace rs::io {
namespace {
// A program that sees lines without their end; a last line that has none is a line too.
using LineProgram = std::function<ProgramStep(std::string_view line, const ProgramIo& io)>;

Program by_line(LineProgram program) {
  return [program = std::move(program), open = std::string()](const ProgramIo& io) mutable -> ProgramStep {
    open.append(io.input);
    size_t begin = 0;
    for (size_t end; (end = open.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const ProgramStep step = program(std::string_view(open).substr(begin, end - begin), io);
      if (step.state != ProgramState::kRuns) return step;
    }
    open.erase(0, begin);
    if (io.at_end && !open.empty()) return program(std::exchange(open, {}), io);
    return {};
  };
}

uint64_t number_argument(const std::vector<std::string>& argv) {
  uint64_t number = 0;
  RS_CHECK(argv.size() == 2 && absl::SimpleAtoi(argv[1], &number), "the program wants one number");
  return number;
}

ProgramStep ends(int code, int signal = 0) { return {ProgramState::kEnded, code, signal}; }

// Copies `bytes` bytes of its input, then does `then` for ever.
Program copy_until(uint64_t bytes, ProgramStep then) {
  return [left = bytes, then](const ProgramIo& io) mutable -> ProgramStep {
    const size_t size = std::min<uint64_t>(left, io.input.size());
    io.out->append(io.input.substr(0, size));
    left -= size;
    return left == 0 ? then : ProgramStep{};
  };
}

Program cat(const std::vector<std::string>&) { return copy_until(UINT64_MAX, {}); }
Program crash(const std::vector<std::string>& argv) { return copy_until(number_argument(argv), ends(0, SIGSEGV)); }
Program hang(const std::vector<std::string>& argv) { return copy_until(number_argument(argv), {ProgramState::kHangs}); }

Program upper(const std::vector<std::string>&) {
  return [](const ProgramIo& io) {
    for (char c : io.input) io.out->push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
    return ProgramStep{};
  };
}

Program exit_with(const std::vector<std::string>& argv) {
  const int code = static_cast<int>(number_argument(argv));
  return [code](const ProgramIo& io) { return io.at_end ? ends(code) : ProgramStep{}; };
}

Program count(const std::vector<std::string>&) {
  return [lines = int64_t{0}](const ProgramIo& io) mutable {
    lines += std::count(io.input.begin(), io.input.end(), '\n');
    if (io.at_end) absl::StrAppend(io.out, lines, "\n");
    return ProgramStep{};
  };
}

Program sort(const std::vector<std::string>&) {
  auto lines = std::make_shared<std::multiset<std::string>>();  // shared by the two halves of the closure
  Program read = by_line([lines](std::string_view line, const ProgramIo&) {
    lines->emplace(line);
    return ProgramStep{};
  });
  return [lines, read](const ProgramIo& io) {
    const ProgramStep step = read(io);
    if (io.at_end)
      for (const std::string& line : *lines) absl::StrAppend(io.out, line, "\n");
    return step;
  };
}

Program head(const std::vector<std::string>& argv) {
  return by_line([left = number_argument(argv)](std::string_view line, const ProgramIo& io) mutable {
    if (left > 0) io.out->append(line).append("\n");
    left -= left > 0;
    return left == 0 ? ends(0) : ProgramStep{};
  });
}

Program fail_on(const std::vector<std::string>& argv) {
  RS_CHECK(argv.size() == 2, "fail-on wants a text");
  return by_line([text = argv[1]](std::string_view line, const ProgramIo& io) {
    if (line.find(text) != std::string_view::npos) {
      absl::StrAppend(io.err, "fail-on: met ", text, "\n");
      return ends(1);
    }
    io.out->append(line).append("\n");
    return ProgramStep{};
  });
}

Program nondeterministic(const std::vector<std::string>&) {
  return by_line([](std::string_view line, const ProgramIo& io) {
    io.out->append(line).append(absl::StrCat(" ", io.random->next(), "\n"));
    return ProgramStep{};
  });
}
}  // namespace

std::map<std::string, ProgramFactory> standard_programs() {
  return {{"cat", cat},         {"upper", upper},
          {"sort", sort},       {"count", count},
          {"head", head},       {"exit", exit_with},
          {"fail-on", fail_on}, {"crash", crash},
          {"hang", hang},       {"nondeterministic", nondeterministic}};
}
}  // namespace rs::io
