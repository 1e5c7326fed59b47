// SHA-256, and HMAC with it, without OpenSSL's look-up of the algorithm at every call, which costs more than a short text's hash.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

using Sha256 = std::array<std::uint8_t, 32>;

/// @thread_safety safe
[[nodiscard]] Sha256 sha256(std::string_view text);

/// The hash of a text that comes in parts.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void add(std::string_view part);
  /// Of all parts so far; nothing can be added afterwards.
  [[nodiscard]] Sha256 finish();

 private:
  void* context_; // OpenSSL's, kept out of the header
};

/// HMAC-SHA256 (RFC 2104) under one key, which is taken in once.
///
/// OpenSSL's own, EVP_MAC, would have to be duplicated for each text, and that alone costs half of the hash of 1 KiB; started
/// again instead, it is wrong in OpenSSL 3.0.0 to 3.0.2. Hashes that have begun are quick to copy.
/// @thread_safety safe to use from many threads at once
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;
  /// Of the parts one after the other.
  [[nodiscard]] Sha256 operator()(std::initializer_list<std::string_view> parts) const;

 private:
  void *inner_, *outer_; // hashes that have taken in the key, each with its own mask
};

/// Lower-case hex of the first `count` bytes.
[[nodiscard]] std::string hex(const Sha256& hash, std::size_t count = 32);

} // namespace orkestr::inline v1
