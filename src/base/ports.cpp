// What every build needs of the ports: the system's clock and randomness, and names for logs.
#include "orkestr/ports/clock.hpp"
#include "orkestr/ports/http_client.hpp"
#include "orkestr/ports/language_model.hpp"
#include "orkestr/ports/payment_gateway.hpp"
#include "orkestr/ports/random.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace orkestr::inline v1 {

Instant SystemClock::now() const {
  return {std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::string_view to_string(HttpFailure failure) noexcept {
  static constexpr std::array<std::string_view, 12> names{"none", "bad_url", "bad_request", "refused_address", "unresolved", "connect",
                                                          "tls",  "timeout", "reset",       "malformed",       "busy",       "stopped"};
  return names[static_cast<std::size_t>(failure)];
}

std::string_view to_string(ModelFailure failure) noexcept {
  static constexpr std::array<std::string_view, 8> names{"none",         "timeout", "malformed", "refused",
                                                         "rate_limited", "busy",    "stopped",   "unavailable"};
  return names[static_cast<std::size_t>(failure)];
}

std::string_view to_string(GatewayState state) noexcept {
  static constexpr std::array<std::string_view, 6> names{"requires_method", "requires_action", "processing",
                                                         "succeeded",       "failed",          "cancelled"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(RefundState state) noexcept {
  static constexpr std::array<std::string_view, 4> names{"pending", "succeeded", "failed", "cancelled"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(GatewayEventKind kind) noexcept {
  static constexpr std::array<std::string_view, 8> names{"payment_succeeded", "payment_failed", "payment_processing", "payment_cancelled",
                                                         "payment_refunded",  "refund_updated", "dispute_opened",     "other"};
  return names[static_cast<std::size_t>(kind)];
}

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("the system has no randomness");
}

std::uint64_t SeededRandom::next() {
  const std::lock_guard lock(mutex_);
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    std::uint64_t word = next();
    for (int k = 0; k < 8 && i < bytes.size(); ++k, word >>= 8) bytes[i++] = static_cast<std::uint8_t>(word);
  }
}

std::string random_alphanumeric(Random& random, std::size_t count) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  while (out.size() < count) {
    std::uint8_t bytes[64];
    random.fill(bytes);
    for (std::uint8_t byte : bytes)
      if (byte < 248 && out.size() < count) out += alphabet[byte % 62]; // 248 = 4 × 62 keeps the draw even
  }
  return out;
}

} // namespace orkestr::inline v1
