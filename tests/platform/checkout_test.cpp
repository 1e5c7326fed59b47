// From a held slot to a settled booking: expected totals, risk, payments, what confirms itself and what waits for people.
#include "support/api_world.hpp"
#include "support/look_back.hpp"

using namespace orkestr;
using namespace orkestr::test;
using namespace orkestr::support;

namespace {

constexpr auto monday_10 = "2026-05-04T14:00:00Z";

struct World : ApiWorld {
  OfferingId id = make_offering(tenant, "Loft", 3);

  explicit World(bool auto_approve = false, Amount price = 6000) {
    (void)platform.write(tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(tenant, id);
      offering.auto_approve = auto_approve;
      offering.base_price_cents = price;
      json::Reader reader;
      return update_offering(cx, offering, reader);
    });
  }
  BookRequest request(std::string email = "ada@example.com") {
    BookRequest r;
    r.offering_id = id;
    r.interval = {*Instant::parse(monday_10), *Instant::parse(monday_10) + std::chrono::hours{1}};
    r.customer_name = "Ada";
    r.customer_email = std::move(email);
    return r;
  }
  Result<Booking> review(BookingId booking, bool approved) {
    return platform.write(tenant, [&](WriteContext& cx) { return review_risk(cx, booking, approved); });
  }
  Result<Booking> check_out(std::string email, std::string ip) {
    auto r = request(std::move(email));
    r.client.ip = std::move(ip);
    return platform.check_out(tenant, r);
  }
  void set_policy(RiskPolicy policy) {
    (void)store.write([&](storage::WriteTransaction& tx) -> Result<void> {
      tx.risk().put_policy(tenant, policy);
      return {};
    });
  }
  template <class F> auto look(F f) {
    return *store.read(
        [&](const storage::ReadTransaction& tx) -> Result<std::invoke_result_t<F, const storage::ReadTransaction&>> { return f(tx); });
  }
};

} // namespace

TEST_CASE("a hold becomes a booking: its units are never free in between, and it is used up") {
  World w;
  const auto hold = w.platform.hold(w.tenant, {w.id, w.request().interval, 2, "10.0.0.1"}).value();
  CHECK(hold.expires_at - hold.created_at == std::chrono::minutes{10});
  auto r = w.request();
  r.offering_id = {};
  r.interval = {};
  r.hold_id = hold.id;
  const auto quoted = w.platform.quote(w.tenant, {.hold_id = hold.id}).value();
  CHECK(quoted.quote.total_cents == 12000);
  CHECK(quoted.quantity == 2);
  r.expected_total_cents = quoted.quote.total_cents;
  const auto booking = w.platform.book(w.tenant, r).value();
  CHECK(booking.items[0].quantity == 2);
  CHECK(booking.items[0].interval() == hold.interval());
  CHECK(w.platform.book(w.tenant, r).error().code == Code::hold_expired);
  CHECK(w.platform.release_hold(w.tenant, hold.id).error().code == Code::not_found);
  CHECK(w.platform.book(w.other_tenant, r).error().code == Code::hold_expired);
  w.clock.advance(std::chrono::hours{1});
  CHECK(w.platform.run_due(w.clock.now())->expired_holds == 0);
}

TEST_CASE("a price that changed is told with the new quote, and the hold stays") {
  World w;
  const auto hold = w.platform.hold(w.tenant, {w.id, w.request().interval, 1, "10.0.0.1"}).value();
  auto r = w.request();
  r.hold_id = hold.id;
  r.expected_total_cents = 5999;
  const auto refused = w.platform.book(w.tenant, r);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::price_changed);
  const auto members = boost::json::parse("{" + refused.error().members + "}");
  CHECK(members.at("quote").at("totalCents") == 6000);
  CHECK(w.platform.quote(w.tenant, {.hold_id = hold.id}));
  CHECK(w.look([&](const auto& tx) { return tx.bookings().list(w.tenant, {}, {}).size(); }) == 0);
  CHECK(w.look([&](const auto& tx) { return tx.customers().find_by_email(w.tenant, "ada@example.com").get().has_value(); }) == false);
  r.expected_total_cents = 6000;
  CHECK(w.platform.book(w.tenant, r));
}

TEST_CASE("one client holds at most 20 slots at a time") {
  World w;
  const auto many = w.make_offering(w.tenant, "Hall", 100);
  const auto hold = [&](std::string client) { return w.platform.hold(w.tenant, {many, w.request().interval, 1, std::move(client)}); };
  for (std::size_t i = 0; i < max_holds_per_client; ++i) REQUIRE(hold("10.0.0.1"));
  CHECK(hold("10.0.0.1").error().code == Code::too_many_holds);
  CHECK(hold("10.0.0.2"));
  w.clock.advance(hold_time);
  CHECK(hold("10.0.0.1"));
}

TEST_CASE("what confirms itself: nothing to pay, or all paid, where the offering approves and the risk is low") {
  SUBCASE("free of charge") {
    World w(true, 0);
    const auto booking = w.platform.book(w.tenant, w.request()).value();
    CHECK(booking.status == BookingStatus::confirmed);
    CHECK(booking.confirmed_at == w.clock.now());
  }
  SUBCASE("free, but approved by hand") {
    World w(false, 0);
    CHECK(w.platform.book(w.tenant, w.request())->status == BookingStatus::pending);
  }
  SUBCASE("paid in two parts") {
    World w(true);
    auto r = w.request();
    r.pay_online = true;
    const auto id = w.platform.book(w.tenant, r)->id;
    CHECK(w.platform.record_payment(w.tenant, id, {2000})->status == BookingStatus::pending);
    const auto paid = w.platform.record_payment(w.tenant, id, {4000}).value();
    CHECK(paid.status == BookingStatus::confirmed);
    CHECK(w.platform.run_due(w.clock.now() + std::chrono::hours{1})->unpaid_bookings == 0);
    CHECK(w.platform.record_payment(w.tenant, id, {1}).error().code == Code::invalid_fields);
  }
  SUBCASE("a payment for what has ended is refused") {
    World w(true);
    const auto id = w.platform.book(w.tenant, w.request())->id;
    CHECK(w.platform.cancel(w.tenant, id));
    CHECK(w.platform.record_payment(w.tenant, id, {6000}).error().code == Code::invalid_transition);
    CHECK(w.platform.start_refund(w.tenant, id, 1).error().code == Code::invalid_fields);
  }
}

TEST_CASE("high risk is held, reviewed by people, and then goes its way; approving by hand settles the review") {
  World w(true, 0);
  w.set_policy({{{RiskSignal::first_time_customer, 1, 70}}, 60, 90});
  const auto held = w.platform.book(w.tenant, w.request()).value();
  CHECK(held.status == BookingStatus::pending);
  CHECK(held.risk_score == 70);
  CHECK(held.risk_review_status == RiskReview::pending);
  CHECK(held.risk_reasons.at(0).signal == "first_time_customer");
  CHECK(w.look([&](const auto& tx) {
    storage::BookingFilter queue;
    queue.risk_review = RiskReview::pending;
    return tx.bookings().list(w.tenant, queue, {}).size();
  }) == 1);
  SUBCASE("let pass: it only waited for that") {
    const auto passed = w.review(held.id, true).value();
    CHECK(passed.status == BookingStatus::confirmed);
    CHECK(passed.risk_review_status == RiskReview::approved);
    CHECK(w.review(held.id, true).error().code == Code::invalid_transition);
  }
  SUBCASE("rejected: it is declined") {
    const auto rejected = w.review(held.id, false).value();
    CHECK(rejected.status == BookingStatus::cancelled);
    CHECK(rejected.risk_review_status == RiskReview::rejected);
    CHECK(rejected.cancel_reason == "risk_rejected");
    CHECK(rejected.refund_percent == 100);
  }
  SUBCASE("approved by hand") {
    const auto approved = w.platform.approve(w.tenant, held.id).value();
    CHECK(approved.risk_review_status == RiskReview::approved);
    CHECK(w.review(held.id, false).error().code == Code::invalid_transition);
  }
  SUBCASE("cancelled meanwhile: nothing is left to review") {
    CHECK(w.platform.cancel(w.tenant, held.id)->risk_review_status == RiskReview::rejected);
    CHECK(w.review(held.id, true).error().code == Code::invalid_transition);
  }
  SUBCASE("paid for: it stays held") {
    World paid(true);
    paid.set_policy({{{RiskSignal::first_time_customer, 1, 70}}, 60, 90});
    const auto id = paid.platform.book(paid.tenant, paid.request())->id;
    CHECK(paid.platform.record_payment(paid.tenant, id, {6000})->status == BookingStatus::pending);
    CHECK(paid.review(id, true)->status == BookingStatus::confirmed);
  }
}

TEST_CASE("facts come from the store: attempts are counted whatever came of them, and a block leaves nothing but the attempt") {
  World w;
  w.set_policy({{{RiskSignal::ip_velocity, 3, 95}, {RiskSignal::first_time_customer, 1, 0}}, 60, 90});
  CHECK(w.check_out("a@example.com", "10.0.0.9"));
  CHECK(w.check_out("b@example.com", "10.0.0.9"));
  const auto blocked = w.check_out("c@example.com", "10.0.0.9");
  REQUIRE_FALSE(blocked);
  CHECK(blocked.error().code == Code::booking_blocked);
  CHECK(w.check_out("d@example.com", "10.0.0.8"));
  CHECK(w.check_out("e@example.com", "10.0.0.8").error().code == Code::slot_unavailable); // full, not blocked
  CHECK(w.look([&](const auto& tx) { return tx.bookings().list(w.tenant, {}, {}).size(); }) == 3);
  CHECK(w.look([&](const auto& tx) {
    return count_attempts(tx, w.tenant, storage::AttemptKind::booking, storage::AttemptTrait::ip, "10.0.0.9", {});
  }) == 3);
  CHECK(w.look([&](const auto& tx) {
    return count_attempts(tx, w.tenant, storage::AttemptKind::booking, storage::AttemptTrait::ip, "10.0.0.8", {});
  }) == 2);
  w.clock.advance(std::chrono::hours{1} + milliseconds{1});
  auto later = w.request("f@example.com");
  later.interval.start = later.interval.start + std::chrono::hours{24};
  later.interval.end = later.interval.end + std::chrono::hours{24};
  later.client.ip = "10.0.0.9";
  CHECK(w.platform.check_out(w.tenant, later)); // the window has passed
  // Attempts are forgotten after a week.
  CHECK(w.platform.run_due(w.clock.now() + std::chrono::days{8}));
  CHECK(w.look([&](const auto& tx) {
    return count_attempts(tx, w.tenant, storage::AttemptKind::booking, storage::AttemptTrait::ip, "10.0.0.9", {});
  }) == 0);
}

TEST_CASE("refused coupons, lapsed holds, the past and the median are facts too") {
  World w;
  auto r = w.request("Eve@Example.com");
  r.client.ip = "10.0.0.7";
  r.coupon_code = "GUESS";
  for (int i = 0; i < 3; ++i) CHECK(w.platform.check_out(w.tenant, r).error().code == Code::coupon_unknown);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(w.platform.hold(w.tenant, {w.id, r.interval, 1, "10.0.0.7"}));
    w.clock.advance(hold_time);
    (void)w.platform.run_due(w.clock.now());
  }
  for (int i = 0; i < 12; ++i) {
    auto past = w.request("Eve@Example.com");
    past.offering_id = w.make_offering(w.tenant, "Other " + std::to_string(i), 1);
    const auto id = w.platform.book(w.tenant, past)->id;
    if (i < 4) CHECK(w.platform.approve(w.tenant, id));
    if (i < 3) CHECK(w.platform.cancel(w.tenant, id));
  }
  const auto facts = w.look([&](const storage::ReadTransaction& tx) {
    const auto currency = tx.offerings().find(w.tenant, w.id)->currency;
    return gather_risk_facts(tx, w.tenant, r, currency, w.clock.now() + std::chrono::hours{5}, w.clock.now()).get();
  });
  CHECK(facts.attempts_by_email == 3);
  CHECK(facts.attempts_by_ip == 3);
  CHECK(facts.attempts_by_device == 0);
  CHECK(facts.refused_coupons == 3);
  CHECK(facts.unpaid_holds == 2);
  CHECK(facts.past_cancellations == 3);
  CHECK_FALSE(facts.first_time);
  CHECK(facts.median_cents == 6000);
  CHECK(facts.lead == std::chrono::hours{5});
}

TEST_CASE("cancellation terms tell beforehand what cancelling gives, in the grace period too") {
  World w;
  (void)w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<Offering> {
    auto offering = *cx.tx.offerings().find(w.tenant, w.id);
    offering.cancellation_policy = CancellationPolicy::of(PolicyKind::strict);
    offering.cancellation_policy.grace_minutes = 60;
    json::Reader reader;
    return update_offering(cx, offering, reader);
  });
  const auto booking = w.platform.book(w.tenant, w.request()).value();
  CHECK(cancellation_terms(booking, w.clock.now())->refund_cents == 6000);
  CHECK(cancellation_terms(booking, w.clock.now())->within_grace);
  w.clock.advance(std::chrono::minutes{61});
  const auto terms = cancellation_terms(booking, w.clock.now()).value();
  CHECK(terms.refund_percent == 0);
  CHECK_FALSE(terms.tier);
  CHECK(w.platform.cancel(w.tenant, booking.id)->refund_cents == terms.refund_cents);
}

TEST_CASE("a booking is managed by its token alone") {
  World w;
  auto r = w.request();
  r.manage_token = make_manage_token(w.random);
  const auto booking = w.platform.book(w.tenant, r).value();
  CHECK(booking.manage_token_hash->find(r.manage_token->substr(4)) == std::string::npos);
  const auto find = [&](TenantId tenant, BookingId id, std::string_view token) {
    return w.look([&](const auto& tx) { return find_managed(tx, tenant, id, token, w.clock.now()).has_value(); });
  };
  CHECK(find(w.tenant, booking.id, *r.manage_token));
  CHECK_FALSE(find(w.other_tenant, booking.id, *r.manage_token));
  CHECK_FALSE(find(w.tenant, booking.id, *r.manage_token + "x"));
  CHECK_FALSE(find(w.tenant, booking.id, ""));
  CHECK_FALSE(find(w.tenant, w.make_booking(w.make_offering(w.tenant, "Other"), monday_10).id, ""));
}
