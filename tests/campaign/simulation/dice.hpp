// What makes a run repeatable: dice from a seed, and a hash of all that was seen.
#pragma once

#include <cstdint>
#include <string_view>

namespace orkestr::campaign {

/// SplitMix64. The same seed gives the same throws on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 to n - 1.
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  template <class Range> const auto& pick(const Range& range) {
    return range[static_cast<std::size_t>(below(static_cast<int>(range.size())))];
  }

 private:
  std::uint64_t state_;
};

/// FNV-1a, 64 bits.
class TraceHash {
 public:
  void add(std::string_view text) {
    for (const char c : text) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    value_ = (value_ ^ 0xff) * 0x100000001b3; // so that "ab","c" is not "a","bc"
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

} // namespace orkestr::campaign
