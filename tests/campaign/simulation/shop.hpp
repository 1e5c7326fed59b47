// The business that is simulated: what it sells, to whom, and the plain facts that the oracle knows about it.
#pragma once

#include "orkestr/engine/coupon.hpp"
#include "orkestr/engine/offering.hpp"
#include "orkestr/platform/platform.hpp"

#include <array>

namespace orkestr::campaign {

/// An offering: open every day from `open` to `close` on its wall clock, in slots that follow each other.
struct OfferingSpec {
  std::string_view title;
  int capacity, slot_minutes, open, close;
  bool new_york; ///< else UTC
  int buffer_before, buffer_after, notice_minutes, advance_days;
  int min_minutes, max_minutes; ///< 0: no bound
  bool auto_approve, reschedule_allowed, daily;
  Amount price;
  int tax_bps;
  bool tax_inclusive;
  PolicyKind policy;
  int grace_minutes;
  std::string_view resource;
  int rule_percent, rule_occupancy; ///< a pricing rule: so many percent from this occupancy on; 0: none
};

// clang-format off
inline constexpr std::array offerings{
    //           title   cap slot open  close  NY  buffers notice adv min  max  auto   move   daily  price  tax  incl
    OfferingSpec{"Chair", 1,  60, 540, 1020, true,   0,  0,   0, 60,  0,   0, false, false, false,  6000,    0, false,
                 PolicyKind::flexible, 0, "", 0, 0},
    OfferingSpec{"Room",  2,  60, 480, 1200, false, 30, 15, 120, 14, 60, 240, false, true,  false, 10050, 1900, true,
                 PolicyKind::moderate, 0, "floor", 0, 0},
    OfferingSpec{"Desk",  2,  30, 480, 1200, false,  0,  0,   0, 60,  0,   0, true,  true,  false,  1999,    0, false,
                 PolicyKind::flexible, 30, "floor", 0, 0},
    OfferingSpec{"Hall",  5,  60, 540, 1020, true,   0,  0,  30, 30,  0, 300, true,  true,  false,  4999,  825, false,
                 PolicyKind::strict, 60, "", 25, 40},
    OfferingSpec{"Flat",  1, 1440,  0, 1440, true,   0,  0,   0, 90,  0,   0, true,  true,  true,  12000,  700, false,
                 PolicyKind::strict, 0, "", 0, 0},
};
// clang-format on

/// What the oracle knows about a coupon; -1: no bound.
struct CouponSpec {
  std::string_view code;
  CouponKind kind;
  std::int64_t amount;
  int cap, per_customer;
  int valid_days; ///< from the beginning of the simulation
  Amount min_subtotal;
};
inline constexpr std::array coupons{
    CouponSpec{"TEN", CouponKind::percent, 10, 3, -1, -1, 0},
    CouponSpec{"ONCE", CouponKind::fixed, 2500, -1, 1, -1, 0},
    CouponSpec{"EARLY", CouponKind::percent, 33, 20, 2, 2, 5000},
    CouponSpec{"FREE", CouponKind::percent, 100, 2, -1, -1, 0},
};
inline constexpr std::string_view unknown_code = "GUESS";

inline constexpr std::array<std::string_view, 5> emails{"ada@example.com", "bob@example.com", "Eve@Example.com", "kim@mailinator.com",
                                                        "lou@example.com"};
inline constexpr std::array<std::string_view, 3> peers{"10.0.0.1", "10.0.0.2", "10.0.0.3"};

/// Three days before New York's clocks go forward.
inline constexpr Instant start_of_time = Instant{1772715600000}; // 2026-03-05T13:00:00Z

/// The rows that were set up; the same in every store, since the same seed made them.
struct Shop {
  TenantId tenant, other;
  std::array<OfferingId, offerings.size()> offering_ids;
  std::array<CouponId, coupons.size()> coupon_ids;
  std::string key; ///< with every scope

  [[nodiscard]] int index_of(OfferingId id) const {
    for (std::size_t i = 0; i < offering_ids.size(); ++i)
      if (offering_ids[i] == id) return static_cast<int>(i);
    return -1;
  }
  /// What units are taken of.
  [[nodiscard]] std::string key_of(OfferingId id) const {
    const int i = index_of(id);
    if (i < 0 || offerings[static_cast<std::size_t>(i)].resource.empty()) return id.str();
    return "resource:" + std::string{offerings[static_cast<std::size_t>(i)].resource};
  }
};

/// Sets the business up, and beside it another one with rows of the same names, which nothing may ever touch.
[[nodiscard]] Shop set_up(Platform& platform);

} // namespace orkestr::campaign
