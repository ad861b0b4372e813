#include "io/real/sockets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <string>

#include "io/real/scratch_folder.h"

namespace rs::io {
namespace {
using absl::StatusCode;
Endpoint parsed(const std::string& text) { return parse_endpoint(text).value(); }

// Whether the system has something for us, within a minute.
bool comes(const Descriptor& on, short what) {
  pollfd asked{on.get(), what, 0};
  return ::poll(&asked, 1, 60'000) == 1 && (asked.revents & what) != 0;
}

TEST(SocketAddress, IsTheEndpointAgain) {
  for (const char* text : {"127.0.0.1:7001", "127.3.2.1:65535", "[::1]:80"}) {
    EXPECT_EQ(SocketAddress(parsed(text)).endpoint().text(), text);
  }
}

TEST(SocketAddress, OfALongestPathIsWhole) {
  const SocketAddress address(parsed("unix:" + std::string(107, 'p')));
  EXPECT_LE(address.length, sizeof(sockaddr_storage));
  EXPECT_EQ(address.storage.ss_family, AF_UNIX);
}

TEST(ListeningSocket, SaysWhichPortItGot) {
  const BoundSocket first = listening_socket(parsed("127.0.0.1:0")).value();
  EXPECT_NE(first.at.port, 0);
  EXPECT_EQ(listening_socket(first.at).status().code(), StatusCode::kAlreadyExists);
}

TEST(ListeningSocket, APortIsFreeAgainAfterItsEnd) {
  BoundSocket first = listening_socket(parsed("127.0.0.1:0")).value();
  const Descriptor caller = dialled_socket(first.at).value();
  ASSERT_TRUE(comes(first.descriptor, POLLIN));
  { const Descriptor accepted(::accept(first.descriptor.get(), nullptr, nullptr)); }  // this end closes first
  first.descriptor.reset();
  EXPECT_TRUE(listening_socket(first.at).ok());
}

TEST(ListeningSocket, ConnectionsComeThroughEveryKind) {
  ScratchFolder folder;
  for (const std::string& text : {std::string("127.0.0.1:0"), "unix:" + (folder / "s")}) {
    const BoundSocket listener = listening_socket(parsed(text)).value();
    const Descriptor caller = dialled_socket(listener.at).value();
    EXPECT_TRUE(comes(listener.descriptor, POLLIN)) << text;
    EXPECT_TRUE(comes(caller, POLLOUT)) << text;
  }
}

TEST(ListeningSocket, DoesNotReachChildren) {
  const BoundSocket listener = listening_socket(parsed("127.0.0.1:0")).value();
  EXPECT_EQ(::fcntl(listener.descriptor.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  EXPECT_EQ(::fcntl(listener.descriptor.get(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

TEST(ListeningSocket, AFolderThatIsNotThereIsSaid) {
  ScratchFolder folder;
  EXPECT_EQ(listening_socket(parsed("unix:" + (folder / "no/such/s"))).status().code(), StatusCode::kNotFound);
}

TEST(DatagramSocket, SendsAndSaysWhenItCannot) {
  const BoundSocket a = datagram_socket(parsed("127.0.0.1:0")).value(),
                    b = datagram_socket(parsed("127.0.0.1:0")).value();
  EXPECT_TRUE(sent_datagram(a.descriptor.get(), b.at, "hello"));
  ASSERT_TRUE(comes(b.descriptor, POLLIN));
  std::array<char, 16> buffer{};
  SocketAddress from;
  ASSERT_EQ(::recvfrom(b.descriptor.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from.storage),
                       &from.length),
            5);
  EXPECT_EQ(from.endpoint(), a.at);
  EXPECT_FALSE(sent_datagram(a.descriptor.get(), b.at, std::string(70'000, 'x'))) << "no datagram is so long";
  EXPECT_EQ(datagram_socket(a.at).status().code(), StatusCode::kAlreadyExists);
}
}  // namespace
}  // namespace rs::io
