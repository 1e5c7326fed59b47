#include "adapters/stripe/amounts.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace orkestr::inline v1::stripe {
namespace {

constexpr std::array<std::string_view, 15> zero_decimal{"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA",
                                                        "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 5> three_decimal{"BHD", "JOD", "KWD", "OMR", "TND"};
constexpr std::array<std::string_view, 2> whole_in_hundredths{"ISK", "UGX"}; // whole since, and still counted in hundredths

/// The smallest step that can be charged, and how many of Stripe's units one of ours is. A fraction for MGA, of which ISO
/// counts hundredths and Stripe does not.
struct Unit {
  std::int64_t ours = 1, theirs = 1, step = 1;
};

std::optional<Unit> unit_of(Currency currency) {
  const auto code = currency.code();
  const int decimals = currency.decimals();
  if (std::ranges::count(zero_decimal, code) > 0) return decimals == 2 ? Unit{100, 1, 1} : Unit{};
  if (std::ranges::count(three_decimal, code) > 0) return Unit{1, 1, 10};
  if (std::ranges::count(whole_in_hundredths, code) > 0) return Unit{1, 100, 1};
  if (decimals != 2) return std::nullopt; // IQD, LYD, CLF, UYI…: nothing says how they would be counted
  return Unit{};
}

Error refusal(std::string_view pointer, std::string_view fault, std::string detail) {
  Error error = fail(Code::invalid_fields, detail);
  error.faults.push_back({std::string{pointer}, fault, std::move(detail)});
  return error;
}

} // namespace

Result<std::int64_t> to_stripe(Amount amount, Currency currency) {
  const auto unit = unit_of(currency);
  if (!unit) return refusal("/currency", "unknown_value", "Stripe does not take payments in " + std::string{currency.code()} + ".");
  if (amount % unit->step != 0 || amount % unit->ours != 0)
    return refusal("/amount", "invalid_format",
                   "Stripe takes amounts in " + std::string{currency.code()} + " in steps of " +
                       std::to_string(std::max(unit->step, unit->ours)) + " minor units. Round the price.");
  return multiply(amount / unit->ours, unit->theirs);
}

Result<Amount> from_stripe(std::int64_t amount, Currency currency) {
  const auto unit = unit_of(currency).value_or(Unit{});
  if (amount % unit.theirs != 0) return fail(Code::internal, "Stripe reports a fraction of the smallest unit.");
  return multiply(amount / unit.theirs, unit.ours);
}

} // namespace orkestr::inline v1::stripe
