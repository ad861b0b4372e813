// Any bytes as the configuration file of a node: settings, or an error that names the place, never a crash.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/error.h"
#include "node/settings_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto settings = rs::parse_settings("node.yaml", text);
  if (!settings.ok()) {
    const rs::ErrorReport report = rs::report_of(settings.status());
    RS_CHECK(report.row->exit_code == 78, "a bad file is a bad configuration");
    RS_CHECK(report.message.starts_with("node.yaml"), "it says where");
    return 0;
  }
  for (const rs::FileSetting& setting : *settings) {
    RS_CHECK(setting.is_list || setting.values.size() == 1, "a plain value is one");
    RS_CHECK(setting.place.starts_with("node.yaml:"), "each value has a place");
  }
  return 0;
}
