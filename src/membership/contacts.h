// With whom to exchange full state, and when: seeds until one has answered; then any living member from time to time;
// and for ever, now and then, a failed member or a seed that is not in the list, which is how halves of a split cluster
// find each other without a person.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "io/clock.h"
#include "io/endpoint.h"
#include "membership/options.h"

namespace rs::membership {
class Contacts {
 public:
  Contacts(const Timing& timing, io::Random* random) : timing_(timing), random_(random) {}

  void start(int64_t now_ns, std::vector<io::Endpoint> seeds);  // own address not among them
  void stop();                                                  // a leaver looks for nobody
  void joined() { joining_ = false; }
  bool joining() const { return joining_; }

  enum class Purpose : uint8_t {
    kSeed,     // full state: it knows nothing of us
    kCompare,  // a digest first: most of the time all is equal
    kReunion,  // full state: it holds us for dead
  };
  struct Contact {
    uint64_t number = 0;
    io::Endpoint to;
    Purpose purpose = Purpose::kCompare;
  };
  struct Known {
    std::vector<io::Endpoint> living, failed;  // without this node
  };
  std::vector<Contact> due(int64_t now_ns, const Known& known);
  int64_t next_ns() const;  // INT64_MAX: none

  Contact open(int64_t now_ns, const io::Endpoint& to, Purpose purpose);  // an exchange for another reason
  std::optional<Contact> close(uint64_t number);                          // nullopt: over already, by time

 private:
  struct Open {
    Contact contact;
    int64_t until_ns = 0;
  };
  const io::Endpoint* pick(const std::vector<io::Endpoint>& from);
  const io::Endpoint& next_missed(const std::set<io::Endpoint>& missed);
  int64_t jittered(int64_t ns);  // 0.8 to 1.2 times, so that nodes started together do not stay together
  const Timing timing_;
  io::Random* const random_;
  bool running_ = false, joining_ = false;
  std::vector<io::Endpoint> seeds_;
  size_t next_seed_ = 0;
  io::Endpoint last_missed_;  // whose turn it was
  int64_t seed_ns_ = 0, compare_ns_ = 0, reunion_ns_ = 0;
  uint64_t next_number_ = 1;
  std::map<uint64_t, Open> open_;
};
}  // namespace rs::membership
