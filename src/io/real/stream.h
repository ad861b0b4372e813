// One connection: the Session of its line on a socket. On the network's thread. Included by .cc files of this folder
// only.
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "io/real/switchboard.h"

namespace rs::io {
class Stream : public std::enable_shared_from_this<Stream> {  // shared: a handler of Asio keeps it until it has run
 public:
  Stream(Switchboard* board, std::shared_ptr<Line> line, StreamSocket socket);

  void dial(const Endpoint& to);
  void begin(Session::Side side);
  void write();
  void close();
  void resume();
  void end(Status why);

 private:
  using Error = boost::system::error_code;
  void read();
  void heard(size_t bytes);
  bool logged_in() const { return line_->session && line_->session->logged_in(); }
  void log_in();
  void wrote(size_t bytes);
  void arm();
  void last_words(const Status& why);
  template <class Act>
  auto with_session(Act act) {
    std::lock_guard lock(line_->mutex);
    return act(&*line_->session);
  }
  int64_t now_ns() { return surface_.clock->now_ns(); }

  Switchboard& board_;
  Surface& surface_;
  const std::shared_ptr<Line> line_;
  StreamSocket socket_;
  boost::asio::steady_timer timer_;
  bool dialled_ = false;
  bool admitted_ = false;                   // logged in, and there was room
  bool reading_ = false, writing_ = false;  // the socket is
  bool paused_ = false;                     // the owner has enough to take
  bool ended_ = false;
  std::vector<char> buffer_;
};
}  // namespace rs::io
