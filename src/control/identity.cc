#include "control/identity.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"

namespace rs {
namespace {
constexpr std::string_view kHead = "rainstorm-job 1";
constexpr std::string_view kBare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_^*?[]|<>$";

bool is_bare(std::string_view word) { return !word.empty() && word.find_first_not_of(kBare) == std::string_view::npos; }

// A field of a line: bare where that is clear, else in " " with \" \\ and \xNN, so that any bytes stay on one line.
std::string encode(std::string_view word) {
  if (is_bare(word)) return std::string(word);
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < ' ' || byte == 0x7f) {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// Reads one escape at rest[0] == '\\'; answers its length, 0 if it is none.
size_t decode_escape(std::string_view rest, std::string* out) {
  if (rest.size() >= 2 && (rest[1] == '"' || rest[1] == '\\')) return *out += rest[1], 2;
  if (rest.size() < 4 || rest[1] != 'x') return 0;
  uint8_t byte = 0;
  const auto read = std::from_chars(rest.data() + 2, rest.data() + 4, byte, 16);
  if (read.ec != std::errc() || read.ptr != rest.data() + 4) return 0;
  return *out += static_cast<char>(byte), 4;
}

// Takes the fields of one line apart; false if they are not what encode() writes.
bool decode(std::string_view line, std::vector<std::string>* fields) {
  while (!line.empty()) {
    std::string word;
    if (line[0] != '"') {
      word = std::string(line.substr(0, line.find(' ')));
      if (!is_bare(word)) return false;
      line.remove_prefix(word.size());
    } else {
      for (line.remove_prefix(1); !line.empty() && line[0] != '"';) {
        size_t length = 1;
        if (line[0] == '\\')
          length = decode_escape(line, &word);
        else
          word += line[0];
        if (length == 0) return false;
        line.remove_prefix(length);
      }
      if (line.empty()) return false;
      line.remove_prefix(1);
    }
    if (line == " " || (!line.empty() && line[0] != ' ')) return false;
    if (!line.empty()) line.remove_prefix(1);
    fields->push_back(std::move(word));
  }
  return true;
}

std::string_view kind_name(StageSpec::Kind kind) { return kind == StageSpec::Kind::kVerb ? "verb" : "program"; }

std::string line_of(const StageIdentity& stage) {
  std::string line = "stage " + encode(stage.name) + " " + std::string(kind_name(stage.kind)) + " " +
                     std::to_string(stage.parallel) + "x key " + encode(stage.key) + " run";
  for (const std::string& word : stage.argv) line += " " + encode(word);
  return line;
}

std::vector<std::string> lines_of(const JobIdentity& job) {
  std::vector<std::string> lines;
  for (const std::string& source : job.sources) lines.push_back("source " + encode(source));
  for (const StageIdentity& stage : job.stages) lines.push_back(line_of(stage));
  lines.push_back("sink " + encode(job.sink));
  return lines;
}

// stage NAME verb|program Nx key KEY run WORD...
bool read_stage(const std::vector<std::string>& fields, StageIdentity* stage) {
  constexpr size_t kFixed = 7;
  if (fields.size() <= kFixed || fields[4] != "key" || fields[6] != "run") return false;
  if (fields[2] != "verb" && fields[2] != "program") return false;
  const std::string& count = fields[3];
  const auto read = std::from_chars(count.data(), count.data() + count.size(), stage->parallel);
  if (read.ec != std::errc() || read.ptr + 1 != count.data() + count.size() || count.back() != 'x') return false;
  stage->name = fields[1];
  stage->kind = fields[2] == "verb" ? StageSpec::Kind::kVerb : StageSpec::Kind::kProgram;
  stage->key = fields[5];
  stage->argv.assign(fields.begin() + kFixed, fields.end());
  return true;
}

// Sources, stages, one sink, in this order.
bool read_line(const std::vector<std::string>& fields, JobIdentity* job) {
  if (fields.size() < 2 || !job->sink.empty()) return false;
  if (fields[0] == "stage") {
    StageIdentity stage;
    if (!read_stage(fields, &stage)) return false;
    job->stages.push_back(std::move(stage));
    return true;
  }
  if (fields.size() != 2 || fields[1].empty()) return false;
  if (fields[0] == "source" && job->stages.empty()) {
    job->sources.push_back(fields[1]);
    return true;
  }
  if (fields[0] != "sink") return false;
  job->sink = fields[1];
  return true;
}

std::string source_scheme(SourceSpec::Kind kind) {
  switch (kind) {
    case SourceSpec::Kind::kFile:
      return "file:";
    case SourceSpec::Kind::kDir:
      return "dir:";
    case SourceSpec::Kind::kTail:
      return "tail:";
    case SourceSpec::Kind::kStdin:
      return "stdin:";
  }
  RS_CHECK(false, "all kinds are named");
}

std::string program_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// `by` and `words` make a key, the stateless verbs keep it; aggregates and programs write new lines.
std::string key_behind(const StageSpec& stage, const std::string& before) {
  constexpr std::array<std::string_view, 5> kKeep = {"identity", "grep", "replace", "cut", "transform"};
  const std::string& name = stage.argv[0];
  if (stage.kind != StageSpec::Kind::kVerb || stage.stands_in) return "line";
  if (name == "by" || name == "words") return joined(stage.argv);
  return std::find(kKeep.begin(), kKeep.end(), name) != kKeep.end() ? before : "line";
}

// The longest common subsequence keeps what both have; the tables are as small as jobs are.
std::vector<std::string> compare(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::vector<size_t>> common(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = a.size(); i-- > 0;)
    for (size_t j = b.size(); j-- > 0;)
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::vector<std::string> lines;
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && a[i] == b[j])
      ++i, ++j;
    else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1]))
      lines.push_back("- " + a[i++]);
    else
      lines.push_back("+ " + b[j++]);
  }
  return lines;
}
}  // namespace

std::string JobIdentity::text() const {
  std::string text = std::string(kHead) + "\n";
  for (const std::string& line : lines_of(*this)) text += line + "\n";
  return text;
}

uint64_t JobIdentity::hash() const { return hash64(text()); }

void fix_parallelism(const JobIdentity* recorded, uint32_t default_parallel, JobSpec* job) {
  RS_CHECK(default_parallel > 0, "a machine has a core");
  for (size_t i = 0; i < job->stages.size(); ++i) {
    uint32_t& parallel = job->stages[i].parallel;
    if (parallel > 0) continue;
    const bool known = recorded != nullptr && i < recorded->stages.size();
    parallel = known ? recorded->stages[i].parallel : default_parallel;
  }
}

JobIdentity identity_of(const JobSpec& job, std::string_view working_directory) {
  JobIdentity identity;
  const std::string scheme = source_scheme(job.source.kind);
  for (const PathPattern& path : job.source.paths)
    identity.sources.push_back((path.glob ? "glob:" : scheme) + absolute_path(path.text, working_directory));
  if (job.source.paths.empty()) identity.sources.push_back(scheme);

  std::string key = "line";
  for (const StageSpec& stage : job.stages) {
    RS_CHECK(stage.parallel > 0 && !stage.argv.empty(), "a stage whose parallelism is fixed");
    StageIdentity id;
    id.name = std::to_string(identity.stages.size() + 1) + "-" + program_name(stage.argv[0]);
    id.kind = stage.kind;
    id.parallel = stage.parallel;
    id.key = key;
    id.argv = stage.argv;
    identity.stages.push_back(std::move(id));
    key = key_behind(stage, key);
  }
  const bool file = job.sink.kind == SinkSpec::Kind::kFile;
  RS_CHECK(file != job.sink.path.empty(), "a file has a name, and nothing else");
  identity.sink = file ? "file:" + absolute_path(job.sink.path, working_directory) : "stdout:";
  return identity;
}

StatusOr<JobIdentity> parse_identity(std::string_view text) {
  JobIdentity job;
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    std::vector<std::string> fields;
    const std::string_view line = text.substr(0, end);
    const bool good = end != std::string_view::npos &&
                      (number == 1 ? line == kHead : decode(line, &fields) && read_line(fields, &job));
    if (!good)
      return make_error(ErrorId::kIdentityDamaged, "the job record of this state can't be read",
                        {{"where", "line " + std::to_string(number)}});
    text.remove_prefix(end + 1);
  }
  if (job.sink.empty() || job.sources.empty())
    return make_error(ErrorId::kIdentityDamaged, "the job record of this state is not complete");
  return job;
}

std::string absolute_path(std::string_view path, std::string_view working_directory) {
  RS_CHECK(working_directory.starts_with('/'), "a working directory is absolute");
  const std::string whole =
      path.starts_with('/') ? std::string(path) : std::string(working_directory) + "/" + std::string(path);
  std::string clean;
  for (size_t begin = 0; begin < whole.size();) {
    const size_t end = std::min(whole.find('/', begin), whole.size());
    const std::string_view part = std::string_view(whole).substr(begin, end - begin);
    if (!part.empty() && part != ".") clean.append("/").append(part);
    begin = end + 1;
  }
  return clean.empty() ? "/" : clean;
}

std::vector<std::string> difference(const JobIdentity& recorded, const JobIdentity& now) {
  return compare(lines_of(recorded), lines_of(now));
}

Status check_same_job(const JobIdentity& recorded, const JobIdentity& now) {
  const std::vector<std::string> lines = difference(recorded, now);
  if (lines.empty()) return Ok();
  std::string changed;
  for (const std::string& line : lines) changed += (changed.empty() ? "" : "\n") + line;
  return make_error(
      ErrorId::kJobChanged, "this state belongs to another job",
      {{"changed", changed},
       {"next", "run the old job to go on, choose another --state, or discard state and output: --fresh"}});
}
}  // namespace rs
