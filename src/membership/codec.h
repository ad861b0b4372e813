// Bytes to messages and back (docs/formats/membership.md). Every datagram and exchange is sealed with the cluster's key
// over the cluster's name: bytes without that seal are nothing. Decoding is bounded by the bytes that are there,
// whatever they claim.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "membership/message.h"

namespace rs::membership {
constexpr size_t kMaxDatagramBytes = 1400;
constexpr size_t kMaxExchangeBytes = size_t{1} << 20;

std::string encode(const Update& update);
std::string encode(const Message& message, std::string_view news = {});  // encoded updates: the content of a datagram
std::string encode(const Exchange& exchange);

class Codec {
 public:
  Codec(std::string cluster, std::string key);

  // How many bytes of updates fit behind a message.
  size_t room(std::string_view message) const;
  std::string seal_datagram(std::string content) const;
  std::string seal_exchange(std::string content) const;
  // An ack without news is so short that only who waits for it can read it: `expected` names the whole of it by the
  // last two bytes of its nonce. One that nobody waits for comes out without a target.
  using Expected = std::function<std::optional<Ack>(uint16_t nonce)>;
  std::optional<DatagramContent> open_datagram(std::string_view bytes, const Expected& expected) const;
  std::optional<Exchange> open_exchange(std::string_view bytes) const;

 private:
  std::optional<DatagramContent> open_answer(std::string_view bytes, const Expected& expected) const;
  std::string sealed(std::string_view use, std::string content, size_t length) const;
  std::optional<std::string_view> unsealed(std::string_view use, std::string_view bytes, size_t length) const;
  std::string context_, key_;
};

// Without seals, for the above and for fuzzers.
std::optional<DatagramContent> decode_datagram(std::string_view content);
std::optional<Exchange> decode_exchange(std::string_view content);
SettingsMark mark_of(const Settings& settings);
}  // namespace rs::membership
