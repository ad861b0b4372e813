#include "cli/render.h"

#include <algorithm>
#include <cstdio>

#include "base/check.h"
#include "base/error.h"
#include "cli/format.h"

namespace rs {
namespace {
constexpr size_t kNameColumns = 9;  // "program" and two spaces

std::string padded(std::string_view text, size_t columns) {
  std::string out(text);
  if (out.size() < columns) out.append(columns - out.size(), ' ');
  return out;
}

// Text of others: a terminal shall not obey it.
std::string harmless(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') || c == '\x7f' ? '?' : c;
  return out;
}

// The lines of a detail, its first behind the name and the others below it.
std::string detail_text(std::string_view name, std::string_view value, size_t columns) {
  std::string text = "   " + padded(name, columns);
  for (const char c : harmless(value)) {
    text += c;
    if (c == '\n') text.append(3 + columns, ' ');
  }
  return text + "\n";
}

double per_second(uint64_t number, double seconds) { return seconds > 0 ? static_cast<double>(number) / seconds : 0; }

// What the time and the rate of a report speak of: a state's counts go on from run to run.
struct ThisRun {
  explicit ThisRun(const RunReport& report) {
    if (report.end == RunEnd::kAlreadyFinished) return;
    RS_CHECK(report.tuples_in >= report.tuples_before, "what came before is a part of the whole");
    tuples = report.tuples_in - report.tuples_before;
    bytes = report.bytes_in - report.bytes_before;
    rate = per_second(tuples, report.seconds);
  }
  uint64_t tuples = 0, bytes = 0;
  double rate = 0;
};

std::string_view end_name(RunEnd end) {
  switch (end) {
    case RunEnd::kFinished:
      return "finished";
    case RunEnd::kAlreadyFinished:
      return "already finished";
    case RunEnd::kStopped:
      return "stopped";
    case RunEnd::kReaderGone:
      return "reader gone";
  }
  RS_CHECK(false, "all ends are named");
}

std::string stopped_text(const RunOptions& options, const RunReport& report) {
  std::string text = "stopped by signal " + std::to_string(report.signal);
  if (options.state) return text + "; the same command goes on from here";
  return text + (options.job.sink.kind == SinkSpec::Kind::kFile ? "; the output file was not touched" : "");
}
}  // namespace

std::string error_code(int number) {
  RS_CHECK(number > 0 && number <= 9999, "codes have four digits");
  const std::string digits = std::to_string(number);
  return "RS" + std::string(4 - digits.size(), '0') + digits;
}

std::string error_text(const Status& status, bool colour) {
  const ErrorReport report = report_of(status);
  RS_CHECK(report.row != nullptr, "each report has a row");
  const std::string label = "error[" + error_code(report.row->number) + "]";
  std::string text = (colour ? "\x1b[1;31m" + label + "\x1b[0m" : label) + ": " + harmless(report.message) + "\n";
  size_t columns = kNameColumns;
  for (const auto& [name, value] : report.details) columns = std::max(columns, name.size() + 2);
  for (const auto& [name, value] : report.details) text += detail_text(name, value, columns);
  return text;
}

std::string error_json(const Status& status) {
  const ErrorReport report = report_of(status);
  JsonObject details, error;
  std::string hint;
  for (const auto& [name, value] : report.details) {
    if (name == "next")
      hint += (hint.empty() ? "" : "\n") + value;
    else
      details.text(name, value);
  }
  error.text("code", error_code(report.row->number)).text("message", report.message).text("hint", hint);
  error.object("details", details);
  return JsonObject().object("error", error).str() + "\n";
}

std::string end_line(const RunOptions& options, const RunReport& report) {
  if (report.end == RunEnd::kAlreadyFinished)
    return "state " + options.state_name + ": this job is finished already; --fresh runs it anew\n";
  const ThisRun part(report);
  std::string text = report.end == RunEnd::kStopped ? stopped_text(options, report) + ": " : "";
  text += count_of(report.tuples_in, "tuple", "tuples") + " in, " + grouped(report.tuples_out) + " out";
  if (report.tuples_before > 0) text += " since the first start; this run: " + grouped(part.tuples) + " in";
  text += ", " + duration_text(report.seconds) + ", " + count_text(part.rate) + " tuples/s, ";
  text += bytes_text(per_second(part.bytes, report.seconds)) + "/s";
  for (const auto& [name, number] : {std::pair<const char*, uint64_t>{"retries", report.retries},
                                     {"duplicates rejected", report.duplicates_rejected},
                                     {"quarantined", report.quarantined}})
    if (number > 0) text += std::string(", ") + name + " " + grouped(number);
  return text + "\n";
}

std::string end_json(const RunOptions& options, const RunReport& report) {
  const ThisRun part(report);
  JsonObject this_run, end;
  this_run.number("tuples_in", part.tuples).number("bytes_in", part.bytes);
  end.text("job", options.state ? options.state_name : options.line).text("state", end_name(report.end));
  end.number("tuples_in", report.tuples_in).number("tuples_out", report.tuples_out).number("bytes_in", report.bytes_in);
  end.real("seconds", report.seconds).real("rate", part.rate);
  end.number("retries", report.retries).number("duplicates_rejected", report.duplicates_rejected);
  end.number("quarantined", report.quarantined).object("this_run", this_run);
  return end.str() + "\n";
}

std::string wrapped(std::string_view text, size_t columns) {
  std::string out;
  size_t line = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (line > 0 && line + 1 + end > columns) {
      out += '\n';
      line = 0;
    }
    if (line > 0) out += ' ', ++line;
    out += text.substr(0, end);
    line += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}
}  // namespace rs
