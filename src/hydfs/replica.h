// One group on one node: the rules H4-H13 as a state machine. Messages, durable marks and records of the meta store go
// in; messages, writes, swaps and answers come out. It has no clock and does nothing by itself: whoever owns it decides
// when to suspect, to ask again, to swap (keeper.h), and each decision is checked here against its rule. So a wrong
// decision costs time and never data.
//
// What it says is held back until its row on disk says so too (persist before use, H6): take() hands out only what may
// go. Copyable: the model check tries every order of everything.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "hydfs/log.h"
#include "hydfs/message.h"
#include "hydfs/table.h"
#include "hydfs/types.h"

namespace rs::hydfs {
using RequestId = Id<struct RequestTag, uint64_t>;  // of whoever asks this replica; 0: nobody waits for the answer

struct WriteEntry {
  Entry entry;
};
struct WriteCut {
  LogIndex last_kept;
};
struct WriteRow {
  ReplicaRow row;
};
struct WriteDrop {  // the payload of this entry: its file was deleted, and that is committed
  LogIndex index;
};
using Write = std::variant<WriteEntry, WriteCut, WriteRow, WriteDrop>;

struct Send {
  Uuid to_node;
  Uuid to_replica;
  Message message;  // of an Append or TellEntry the payloads are to be filled in, where the head says there is one
};
struct Swap {  // H11-H13: a transaction that compares the view, and the learner's registered UUID
  ViewNumber expected;
  ViewRecord next;
  std::optional<Member> learner;
};
struct Register {  // H13: a fresh UUID for a copy session; fails if the node is a member under its registered one
  ViewNumber view;
  Uuid source_node, source_replica;
};
struct Answer {
  enum class Kind {
    kDone,     // committed: `verdict` is kNew or kRepeat
    kRefused,  // by the rule that `verdict` names
    kMoved,    // this replica can't say; ask the primary of the newest view
    kRead,     // show what is committed up to `commit`
  };
  RequestId id;
  Kind kind = Kind::kMoved;
  Verdict verdict;
  LogIndex index;   // of the entry; of kDone
  LogIndex commit;  // kRead
};
using Output = std::variant<Send, Swap, Register, Answer>;

struct ReplicaOptions {
  Uuid node;
  GroupId group;
  size_t copies = 3;   // n: 3, or 1 in a cluster that was created so
  uint64_t nonce = 0;  // random: questions of an earlier life are not taken for this one's
};

class Replica {
 public:
  // As the disk has it after a boot, all of it durable (H7).
  Replica(const ReplicaOptions& options, const ReplicaRow& row, GroupLog log);

  // ---- what happens
  // The newest record and the registered UUID of each node that matters (H1, H2); by rising views.
  void learn(const ViewRecord& record, const std::map<Uuid, Uuid>& registered);
  void registered(const Register& asked, const Uuid& fresh);  // H13: the transaction of Register succeeded
  void receive(const Uuid& from_node, const Uuid& from_replica, const Uuid& to_replica, const Message& message);
  void durable(uint64_t writes);      // the first so many of all writes are
  void found_bad(LogIndex index);     // H7: the disk can't read this entry any more
  void lost_touch(const Uuid& node);  // its connection ended: what was on the way to it may be gone

  // ---- requests of clients
  void submit(RequestId id, const EntryHead& proposal, const Payload& payload);  // H8
  void read(RequestId id, std::optional<LogIndex> token);                        // H10
  void give_up_read(RequestId id);                                               // it waited too long: answers kMoved

  // ---- decisions; false: the rules do not allow it now
  bool freeze();        // H11
  void ask_standing();  // a new inquiry: older answers count no more
  // H11, H12: this replica as primary of the next view, with these nodes of the present one, and with the learner if it
  // may come in.
  bool propose(const std::set<Uuid>& keep, bool with_learner);
  bool vouch();                       // H7: all in doubt, and this is the furthest
  bool ask_end();                     // H7: this one is in doubt, and there is a primary
  bool ask_entry();                   // H7: for the first hole
  bool cut_hole();                    // H7: nobody has it
  bool start_copy(const Uuid& node);  // H13: the former session, if there is one, ends
  bool make_pending();                // H13
  void probe(const Uuid& node);       // sends what that node lacks, or a sign of life
  bool forget();                      // H14: this replica is in no view, and goes
  // What goes to that node next: entries behind what was sent, at most so many and so many bytes. nullopt: nothing.
  std::optional<Send> next_append(const Uuid& node, size_t entries, size_t bytes);

  // ---- what is to be done. Writes go to the store in this order; outputs may go out at once
  std::vector<Write> take_writes();
  std::vector<Output> take();
  bool has_work() const { return !writes_.empty() || !outputs_.empty(); }

  // ---- how it stands
  const ReplicaRow& row() const { return row_; }
  const GroupLog& log() const { return log_; }
  const ViewRecord& record() const { return record_; }
  bool member() const;  // of the newest record known, under its UUID
  bool leads() const { return leads_; }
  bool serves() const;  // H6: leads, and its NOOP is committed
  bool sound() const { return !row_.in_doubt && log_.sound(); }
  bool known_lost(const Uuid& node) const;  // H2
  LogIndex commit() const { return commit_; }
  LogIndex durable_end() const;
  LogIndex shown() const;  // H10: up to where a reader with a token is shown
  uint64_t writes_asked() const { return written_; }
  const Table& table();  // folded as far as this replica may: to the commit index, or to the end on a primary
  struct Peer {
    Uuid replica;
    LogIndex acked, sent;
    bool matched = false;     // `sent` is meant: what was sent up to there is on its way over a living connection
    bool probing = false;     // the question where the logs part is on its way
    uint64_t round = 0;       // H10: the newest that it answered
    uint64_t round_sent = 0;  // that it was asked
    LogIndex told;            // the commit index that it was told
  };
  const std::map<Uuid, Peer>& peers() const { return peers_; }  // by node; of a primary, and of a frozen source
  const std::map<Uuid, TellStanding>& standings() const {
    return standings_;
  }                                                                  // by node: answers to the present inquiry
  const std::optional<Member>& learner() const { return learner_; }  // of the present copy session
  bool learner_caught_up() const;
  bool learner_registered() const;  // as far as is known here, its node still has the UUID of this session
  bool pending() const { return pending_; }
  bool waits_for_round() const { return !reads_.empty(); }
  uint64_t round() const { return round_; }
  bool hears_leader() const { return heard_; }  // since the view was adopted, or since this was asked for
  void forget_heard() { heard_ = false; }

 private:
  friend struct ReplicaSpy;  // the model check takes fingerprints
  struct Waiting {
    RequestId id;
    Answer::Kind kind;
    Verdict verdict;
    LogIndex index;
  };
  struct Reading {
    RequestId id;
    uint64_t round = 0;  // without a token: needs this round of all members
    std::optional<LogIndex> token;
  };
  struct Held {
    uint64_t needs = 0;  // writes that must be durable first
    Output output;
  };

  // replica.cc
  void write(Write write);
  void set_row(const ReplicaRow& row);
  void say(Output output);
  void send(const Uuid& node, const Uuid& replica, Message message) { say(Send{node, replica, std::move(message)}); }
  void adopt(ViewNumber view);
  void forget_memory();
  void lead();
  void put(const Entry& entry);
  void cut(LogIndex last_kept);
  bool member_in(const ViewRecord& record) const;
  bool is_source() const;
  // replicate.cc: H4-H6
  void on(const Uuid& from, const Uuid& replica, const Append& message);
  void on(const Uuid& from, const Uuid& replica, const Ack& message);
  bool takes_from(const Uuid& from, const Uuid& replica, const Append& message) const;
  bool take_entries(const Append& message);
  void take_entry(const Entry& entry);
  void acknowledge(bool differs);
  Append append_behind(Peer* peer, LogIndex previous);
  LogIndex acknowledged() const;
  void advance_commit();
  const Peer* peer_of(const Member& member) const;
  void set_commit(LogIndex commit);
  void drop_payloads(const Uuid& file);
  // doubt.cc: H7
  void on(const Uuid& from, const Uuid& replica, const AskEnd& message);
  void on(const Uuid& from, const Uuid& replica, const TellEnd& message);
  void on(const Uuid& from, const Uuid& replica, const AskStanding& message);
  void on(const Uuid& from, const Uuid& replica, const TellStanding& message);
  void on(const Uuid& from, const Uuid& replica, const AskEntry& message);
  void on(const Uuid& from, const Uuid& replica, const TellEntry& message);
  void clear_doubt_if_matched();
  std::optional<size_t> answers_of_all() const;  // of the other members; nullopt: one is missing, and not known lost
  // views.cc: H11-H13
  bool answered_clear(const Uuid& node) const;  // to the present inquiry
  void on(const Uuid& from, const Uuid& replica, const StartCopy& message);
  void on(const Uuid& from, const Uuid& replica, const CopyReady& message);
  // requests.cc: H8, H10
  void answer_committed();
  void answer_reads();
  bool round_complete(uint64_t round) const;
  void wait(const Waiting& waiting);
  void tell(const Waiting& waiting);
  void end_requests();

  ReplicaOptions options_;
  // On disk.
  ReplicaRow row_;
  GroupLog log_;
  // Of the meta store, as far as it is known here.
  ViewRecord record_;
  std::map<Uuid, Uuid> registered_;
  // In memory.
  bool leads_ = false;
  bool heard_ = false;
  LogIndex commit_;
  LogIndex matched_;  // the log agrees with the primary's, or the source's, up to here, in this view
  std::map<Uuid, Peer> peers_;
  std::optional<Member> learner_;
  Uuid starting_;  // the node that was asked to become the learner
  bool pending_ = false;
  uint64_t nonce_ = 0;  // of the present inquiry
  std::map<Uuid, TellStanding> standings_;
  uint64_t end_nonce_ = 0;  // of AskEnd
  std::optional<LogIndex> end_told_;
  uint64_t round_ = 0, round_seen_ = 0;
  bool round_open_ = false;      // `round_` was sent to nobody yet: more reads may join it
  std::deque<Waiting> waiting_;  // by index
  std::vector<Reading> reads_;
  Table table_;
  // Under way to the disk.
  uint64_t written_ = 0, durable_writes_ = 0, row_write_ = 0;
  std::deque<std::pair<uint64_t, LogIndex>> appending_;  // write, index
  std::deque<std::pair<uint64_t, LogIndex>> mending_;    // write, index of a former hole
  LogIndex durable_;
  std::vector<Write> writes_;
  std::deque<Held> outputs_;
};
}  // namespace rs::hydfs
