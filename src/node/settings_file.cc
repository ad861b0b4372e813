#include "node/settings_file.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"

namespace rs {
namespace {
constexpr int kDeepest = 2;  // maps in maps

// Where the last document began that the parser was asked for. YAML::LoadAll() would ask for all of them, and never
// ends where a document ends before its text does, as in ",".
class DocumentStart final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { mark_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}

  const YAML::Mark& mark() const { return mark_; }

 private:
  YAML::Mark mark_;
};

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
    std::istringstream input(text);
    YAML::Parser parser(input);
    DocumentStart start;
    if (parser.HandleNextDocument(start) && parser.HandleNextDocument(start))
      return reader.fault(start.mark(), "a second document begins; one is read");
    const YAML::Node document = YAML::Load(text);
    if (document.IsNull()) return std::vector<FileSetting>{};
    if (!document.IsMap()) return reader.fault(document.Mark(), "settings are written NAME: VALUE");
    RS_RETURN_IF_ERROR(reader.read_map(document, "", 1));
  } catch (const YAML::Exception& failure) {  // the library's way to say it; errors are values from here on
    return reader.fault(failure.mark, failure.msg);
  }
  return reader.take();
}
}  // namespace rs
