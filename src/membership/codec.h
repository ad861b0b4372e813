// Bytes to messages and back. Every datagram and exchange is sealed with the cluster's key over the cluster's name:
// bytes without that seal are nothing. Decoding is bounded by the bytes that are there, whatever they claim.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "membership/message.h"

namespace rs::membership {
constexpr size_t kMaxDatagramBytes = 1400;
constexpr size_t kMaxExchangeBytes = size_t{1} << 20;

std::string encode(const Update& update);
std::string encode(const Message& message);
std::string encode(const Exchange& exchange);

class Codec {
 public:
  Codec(std::string cluster, std::string key);

  // How many bytes of updates fit behind a message.
  size_t room(std::string_view message) const;
  std::string seal_datagram(std::string content) const;  // an encoded message, encoded updates
  std::string seal_exchange(std::string content) const;
  std::optional<DatagramContent> open_datagram(std::string_view bytes) const;
  std::optional<Exchange> open_exchange(std::string_view bytes) const;

 private:
  std::string sealed(std::string_view use, std::string content, size_t length) const;
  std::optional<std::string_view> unsealed(std::string_view use, std::string_view bytes, size_t length) const;
  std::string context_, key_;
};

// Without seals, for the above and for fuzzers.
std::optional<DatagramContent> decode_datagram(std::string_view content);
std::optional<Exchange> decode_exchange(std::string_view content);
SettingsMark mark_of(const Settings& settings);
}  // namespace rs::membership
