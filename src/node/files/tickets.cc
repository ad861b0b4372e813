// List, stat, remove, merge, check, usage: a few questions to the replicas, and rows.
#include <algorithm>
#include <deque>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "hydfs/name.h"
#include "hydfs/placement.h"
#include "node/files/doors.h"

namespace rs::files {
namespace {
class Ticket : public FileTicket {
 public:
  Ticket(const Doors& doors, const FileOrder& order) : doors_(doors), order_(order), calls_(doors, order.patience_ms) {}
  FileStep next() override {
    advance();
    if (steps_.empty()) return {};
    FileStep step = std::move(steps_.front());
    steps_.pop_front();
    return step;
  }

 protected:
  virtual void advance() {}  // before each look: is there more to ask?
  void row(FileInfo file) { steps_.push_back({.kind = FileStep::Kind::kFile, .file = std::move(file)}); }
  void problem(FileProblem problem) {
    steps_.push_back({.kind = FileStep::Kind::kProblem, .problem = std::move(problem)});
  }
  void end(const Status& status) {
    if (!std::exchange(ended_, true)) steps_.push_back({.kind = FileStep::Kind::kEnd, .status = status});
    doors_.news();
  }
  bool ended() const { return ended_; }
  hydfs::GroupId group() const { return hydfs::group_of(order_.name); }

  const Doors& doors_;
  const FileOrder order_;
  Calls calls_;
  std::deque<FileStep> steps_;

 private:
  bool ended_ = false;
};

// Walks through all groups, some at a time, and collects what has a name that begins so.
class Walk : public Ticket {
 public:
  Walk(const Doors& doors, const FileOrder& order, bool raw) : Ticket(doors, order), raw_(raw) {}

 protected:
  virtual void collected(std::vector<hydfs::FileFact> facts) = 0;  // all of them, by name

  void advance() override {
    while (!ended() && calls_.open() < kAtOnce && next_group_ < hydfs::kGroups) page(hydfs::GroupId(next_group_++), "");
    if (ended() || done_ || calls_.open() > 0 || next_group_ < hydfs::kGroups) return;
    done_ = true;
    std::sort(facts_.begin(), facts_.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    collected(std::move(facts_));
  }

 private:
  static constexpr size_t kAtOnce = 32;

  void page(hydfs::GroupId group, const std::string& after) {
    hydfs::Ask ask{0, group, hydfs::LookAsk{order_.name, false, after, std::nullopt, raw_}};
    const auto told = [this, group](const StatusOr<hydfs::Reply>& reply) {
      if (!reply.ok()) return raw_ ? void() : end(reply.status());
      for (const hydfs::FileFact& fact : reply->files) facts_.push_back(fact);
      if (reply->more) page(group, reply->files.back().name);
    };
    if (!raw_) return calls_.call(std::move(ask), told);
    if (doors_.fs.host().groups().count(group) > 0)
      calls_.call_node(doors_.fs.host().options().node, std::move(ask), told);
  }

  const bool raw_;
  uint16_t next_group_ = 0;
  bool done_ = false;
  std::vector<hydfs::FileFact> facts_;
};

class List final : public Walk {
 public:
  List(const Doors& doors, const FileOrder& order, bool here) : Walk(doors, order, here), here_(here) {}

 private:
  void collected(std::vector<hydfs::FileFact> facts) override {
    for (const hydfs::FileFact& fact : facts) {
      FileInfo info = info_of(fact);
      if (here_) {
        info.replicas.push_back(replica_of(doors_, doors_.fs.host().options().node));
        info.replicas.back().bytes = fact.size;
      }
      row(std::move(info));
    }
    end(Ok());
  }
  const bool here_;
};

// One file: what it is, and who holds it.
class One : public Ticket {
 public:
  One(const Doors& doors, const FileOrder& order) : Ticket(doors, order) {
    if (const Status name = hydfs::check_name(order.name); !name.ok()) {
      end(name);
      return;
    }
    calls_.call({0, group(), hydfs::LookAsk{order.name, true, "", std::nullopt, false}},
                [this](const StatusOr<hydfs::Reply>& reply) {
                  if (!reply.ok()) return end(reply.status());
                  if (reply->kind != hydfs::Reply::Kind::kFiles) return end(missing(order_.name));
                  commit_ = reply->index;
                  fact_ = reply->files.front();
                  found();
                });
  }

 protected:
  virtual void found() { tell_replicas(); }
  void tell_replicas() {
    find_replicas(doors_, &calls_, {order_.name, commit_}, [this](auto replicas, auto problems) {
      FileInfo info = info_of(fact_);
      info.replicas = std::move(replicas);
      for (FileProblem& each : problems) problem(std::move(each));
      row(std::move(info));
      end(Ok());
    });
  }
  hydfs::FileFact fact_;
  hydfs::LogIndex commit_;
};

class Remove final : public One {
 public:
  using One::One;

 private:
  void found() override {
    hydfs::EntryHead head;
    head.kind = hydfs::EntryKind::kDelete;
    head.file = fact_.id;
    head.digest = hash64("");
    calls_.call({0, group(), hydfs::SubmitAsk{head, nullptr}}, [this](const StatusOr<hydfs::Reply>& reply) {
      if (!reply.ok()) return end(reply.status());
      if (reply->kind != hydfs::Reply::Kind::kDone) return end(refusal(reply->verdict, order_.name));
      row(info_of(fact_));
      end(Ok());
    });
  }
};

// What is committed is on all members (H5); when each of them shows it, all show the same.
class Merge final : public One {
 public:
  using One::One;

 private:
  void found() override {
    const hydfs::ViewRecord record = doors_.fs.host().authority().record(group());
    left_ = record.members.size();
    for (const hydfs::Member& member : record.members) {
      hydfs::LookAsk look{order_.name, true, "", commit_, false};
      calls_.call_node(member.node, {0, group(), std::move(look)}, [this](const StatusOr<hydfs::Reply>& reply) {
        if (!reply.ok()) return end(reply.status());
        if (--left_ == 0) tell_replicas();
      });
    }
  }
  size_t left_ = 0;
};

// All replicas of all files, byte by byte: the digests of what each of them reads from its own disk.
class Check final : public Walk {
 public:
  Check(const Doors& doors, const FileOrder& order) : Walk(doors, order, false) {}

 private:
  struct Copy {
    Uuid node;
    uint64_t size = 0, digest = 0;
    std::string trouble;
  };
  void collected(std::vector<hydfs::FileFact> facts) override {
    facts_.assign(facts.begin(), facts.end());
    next_file();
  }
  void next_file() {
    if (facts_.empty()) {
      return end(problems_ == 0
                     ? Ok()
                     : make_error(ErrorId::kFsDiffers, absl::StrCat(problems_, " replicas are not as they should be")));
    }
    copies_.clear();
    const hydfs::GroupId group = hydfs::group_of(facts_.front().name);
    for (const hydfs::Member& member : doors_.fs.host().authority().record(group).members)
      copies_.push_back({member.node});
    left_ = copies_.size();
    for (size_t i = 0; i < copies_.size(); ++i) read(i, group);
  }
  void read(size_t i, hydfs::GroupId group) {
    hydfs::BytesAsk ask{facts_.front().id, copies_[i].size, hydfs::kMaxPayloadBytes, std::nullopt, true};
    calls_.call_node(copies_[i].node, {0, group, ask}, [this, i, group](const StatusOr<hydfs::Reply>& reply) {
      Copy& copy = copies_[i];
      if (!reply.ok()) copy.trouble = "does not answer, or can't read its replica";
      if (reply.ok() && reply->kind == hydfs::Reply::Kind::kNoFile) copy.trouble = "does not have it";
      if (copy.trouble.empty() && !reply->text.empty()) {
        copy.size += reply->text.size();
        copy.digest = hash64(reply->text, copy.digest);
        return read(i, group);
      }
      if (--left_ == 0) compare();
    });
  }
  void compare() {
    const hydfs::FileFact fact = facts_.front();
    facts_.pop_front();
    const uint64_t before = problems_;
    const size_t copies = doors_.fs.host().options().copies;
    if (copies_.size() < copies) tell("", fact, absl::StrCat(copies_.size(), " of ", copies, " replicas"));
    for (const Copy& copy : copies_) {
      const std::string node = replica_of(doors_, copy.node).node;
      if (!copy.trouble.empty())
        tell(node, fact, copy.trouble);
      else if (copy.size < fact.size)  // appends may have made it longer meanwhile
        tell(node, fact, absl::StrCat("has ", copy.size, " of ", fact.size, " bytes"));
      else if (copy.size == copies_.front().size && copy.digest != copies_.front().digest)
        tell(node, fact, absl::StrCat("differs from ", replica_of(doors_, copies_.front().node).node));
    }
    if (problems_ == before) row(info_of(fact));
    next_file();
  }
  void tell(const std::string& node, const hydfs::FileFact& fact, const std::string& what) {
    ++problems_;
    problem({node, fact.name, what});
  }

  std::deque<hydfs::FileFact> facts_;
  std::vector<Copy> copies_;
  size_t left_ = 0;
  uint64_t problems_ = 0;
};

// What each node stores.
class Usage final : public Ticket {
 public:
  Usage(const Doors& doors, const FileOrder& order) : Ticket(doors, order) {
    for (const Uuid& node : doors.fs.host().living()) nodes_.push_back(node);
    begin_node();
  }

 private:
  void begin_node() {
    if (nodes_.empty()) return end(Ok());
    usage_ = {};
    const FileReplica named = replica_of(doors_, nodes_.front());
    usage_.node = named.node;
    usage_.address = named.address;
    left_ = 1;  // this loop: no page ends the node before all have begun
    const hydfs::Authority& authority = doors_.fs.host().authority();
    for (const hydfs::GroupId group : authority.groups())
      if (authority.record(group).member(nodes_.front()) != nullptr) ++left_, page(group, "");
    end_page();
  }
  void page(hydfs::GroupId group, const std::string& after) {
    hydfs::LookAsk look{order_.name, false, after, std::nullopt, true};
    calls_.call_node(nodes_.front(), {0, group, std::move(look)}, [this, group](const StatusOr<hydfs::Reply>& reply) {
      if (!reply.ok()) {
        problem({usage_.node, "", absl::StrCat("does not answer for placement group ", group.value)});
        return end_page();
      }
      usage_.disk_bytes = std::max(usage_.disk_bytes, reply->size);
      for (const hydfs::FileFact& fact : reply->files) ++usage_.files, usage_.bytes += fact.size;
      if (reply->more) return page(group, reply->files.back().name);
      end_page();
    });
  }
  void end_page() {
    if (--left_ == 0) end_node();
  }
  void end_node() {
    steps_.push_back({.kind = FileStep::Kind::kUsage, .usage = usage_});
    nodes_.pop_front();
    begin_node();
  }
  std::deque<Uuid> nodes_;
  StoreUsage usage_;
  size_t left_ = 0;
};
}  // namespace

std::unique_ptr<FileTicket> make_ticket(const Doors& doors, const FileOrder& order) {
  switch (order.kind) {
    case FileOrder::Kind::kList:
      return std::make_unique<List>(doors, order, false);
    case FileOrder::Kind::kStore:
      return std::make_unique<List>(doors, order, true);
    case FileOrder::Kind::kStat:
      return std::make_unique<One>(doors, order);
    case FileOrder::Kind::kRemove:
      return std::make_unique<Remove>(doors, order);
    case FileOrder::Kind::kMerge:
      return std::make_unique<Merge>(doors, order);
    case FileOrder::Kind::kCheck:
      return std::make_unique<Check>(doors, order);
    case FileOrder::Kind::kUsage:
      return std::make_unique<Usage>(doors, order);
  }
  RS_CHECK(false, "an order is one of its kinds");
}
}  // namespace rs::files
