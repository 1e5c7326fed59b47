// Booking through the library, with no HTTP: what is taken, counted, kept and completed.
#include "orkestr/adapters/sqlite_store.hpp"
#include "support/api_world.hpp"
#include "support/room.hpp"

#include <filesystem>
#include <thread>

#include <unistd.h>

using namespace orkestr;
using namespace orkestr::test;
using namespace orkestr::support;

TEST_CASE("a full slot is refused, touching ones are not, and a booking is what was quoted") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft", 1);
  const auto booking = w.make_booking(offering, "2026-05-04T14:00:00Z", 2);
  CHECK(booking.total_cents == 12000);
  CHECK(booking.status == BookingStatus::pending);
  CHECK(w.try_book(w.tenant, offering, "2026-05-04T15:00:00Z").error().code == Code::slot_unavailable);
  CHECK(w.try_book(w.tenant, offering, "2026-05-04T16:00:00Z").has_value());
  CHECK(w.try_book(w.tenant, offering, "2026-05-04T13:00:00Z").has_value());
  CHECK(w.try_book(w.other_tenant, offering, "2026-05-06T13:00:00Z").error().code == Code::not_found);
}

TEST_CASE("book, cancel, book the same slot again by the same customer") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft", 1);
  for (int round = 0; round < 3; ++round) {
    const auto booking = w.make_booking(offering, "2026-05-04T14:00:00Z");
    CHECK(w.platform.cancel(w.tenant, booking.id)->status == BookingStatus::cancelled);
    CHECK(w.platform.cancel(w.tenant, booking.id).error().code == Code::invalid_transition);
  }
}

TEST_CASE("a coupon is counted when it is used and given back when a PENDING booking dies") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft", 5);
  Coupon draft;
  draft.code = "Ten";
  draft.amount = 10;
  draft.max_redemptions = 2;
  const auto coupon = w.platform.write(w.tenant, [&](WriteContext& cx) {
    json::Reader reader;
    return create_coupon(cx, draft, reader);
  });
  const auto count = [&] {
    return *w.store.read([&](const storage::ReadTransaction& tx) -> Result<std::int64_t> {
      return tx.coupons().find(w.tenant, coupon->id)->redeemed_count;
    });
  };
  const auto first = w.try_book(w.tenant, offering, "2026-05-04T14:00:00Z", 1, " ten ").value();
  CHECK(first.discount_cents == 600);
  CHECK(first.total_cents == 5400);
  CHECK(first.coupon_code == "Ten");
  const auto second = w.try_book(w.tenant, offering, "2026-05-04T14:00:00Z", 1, "TEN").value();
  CHECK(count() == 2);
  CHECK(w.try_book(w.tenant, offering, "2026-05-04T14:00:00Z", 1, "TEN").error().code == Code::coupon_exhausted);
  CHECK(w.try_book(w.tenant, offering, "2026-05-04T14:00:00Z", 1, "NONE").error().code == Code::coupon_unknown);
  (void)w.platform.decline(w.tenant, first.id);
  CHECK(count() == 1);
  (void)w.platform.approve(w.tenant, second.id);
  (void)w.platform.cancel(w.tenant, second.id);
  CHECK(count() == 1); // it was confirmed: the redemption has happened
  // A new duration keeps the coupon as it was when it was redeemed.
  const auto third = w.try_book(w.tenant, offering, "2026-05-05T14:00:00Z", 1, "TEN").value();
  const auto moved = w.platform.reschedule(w.tenant, third.id,
                                           {{}, {third.first_start(), third.first_start() + std::chrono::hours{2}}, Audience::provider});
  CHECK(moved->booking.total_cents == 10800);
  CHECK(moved->price_difference_cents == 5400);
}

TEST_CASE("customers are bound by notice, window and the offering's state; the provider is not") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft");
  w.patch("/v1/api/offerings/" + offering.str(),
          R"({"minNoticeMinutes":120,"maxAdvanceDays":3,"rescheduleAllowed":false,"minDurationMinutes":60,"maxDurationMinutes":120})");
  CHECK(w.try_book(w.tenant, offering, "2026-05-01T13:00:00Z").error().code == Code::slot_unavailable); // in an hour
  CHECK(w.try_book(w.tenant, offering, "2026-05-05T14:00:00Z").error().code == Code::slot_unavailable); // in four days
  CHECK(w.try_book(w.tenant, offering, "2026-05-04T13:00:00Z", 3).error().code == Code::duration_not_allowed);
  const auto booking = w.try_book(w.tenant, offering, "2026-05-04T20:00:00Z").value(); // the window ends with the local day
  const Interval later{*Instant::parse("2026-05-04T19:00:00Z"), *Instant::parse("2026-05-04T20:00:00Z")};
  CHECK(w.platform.reschedule(w.tenant, booking.id, {{}, later, Audience::customer}).error().code == Code::reschedule_not_allowed);
  CHECK(w.platform.reschedule(w.tenant, booking.id, {{}, later, Audience::provider}).has_value());
  w.patch("/v1/api/offerings/" + offering.str(), R"({"status":"DRAFT"})");
  CHECK(w.try_book(w.tenant, offering, "2026-05-04T14:00:00Z").error().code == Code::not_found);
}

TEST_CASE("due work completes what has ended, and nothing else") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft", 5);
  const auto ended = w.make_booking(offering, "2026-05-04T14:00:00Z"), pending = w.make_booking(offering, "2026-05-04T14:00:00Z"),
             running = w.make_booking(offering, "2026-05-04T15:00:00Z");
  (void)w.platform.approve(w.tenant, ended.id);
  (void)w.platform.approve(w.tenant, running.id);
  const auto status = [&](BookingId id) { return w.get("/v1/api/bookings/" + id.str()).text("status"); };
  w.clock.set(*Instant::parse("2026-05-04T15:00:00Z"));
  CHECK(w.platform.run_due(w.clock.now())->completed_bookings == 1);
  CHECK(w.platform.run_due(w.clock.now())->completed_bookings == 0);
  CHECK(status(ended.id) == "COMPLETED");
  CHECK(status(pending.id) == "PENDING");
  CHECK(status(running.id) == "CONFIRMED");
  CHECK(w.post("/v1/api/bookings/" + ended.id.str() + "/cancel").status() == 409);
}

TEST_CASE("every event is in the outbox with the body that subscribers will read") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft");
  const auto booking = w.make_booking(offering, "2026-05-04T14:00:00Z");
  (void)w.platform.reschedule(w.tenant, booking.id,
                              {{}, {*Instant::parse("2026-05-04T15:00:00Z"), *Instant::parse("2026-05-04T16:00:00Z")}, Audience::provider});
  (void)w.platform.cancel(w.tenant, booking.id, "Rain");
  const auto events =
      w.store.read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Event>> { return tx.events().list(w.tenant, "", 100); })
          .value();
  REQUIRE(events.size() == 4);
  const auto moved = json::parse(events[2].body).value(), cancelled = json::parse(events[3].body).value();
  CHECK(moved.at("event") == "booking.rescheduled");
  CHECK(moved.at("type") == moved.at("event"));
  CHECK(moved.at("tenantId").as_string() == w.tenant.view());
  CHECK(moved.at("data").at("previousStartsAt") == "2026-05-04T14:00:00Z");
  CHECK(moved.at("data").at("startsAt") == "2026-05-04T15:00:00Z");
  CHECK(cancelled.at("data").at("refundPercent") == 100);
  CHECK(cancelled.at("data").at("totalCents") == 6000);
  for (const auto& event : events) CHECK(json::parse(event.body)->at("id").as_string() == event.id.view());
}

TEST_CASE("no slot passes its capacity when 16 threads book, move and cancel, on both stores") {
  const auto folder = std::filesystem::temp_directory_path() / ("orkestr-book-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  storage::SqliteOptions options;
  options.file = folder / "race.db";
  options.full_sync = false;
  auto sqlite = storage::SqliteStore::open(options).value();
  ApiWorld memory;
  for (storage::Store* store : {static_cast<storage::Store*>(&memory.store), static_cast<storage::Store*>(sqlite.get())}) {
    Platform platform(*store, memory.clock, memory.random);
    Tenant draft;
    draft.name = "Race";
    draft.subdomain = "race";
    const auto tenant = platform.create_tenant(draft).value().id;
    const auto raced = platform
                           .write(tenant,
                                  [](WriteContext& cx) {
                                    auto daily = all_day(2);
                                    daily.step_minutes = 30; // partly overlapping
                                    return open_daily(cx, room(), daily);
                                  })
                           .value()
                           .id;
    const Instant base = *Instant::parse("2026-05-04T00:00:00Z");
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t)
      threads.emplace_back([&, t] {
        SeededRandom random(static_cast<std::uint64_t>(t) + 1);
        std::vector<BookingId> mine;
        for (int i = 0; i < 30; ++i) {
          const Instant start = base + std::chrono::minutes{30} * static_cast<int>(random.next() % 6);
          if (!mine.empty() && random.next() % 3 == 0) {
            (void)platform.cancel(tenant, mine.back());
            mine.pop_back();
          } else if (!mine.empty() && random.next() % 3 == 0) {
            (void)platform.reschedule(tenant, mine.back(), {{}, {start, start + std::chrono::hours{1}}, Audience::provider});
          } else {
            BookRequest request;
            request.offering_id = raced;
            request.interval = {start, start + std::chrono::hours{1}};
            request.customer_name = "T";
            request.customer_email = "t" + std::to_string(t) + "@example.com";
            if (auto booking = platform.book(tenant, request)) mine.push_back(booking->id);
          }
        }
      });
    for (auto& thread : threads) thread.join();
    // The oracle counts items, minute by minute, and knows nothing of claims.
    const auto worst_within = [&](Instant from, Instant to) {
      const auto bookings = store
                                ->read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Booking>> {
                                  return tx.bookings().list(tenant, {}, {10'000, {}});
                                })
                                .value();
      int worst = 0;
      for (Instant at = from; at < to; at = at + std::chrono::minutes{1}) {
        int taken = 0;
        for (const auto& booking : bookings)
          for (const auto& item : booking.items)
            taken += occupies(booking.status) && item.starts_at <= at && at < item.ends_at ? item.quantity : 0;
        worst = std::max(worst, taken);
      }
      return worst;
    };
    CHECK(worst_within(base, base + std::chrono::hours{5}) <= 2);
    // And no false "full": what the race left free, no more and no less, can be booked.
    for (int i = 0; i < 6; ++i) {
      BookRequest request;
      request.offering_id = raced;
      request.interval = {base + std::chrono::minutes{30} * i, base + std::chrono::minutes{30} * i + std::chrono::hours{1}};
      request.customer_name = "T";
      request.customer_email = "after@example.com";
      for (int left = 2 - worst_within(request.interval.start, request.interval.end); left > 0; --left)
        CHECK(platform.book(tenant, request).has_value());
      const auto refused = platform.book(tenant, request);
      REQUIRE_FALSE(refused.has_value());
      CHECK(refused.error().code == Code::slot_unavailable);
    }
  }
  sqlite.reset();
  std::filesystem::remove_all(folder);
}

TEST_CASE("a host puts several use cases and its own writes into one transaction") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft");
  const auto failed = w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<void> {
    BookRequest request;
    request.offering_id = offering;
    request.interval = {*Instant::parse("2026-05-04T14:00:00Z"), *Instant::parse("2026-05-04T15:00:00Z")};
    request.customer_name = "A";
    request.customer_email = "a@example.com";
    ORKESTR_TRY(const auto booking, book(cx, request));
    ORKESTR_CHECK(approve(cx, booking.id));
    return fail(Code::busy, "the host changed its mind");
  });
  CHECK(failed.error().code == Code::busy);
  CHECK(w.get("/v1/api/bookings").data().empty());
}
