// For threads that must not wait, such as one that serves many sockets.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace orkestr::inline v1::storage {

/// While one lives, reads of a store by this thread that would have to wait for longer than that give up: `busy`. Whoever asked
/// asks again where waiting hurts nobody. A store that never waits takes no notice.
class Hurry {
 public:
  explicit Hurry(std::chrono::microseconds patience) : before_(until_) {
    const auto end = std::chrono::steady_clock::now() + patience;
    until_ = before_ ? std::min(*before_, end) : end;
  }
  ~Hurry() { until_ = before_; }
  Hurry(const Hurry&) = delete;
  Hurry& operator=(const Hurry&) = delete;

  /// When this thread's patience ends, if it is in a hurry.
  [[nodiscard]] static std::optional<std::chrono::steady_clock::time_point> until() { return until_; }

 private:
  const std::optional<std::chrono::steady_clock::time_point> before_;
  static inline thread_local std::optional<std::chrono::steady_clock::time_point> until_;
};

} // namespace orkestr::inline v1::storage
