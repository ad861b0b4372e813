#include "membership/broadcast_queue.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "base/check.h"

namespace rs::membership {
// An epidemic needs about log2(n) generations; the factor pays for lost datagrams and for sending to who knows already.
uint32_t BroadcastQueue::repeats(size_t members) { return 3 * static_cast<uint32_t>(std::bit_width(members + 1)); }

void BroadcastQueue::put(Topic topic, std::string update) {
  RS_CHECK(topic != 0 && !update.empty(), "news are about something");
  items_[topic] = {std::move(update), 0, next_number_++};
}

void BroadcastQueue::fill(std::string* out, size_t room, size_t members) {
  std::vector<std::pair<Topic, Item*>> order;
  for (auto& [topic, item] : items_) order.emplace_back(topic, &item);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (a.second->sent != b.second->sent) return a.second->sent < b.second->sent;
    return a.second->number > b.second->number;
  });
  for (const auto& [topic, item] : order) {
    if (item->update.size() > room) continue;
    room -= item->update.size();
    out->append(item->update);
    if (++item->sent >= repeats(members)) items_.erase(topic);
  }
}
}  // namespace rs::membership
