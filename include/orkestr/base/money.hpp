// Money as checked integers in a currency's minor unit. Overflow is an error value, never a wrap;
// rounding is half away from zero, once per price line.
#pragma once

#include "orkestr/base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace orkestr::inline v1 {

/// An active ISO 4217 currency.
class Currency {
 public:
  constexpr Currency() noexcept = default; ///< USD

  [[nodiscard]] static std::optional<Currency> parse(std::string_view code) noexcept;
  [[nodiscard]] constexpr std::string_view code() const noexcept { return {code_.data(), 3}; }
  /// Digits of the minor unit: 2 for USD, 0 for JPY, 3 for KWD.
  [[nodiscard]] int decimals() const noexcept;

  friend constexpr bool operator==(const Currency&, const Currency&) noexcept = default;

 private:
  std::array<char, 3> code_{'U', 'S', 'D'};
};

/// Every active code, sorted.
[[nodiscard]] std::span<const std::string_view> currency_codes() noexcept;

using Amount = std::int64_t; ///< minor units

inline constexpr int bps_per_whole = 10'000;

/// @errors `amount_overflow`
[[nodiscard]] Result<Amount> add(Amount a, Amount b);
/// @errors `amount_overflow`
[[nodiscard]] Result<Amount> multiply(Amount a, std::int64_t b);
/// a × b ÷ c, exact until one rounding half away from zero. @pre c > 0. @errors `amount_overflow`
[[nodiscard]] Result<Amount> multiply_divide(Amount a, std::int64_t b, std::int64_t c);

/// Splits `total` over `weights` (each ≥ 0) by largest remainder: parts sum to `total` exactly, each is within
/// one unit of its exact share, ties go to the earlier line. All weights zero: everything on the first line.
[[nodiscard]] std::vector<Amount> allocate(Amount total, std::span<const Amount> weights);

} // namespace orkestr::inline v1
