#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace orkestr::storage_contract {
namespace {

using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

template <class Row> Row with_id(Row row, decltype(Row::id) id) {
  row.id = id;
  return row;
}

/// The samples must leave no field at its default, or a store could drop that field unseen.
template <class Row> void check_filled(const Row& one, const Row& two) {
  const Fields a = fields(one), b = fields(two), none = fields(Row{});
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(i);
    CHECK(a[i] != b[i]);
    CHECK(a[i] != none[i]);
  }
  std::multiset<std::string> distinct(a.begin(), a.end());
  for (const auto* flag : {"true", "false"}) distinct.erase(flag);
  CHECK(std::set<std::string>(distinct.begin(), distinct.end()).size() == distinct.size());
}

/// Inserts number 1, changes every field to number 2, then every optional one to nothing, and reads each back.
/// `settle` may put back what an update is not to change.
template <class Row, class Make, class Insert, class Update, class Find, class Settle>
void check_fields(Store& store, Make make, Insert insert, Update update, Find find, Settle settle) {
  const Row one = make(1), two = make(2);
  Row bare;
  bare.id = one.id;
  check_filled(one, two);
  const auto now_there = [&] { return read(store, [&](const ReadTransaction& tx) { return text_of(find(tx, one.id)); }); };
  CHECK(now_there() == "");
  write(store, [&](WriteTransaction& tx) { insert(tx, one); });
  CHECK(now_there() == text_of(one));
  for (Row changed : {with_id(two, one.id), bare, with_id(two, one.id)}) {
    settle(changed, one);
    write(store, [&](WriteTransaction& tx) { update(tx, changed); });
    CHECK(now_there() == text_of(changed));
  }
  // An update of a row that isn't there does nothing.
  write(store, [&](WriteTransaction& tx) { update(tx, two); });
  CHECK(read(store, [&](const ReadTransaction& tx) { return text_of(find(tx, two.id)); }) == "");
}
constexpr auto nothing_to_settle = [](auto&, const auto&) {};

void tenant_fields(Store& store) {
  check_fields<Tenant>(
      store, sample_tenant, [](auto& tx, const Tenant& row) { tx.tenants().insert(row); },
      [](auto& tx, const Tenant& row) { tx.tenants().update(row); }, [](auto& tx, TenantId id) { return tx.tenants().find(id); },
      nothing_to_settle);
}

void api_key_fields(Store& store) {
  const auto t = add_tenant(store);
  check_fields<ApiKey>(
      store, sample_api_key, [&](auto& tx, const ApiKey& row) { tx.api_keys().insert(t, row); },
      [&](auto& tx, const ApiKey& row) { tx.api_keys().update(t, row); }, [&](auto& tx, ApiKeyId id) { return tx.api_keys().find(t, id); },
      [](ApiKey& changed, const ApiKey& first) { changed.prefix = first.prefix; });
}

void offering_fields(Store& store) {
  const auto t = add_tenant(store);
  check_fields<Offering>(
      store, sample_offering, [&](auto& tx, const Offering& row) { tx.offerings().insert(t, row); },
      [&](auto& tx, const Offering& row) { tx.offerings().update(t, row); },
      [&](auto& tx, OfferingId id) { return tx.offerings().find_even_deleted(t, id); },
      [](Offering& changed, const Offering& first) {
        changed.rating_average = first.rating_average;
        changed.review_count = first.review_count;
        changed.rating_sum = first.rating_sum;
      });
}

void availability_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto first_of = [](auto rows, auto id) {
    const auto found = std::ranges::find(rows, id, [](const auto& row) { return row.id; });
    return found == rows.end() ? std::nullopt : std::optional{*found};
  };
  const auto offering = mint<OfferingId>(), other = mint<OfferingId>();
  check_fields<AvailabilityRule>(
      store, [&](int n) { return sample_rule(n, n == 1 ? offering : other); },
      [&](auto& tx, const AvailabilityRule& row) { tx.availability().insert(t, row); },
      [&](auto& tx, const AvailabilityRule& row) { tx.availability().update(t, row); },
      [&](auto& tx, RuleId id) { return first_of(tx.availability().rules(t, offering), id); },
      [&](AvailabilityRule& changed, const AvailabilityRule&) { changed.offering_id = offering; });
  check_fields<AvailabilityException>(
      store, [&](int n) { return sample_exception(n, n == 1 ? offering : other); },
      [&](auto& tx, const AvailabilityException& row) { tx.availability().insert(t, row); },
      [&](auto& tx, const AvailabilityException& row) { tx.availability().update(t, row); },
      [&](auto& tx, ExceptionId id) { return first_of(tx.availability().exceptions(t, offering), id); },
      [&](AvailabilityException& changed, const AvailabilityException&) { changed.offering_id = offering; });
}

void customer_fields(Store& store) {
  const auto t = add_tenant(store);
  check_fields<Customer>(
      store, sample_customer, [&](auto& tx, const Customer& row) { tx.customers().insert(t, row); },
      [&](auto& tx, const Customer& row) { tx.customers().update(t, row); },
      [&](auto& tx, CustomerId id) { return tx.customers().find(t, id); }, nothing_to_settle);
}

void booking_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto ada = sample_customer(1), bob = sample_customer(2);
  const auto offering = mint<OfferingId>();
  write(store, [&](WriteTransaction& tx) {
    tx.customers().insert(t, ada);
    tx.customers().insert(t, bob);
  });
  check_fields<BookingRow>(
      store, [&](int n) { return sample_booking_row(n, n == 1 ? ada.id : bob.id); },
      [&](auto& tx, const BookingRow& row) {
        Booking whole;
        static_cast<BookingRow&>(whole) = row;
        whole.items = {sample_item(1, row.id, offering)};
        tx.bookings().insert(t, whole);
      },
      [&](auto& tx, const BookingRow& row) { tx.bookings().update(t, row); },
      [&](auto& tx, BookingId id) -> std::optional<BookingRow> { return tx.bookings().find(t, id); }, nothing_to_settle);

  auto booking = sample_booking(1, ada, offering);
  check_filled(booking.items[0], sample_item(2, mint<BookingId>(), mint<OfferingId>()));
  check_filled(booking.payments[0], sample_payment(2, mint<BookingId>()));
  write(store, [&](WriteTransaction& tx) { tx.bookings().insert(t, booking); });
  const auto now_there = [&] { return read(store, [&](const ReadTransaction& tx) { return text_of(tx.bookings().find(t, booking.id)); }); };
  CHECK(now_there() == text_of(booking));
  booking.items[1] = with_id(sample_item(2, booking.id, mint<OfferingId>()), booking.items[1].id);
  booking.payments[1] = with_id(sample_payment(2, booking.id), booking.payments[1].id);
  write(store, [&](WriteTransaction& tx) {
    tx.bookings().update_item(t, booking.items[1]);
    tx.bookings().update_payment(t, booking.payments[1]);
    tx.bookings().update_item(t, sample_item(1, booking.id, offering)); // of neither is there such a row
    tx.bookings().update_payment(t, sample_payment(1, booking.id));
  });
  CHECK(now_there() == text_of(booking));
  booking.customer = with_id(bob, ada.id);
  write(store, [&](WriteTransaction& tx) { tx.customers().update(t, booking.customer); });
  CHECK(now_there() == text_of(booking)); // the customer's row is shown as it is now
}

void coupon_fields(Store& store) {
  const auto t = add_tenant(store);
  // Deleted coupons are in no read, so that field shows only by its effect; see `deleted`.
  const auto make = [](int n) {
    auto coupon = sample_coupon(n);
    coupon.deleted_at.reset();
    return coupon;
  };
  const auto one = make(1), two = make(2);
  check_filled(sample_coupon(1), sample_coupon(2));
  const auto now_there = [&] { return read(store, [&](const ReadTransaction& tx) { return text_of(tx.coupons().find(t, one.id)); }); };
  CHECK(now_there() == "");
  write(store, [&](WriteTransaction& tx) { tx.coupons().insert(t, one); });
  CHECK(now_there() == text_of(one));
  Coupon bare;
  for (Coupon changed : {two, bare, two}) {
    changed.id = one.id;
    changed.redeemed_count = 0; // not taken over: the count is the store's
    write(store, [&](WriteTransaction& tx) { tx.coupons().update(t, changed); });
    changed.redeemed_count = one.redeemed_count;
    CHECK(now_there() == text_of(changed));
  }
  write(store, [&](WriteTransaction& tx) { tx.coupons().update(t, two); });
  CHECK_FALSE(read(store, [&](const ReadTransaction& tx) { return tx.coupons().find(t, two.id); }).has_value());
}

void claim_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto offering = mint<OfferingId>(), other = mint<OfferingId>();
  const auto one = sample_claim(1, offering);
  auto two = sample_claim(2, other);
  check_filled(one, two);
  two.holder = one.holder; // put() moves the holder's claim, also to another key
  const std::string key = offering.str(), other_key = "resource:Room 1";
  const auto all_of = [&](std::string_view id) {
    return read(store, [&](const ReadTransaction& tx) {
      return text_of(tx.occupancy().in_range(t, id, {minute(-100'000), minute(100'000)}, minute(0)));
    });
  };
  write(store, [&](WriteTransaction& tx) {
    tx.occupancy().lock(t, key, one.interval.length());
    tx.occupancy().put(t, key, one);
  });
  CHECK(all_of(key) == text_of(one));
  CHECK(all_of(other_key) == "");
  write(store, [&](WriteTransaction& tx) {
    tx.occupancy().lock(t, key, {});
    tx.occupancy().lock(t, other_key, {});
    tx.occupancy().lock(t, other_key, two.interval.length()); // twice is as good as once
    tx.occupancy().put(t, other_key, two);
  });
  CHECK(all_of(key) == "");
  CHECK(all_of(other_key) == text_of(two));
  write(store, [&](WriteTransaction& tx) {
    tx.occupancy().set_status(t, mint<HoldId>(), storage::ClaimStatus::held);
    tx.occupancy().set_status(t, two.holder, storage::ClaimStatus::held);
  });
  two.status = storage::ClaimStatus::held;
  CHECK(all_of(other_key) == text_of(two));
  write(store, [&](WriteTransaction& tx) {
    tx.occupancy().erase(t, mint<BookingItemId>());
    tx.occupancy().erase(t, two.holder);
    tx.occupancy().erase(t, two.holder);
  });
  CHECK(all_of(other_key) == "");
}

void hold_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto one = sample_hold(1, mint<OfferingId>());
  check_filled(one, sample_hold(2, mint<OfferingId>()));
  write(store, [&](WriteTransaction& tx) { tx.holds().insert(t, one); });
  CHECK(read(store, [&](const ReadTransaction& tx) { return text_of(tx.holds().find(t, one.id)); }) == text_of(one));
  CHECK(read(store, [&](const ReadTransaction& tx) { return text_of(tx.holds().find(t, mint<HoldId>())); }) == "");
}

void pricing_rule_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto offering = mint<OfferingId>();
  const auto one = sample_pricing_rule(1, offering);
  auto two = sample_pricing_rule(2, offering);
  check_filled(one, sample_pricing_rule(2, mint<OfferingId>()));
  const auto plain = PricingRule{.id = mint<PricingRuleId>(), .offering_id = offering};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& rule : {one, plain}) tx.pricing_rules().insert(t, rule);
  });
  const auto all = [&] { return read(store, [&](const ReadTransaction& tx) { return text_of(tx.pricing_rules().of(t, offering)); }); };
  CHECK(all() == text_of(one) + text_of(plain));
  two.id = one.id;
  write(store, [&](WriteTransaction& tx) {
    tx.pricing_rules().update(t, two);
    tx.pricing_rules().erase(t, plain.id);
    tx.pricing_rules().erase(t, plain.id);
  });
  CHECK(all() == text_of(two));
}

void risk_policy_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto policy = [&] { return read(store, [&](const ReadTransaction& tx) { return text_of(tx.risk().policy(t)); }); };
  CHECK(policy() == "");
  for (int n : {1, 2}) {
    write(store, [&](WriteTransaction& tx) { tx.risk().put_policy(t, sample_policy_of_risk(n)); });
    CHECK(policy() == text_of(sample_policy_of_risk(n)));
  }
}

void branding_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto branding = [&] { return read(store, [&](const ReadTransaction& tx) { return text_of(tx.tenants().branding(t)); }); };
  CHECK(branding() == "");
  check_filled(sample_branding(1), sample_branding(2));
  for (const auto& row : {sample_branding(1), sample_branding(2), Branding{}}) {
    write(store, [&](WriteTransaction& tx) { tx.tenants().put_branding(t, row); });
    CHECK(branding() == text_of(row));
  }
}

void mail_fields(Store& store) {
  const auto t = add_tenant(store);
  check_fields<QueuedMail>(
      store, sample_mail, [&](auto& tx, const QueuedMail& row) { tx.mails().insert(t, row); },
      [&](auto& tx, const QueuedMail& row) { tx.mails().update(t, row); }, [&](auto& tx, MailId id) { return tx.mails().find(t, id); },
      nothing_to_settle);
  check_filled(sample_pass(1), sample_pass(2));
}

void portal_fields(Store& store) {
  const auto t = add_tenant(store);
  check_fields<Import>(
      store, sample_import, [&](auto& tx, const Import& row) { tx.imports().insert(t, row); },
      [&](auto& tx, const Import& row) { tx.imports().update(t, row); }, [&](auto& tx, ImportId id) { return tx.imports().find(t, id); },
      nothing_to_settle);
  check_filled(sample_domain(1), sample_domain(2));
  check_filled(sample_calendar_token(1), sample_calendar_token(2));
  check_filled(sample_locale(1), sample_locale(2));
  check_filled(sample_translation(1, "off_1", "es"), sample_translation(2, "off_2", "fr"));
}

void member_fields(Store& store) {
  const auto t = add_tenant(store);
  check_fields<Member>(
      store, sample_member, [&](auto& tx, const Member& row) { tx.members().insert(t, row); },
      [&](auto& tx, const Member& row) { tx.members().update(t, row); }, [&](auto& tx, MemberId id) { return tx.members().find(t, id); },
      nothing_to_settle);
  const auto member = mint<MemberId>();
  check_filled(sample_member_pass(1, member), sample_member_pass(2, mint<MemberId>()));
  check_filled(sample_session(1, member), sample_session(2, mint<MemberId>()));
}

void event_and_record_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto event = sample_event(1);
  const auto record = sample_record(1);
  check_filled(event, sample_event(2));
  check_filled(record, sample_record(2));
  write(store, [&](WriteTransaction& tx) {
    tx.events().append(t, event);
    tx.idempotency().put(t, record);
  });
  read(store, [&](const ReadTransaction& tx) {
    CHECK(text_of(tx.events().list(t, "", 100)) == text_of(event));
    CHECK(text_of(tx.idempotency().find(t, record.key)) == text_of(record));
  });
}

void webhook_fields(Store& store) {
  const auto t = add_tenant(store);
  check_fields<Webhook>(
      store, sample_webhook, [&](auto& tx, const Webhook& row) { tx.webhooks().insert(t, row); },
      [&](auto& tx, const Webhook& row) { tx.webhooks().update(t, row); },
      [&](auto& tx, WebhookId id) { return tx.webhooks().find(t, id); }, nothing_to_settle);
  const auto one = sample_endpoint(1, mint<WebhookId>());
  auto two = sample_endpoint(2, one.webhook_id);
  check_filled(one, sample_endpoint(2, mint<WebhookId>()));
  const auto endpoint = [&] {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.webhooks().endpoint(t, one.webhook_id)); });
  };
  write(store, [&](WriteTransaction& tx) { tx.webhooks().put_endpoint(t, one); });
  CHECK(endpoint() == ""); // nobody has taken it
  write(store, [&](WriteTransaction& tx) {
    (void)tx.webhooks().take(t, one.webhook_id, one.owner, epoch, one.owned_until);
    tx.webhooks().put_endpoint(t, one);
    tx.webhooks().put_endpoint(t, two); // another's
  });
  CHECK(endpoint() == text_of(one));
  two.owner = one.owner;
  const WebhookEndpoint bare{.webhook_id = one.webhook_id, .owner = one.owner, .owned_until = {}, .failing_since = {}, .open_until = {}};
  for (const auto& changed : {two, bare, two}) {
    write(store, [&](WriteTransaction& tx) { tx.webhooks().put_endpoint(t, changed); });
    CHECK(endpoint() == text_of(changed));
  }
}

void delivery_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto event = sample_event(1);
  auto one = sample_delivery(1, mint<WebhookId>(), event.id);
  auto two = sample_delivery(2, mint<WebhookId>(), mint<EventId>());
  check_filled(one, two);
  const Delivery bare = live_delivery(one.webhook_id, event, epoch);
  write(store, [&](WriteTransaction& tx) {
    tx.events().append(t, event);
    for (const auto& row : {one, bare}) tx.deliveries().insert(t, row);
  });
  const auto there = [&](const Delivery& row) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.deliveries().find(t, row.id)); });
  };
  CHECK(there(one) == text_of(one));
  CHECK(there(bare) == text_of(bare));
  // Everything that an attempt changes, and nothing else.
  two = with_id(two, bare.id);
  write(store, [&](WriteTransaction& tx) { tx.deliveries().settle(t, two, bare.attempts); });
  Delivery settled = two;
  settled.webhook_id = bare.webhook_id;
  settled.event_id = bare.event_id;
  settled.event = bare.event;
  settled.subject = bare.subject;
  settled.created_at = bare.created_at;
  CHECK(there(bare) == text_of(settled));

  const auto first = sample_delivery_attempt(1, one.id);
  check_filled(first, sample_delivery_attempt(2, mint<DeliveryId>()));
  const DeliveryAttempt plain{.delivery_id = one.id, .number = 1, .at = epoch, .status = {}, .failure = {}};
  auto again = sample_delivery_attempt(2, one.id);
  again.number = first.number;
  write(store, [&](WriteTransaction& tx) {
    for (const auto& attempt : {first, plain, again}) tx.deliveries().insert_attempt(t, attempt); // the last is one too many
  });
  CHECK(read(store, [&](const ReadTransaction& tx) { return text_of(tx.deliveries().attempts(t, one.id)); }) ==
        text_of(plain) + text_of(first));
  // A delivery of no event is none.
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.deliveries().insert(t, sample_delivery(1, one.webhook_id, mint<EventId>())); }));
}

void notification_fields(Store& store) {
  const auto t = add_tenant(store);
  const auto one = sample_notification(1, mint<CustomerId>());
  check_filled(one, sample_notification(2, mint<CustomerId>()));
  const Notification bare{.id = mint<NotificationId>(), .customer_id = {}, .created_at = epoch, .read_at = {}};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& row : {one, bare}) tx.notifications().insert(t, row);
  });
  read(store, [&](const ReadTransaction& tx) {
    for (const auto& row : {one, bare}) CHECK(text_of(tx.notifications().find(t, row.id)) == text_of(row));
    CHECK(text_of(tx.notifications().find(t, mint<NotificationId>())) == "");
  });
}

void every_enumerator(Store& store) {
  const auto t = add_tenant(store);
  const auto ada = sample_customer(1);
  write(store, [&](WriteTransaction& tx) { tx.customers().insert(t, ada); });
  const auto endpoint = mint<WebhookId>();
  constexpr int longest = static_cast<int>(json::EnumNames<EventType>::names.size());
  static_assert(json::EnumNames<NotificationKind>::names.size() <= longest);
  for (int n = 0; n < longest; ++n) {
    CAPTURE(n);
    const auto tenant = sample_tenant(n);
    auto offering = sample_offering(n);
    offering.deleted_at.reset();
    const auto booking = sample_booking(n, ada, offering.id);
    const auto exception = sample_exception(std::max(n, 1), offering.id);
    const auto event = sample_event(n);
    auto key = sample_api_key(1);
    key.scopes = {static_cast<Scope>(n % 3), static_cast<Scope>((n + 1) % 3)};
    auto coupon = sample_coupon(n);
    coupon.deleted_at.reset();
    const auto webhook = sample_webhook(n);
    const auto delivery = sample_delivery(n, endpoint, event.id);
    const auto notification = sample_notification(n + 1, {});
    const std::string last_event = read(store, [&](const ReadTransaction& tx) {
      const auto events = tx.events().list(t, "", 100);
      return events.empty() ? std::string{} : events.back().id.str();
    });
    write(store, [&](WriteTransaction& tx) {
      tx.tenants().insert(tenant);
      tx.offerings().insert(t, offering);
      tx.bookings().insert(t, booking);
      tx.availability().insert(t, exception);
      tx.events().append(t, event);
      tx.api_keys().insert(t, key);
      tx.coupons().insert(t, coupon);
      tx.webhooks().insert(t, webhook);
      tx.deliveries().insert(t, delivery);
      tx.notifications().insert(t, notification);
    });
    read(store, [&](const ReadTransaction& tx) {
      CHECK(text_of(tx.webhooks().find(t, webhook.id)) == text_of(webhook));
      CHECK(text_of(tx.deliveries().find(t, delivery.id)) == text_of(delivery));
      CHECK(tx.deliveries().count(t, endpoint, {{}, event.type, {}, {}}) == 1);
      CHECK(tx.deliveries().count(t, endpoint, {delivery.status, event.type, {}, {}}) == 1);
      CHECK(text_of(tx.notifications().find(t, notification.id)) == text_of(notification));
      CHECK(text_of(tx.tenants().find(tenant.id)) == text_of(tenant));
      CHECK(text_of(tx.offerings().find(t, offering.id)) == text_of(offering));
      CHECK(text_of(tx.bookings().find(t, booking.id)) == text_of(booking));
      CHECK(text_of(tx.availability().exceptions(t, offering.id)) == text_of(exception));
      CHECK(text_of(tx.events().list(t, last_event, 100)) == text_of(event));
      CHECK(text_of(tx.api_keys().find(t, key.id)) == text_of(key));
      CHECK(text_of(tx.coupons().find(t, coupon.id)) == text_of(coupon));
    });
  }
}

void difficult_texts(Store& store) {
  const auto t = add_tenant(store);
  std::string long_text, emoji;
  for (int i = 0; i < 20'000; ++i) long_text += static_cast<char>('a' + i % 26), emoji += "🎉";
  const std::string texts[] = {
      "'; DROP TABLE offerings; --",
      R"("quoted" \backslash\ $1 ?1 :name %d {} \u0041)",
      "line\r\nbreaks\tand\x01\x1f controls",
      "żółć ünïcödé Ελληνικά עברית العربية 日本語 🧑‍👩‍👧‍👦 e\u0301 \u202e",
      " ",
      "",
      long_text,
      emoji};
  for (const auto& text : texts) {
    auto offering = live_offering(text);
    offering.description = text;
    offering.attributes = {{"text", text}, {text.size() < 1000 ? "key " + text : "key", 1}};
    auto customer = sample_customer(1);
    customer.name = text;
    auto booking = sample_booking(1, customer, offering.id);
    booking.notes = text;
    booking.cancel_reason = text;
    booking.items[0].offering_title = text;
    booking.price_lines[0].label = text;
    booking.risk_reasons[0].detail = text;
    auto event = sample_event(1);
    event.body = text;
    auto record = sample_record(1);
    record.headers = record.body = text;
    auto webhook = sample_webhook(1);
    webhook.url = webhook.description = text;
    if (text.size() < 50) webhook.events = {"x" + text, "*"};
    auto delivery = live_delivery(webhook.id, event, minute(1));
    delivery.last_error = text;
    auto attempt = sample_delivery_attempt(1, delivery.id);
    attempt.detail = attempt.body = text;
    auto notification = sample_notification(1, {});
    notification.title = text;
    if (text.size() < 1000) record.key += text;
    if (text.size() < 50) offering.categories = {"x" + text}; // what a category may be long
    write(store, [&](WriteTransaction& tx) {
      tx.offerings().insert(t, offering);
      tx.customers().insert(t, customer);
      tx.bookings().insert(t, booking);
      tx.events().append(t, event);
      tx.idempotency().put(t, record);
      tx.webhooks().insert(t, webhook);
      tx.deliveries().insert(t, delivery);
      tx.deliveries().insert_attempt(t, attempt);
      tx.notifications().insert(t, notification);
    });
    read(store, [&](const ReadTransaction& tx) {
      CHECK(difference(text_of(tx.webhooks().find(t, webhook.id)), text_of(webhook)) == "");
      CHECK(difference(text_of(tx.deliveries().due(t, webhook.id, false, minute(1), 10)),
                       text_of(storage::DeliveryRepository::Ready{delivery, text})) == "");
      CHECK(difference(text_of(tx.deliveries().attempts(t, delivery.id)), text_of(attempt)) == "");
      CHECK(difference(text_of(tx.notifications().find(t, notification.id)), text_of(notification)) == "");
      CHECK(difference(text_of(tx.offerings().find(t, offering.id)), text_of(offering)) == "");
      CHECK(difference(text_of(tx.bookings().find(t, booking.id)), text_of(booking)) == "");
      CHECK(difference(text_of(tx.events().list(t, "", 100).back()), text_of(event)) == "");
      CHECK(difference(text_of(tx.idempotency().find(t, record.key)), text_of(record)) == "");
      const auto found = tx.offerings().list(t, {{}, {}, {}, text, {}}, {200, {}});
      CHECK(std::ranges::count(found, offering.id, &Offering::id) == 1);
    });
  }
}

} // namespace

std::vector<Check> field_checks() {
  return {{"every field of tenants", tenant_fields},
          {"every field of brandings", branding_fields},
          {"every field of mails", mail_fields},
          {"every field of imports, domains and calendars", portal_fields},
          {"every field of members", member_fields},
          {"every field of API keys", api_key_fields},
          {"every field of offerings", offering_fields},
          {"every field of rules and exceptions", availability_fields},
          {"every field of customers", customer_fields},
          {"every field of bookings, items and payments", booking_fields},
          {"every field of coupons", coupon_fields},
          {"every field of claims", claim_fields},
          {"every field of holds", hold_fields},
          {"every field of pricing rules", pricing_rule_fields},
          {"every field of risk policies", risk_policy_fields},
          {"every field of events and idempotency records", event_and_record_fields},
          {"every field of webhooks and their endpoints", webhook_fields},
          {"every field of deliveries and their attempts", delivery_fields},
          {"every field of notifications", notification_fields},
          {"every enumerator", every_enumerator},
          {"difficult texts", difficult_texts}};
}

} // namespace orkestr::storage_contract
