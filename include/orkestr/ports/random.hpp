// Randomness as a port, so that a seeded run is repeatable and a production run is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

namespace orkestr::inline v1 {

/// @thread_safety implementations are safe to call from any thread
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

/// The operating system's generator, by OpenSSL.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

/// SplitMix64 from a seed: repeatable, not secret.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override;
  [[nodiscard]] std::uint64_t next();

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

/// `count` characters drawn evenly from [A-Za-z0-9].
[[nodiscard]] std::string random_alphanumeric(Random& random, std::size_t count);

} // namespace orkestr::inline v1
