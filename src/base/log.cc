#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <memory>
#include <mutex>

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

// A log never stops the program: a file that can't be renamed or opened again keeps growing, and what a full disk does
// not take is lost.
class LogFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogFile(LogTarget target) : target_(std::move(target)) {
    if (!open()) spdlog::throw_spdlog_ex("open " + target_.path, errno);
  }

  void reopen() {
    const std::lock_guard lock(mutex_);
    open();
  }
  void limit(uint64_t rotate_bytes, int kept_files) {
    const std::lock_guard lock(mutex_);
    target_.rotate_bytes = rotate_bytes;
    target_.kept_files = kept_files;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (target_.rotate_bytes > 0 && size_ > 0 && size_ + line.size() > target_.rotate_bytes) rotate();
    size_ += std::fwrite(line.data(), 1, line.size(), file_.get());
  }

  void flush_() override { std::fflush(file_.get()); }

  bool open() {
    std::FILE* file = std::fopen(target_.path.c_str(), "ae");
    if (file == nullptr) return false;
    file_.reset(file);
    const bool told = std::fseek(file, 0, SEEK_END) == 0;
    size_ = told ? static_cast<uint64_t>(std::max(0L, std::ftell(file))) : 0;
    return true;
  }

  void rotate() {
    const auto numbered = [this](int number) {
      return number == 0 ? target_.path : target_.path + "." + std::to_string(number);
    };
    if (target_.kept_files == 0) std::remove(target_.path.c_str());
    for (int number = target_.kept_files; number > 0; --number)
      std::rename(numbered(number - 1).c_str(), numbered(number).c_str());  // those that there are
    open();
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  LogTarget target_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t size_ = 0;
};

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

LogFile* log_file() {  // null: the log goes to stderr
  RS_CHECK(logger()->sinks().size() == 1, "a log goes to one place");
  return dynamic_cast<LogFile*>(logger()->sinks().front().get());
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
Status open_log(const LogTarget& target, LogLevel least) {
  RS_CHECK(target.kept_files >= 0, "a number of files");
  try {
    spdlog::sink_ptr sink;
    if (target.path.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      sink = std::make_shared<LogFile>(target);
    logger() = make_logger(std::move(sink), least);
    return Ok();
  } catch (const spdlog::spdlog_ex& failure) {  // the library's way to say it; errors are values from here on
    return absl::UnavailableError(failure.what());
  }
}

void reopen_log() {
  if (LogFile* file = log_file()) file->reopen();
}

void limit_log(uint64_t rotate_bytes, int kept_files) {
  RS_CHECK(kept_files >= 0, "a number of files");
  if (LogFile* file = log_file()) file->limit(rotate_bytes, kept_files);
}

void set_log_level(LogLevel least) { logger()->set_level(spdlog_level(least)); }

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
