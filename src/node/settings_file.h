// A configuration file as settings with their places. The YAML library is used in settings_file.cc alone.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rs {
struct FileSetting {
  std::string name;                 // of nested maps with dots: "log.level"
  std::vector<std::string> values;  // of a plain value one
  bool is_list = false;
  std::string place;  // of the value: "node.yaml:3:9"
  std::string name_place;
};

// kNodeConfig, with the place in its message: no YAML, or other than maps of plain values and lists of these.
StatusOr<std::vector<FileSetting>> parse_settings(const std::string& path, const std::string& text);
}  // namespace rs
