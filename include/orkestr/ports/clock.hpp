// Time as a port. Engine functions take `now`; only hosts read clocks.
#pragma once

#include "orkestr/base/time.hpp"

#include <atomic>

namespace orkestr::inline v1 {

/// @thread_safety implementations are safe to call from any thread
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

/// The computer's wall clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
};

/// A clock that stands still until told; for tests and simulations.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : ms_(start.ms) {}
  [[nodiscard]] Instant now() const override { return {ms_.load()}; }
  void set(Instant instant) { ms_.store(instant.ms); }
  void advance(milliseconds by) { ms_.fetch_add(by.count()); }

 private:
  std::atomic<std::int64_t> ms_;
};

} // namespace orkestr::inline v1
