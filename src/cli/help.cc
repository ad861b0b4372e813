#include "cli/help.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "base/error.h"
#include "base/suggest.h"
#include "cli/exit_codes.h"
#include "cli/help_client_pages.h"
#include "cli/help_node_pages.h"
#include "cli/help_pages.h"
#include "cli/render.h"

namespace rs {
namespace {
constexpr size_t kColumns = 100;
constexpr HelpPage kExitPage = {"exit-codes", "what each exit code says", ""};
constexpr HelpPage kErrorsPage = {"errors", "all error codes", ""};
constexpr std::array<HelpPage, 18> kPages = {kRunPage,     kPipelinePage,   kVerbsPage,  kStatePage,  kNodePage,
                                             kNodeRunPage, kNodeConfigPage, kStatusPage, kConfigPage, kLogsPage,
                                             kGrepPage,    kFsPage,         kShellPage,  kDevPage,    kExplainPage,
                                             kVersionPage, kExitPage,       kErrorsPage};

std::string column(std::string_view text, size_t width) {
  RS_CHECK(text.size() < width, "a gap stays between columns");
  return std::string(text) + std::string(width - text.size(), ' ');
}

std::string overview() {
  std::string text(kShortHelp.substr(0, kShortHelp.find("Commands:")));
  text += "Commands and pages (rainstorm help PAGE, or COMMAND --help):\n";
  for (const HelpPage& page : kPages) text += "  " + column(page.topic, 13) + std::string(page.summary) + "\n";
  return text +
         "\nEvery command takes --json and -q. Data goes to standard output, everything else to standard error.\n";
}

std::string exit_page() {
  std::string text;
  for (const ExitRow& row : exit_table()) {
    const std::string code = std::to_string(static_cast<int>(row.code));
    text += std::string(5 - code.size(), ' ') + code + "  " + std::string(row.meaning) + "\n";
  }
  return text;
}

std::string errors_page() {
  std::vector<const ErrorRow*> rows = all_errors();
  std::sort(rows.begin(), rows.end(), [](const ErrorRow* a, const ErrorRow* b) { return a->number < b->number; });
  std::string text;
  for (const ErrorRow* row : rows) text += error_code(row->number) + "  " + std::string(row->title) + "\n";
  return text;
}
}  // namespace

std::string short_help() { return std::string(kShortHelp); }

std::vector<std::string_view> help_topics() {
  std::vector<std::string_view> topics;
  for (const HelpPage& page : kPages) topics.push_back(page.topic);
  return topics;
}

StatusOr<std::string> help_page(std::string_view topic) {
  if (topic.empty() || topic == "help") return overview();
  if (topic == kExitPage.topic) return exit_page();
  if (topic == kErrorsPage.topic) return errors_page();
  for (const HelpPage& page : kPages)
    if (page.topic == topic) return std::string(page.text);
  const std::vector<std::string_view> topics = help_topics();
  const std::string near(nearest(topic, topics));
  const std::string next = near.empty() ? "rainstorm help lists the pages" : "did you mean " + near + "?";
  return make_error(ErrorId::kNoTopic, "no page is called `" + std::string(topic) + "`", {{"next", next}});
}

StatusOr<int> error_number(std::string_view code) {
  std::string_view digits = code;
  if (digits.size() > 2 && (digits[0] == 'R' || digits[0] == 'r') && (digits[1] == 'S' || digits[1] == 's'))
    digits.remove_prefix(2);
  int number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  if (whole && number > 0 && find_error(number) != nullptr) return number;
  return make_error(ErrorId::kNoTopic, "no error has the code `" + std::string(code) + "`",
                    {{"next", "rainstorm help errors lists the codes"}});
}

std::string explain_page(int number) {
  const ErrorRow* row = find_error(number);
  RS_CHECK(row != nullptr, "the code exists");
  return error_code(number) + "  " + std::string(row->title) + "\n\n" + wrapped(row->text, kColumns) + "\nexit code " +
         std::to_string(row->exit_code) + "\n";
}
}  // namespace rs
