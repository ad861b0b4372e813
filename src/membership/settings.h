// What is set for the whole cluster at run time. A setting is a value with a version: it spreads like news of a member,
// and is part of every exchange, so nodes that were away learn it. Of two the higher version wins, of concurrent ones
// that of the greater node: one winner everywhere. The protocol is kept on disk, so that a cluster that was down as a
// whole goes on as it was switched; a drop is a test's, and ends with it. A node that has lost its disk may set a
// version again that it set before: then the value decides.
#pragma once
#include <compare>
#include <cstdint>
#include <tuple>

#include "base/uuid.h"

namespace rs::membership {
enum class Detector : uint8_t { kPing, kGossip };
struct Protocol {
  Detector detector = Detector::kPing;
  bool suspicion = true;
  auto operator<=>(const Protocol&) const = default;
};
using DropPartsPerMillion = uint32_t;  // of received datagrams; exact on the wire, unlike a fraction

template <class Value>
struct Setting {
  uint64_t version = 0;  // 0: as configured, nobody set it
  Uuid origin;           // who set it
  Value value{};
  bool operator==(const Setting&) const = default;
  bool newer_than(const Setting& other) const {
    return std::tie(version, origin, value) > std::tie(other.version, other.origin, other.value);
  }
};

struct Settings {
  Setting<Protocol> protocol;
  Setting<DropPartsPerMillion> drop;
  bool operator==(const Settings&) const = default;
};
}  // namespace rs::membership
