// Token buckets by name, bounded in number.
#pragma once

#include "base/text.hpp"

#include "orkestr/base/time.hpp"

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace orkestr::inline v1::api {

struct Allowance {
  bool granted = true;
  std::uint32_t remaining = 0;
  std::uint32_t reset_seconds = 0; ///< until one more request is granted, or until full when some are left
};

/// @thread_safety safe
class RateLimiter {
 public:
  /// `quota` at once, refilled evenly over `window_seconds`. A quota of 0 grants everything.
  RateLimiter(std::uint32_t quota, std::uint32_t window_seconds) : quota_(quota), window_ms_(std::int64_t{window_seconds} * 1000) {}

  /// Takes one token from the bucket of that name.
  [[nodiscard]] Allowance take(std::string_view name, Instant now);
  /// Whether a token could be had, taking none.
  [[nodiscard]] bool exhausted(std::string_view name, Instant now) const;

 private:
  struct Bucket {
    double tokens = 0;
    Instant at;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Bucket, TextHash, std::equal_to<>> buckets;
  };
  static constexpr std::size_t max_buckets_per_shard = 10'000;

  [[nodiscard]] double refilled(const Bucket& bucket, Instant now) const;
  [[nodiscard]] Shard& shard(std::string_view name) { return shards_[TextHash{}(name) % shards_.size()]; }
  [[nodiscard]] const Shard& shard(std::string_view name) const { return shards_[TextHash{}(name) % shards_.size()]; }

  std::uint32_t quota_;
  std::int64_t window_ms_;
  std::array<Shard, 8> shards_;
};

} // namespace orkestr::inline v1::api
