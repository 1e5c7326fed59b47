// Prices: one pure function from an offering and an interval to lines that explain themselves.
#pragma once

#include "orkestr/base/money.hpp"
#include "orkestr/engine/coupon.hpp"
#include "orkestr/engine/offering.hpp"

namespace orkestr::inline v1 {

struct PriceLine {
  std::string label;
  Amount unit_cents = 0; ///< for one unit over the whole interval
  int quantity = 1;
  Amount subtotal_cents = 0, discount_cents = 0, tax_cents = 0, total_cents = 0;
};

struct Quote {
  std::vector<PriceLine> lines;
  Amount subtotal_cents = 0, discount_cents = 0, tax_cents = 0, total_cents = 0;
  Currency currency;
};

/// The price of `quantity` units of an offering over an interval (contract §5): HOURLY by the minute, DAILY by local
/// calendar day touched, ONE_TIME and SUBSCRIPTION once. Discount and tax are allocated to lines by largest
/// remainder, so that lines sum exactly.
/// @param discount_cents at most the subtotal; see discount() in coupon.hpp
/// @errors `amount_overflow`, `invalid_parameter` for an unknown zone
/// @thread_safety pure
[[nodiscard]] Result<Quote> quote(const Offering& offering, Interval interval, int quantity, Amount discount_cents = 0);

/// The same, asking the coupon what it takes off this subtotal first. @errors also those of discount()
[[nodiscard]] Result<Quote> quote(const Offering& offering, Interval interval, int quantity, const Coupon& coupon,
                                  std::int64_t customer_redemptions, Instant now);

/// Local calendar days an interval touches; the last is not counted when it ends at or before the start's time of day.
[[nodiscard]] std::int64_t days_touched(Zone zone, Interval interval);

namespace json {
template <> struct Schema<PriceLine> {
  static constexpr auto fields = std::make_tuple(
      field("label", &PriceLine::label, out | create), field("unitPriceCents", &PriceLine::unit_cents, out | create),
      field("quantity", &PriceLine::quantity, out | create), field("subtotalCents", &PriceLine::subtotal_cents, out | create),
      field("discountCents", &PriceLine::discount_cents, out | create), field("taxCents", &PriceLine::tax_cents, out | create),
      field("totalCents", &PriceLine::total_cents, out | create));
};
} // namespace json
} // namespace orkestr::inline v1
