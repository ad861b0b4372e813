#include "node/query/targets.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace rs {
namespace {
using membership::Member;

bool newer(const Member& a, const Member& b) {
  return std::tuple(!final(a.standing.state), a.id.generation) > std::tuple(!final(b.standing.state), b.id.generation);
}
}  // namespace

StatusOr<std::vector<QueryTarget>> choose_targets(const membership::MemberView& view, const QueryTarget& self,
                                                  const std::vector<std::string>& names) {
  std::map<Uuid, Member> latest;
  for (const membership::ListedMember& listed : view.members) {
    const auto [place, fresh] = latest.try_emplace(listed.member.id.node, listed.member);
    if (!fresh && newer(listed.member, place->second)) place->second = listed.member;
  }
  std::vector<QueryTarget> targets = {self};
  for (const auto& [node, member] : latest) {
    const bool asked = node != self.node && member.standing.state != membership::State::kLeft;
    if (asked) targets.push_back({member.name, node, member.id.address});
  }
  const auto wanted = [&](const std::string& name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  };
  std::erase_if(targets, [&](const QueryTarget& target) { return !wanted(target.name); });
  for (const std::string& name : names) {
    const bool known =
        std::any_of(targets.begin(), targets.end(), [&](const auto& target) { return target.name == name; });
    if (!known) return absl::NotFoundError(absl::StrCat("no node is called \"", name, "\"; node ls shows all"));
  }
  std::sort(targets.begin(), targets.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return targets;
}
}  // namespace rs
