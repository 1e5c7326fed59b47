// What should happen, worked out anew from the plain facts of the shop and from rows: no function of the engine is asked.
#pragma once

#include "campaign/simulation/rows.hpp"

namespace orkestr::campaign {

/// Something that takes units: an interval and how many.
struct Taken {
  Interval interval;
  int quantity = 1;
};

/// The most units that are taken at once within the range.
[[nodiscard]] int peak(const std::vector<Taken>& taken, Interval range);

/// What is taken of a key at `now`, but for the holder of `own`, straight from bookings and holds.
[[nodiscard]] std::vector<Taken> taken_of(const Rows& rows, const Shop& shop, std::string_view key, Instant now, storage::Holder own);

struct Room {
  bool fits = false;
  std::optional<Code> refusal;
  int remaining = 0; ///< where it is scarcest
};
[[nodiscard]] Room room(const OfferingSpec& spec, Interval wanted, int quantity, const std::vector<Taken>& taken, Audience audience,
                        Instant now);

struct Price {
  Amount subtotal = 0, discount = 0, tax = 0, total = 0;
};
/// What a coupon takes off, once it is granted.
struct Discount {
  CouponKind kind = CouponKind::percent;
  std::int64_t amount = 0;
};
[[nodiscard]] Price price(const OfferingSpec& spec, Amount base, Interval interval, int quantity, int remaining,
                          const std::optional<Discount>& discount);

/// Why a coupon is refused for this subtotal. `used` by this customer, `redeemed` by all.
[[nodiscard]] std::optional<Code> coupon_refusal(const CouponSpec& spec, Amount subtotal, std::int64_t used, std::int64_t redeemed,
                                                 Instant now);

/// Percent that a cancellation gives back.
[[nodiscard]] int refund_percent(const Booking& booking, Instant now);

/// a × b ÷ c, rounded half away from zero; nothing here is negative.
[[nodiscard]] Amount share(Amount a, std::int64_t b, std::int64_t c);

} // namespace orkestr::campaign
