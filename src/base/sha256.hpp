// SHA-256 without OpenSSL's look-up of the algorithm at every call, which costs more than a short text's hash.
#pragma once

#include <array>
#include <cstdint>
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

/// Lower-case hex of the first `count` bytes.
[[nodiscard]] std::string hex(const Sha256& hash, std::size_t count = 32);

} // namespace orkestr::inline v1
