// One step in the making: calls replicas, keeps their disks, carries what they say, and notes what it means for the
// promises. Nodes that it touches are copied first.
#pragma once
#include <deque>
#include <utility>
#include <vector>

#include "sim/model/world.h"

namespace rs::sim::model {
constexpr hydfs::RequestId kRead{1000};  // requests have their place in the configuration as id, from 1

class Move {
 public:
  // `live`: all messages are carried at once and really, as in a network without faults; else each is a step.
  Move(const World& from, const Configuration& configuration, bool live = false);
  World world;

  hydfs::Replica& at(int node) { return open(node).replica; }
  Node& open(int node);
  void replace(int node, const Disk& disk);  // it restarts
  void boot_empty(int node);                 // with a new disk (H2)
  void sync(int node);
  void learn(int node, const Record& record);
  void deliver_acks(int source, int from);  // -1: of all
  void ask_standing(int node);              // and all answer that can
  void ask_entry(int node);                 // the same
  void ask_end(int node);                   // the same
  bool answer_round(int node, int primary);
  void take_append(int node, const Sent& sent, size_t entry);  // from 1; 0: none, a sign of life
  void submit(int node, size_t request);
  enum class Delay { kNone, kStart, kResult };  // of what is said when a copy session starts
  bool start_copy(int source, int learner, Delay delay);
  bool open_letter(const Letter& letter, bool delay_result = false);
  bool swap(const PlannedSwap& swap);
  bool send_next(int source, int node);  // live: what the source would send next
  void add_noop(int primary);            // one more request, of which there is no end
  void carry();                          // live, and what is asked and answered in one step
  std::vector<PlannedSwap> swaps;
  bool fault = false;  // this step is one: nothing in it makes up for a loss

  void settle(int node);  // after each call of its replica
  World finish();

 private:
  struct Post {
    int from, to;
    Uuid from_replica, to_replica;
    hydfs::Message message;
  };
  bool register_copy(const Letter& start, bool delayed);
  void route(int node, hydfs::Output output);
  void route(int node, const hydfs::Send& send);
  void fold(int node, const hydfs::Ack& ack, int to);
  void note(int node, const hydfs::Answer& answer);
  void note_commit(int node);
  void note_sent(int node);
  void note_fence(const hydfs::EntryHead& head);
  void post_delivered(const Post& post);
  bool answered_rightly(const hydfs::Answer& answer) const;

  const Configuration& configuration_;
  const bool live_;
  bool round_ = false;
  const std::array<std::shared_ptr<const Node>, kMostNodes> before_;
  std::vector<Letter> letters_;  // said in this step
  std::deque<Post> mail_;
  std::array<bool, kMostNodes> opened_{};
};

PlannedSwap planned(const hydfs::Swap& swap);
}  // namespace rs::sim::model
