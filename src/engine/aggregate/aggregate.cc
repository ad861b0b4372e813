#include "engine/aggregate.h"

#include "engine/aggregate/by_key.h"
#include "engine/aggregate/top.h"

namespace rs {
std::unique_ptr<Combiner> make_combiner(const AggregateSpec& spec) {
  return spec.fold == AggregateSpec::Fold::kTop ? aggregate::make_top_combiner(spec)
                                                : aggregate::make_key_combiner(spec);
}

std::unique_ptr<Folder> make_folder(const AggregateSpec& spec) {
  return spec.fold == AggregateSpec::Fold::kTop ? aggregate::make_top_folder(spec) : aggregate::make_key_folder(spec);
}
}  // namespace rs
