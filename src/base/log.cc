#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "base/check.h"

namespace rs {
namespace {
constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};
constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                 spdlog::level::err, spdlog::level::off};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  const auto index = static_cast<size_t>(level);
  RS_CHECK(index < std::size(kLevels), "a level outside the enum");
  return kLevels[index];
}

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink, LogLevel least) {
  auto logger = std::make_shared<spdlog::logger>("rainstorm", std::move(sink));
  logger->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
  logger->set_level(spdlog_level(least));
  logger->flush_on(spdlog::level::debug);  // a line is out before the next step, so a crash leaves its story
  return logger;
}

// Never destroyed: threads may log while the process ends. Shared, since spdlog's sinks are.
std::shared_ptr<spdlog::logger>& logger() {
  static auto& current = *new std::shared_ptr<spdlog::logger>(
      make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), LogLevel::kWarn));
  return current;
}

bool plain(unsigned char c) { return c > ' ' && c != '"' && c != '\\' && c != 0x7f; }

void append_value(std::string* line, std::string_view value) {
  if (!value.empty() && std::all_of(value.begin(), value.end(), plain)) {
    line->append(value);
    return;
  }
  *line += '"';
  for (unsigned char c : value) {
    if (plain(c) || c == ' ')
      *line += static_cast<char>(c);
    else if (c == '"' || c == '\\')
      (*line += '\\') += static_cast<char>(c);
    else if (c == '\n')
      *line += "\\n";
    else
      fmt::format_to(std::back_inserter(*line), "\\x{:02x}", c);
  }
  *line += '"';
}
}  // namespace

// Called while the process has one thread: readers of the pointer take no lock.
Status open_log(const std::string& path, LogLevel least) {
  try {
    spdlog::sink_ptr sink;
    if (path.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    logger() = make_logger(std::move(sink), least);
    return Ok();
  } catch (const spdlog::spdlog_ex& failure) {  // the library's way to say it; errors are values from here on
    return absl::UnavailableError(failure.what());
  }
}

bool log_enabled(LogLevel level) { return level != LogLevel::kOff && logger()->should_log(spdlog_level(level)); }

std::string log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  RS_CHECK(level < LogLevel::kOff, "off is a threshold, no event has it");
  RS_CHECK(event.find('\n') == event.npos, "an event is one line");
  std::string line(kNames[static_cast<size_t>(level)]);
  line += ' ';
  line += event;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(&line, field.value);
  }
  return line;
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (log_enabled(level)) logger()->log(spdlog_level(level), "{}", log_line(level, event, fields));
}
}  // namespace rs
