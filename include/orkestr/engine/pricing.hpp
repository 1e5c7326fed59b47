// Prices: one pure function from an offering, an interval and its pricing rules to lines that explain themselves.
#pragma once

#include "orkestr/base/money.hpp"
#include "orkestr/engine/coupon.hpp"
#include "orkestr/engine/offering.hpp"
#include "orkestr/engine/pricing_rule.hpp"

namespace orkestr::inline v1 {

/// One step on the way to a line's unit price; the steps of a line sum to it exactly.
struct PriceStep {
  std::string label;
  std::optional<PricingRuleId> rule_id; ///< absent: the base price, or the offering's own bounds
  Amount amount_cents = 0;
};

/// A stretch of the booking over which the same rules apply.
struct PriceLine {
  std::string label;
  Amount unit_cents = 0; ///< for one unit over the whole stretch
  int quantity = 1;
  Amount subtotal_cents = 0, discount_cents = 0, tax_cents = 0, total_cents = 0;
  std::vector<PriceStep> steps;
  std::optional<BookingItemId> item_id; ///< on a booking: the item it belongs to
};

struct Quote {
  std::vector<PriceLine> lines; ///< in order of time, at least one
  Amount subtotal_cents = 0, discount_cents = 0, tax_cents = 0, total_cents = 0;
  Currency currency;

  [[nodiscard]] Amount unit_cents() const; ///< of all lines together
};

/// What a price depends on besides the offering, the interval and the quantity. Borrows the rules.
struct PriceFactors {
  std::span<const PricingRule> rules; ///< any order; inactive ones are skipped
  Instant now;
  std::int64_t taken = 0, capacity = 0; ///< units over the interval, before this booking
};

/// The price of `quantity` units of an offering over an interval (contract §5): HOURLY by elapsed time, DAILY by local
/// calendar day touched, ONE_TIME and SUBSCRIPTION once.
///
/// Rules change the rate: by the hour, by the day, or the price itself. HOURLY is split at every local boundary at which
/// a rule starts or stops, DAILY prices each day at the time of day the booking starts, the others look at the start.
/// Where several hold they apply by rising priority, ties by id; a rate never falls below 0, and ends within the
/// offering's `minPriceCents` and `maxPriceCents`. A line is rounded once, half away from zero. Discount and tax are
/// allocated to lines by largest remainder, so that lines sum exactly.
///
/// @param discount_cents at most the subtotal; see discount() in coupon.hpp
/// @errors `amount_overflow`, `invalid_parameter` for an unknown zone where one is needed
/// @cost   O(rules × local days) boundaries, each tested against the rules
/// @thread_safety pure
[[nodiscard]] Result<Quote> quote(const Offering& offering, Interval interval, int quantity, const PriceFactors& factors = {},
                                  Amount discount_cents = 0);

/// The same, asking the coupon what it takes off this subtotal first. @errors also those of discount()
[[nodiscard]] Result<Quote> quote(const Offering& offering, Interval interval, int quantity, const PriceFactors& factors,
                                  const Coupon& coupon, std::int64_t customer_redemptions);

/// Local calendar days an interval touches; the last is not counted when it ends at or before the start's time of day.
[[nodiscard]] std::int64_t days_touched(Zone zone, Interval interval);

namespace json {
template <> struct Schema<PriceStep> {
  using T = PriceStep;
  static constexpr auto fields = std::make_tuple(field("label", &T::label, out | create), field("ruleId", &T::rule_id, out | create),
                                                 field("amountCents", &T::amount_cents, out | create));
};
template <> struct Schema<PriceLine> {
  using T = PriceLine;
  static constexpr auto fields =
      std::make_tuple(field("label", &T::label, out | create), field("unitPriceCents", &T::unit_cents, out | create),
                      field("quantity", &T::quantity, out | create), field("subtotalCents", &T::subtotal_cents, out | create),
                      field("discountCents", &T::discount_cents, out | create), field("taxCents", &T::tax_cents, out | create),
                      field("totalCents", &T::total_cents, out | create), field("steps", &T::steps, out | create),
                      field("itemId", &T::item_id, out | create));
};
template <> struct Schema<Quote> {
  static constexpr auto fields =
      std::make_tuple(field("lines", &Quote::lines, out), field("subtotalCents", &Quote::subtotal_cents, out),
                      field("discountCents", &Quote::discount_cents, out), field("taxCents", &Quote::tax_cents, out),
                      field("totalCents", &Quote::total_cents, out), field("currency", &Quote::currency, out));
};
} // namespace json
} // namespace orkestr::inline v1
