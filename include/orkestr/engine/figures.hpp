// Figures of a business by the day: what it took, how much of what was offered was booked, and how early people book.
#pragma once

#include "orkestr/base/zone.hpp"
#include "orkestr/engine/availability.hpp"
#include "orkestr/engine/booking.hpp"

#include <span>

namespace orkestr::inline v1 {

/// An item with what its booking came to.
struct BookedItem {
  BookingId booking_id;
  BookingStatus status = BookingStatus::pending;
  Instant booked_at;
  OfferingId offering_id;
  Interval interval;
  int quantity = 1;
  Amount subtotal_cents = 0;                                            ///< of the item
  Amount booking_subtotal_cents = 0, total_cents = 0, refund_cents = 0; ///< of the booking
  Currency currency;
};

/// Units that were on offer from some instant on, times the minutes.
struct OfferedMinutes {
  Instant start;
  std::int64_t minutes = 0;
};

struct DayFigures {
  LocalDate date;
  Amount revenue_cents = 0;
  int bookings = 0, cancelled = 0;
  std::int64_t booked_minutes = 0, offered_minutes = 0;
};

struct LeadTime {
  int from_hours = 0;
  std::optional<int> to_hours; ///< not in it; none: open
  int bookings = 0;
};

struct FigureTotals {
  Amount revenue_cents = 0;
  int bookings = 0, cancelled = 0;
  int other_currency_bookings = 0; ///< whose money is not in the revenue
  std::optional<int> occupancy_pct, average_lead_hours;
};

struct Figures {
  std::string time_zone;
  Currency currency;
  std::vector<DayFigures> days; ///< each day of the range
  std::vector<LeadTime> lead_times;
  FigureTotals totals;
};

/// What slots offer: where they overlap, since they start closer together than they are long, a time counts once.
/// @param slots  of one offering, by start. @thread_safety pure
[[nodiscard]] std::vector<OfferedMinutes> offered_minutes(std::span<const Slot> slots);

/// Counts by the local day on which an item starts. Revenue is of CONFIRMED and COMPLETED bookings in `currency`, less what went back; of a
/// booking of several items, each has its share, rounded down. PENDING ones count as booked.
/// @param first, last  both in it. @param items  those that start in the range
/// @thread_safety pure
[[nodiscard]] Figures figures(std::span<const BookedItem> items, std::span<const OfferedMinutes> offered, Zone zone, Currency currency,
                              LocalDate first, LocalDate last);

namespace json {
template <> struct Schema<DayFigures> {
  using T = DayFigures;
  static constexpr auto fields =
      std::make_tuple(field("date", &T::date, out), field("revenueCents", &T::revenue_cents, out), field("bookings", &T::bookings, out),
                      field("cancelled", &T::cancelled, out), field("bookedMinutes", &T::booked_minutes, out),
                      field("offeredMinutes", &T::offered_minutes, out));
};
template <> struct Schema<LeadTime> {
  using T = LeadTime;
  static constexpr auto fields =
      std::make_tuple(field("fromHours", &T::from_hours, out), field("toHours", &T::to_hours, out), field("bookings", &T::bookings, out));
};
template <> struct Schema<FigureTotals> {
  using T = FigureTotals;
  static constexpr auto fields =
      std::make_tuple(field("revenueCents", &T::revenue_cents, out), field("bookings", &T::bookings, out),
                      field("cancelled", &T::cancelled, out), field("otherCurrencyBookings", &T::other_currency_bookings, out),
                      field("occupancyPct", &T::occupancy_pct, out), field("averageLeadHours", &T::average_lead_hours, out));
};
template <> struct Schema<Figures> {
  using T = Figures;
  static constexpr auto fields =
      std::make_tuple(field("timeZone", &T::time_zone, out), field("currency", &T::currency, out), field("days", &T::days, out),
                      field("leadTimes", &T::lead_times, out), field("totals", &T::totals, out));
};
} // namespace json
} // namespace orkestr::inline v1
