#include "io/endpoint.h"

#include <gtest/gtest.h>

#include <string>

namespace rs::io {
namespace {
TEST(Endpoint, ReadsWhatItWrites) {
  for (const char* text : {"127.0.0.1:7001", "127.255.0.9:0", "[::1]:65535", "unix:/run/n1.sock", "unix:n1.sock"}) {
    const StatusOr<Endpoint> endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_EQ(endpoint->text(), text);
    EXPECT_EQ(parse_endpoint(endpoint->text()).value(), *endpoint);
  }
}

TEST(Endpoint, LocalhostIsTheLoopbackAddress) {
  EXPECT_EQ(parse_endpoint("localhost:80").value().text(), "127.0.0.1:80");
}

TEST(Endpoint, WhatOthersCouldReachIsRefusedWithTheReason) {
  for (const char* text : {"0.0.0.0:7001", "10.0.0.5:7001", "128.0.0.1:1", ":7001", "*:7001", "[::]:7001",
                           "[fe80::1%eth0]:7001", "[::ffff:127.0.0.1]:7001"}) {
    const Status status = parse_endpoint(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << text;
    EXPECT_NE(status.message().find("mutual TLS"), std::string::npos) << status;
  }
}

TEST(Endpoint, OtherFormsAreRefused) {
  for (const std::string text :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:07001", "127.0.0.1: 1",
        "127.0.0.01:1", "127.1:1", "127.0.0.256:1", "example.org:80", "[::1:80", "[]:80", "[what]:80", "unix:"}) {
    EXPECT_EQ(parse_endpoint(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(parse_endpoint(std::string("unix:/a\0b", 9)).ok());
}

TEST(Endpoint, ASocketsPathFitsIntoItsAddress) {
  EXPECT_TRUE(parse_endpoint("unix:" + std::string(107, 'a')).ok());
  EXPECT_EQ(parse_endpoint("unix:" + std::string(108, 'a')).status().code(), absl::StatusCode::kInvalidArgument);
}
}  // namespace
}  // namespace rs::io
