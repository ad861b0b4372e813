// What is set for the whole cluster at run time. A setting is a value with a version: it spreads like news of a
// member, is part of every exchange, so nodes that were away learn it, and of two the higher version wins, of
// concurrent ones that of the greater node: one winner everywhere.
#pragma once
#include <compare>
#include <cstdint>

#include "base/uuid.h"

namespace rs::membership {
enum class Detector : uint8_t { kPing, kGossip };
struct Protocol {
  Detector detector = Detector::kPing;
  bool suspicion = true;
  bool operator==(const Protocol&) const = default;
};
using DropPartsPerMillion = uint32_t;  // of received datagrams; exact on the wire, unlike a fraction

template <class Value>
struct Setting {
  uint64_t version = 0;  // 0: as configured, nobody set it
  Uuid origin;           // who set it
  Value value{};
  bool operator==(const Setting&) const = default;
  bool newer_than(const Setting& other) const {
    return version != other.version ? version > other.version : origin > other.origin;
  }
};

struct Settings {
  Setting<Protocol> protocol;
  Setting<DropPartsPerMillion> drop;
  bool operator==(const Settings&) const = default;
};
}  // namespace rs::membership
