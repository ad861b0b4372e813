// What the API asks of membership, answered from the host and the book. Belongs to the node's loop.
#pragma once
#include "node/member_book.h"
#include "node/member_host.h"
#include "node/node_service.h"

namespace rs {
class MemberDesk final : public MemberService, public ProtocolService {
 public:
  // Borrowed; `seeds` are taken by a join that names none.
  MemberDesk(MemberHost& host, const MemberBook& book, io::Clock& clock, std::vector<io::Endpoint> seeds)
      : host_(host), book_(book), clock_(clock), seeds_(std::move(seeds)) {}

  NodeInfo self() override;
  std::vector<NodeInfo> nodes() override;
  std::vector<Suspicion> suspicions(bool all) override { return book_.suspicions(all); }
  uint64_t last_event() override { return book_.last(); }
  std::vector<MemberEvent> events_after(uint64_t sequence) override { return book_.events_after(sequence); }
  Status join(const std::vector<std::string>& seeds) override;
  Status leave() override;

  MemberProtocol protocol() override;
  Status set_protocol(const MemberProtocol& protocol) override;
  double drop() override { return host_.view()->drop; }
  Status set_drop(double fraction, bool all_nodes) override;

 private:
  int64_t wall_of(int64_t monotonic_ns) { return clock_.wall_ns() - (clock_.now_ns() - monotonic_ns); }

  MemberHost& host_;
  const MemberBook& book_;
  io::Clock& clock_;
  const std::vector<io::Endpoint> seeds_;
};
}  // namespace rs
