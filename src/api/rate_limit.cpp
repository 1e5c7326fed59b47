#include "api/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace orkestr::inline v1::api {

double RateLimiter::refilled(const Bucket& bucket, Instant now) const {
  const auto passed = std::max<std::int64_t>(0, (now - bucket.at).count()); // a clock may step back
  return std::min<double>(quota_, bucket.tokens + static_cast<double>(passed) * quota_ / static_cast<double>(window_ms_));
}

Allowance RateLimiter::take(std::string_view name, Instant now) {
  if (quota_ == 0) return {};
  Shard& s = shard(name);
  const std::lock_guard guard(s.mutex);
  auto found = s.buckets.find(name);
  if (found == s.buckets.end()) {
    // A full bucket is as good as none, so those can go.
    if (s.buckets.size() >= max_buckets_per_shard)
      std::erase_if(s.buckets, [&](const auto& b) { return refilled(b.second, now) >= quota_; });
    if (s.buckets.size() >= max_buckets_per_shard) s.buckets.clear();
    found = s.buckets.emplace(std::string{name}, Bucket{static_cast<double>(quota_), now}).first;
  }
  Bucket& bucket = found->second;
  bucket = {refilled(bucket, now), now};
  const double per_second = static_cast<double>(quota_) * 1000 / static_cast<double>(window_ms_);
  if (bucket.tokens < 1) return {false, 0, static_cast<std::uint32_t>(std::ceil((1 - bucket.tokens) / per_second))};
  bucket.tokens -= 1;
  return {true, static_cast<std::uint32_t>(bucket.tokens), static_cast<std::uint32_t>(std::ceil((quota_ - bucket.tokens) / per_second))};
}

bool RateLimiter::exhausted(std::string_view name, Instant now) const {
  if (quota_ == 0) return false;
  const Shard& s = shard(name);
  const std::lock_guard guard(s.mutex);
  const auto found = s.buckets.find(name);
  return found != s.buckets.end() && refilled(found->second, now) < 1;
}

} // namespace orkestr::inline v1::api
