// The numbers of a node for /metrics.
#pragma once
#include "io/network_metrics.h"
#include "membership/event.h"
#include "membership/view.h"
#include "node/api/metric_sheet.h"

namespace rs {
void measure_membership(const membership::MemberView& view, const membership::Metrics& metrics, MetricSheet* sheet);
void measure_network(const io::NetworkMetrics& metrics, MetricSheet* sheet);
}  // namespace rs
