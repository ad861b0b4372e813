#include "node/node_metrics.h"

#include <array>

#include "base/check.h"

namespace rs {
namespace {
double of(uint64_t number) { return static_cast<double>(number); }
double of(const std::atomic<uint64_t>& counter) { return of(counter.load(std::memory_order_relaxed)); }

class Both {  // a counter with a direction
 public:
  Both(MetricSheet* sheet, std::string_view name, std::string_view help) : sheet_(sheet), name_(name), help_(help) {}
  template <class Number>
  void put(const Number& in, const Number& out) {
    sheet_->counter(name_, help_, of(in), {{"direction", "in"}});
    sheet_->counter(name_, help_, of(out), {{"direction", "out"}});
  }

 private:
  MetricSheet* const sheet_;
  const std::string_view name_, help_;
};
}  // namespace

void measure_membership(const membership::MemberView& view, const membership::Metrics& metrics, MetricSheet* sheet) {
  std::array<uint64_t, 4> counts{};
  for (const membership::ListedMember& each : view.members) {
    const auto state = static_cast<size_t>(each.member.standing.state);
    RS_CHECK(state < counts.size(), "all states are counted");
    ++counts[state];
  }
  for (size_t state = 0; state < counts.size(); ++state) {
    const std::string name = membership::state_name(static_cast<membership::State>(state));
    sheet->gauge("members", "Members in the list of this node.", of(counts[state]), {{"state", name}});
  }
  sheet->gauge("member_generation", "Generation of this node.", of(view.self.id.generation.value));
  sheet->gauge("member_drop_ratio", "Fraction of received datagrams that is thrown away on purpose.", view.drop);
  Both(sheet, "member_datagrams", "Datagrams of membership.").put(metrics.datagrams_in, metrics.datagrams_out);
  Both(sheet, "member_datagram_bytes", "Payload of datagrams of membership.").put(metrics.bytes_in, metrics.bytes_out);
  Both(sheet, "member_exchange_bytes", "Bytes of exchanges of full state.")
      .put(metrics.exchange_bytes_in, metrics.exchange_bytes_out);
  sheet->counter("member_dropped_datagrams", "Datagrams thrown away on purpose.", of(metrics.dropped));
  sheet->counter("member_refused", "Datagrams and exchanges that no member of this cluster made.", of(metrics.refused));
  sheet->counter("member_probes", "Members asked whether they live.", of(metrics.probes));
  sheet->counter("member_failed_probes", "Probes without an answer.", of(metrics.probes_failed));
  sheet->counter("member_suspicions", "Suspicions that this node heard of.", of(metrics.suspicions));
  sheet->counter("member_refutations", "Suspicions of this node that it contradicted.", of(metrics.refutations));
  sheet->counter("member_failures", "Members that failed.", of(metrics.failures));
}

void measure_network(const io::NetworkMetrics& metrics, MetricSheet* sheet) {
  Both(sheet, "network_datagrams", "Datagrams of the node's socket.").put(metrics.datagrams_in, metrics.datagrams_out);
  Both(sheet, "network_datagram_bytes", "Their bytes.").put(metrics.datagram_bytes_in, metrics.datagram_bytes_out);
  Both(sheet, "network_frames", "Frames of connections between nodes.").put(metrics.frames_in, metrics.frames_out);
  Both(sheet, "network_stream_bytes", "Bytes of connections between nodes.")
      .put(metrics.stream_bytes_in, metrics.stream_bytes_out);
  sheet->counter("network_lost_datagrams", "Datagrams that found no room.", of(metrics.datagrams_dropped));
  sheet->gauge("network_connections", "Connections between nodes that are logged in.", of(metrics.connections));
  sheet->counter("network_refused_connections", "Connections that ended before they were logged in.",
                 of(metrics.refused));
}
}  // namespace rs
