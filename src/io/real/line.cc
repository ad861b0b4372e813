#include "io/real/line.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <utility>

#include "base/check.h"
#include "io/real/descriptor.h"

namespace rs::io {
namespace {
constexpr size_t kAtOnce = size_t{64} << 10;  // a larger frame is copied beside the owner, and a hop is little to it

// Bytes that the socket takes now. An error is left to the network's thread, who meets it too.
size_t sent_at_once(int socket, const std::vector<std::string_view>& pieces) {
  std::vector<iovec> vectors;
  for (const std::string_view piece : pieces) vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = vectors.size();
  const ssize_t sent = uninterrupted([&] { return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL); });
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}
}  // namespace

Line::Sent Line::send(int64_t now_ns, Frame frame) {
  constexpr size_t kPieces = 2;  // header and body
  const bool small = frame.body.size() <= kAtOnce;
  std::lock_guard lock(mutex);
  if (socket < 0) return {};  // it has ended, and the owner hears so
  RS_CHECK(session->logged_in() && !session->finishing(), "the owner has heard of it, and has not closed it");
  const bool alone = session->idle();
  session->send(now_ns, std::move(frame));
  if (!alone) return {};
  if (!small) return {.rest = true};
  Sent sent{.bytes = sent_at_once(socket, session->waiting(kPieces))};
  sent.freed = session->sent(now_ns, sent.bytes);
  sent.rest = !session->idle();
  return sent;
}
}  // namespace rs::io
