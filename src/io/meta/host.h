// The embedded meta store: a table behind a journal, and its clients. Nothing is said of what is not durable yet:
// answers and changes are held back until the journal has it. Belongs to the loop of its node; only the journal's
// writing happens elsewhere. No fail-over: while its node is down the store is down.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/clock.h"
#include "io/meta/journal.h"
#include "io/meta/line.h"
#include "io/meta/serve.h"

namespace rs::io {
using MetaPeer = Id<struct MetaPeerTag, uint64_t>;  // a client, as long as it stays; 0: none

class MetaHost {
 public:
  // `runner` has started the journal's loop; all are borrowed.
  MetaHost(MetaTable table, MetaJournal* journal, Runner* runner, Clock* clock);

  MetaPeer attach();
  void detach(MetaPeer peer);                                // what it asked may still happen
  bool ask(MetaPeer peer, const MetaAsk& ask);               // false: it asks more than it hears; nothing happened
  std::vector<MetaReply> take(MetaPeer peer, size_t bytes);  // about so many; empty: nothing now

  int64_t step();  // after questions: hands them to the journal; ends leases. The next time that something is due
  Status health() const { return journal_.status(); }
  const MetaTable& table() const { return table_; }

 private:
  struct Held {
    uint64_t needs = 0;  // that the journal has made durable
    MetaAnswer answer;
  };
  struct Watch {
    std::string prefix;
    Revision at;
    std::deque<MetaSeen> pieces;  // of a snapshot, to be sent
  };
  struct Client {
    std::deque<Held> answers;
    std::map<MetaAskId, Watch> watches;
  };

  void record(const MetaAsk& ask, const MetaAnswer& answer);
  void end_leases(int64_t now_ns);
  void hand_over();
  void advance();  // what is durable
  size_t show(MetaAskId id, Watch* watch, size_t bytes, std::vector<MetaReply>* to);

  MetaTable table_;
  MetaJournal& journal_;
  Runner& runner_;
  Clock& clock_;
  MetaExpiry expiry_;
  MetaCommands pending_;
  std::deque<std::pair<uint64_t, Revision>> written_;  // group and the revision with it, not known to be durable
  uint64_t durable_ = 0;
  Revision durable_revision_;
  bool asked_for_table_ = false;
  std::map<MetaPeer, Client> clients_;
  MetaPeer last_peer_;
};

// The way to it from its own node.
class LocalMetaLine final : public MetaLine {
 public:
  explicit LocalMetaLine(MetaHost* host) : host_(*host), peer_(host->attach()) {}
  ~LocalMetaLine() override { host_.detach(peer_); }
  bool send(const MetaAsk& ask) override { return host_.ask(peer_, ask); }
  std::vector<MetaReply> take() override { return host_.take(peer_, SIZE_MAX); }
  int64_t step() override { return host_.step(); }
  Status health() override { return host_.health(); }

 private:
  MetaHost& host_;
  const MetaPeer peer_;
};
}  // namespace rs::io
