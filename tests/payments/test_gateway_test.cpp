#include "orkestr/adapters/test_gateway.hpp"

#include "payments/collect.hpp"

#include <algorithm>
#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using State = GatewayState;
using Kind = GatewayEventKind;

namespace {

struct Shop {
  ManualClock clock{Instant::from_seconds(1'800'000'000)};
  SeededRandom random{7};
  std::vector<TestGatewayEvent> raw;
  TestGateway gateway{clock, random, {.on_event = [this](TestGatewayEvent event) { raw.push_back(std::move(event)); }}};

  NewGatewayPayment order(std::string key, Amount amount = 5'000) const {
    return {.amount = amount,
            .currency = *Currency::parse("EUR"),
            .idempotency_key = std::move(key),
            .description = "A room",
            .metadata = {{"tenantId", "tnt_1"}, {"bookingId", "bkg_1"}},
            .customer_email = "a@example.com",
            .save_method = true};
  }
  Result<GatewayPayment> create(const NewGatewayPayment& payment) {
    return ask<GatewayPayment>([&](auto done) { gateway.create(payment, done); });
  }
  Result<GatewayPayment> fetch(const std::string& id) {
    return ask<GatewayPayment>([&](auto done) { gateway.fetch(id, done); });
  }
  Result<GatewayPayment> cancel(const std::string& id) {
    return ask<GatewayPayment>([&](auto done) { gateway.cancel(id, done); });
  }
  Result<GatewayRefund> refund(const std::string& id, Amount amount, std::string key) {
    return ask<GatewayRefund>([&](auto done) {
      gateway.refund({.payment_id = id, .amount = amount, .currency = *Currency::parse("EUR"), .idempotency_key = key}, done);
    });
  }
  Result<GatewayRefund> fetch_refund(const std::string& id) {
    return ask<GatewayRefund>([&](auto done) { gateway.fetch_refund(id, done); });
  }
  Result<GatewayPayment> renew(const SavedMethod& saved, std::string key) {
    return ask<GatewayPayment>([&](auto done) { gateway.charge_saved({.amount = 700, .idempotency_key = key, .saved = saved}, done); });
  }
  GatewayPayment paid(std::string_view card, std::string key = "k") {
    const auto payment = create(order(std::move(key))).value();
    return gateway.pay(payment.client_secret, card).value();
  }
  /// The events since the last call, through the check of their signatures.
  std::vector<GatewayEvent> events() {
    std::vector<GatewayEvent> out;
    for (const auto& event : raw) {
      const WebhookHeaderView headers[] = {{test_gateway_header, event.signature}};
      out.push_back(gateway.parse_event(event.body, headers, clock.now()).value());
    }
    raw.clear();
    return out;
  }
  std::vector<Kind> kinds() {
    std::vector<Kind> out;
    for (const auto& event : events()) out.push_back(event.kind);
    return out;
  }
};

using Kinds = std::vector<Kind>;

} // namespace

TEST_CASE("test gateway: a payment is opened, paid, and told of") {
  Shop shop;
  const auto opened = shop.create(shop.order("k")).value();
  CHECK(opened.state == State::requires_method);
  CHECK(opened.received == 0);
  CHECK(shop.kinds().empty());
  const auto paid = shop.gateway.pay(opened.client_secret, "4242 4242-4242 4242").value();
  CHECK(paid.state == State::succeeded);
  CHECK(paid.received == 5'000);
  CHECK(paid.card->last4 == "4242");
  CHECK(paid.card->country == "US");
  CHECK(paid.saved.has_value());
  const auto events = shop.events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == Kind::payment_succeeded);
  CHECK(events[0].payment_id == opened.id);
  CHECK(events[0].amount == 5'000);
  CHECK(events[0].currency.code() == "EUR");
  CHECK(events[0].metadata == GatewayMetadata{{"bookingId", "bkg_1"}, {"tenantId", "tnt_1"}});
  CHECK(events[0].card->fingerprint == paid.card->fingerprint);
  CHECK(events[0].created_at == shop.clock.now());
  CHECK_FALSE(events[0].live);
  CHECK(shop.fetch(opened.id).value().state == State::succeeded);
  CHECK(code(shop.gateway.pay(opened.client_secret, test_cards::succeeds)) == "invalid_transition");
  CHECK(code(shop.cancel(opened.id)) == "invalid_transition");
}

TEST_CASE("test gateway: declines say why, and another card may follow") {
  Shop shop;
  const auto opened = shop.create(shop.order("k")).value();
  const std::pair<std::string_view, std::string_view> declines[] = {{test_cards::declined, "card_declined"},
                                                                    {test_cards::insufficient_funds, "insufficient_funds"},
                                                                    {test_cards::expired, "expired_card"},
                                                                    {"4242424242424241", "incorrect_number"},
                                                                    {"", "incorrect_number"}};
  for (const auto& [card, reason] : declines) {
    const auto tried = shop.gateway.pay(opened.client_secret, card).value();
    CHECK(tried.state == State::failed);
    CHECK(tried.failure->code == reason);
    const auto events = shop.events();
    REQUIRE(events.size() == 1);
    CHECK(events[0].kind == Kind::payment_failed);
    CHECK(events[0].failure->code == reason);
    CHECK_FALSE(events[0].failure->message.empty());
  }
  CHECK(shop.gateway.pay(opened.client_secret, test_cards::succeeds).value().state == State::succeeded);
  CHECK_FALSE(shop.fetch(opened.id).value().failure);
}

TEST_CASE("test gateway: 3-D Secure") {
  Shop shop;
  const auto asked = shop.paid(test_cards::authenticates);
  CHECK(asked.state == State::requires_action);
  CHECK(shop.kinds().empty());
  CHECK(shop.gateway.authenticate(asked.client_secret, false).value().failure->code == "authentication_failed");
  CHECK(shop.kinds() == Kinds{Kind::payment_failed});
  CHECK(shop.gateway.pay(asked.client_secret, test_cards::authenticates).value().state == State::requires_action);
  CHECK(shop.gateway.authenticate(asked.client_secret, true).value().state == State::succeeded);
  CHECK(shop.kinds() == Kinds{Kind::payment_succeeded});
  CHECK(code(shop.gateway.authenticate(asked.client_secret, true)) == "invalid_transition");

  const auto other = shop.paid(test_cards::authenticates_then_declined, "k2");
  CHECK(shop.gateway.authenticate(other.client_secret, true).value().failure->code == "card_declined");
}

TEST_CASE("test gateway: what is late settles with time, or when told") {
  Shop shop;
  const auto well = shop.paid(test_cards::settles_late, "a"), badly = shop.paid(test_cards::fails_late, "b");
  const auto told = shop.paid(test_cards::settles_late, "c");
  CHECK(well.state == State::processing);
  CHECK(shop.kinds() == Kinds(3, Kind::payment_processing));
  CHECK(code(shop.cancel(well.id)) == "invalid_transition");
  CHECK(shop.gateway.settle(told.id, false));
  CHECK(shop.fetch(told.id).value().state == State::failed);
  CHECK(code(shop.gateway.settle(told.id, true)) == "invalid_transition");
  CHECK(shop.kinds() == Kinds{Kind::payment_failed});

  shop.clock.advance(std::chrono::minutes{1} - milliseconds{1});
  CHECK(shop.gateway.run_due() == 0);
  shop.clock.advance(milliseconds{1});
  CHECK(shop.gateway.run_due() == 2);
  CHECK(shop.kinds() == Kinds{Kind::payment_succeeded, Kind::payment_failed});
  CHECK(shop.fetch(well.id).value().state == State::succeeded);
  CHECK(shop.fetch(badly.id).value().state == State::failed);
  CHECK(shop.gateway.run_due() == 0);

  const auto seen = shop.paid(test_cards::settles_late, "d");
  shop.clock.advance(std::chrono::hours{1});
  CHECK(shop.fetch(seen.id).value().state == State::succeeded);
}

TEST_CASE("test gateway: cancelled is for good") {
  Shop shop;
  const auto opened = shop.create(shop.order("k")).value();
  CHECK(shop.cancel(opened.id).value().state == State::cancelled);
  CHECK(shop.cancel(opened.id).value().state == State::cancelled);
  CHECK(shop.kinds() == Kinds{Kind::payment_cancelled});
  CHECK(code(shop.gateway.pay(opened.client_secret, test_cards::succeeds)) == "invalid_transition");
}

TEST_CASE("test gateway: refunds sum to what was paid at most") {
  Shop shop;
  const auto paid = shop.paid(test_cards::succeeds);
  CHECK(shop.kinds() == Kinds{Kind::payment_succeeded});
  CHECK(paid.refunded == 0);
  const auto first = shop.refund(paid.id, 2'000, "r1").value();
  CHECK(first.state == RefundState::succeeded);
  CHECK(shop.fetch(paid.id).value().refunded == 2'000);
  const auto events = shop.events();
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == Kind::refund_updated);
  CHECK(events[0].refund_state == RefundState::succeeded);
  CHECK(events[0].amount == 2'000);
  CHECK(events[1].kind == Kind::payment_refunded);
  CHECK(code(shop.refund(paid.id, 3'001, "r2")) == "invalid_transition");
  CHECK(shop.fetch(paid.id).value().refunded == 2'000);
  CHECK(shop.refund(paid.id, 3'000, "r3"));
  CHECK(shop.events().back().amount == 5'000);
  CHECK(shop.fetch(paid.id).value().refunded == 5'000);
  CHECK(shop.fetch(paid.id).value().received == 5'000);
  CHECK(code(ask<GatewayRefund>([&](auto done) { shop.gateway.find_refund(first.payment_id, "refundId", "none", done); })) == "not_found");
  const auto seen = shop.fetch_refund(first.id).value();
  CHECK(seen.id == first.id);
  CHECK(seen.payment_id == paid.id);
  CHECK(seen.state == RefundState::succeeded);
  CHECK(seen.amount == 2'000);
  CHECK(seen.currency.code() == "EUR");
  CHECK(code(shop.refund(paid.id, 1, "r4")) == "invalid_transition");
  CHECK(code(shop.refund(shop.create(shop.order("k2")).value().id, 1, "r5")) == "invalid_transition");
  CHECK(code(shop.refund("pi_none", 1, "r6")) == "not_found");
  CHECK(code(shop.refund(paid.id, 0, "r7")) == "invalid_fields");
  const auto foreign = ask<GatewayRefund>([&](auto done) {
    shop.gateway.refund({.payment_id = paid.id, .amount = 1, .currency = *Currency::parse("USD"), .idempotency_key = "r8"}, done);
  });
  CHECK(code(foreign) == "invalid_fields");
}

TEST_CASE("test gateway: refunds that take time, and that fail") {
  Shop shop;
  const auto late = shop.paid(test_cards::refunds_late, "a"), never = shop.paid(test_cards::refunds_fail, "b");
  shop.raw.clear();
  const auto r1 = shop.refund(late.id, 5'000, "r1").value(), r2 = shop.refund(never.id, 5'000, "r2").value();
  CHECK(r1.state == RefundState::pending);
  CHECK(r2.state == RefundState::pending);
  CHECK(shop.fetch_refund(r1.id).value().state == RefundState::pending);
  CHECK(shop.fetch(late.id).value().refunded == 5'000); // on its way
  CHECK(shop.fetch(never.id).value().refunded == 5'000);
  CHECK(code(shop.refund(never.id, 1, "r3")) == "invalid_transition");
  CHECK(shop.kinds() == Kinds(2, Kind::refund_updated));
  shop.clock.advance(std::chrono::minutes{1});
  CHECK(shop.gateway.run_due() == 2);
  const auto events = shop.events();
  REQUIRE(events.size() == 3);
  CHECK(events[0].refund_state == RefundState::succeeded);
  CHECK(events[1].kind == Kind::payment_refunded);
  CHECK(events[2].refund_state == RefundState::failed);
  CHECK(events[2].failure.has_value());
  CHECK(shop.fetch_refund(r1.id).value().state == RefundState::succeeded);
  CHECK(shop.fetch_refund(r2.id).value().state == RefundState::failed);
  CHECK(shop.fetch_refund(r2.id).value().failure.has_value());
  CHECK(shop.refund(never.id, 5'000, "r2").value().state == RefundState::pending); // the answer as it was
  CHECK(shop.fetch(late.id).value().refunded == 5'000);
  CHECK(shop.fetch(never.id).value().refunded == 0);
  CHECK(shop.refund(never.id, 5'000, "r4")); // the money is back where it was
  CHECK(shop.fetch(never.id).value().refunded == 5'000);
}

TEST_CASE("test gateway: a late refund settles when it is looked at") {
  Shop shop;
  const auto late = shop.paid(test_cards::refunds_late, "a"), never = shop.paid(test_cards::refunds_fail, "b");
  const auto r1 = shop.refund(late.id, 100, "r1").value(), r2 = shop.refund(never.id, 100, "r2").value();
  shop.raw.clear();
  shop.clock.advance(std::chrono::minutes{1} - milliseconds{1});
  CHECK(shop.fetch_refund(r1.id).value().state == RefundState::pending);
  CHECK(shop.kinds().empty());
  shop.clock.advance(milliseconds{1});
  CHECK(shop.fetch_refund(r1.id).value().state == RefundState::succeeded);
  CHECK(shop.kinds() == Kinds{Kind::refund_updated, Kind::payment_refunded, Kind::refund_updated});
  CHECK(shop.fetch_refund(r2.id).value().state == RefundState::failed);
  CHECK(shop.gateway.run_due() == 0);
}

TEST_CASE("test gateway: disputes") {
  Shop shop;
  const auto paid = shop.paid(test_cards::disputed);
  const auto events = shop.events();
  REQUIRE(events.size() == 2);
  CHECK(events[1].kind == Kind::dispute_opened);
  CHECK(events[1].payment_id == paid.id);
  CHECK_FALSE(events[1].dispute_id.empty());
}

TEST_CASE("test gateway: renewals") {
  Shop shop;
  const auto saved = [&](std::string_view card, std::string key) {
    auto paid = shop.paid(card, key);
    if (paid.state == State::requires_action) paid = shop.gateway.authenticate(paid.client_secret, true).value();
    return paid.saved.value();
  };
  const auto good = saved(test_cards::succeeds, "a");
  CHECK(shop.renew(good, "n1").value().state == State::succeeded);
  CHECK(shop.renew(good, "n1").value().id == shop.renew(good, "n1").value().id);
  CHECK(shop.renew(saved(test_cards::renewal_declined, "b"), "n2").value().failure->code == "card_declined");
  const auto wants = shop.renew(saved(test_cards::authenticates, "c"), "n3").value();
  CHECK(wants.state == State::failed);
  CHECK(wants.failure->code == "authentication_required");
  CHECK(code(shop.renew({"cus_x", "pm_x"}, "n4")) == "not_found");
}

TEST_CASE("test gateway: a key acts once") {
  Shop shop;
  const auto first = shop.create(shop.order("k")).value();
  CHECK(shop.gateway.pay(first.client_secret, test_cards::succeeds));
  const auto again = shop.create(shop.order("k")).value();
  CHECK(again.id == first.id);
  CHECK(again.client_secret == first.client_secret);
  CHECK(again.state == State::requires_method); // the answer as it was
  CHECK(code(shop.create(shop.order("k", 5'001))) == "idempotency_mismatch");
  CHECK(code(shop.refund(first.id, 1, "k")) == "idempotency_mismatch");
  shop.raw.clear();
  CHECK(shop.refund(first.id, 10, "r").value().id == shop.refund(first.id, 10, "r").value().id);
  CHECK(shop.kinds().size() == 2);
  for (const char* key : {"", "a b", "\n", "\xc3\xa9"}) CHECK(code(shop.create(shop.order(key))) == "invalid_fields");
  CHECK(code(shop.create(shop.order(std::string(201, 'k')))) == "invalid_fields");
}

TEST_CASE("test gateway: secrets and ids of others") {
  Shop shop;
  const auto payment = shop.create(shop.order("k")).value();
  for (const std::string& secret : {std::string{}, payment.id, payment.id + "_secret_", payment.client_secret + "x"})
    CHECK(code(shop.gateway.pay(secret, test_cards::succeeds)) == "not_found");
  CHECK(code(shop.fetch("pi_none")) == "not_found");
  for (const std::string& id : {std::string{}, std::string{"re_none"}, payment.id}) CHECK(code(shop.fetch_refund(id)) == "not_found");
  CHECK(code(shop.gateway.settle("pi_none", true)) == "not_found");
}

TEST_CASE("test gateway: events are signed") {
  Shop shop;
  (void)shop.paid(test_cards::succeeds);
  auto event = shop.raw.at(0);
  const auto parse = [&](Instant now) {
    const WebhookHeaderView headers[] = {{test_gateway_header, event.signature}};
    return code(shop.gateway.parse_event(event.body, headers, now));
  };
  CHECK(parse(shop.clock.now()) == "ok");
  CHECK(parse(shop.clock.now() + std::chrono::minutes{6}) == "unauthenticated");
  event.body += ' ';
  CHECK(parse(shop.clock.now()) == "unauthenticated");
  // Another gateway's are not taken for this one's, unless they share a secret.
  SeededRandom random{8};
  TestGateway other{shop.clock, random}, akin{shop.clock, random, {.webhook_secret = "whsec_shared"}};
  (void)shop.paid(test_cards::succeeds, "k2");
  const WebhookHeaderView headers[] = {{test_gateway_header, shop.raw.at(1).signature}};
  CHECK(code(other.parse_event(shop.raw[1].body, headers, shop.clock.now())) == "unauthenticated");
  CHECK(code(akin.parse_event(shop.raw[1].body, headers, shop.clock.now())) == "unauthenticated");
}

TEST_CASE("test gateway: the same seed and calls give the same events") {
  const auto run = [] {
    Shop shop;
    for (const auto& card : all_test_cards()) (void)shop.paid(card.number, std::string{card.number});
    shop.clock.advance(std::chrono::hours{1});
    shop.gateway.run_due();
    std::string all;
    for (const auto& event : shop.raw) all += event.body + event.signature;
    return all;
  };
  CHECK(run() == run());
}

TEST_CASE("test gateway: it forgets the oldest, and does not grow") {
  ManualClock clock{Instant::from_seconds(1'800'000'000)};
  SeededRandom random{7};
  TestGateway gateway{clock, random, {.max_payments = 3}};
  std::vector<GatewayPayment> made;
  std::vector<GatewayRefund> returned;
  for (int i = 0; i < 10; ++i) {
    made.push_back(
        ask<GatewayPayment>([&](auto done) { gateway.create({.amount = 5, .idempotency_key = "k" + std::to_string(i)}, done); }).value());
    CHECK(gateway.pay(made.back().client_secret, test_cards::refunds_late));
    returned.push_back(ask<GatewayRefund>([&](auto done) {
                         gateway.refund({.payment_id = made.back().id, .amount = 1, .idempotency_key = "r" + std::to_string(i)}, done);
                       }).value());
  }
  CHECK(code(ask<GatewayPayment>([&](auto done) { gateway.fetch(made[6].id, done); })) == "not_found");
  CHECK(code(ask<GatewayPayment>([&](auto done) { gateway.fetch(made[7].id, done); })) == "ok");
  CHECK(code(ask<GatewayRefund>([&](auto done) { gateway.fetch_refund(returned[6].id, done); })) == "not_found");
  CHECK(code(ask<GatewayRefund>([&](auto done) { gateway.fetch_refund(returned[7].id, done); })) == "ok");
  clock.advance(std::chrono::hours{1});
  CHECK(gateway.run_due() == 3); // the refunds of those that are left
}

TEST_CASE("test gateway: events may call back, and threads do not trip over each other") {
  ManualClock clock{Instant::from_seconds(1'800'000'000)};
  SeededRandom random{7};
  std::atomic<int> succeeded = 0, refunded = 0;
  TestGateway* self = nullptr;
  TestGateway gateway{clock, random, {.on_event = [&](TestGatewayEvent event) {
                        const WebhookHeaderView headers[] = {{test_gateway_header, event.signature}};
                        const auto told = self->parse_event(event.body, headers, clock.now()).value();
                        if (told.kind == Kind::payment_refunded) ++refunded;
                        if (told.kind != Kind::payment_succeeded) return;
                        ++succeeded;
                        self->refund({.payment_id = told.payment_id, .amount = told.amount, .idempotency_key = "r" + told.payment_id},
                                     [](Result<GatewayRefund>) {});
                      }}};
  self = &gateway;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        gateway.create({.amount = 100, .idempotency_key = "k" + std::to_string(i)},
                       [&](Result<GatewayPayment> payment) { (void)gateway.pay(payment->client_secret, test_cards::succeeds); });
    });
  for (auto& thread : threads) thread.join();
  CHECK(succeeded == 200); // four times the same key is one payment
  CHECK(refunded == 200);
}
