// News that ride on other messages until they have been sent so often that everybody has very likely heard. Of each
// topic only the newest is kept; what was sent least goes first, and of that the newest.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace rs::membership {
using Topic = uint64_t;  // the tag of a member, or one of these
constexpr Topic kProtocolTopic = ~Topic{0}, kDropTopic = ~Topic{1};

class BroadcastQueue {
 public:
  void put(Topic topic, std::string update);  // encoded
  void remove(Topic topic) { items_.erase(topic); }
  // Appends updates to `out` while they fit into `room` bytes. `members`: how many are to hear.
  void fill(std::string* out, size_t room, size_t members);
  bool empty() const { return items_.empty(); }
  static uint32_t repeats(size_t members);  // times that each node sends an update

 private:
  struct Item {
    std::string update;
    uint32_t sent = 0;
    uint64_t number = 0;
  };
  std::map<Topic, Item> items_;
  uint64_t next_number_ = 0;
};
}  // namespace rs::membership
