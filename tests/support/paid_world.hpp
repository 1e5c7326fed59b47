// An ApiWorld whose bookings are paid for at a test gateway, with the events that it posts kept until they are delivered.
#pragma once

#include "support/api_world.hpp"

#include "orkestr/adapters/test_gateway.hpp"
#include "orkestr/platform/payment_desk.hpp"

namespace orkestr::test {

struct PaidWorld : ApiWorld {
  std::vector<TestGatewayEvent> posted;
  TestGateway bank{
      clock, random, {.webhook_secret = "whsec_test", .on_event = [this](TestGatewayEvent event) { posted.push_back(event); }}};
  Platform shop{store, clock, random, PlatformOptions{platform.secrets(), NetworkPolicy{.allow_loopback = true}, &bank, "pk_test"}};
  PaymentDesk desk{shop};

  OfferingId loft(const std::function<void(Offering&)>& change = {}) {
    const auto id = make_offering(tenant, "Loft", 1);
    REQUIRE(shop.write(tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(tenant, id);
      offering.auto_approve = true;
      if (change) change(offering);
      json::Reader reader;
      return update_offering(cx, offering, reader);
    }));
    return id;
  }
  BookRequest request(OfferingId id, std::string_view from = "2026-05-04T14:00:00Z", int hours = 1) {
    BookRequest r;
    r.offering_id = id;
    r.interval.start = *Instant::parse(from);
    r.interval.end = r.interval.start + std::chrono::hours{hours};
    r.customer_name = "Ada Lovelace";
    r.customer_email = "ada@example.com";
    r.pay_online = true;
    return r;
  }
  Booking book(OfferingId id, std::string_view from = "2026-05-04T14:00:00Z", int hours = 1) {
    return shop.book(tenant, request(id, from, hours)).value();
  }
  Booking now(BookingId id) {
    return store.read([&](const storage::ReadTransaction& tx) -> Result<Booking> { return *tx.bookings().find(tenant, id); }).value();
  }
  std::vector<Refund> refunds(BookingId id) {
    return store
        .read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Refund>> { return tx.payments().refunds_of(tenant, id); })
        .value();
  }
  std::optional<Subscription> subscription(BookingId id) {
    return store
        .read([&](const storage::ReadTransaction& tx) -> Result<std::optional<Subscription>> {
          return tx.payments().subscription(tenant, id);
        })
        .value();
  }
  /// Types of the events about a booking, each followed by a space.
  std::string events(BookingId id) {
    std::string types;
    (void)store.read([&](const storage::ReadTransaction& tx) -> Result<int> {
      types.clear();
      for (const auto& event : tx.events().list(tenant, "", 1000))
        if (event.subject == id.view()) types += std::string{json::name_of(event.type)} + " ";
      return 0;
    });
    return types;
  }
  /// Titles of the provider's notifications of the kind GENERIC, newest first.
  std::vector<std::string> told(std::optional<CustomerId> customer = {}) {
    std::vector<std::string> titles;
    (void)store.read([&](const storage::ReadTransaction& tx) -> Result<int> {
      titles.clear();
      for (const auto& row : tx.notifications().list(tenant, customer, false, {100, {}}))
        if (row.kind == NotificationKind::generic) titles.push_back(row.title);
      return 0;
    });
    return titles;
  }
  Result<void> deliver(const TestGatewayEvent& event) {
    const WebhookHeaderView header{test_gateway_header, event.signature};
    return shop.take_gateway_event(event.body, {&header, 1});
  }
  /// Posts what the gateway has to tell, and lets the desk ask until there is nothing more to ask.
  void settle() {
    for (int rounds = 0; rounds < 20; ++rounds) {
      auto events = std::exchange(posted, {});
      for (const auto& event : events) REQUIRE(deliver(event).has_value());
      const auto done = desk.step(clock.now()).value();
      if (events.empty() && done.payments + done.refunds + done.renewals == 0) return;
    }
    FAIL("the desk finds no end");
  }
  OpenPayment open(BookingId id) { return shop.pay(tenant, id).value(); }
  /// Pays by a card.
  GatewayState pay(BookingId id, std::string_view card = test_cards::succeeds) {
    return bank.pay(open(id).client_secret, card).value().state;
  }
  /// What the gateway has of a payment, less what went back.
  Amount kept(const Payment& payment) {
    Amount sum = 0;
    bank.fetch(*payment.gateway_id, [&](Result<GatewayPayment> shown) { sum = shown->received - shown->refunded; });
    return sum;
  }
};

} // namespace orkestr::test
