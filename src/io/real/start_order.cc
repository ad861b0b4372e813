#include "io/real/start_order.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstring>

#include "base/bytes.h"
#include "base/check.h"
#include "io/real/os_error.h"

namespace rs::io {
namespace {
constexpr size_t kDescriptors = 6;
constexpr size_t kControlBytes = CMSG_SPACE(kDescriptors * sizeof(int));

// A message of one byte and room for the descriptors. msghdr points into it, so it stays where it is.
struct Envelope {
  Envelope() {
    part = {&byte, 1};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  char byte = 0;
  iovec part{};
  alignas(cmsghdr) char control[kControlBytes] = {};
  msghdr header{};
};

void put_words(std::string* out, const std::vector<std::string>& words) {
  put_varint(out, words.size());
  for (const std::string& word : words) put_string(out, word);
}

std::vector<std::string> take_words(ByteReader* reader) {
  const uint64_t count = reader->varint();
  RS_CHECK(count <= reader->remaining(), "each word takes a byte at least");
  std::vector<std::string> words;
  words.reserve(count);
  for (uint64_t i = 0; i < count; ++i) words.emplace_back(reader->string());
  return words;
}

StatusOr<Descriptor> words_file(const StartOrder& order) {
  std::string words;
  put_words(&words, order.argv);
  put_words(&words, order.env);
  Descriptor file(::memfd_create("rainstorm-order", MFD_CLOEXEC));
  if (!file.valid()) return os_error(errno, "memfd_create", "");
  if (const int error = write_all(file.get(), words); error != 0) return os_error(error, "write", "start order");
  return file;
}

void read_words(int file, StartOrder* order) {
  struct stat info {};
  RS_CHECK(::fstat(file, &info) == 0, "the memory file is open");
  std::string words(static_cast<size_t>(info.st_size), '\0');
  const ssize_t n = uninterrupted([&] { return ::pread(file, words.data(), words.size(), 0); });
  RS_CHECK(n == info.st_size, "a memory file is read whole");
  ByteReader reader(words);
  order->argv = take_words(&reader);
  order->env = take_words(&reader);
  RS_CHECK(reader.ok() && reader.done(), "parent and guardian are one binary");
}
}  // namespace

Status send_order(int socket, const StartOrder& order) {
  RS_CHECK(!order.argv.empty(), "a program has a name");
  StatusOr<Descriptor> words = words_file(order);
  if (!words.ok()) return words.status();
  const int fds[kDescriptors] = {words->get(),    order.in.get(),     order.out.get(),
                                 order.err.get(), order.report.get(), order.line.get()};
  Envelope envelope;
  cmsghdr* control = CMSG_FIRSTHDR(&envelope.header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof fds);
  std::memcpy(CMSG_DATA(control), fds, sizeof fds);
  const ssize_t n = uninterrupted([&] { return ::sendmsg(socket, &envelope.header, MSG_NOSIGNAL); });
  return n == 1 ? Ok() : os_error(errno, "send to the guardian", "");
}

Received receive_order(int socket, StartOrder* order) {
  Envelope envelope;
  const ssize_t n = uninterrupted([&] { return ::recvmsg(socket, &envelope.header, MSG_CMSG_CLOEXEC); });
  if (n <= 0) return Received::kClosed;

  std::array<Descriptor, kDescriptors> fds;
  size_t count = 0;
  for (cmsghdr* c = CMSG_FIRSTHDR(&envelope.header); c; c = CMSG_NXTHDR(&envelope.header, c)) {
    RS_CHECK(c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS, "nothing else was asked for");
    const size_t bytes = c->cmsg_len - CMSG_LEN(0);
    for (size_t at = 0; at < bytes; at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
      RS_CHECK(count < kDescriptors, "the envelope has no room for more");
      fds[count++] = Descriptor(fd);
    }
  }
  if (count != kDescriptors) return Received::kNothing;
  read_words(fds[0].get(), order);
  order->in = std::move(fds[1]);
  order->out = std::move(fds[2]);
  order->err = std::move(fds[3]);
  order->report = std::move(fds[4]);
  order->line = std::move(fds[5]);
  return Received::kOrder;
}
}  // namespace rs::io
