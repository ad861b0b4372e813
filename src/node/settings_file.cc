#include "node/settings_file.h"

#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"

namespace rs {
namespace {
constexpr int kDeepest = 2;  // maps in maps

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  Status read_map(const YAML::Node& map, const std::string& above, int depth) {
    RS_CHECK(map.IsMap(), "the caller has looked");
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) return fault(entry.first.Mark(), "the name of a setting is a plain word");
      const std::string name = above.empty() ? entry.first.Scalar() : above + "." + entry.first.Scalar();
      RS_RETURN_IF_ERROR(read(entry.first, entry.second, name, depth));
    }
    return Ok();
  }

  Status fault(const YAML::Mark& mark, std::string_view what) const {
    return make_error(ErrorId::kNodeConfig, absl::StrCat(place(mark), ": ", std::string(what)),
                      {{"next", "rainstorm help node-config shows the form of the file"}});
  }

  std::vector<FileSetting> take() { return std::move(settings_); }

 private:
  std::string place(const YAML::Mark& mark) const {
    if (mark.is_null()) return path_;
    return absl::StrCat(path_, ":", mark.line + 1, ":", mark.column + 1);
  }

  Status read(const YAML::Node& key, const YAML::Node& value, const std::string& name, int depth) {
    if (value.IsMap()) {
      if (depth == kDeepest) return fault(value.Mark(), "maps do not go so deep");
      return read_map(value, name, depth + 1);
    }
    FileSetting setting{name, {}, value.IsSequence(), place(value.Mark()), place(key.Mark())};
    if (value.IsScalar()) {
      setting.values.push_back(value.Scalar());
    } else if (value.IsSequence()) {
      for (const YAML::Node& element : value) {
        if (!element.IsScalar()) return fault(element.Mark(), name + " is a list of plain values");
        setting.values.push_back(element.Scalar());
      }
    } else {
      return fault(key.Mark(), name + " has no value");
    }
    for (const FileSetting& other : settings_)
      if (other.name == name) return fault(key.Mark(), name + " is set twice, first at " + other.name_place);
    RS_CHECK(setting.is_list || setting.values.size() == 1, "a plain value is one");
    settings_.push_back(std::move(setting));
    return Ok();
  }

  const std::string& path_;
  std::vector<FileSetting> settings_;
};
}  // namespace

StatusOr<std::vector<FileSetting>> parse_settings(const std::string& path, const std::string& text) {
  Reader reader(path);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) return reader.fault(documents[1].Mark(), "a second document begins; one is read");
    if (documents.empty() || documents[0].IsNull()) return std::vector<FileSetting>{};
    if (!documents[0].IsMap()) return reader.fault(documents[0].Mark(), "settings are written NAME: VALUE");
    RS_RETURN_IF_ERROR(reader.read_map(documents[0], "", 1));
  } catch (const YAML::Exception& failure) {  // the library's way to say it; errors are values from here on
    return reader.fault(failure.mark, failure.msg);
  }
  return reader.take();
}
}  // namespace rs
