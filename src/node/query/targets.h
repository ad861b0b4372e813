// Whom a log query asks.
#pragma once
#include <string>
#include <vector>

#include "base/status.h"
#include "membership/view.h"
#include "node/query/query.h"

namespace rs {
// By name. Each node once, in its newest life; those that left are not asked, and those that are taken for dead are: a
// view is a hint. `self` is asked even when it is in no list. kNotFound: a name that no node has.
StatusOr<std::vector<QueryTarget>> choose_targets(const membership::MemberView& view, const QueryTarget& self,
                                                  const std::vector<std::string>& names);
}  // namespace rs
