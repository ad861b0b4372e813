// Ids are distinct types: an epoch cannot be passed where a task is meant.
#pragma once
#include <compare>
#include <cstdint>

namespace rs {
template <class Tag, class Int>
struct Id {
  Int value = 0;
  constexpr Id() = default;
  constexpr explicit Id(Int v) : value(v) {}
  constexpr auto operator<=>(const Id&) const = default;
  constexpr Id next() const { return Id(value + 1); }
};

using Epoch = Id<struct EpochTag, uint64_t>;              // job-wide; the first one is 1, 0 = none yet
using TaskId = Id<struct TaskTag, uint32_t>;              // index in the job's task list
using ChannelId = Id<struct ChannelTag, uint32_t>;        // index in the job's channel list
using Incarnation = Id<struct IncarnationTag, uint64_t>;  // attempt number of a task, never reused; 0 = none
using KeyGroup = Id<struct KeyGroupTag, uint16_t>;        // 0 .. kKeyGroups-1

constexpr uint32_t kKeyGroups = 1024;
}  // namespace rs
