// Bookings that a move makes cheaper than what has been paid for them: nothing is owed any more.
#include "support/api_world.hpp"

using namespace orkestr;
using namespace orkestr::test;

namespace {

struct World : ApiWorld {
  OfferingId id = make_offering(tenant, "Loft", 1);

  explicit World(bool auto_approve) {
    (void)platform.write(tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(tenant, id);
      offering.auto_approve = auto_approve;
      json::Reader reader;
      return update_offering(cx, offering, reader);
    });
  }
  static Interval hours(int count) {
    const Instant start = *Instant::parse("2026-05-04T14:00:00Z");
    return {start, start + std::chrono::hours{count}};
  }
  /// Two hours, one of which is paid for, and then only that one.
  Booking pay_half_and_move() {
    BookRequest request;
    request.offering_id = id;
    request.interval = hours(2);
    request.customer_name = "Ada";
    request.customer_email = "ada@example.com";
    request.pay_online = true;
    const auto booking = platform.book(tenant, request).value();
    REQUIRE(booking.total_cents == 12'000);
    REQUIRE(platform.record_payment(tenant, booking.id, {6000})->status == BookingStatus::pending);
    const auto moved = platform.reschedule(tenant, booking.id, {{}, hours(1), Audience::provider}).value();
    REQUIRE(moved.booking.total_cents == 6000);
    return moved.booking;
  }
};

} // namespace

TEST_CASE("a booking that has been paid for by the time it is moved does not end for want of payment") {
  World w(false);
  const auto booking = w.pay_half_and_move();
  CHECK_FALSE(booking.payment_due_at);
  w.clock.advance(std::chrono::minutes{31});
  CHECK(w.platform.run_due(w.clock.now())->unpaid_bookings == 0);
  CHECK(w.get("/v1/api/bookings/" + booking.id.str()).text("status") == "PENDING");
}

TEST_CASE("a booking that a move leaves paid confirms itself where the offering approves by itself") {
  World w(true);
  CHECK(w.pay_half_and_move().status == BookingStatus::confirmed);
}

TEST_CASE("a coupon worth the whole of a shorter booking leaves nothing to be paid") {
  World w(false);
  Coupon draft;
  draft.code = "GIFT";
  draft.kind = CouponKind::fixed;
  draft.currency = Currency{};
  draft.amount = 6000;
  (void)w.platform.write(w.tenant, [&](WriteContext& cx) {
    json::Reader reader;
    return create_coupon(cx, draft, reader);
  });
  BookRequest request;
  request.offering_id = w.id;
  request.interval = World::hours(2);
  request.customer_name = "Ada";
  request.customer_email = "ada@example.com";
  request.coupon_code = "GIFT";
  request.pay_online = true;
  const auto booking = w.platform.book(w.tenant, request).value();
  const auto moved = w.platform.reschedule(w.tenant, booking.id, {{}, World::hours(1), Audience::provider}).value().booking;
  REQUIRE(moved.total_cents == 0);
  CHECK_FALSE(moved.payment_due_at);
  w.clock.advance(std::chrono::minutes{31});
  CHECK(w.platform.run_due(w.clock.now())->unpaid_bookings == 0);
}
