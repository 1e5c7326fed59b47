// Short names for what the engine's tests write again and again.
#pragma once

#include "support/results.hpp"

#include "orkestr/engine/availability.hpp"

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace fixtures {

using namespace orkestr;

inline Instant at(std::string_view text) { return Instant::parse(text).value(); }
inline LocalDate date(std::string_view text) { return LocalDate::parse(text).value(); }
inline LocalTime time(std::string_view text) { return LocalTime::parse(text).value(); }
inline LocalDateTime wall(std::string_view text) { return LocalDateTime::parse(text).value(); }
inline Interval span(std::string_view from, std::string_view to) { return {at(from), at(to)}; }
inline Zone zone(std::string_view name) { return Zone::find(name).value(); }

/// The name of the error's code, or "ok".
template <class T> std::string outcome(const Result<T>& result) { return result ? "ok" : std::string{info(result.error().code).name}; }

/// A seeded source of choices that draws the same everywhere, unlike the distributions of <random>.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  /// Evenly in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto first = static_cast<std::uint64_t>(low), count = static_cast<std::uint64_t>(high) - first + 1;
    return static_cast<std::int64_t>(first + engine_() % count);
  }
  int roll(int low, int high) { return static_cast<int>(between(low, high)); }
  bool chance(int percent) { return roll(1, 100) <= percent; }
  template <class Range> const auto& pick(const Range& range) {
    return range[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(std::size(range)) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

/// A number from the environment, so that one run can be repeated or made longer without a rebuild.
inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}
inline std::uint64_t seed() { return setting("ORKESTR_TEST_SEED", 20260512); }
inline std::uint64_t rounds(std::uint64_t otherwise) { return setting("ORKESTR_TEST_ROUNDS", otherwise); }

} // namespace fixtures
