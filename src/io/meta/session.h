// How a client learns whether its transactions happened, when answers get lost. Pure: it says what to ask, and is told
// what was heard.
//
// Each client has a key of its own, `session/<uuid>`. Every transaction also compares it with what this client last
// wrote there, and writes a token of its own. So transactions of one client happen one after the other, and an answer
// that was lost can be had again: the client reads the key. Its token there: it happened, at that revision. Else the
// client swaps the key itself; from then on the transaction would fail its compare, however late it came: it did not
// happen, and never will (kAborted). A new life of the client begins with such a swap, which ends what an earlier life
// left under way.
//
// If somebody else has written the key meanwhile (two processes with one UUID), the outcome stays open: kUnavailable.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "io/meta/message.h"

namespace rs::io {
struct MetaSessionOptions {
  std::string key;
  std::string life;                     // names this life of the client, unlike any other
  int64_t outcome_ns = 15'000'000'000;  // from the call
  size_t waiting = 1024;                // transactions
};

class MetaSession {
 public:
  explicit MetaSession(MetaSessionOptions options) : options_(std::move(options)) {}

  void commit(MetaCall call, MetaTransaction transaction, int64_t now_ns);  // within its bounds

  std::optional<MetaQuestion> question() const;  // to ask now; nullopt: wait
  void asked();                                  // it was sent: heard() will follow
  void heard(const MetaAnswer& answer);
  int64_t tick(int64_t now_ns);  // the next time that something is due
  std::vector<MetaCommitted> take() { return std::exchange(committed_, {}); }

 private:
  struct Call {
    MetaCall id;
    std::string token;
    int64_t deadline_ns = 0;
    MetaTransaction transaction;
  };
  enum class Step { kRead, kSwap, kOpen };

  std::string token();
  void heard_transaction(const MetaAnswer& answer);
  void look(const std::optional<MetaEntry>& entry);
  void open(Revision at);
  void doubt();
  void settle(const Call& call, StatusOr<Revision> how);

  const MetaSessionOptions options_;
  uint64_t tokens_ = 0;
  Step step_ = Step::kRead;
  bool asked_ = false;
  Revision at_;  // of the key, as last heard
  std::string swap_token_ = token();
  bool foreign_ = false;          // somebody else wrote the key since the doubt began
  std::optional<Call> doubtful_;  // sent, and its answer was lost
  std::deque<Call> waiting_;      // the first may be under way
  std::vector<MetaCommitted> committed_;
};
}  // namespace rs::io
