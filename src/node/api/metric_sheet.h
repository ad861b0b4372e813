// The values of one moment as OpenMetrics text. Names get the prefix rainstorm_; a counter's sample ends in _total. The
// values of one name stand together; its first line tells what it is.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rs {
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class MetricSheet {
 public:
  // Base units: seconds, bytes. `name` is the same for all labels: "http_requests", help: one sentence.
  void counter(std::string_view name, std::string_view help, double value, const MetricLabels& labels = {});
  void gauge(std::string_view name, std::string_view help, double value, const MetricLabels& labels = {});
  std::string text() const;

  static constexpr std::string_view kContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

 private:
  struct Family {
    std::string type, help;
    std::vector<std::string> samples;
  };
  void put(std::string_view type, std::string_view name, std::string_view help, std::string sample);
  std::map<std::string, Family> families_;
};
}  // namespace rs
