// A source: works on the splits that the pacer deals, applies its chain to them, and records which splits an epoch
// has before it ends it (E1). The first source of a job owns the pacer.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "engine/live_input.h"
#include "engine/maker.h"
#include "engine/pacer.h"
#include "engine/split_reader.h"
#include "engine/task.h"
#include "engine/task_log.h"

namespace rs {
class SourceTask : public Task, ChunkSink {
 public:
  SourceTask(const Graph& graph, TaskId id, Incarnation self, const TaskWorld& world, std::function<void()> woken);

 private:
  struct Dealt {
    Epoch epoch;
    Split split;
  };
  struct Draft {              // an epoch that this task has not ended
    std::vector<Split> done;  // worked off, in order
    uint64_t tuples = 0, bytes = 0;
    std::optional<PacerClose> close;
  };
  struct Peer {  // another source, as the pacer knows it
    TaskId task;
    Incarnation incarnation;
    ConnectionId connection = 0, newest = 0;  // 0: broken; numbers of dials rise
    Epoch recorded, told;                     // recorded: durably; told: closed epochs it was told of
    uint64_t outstanding = 0;                 // dealt, not yet worked off
  };
  Status recover(const LogContents& contents) override;
  StatusOr<io::Wake> work() override;
  bool finished() const override { return outbox_.drained(); }
  void control(const Message& message) override;
  void inbox_chunk(size_t, Chunk) override {}
  void inbox_discard() override {}
  void outbox_base(Epoch base) override;
  void outbox_acknowledged(Epoch epoch) override;
  void made(size_t out, Chunk chunk) override;

  // Pacer's side.
  Status pace(io::Wake* wake);
  Status pace_live(io::Wake* wake);
  StatusOr<bool> take_resent(io::Wake* wake);
  void count_resent(std::string_view lines);
  void deal(int64_t now_ns);
  void close_epoch();
  bool nothing_open() const;  // every epoch is ended and acknowledged: a drained job may leave
  void tell_peers();
  void pacer_message(const Message& message);
  Peer* peer_of(TaskId task);

  // Every source's side.
  void dial_pacer();
  void lose_pacer();
  bool has_ended() const;
  Epoch recorded_for_pacer() const;
  void source_message(const Message& message);
  Status work_split();
  Status process(Epoch epoch, const Split& split, std::string_view live_lines);
  Status lines(std::string_view lines, Chain* chain);
  Status at_split(const Status& status, const Split& split, std::string_view live_lines) const;
  void enter(Epoch epoch);
  Status finish_epochs();
  void settle();
  Status make_again(Epoch epoch);
  Status check_inputs(const std::vector<Split>& splits);
  void count_again(const TaskHistory& history);
  bool is_pacer() const { return graph_.sources[0] == id_; }
  void report_drained();
  void trim();

  Maker maker_;
  std::unique_ptr<Chain> chain_;
  SplitReader reader_;
  std::optional<Pacer> pacer_;
  std::optional<LiveInput> live_;
  std::vector<Peer> peers_;  // of the pacer; index 0 is itself
  bool drain_ = false, drained_ = false;
  uint32_t stream_crc_ = 0;                 // of what was taken from a stream
  uint64_t stream_end_ = 0;                 // how much
  std::map<uint64_t, std::string> resent_;  // split number -> bytes of recorded epochs, to be made again

  std::deque<Dealt> queue_;
  std::map<Epoch, Draft> drafts_;
  Epoch working_;  // the epoch that the combiner holds
  uint64_t combined_splits_ = 0;
  std::map<Epoch, LoggedSource> recorded_;               // not yet acknowledged by all
  Epoch last_recorded_, ended_;                          // recorded durably; END sent or to be sent
  std::optional<std::pair<Epoch, uint64_t>> recording_;  // record on its way to the disk
  uint64_t tuples_ended_ = 0, bytes_ended_ = 0;          // of all epochs up to ended_, for people
  uint64_t resent_tuples_ = 0, resent_bytes_ = 0;        // of a stream, in this life
  std::deque<uint64_t> counted_ = {0};  // positions of counts: the last durable one, then the newer ones
  ConnectionId pacer_connection_ = 0;
  uint64_t dials_ = 0;
  Incarnation pacer_incarnation_;
};
}  // namespace rs
