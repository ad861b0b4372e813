#include "node/api/metric_sheet.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"

namespace rs {
namespace {
bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string label_text(const MetricLabels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    RS_CHECK(is_name(name), "labels have lower-case names");
    out += (out.empty() ? "{" : ",") + name + "=\"" + escaped(value) + "\"";
  }
  return out.empty() ? out : out + "}";
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}
}  // namespace

void MetricSheet::put(std::string_view type, std::string_view name, std::string_view help, std::string sample) {
  RS_CHECK(is_name(name) && !name.ends_with("_total"), "a name is plain, and the suffix comes by itself");
  Family& family = families_[std::string(name)];
  RS_CHECK(family.type.empty() || family.type == type, "one name, one type");
  family.type = type;
  family.help = help;
  family.samples.push_back(std::move(sample));
}

void MetricSheet::counter(std::string_view name, std::string_view help, double value, const MetricLabels& labels) {
  RS_CHECK(value >= 0, "counters begin at 0 and rise");
  put("counter", name, help, "_total" + label_text(labels) + " " + number_text(value));
}

void MetricSheet::gauge(std::string_view name, std::string_view help, double value, const MetricLabels& labels) {
  put("gauge", name, help, label_text(labels) + " " + number_text(value));
}

std::string MetricSheet::text() const {
  std::string out;
  for (const auto& [name, family] : families_) {
    const std::string full = "rainstorm_" + name;
    out += "# TYPE " + full + " " + family.type + "\n# HELP " + full + " " + escaped(family.help) + "\n";
    for (const std::string& sample : family.samples) out += full + sample + "\n";
  }
  return out + "# EOF\n";
}
}  // namespace rs
