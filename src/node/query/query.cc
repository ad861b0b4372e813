#include "node/query/query.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace rs {
namespace {
constexpr int64_t kSilenceNs = 10'000'000'000;
constexpr uint64_t kMostUnderWay = 16 << 20;
}  // namespace

uint64_t query_window(size_t nodes) {
  return std::clamp<uint64_t>(kMostUnderWay / std::max<size_t>(nodes, 1), kGrepPieceBytes, 1 << 20);
}

GrepQuery::GrepQuery(std::vector<QueryTarget> targets, GrepAsk ask, char line_end, int64_t now_ns)
    : ask_(std::move(ask)), line_end_(line_end) {
  RS_CHECK(!targets.empty() && ask_.window > 0, "somebody is asked for something");
  for (QueryTarget& target : targets) {
    nodes_.push_back({.target = std::move(target), .heard_ns = now_ns});
    steps_.push_back({QueryStep::Kind::kDial, nodes_.size() - 1, {}});
  }
}

void GrepQuery::reached(int64_t now_ns, size_t target, const Uuid& node) {
  Node& it = nodes_[target];
  if (it.state != State::kDialled) return;
  if (node != it.target.node) return fail(target, "another node has its address");
  it.state = State::kAsked;
  it.heard_ns = now_ns;
  steps_.push_back({QueryStep::Kind::kSend, target, ask_});
}

void GrepQuery::heard(int64_t now_ns, size_t target, QueryMessage message) {
  Node& it = nodes_[target];
  if (it.state != State::kAsked) return;
  it.heard_ns = now_ns;
  if (auto* lines = std::get_if<GrepLines>(&message)) {
    if (lines->text.empty()) return;
    it.waiting += lines->text.size();
    it.matches += lines->matches;
    it.pieces.push_back(std::move(lines->text));
    if (it.waiting > ask_.window + kGrepPieceBytes) fail(target, "it sent more than it was asked for");
  } else if (const auto* done = std::get_if<GrepDone>(&message)) {
    if (done->refused) return refuse(target, done->problem);
    it.exit = done->exit;
    it.files = done->files;
    it.partial = done->exit == kPartialExit;
    it.problem = done->problem;
    through(target);
  } else if (!std::holds_alternative<GrepAlive>(message)) {
    fail(target, "it answers with a question");
  }
}

void GrepQuery::lost(size_t target, const Status& why) {
  if (nodes_[target].state != State::kThrough) fail(target, std::string(why.message()));
}

int64_t GrepQuery::tick(int64_t now_ns) {
  int64_t next_ns = INT64_MAX;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].state == State::kThrough) continue;
    const int64_t until_ns = nodes_[i].heard_ns + kSilenceNs;
    if (until_ns <= now_ns)
      fail(i, "slow: nothing was heard of it for 10 s");
    else
      next_ns = std::min(next_ns, until_ns);
  }
  return next_ns;
}

void GrepQuery::through(size_t target) {
  nodes_[target].state = State::kThrough;
  steps_.push_back({QueryStep::Kind::kHangUp, target, {}});
}

void GrepQuery::fail(size_t target, const std::string& problem) {
  nodes_[target].partial = true;
  nodes_[target].problem = problem;
  through(target);
}

// What one node refuses, all refuse: it is said once, and nothing more.
void GrepQuery::refuse(size_t target, const std::string& problem) {
  refused_ = true;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    Node& it = nodes_[i];
    if (it.state != State::kThrough) through(i);
    it.pieces.clear();
    it.told = i != target;
  }
  inside_ = false;
  nodes_[target].problem = problem;
}

std::vector<QueryStep> GrepQuery::take() { return std::exchange(steps_, {}); }

// Who is in the middle of a line goes on; else they take turns.
size_t GrepQuery::choose() const {
  if (inside_) return current_;
  for (size_t i = 1; i <= nodes_.size(); ++i) {
    const size_t target = (current_ + i) % nodes_.size();
    if (has_more(nodes_[target])) return target;
  }
  return current_;
}

GrepPiece GrepQuery::next(size_t at_most) {
  RS_CHECK(at_most > 0 && !over_, "somebody reads");
  current_ = choose();
  const Node& it = nodes_[current_];
  if (!it.pieces.empty()) return lines(current_, at_most);
  if (it.state == State::kThrough && inside_) {  // it was lost in the middle of its line
    inside_ = false;
    return {.kind = GrepPiece::Kind::kLines, .node = it.target.name, .text = std::string(1, line_end_)};
  }
  if (has_more(it)) return summary(current_);
  const bool through = std::all_of(nodes_.begin(), nodes_.end(), [](const Node& node) { return node.told; });
  return through ? end() : GrepPiece{};
}

// Whole lines, as many as there is room for; a line that finds no room goes in parts.
GrepPiece GrepQuery::lines(size_t target, size_t at_most) {
  Node& it = nodes_[target];
  std::string& front = it.pieces.front();
  std::string_view text = std::string_view(front).substr(it.taken);
  if (text.size() > at_most) {
    const size_t whole = text.substr(0, at_most).rfind(line_end_) + 1;  // npos + 1 == 0
    text = text.substr(0, whole == 0 ? at_most : whole);
  }
  GrepPiece piece{.kind = GrepPiece::Kind::kLines, .node = it.target.name};
  inside_ = text.back() != line_end_;
  it.waiting -= text.size();
  if (it.taken + text.size() < front.size()) {
    piece.text = text;
    it.taken += text.size();
    return piece;
  }
  const uint64_t size = front.size();
  piece.text = it.taken == 0 ? std::move(front) : std::string(text);
  it.taken = 0;
  it.pieces.pop_front();
  if (it.state == State::kAsked) steps_.push_back({QueryStep::Kind::kSend, target, GrepRoom{size}});
  return piece;
}

GrepPiece GrepQuery::summary(size_t target) {
  Node& it = nodes_[target];
  it.told = true;
  return {.kind = GrepPiece::Kind::kNode, .node = it.target.name, .matches = it.matches, .problem = it.problem};
}

GrepPiece GrepQuery::end() {
  over_ = true;
  GrepPiece piece{.kind = GrepPiece::Kind::kEnd};
  bool partial = false, error = refused_, found = false;
  uint64_t files = 0;
  for (const Node& it : nodes_) {
    piece.matches += it.matches;
    files += it.files;
    partial |= it.partial;
    error |= it.exit == 2;
    found |= it.exit == 0 && !it.partial;
  }
  piece.exit_code = refused_ ? 2 : partial ? kPartialExit : error ? 2 : found ? 0 : 1;
  if (files == 0 && !partial && !error) {
    piece.exit_code = 2;
    piece.problem = absl::StrCat("no file of any node's logs matches ", ask_.files.empty() ? "*" : ask_.files);
  }
  return piece;
}
}  // namespace rs
