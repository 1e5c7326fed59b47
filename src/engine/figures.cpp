#include "orkestr/engine/figures.hpp"

#include <algorithm>
#include <set>

namespace orkestr::inline v1 {
namespace {

/// Where one band of lead times ends and the next begins, in hours.
constexpr int bands[] = {0, 1, 6, 24, 72, 168, 720};

std::int64_t minutes_of(Instant from, Instant to) { return (to.ms - from.ms) / 60'000; }

/// The item's share of what the business keeps of its booking.
Amount share_of(const BookedItem& item) {
  const Amount kept = std::max<Amount>(0, item.total_cents - item.refund_cents);
  if (item.booking_subtotal_cents == item.subtotal_cents || item.booking_subtotal_cents <= 0) return kept;
  return static_cast<Amount>(static_cast<__int128>(kept) * item.subtotal_cents / item.booking_subtotal_cents);
}

} // namespace

std::vector<OfferedMinutes> offered_minutes(std::span<const Slot> slots) {
  std::vector<OfferedMinutes> all;
  Instant covered = slots.empty() ? Instant{} : slots.front().interval.start;
  for (const auto& slot : slots) {
    const Instant from = std::max(slot.interval.start, covered);
    if (from < slot.interval.end) all.push_back({from, minutes_of(from, slot.interval.end) * slot.capacity});
    covered = std::max(covered, slot.interval.end);
  }
  return all;
}

Figures figures(std::span<const BookedItem> items, std::span<const OfferedMinutes> offered, Zone zone, Currency currency, LocalDate first,
                LocalDate last) {
  Figures result;
  result.time_zone = zone.name();
  result.currency = currency;
  for (LocalDate date = first; date <= last; date = date + 1) result.days.push_back({.date = date});
  for (std::size_t i = 0; i < std::size(bands); ++i)
    result.lead_times.push_back({bands[i], i + 1 < std::size(bands) ? std::optional{bands[i + 1]} : std::nullopt, 0});
  ZoneClock clock(zone);
  const auto day_of = [&](Instant at) -> DayFigures* {
    const auto date = clock.to_local(at).date();
    return date < first || last < date ? nullptr : &result.days[static_cast<std::size_t>(date.days - first.days)];
  };
  for (const auto& each : offered)
    if (auto* day = day_of(each.start)) day->offered_minutes += each.minutes;

  auto& totals = result.totals;
  std::set<BookingId> seen, other_currency;
  std::int64_t lead_minutes = 0, booked = 0;
  for (const auto& item : items) {
    auto* day = day_of(item.interval.start);
    if (day == nullptr) continue;
    const bool new_one = seen.insert(item.booking_id).second; // a booking counts once, on the day of its first item
    if (item.status == BookingStatus::cancelled || item.status == BookingStatus::refunded) {
      day->cancelled += new_one ? 1 : 0;
      totals.cancelled += new_one ? 1 : 0;
      continue;
    }
    day->booked_minutes += minutes_of(item.interval.start, item.interval.end) * item.quantity;
    if (item.status != BookingStatus::pending) {
      if (item.currency == currency) {
        day->revenue_cents += share_of(item);
        totals.revenue_cents += share_of(item);
      } else {
        other_currency.insert(item.booking_id);
      }
    }
    if (!new_one) continue;
    ++day->bookings;
    ++totals.bookings;
    const auto lead = std::max<std::int64_t>(0, minutes_of(item.booked_at, item.interval.start));
    lead_minutes += lead;
    const auto band =
        std::ranges::find_if(result.lead_times, [&](const LeadTime& one) { return !one.to_hours || lead < *one.to_hours * 60; });
    ++band->bookings;
  }
  totals.other_currency_bookings = static_cast<int>(other_currency.size());
  std::int64_t on_offer = 0;
  for (const auto& day : result.days) {
    on_offer += day.offered_minutes;
    booked += day.booked_minutes;
  }
  if (on_offer > 0) totals.occupancy_pct = static_cast<int>((booked * 100 + on_offer / 2) / on_offer);
  if (totals.bookings > 0) totals.average_lead_hours = static_cast<int>((lead_minutes / totals.bookings + 30) / 60);
  return result;
}

} // namespace orkestr::inline v1
