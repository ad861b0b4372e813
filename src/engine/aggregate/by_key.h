// Aggregates that keep one value for each key: count, sum, min, max.
#pragma once
#include <memory>

#include "engine/aggregate.h"

namespace rs::aggregate {
std::unique_ptr<Combiner> make_key_combiner(const AggregateSpec& spec);
std::unique_ptr<Folder> make_key_folder(const AggregateSpec& spec);
}  // namespace rs::aggregate
