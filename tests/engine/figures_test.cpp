// Figures by the day, against sums that are worked out by hand and by a slow count.
#include "orkestr/engine/figures.hpp"
#include "orkestr/ports/random.hpp"

#include "engine/fixtures.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace orkestr;

namespace {

BookingId booking(int n) {
  static SeededRandom random{5};
  static IdMinter ids{random};
  static std::vector<BookingId> all;
  while (static_cast<int>(all.size()) <= n) all.push_back(ids.make<BookingId>(Instant{1}));
  return all[static_cast<std::size_t>(n)];
}

BookedItem item(int n, BookingStatus status, std::string_view from, int minutes, Amount total,
                std::string_view booked = "2026-05-01T00:00:00Z") {
  BookedItem made;
  made.booking_id = booking(n);
  made.status = status;
  made.booked_at = *Instant::parse(booked);
  made.interval.start = *Instant::parse(from);
  made.interval.end = made.interval.start + std::chrono::minutes{minutes};
  made.subtotal_cents = made.booking_subtotal_cents = made.total_cents = total;
  made.currency = *Currency::parse("USD");
  return made;
}

} // namespace

TEST_CASE("a day is the zone's, revenue is what was kept, and each booking counts once") {
  using enum BookingStatus;
  const auto usd = *Currency::parse("USD");
  const auto zone = Zone::find("America/New_York").value();
  // 03:00Z on the 6th is still the 5th in New York.
  std::vector<BookedItem> items{item(0, confirmed, "2026-05-06T03:00:00Z", 60, 1000), item(1, completed, "2026-05-06T15:00:00Z", 30, 500),
                                item(2, pending, "2026-05-06T16:00:00Z", 60, 700), item(3, cancelled, "2026-05-06T17:00:00Z", 60, 900),
                                item(4, refunded, "2026-05-06T18:00:00Z", 60, 900)};
  items[1].refund_cents = 200;
  // Two items of one booking share it; another currency is counted, its money is not.
  items.push_back(item(5, confirmed, "2026-05-06T19:00:00Z", 60, 999));
  items.push_back(item(5, confirmed, "2026-05-07T19:00:00Z", 60, 999));
  for (auto& part : {&items[5], &items[6]}) {
    part->booking_subtotal_cents = 1000;
    part->subtotal_cents = 500;
  }
  items.push_back(item(6, confirmed, "2026-05-07T20:00:00Z", 60, 100));
  items.back().currency = *Currency::parse("EUR");
  items.back().quantity = 3;
  const std::vector<OfferedMinutes> offered{{*Instant::parse("2026-05-06T15:00:00Z"), 400}, {*Instant::parse("2026-05-07T15:00:00Z"), 600}};
  const auto all = figures(items, offered, zone, usd, LocalDate::of(2026, 5, 5), LocalDate::of(2026, 5, 8));
  REQUIRE(all.days.size() == 4);
  CHECK(json::to_json(all.days[0]) ==
        R"({"date":"2026-05-05","revenueCents":1000,"bookings":1,"cancelled":0,"bookedMinutes":60,"offeredMinutes":0})");
  CHECK(json::to_json(all.days[1]) ==
        R"({"date":"2026-05-06","revenueCents":799,"bookings":3,"cancelled":2,"bookedMinutes":150,"offeredMinutes":400})");
  CHECK(json::to_json(all.days[2]) ==
        R"({"date":"2026-05-07","revenueCents":499,"bookings":1,"cancelled":0,"bookedMinutes":240,"offeredMinutes":600})");
  CHECK(json::to_json(all.days[3]) ==
        R"({"date":"2026-05-08","revenueCents":0,"bookings":0,"cancelled":0,"bookedMinutes":0,"offeredMinutes":0})");
  CHECK(all.totals.revenue_cents == 1000 + 799 + 499);
  CHECK(all.totals.bookings == 5);
  CHECK(all.totals.cancelled == 2);
  CHECK(all.totals.other_currency_bookings == 1);
  CHECK(all.totals.occupancy_pct == 45);
  CHECK(figures({}, {}, zone, usd, LocalDate::of(2026, 5, 5), LocalDate::of(2026, 5, 5)).totals.occupancy_pct == std::nullopt);
}

TEST_CASE("lead times fall into their bands, at the edges too") {
  const auto zone = Zone::find("UTC").value();
  std::vector<BookedItem> items;
  int n = 10;
  for (const auto* booked :
       {"2026-05-31T12:00:00Z", "2026-05-31T11:00:01Z", "2026-05-31T11:00:00Z", "2026-05-31T06:00:00Z", "2026-05-30T12:00:00Z",
        "2026-05-28T12:00:00Z", "2026-05-24T12:00:00Z", "2026-05-01T12:00:00Z", "2026-06-01T12:00:00Z"})
    items.push_back(item(n++, BookingStatus::confirmed, "2026-05-31T12:00:00Z", 60, 1, booked));
  const auto all = figures(items, {}, zone, *Currency::parse("USD"), LocalDate::of(2026, 5, 31), LocalDate::of(2026, 5, 31));
  std::vector<int> counts;
  for (const auto& band : all.lead_times) counts.push_back(band.bookings);
  CHECK(counts == std::vector{3, 1, 1, 1, 1, 1, 1});
  CHECK(all.lead_times.back().to_hours == std::nullopt);
}

TEST_CASE("offered minutes equal a count of minutes, however slots overlap") {
  std::mt19937 random{7};
  for (int round = 0; round < 300; ++round) {
    std::vector<Slot> slots;
    std::vector<bool> covered(2000);
    for (std::int64_t at = 0; at < 1500;) {
      const auto length = static_cast<std::int64_t>(15 + random() % 90);
      slots.push_back({{Instant{at * 60'000}, Instant{(at + length) * 60'000}}, 2, 2});
      for (auto m = at; m < at + length; ++m) covered[static_cast<std::size_t>(m)] = true;
      at += static_cast<std::int64_t>(5 + random() % 120);
    }
    std::int64_t sum = 0;
    for (const auto& each : offered_minutes(slots)) sum += each.minutes;
    CHECK(sum == 2 * std::count(covered.begin(), covered.end(), true));
  }
}
