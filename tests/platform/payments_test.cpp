// Money and bookings, through the library, at the test gateway.
#include "support/paid_world.hpp"

using namespace orkestr;
using namespace orkestr::test;
using namespace std::chrono_literals;

TEST_CASE("a payment that succeeds confirms the booking, once, however often it is told") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  CHECK(booking.status == BookingStatus::pending);
  const auto opened = w.open(booking.id);
  CHECK(opened.amount_cents == 6000);
  CHECK(opened.provider == "test");
  CHECK(opened.public_key == "pk_test");
  CHECK(opened.state == "requires_method");
  CHECK(w.open(booking.id).client_secret == opened.client_secret); // who asks twice gets the same
  CHECK(w.now(booking.id).payments.size() == 1);

  CHECK(w.bank.pay(opened.client_secret, test_cards::succeeds)->state == GatewayState::succeeded);
  const auto events = w.posted;
  w.settle();
  CHECK(w.now(booking.id).status == BookingStatus::confirmed);
  CHECK_FALSE(w.now(booking.id).payment_due_at);
  CHECK(w.now(booking.id).payments[0].status == PaymentStatus::succeeded);
  for (int i = 0; i < 3; ++i)
    for (const auto& event : events) CHECK(w.deliver(event).has_value());
  w.settle();
  CHECK(w.events(booking.id) == "booking.created booking.confirmed ");
  CHECK(w.kept(w.now(booking.id).payments[0]) == 6000);
  CHECK(w.shop.pay(w.tenant, booking.id).error().code == Code::invalid_transition); // nothing is owed
}

TEST_CASE("events that are forged, changed or stale tell nothing") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  w.pay(booking.id);
  REQUIRE(!w.posted.empty());
  auto event = std::exchange(w.posted, {}).back();
  auto changed = event;
  changed.body[changed.body.size() / 2] ^= 1;
  CHECK(w.deliver(changed).error().code == Code::unauthenticated);
  auto unsigned_event = event;
  unsigned_event.signature.clear();
  CHECK(w.deliver(unsigned_event).error().code == Code::invalid_header);
  PaidWorld stranger; // whose key is the same: only the payment is unknown there
  CHECK(stranger.deliver(event).has_value());
  w.clock.advance(6min);
  CHECK(w.deliver(event).error().code == Code::unauthenticated);
  CHECK(w.desk.step(w.clock.now())->payments == 1); // what was lost is found by looking
  CHECK(w.now(booking.id).status == BookingStatus::confirmed);
}

TEST_CASE("a declined card, a refused 3-D Secure, then one that works, with the same coupon") {
  PaidWorld w;
  const auto id = w.loft();
  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<Coupon> {
    Coupon draft;
    draft.code = "ONCE";
    draft.kind = CouponKind::percent;
    draft.amount = 50;
    draft.max_redemptions = 1;
    json::Reader reader;
    return create_coupon(cx, draft, reader);
  }));
  auto request = w.request(id);
  request.coupon_code = "ONCE";
  const auto booking = w.shop.book(w.tenant, request).value();
  CHECK(w.pay(booking.id, test_cards::declined) == GatewayState::failed);
  w.settle();
  CHECK(w.now(booking.id).payments[0].failure_code == "card_declined");
  CHECK(w.open(booking.id).failure_code == "card_declined");
  CHECK(w.pay(booking.id, test_cards::authenticates) == GatewayState::requires_action);
  w.settle();
  CHECK(w.bank.authenticate(w.open(booking.id).client_secret, false)->state == GatewayState::failed);
  w.settle();
  CHECK(w.now(booking.id).status == BookingStatus::pending);
  CHECK(w.pay(booking.id, test_cards::succeeds) == GatewayState::succeeded);
  w.settle();
  const auto after = w.now(booking.id);
  CHECK(after.status == BookingStatus::confirmed);
  CHECK(after.total_cents == 3000);
  CHECK(after.payments.size() == 1);
  CHECK_FALSE(after.payments[0].failure_code);
}

TEST_CASE("money that comes after the booking ended goes back, whole") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  SUBCASE("paid in time, settled too late") {
    CHECK(w.pay(booking.id, test_cards::settles_late) == GatewayState::processing);
    w.posted.clear(); // the gateway's events are lost
    REQUIRE(w.bank.settle(*w.now(booking.id).payments[0].gateway_id, true));
    w.posted.clear();
  }
  SUBCASE("still processing when it ends") {
    CHECK(w.pay(booking.id, test_cards::settles_late) == GatewayState::processing);
    w.settle();
  }
  SUBCASE("paid in time, and nobody was told") {
    CHECK(w.pay(booking.id) == GatewayState::succeeded);
    w.posted.clear();
  }
  w.clock.advance(31min);
  REQUIRE(w.shop.run_due(w.clock.now()));
  CHECK(w.now(booking.id).status == BookingStatus::cancelled);
  for (int i = 0; i < 4; ++i) {
    w.settle();
    w.clock.advance(1h);
  }
  const auto after = w.now(booking.id);
  CHECK(after.status == BookingStatus::refunded);
  REQUIRE(w.refunds(booking.id).size() == 1);
  CHECK(w.refunds(booking.id)[0].reason == RefundReason::late_payment);
  CHECK(w.kept(after.payments[0]) == 0);
  CHECK(w.events(booking.id) == "booking.created booking.cancelled booking.refunded ");
  CHECK(w.shop.pay(w.tenant, booking.id).error().code == Code::invalid_transition);
}

TEST_CASE("a payment that nobody needs any more is called off, so that it can't be paid") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  const auto opened = w.open(booking.id);
  REQUIRE(w.shop.decline(w.tenant, booking.id));
  w.settle();
  CHECK(w.now(booking.id).payments[0].status == PaymentStatus::failed);
  CHECK(w.bank.pay(opened.client_secret, test_cards::succeeds).error().code == Code::invalid_transition);
}

TEST_CASE("a move that costs more calls the open payment off and opens another; the difference is paid apart") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  const auto first = w.open(booking.id);
  const Instant start = *Instant::parse("2026-05-05T14:00:00Z");
  REQUIRE(w.shop.reschedule(w.tenant, booking.id, {{}, {start, start + 2h}, Audience::provider}));
  const auto second = w.open(booking.id);
  CHECK(second.amount_cents == 12'000);
  CHECK(second.payment_id != first.payment_id);
  w.settle();
  CHECK_FALSE(w.bank.pay(first.client_secret, test_cards::succeeds).has_value());
  CHECK(w.bank.pay(second.client_secret, test_cards::succeeds)->state == GatewayState::succeeded);
  w.settle();
  CHECK(w.now(booking.id).status == BookingStatus::confirmed);
  // Once paid, a longer one owes the difference alone.
  REQUIRE(w.shop.reschedule(w.tenant, booking.id, {{}, {start, start + 3h}, Audience::provider}));
  CHECK(w.open(booking.id).amount_cents == 6'000);
}

TEST_CASE("what is paid beyond the total goes back") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  const auto opened = w.open(booking.id);
  REQUIRE(w.shop.record_payment(w.tenant, booking.id, {6000, "cash", true}));
  CHECK(w.bank.pay(opened.client_secret, test_cards::succeeds)->state == GatewayState::succeeded);
  w.settle();
  const auto after = w.now(booking.id);
  CHECK(after.status == BookingStatus::confirmed);
  REQUIRE(w.refunds(booking.id).size() == 1);
  CHECK(w.refunds(booking.id)[0].reason == RefundReason::overpayment);
  CHECK(after.paid_cents() == 12'000);
  CHECK(after.refunded_cents() == 6000);
  CHECK(w.events(booking.id) == "booking.created booking.confirmed ");
}

TEST_CASE("what was paid beyond the total pays for nothing later") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  const auto opened = w.open(booking.id);
  REQUIRE(w.shop.record_payment(w.tenant, booking.id, {6000, "cash", true}));
  std::string_view card = test_cards::succeeds;
  Amount owed = 6000; // 12,000 for two hours, and the cash
  SUBCASE("it went back") {}
  SUBCASE("its refund failed: it is still here") {
    card = test_cards::refunds_fail;
    owed = 0;
  }
  CHECK(w.bank.pay(opened.client_secret, card)->state == GatewayState::succeeded);
  w.settle();
  w.clock.advance(2min);
  w.bank.run_due();
  w.settle();
  const Instant start = *Instant::parse("2026-05-05T14:00:00Z");
  REQUIRE(w.shop.reschedule(w.tenant, booking.id, {{}, {start, start + 2h}, Audience::provider}));
  CHECK(w.now(booking.id).owed_cents() == owed);
  if (owed > 0) CHECK(w.open(booking.id).amount_cents == owed);
}

TEST_CASE("a move that costs less gives the difference back, of what a gateway took") {
  PaidWorld w;
  const Instant start = *Instant::parse("2026-05-05T14:00:00Z");
  const auto shorter = [&](const Booking& booking) {
    REQUIRE(w.shop.reschedule(w.tenant, booking.id, {{}, {start, start + 1h}, Audience::provider}));
    w.settle();
  };
  SUBCASE("paid by card") {
    const auto booking = w.book(w.loft(), "2026-05-04T14:00:00Z", 3);
    w.pay(booking.id);
    w.settle();
    shorter(booking);
    const auto after = w.now(booking.id);
    CHECK(w.kept(after.payments[0]) == 6000);
    REQUIRE(w.refunds(booking.id).size() == 1);
    CHECK(w.refunds(booking.id)[0].reason == RefundReason::overpayment);
    CHECK(after.status == BookingStatus::confirmed);
    CHECK(after.owed_cents() == 0);
    // And back again: what went back is owed again.
    REQUIRE(w.shop.reschedule(w.tenant, booking.id, {{}, {start, start + 2h}, Audience::provider}));
    CHECK(w.open(booking.id).amount_cents == 6000);
  }
  SUBCASE("less what the provider has given back already") {
    const auto booking = w.book(w.loft(), "2026-05-04T14:00:00Z", 3);
    w.pay(booking.id);
    w.settle();
    REQUIRE(w.shop.start_refund(w.tenant, booking.id, 9000));
    w.settle();
    shorter(booking);
    CHECK(w.kept(w.now(booking.id).payments[0]) == 6000);
  }
  SUBCASE("paid in cash, it is the provider's to give") {
    const auto booking = w.book(w.loft(), "2026-05-04T14:00:00Z", 3);
    REQUIRE(w.shop.record_payment(w.tenant, booking.id, {18'000, "cash", true}));
    shorter(booking);
    CHECK(w.refunds(booking.id).empty());
    CHECK(w.now(booking.id).owed_cents() == 0);
    // What they give of it is given for that; what they give beyond it is a gift.
    REQUIRE(w.shop.start_refund(w.tenant, booking.id, 13'000));
    REQUIRE(w.refunds(booking.id).size() == 2);
    CHECK(w.refunds(booking.id)[0].reason == RefundReason::overpayment);
    CHECK(w.refunds(booking.id)[0].amount_cents == 12'000);
    CHECK(w.refunds(booking.id)[1].reason == RefundReason::provider);
    REQUIRE(w.shop.reschedule(w.tenant, booking.id, {{}, {start, start + 3h}, Audience::provider}));
    CHECK(w.now(booking.id).owed_cents() == 12'000);
  }
  SUBCASE("to nothing: it is free, not REFUNDED") {
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<Coupon> {
      Coupon draft;
      draft.code = "SIXTY";
      draft.kind = CouponKind::fixed;
      draft.amount = 6000;
      draft.currency = Currency{};
      json::Reader reader;
      return create_coupon(cx, draft, reader);
    }));
    auto wanted = w.request(w.loft(), "2026-05-04T14:00:00Z", 3);
    wanted.coupon_code = "SIXTY";
    const auto booking = w.shop.book(w.tenant, wanted).value();
    REQUIRE(w.open(booking.id).amount_cents == 12'000);
    w.pay(booking.id);
    w.settle();
    shorter(booking);
    const auto after = w.now(booking.id);
    CHECK(after.total_cents == 0);
    CHECK(w.kept(after.payments[0]) == 0);
    CHECK(after.status == BookingStatus::confirmed);
  }
}

TEST_CASE("cancelling what is paid in part gives back the policy's share of that part") {
  PaidWorld w;
  const auto booking =
      w.book(w.loft([](Offering& offering) { offering.cancellation_policy = CancellationPolicy::of(PolicyKind::strict); }));
  w.pay(booking.id);
  w.settle();
  const Instant start = *Instant::parse("2026-05-05T14:00:00Z");
  REQUIRE(w.shop.reschedule(w.tenant, booking.id, {{}, {start, start + 2h}, Audience::provider}));
  w.clock.advance(1h); // past the grace period
  const auto ended = w.shop.cancel(w.tenant, booking.id).value();
  w.settle();
  REQUIRE(ended.refund_percent.has_value());
  CHECK(*ended.refund_percent < 100);
  CHECK(w.kept(w.now(booking.id).payments[0]) == 6000 - 6000 * *ended.refund_percent / 100);
}

TEST_CASE("a refund of more than is left, since some went back at the gateway itself, gives back what is left") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  w.pay(booking.id);
  w.settle();
  const auto payment = w.now(booking.id).payments[0];
  w.bank.refund({*payment.gateway_id, 2000, payment.currency, "dashboard", {}}, [](Result<GatewayRefund> done) { REQUIRE(done); });
  w.posted.clear(); // nobody tells
  REQUIRE(w.shop.start_refund(w.tenant, booking.id, 6000));
  w.settle();
  CHECK(w.kept(payment) == 0);
  const auto after = w.now(booking.id);
  CHECK(after.payments[0].refunded_cents == 6000);
  CHECK(after.payments[0].refunding_cents == 0);
  CHECK(after.status == BookingStatus::refunded);
  std::string all;
  for (const auto& refund : w.refunds(booking.id))
    all += std::to_string(refund.amount_cents) + " " + std::string{json::name_of(refund.status)} + ", ";
  CHECK(all == "6000 FAILED, 2000 SUCCEEDED, 4000 SUCCEEDED, ");
}

TEST_CASE("a refund that was made and never answered is not made again once the gateway has forgotten its key") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  w.pay(booking.id);
  w.settle();
  const auto payment = w.now(booking.id).payments[0];
  // Two are asked for; the process dies after one was made.
  REQUIRE(w.shop.start_refund(w.tenant, booking.id, 1000));
  REQUIRE(w.shop.start_refund(w.tenant, booking.id, 2500));
  const auto asked = w.refunds(booking.id);
  REQUIRE(asked.size() == 2);
  w.bank.refund({*payment.gateway_id, 2500, payment.currency, "forgotten", {{"refundId", asked[1].id.str()}}},
                [](Result<GatewayRefund> done) { REQUIRE(done); });
  w.posted.clear();
  w.clock.advance(24h);
  w.settle();
  CHECK(w.kept(payment) == 2500);
  for (const auto& refund : w.refunds(booking.id)) CHECK(refund.status == RefundStatus::succeeded);
}

TEST_CASE("what nobody pays within a month is called off; who comes later opens another") {
  PaidWorld w;
  const auto id = w.loft([](Offering& offering) { offering.auto_approve = false; });
  auto request = w.request(id, "2026-05-04T14:00:00Z");
  request.pay_online = false; // nothing ends it for want of money
  const auto booking = w.shop.book(w.tenant, request).value();
  REQUIRE(w.shop.approve(w.tenant, booking.id));
  const auto first = w.open(booking.id);
  for (int day = 0; day < 31; ++day) {
    w.clock.advance(24h);
    REQUIRE(w.shop.run_due(w.clock.now()));
    w.settle();
  }
  REQUIRE(w.now(booking.id).status == BookingStatus::completed);
  CHECK(w.now(booking.id).payments[0].status == PaymentStatus::failed);
  CHECK_FALSE(w.now(booking.id).payments[0].check_at);
  CHECK_FALSE(w.bank.pay(first.client_secret, test_cards::succeeds).has_value());
  const auto second = w.open(booking.id);
  CHECK(second.payment_id != first.payment_id);
  CHECK(w.bank.pay(second.client_secret, test_cards::succeeds)->state == GatewayState::succeeded);
  w.settle();
  CHECK(w.now(booking.id).owed_cents() == 0);
}

namespace {
/// A gateway that answers when it is told to.
class SlowBank final : public PaymentGateway {
 public:
  explicit SlowBank(TestGateway& bank) : bank_(bank) {}
  [[nodiscard]] std::string_view name() const noexcept override { return "test"; }
  void create(NewGatewayPayment payment, Done<GatewayPayment> done) override {
    std::unique_lock lock(mutex_);
    ++waiting;
    if (error) return done(*error);
    if (drop) return;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    bank_.create(std::move(payment), std::move(done));
  }
  void fetch(std::string id, Done<GatewayPayment> done) override { bank_.fetch(std::move(id), std::move(done)); }
  void find(std::string key, std::string value, Done<GatewayPayment> done) override { bank_.find(key, value, std::move(done)); }
  void cancel(std::string id, Done<GatewayPayment> done) override { bank_.cancel(std::move(id), std::move(done)); }
  void refund(NewGatewayRefund refund, Done<GatewayRefund> done) override { bank_.refund(std::move(refund), std::move(done)); }
  void fetch_refund(std::string id, Done<GatewayRefund> done) override { bank_.fetch_refund(std::move(id), std::move(done)); }
  void find_refund(std::string id, std::string key, std::string value, Done<GatewayRefund> done) override {
    bank_.find_refund(std::move(id), std::move(key), std::move(value), std::move(done));
  }
  void charge_saved(SavedCharge charge, Done<GatewayPayment> done) override { bank_.charge_saved(std::move(charge), std::move(done)); }
  [[nodiscard]] Result<GatewayEvent> parse_event(std::string_view, std::span<const WebhookHeaderView>, Instant) const override {
    return fail(Code::malformed_request, "It posts nothing.");
  }

  void wait_for(int callers) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting >= callers; });
  }
  void answer() {
    const std::lock_guard guard(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  int waiting = 0;
  std::optional<Error> error;
  bool drop = false;

 private:
  TestGateway& bank_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};
} // namespace

TEST_CASE("a slow gateway's payers keep neither other bookings nor other tenants out") {
  PaidWorld w;
  SlowBank slow(w.bank);
  Platform shop(w.store, w.clock, w.random, PlatformOptions{{}, {}, &slow});
  const auto id = w.loft();
  std::vector<BookingId> bookings;
  for (const auto* at : {"2026-05-04T14:00:00Z", "2026-05-04T15:00:00Z", "2026-05-04T16:00:00Z", "2026-05-04T17:00:00Z"})
    bookings.push_back(w.book(id, at).id);
  std::vector<std::thread> payers;
  std::atomic<int> opened = 0;
  const auto pay = [&](TenantId tenant, BookingId booking) {
    payers.emplace_back([&, tenant, booking] { opened += shop.pay(tenant, booking).has_value(); });
  };
  for (int i = 0; i < 2; ++i) pay(w.tenant, bookings[0]);
  slow.wait_for(2);
  CHECK(shop.pay(w.tenant, bookings[0]).error().code == Code::busy); // two of a booking
  for (int i = 0; i < 2; ++i) pay(w.tenant, bookings[1]);
  for (int i = 0; i < 2; ++i) pay(w.tenant, bookings[2]);
  slow.wait_for(6);
  CHECK(shop.pay(w.tenant, bookings[3]).error().code == Code::busy);            // six of a tenant
  CHECK(shop.pay(w.other_tenant, bookings[3]).error().code == Code::not_found); // another's are admitted
  slow.answer();
  for (auto& payer : payers) payer.join();
  CHECK(opened >= 3); // those who asked twice for one may have met in the store
  CHECK(shop.pay(w.tenant, bookings[3]).has_value());
}

TEST_CASE("what a gateway says of its troubles is for the host, not for the customer") {
  PaidWorld w;
  SlowBank slow(w.bank);
  std::string told;
  Platform shop(w.store, w.clock, w.random, PlatformOptions{{}, {}, &slow, {}, [&](const Error& error) { told = error.detail; }});
  const auto booking = w.book(w.loft());
  slow.error = fail(Code::internal, "Our key sk_123 is refused.");
  auto refused = shop.pay(w.tenant, booking.id).error();
  CHECK(refused.code == Code::payment_unavailable);
  CHECK(refused.detail.find("sk_123") == std::string::npos);
  CHECK(told == "Our key sk_123 is refused.");
  slow.error = fail(Code::invalid_fields, "acct_1 takes no JPY.");
  refused = shop.pay(w.tenant, booking.id).error();
  CHECK(refused.code == Code::invalid_transition);
  CHECK(refused.detail.find("acct_1") == std::string::npos);
  slow.error.reset();
  slow.drop = true; // it loses the question, and with it who waits
  CHECK(shop.pay(w.tenant, booking.id).error().code == Code::payment_unavailable);
  slow.drop = false;
  slow.answer();
  CHECK(shop.pay(w.tenant, booking.id).has_value());
}

TEST_CASE("cancelling gives the policy's share back, once; all of it makes the booking REFUNDED") {
  PaidWorld w;
  const auto id = w.loft([](Offering& o) { o.cancellation_policy = CancellationPolicy::of(PolicyKind::moderate); });
  const auto booking = w.book(id, "2026-05-04T14:00:00Z"); // less than three days ahead: half
  w.pay(booking.id);
  w.settle();
  REQUIRE(w.shop.cancel(w.tenant, booking.id));
  CHECK(w.now(booking.id).payments[0].refunding_cents == 3000);
  CHECK(w.shop.cancel(w.tenant, booking.id).error().code == Code::invalid_transition);
  w.settle();
  auto after = w.now(booking.id);
  CHECK(after.status == BookingStatus::cancelled);
  CHECK(after.payments[0].status == PaymentStatus::partially_refunded);
  CHECK(after.payments[0].refunding_cents == 0);
  CHECK(w.kept(after.payments[0]) == 3000);
  CHECK(w.refunds(booking.id).size() == 1);
  // The provider gives the rest back.
  CHECK(w.shop.start_refund(w.tenant, booking.id, 3001).error().faults.at(0).pointer == "/amountCents");
  REQUIRE(w.shop.start_refund(w.tenant, booking.id, 3000));
  CHECK(w.shop.start_refund(w.tenant, booking.id, 1).error().code == Code::invalid_fields); // it is on its way already
  w.settle();
  after = w.now(booking.id);
  CHECK(after.status == BookingStatus::refunded);
  CHECK(w.kept(after.payments[0]) == 0);
  CHECK(w.events(booking.id) == "booking.created booking.confirmed booking.cancelled booking.refunded ");
  CHECK(w.shop.start_refund(w.tenant, booking.id, 1).error().code == Code::invalid_transition);
}

TEST_CASE("a refund that takes its time, and one that fails and is asked for again") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  SUBCASE("late") {
    w.pay(booking.id, test_cards::refunds_late);
    w.settle();
    REQUIRE(w.shop.cancel(w.tenant, booking.id));
    w.settle();
    CHECK(w.now(booking.id).status == BookingStatus::cancelled);
    CHECK(w.refunds(booking.id)[0].status == RefundStatus::pending);
    w.posted.clear();
    w.clock.advance(5min); // the gateway settles it by now; nobody tells
    w.settle();
    CHECK(w.now(booking.id).status == BookingStatus::refunded);
  }
  SUBCASE("failed") {
    w.pay(booking.id, test_cards::refunds_fail);
    w.settle();
    REQUIRE(w.shop.cancel(w.tenant, booking.id));
    w.settle();
    w.clock.advance(5min);
    w.settle();
    REQUIRE(w.refunds(booking.id).size() == 1);
    CHECK(w.refunds(booking.id)[0].status == RefundStatus::failed);
    CHECK(w.now(booking.id).status == BookingStatus::cancelled);
    CHECK(w.now(booking.id).payments[0].refunding_cents == 0);
    REQUIRE(!w.told().empty());
    CHECK(w.told()[0].starts_with("A refund for Loft failed"));
    REQUIRE(w.shop.start_refund(w.tenant, booking.id, 6000)); // another try
    CHECK(w.refunds(booking.id).size() == 2);
  }
}

TEST_CASE("what is given back at the gateway itself is taken down") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  w.pay(booking.id);
  w.settle();
  const auto payment = w.now(booking.id).payments[0];
  const auto by_hand = [&](Amount amount, std::string key) {
    w.bank.refund({*payment.gateway_id, amount, payment.currency, std::move(key), {}}, [](Result<GatewayRefund> done) { REQUIRE(done); });
    w.settle();
  };
  by_hand(1000, "dashboard-1");
  CHECK(w.now(booking.id).payments[0].refunded_cents == 1000);
  CHECK(w.now(booking.id).status == BookingStatus::confirmed);
  by_hand(5000, "dashboard-2");
  CHECK(w.now(booking.id).status == BookingStatus::refunded);
  REQUIRE(w.refunds(booking.id).size() == 2);
  CHECK(w.refunds(booking.id)[1].reason == RefundReason::gateway);
}

TEST_CASE("what is given back at the gateway itself, and fails there, is taken back") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  w.pay(booking.id, test_cards::refunds_fail);
  w.settle();
  const auto payment = w.now(booking.id).payments[0];
  w.bank.refund({*payment.gateway_id, 1000, payment.currency, "dashboard", {}}, [](Result<GatewayRefund> done) { REQUIRE(done); });
  w.settle();
  CHECK(w.now(booking.id).payments[0].refunded_cents == 1000);
  // Another on its way, not asked for yet, is no sign of a failure.
  REQUIRE(w.shop.start_refund(w.tenant, booking.id, 500));
  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<Booking> {
    GatewayPayment shown;
    shown.id = *payment.gateway_id;
    shown.state = GatewayState::succeeded;
    shown.received = 6000;
    shown.refunded = 1000;
    return settle_payment(cx, payment.id, shown);
  }));
  CHECK(w.now(booking.id).payments[0].refunded_cents == 1000);
  w.settle();
  w.clock.advance(2min);
  w.bank.run_due();
  w.settle();
  CHECK(w.now(booking.id).payments[0].refunded_cents == 0);
  CHECK(w.now(booking.id).payments[0].refunding_cents == 0);
  for (const auto& refund : w.refunds(booking.id)) CHECK(refund.status == RefundStatus::failed);
  CHECK(w.told().size() == 2);
}

TEST_CASE("a risk under review is not confirmed by money; approved, it is") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
    auto row = *cx.tx.bookings().find(w.tenant, booking.id);
    row.risk_review_status = RiskReview::pending;
    cx.tx.bookings().update(w.tenant, row);
    return 0;
  }));
  w.pay(booking.id);
  w.settle();
  CHECK(w.now(booking.id).status == BookingStatus::pending);
  CHECK_FALSE(w.now(booking.id).payment_due_at);
  SUBCASE("approved") {
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) { return review_risk(cx, booking.id, true); }));
    CHECK(w.now(booking.id).status == BookingStatus::confirmed);
  }
  SUBCASE("rejected: the money goes back") {
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) { return review_risk(cx, booking.id, false); }));
    w.settle();
    CHECK(w.now(booking.id).status == BookingStatus::refunded);
    CHECK(w.kept(w.now(booking.id).payments[0]) == 0);
  }
}

namespace {

/// A year's desk, paid for by the month.
struct Subscribed : PaidWorld {
  Booking booking;
  explicit Subscribed(std::string_view card) {
    const auto id = loft([](Offering& o) {
      o.pricing_model = PricingModel::subscription;
      o.billing_interval = BillingInterval::month;
      o.max_advance_days = 1000;
    });
    REQUIRE(shop.write(tenant, [&](WriteContext& cx) -> Result<int> {
      // One slot that lasts for a hundred days.
      for (const auto& rule : cx.tx.availability().rules(tenant, id)) cx.tx.availability().erase(tenant, rule.id);
      AvailabilityException open;
      open.offering_id = id;
      open.kind = ExceptionKind::open;
      open.starts_at = LocalDateTime::of(LocalDate::of(2026, 5, 4), {600});
      open.ends_at = LocalDateTime::of(LocalDate::of(2026, 8, 12), {600});
      open.slot_minutes = 100 * 24 * 60;
      open.capacity = 1;
      json::Reader reader;
      return create_exception(cx, open, reader).has_value() ? Result<int>{0} : Result<int>{reader.result().error()};
    }));
    auto wanted = request(id);
    wanted.interval.end = wanted.interval.start + std::chrono::days{100};
    booking = shop.book(tenant, wanted).value();
    REQUIRE(pay(booking.id, card) == GatewayState::succeeded);
    settle();
    REQUIRE(now(booking.id).status == BookingStatus::confirmed);
  }
  void pass(std::chrono::days days) {
    for (int i = 0; i < days.count(); ++i) {
      clock.advance(24h);
      REQUIRE(shop.run_due(clock.now()));
      settle();
    }
  }
};

} // namespace

TEST_CASE("a subscription is charged each interval while its booking is CONFIRMED") {
  Subscribed w(test_cards::succeeds);
  auto subscription = w.subscription(w.booking.id).value();
  CHECK(to_string(subscription.paid_until) == "2026-06-01T12:00:00Z");
  CHECK(subscription.next_renewal_at == subscription.paid_until);
  w.pass(std::chrono::days{32});
  subscription = *w.subscription(w.booking.id);
  CHECK(subscription.periods == 2);
  CHECK(to_string(subscription.paid_until) == "2026-07-01T12:00:00Z");
  CHECK(w.now(w.booking.id).payments.size() == 2);
  CHECK(w.now(w.booking.id).payments[1].purpose == PaymentPurpose::renewal);
  w.pass(std::chrono::days{75});
  subscription = *w.subscription(w.booking.id);
  CHECK(subscription.periods == 4); // until August 12th
  CHECK_FALSE(subscription.next_renewal_at);
  CHECK(subscription.status == SubscriptionStatus::ended);
  CHECK(w.now(w.booking.id).status == BookingStatus::completed);
  CHECK(w.now(w.booking.id).paid_cents() == 4 * 6000);
}

TEST_CASE("cancelling ends a subscription, and nothing is charged any more") {
  Subscribed w(test_cards::succeeds);
  w.pass(std::chrono::days{35});
  REQUIRE(w.shop.cancel(w.tenant, w.booking.id));
  CHECK(w.subscription(w.booking.id)->status == SubscriptionStatus::ended);
  w.pass(std::chrono::days{40});
  CHECK(w.now(w.booking.id).payments.size() == 2);
}

TEST_CASE("renewals follow a booking that moves") {
  Subscribed w(test_cards::succeeds);
  const auto move = [&](std::string_view end) {
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
      for (const auto& row : cx.tx.availability().exceptions(w.tenant, w.booking.items[0].offering_id))
        cx.tx.availability().erase(w.tenant, row.id);
      AvailabilityException open;
      open.offering_id = w.booking.items[0].offering_id;
      open.kind = ExceptionKind::open;
      open.starts_at = LocalDateTime::of(LocalDate::of(2026, 5, 4), {600});
      open.ends_at = LocalDateTime::of(*LocalDate::parse(end), {600});
      open.slot_minutes =
          static_cast<int>((*Instant::parse(std::string{end} + "T10:00:00Z") - *Instant::parse("2026-05-04T10:00:00Z")) / 1min);
      open.capacity = 1;
      json::Reader reader;
      ORKESTR_CHECK(create_exception(cx, open, reader));
      return 0;
    }));
    const auto start = w.booking.items[0].starts_at;
    const auto length = *Instant::parse(std::string{end} + "T10:00:00Z") - *Instant::parse("2026-05-04T10:00:00Z");
    REQUIRE(w.shop.reschedule(w.tenant, w.booking.id, {{}, {start, start + length}, Audience::provider}));
  };
  move("2026-05-20"); // the first month pays for all of it
  CHECK_FALSE(w.subscription(w.booking.id)->next_renewal_at);
  move("2026-07-20");
  CHECK(to_string(w.subscription(w.booking.id)->next_renewal_at.value()) == "2026-06-01T12:00:00Z");
  w.pass(std::chrono::days{65});
  CHECK(w.subscription(w.booking.id)->periods == 3); // until July 20th
}

TEST_CASE("a renewal under way when its booking is completed is for a period that had begun") {
  Subscribed w(test_cards::succeeds);
  w.pass(std::chrono::days{99}); // the last of its periods began on August 1st
  auto row = w.subscription(w.booking.id).value();
  // As if its last renewal were still on its way at the bank.
  const auto payment = w.now(w.booking.id).payments.back();
  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
    auto pending = payment;
    pending.status = PaymentStatus::pending;
    row.payment_id = payment.id;
    pending.check_at = w.clock.now();
    cx.tx.bookings().update_payment(w.tenant, pending);
    --row.periods;
    row.paid_until = period_end(row, row.periods);
    cx.tx.payments().put(w.tenant, row);
    return 0;
  }));
  w.clock.advance(std::chrono::days{5});
  REQUIRE(w.shop.run_due(w.clock.now()));
  REQUIRE(w.now(w.booking.id).status == BookingStatus::completed);
  CHECK(w.subscription(w.booking.id)->status == SubscriptionStatus::ended);
  w.settle(); // the desk looks, and finds that it has been paid
  CHECK(w.subscription(w.booking.id)->periods == row.periods + 1);
  CHECK(w.subscription(w.booking.id)->status == SubscriptionStatus::ended);
  CHECK(w.refunds(w.booking.id).empty());
}

TEST_CASE("a subscription at a gateway that the host no longer has is told of, and can be paid by another") {
  Subscribed w(test_cards::succeeds);
  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
    auto row = cx.tx.payments().subscription(w.tenant, w.booking.id).value();
    row.provider = "gone";
    cx.tx.payments().put(w.tenant, row);
    return 0;
  }));
  w.pass(std::chrono::days{33});
  CHECK(w.subscription(w.booking.id)->status == SubscriptionStatus::past_due);
  CHECK_FALSE(w.told(w.booking.customer_id).empty());
  CHECK(w.pay(w.booking.id) == GatewayState::succeeded);
  w.settle();
  CHECK(w.subscription(w.booking.id)->status == SubscriptionStatus::active);
  w.pass(std::chrono::days{29});
  CHECK(w.subscription(w.booking.id)->periods == 3); // at the gateway that it was paid at last
}

TEST_CASE("a refund at a gateway that the host no longer has fails, and the provider is told") {
  PaidWorld w;
  const auto booking = w.book(w.loft());
  w.pay(booking.id);
  w.settle();
  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
    auto payment = cx.tx.bookings().find(w.tenant, booking.id)->payments[0];
    payment.provider = "gone";
    cx.tx.bookings().update_payment(w.tenant, payment);
    return 0;
  }));
  REQUIRE(w.shop.start_refund(w.tenant, booking.id, 2000));
  w.settle();
  CHECK(w.refunds(booking.id)[0].status == RefundStatus::pending); // perhaps of another host's
  w.clock.advance(24h);
  w.settle();
  CHECK(w.refunds(booking.id)[0].status == RefundStatus::failed);
  CHECK(w.now(booking.id).payments[0].refundable_cents() == 6000);
  CHECK_FALSE(w.told().empty());
}

TEST_CASE("an open renewal for another amount than the subscription has now can't be paid") {
  Subscribed w(test_cards::renewal_declined);
  w.pass(std::chrono::days{31});
  REQUIRE(w.subscription(w.booking.id)->status == SubscriptionStatus::past_due);
  const auto first = w.open(w.booking.id);
  REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<int> { // as a move to another price does
    auto row = cx.tx.payments().subscription(w.tenant, w.booking.id).value();
    row.amount_cents = 9000;
    cx.tx.payments().put(w.tenant, row);
    return 0;
  }));
  const auto second = w.open(w.booking.id);
  CHECK(second.amount_cents == 9000);
  w.settle();
  CHECK_FALSE(w.bank.pay(first.client_secret, test_cards::succeeds).has_value());
  CHECK(w.bank.pay(second.client_secret, test_cards::succeeds)->state == GatewayState::succeeded);
  w.settle();
  CHECK(w.subscription(w.booking.id)->periods == 2);
}

TEST_CASE("a renewal that fails is told of and tried again; in the end the booking is cancelled") {
  Subscribed w(test_cards::renewal_declined);
  w.pass(std::chrono::days{31});
  auto subscription = w.subscription(w.booking.id).value();
  CHECK(subscription.status == SubscriptionStatus::past_due);
  CHECK(subscription.failures == 1);
  CHECK(w.now(w.booking.id).payments[1].status == PaymentStatus::failed);
  CHECK(w.now(w.booking.id).payments[1].failure_code == "card_declined");
  REQUIRE(!w.told(w.booking.customer_id).empty());
  CHECK(w.told(w.booking.customer_id)[0].find("tried again on 2026-06-02") != std::string::npos);
  SUBCASE("nobody mends it") {
    w.pass(std::chrono::days{12});
    CHECK(w.now(w.booking.id).status == BookingStatus::cancelled);
    CHECK(w.now(w.booking.id).cancel_reason == "renewal_failed");
    CHECK(w.subscription(w.booking.id)->status == SubscriptionStatus::ended);
    CHECK(w.now(w.booking.id).payments.size() == 5); // the first, and four tries
    CHECK(w.refunds(w.booking.id).empty());
  }
  SUBCASE("the customer pays by another card") {
    const auto opened = w.open(w.booking.id);
    CHECK(opened.amount_cents == 6000);
    CHECK(w.bank.pay(opened.client_secret, test_cards::declined)->state == GatewayState::failed);
    w.settle();
    CHECK(w.subscription(w.booking.id)->failures == 1); // their own tries are theirs
    CHECK(w.bank.pay(opened.client_secret, test_cards::succeeds)->state == GatewayState::succeeded);
    w.settle();
    subscription = *w.subscription(w.booking.id);
    CHECK(subscription.status == SubscriptionStatus::active);
    CHECK(subscription.periods == 2);
    w.pass(std::chrono::days{31});
    CHECK(w.subscription(w.booking.id)->periods == 3); // by the new card
  }
}

TEST_CASE("months and years keep their day, in the offering's zone") {
  const auto end = [](std::string_view from, BillingInterval interval, int n, std::string zone = "America/New_York") {
    Subscription subscription;
    subscription.started_at = *Instant::parse(from);
    subscription.billing_interval = interval;
    subscription.time_zone = std::move(zone);
    return to_string(period_end(subscription, n));
  };
  CHECK(end("2026-01-31T15:00:00Z", BillingInterval::month, 1) == "2026-02-28T15:00:00Z");
  CHECK(end("2026-01-31T15:00:00Z", BillingInterval::month, 2) == "2026-03-31T14:00:00Z"); // daylight saving time; the 31st again
  CHECK(end("2024-02-29T15:00:00Z", BillingInterval::year, 1) == "2025-02-28T15:00:00Z");
  CHECK(end("2024-02-29T15:00:00Z", BillingInterval::year, 4) == "2028-02-29T15:00:00Z");
  CHECK(end("2026-03-05T15:00:00.250Z", BillingInterval::week, 1) == "2026-03-12T14:00:00.250Z");
  CHECK(end("2026-12-31T23:30:00Z", BillingInterval::month, 2, "UTC") == "2027-02-28T23:30:00Z");
  CHECK(end("2026-01-31T15:00:00Z", BillingInterval::month, 1, "Nowhere/Land") == "2026-03-02T15:00:00Z");
}
