// Tests only: nodes that ask each other for lines, in virtual time, over the simulated network, disk and programs. One
// grep is simulated: of a fixed text, without options.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "io/sim/beneath.h"
#include "io/sim/wire.h"
#include "node/query/desk.h"

namespace rs {
class QueryCluster {
 public:
  // What a person saw of one query.
  struct Seen {
    std::string text;
    std::map<std::string, std::string> problems;  // by node, of those that were told
    std::map<std::string, uint64_t> matches;
    int64_t begun_ns = 0, first_ns = 0, ended_ns = 0;
    bool over = false;
    int exit = -1;
    uint64_t total = 0;
  };

  class Node final : public io::Loop {
   public:
    Node(QueryCluster* cluster, uint32_t number)
        : cluster_(*cluster), name(absl::StrCat("n", number)), process(cluster->world.boot()) {
      io::NetworkOptions options;
      options.self = {"demo", uuid(number), name, "node"};
      options.cluster_key = "key";
      options.limits.frame_bytes = query_frame_bytes();
      options.wake = [this] { process.runner->wake(this); };
      network = cluster_.wire.attach(io::HostId(number), process.id, std::move(options), &process.random);
      address = network->listen(io::parse_endpoint(absl::StrCat("unix:/", name)).value()).value();
      logs = std::make_unique<io::SimBeneath>(process.directory.get(), name);
      desk = std::make_unique<QueryDesk>(
          QueryTarget{name, uuid(number), address},
          QueryDoors{network.get(), logs.get(), process.children.get(), &cluster_.world.clock});
      process.runner->start(this, name);
    }
    static Uuid uuid(uint32_t number) { return {1, number}; }

    io::Wake step() override {
      for (const io::NetEvent& event : network->take()) desk->take(event);
      const bool more = read();
      io::Wake wake = desk->step();
      if (more) wake = {io::Wake::Kind::kAgain};
      return wake;
    }

    QueryCluster& cluster_;
    const std::string name;
    io::SimProcess process;
    std::unique_ptr<io::Network> network;
    io::Endpoint address;
    std::unique_ptr<io::Beneath> logs;
    std::unique_ptr<QueryDesk> desk;
    std::unique_ptr<GrepStream> stream;
    Seen seen;
    size_t takes = SIZE_MAX;  // how many more bytes its reader wants

   private:
    bool read() {
      if (!stream || takes == 0) return false;
      const GrepPiece piece = stream->next(std::min<size_t>(takes, 64 << 10));
      const int64_t now = cluster_.world.clock.now_ns();
      if (piece.kind == GrepPiece::Kind::kLines) {
        if (seen.text.empty()) seen.first_ns = now;
        seen.text += piece.text;
        takes -= piece.text.size();
      } else if (piece.kind == GrepPiece::Kind::kNode) {
        RS_CHECK(seen.problems.emplace(piece.node, piece.problem).second, "a node is told of once");
        seen.matches[piece.node] = piece.matches;
      } else if (piece.kind == GrepPiece::Kind::kEnd) {
        seen.over = true;
        seen.ended_ns = now;
        seen.exit = piece.exit_code;
        seen.total = piece.matches;
        stream.reset();
      }
      return piece.kind != GrepPiece::Kind::kNothing;
    }
  };

  QueryCluster(uint32_t nodes, uint64_t seed) : world(seed), random(seed, "test") {
    world.disk.faults() = {.write_back = 0};
    world.children.add("grep", [this](const std::vector<std::string>& argv) { return grep(argv); });
    for (uint32_t i = 1; i <= nodes; ++i) this->nodes.push_back(std::make_unique<Node>(this, i));
    for (const auto& node : this->nodes) {
      membership::Member member;
      member.id = {Node::uuid(static_cast<uint32_t>(view.members.size() + 1)), node->address,
                   membership::Generation(1)};
      member.name = node->name;
      view.members.push_back({member, 0});
    }
  }
  ~QueryCluster() {
    for (auto& node : nodes) bury(node.get());
  }

  Node& operator[](size_t i) { return *nodes[i]; }
  void write_log(size_t node, const std::string& content) {
    world.disk.put(absl::StrCat(nodes[node]->name, "/node.log"), content);
  }
  // From inside the loop of a node, as its API would.
  Status ask(size_t node, const std::string& text) {
    auto stream = nodes[node]->desk->grep({{"-F", text}, "", {}}, view);
    if (!stream.ok()) return stream.status();
    nodes[node]->stream = std::move(*stream);
    nodes[node]->seen.begun_ns = world.clock.now_ns();
    nodes[node]->process.runner->wake(nodes[node].get());
    return Ok();
  }
  bool run_until(int64_t ns, const std::function<bool()>& done) {
    const int64_t until = world.clock.now_ns() + ns;
    while (!done() && world.clock.now_ns() < until && world.scheduler.step()) {
    }
    return done();
  }
  void crash(size_t node) {
    world.crash(nodes[node]->process.id);
    bury(nodes[node].get());
  }
  void bury(Node* node) {
    node->stream.reset();
    node->desk.reset();
    node->network.reset();
  }

  io::SimWorld world;
  io::SimWire wire{&world};
  io::SimRandom random;
  membership::MemberView view;
  std::vector<std::unique_ptr<Node>> nodes;
  std::map<std::string, uint64_t> printed;  // by label, of all greps

 private:
  io::Program grep(const std::vector<std::string>& argv) {
    std::string pattern, label;
    for (size_t i = 0; i < argv.size(); ++i) {
      if (argv[i] == "-e") pattern = argv[i + 1];
      if (argv[i].starts_with("--label=")) label = argv[i].substr(8);
    }
    return [this, pattern, label, open = std::string(), found = false](const io::ProgramIo& io) mutable {
      open.append(io.input);
      size_t begin = 0;
      for (size_t end; (end = open.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const std::string line = open.substr(begin, end - begin);
        if (line.find(pattern) == std::string::npos) continue;
        found = true;
        absl::StrAppend(io.out, label, ":", line, "\n");
        printed[label] += label.size() + line.size() + 2;
      }
      open.erase(0, begin);
      if (!io.at_end) return io::ProgramStep{};
      return io::ProgramStep{io::ProgramState::kEnded, found ? 0 : 1};
    };
  }
};
}  // namespace rs
