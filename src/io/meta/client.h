// A MetaStore over a line: transactions with their outcomes (session.h), leases (leases.h), watches that go on where
// they broke off. The same for all stores. One thread.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/uuid.h"
#include "io/clock.h"
#include "io/meta/leases.h"
#include "io/meta/line.h"
#include "io/meta/session.h"
#include "io/meta_store.h"

namespace rs::io {
struct MetaClientOptions {
  Uuid client;                          // of the node: no two processes at a time have the same
  int64_t answer_ns = 3'000'000'000;    // a question without an answer is taken for lost
  int64_t outcome_ns = 15'000'000'000;  // from a call to its end
  int64_t retry_ns = 200'000'000;
  int64_t silence_ns = 2'000'000'000;  // then the store is asked whether it is there
  size_t waiting = 1024;               // transactions
};

std::string meta_session_key(const Uuid& client);

class MetaClient final : public MetaStore {
 public:
  MetaClient(const MetaClientOptions& options, std::unique_ptr<MetaLine> line, Clock* clock, Random* random);

  MetaCall commit(MetaTransaction transaction) override;
  void watch(const std::string& prefix) override;
  MetaCall grant(int64_t ttl_ms) override;
  void revoke(LeaseId lease) override;
  std::vector<MetaEvent> take() override;
  int64_t step() override;
  Status health() override;
  MetaLine& line() { return *line_; }

 private:
  struct Watch {
    MetaAskId asked;  // 0: to be asked for
    int64_t ask_at_ns = INT64_MIN;
    Revision at;                     // seen so far; 0: nothing
    std::vector<MetaEntry> partial;  // of a snapshot
  };
  void hear(const MetaReply& reply, int64_t now_ns);
  void hear(const MetaAnswer& answer, int64_t now_ns);
  void see(const MetaSeen& seen);
  bool send(MetaQuestion question, int64_t now_ns);  // as last_ask_
  void ask(int64_t now_ns);
  void ask_watches(int64_t now_ns);
  int64_t probe_due_ns() const;
  void ask_whether_there(int64_t now_ns);
  int64_t next_ns(int64_t now_ns);

  const MetaClientOptions options_;
  const std::unique_ptr<MetaLine> line_;
  Clock& clock_;
  MetaSession session_;
  MetaLeases leases_;
  std::map<std::string, Watch> watches_;
  std::vector<MetaEvent> events_;
  MetaCall last_call_;
  MetaAskId last_ask_, session_ask_, probe_;
  std::map<MetaAskId, int64_t> open_;  // questions but watches -> when they are taken for lost
  int64_t session_at_ns_ = INT64_MIN, probe_at_ns_ = INT64_MIN;  // not before
  std::optional<int64_t> heard_ns_;
  bool refused_ = false;  // the line took not all
};
}  // namespace rs::io
