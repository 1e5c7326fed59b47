// Cases 7 to 15 of what users of booking systems hit, through the library. Cases 1 to 6 are in engine/availability_test.cpp,
// 13 also in engine/pricing_test.cpp, 15 is measured in tests/benchmark too.
#include "support/api_world.hpp"

#include <thread>

using namespace orkestr;
using namespace orkestr::test;

namespace {

constexpr auto monday_10 = "2026-05-04T14:00:00Z"; // 10:00 in New York

Interval hours(std::string_view from, int n = 1) {
  const Instant start = *Instant::parse(from);
  return {start, start + std::chrono::hours{n}};
}

struct World : ApiWorld {
  OfferingId offering(int capacity, const std::function<void(Offering&)>& change = {}) {
    const auto id = make_offering(tenant, "Loft", capacity);
    if (change) edit(id, change);
    return id;
  }
  void edit(OfferingId id, const std::function<void(Offering&)>& change) {
    REQUIRE(platform.write(tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(tenant, id);
      change(offering);
      json::Reader reader;
      return update_offering(cx, offering, reader);
    }));
  }
  Result<Hold> hold(OfferingId id, std::string_view from, int quantity = 1, std::string client = "10.0.0.1") {
    return platform.hold(tenant, {id, hours(from), quantity, std::move(client)});
  }
  BookRequest request(OfferingId id, std::string_view from, int n = 1) {
    BookRequest r;
    r.offering_id = id;
    r.interval = hours(from, n);
    r.customer_name = "Ada";
    r.customer_email = "ada@example.com";
    return r;
  }
  /// Starts that are listed for customers on a day, as `HH:MMZ`.
  std::string listed(OfferingId id, std::string_view day = "2026-05-04") {
    const auto from = *Instant::parse(std::string{day} + "T04:00:00Z");
    const auto view = platform.availability(tenant, id, {from, from + std::chrono::hours{24}}, Audience::customer).value();
    std::string text;
    for (const auto& slot : view.slots) text += to_string(slot.interval.start).substr(11, 5) + " ";
    return text;
  }
  int remaining(OfferingId id, std::string_view at) {
    const auto view = platform.availability(tenant, id, hours(at), Audience::provider).value();
    return view.slots.at(0).remaining;
  }
  std::vector<std::string> events(std::string_view subject) {
    std::vector<std::string> types;
    (void)store.read([&](const storage::ReadTransaction& tx) -> Result<int> {
      for (const auto& event : tx.events().list(tenant, "", 1000))
        if (event.subject == subject) types.emplace_back(json::name_of(event.type));
      return 0;
    });
    return types;
  }
  CouponId coupon(std::string code, std::int64_t percent, std::optional<std::int64_t> per_customer = {}) {
    return platform
        .write(tenant,
               [&](WriteContext& cx) {
                 Coupon draft;
                 draft.code = code;
                 draft.amount = percent;
                 draft.max_per_customer = per_customer;
                 json::Reader reader;
                 return create_coupon(cx, draft, reader);
               })
        .value()
        .id;
  }
  std::int64_t redeemed(CouponId id) {
    return *store.read(
        [&](const storage::ReadTransaction& tx) -> Result<std::int64_t> { return tx.coupons().find(tenant, id)->redeemed_count; });
  }
};

using Types = std::vector<std::string>;

} // namespace

TEST_CASE("case 7: what is listed can be booked and held, and what is not listed is refused, with buffers, notice and window") {
  World w;
  const auto id = w.offering(1, [](Offering& o) {
    o.buffer_before_minutes = 30;
    o.buffer_after_minutes = 30;
    o.min_notice_minutes = 3 * 24 * 60; // from Friday noon: Monday noon UTC
    o.max_advance_days = 4;
  });
  REQUIRE(w.platform.book(w.tenant, [&] {
    auto r = w.request(id, "2026-05-04T16:00:00Z");
    r.audience = Audience::provider;
    return r;
  }()));
  for (const char* day : {"2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06"}) {
    const auto shown = w.listed(id, day);
    for (int hour = 12; hour < 23; ++hour) {
      const std::string at = std::string{day} + "T" + std::to_string(hour) + ":00:00Z";
      CAPTURE(at);
      const bool is_listed = shown.find(at.substr(11, 5)) != std::string::npos;
      const auto quoted = w.platform.quote(w.tenant, {.offering_id = id, .interval = hours(at)});
      const auto held = w.hold(id, at, 1, at);
      CHECK(quoted.has_value() == is_listed);
      CHECK(held.has_value() == is_listed);
      if (held) CHECK(w.platform.release_hold(w.tenant, held->id));
      const auto booked = w.platform.book(w.tenant, w.request(id, at));
      CHECK(booked.has_value() == is_listed);
      if (booked) CHECK(w.platform.cancel(w.tenant, booked->id));
    }
  }
  CHECK(w.listed(id) == "13:00 14:00 18:00 19:00 20:00 "); // Monday: 15:00 and 17:00 are too close to 16:00
}

TEST_CASE("case 8: a hold that expired one millisecond ago is free, with no sweeper; on capacity 5 one hold leaves 4") {
  World w;
  const auto single = w.offering(1), five = w.offering(5);
  const auto held = w.hold(single, monday_10).value();
  CHECK(w.hold(five, monday_10));
  CHECK(w.remaining(five, monday_10) == 4);
  CHECK(w.remaining(single, monday_10) == 0);
  CHECK(w.hold(single, monday_10).error().code == Code::slot_unavailable);
  w.clock.set(held.expires_at - milliseconds{1});
  CHECK(w.platform.book(w.tenant, w.request(single, monday_10)).error().code == Code::slot_unavailable);
  w.clock.set(held.expires_at);
  CHECK(w.remaining(single, monday_10) == 1);
  w.clock.set(held.expires_at + milliseconds{1});
  CHECK(w.platform.book(w.tenant, w.request(single, monday_10)));
  // It can't be booked any more, though nobody has swept it; sweeping says so, once.
  auto late = w.request(single, monday_10);
  late.hold_id = held.id;
  CHECK(w.platform.book(w.tenant, late).error().code == Code::hold_expired);
  CHECK(w.events(held.id.view()).empty());
  CHECK(w.platform.run_due(w.clock.now())->expired_holds == 2);
  CHECK(w.platform.run_due(w.clock.now())->expired_holds == 0);
  CHECK(w.events(held.id.view()) == Types{"hold.expired"});
}

TEST_CASE("case 9: a booking 10:15-10:30 in another offering of the same resource hides 10:00-11:00") {
  World w;
  const auto shares = [](Offering& o) { o.resource = "Room 1"; };
  const auto hourly = w.offering(1, shares);
  const auto quarter = w.offering(1, shares);
  const auto apart = w.offering(1);
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<void> {
    for (auto rule : cx.tx.availability().rules(w.tenant, quarter)) {
      rule.slot_minutes = 15;
      cx.tx.availability().update(w.tenant, rule);
    }
    return {};
  }));
  auto r = w.request(quarter, "2026-05-04T14:15:00Z");
  r.interval.end = r.interval.start + std::chrono::minutes{15};
  const auto booking = w.platform.book(w.tenant, r).value();
  CHECK(w.listed(hourly).find("14:00") == std::string::npos);
  CHECK(w.listed(hourly).find("13:00") != std::string::npos);
  CHECK(w.listed(apart).find("14:00") != std::string::npos);
  CHECK(w.platform.book(w.tenant, w.request(hourly, monday_10)).error().code == Code::slot_unavailable);
  CHECK(w.hold(hourly, monday_10).error().code == Code::slot_unavailable);
  // An offering moves to another resource only while nothing of it is to come.
  const auto move = [&] {
    return w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(w.tenant, quarter);
      offering.resource.reset();
      json::Reader reader;
      return update_offering(cx, offering, reader);
    });
  };
  CHECK(move().error().code == Code::resource_in_use);
  CHECK(w.platform.cancel(w.tenant, booking.id));
  CHECK(move());
  CHECK(w.listed(hourly).find("14:00") != std::string::npos);
}

TEST_CASE("case 10: book, cancel, book again; cancel twice is one refund and one event; a move onto a taken slot changes nothing") {
  World w;
  const auto id = w.offering(1);
  const auto first = w.platform.book(w.tenant, w.request(id, monday_10)).value();
  CHECK(w.platform.cancel(w.tenant, first.id)->refund_cents == 6000);
  CHECK(w.platform.cancel(w.tenant, first.id).error().code == Code::invalid_transition);
  CHECK(w.events(first.id.view()) == Types{"booking.created", "booking.cancelled"});
  const auto again = w.platform.book(w.tenant, w.request(id, monday_10)).value();
  const auto other = w.platform.book(w.tenant, w.request(id, "2026-05-04T15:00:00Z")).value();
  const auto before = json::to_json(
      *w.store.read([&](const storage::ReadTransaction& tx) -> Result<Booking> { return *tx.bookings().find(w.tenant, again.id); }));
  CHECK(w.platform.reschedule(w.tenant, again.id, {{}, other.items[0].interval(), Audience::customer}).error().code ==
        Code::slot_unavailable);
  const auto after = json::to_json(
      *w.store.read([&](const storage::ReadTransaction& tx) -> Result<Booking> { return *tx.bookings().find(w.tenant, again.id); }));
  CHECK(before == after);
  CHECK(w.events(again.id.view()) == Types{"booking.created"});
  CHECK(w.remaining(id, monday_10) == 0);
}

TEST_CASE("case 11: two parallel approvals are one transition and one event") {
  World w;
  const auto booking = w.platform.book(w.tenant, w.request(w.offering(1), monday_10)).value();
  std::atomic<int> approved{0}, refused{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        const auto done = w.platform.approve(w.tenant, booking.id);
        ++(done ? approved : refused);
      });
  }
  CHECK(approved == 1);
  CHECK(refused == 7);
  CHECK(w.events(booking.id.view()) == Types{"booking.created", "booking.confirmed"});
}

TEST_CASE("case 12: a payment that fails, then one that succeeds with the same coupon, is not 'already used'") {
  World w;
  const auto id = w.offering(1, [](Offering& o) { o.auto_approve = true; });
  const auto coupon = w.coupon("ONCE", 50, 1);
  auto r = w.request(id, monday_10);
  r.coupon_code = "once";
  r.pay_online = true;
  const auto booking = w.platform.book(w.tenant, r).value();
  CHECK(booking.status == BookingStatus::pending);
  CHECK(booking.payment_due_at == w.clock.now() + payment_time);
  CHECK(w.platform.record_payment(w.tenant, booking.id, {3000, "test", false})->status == BookingStatus::pending);
  CHECK(w.platform.record_payment(w.tenant, booking.id, {3001}).error().faults.at(0).pointer == "/amountCents");
  const auto paid = w.platform.record_payment(w.tenant, booking.id, {3000, "test", true}).value();
  CHECK(paid.status == BookingStatus::confirmed);
  CHECK(paid.payments.size() == 2);
  CHECK_FALSE(paid.payment_due_at);
  CHECK(w.redeemed(coupon) == 1);
  CHECK(w.events(booking.id.view()) == Types{"booking.created", "coupon.redeemed", "booking.confirmed"});

  // And if no payment comes at all, slot and coupon are free for a new try.
  auto late = w.request(id, "2026-05-05T14:00:00Z");
  late.customer_email = "bob@example.com";
  late.coupon_code = "ONCE";
  late.pay_online = true;
  const auto unpaid = w.platform.book(w.tenant, late).value();
  CHECK(w.platform.book(w.tenant, late).error().code == Code::slot_unavailable);
  CHECK(w.platform.run_due(*unpaid.payment_due_at - milliseconds{1})->unpaid_bookings == 0);
  CHECK(w.platform.run_due(*unpaid.payment_due_at)->unpaid_bookings == 1);
  CHECK(w.redeemed(coupon) == 1);
  CHECK(w.platform.book(w.tenant, late));
  CHECK(w.redeemed(coupon) == 2);
}

TEST_CASE("case 13: discounts and taxes on a booking sum exactly, and a full refund gives back exactly what was paid") {
  World w;
  const auto id = w.offering(20, [](Offering& o) {
    o.pricing_model = PricingModel::one_time;
    o.base_price_cents = 2390;
    o.tax_rate_bps = 1900;
    o.tax_inclusive = true;
  });
  (void)w.coupon("QUARTER", 25);
  auto r = w.request(id, monday_10);
  r.quantity = 10;
  r.coupon_code = "QUARTER";
  const auto booking = w.platform.book(w.tenant, r).value();
  CHECK(booking.total_cents == 17925);
  Amount total = 0, discount = 0, tax = 0;
  for (const auto& line : booking.price_lines) total += line.total_cents, discount += line.discount_cents, tax += line.tax_cents;
  CHECK(total == booking.total_cents);
  CHECK(discount == booking.discount_cents);
  CHECK(tax == booking.tax_cents);
  CHECK(w.platform.approve(w.tenant, booking.id));
  CHECK(w.platform.record_payment(w.tenant, booking.id, {17925}));
  CHECK(w.platform.cancel(w.tenant, booking.id)->refund_cents == 17925);
  CHECK(w.platform.start_refund(w.tenant, booking.id, 925)->status == BookingStatus::cancelled);
  CHECK(w.platform.start_refund(w.tenant, booking.id, 17001).error().code == Code::invalid_fields);
  const auto refunded = w.platform.start_refund(w.tenant, booking.id, 17000).value();
  CHECK(refunded.status == BookingStatus::refunded);
  CHECK(refunded.refunded_cents() == 17925);
  CHECK(w.events(booking.id.view()).back() == "booking.refunded");
  CHECK(w.platform.start_refund(w.tenant, booking.id, 1).error().code == Code::invalid_transition);
}

TEST_CASE("case 14: prices and policy are snapshots; a later edit changes no refund, no total, no move of the same length") {
  World w;
  const auto id = w.offering(1, [](Offering& o) { o.cancellation_policy = CancellationPolicy::of(PolicyKind::flexible); });
  const auto booking = w.platform.book(w.tenant, w.request(id, monday_10)).value();
  w.edit(id, [](Offering& o) {
    o.base_price_cents = 99'000;
    o.title = "Dearer";
    o.cancellation_policy = CancellationPolicy::of(PolicyKind::strict);
    o.auto_approve = true;
  });
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) {
    PricingRule rule;
    rule.offering_id = id;
    rule.name = "Tenfold";
    rule.adjust = {AdjustKind::percent, 900};
    json::Reader reader;
    return create_pricing_rule(cx, rule, reader);
  }));
  const auto moved = w.platform.reschedule(w.tenant, booking.id, {{}, hours("2026-05-05T14:00:00Z"), Audience::customer}).value();
  CHECK(moved.price_difference_cents == 0);
  CHECK(moved.booking.items[0].offering_title == "Loft");
  // A payment does not confirm it: when it was booked, the provider approved by hand.
  CHECK(w.platform.record_payment(w.tenant, booking.id, {6000})->status == BookingStatus::pending);
  const auto longer = w.platform.reschedule(w.tenant, booking.id, {{}, hours("2026-05-05T14:00:00Z", 2), Audience::customer}).value();
  CHECK(longer.booking.total_cents == 1'980'000); // another length is priced as things are now
  CHECK(longer.booking.price_lines.at(0).steps.size() == 2);
  const auto ended = w.platform.cancel(w.tenant, booking.id).value();
  CHECK(ended.refund_percent == 100); // STRICT would give nothing
}

TEST_CASE("case 15: 60,000 past and future bookings are not looked at by a 31-day query") {
  World w;
  const auto id = w.offering(5);
  (void)w.store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    IdMinter ids(w.random);
    const auto key = id.str();
    for (int i = 0; i < 60'000; ++i) {
      const Instant start = *Instant::parse(i % 2 == 0 ? "2020-01-01T00:00:00Z" : "2027-01-01T00:00:00Z") + std::chrono::minutes{30 * i};
      tx.occupancy().lock(w.tenant, key, std::chrono::hours{1});
      tx.occupancy().put(
          w.tenant, key,
          {ids.make<BookingItemId>(start), id, {start, start + std::chrono::hours{1}}, 1, storage::ClaimStatus::confirmed, {}});
    }
    return {};
  });
  const Interval month{*Instant::parse("2026-05-01T04:00:00Z"), *Instant::parse("2026-06-01T04:00:00Z")};
  const auto view = w.platform.availability(w.tenant, id, month, Audience::customer).value();
  CHECK(view.booked.empty());
  CHECK(view.slots.size() > 200);
}
