// The world as one task sees it: whom it can tell something, what it is started with.
#pragma once
#include <functional>

#include "engine/log.h"
#include "engine/message.h"
#include "io/child.h"
#include "io/clock.h"
#include "io/file.h"

namespace rs {
// Delivers messages between tasks. Between two incarnations messages of one channel stay in order or are lost with
// the connection, which both ends are told by Broken.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void send(TaskId to, Incarnation incarnation, Message message) = 0;
};

// Who holds authority over incarnations (E11).
class MetaStore {
 public:
  virtual ~MetaStore() = default;
  virtual Incarnation mint(TaskId task) = 0;  // a new one, higher than any before
  virtual Incarnation current(TaskId task) = 0;
};

// What a task reports to whoever runs the job. Called on the task's thread.
class JobEvents {
 public:
  virtual ~JobEvents() = default;
  virtual void task_finished(TaskId task) = 0;  // E18: its final epoch is durable and acknowledged
  virtual void task_drained(TaskId task) = 0;   // Drain: all that was taken in is acknowledged
  virtual void task_failed(TaskId task, Status why) = 0;
};

struct TaskWorld {
  io::Clock* clock;
  io::Directory* directory;
  io::Children* children;
  Transport* transport;
  MetaStore* meta;
  LogStore* logs;
  JobEvents* events;
  io::File* stream_in = nullptr;   // SourcePolicy::Input::kStream
  io::File* stream_out = nullptr;  // SinkMode::kStream
};
}  // namespace rs
