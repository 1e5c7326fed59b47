#include "storage/samples.hpp"
#include "support/look_back.hpp"

#include "orkestr/ports/random.hpp"

namespace orkestr::storage_contract {
namespace {

using namespace support;

using namespace std::string_literals;

template <class... T> Fields json_of(const T&... values) { return {json::to_json(values)...}; }

/// Nasty for quoting, escaping and encoding, and different for each field and number.
std::string text(const char* field, int n) { return field + " "s + std::to_string(n) + R"( 'a' "b" \c %d _e ;-- żółć 日本 🎉)"; }

/// Number 0 is the default.
template <class E> E nth(int n) { return static_cast<E>(static_cast<std::size_t>(n) % json::EnumNames<E>::names.size()); }

/// Different for each field and number, with milliseconds.
Instant instant(int field, int n) { return minute(field * 1000 + n) + milliseconds{field * 7 + n}; }

template <class AnyId> std::string body_of(AnyId id) { return std::string{id.view().substr(AnyId::prefix.size())}; }

CancellationPolicy sample_policy(int n) { return {nth<PolicyKind>(n), {{100 + n, 90 - n}, {10 + n, 40 - n}}}; }

} // namespace

std::string difference(std::string_view is, std::string_view expected) {
  while (is != expected) {
    const auto a = is.substr(0, is.find('\n')), b = expected.substr(0, expected.find('\n'));
    if (a != b) return std::string{a} + " instead of " + std::string{b};
    is.remove_prefix(std::min(is.size(), a.size() + 1));
    expected.remove_prefix(std::min(expected.size(), b.size() + 1));
  }
  return {};
}

IdMinter& minter() {
  static SeededRandom random(7);
  static IdMinter minter(random);
  return minter;
}

Fields fields(const Tenant& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l);
}
Fields fields(const ApiKey& row) {
  const auto& [a, b, c, d, e, f, g, h, i] = row;
  return json_of(a, b, c, d, e, f, g, h, i);
}
Fields fields(const Offering& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a2, b2, c2, d2, e2, f2, g2] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a2, b2, c2, d2, e2, f2, g2);
}
Fields fields(const AvailabilityRule& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j);
}
Fields fields(const AvailabilityException& row) {
  const auto& [a, b, c, d, e, f, g, h, i] = row;
  return json_of(a, b, c, d, e, f, g, h, i);
}
Fields fields(const storage::Claim& row) {
  const auto& [a, b, c, d, e, f] = row;
  return json_of(std::string{a.view()}, b, c.start, c.end, d, e, f);
}
Fields fields(const PricingRule& row) {
  const auto& [a, b, c, d, e, f, g, h] = row;
  return json_of(a, b, c, d, e, f, g, h);
}
Fields fields(const Hold& row) {
  const auto& [a, b, c, d, e, f, g, h] = row;
  return json_of(a, b, c, d, e, f, g, h);
}
Fields fields(const RiskPolicy& row) {
  const auto& [a, b, c] = row;
  return json_of(a, b, c);
}
Fields fields(const Customer& row) {
  const auto& [a, b, c, d, e, f] = row;
  return json_of(a, b, c, d, e, f);
}
Fields fields(const BookingItem& row) {
  const auto& [a, b, c, d, e, f, g, h, i] = row;
  return json_of(a, b, c, d, e, f, g, h, i);
}
Fields fields(const Payment& row) {
  const auto& [a, b, c, d, e, f, g, h] = row;
  return json_of(a, b, c, d, e, f, g, h);
}
Fields fields(const BookingRow& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a2, b2, c2, d2] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a2, b2, c2, d2);
}
Fields fields(const Booking& whole) {
  Fields all = fields(static_cast<const BookingRow&>(whole));
  for (auto& field : fields(whole.customer)) all.push_back("customer " + field);
  for (const auto& item : whole.items)
    for (auto& field : fields(item)) all.push_back("item " + field);
  for (const auto& payment : whole.payments)
    for (auto& field : fields(payment)) all.push_back("payment " + field);
  return all;
}
Fields fields(const Coupon& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}
Fields fields(const Event& row) {
  const auto& [a, b, c, d, e] = row;
  return json_of(a, b, c, d, e);
}
Fields fields(const storage::IdempotencyRecord& row) {
  const auto& [a, b, c, d, e, f] = row;
  return json_of(a, b, c, d, e, f);
}

Tenant sample_tenant(int n) {
  const auto id = mint<TenantId>();
  return {.id = id,
          .name = text("name", n),
          .subdomain = "sub-" + body_of(id),
          .display_currency = *Currency::parse(n % 2 == 1 ? "KWD" : "JPY"),
          .time_zone = n % 2 == 1 ? "Europe/Warsaw" : "Asia/Tokyo",
          .locale = n % 2 == 1 ? "pl" : "ja",
          .logo_url = text("logo", n),
          .brand_color = text("color", n),
          .custom_domain = text("domain", n),
          .kyb_status = nth<KybStatus>(n),
          .status = nth<TenantStatus>(n),
          .created_at = instant(1, n)};
}

ApiKey sample_api_key(int n) {
  static std::atomic<unsigned> next{0x1000'0000};
  char prefix[9];
  std::snprintf(prefix, sizeof prefix, "%08x", next.fetch_add(1));
  return {.id = mint<ApiKeyId>(),
          .prefix = prefix,
          .secret_hash = text("hash", n),
          .name = text("name", n),
          .scopes = n % 2 == 1 ? std::vector{Scope::admin} : std::vector{Scope::admin, Scope::read},
          .created_at = instant(1, n),
          .last_used_at = instant(2, n),
          .expires_at = instant(3, n),
          .revoked_at = instant(4, n)};
}

Offering sample_offering(int n) {
  const auto id = mint<OfferingId>();
  return {.id = id,
          .title = text("title", n),
          .slug = "slug-" + body_of(id),
          .description = text("description", n) + "\n\ttwo lines",
          .status = nth<OfferingStatus>(n),
          .product_type_key = text("type", n),
          .categories = {text("category", n), text("other", n)},
          .attributes = {{text("key", n), text("value", n)},
                         {"whole", n},
                         {"part", n + 0.25},
                         {"big", std::int64_t{9'007'199'254'740'993} + n},
                         {"yes", n % 2 == 1},
                         {"none", nullptr},
                         {"list", {"a", "b", text("c", n)}}},
          .photos = {{"https://example.com/" + std::to_string(n) + ".jpg", text("alt", n)}, {"https://example.com/x?y=%20&z", ""}},
          .time_zone = n % 2 == 1 ? "America/New_York" : "Pacific/Chatham",
          .pricing_model = nth<PricingModel>(n),
          .base_price_cents = 1'000'000'000'000 - n,
          .min_price_cents = 1'000 + n,
          .max_price_cents = 1'000'000'000'000 - n + 3,
          .currency = *Currency::parse(n % 2 == 1 ? "KWD" : "JPY"),
          .tax_rate_bps = 2300 + n,
          .tax_inclusive = n % 2 == 1,
          .billing_interval = nth<BillingInterval>(n),
          .cancellation_policy = sample_policy(n),
          .auto_approve = n % 2 == 1,
          .reschedule_allowed = n % 2 == 0,
          .min_notice_minutes = 110 + n,
          .max_advance_days = 210 + n,
          .buffer_before_minutes = 310 + n,
          .buffer_after_minutes = 410 + n,
          .min_duration_minutes = 510 + n,
          .max_duration_minutes = 610 + n,
          .resource = text("resource", n),
          .rating_average = 4.1 + n * 0.1,
          .review_count = 710 + n,
          .created_at = instant(1, n),
          .updated_at = instant(2, n),
          .deleted_at = instant(3, n)};
}

AvailabilityRule sample_rule(int n, OfferingId offering) {
  return {.id = mint<RuleId>(),
          .offering_id = offering,
          .day_of_week = n % 7,
          .start_time = {static_cast<std::int16_t>(480 + n)},
          .end_time = {static_cast<std::int16_t>(1441 - n)},
          .slot_minutes = 30 + n,
          .step_minutes = 15 + n,
          .capacity = 4 + n,
          .valid_from = LocalDate::of(2026, 2, 1) + n,
          .valid_until = LocalDate::of(2027, 2, 1) + n};
}

AvailabilityException sample_exception(int n, OfferingId offering) {
  return {.id = mint<ExceptionId>(),
          .offering_id = offering,
          .kind = nth<ExceptionKind>(n),
          .starts_at = LocalDateTime::of(LocalDate::of(2026, 3, n), {600}),
          .ends_at = LocalDateTime::of(LocalDate::of(2026, 4, n), {700}),
          .slot_minutes = 31 + n,
          .step_minutes = 16 + n,
          .capacity = 5 + n,
          .note = text("note", n)};
}

storage::Claim sample_claim(int n, OfferingId offering) {
  return {.holder = mint<BookingItemId>(),
          .offering_id = offering,
          .interval = {instant(1, n), instant(2, n)},
          .quantity = 2 + n,
          .status = nth<storage::ClaimStatus>(n + 1),
          .expires_at = instant(9, n)};
}

PricingRule sample_pricing_rule(int n, OfferingId offering) {
  return {.id = mint<PricingRuleId>(),
          .offering_id = offering,
          .name = text("rule", n),
          .priority = 3 + n,
          .active = n % 2 == 0,
          .when = {.days_of_week = DaySet::of({n, n + 1}),
                   .local_time_range = LocalTimeRange{{static_cast<std::int16_t>(600 + n)}, {1440}},
                   .local_date_range = LocalDateRange{LocalDate::of(2026, 5, 1) + n, std::nullopt},
                   .lead_time_hours = NumberRange{n, std::nullopt},
                   .occupancy_pct = NumberRange{std::nullopt, 40 + n}},
          .adjust = {nth<AdjustKind>(n), -5 - n},
          .created_at = instant(1, n)};
}

Hold sample_hold(int n, OfferingId offering) {
  return {.id = mint<HoldId>(),
          .offering_id = offering,
          .starts_at = instant(1, n),
          .ends_at = instant(2, n),
          .quantity = 4 + n,
          .client = text("client", n),
          .created_at = instant(3, n),
          .expires_at = instant(4, n)};
}

RiskPolicy sample_policy_of_risk(int n) {
  return {.weights = {{RiskSignal::past_refunds, 3 + n, 10 + n}, {RiskSignal::unpaid_holds, 1, 0}}, .hold_at = 40 + n, .block_at = 80 + n};
}

storage::Attempt sample_attempt(int n) {
  return {.id = mint<AttemptId>(),
          .kind = nth<storage::AttemptKind>(n),
          .email = text("email", n),
          .ip = text("ip", n),
          .device = text("device", n),
          .card = text("card", n),
          .at = instant(1, n)};
}

Customer sample_customer(int n) {
  const auto id = mint<CustomerId>();
  return {.id = id,
          .name = text("name", n),
          .email = "Ada.O'Hara+" + body_of(id) + "@Example.COM",
          .phone = text("phone", n),
          .locale = text("locale", n),
          .created_at = instant(1, n)};
}

BookingItem sample_item(int n, BookingId booking, OfferingId offering) {
  return {.id = mint<BookingItemId>(),
          .booking_id = booking,
          .offering_id = offering,
          .offering_title = text("offering", n),
          .starts_at = instant(1, n),
          .ends_at = instant(2, n),
          .quantity = 2 + n,
          .unit_price_cents = 1'000 + n,
          .subtotal_cents = 2'000 + n};
}

Payment sample_payment(int n, BookingId booking) {
  return {.id = mint<PaymentId>(),
          .booking_id = booking,
          .status = nth<PaymentStatus>(n),
          .amount_cents = 4'000 + n,
          .refunded_cents = 1'000 + n,
          .currency = *Currency::parse(n % 2 == 1 ? "KWD" : "JPY"),
          .provider = text("provider", n),
          .created_at = instant(3, n)};
}

BookingRow sample_booking_row(int n, CustomerId customer) {
  return {.id = mint<BookingId>(),
          .customer_id = customer,
          .status = nth<BookingStatus>(n),
          .subtotal_cents = 10'000 + n,
          .discount_cents = 11'000 + n,
          .tax_cents = 12'000 + n,
          .total_cents = 13'000 + n,
          .currency = *Currency::parse(n % 2 == 1 ? "KWD" : "JPY"),
          .coupon_id = mint<CouponId>(),
          .coupon_code = text("code", n),
          .coupon_kind = nth<CouponKind>(n),
          .coupon_amount = 14'000 + n,
          .notes = text("notes", n),
          .source = text("source", n),
          .risk_score = 50 + n,
          .risk_review_status = nth<RiskReview>(n),
          .risk_reasons = {{text("signal", n), 15 + n, text("why", n)}, {"second", 1, ""}},
          .price_lines = {{text("label", n),
                           1 + n,
                           2 + n,
                           3 + n,
                           4 + n,
                           5 + n,
                           6 + n,
                           {{text("step", n), mint<PricingRuleId>(), 7 + n}},
                           mint<BookingItemId>()},
                          {"second", -7, 1, -8, 0, 0, -9, {}, {}}},
          .policy = sample_policy(n),
          .auto_approve = n % 2 == 1,
          .payment_due_at = instant(9, n),
          .manage_token_hash = text("hash", n),
          .refund_percent = 60 + n,
          .refund_cents = 15'000 + n,
          .cancel_reason = text("reason", n),
          .created_at = instant(4, n),
          .updated_at = instant(5, n),
          .confirmed_at = instant(6, n),
          .cancelled_at = instant(7, n),
          .completed_at = instant(8, n)};
}

Booking sample_booking(int n, const Customer& customer, OfferingId offering) {
  Booking booking;
  static_cast<BookingRow&>(booking) = sample_booking_row(n, customer.id);
  booking.customer = customer;
  booking.items = {sample_item(n, booking.id, offering), sample_item(n + 2, booking.id, offering)};
  booking.payments = {sample_payment(n, booking.id), sample_payment(n + 2, booking.id)};
  return booking;
}

Coupon sample_coupon(int n) {
  const auto id = mint<CouponId>();
  return {.id = id,
          .code = "code " + body_of(id) + text("", n),
          .folded_code = fold_code("code " + body_of(id) + text("", n)),
          .kind = nth<CouponKind>(n),
          .amount = 20 + n,
          .currency = *Currency::parse(n % 2 == 1 ? "KWD" : "JPY"),
          .valid_from = instant(1, n),
          .valid_until = instant(2, n),
          .max_redemptions = 90 + n,
          .redeemed_count = 5 + n,
          .max_per_customer = 80 + n,
          .min_subtotal_cents = 70 + n,
          .offering_ids = {mint<OfferingId>(), mint<OfferingId>()},
          .active = n % 2 == 0,
          .created_at = instant(3, n),
          .deleted_at = instant(4, n)};
}

Event sample_event(int n) {
  return {.id = mint<EventId>(),
          .type = nth<EventType>(n),
          .subject = text("subject", n),
          .body = text("body", n),
          .created_at = instant(1, n)};
}

storage::IdempotencyRecord sample_record(int n) {
  return {.key = text("key", n) + mint<EventId>().str(),
          .fingerprint = text("fingerprint", n),
          .status = 200 + n,
          .headers = text("headers", n) + "\r\n",
          .body = text("body", n),
          .created_at = instant(1, n)};
}

Offering live_offering(std::string title) {
  Offering offering;
  offering.id = mint<OfferingId>();
  offering.title = std::move(title);
  offering.slug = "slug-" + body_of(offering.id);
  return offering;
}

Coupon live_coupon(std::string code) {
  Coupon coupon;
  coupon.id = mint<CouponId>();
  coupon.folded_code = fold_code(code);
  coupon.code = std::move(code);
  coupon.amount = 10;
  return coupon;
}

World sample_world(int n) {
  World w;
  w.tenant = sample_tenant(n);
  w.key = sample_api_key(n);
  w.key.revoked_at.reset();
  w.deleted_offering = sample_offering(n);
  w.offering = sample_offering(n);
  w.offering.deleted_at.reset();
  w.rule = sample_rule(n, w.offering.id);
  w.erased_rule = sample_rule(n, w.offering.id);
  w.exception = sample_exception(n, w.offering.id);
  w.erased_exception = sample_exception(n, w.offering.id);
  w.claim = sample_claim(n, w.offering.id);
  w.pricing_rule = sample_pricing_rule(n, w.offering.id);
  w.erased_pricing_rule = sample_pricing_rule(n, w.offering.id);
  w.hold = sample_hold(n, w.offering.id);
  w.erased_hold = sample_hold(n, w.offering.id);
  w.risk_policy = sample_policy_of_risk(n);
  w.attempt = sample_attempt(n);
  w.customer = sample_customer(n);
  w.booking = sample_booking(n, w.customer, w.offering.id);
  w.booking.status = BookingStatus::confirmed;
  w.deleted_coupon = sample_coupon(n);
  w.coupon = sample_coupon(n);
  w.coupon.deleted_at.reset();
  w.event = sample_event(n);
  w.record = sample_record(n);
  return w;
}

void insert_all(const storage::WriteTransaction& tx, TenantId tenant, const World& w) {
  tx.api_keys().insert(tenant, w.key);
  tx.offerings().insert(tenant, w.offering);
  tx.offerings().insert(tenant, w.deleted_offering);
  tx.availability().insert(tenant, w.rule);
  tx.availability().insert(tenant, w.erased_rule);
  tx.availability().insert(tenant, w.exception);
  tx.availability().insert(tenant, w.erased_exception);
  tx.occupancy().lock(tenant, w.offering.id.view(), w.claim.interval.length());
  tx.occupancy().put(tenant, w.offering.id.view(), w.claim);
  tx.pricing_rules().insert(tenant, w.pricing_rule);
  tx.pricing_rules().insert(tenant, w.erased_pricing_rule);
  tx.holds().insert(tenant, w.hold);
  tx.holds().insert(tenant, w.erased_hold);
  tx.risk().put_policy(tenant, w.risk_policy);
  tx.risk().insert(tenant, w.attempt);
  tx.customers().insert(tenant, w.customer);
  tx.bookings().insert(tenant, w.booking);
  tx.coupons().insert(tenant, w.coupon);
  tx.coupons().insert(tenant, w.deleted_coupon);
  (void)tx.coupons().redeem(tenant, w.coupon.id, w.booking.id, w.customer.id);
  tx.events().append(tenant, w.event);
  tx.idempotency().put(tenant, w.record);
}

void change_all(const storage::WriteTransaction& tx, TenantId tenant, const World& w, int n) {
  const auto as = [](auto row, auto id) {
    row.id = id;
    return row;
  };
  auto key = as(sample_api_key(n), w.key.id);
  key.prefix = w.key.prefix;
  key.revoked_at.reset();
  tx.api_keys().update(tenant, key);
  auto offering = as(sample_offering(n), w.offering.id);
  offering.deleted_at.reset();
  tx.offerings().update(tenant, offering);
  tx.offerings().update(tenant, as(sample_offering(n), w.deleted_offering.id));
  tx.availability().update(tenant, as(sample_rule(n, w.offering.id), w.rule.id));
  tx.availability().update(tenant, as(sample_exception(n, w.offering.id), w.exception.id));
  tx.availability().erase(tenant, w.erased_rule.id);
  tx.availability().erase(tenant, w.erased_exception.id);
  tx.occupancy().lock(tenant, w.offering.id.view(), {});
  tx.occupancy().set_status(tenant, w.claim.holder, storage::ClaimStatus::confirmed);
  tx.occupancy().erase(tenant, w.claim.holder);
  tx.pricing_rules().update(tenant, as(sample_pricing_rule(n, w.offering.id), w.pricing_rule.id));
  tx.pricing_rules().erase(tenant, w.erased_pricing_rule.id);
  tx.holds().erase(tenant, w.erased_hold.id);
  tx.customers().update(tenant, as(sample_customer(n), w.customer.id));
  tx.bookings().update(tenant, as(sample_booking_row(n, w.customer.id), w.booking.id));
  tx.bookings().update_item(tenant, as(sample_item(n, w.booking.id, w.offering.id), w.booking.items[0].id));
  tx.bookings().update_payment(tenant, as(sample_payment(n, w.booking.id), w.booking.payments[0].id));
  auto coupon = as(sample_coupon(n), w.coupon.id);
  coupon.deleted_at.reset();
  tx.coupons().update(tenant, coupon);
  tx.coupons().update(tenant, as(sample_coupon(n), w.deleted_coupon.id));
  (void)tx.coupons().redeem(tenant, w.coupon.id, mint<BookingId>(), w.customer.id);
  tx.coupons().give_back(tenant, w.coupon.id, w.booking.id);
}

std::string seen(const storage::ReadTransaction& tx, TenantId tenant, const World& w) {
  std::string all;
  const auto add = [&](const auto& rows) { all += text_of(rows); };
  add(tx.api_keys().find(tenant, w.key.id));
  add(tx.api_keys().list(tenant, {}));
  for (const auto& offering : {w.offering, w.deleted_offering}) {
    add(tx.offerings().find(tenant, offering.id));
    add(tx.offerings().find_by_slug(tenant, offering.slug));
    add(tx.offerings().find_even_deleted(tenant, offering.id));
  }
  add(tx.offerings().list(tenant, {}, {}));
  add(tx.availability().rules(tenant, w.offering.id));
  add(tx.availability().exceptions(tenant, w.offering.id));
  add(tx.occupancy().in_range(tenant, w.offering.id.view(), w.claim.interval, epoch));
  add(tx.pricing_rules().of(tenant, w.offering.id));
  add(tx.holds().find(tenant, w.hold.id));
  add(tx.holds().find(tenant, w.erased_hold.id));
  if (const auto live = tx.holds().count_live(tenant, w.hold.client, epoch); live > 0) all += std::to_string(live) + " holds\n";
  add(tx.risk().policy(tenant));
  for (const auto& [trait, value] : {std::pair{storage::AttemptTrait::email, w.attempt.email},
                                     {storage::AttemptTrait::ip, w.attempt.ip},
                                     {storage::AttemptTrait::device, w.attempt.device},
                                     {storage::AttemptTrait::card, w.attempt.card}})
    if (const int n = count_attempts(tx, tenant, w.attempt.kind, trait, *value, w.attempt.at); n > 0)
      all += std::to_string(n) + " attempts\n";
  add(tx.customers().find(tenant, w.customer.id));
  add(tx.customers().find_by_email(tenant, w.customer.email));
  add(tx.bookings().find(tenant, w.booking.id));
  add(tx.bookings().list(tenant, {}, {}));
  add(tx.bookings().list(tenant, {{}, w.offering.id, {}, {}}, {}));
  add(tx.bookings().list(tenant, {{}, {}, w.customer.id, {}}, {}));
  const auto history = history_of(tx, tenant, w.customer.id, 100);
  for (const int n : {history.confirmed, history.cancelled, history.refunded})
    if (n > 0) all += std::to_string(n) + " bookings\n";
  for (const auto total : recent_totals(tx, tenant, w.booking.currency, 10)) all += std::to_string(total) + '\n';
  for (const auto& coupon : {w.coupon, w.deleted_coupon}) {
    add(tx.coupons().find(tenant, coupon.id));
    add(tx.coupons().find_by_code(tenant, coupon.folded_code));
    add(tx.coupons().find_deleted(tenant, coupon.id));
  }
  add(tx.coupons().list_deleted(tenant, {}));
  add(tx.coupons().list(tenant, {}, {}));
  if (const auto used = tx.coupons().redemptions_of(tenant, w.coupon.id, w.customer.id); used > 0) all += std::to_string(used) + '\n';
  add(tx.events().list(tenant, "", 100));
  add(tx.idempotency().find(tenant, w.record.key));
  return all;
}

std::string everything(const storage::ReadTransaction& tx, const World& w) {
  std::string all = text_of(tx.tenants().find(w.tenant.id)) + text_of(tx.tenants().find_by_subdomain(w.tenant.subdomain));
  for (const auto& id : tx.tenants().all()) all += id.str() + '\n';
  const auto add_due = [&](const auto& rows) {
    for (const auto& [tenant, id] : rows)
      if (tenant == w.tenant.id) all += "due " + id.str() + '\n';
  };
  const Instant late = minute(1'000'000);
  add_due(tx.bookings().due_for_completion(late, 100));
  add_due(tx.bookings().due_for_payment(late, 100));
  add_due(tx.holds().expired(late, 100));
  if (const auto found = tx.api_keys().find_by_prefix(w.key.prefix)) all += text_of(found->tenant) + text_of(found->key);
  return all + seen(tx, w.tenant.id, w);
}

TenantId add_tenant(storage::Store& store) {
  const auto tenant = sample_tenant(1);
  write(store, [&](storage::WriteTransaction& tx) { tx.tenants().insert(tenant); });
  return tenant.id;
}

void in_threads(int count, const std::function<void(int)>& f) {
  std::barrier start(count);
  std::mutex mutex;
  std::exception_ptr first;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i)
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        try {
          f(i);
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (!first) first = std::current_exception();
        }
      });
  }
  if (first) std::rethrow_exception(first);
}

} // namespace orkestr::storage_contract
