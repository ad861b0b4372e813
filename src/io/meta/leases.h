// The leases of one client of a meta store: asks for them, keeps them alive, and says when one may have ended. Pure.
//
// A lease counts from the moment at which the last question that the store has answered was sent, so it is lost here
// before it ends there.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "io/meta/message.h"

namespace rs::io {
struct MetaLeasesOptions {
  int64_t grant_ns = 15'000'000'000;  // until grant() is given up
  int64_t retry_ns = 200'000'000;
};

class MetaLeases {
 public:
  explicit MetaLeases(const MetaLeasesOptions& options = {}) : options_(options) {}

  void grant(MetaCall call, int64_t ttl_ms, int64_t now_ns);
  void revoke(LeaseId lease);  // one that is lost, or not known: nothing happens

  std::optional<MetaQuestion> question(int64_t now_ns) const;  // to ask now
  void asked(MetaAskId id, int64_t now_ns);                    // what question() says was sent
  bool heard(const MetaAnswer& answer, int64_t now_ns);        // false: of another question
  int64_t tick(int64_t now_ns);                                // the next time that something is due
  std::vector<MetaEvent> take() { return std::exchange(events_, {}); }

 private:
  struct Wanted {
    int64_t ttl_ms = 0, deadline_ns = 0, ask_at_ns = 0, sent_ns = 0;
    MetaAskId asked;
  };
  struct Held {
    int64_t ttl_ns = 0, alive_ns = 0, ask_at_ns = 0, sent_ns = 0;
    MetaAskId asked;
    bool going = false;  // revoked, and the store has not said so yet
  };
  void heard_of(std::map<MetaCall, Wanted>::iterator wanted, const MetaAnswer& answer, int64_t now_ns);
  void heard_of(std::map<LeaseId, Held>::iterator held, const MetaAnswer& answer, int64_t now_ns);
  void lose(std::map<LeaseId, Held>::iterator held);

  const MetaLeasesOptions options_;
  std::map<MetaCall, Wanted> wanted_;
  std::map<LeaseId, Held> held_;
  std::vector<MetaEvent> events_;
};
}  // namespace rs::io
