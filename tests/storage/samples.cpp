#include "storage/samples.hpp"
#include "support/look_back.hpp"

#include "orkestr/ports/random.hpp"
#include "orkestr/storage/search_repository.hpp"

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
  const auto& [a, b, c, d, e, f, g, h, i, j] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j);
}
Fields fields(const Offering& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a2, b2, c2, d2, e2, f2, g2, h2] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a2, b2, c2, d2, e2, f2, g2, h2);
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
Fields fields(const Branding& row) {
  const auto& [a, b, c, d, e, f] = row;
  return json_of(a, b, c, d, e, f);
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
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}
Fields fields(const Refund& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}
Fields fields(const Subscription& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}
Fields fields(const AuditEntry& row) {
  const auto& [a, b, c, d, e, f, g, h] = row;
  return json_of(a, b, c, d, e, f, g, h);
}
Fields fields(const Review& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m);
}
Fields fields(const Dispute& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
}
Fields fields(const DisputeMessage& row) {
  const auto& [a, b, c, d, e, f, g] = row;
  return json_of(a, b, c, d, e, f, g);
}
Fields fields(const KybDocument& row) {
  const auto& [a, b, c, d, e, f, g] = row;
  return json_of(a, b, c, d, e, f, g);
}
Fields fields(const storage::FoundKybDocument& row) {
  const auto& [document, kyb_id] = row;
  Fields all = fields(document);
  all.push_back("of " + json::to_json(kyb_id));
  return all;
}
Fields fields(const KybSubmission& row) {
  const auto& [a, b, c, d, e, f, g, documents, h, i, j, k, l, m] = row;
  Fields all = json_of(a, b, c, d, e, f, g, h, i, j, k, l, m);
  for (const auto& document : documents)
    for (auto& field : fields(document)) all.push_back("document " + field);
  return all;
}
Fields fields(const Admin& row) {
  const auto& [a, b, c, d, e, f, g, h] = row;
  return json_of(a, b, c, d, e, f, g, h);
}
Fields fields(const AdminAction& row) {
  const auto& [a, b, c, d, e, f, g, h] = row;
  return json_of(a, b, c, d, e, f, g, h);
}
Fields fields(const BookingRow& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a2, b2, c2, d2, e2, f2] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a2, b2, c2, d2, e2, f2);
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
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
}
Fields fields(const Event& row) {
  const auto& [a, b, c, d, e] = row;
  return json_of(a, b, c, d, e);
}
Fields fields(const storage::IdempotencyRecord& row) {
  const auto& [a, b, c, d, e, f] = row;
  return json_of(a, b, c, d, e, f);
}

Fields fields(const Webhook& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}
Fields fields(const WebhookEndpoint& row) {
  const auto& [a, b, c, d, e, f] = row;
  return json_of(a, b, c, d, e, f);
}
Fields fields(const Delivery& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m);
}
Fields fields(const DeliveryAttempt& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m);
}
Fields fields(const storage::DeliveryRepository::Ready& row) {
  const auto& [delivery, body] = row;
  Fields all = fields(delivery);
  all.push_back("body " + json::to_json(body));
  return all;
}
Fields fields(const Notification& row) {
  const auto& [a, b, c, d, e, f, g, h] = row;
  return json_of(a, b, c, d, e, f, g, h);
}

Fields fields(const QueuedMail& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j);
}
Fields fields(const Import& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}
Fields fields(const TenantLocale& row) {
  const auto& [a, b, c, d] = row;
  return json_of(a, b, c, d);
}
Fields fields(const Translation& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k);
}
Fields fields(const CustomDomain& row) {
  const auto& [a, b, c, d, e, f, g, h, i] = row;
  return json_of(a, b, c, d, e, f, g, h, i);
}
Fields fields(const CalendarToken& row) {
  const auto& [a, b, c, d] = row;
  return json_of(a, b, c, d);
}
Fields fields(const BookedTime& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k);
}
Fields fields(const Member& row) {
  const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = row;
  return json_of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}
Fields fields(const MemberPass& row) {
  const auto& [a, b, c, d, e] = row;
  return json_of(a, b, c, d, e);
}
Fields fields(const MemberSession& row) {
  const auto& [a, b, c, d, e, f, g, h] = row;
  return json_of(a, b, c, d, e, f, g, h);
}
Fields fields(const AdminSession& row) {
  const auto& [a, b, c, d] = row;
  return json_of(a, b, c, d);
}
Fields fields(const CustomerPass& row) {
  const auto& [a, b, c, d, e] = row;
  return json_of(a, b, c, d, e);
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
          .status = nth<TenantStatus>(n + 1),
          .created_at = instant(1, n)};
}

Branding sample_branding(int n) {
  return {.storefront_template = nth<StorefrontTemplate>(n),
          .tagline = text("tagline", n),
          .announcement =
              Announcement{"news " + std::to_string(n), "https://www.example.com/" + std::to_string(n), instant(1, n), instant(2, n)},
          .about = text("about", n) + "\n\n" + text("more", n),
          .sale_badges = {{"new " + std::to_string(n), {mint<OfferingId>()}, instant(3, n), instant(4, n)}, {"sale", {}, {}, {}}},
          .embed_origins = {{"https://*.example.com:" + std::to_string(8000 + n)}, {"http://localhost:*"}}};
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
          .revoked_at = instant(4, n),
          .created_by = mint<MemberId>()};
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
          .rating_sum = 2920 + n,
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
          .created_at = instant(3, n),
          .purpose = nth<PaymentPurpose>(n),
          .refunding_cents = 500 + n,
          .gateway_id = text("gateway", n),
          .failure_code = text("failure", n),
          .failure_message = text("why", n),
          .check_at = instant(4, n),
          .checks = 3 + n,
          .excess_cents = 30 + n};
}

Refund sample_refund(int n, BookingId booking) {
  return {.id = mint<RefundId>(),
          .booking_id = booking,
          .payment_id = mint<PaymentId>(),
          .status = nth<RefundStatus>(n),
          .reason = nth<RefundReason>(n),
          .amount_cents = 700 + n,
          .currency = *Currency::parse(n % 2 == 1 ? "KWD" : "JPY"),
          .gateway_id = text("gateway", n),
          .failure_code = text("failure", n),
          .failure_message = text("why", n),
          .created_at = instant(5, n),
          .updated_at = instant(6, n),
          .check_at = instant(7, n),
          .checks = 4 + n};
}

Subscription sample_subscription(int n, BookingId booking) {
  return {.booking_id = booking,
          .status = nth<SubscriptionStatus>(n),
          .billing_interval = nth<BillingInterval>(n),
          .amount_cents = 9'000 + n,
          .currency = *Currency::parse(n % 2 == 1 ? "KWD" : "JPY"),
          .provider = text("provider", n),
          .saved_customer = text("customer", n),
          .saved_method = text("method", n),
          .time_zone = text("zone", n),
          .started_at = instant(1, n),
          .periods = 5 + n,
          .paid_until = instant(2, n),
          .failures = n,
          .payment_id = mint<PaymentId>(),
          .next_renewal_at = instant(3, n),
          .ended_at = instant(4, n)};
}

AuditEntry sample_audit(int n) {
  return {.id = mint<AuditId>(),
          .actor = nth<ActorKind>(n),
          .actor_id = text("actor", n),
          .request_id = text("request", n),
          .action = text("action", n),
          .subject = text("subject", n),
          .detail = text("detail", n),
          .at = instant(1, n)};
}

Review sample_review(int n, OfferingId offering, CustomerId author) {
  return {.id = mint<ReviewId>(),
          .offering_id = offering,
          .booking_id = mint<BookingId>(),
          .item_id = mint<BookingItemId>(),
          .customer_id = author,
          .author = text("author", n),
          .rating = 1 + n % 5,
          .title = text("title", n),
          .text = text("text", n),
          .reply = text("reply", n),
          .replied_at = instant(8, n),
          .created_at = instant(9, n),
          .updated_at = instant(10, n)};
}

Dispute sample_dispute(int n, BookingId booking) {
  return {.id = mint<DisputeId>(),
          .booking_id = booking,
          .customer_id = mint<CustomerId>(),
          .offering_title = text("offering", n),
          .category = nth<DisputeCategory>(n),
          .reason = text("reason", n),
          .evidence_urls = {{"https://example.com/" + std::to_string(n) + ".jpg"}, {"https://example.com/x?y=%20&z"}},
          .opened_by = nth<DisputeParty>(n),
          .opened_by_id = text("opener", n),
          .status = nth<DisputeStatus>(n),
          .resolution = nth<DisputeResolution>(n),
          .note = text("note", n),
          .refund_cents = 4'100 + n,
          .currency = *Currency::parse(n % 2 == 1 ? "KWD" : "JPY"),
          .resolved_by = nth<DisputeParty>(n + 1),
          .created_at = instant(11, n),
          .updated_at = instant(12, n),
          .escalated_at = instant(13, n),
          .closed_at = instant(14, n)};
}

DisputeMessage sample_message(int n, DisputeId dispute) {
  return {.id = mint<DisputeMessageId>(),
          .dispute_id = dispute,
          .author_role = nth<DisputeParty>(n),
          .author_id = text("author", n),
          .text = text("text", n),
          .evidence_urls = {{"https://example.com/" + std::to_string(n) + ".png"}},
          .created_at = instant(15, n)};
}

storage::TenantScore sample_score(int n) {
  return {{.rating_sum = 11 + n,
           .rating_count = 3 + n,
           .pending_count = 20 + n,
           .decided_within_24h = 10 + n,
           .decided = 30 + n,
           .confirmed = 15 + n},
          instant(1, n)};
}
std::string text_of(const storage::TenantScore& row) {
  const auto& in = row.inputs;
  std::string all;
  for (const auto n :
       {in.rating_sum, in.rating_count, in.pending_count, in.decided_within_24h, in.decided, in.confirmed, row.computed_at.ms})
    all += std::to_string(n) + ' ';
  return all + '\n';
}

KybDocument sample_kyb_document(int n) {
  return {.id = mint<KybDocumentId>(),
          .kind = nth<KybDocumentKind>(n),
          .file_name = text("file", n),
          .content_type = nth<DocumentType>(n),
          .size = 7'000 + n,
          .sha256 = text("hash", n),
          .created_at = instant(1, n)};
}

KybSubmission sample_kyb(int n) {
  return {.id = mint<KybId>(),
          .legal_name = text("legal name", n),
          .registration_number = text("number", n),
          .country = n % 2 == 1 ? "PL" : "JP",
          .insurance = n % 2 == 1,
          .deposit_policy = n % 2 == 1,
          .terms = n % 2 == 1,
          .documents = {},
          .status = n % 2 == 1 ? KybStatus::rejected : KybStatus::verified,
          .reason = text("reason", n),
          .submitted_by = text("submitter", n),
          .decided_by = text("decider", n),
          .created_at = instant(1, n),
          .decided_at = instant(2, n)};
}

Admin sample_admin(int n) {
  static std::atomic<unsigned> next{0x2000'0000};
  char prefix[9];
  std::snprintf(prefix, sizeof prefix, "%08x", next.fetch_add(1));
  return {.id = mint<AdminId>(),
          .email = text("email", n),
          .name = text("name", n),
          .prefix = prefix,
          .secret_hash = text("hash", n),
          .created_at = instant(1, n),
          .last_used_at = instant(2, n),
          .revoked_at = instant(3, n)};
}

AdminAction sample_admin_action(int n) {
  return {.id = mint<AuditId>(),
          .admin_id = mint<AdminId>(),
          .action = text("action", n),
          .tenant_id = mint<TenantId>(),
          .subject = text("subject", n),
          .detail = text("detail", n),
          .request_id = text("request", n),
          .at = instant(1, n)};
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
          .ended_by = nth<BookingAction>(n),
          .created_at = instant(4, n),
          .updated_at = instant(5, n),
          .confirmed_at = instant(6, n),
          .cancelled_at = instant(7, n),
          .completed_at = instant(8, n),
          .sequence = 16 + n};
}

Booking sample_booking(int n, const Customer& customer, OfferingId offering) {
  Booking booking;
  static_cast<BookingRow&>(booking) = sample_booking_row(n, customer.id);
  booking.customer = customer;
  booking.items = {sample_item(n, booking.id, offering), sample_item(n + 2, booking.id, offering)};
  booking.payments = {sample_payment(n, booking.id), sample_payment(n + 2, booking.id)};
  booking.payments[1].gateway_id = text("second gateway", n); // which no gateway says of two
  return booking;
}

Coupon sample_coupon(int n) {
  const auto id = mint<CouponId>();
  return {.id = id,
          .code = "code " + body_of(id) + text("", n),
          .folded_code = fold_code("code " + body_of(id) + text("", n)),
          .description = text("description", n),
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

Webhook sample_webhook(int n) {
  return {.id = mint<WebhookId>(),
          .url = text("url", n),
          .description = text("description", n),
          .events = {text("event", n), "*"},
          .status = nth<WebhookStatus>(n),
          .disabled_reason = nth<WebhookDisabledReason>(n),
          .disabled_at = instant(1, n),
          .secret = text("secret", n),
          .next_secret = text("next", n),
          .rotated_at = instant(2, n),
          .old_secret = text("old", n),
          .old_secret_expires_at = instant(3, n),
          .created_at = instant(4, n),
          .updated_at = instant(5, n)};
}

WebhookEndpoint sample_endpoint(int n, WebhookId webhook) {
  return {.webhook_id = webhook,
          .owner = text("owner", n),
          .owned_until = instant(1, n),
          .failures = 3 + n,
          .failing_since = instant(2, n),
          .open_until = instant(3, n)};
}

Delivery sample_delivery(int n, WebhookId webhook, EventId event) {
  return {.id = mint<DeliveryId>(),
          .webhook_id = webhook,
          .event_id = event,
          .event = nth<EventType>(n),
          .subject = text("subject", n),
          .status = nth<DeliveryStatus>(n),
          .attempts = 7 + n,
          .attempts_before = 3 + n,
          .next_attempt_at = instant(1, n),
          .last_status = 500 + n,
          .last_error = text("error", n),
          .created_at = instant(2, n),
          .finished_at = instant(3, n)};
}

DeliveryAttempt sample_delivery_attempt(int n, DeliveryId delivery) {
  return {.delivery_id = delivery,
          .number = 1 + n,
          .at = instant(1, n),
          .status = 200 + n,
          .failure = text("failure", n),
          .detail = text("detail", n),
          .address = text("address", n),
          .body = text("body", n),
          .truncated = n % 2 == 1,
          .resolve_us = 1'000 + n,
          .connect_us = 2'000 + n,
          .secure_us = 3'000 + n,
          .total_us = 4'000 + n};
}

Notification sample_notification(int n, std::optional<CustomerId> customer) {
  return {.id = mint<NotificationId>(),
          .customer_id = customer,
          .kind = nth<NotificationKind>(n - 1), // the last of them is the default
          .title = text("title", n),
          .link = text("link", n),
          .subject = text("subject", n),
          .created_at = instant(1, n),
          .read_at = instant(2, n)};
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

Webhook live_webhook() {
  Webhook webhook;
  webhook.id = mint<WebhookId>();
  webhook.events = {"*"};
  return webhook;
}

Delivery live_delivery(WebhookId webhook, const Event& event, Instant at) {
  Delivery delivery;
  delivery.id = mint<DeliveryId>();
  delivery.webhook_id = webhook;
  delivery.event_id = event.id;
  delivery.event = event.type;
  delivery.subject = event.subject;
  delivery.next_attempt_at = delivery.created_at = at;
  return delivery;
}

QueuedMail sample_mail(int n) {
  return {.id = mint<MailId>(),
          .recipient = text("recipient", n),
          .subject = text("subject", n),
          .body = text("body", n),
          .state = nth<MailState>(n),
          .attempts = 3 + n,
          .next_attempt_at = instant(1, n),
          .last_error = text("error", n),
          .created_at = instant(2, n),
          .sent_at = instant(3, n)};
}

CustomerPass sample_pass(int n) {
  return {.token_hash = "hash " + mint<MailId>().str(),
          .kind = n % 2 == 1 ? PassKind::session : PassKind::link,
          .email = text("email", n),
          .created_at = instant(1, n),
          .expires_at = instant(2, n)};
}

Import sample_import(int n) {
  return {.id = mint<ImportId>(),
          .status = nth<ImportStatus>(n),
          .dry_run = n % 2 == 1,
          .file_name = text("file", n),
          .rows = 100 + n,
          .rows_done = 200 + n,
          .offerings = 300 + n,
          .availability_rules = 400 + n,
          .faults = {{500 + n, text("column", n), text("code", n), text("detail", n), text("value", n)}, {1, "", "", "", ""}},
          .fault_count = 600 + n,
          .created_at = instant(1, n),
          .finished_at = instant(2, n),
          .next_attempt_at = instant(3, n),
          .attempts = 7 + n};
}

TenantLocale sample_locale(int n) {
  return {.locale = n % 2 == 1 ? "ca" : "pt-BR", .created_at = instant(1, n), .sweep_at = instant(2, n), .sweep_place = text("place", n)};
}

Translation sample_translation(int n, std::string subject, std::string locale) {
  return {.subject_id = std::move(subject),
          .locale = std::move(locale),
          .kind = nth<TranslationKind>(n),
          .state = nth<TranslationState>(n),
          .texts = {{text("field", n), text("text", n), text("hash", n), nth<TextOrigin>(n), text("translator", n)},
                    {"title", "line\nline", "", TextOrigin::machine, ""}},
          .overridden = n % 2 == 1,
          .generation = 5'000'000'000 + n,
          .attempts = 3 + n,
          .next_attempt_at = instant(3, n),
          .last_error = text("error", n),
          .updated_at = instant(4, n)};
}

CustomDomain sample_domain(int n) {
  return {.domain = mint<ImportId>().str() + ".example",
          .status = n % 2 == 1 ? DomainStatus::verified : DomainStatus::failed,
          .failure = nth<DomainFailure>(n),
          .found = text("found", n),
          .checked_at = instant(1, n),
          .verified_at = instant(2, n),
          .misses = 7 + n,
          .next_check_at = instant(3, n),
          .created_at = instant(4, n)};
}

CalendarToken sample_calendar_token(int n) {
  return {.token_hash = "hash " + mint<ImportId>().str(),
          .owner_kind = n % 2 == 1 ? CalendarOwnerKind::customer : CalendarOwnerKind::member,
          .owner_id = "owner " + mint<ImportId>().str(),
          .created_at = instant(1, n)};
}

Member sample_member(int n) {
  return {.id = mint<MemberId>(),
          .email = "member" + mint<MailId>().str() + "@x.example",
          .name = text("name", n),
          .role = n % 2 == 1 ? Role::owner : Role::admin,
          .status = n % 2 == 1 ? MemberStatus::invited : MemberStatus::deactivated,
          .password_hash = text("hash", n),
          .email_verified = n % 2 == 1,
          .totp_enabled = n % 2 == 1,
          .totp_secret = text("sealed", n),
          .totp_last_step = 7 + n,
          .recovery_codes = {text("code", n)},
          .external_id = text("external", n),
          .invited_by = mint<MemberId>(),
          .created_at = instant(1, n),
          .last_seen_at = instant(2, n),
          .deactivated_at = instant(3, n)};
}

MemberPass sample_member_pass(int n, MemberId member) {
  return {.token_hash = "hash " + mint<MailId>().str(),
          .kind = nth<MemberPassKind>(n),
          .member_id = member,
          .created_at = instant(1, n),
          .expires_at = instant(2, n)};
}

MemberSession sample_session(int n, MemberId member) {
  return {.id = mint<SessionId>(),
          .token_hash = "hash " + mint<MailId>().str(),
          .member_id = member,
          .user_agent = text("agent", n),
          .address = text("address", n),
          .created_at = instant(1, n),
          .last_seen_at = instant(2, n),
          .expires_at = instant(3, n)};
}

AdminSession sample_admin_session(int n, AdminId admin) {
  return {.token_hash = "hash " + mint<MailId>().str(), .admin_id = admin, .created_at = instant(1, n), .expires_at = instant(2, n)};
}

World sample_world(int n) {
  World w;
  w.tenant = sample_tenant(n);
  w.branding = sample_branding(n);
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
  w.second_event = sample_event(n);
  w.record = sample_record(n);
  w.webhook = sample_webhook(n);
  w.erased_webhook = sample_webhook(n);
  w.webhook.status = w.erased_webhook.status = WebhookStatus::active;
  w.endpoint = sample_endpoint(n, w.webhook.id);
  w.delivery = sample_delivery(n, w.webhook.id, w.event.id);
  w.killed_delivery = sample_delivery(n, w.erased_webhook.id, w.event.id);
  for (auto* pending : {&w.delivery, &w.killed_delivery}) {
    pending->status = DeliveryStatus::pending;
    pending->finished_at.reset();
  }
  w.dead_delivery = sample_delivery(n, w.webhook.id, w.second_event.id);
  w.dead_delivery.status = DeliveryStatus::dead;
  w.dead_delivery.next_attempt_at.reset();
  for (const int i : {1, 2}) w.delivery_attempts.push_back(sample_delivery_attempt(i, w.delivery.id));
  w.notification = sample_notification(n, {});
  w.customer_notification = sample_notification(n, w.customer.id);
  w.notification.read_at.reset();
  w.customer_notification.read_at.reset();
  w.review = sample_review(n, w.offering.id, w.customer.id);
  w.erased_review = sample_review(n, w.deleted_offering.id, w.customer.id);
  w.dispute = sample_dispute(n, w.booking.id);
  w.message = sample_message(n, w.dispute.id);
  w.score = sample_score(n);
  w.refund = sample_refund(n, w.booking.id);
  w.subscription = sample_subscription(n, w.booking.id);
  w.audit = sample_audit(n);
  w.kyb = sample_kyb(n);
  w.kyb_document = sample_kyb_document(n);
  w.kyb_draft = sample_kyb_document(n);
  w.erased_kyb_draft = sample_kyb_document(n);
  w.mail = sample_mail(n);
  w.pass = sample_pass(n);
  w.erased_pass = sample_pass(n);
  w.import = sample_import(n);
  w.emptied_import = sample_import(n);
  w.domain = sample_domain(n);
  w.spend = {{20'000 + n}, 1 + n, 100 + n, 10 + n};
  w.calendar_token = sample_calendar_token(n);
  w.erased_calendar_token = sample_calendar_token(n);
  w.locale = sample_locale(1);
  w.erased_locale = sample_locale(2);
  w.translation = sample_translation(n, w.offering.id.str(), w.locale.locale);
  w.erased_translation = sample_translation(n, w.deleted_offering.id.str(), w.locale.locale);
  w.member = sample_member(n);
  w.erased_member = sample_member(n);
  w.member_pass = sample_member_pass(n, w.member.id);
  w.erased_member_pass = sample_member_pass(n, w.member.id);
  w.session = sample_session(n, w.member.id);
  w.erased_session = sample_session(n, w.member.id);
  w.key.created_by = w.member.id;
  return w;
}

void insert_all(const storage::WriteTransaction& tx, TenantId tenant, const World& w) {
  tx.tenants().put_branding(tenant, w.branding);
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
  tx.events().append(tenant, w.second_event);
  tx.idempotency().put(tenant, w.record);
  tx.webhooks().insert(tenant, w.webhook);
  tx.webhooks().insert(tenant, w.erased_webhook);
  (void)tx.webhooks().take(tenant, w.webhook.id, w.endpoint.owner, epoch, minute(1));
  (void)tx.webhooks().take(tenant, w.erased_webhook.id, w.endpoint.owner, epoch, minute(1));
  tx.webhooks().put_endpoint(tenant, w.endpoint);
  for (const auto& delivery : {w.delivery, w.dead_delivery, w.killed_delivery}) tx.deliveries().insert(tenant, delivery);
  for (const auto& attempt : w.delivery_attempts) tx.deliveries().insert_attempt(tenant, attempt);
  tx.notifications().insert(tenant, w.notification);
  tx.notifications().insert(tenant, w.customer_notification);
  tx.reviews().insert(tenant, w.review);
  tx.reviews().insert(tenant, w.erased_review);
  tx.disputes().insert(tenant, w.dispute);
  tx.disputes().insert(tenant, w.message);
  tx.scores().put(tenant, w.score);
  tx.payments().insert(tenant, w.refund);
  tx.payments().put(tenant, w.subscription);
  (void)tx.payments().note_event(tenant, "test", "evt_1", minute(1));
  tx.audit().append(tenant, w.audit);
  tx.kyb().insert(tenant, w.kyb);
  tx.kyb().insert_document(tenant, w.kyb_document, "v1.12345678.aa");
  tx.kyb().attach_drafts(tenant, w.kyb.id);
  tx.kyb().insert_document(tenant, w.kyb_draft, "v1.12345678.bb");
  tx.kyb().insert_document(tenant, w.erased_kyb_draft, "v1.12345678.cc");
  tx.mails().insert(tenant, w.mail);
  tx.customer_passes().insert(tenant, w.pass);
  tx.customer_passes().insert(tenant, w.erased_pass);
  const SearchTerm terms[] = {{"=c:space", 4}, {"sampl", 8}};
  tx.search().put(tenant, w.offering.id, {}, terms);
  tx.search().put(tenant, w.deleted_offering.id, "es", terms);
  tx.imports().insert(tenant, w.import);
  tx.imports().insert(tenant, w.emptied_import);
  tx.imports().insert_part(tenant, w.import.id, 0, "a part");
  tx.imports().insert_part(tenant, w.emptied_import.id, 0, "another");
  tx.domains().put(tenant, w.domain);
  tx.assistant().add(tenant, w.spend);
  tx.calendar_tokens().put(tenant, w.calendar_token);
  tx.calendar_tokens().put(tenant, w.erased_calendar_token);
  for (const auto& locale : {w.locale, w.erased_locale}) tx.translations().put_locale(tenant, locale);
  for (const auto& translation : {w.translation, w.erased_translation}) tx.translations().put(tenant, translation);
  tx.members().insert(tenant, w.member);
  tx.members().insert(tenant, w.erased_member);
  for (const auto& pass : {w.member_pass, w.erased_member_pass}) tx.members().insert(tenant, pass);
  for (const auto& session : {w.session, w.erased_session}) tx.members().insert(tenant, session);
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
  auto webhook = as(sample_webhook(n), w.webhook.id);
  webhook.status = WebhookStatus::active;
  tx.webhooks().update(tenant, webhook);
  auto endpoint = sample_endpoint(n, w.webhook.id);
  endpoint.owner = w.endpoint.owner;
  tx.webhooks().put_endpoint(tenant, endpoint);
  tx.webhooks().clear_endpoint(tenant, w.erased_webhook.id);
  auto delivery = as(sample_delivery(n, w.webhook.id, w.event.id), w.delivery.id);
  delivery.status = DeliveryStatus::pending;
  tx.deliveries().settle(tenant, delivery, w.delivery.attempts);
  (void)tx.deliveries().replay(tenant, w.dead_delivery.id, minute(n));
  tx.deliveries().replay(tenant, w.webhook.id, {}, minute(n));
  tx.deliveries().kill(tenant, w.erased_webhook.id, "killed", minute(n));
  tx.webhooks().erase(tenant, w.erased_webhook.id);
  tx.notifications().mark_read(tenant, w.notification.id, minute(n));
  tx.notifications().mark_all_read(tenant, w.customer.id, minute(n));
  tx.notifications().mark_all_read(tenant, {}, minute(n));
  tx.offerings().rate(tenant, w.offering.id, {1, n % 5});
  tx.reviews().update(tenant, as(sample_review(n, w.offering.id, w.customer.id), w.review.id));
  tx.reviews().erase(tenant, w.erased_review.id);
  tx.disputes().update(tenant, as(sample_dispute(n, w.booking.id), w.dispute.id));
  tx.kyb().lock(tenant);
  tx.kyb().update(tenant, as(sample_kyb(n), w.kyb.id));
  tx.kyb().erase_draft(tenant, w.erased_kyb_draft.id);
  tx.kyb().put_content(tenant, w.kyb_document.id, "v1.87654321.dd");
  tx.mails().update(tenant, as(sample_mail(n), w.mail.id));
  (void)tx.customer_passes().erase(tenant, w.erased_pass.kind, w.erased_pass.token_hash);
  const SearchTerm changed[] = {{"chang", 8}};
  if (tenant == w.tenant.id) tx.search().put(tenant, w.offering.id, {}, changed); // who has no such offering may put it all the same
  tx.search().erase(tenant, w.deleted_offering.id);
  tx.search().settle(tenant, w.offering.id);
  tx.imports().update(tenant, as(sample_import(n), w.import.id));
  tx.imports().erase_file(tenant, w.emptied_import.id);
  tx.calendar_tokens().erase(tenant, w.erased_calendar_token.owner());
  tx.translations().erase_locale(tenant, w.erased_locale.locale);
  tx.translations().erase_subject(tenant, w.erased_translation.subject_id);
  tx.translations().queue(tenant, w.translation.kind, w.translation.subject_id, minute(n));
  tx.translations().restart_sweeps(tenant, minute(n));
  tx.translations().requeue_all(tenant, minute(n));
  tx.members().lock(tenant);
  tx.members().update(tenant, as(sample_member(n), w.member.id));
  tx.members().erase(tenant, w.erased_member.id);
  (void)tx.members().erase_pass(tenant, w.erased_member_pass.kind, w.erased_member_pass.token_hash);
  tx.members().note_seen(tenant, w.session.id, instant(9, n));
  (void)tx.members().erase_session(tenant, w.erased_session.member_id, w.erased_session.id);
  tx.kyb().attach_drafts(tenant, w.kyb.id);
}

std::string seen(const storage::ReadTransaction& tx, TenantId tenant, const World& w) {
  std::string all;
  const auto add = [&](const auto& rows) { all += text_of(rows); };
  add(tx.tenants().branding(tenant));
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
  add(tx.customers().find_by_email(tenant, w.customer.email).get());
  add(tx.bookings().find(tenant, w.booking.id));
  add(tx.bookings().list(tenant, {}, {}));
  add(tx.bookings().list(tenant, {{}, w.offering.id, {}, {}}, {}));
  add(tx.bookings().list(tenant, {{}, {}, w.customer.id, {}}, {}));
  const auto history = history_of(tx, tenant, w.customer.email, 100);
  for (const int n : {history.confirmed, history.cancelled, history.refunded, history.disputed})
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
  add(tx.events().list(tenant, w.event.id.view(), 100));
  (void)tx.events().list(tenant, w.event.id.view(), 100, true); // what is settled depends on others, too
  for (const auto& event : {w.event, w.second_event})
    if (const auto found = tx.events().find(tenant, event.id)) add(std::vector{*found});
  add(tx.idempotency().find(tenant, w.record.key));
  for (const auto& webhook : {w.webhook, w.erased_webhook}) {
    add(tx.webhooks().find(tenant, webhook.id));
    add(tx.webhooks().endpoint(tenant, webhook.id));
    add(tx.deliveries().list(tenant, webhook.id, {}, {}));
    if (const auto n = tx.deliveries().count(tenant, webhook.id, {}); n > 0) all += std::to_string(n) + " deliveries\n";
    for (const bool retrying : {false, true}) add(tx.deliveries().due(tenant, webhook.id, retrying, minute(1'000'000), 100));
  }
  add(tx.webhooks().list(tenant, {}));
  add(tx.webhooks().active(tenant));
  for (const auto& delivery : {w.delivery, w.dead_delivery, w.killed_delivery}) {
    const auto found = tx.deliveries().find(tenant, delivery.id);
    add(found);
    if (found) add(tx.deliveries().ahead_of(tenant, *found));
    add(tx.deliveries().attempts(tenant, delivery.id));
  }
  for (const auto& customer : {std::optional<CustomerId>{}, std::optional{w.customer.id}}) {
    add(tx.notifications().list(tenant, customer, false, {}));
    add(tx.notifications().list(tenant, customer, true, {}));
    if (const auto n = tx.notifications().count_unread(tenant, customer); n > 0) all += std::to_string(n) + " unread\n";
  }
  for (const auto& notification : {w.notification, w.customer_notification}) add(tx.notifications().find(tenant, notification.id));
  for (const auto& review : {w.review, w.erased_review}) add(tx.reviews().find(tenant, review.id));
  add(tx.reviews().find_by_author(tenant, w.offering.id, w.customer.id));
  add(tx.reviews().list(tenant, {}, {}));
  add(tx.reviews().list(tenant, {.offering_id = w.offering.id}, {}));
  add(tx.reviews().list(tenant, {.customer_id = w.customer.id}, {}));
  if (const auto ratings = tx.reviews().ratings_since(tenant, Instant{}); ratings.count > 0)
    all += std::to_string(ratings.count) + " ratings: " + std::to_string(ratings.sum) + '\n';
  add(tx.disputes().find(tenant, w.dispute.id));
  add(tx.disputes().of_booking(tenant, w.booking.id));
  add(tx.disputes().list(tenant, {}, {}));
  add(tx.disputes().list(tenant, {w.dispute.status, w.booking.id}, {}));
  add(tx.disputes().messages(tenant, w.dispute.id));
  if (const auto n = tx.disputes().count_messages(tenant, w.dispute.id); n > 0) all += std::to_string(n) + " messages\n";
  if (const auto score = tx.scores().find(tenant)) all += "score " + text_of(*score);
  if (const auto answers = tx.bookings().answers_since(tenant, Instant{}); !answers.empty())
    for (const auto& row : answers)
      all += json::to_json(row.created_at) + json::to_json(row.confirmed_at) + json::to_json(row.cancelled_at) +
             json::to_json(row.ended_by) + '\n';
  add(tx.payments().find_refund(tenant, w.refund.id));
  add(tx.payments().refunds_of(tenant, w.booking.id));
  add(tx.payments().subscription(tenant, w.booking.id));
  add(tx.audit().list(tenant, {}, {}));
  add(tx.kyb().find(tenant, w.kyb.id));
  add(tx.kyb().latest(tenant));
  add(tx.kyb().list(tenant, {}));
  add(tx.kyb().drafts(tenant));
  for (const auto& document : {w.kyb_document, w.kyb_draft, w.erased_kyb_draft}) {
    add(tx.kyb().find_document(tenant, document.id));
    if (const auto sealed = tx.kyb().content(tenant, document.id)) all += *sealed + '\n';
  }
  add(tx.mails().find(tenant, w.mail.id));
  for (const auto& pass : {w.pass, w.erased_pass}) {
    add(tx.customer_passes().find(tenant, pass.kind, pass.token_hash));
    if (const auto n = tx.customer_passes().count_live(tenant, pass.kind, pass.email, epoch); n > 0) all += std::to_string(n) + " passes\n";
  }
  const std::vector<std::string> terms{"sampl", "chang"};
  for (const auto& term : tx.search().known(tenant, terms)) all += term + "\n";
  for (const auto& term : tx.search().starting(tenant, "c", 9)) all += term + "\n";
  for (const auto& term : terms)
    for (const auto& [offering, weight] : tx.search().postings(tenant, term, "es", 9))
      all += offering.str() + " " + std::to_string(weight) + "\n";
  if (tx.search().has_pending(tenant)) all += "offerings to be indexed\n";
  add(tx.imports().list(tenant, {}));
  if (const auto n = tx.imports().count_unfinished(tenant); n > 0) all += std::to_string(n) + " imports\n";
  for (const auto& import : {w.import, w.emptied_import}) {
    add(tx.imports().find(tenant, import.id));
    all += tx.imports().file(tenant, import.id);
  }
  add(tx.domains().find(tenant));
  if (const auto spend = tx.assistant().spent(tenant, w.spend.day); spend.requests != 0)
    all += "asked " + std::to_string(spend.requests) + " " + std::to_string(spend.prompt_tokens) + " " +
           std::to_string(spend.completion_tokens) + "\n";
  for (const auto& token : {w.calendar_token, w.erased_calendar_token}) add(tx.calendar_tokens().find_of(tenant, token.owner()));
  add(tx.translations().locales(tenant));
  for (const auto& locale : {w.locale, w.erased_locale}) add(tx.translations().find_locale(tenant, locale.locale));
  for (const auto& translation : {w.translation, w.erased_translation}) {
    add(tx.translations().find(tenant, translation.subject_id, translation.locale));
    add(tx.translations().of(tenant, translation.locale, std::vector{translation.subject_id}));
  }
  add(tx.translations().list(tenant, {}, {}));
  for (const auto& count : tx.translations().counts(tenant))
    all += count.locale + json::to_json(count.state) + std::to_string(count.rows) + '\n';
  add(tx.bookings().booked_times(tenant, {}, {Instant{}, minute(1'000'000)}, 100));
  for (const auto& [owner, booking] : tx.bookings().in_review({}))
    if (owner == tenant) all += "held " + booking.id.str() + "\n";
  add(tx.bookings().booked_times(tenant, w.customer.id, {Instant{}, minute(1'000'000)}, 100));
  for (const auto& member : {w.member, w.erased_member}) {
    add(tx.members().find(tenant, member.id));
    add(tx.members().find_by_email(tenant, member.email));
    add(tx.members().sessions_of(tenant, member.id));
    for (const auto kind : {MemberPassKind::invite, MemberPassKind::verify, MemberPassKind::reset})
      add(tx.members().passes_of(tenant, member.id, kind));
    add(tx.api_keys().made_by(tenant, member.id));
  }
  add(tx.members().list(tenant, {}, {}));
  for (const auto& pass : {w.member_pass, w.erased_member_pass}) add(tx.members().find_pass(tenant, pass.kind, pass.token_hash));
  for (const auto& session : {w.session, w.erased_session})
    if (const auto found = tx.members().find_session(tenant, session.token_hash))
      all += text_of(found->tenant) + text_of(found->member) + text_of(found->session);
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
  add_due(tx.webhooks().due("nobody", late, 100));
  add_due(tx.webhooks().owed_in_vain(100));
  add_due(tx.webhooks().all("", 100));
  add_due(tx.kyb().sealed_otherwise("another", "", 100));
  add_due(tx.mails().due(late, 100));
  add_due(tx.imports().due(late, 100));
  for (const auto& due : tx.translations().due(late, 1000, {}))
    if (due.tenant == w.tenant.id) all += "due " + due.subject_id + " " + due.locale + '\n';
  for (const auto& due : tx.translations().due_sweeps(late, 1000))
    if (due.tenant == w.tenant.id) all += "a sweep is due " + due.locale + '\n';
  add_due(tx.search().pending(100));
  for (const auto& id : tx.domains().due(late, 100))
    if (id == w.tenant.id) all += "a domain is due\n";
  for (const auto& row : tx.domains().verified())
    if (row.tenant == w.tenant.id) all += row.domain + " is verified of " + row.subdomain + '\n';
  if (tx.domains().holder(w.domain.domain) == w.tenant.id) all += "the domain is held\n";
  for (const auto& token : {w.calendar_token, w.erased_calendar_token})
    if (const auto found = tx.calendar_tokens().find(token.token_hash); found && found->tenant == w.tenant.id) all += text_of(found->token);
  for (const auto status : {KybStatus::pending, KybStatus::verified, KybStatus::rejected})
    for (const auto& row : tx.kyb().all(status, {}))
      if (row.tenant == w.tenant.id) all += text_of(row.submission);
  for (const auto& row : tx.tenants().list({}, {1000, {}}))
    if (row.id == w.tenant.id) all += text_of(row);
  for (const auto& id : tx.scores().due(late, 1000))
    if (id == w.tenant.id) all += "due for a score\n";
  for (const auto& row : tx.scores().ranking({1000, {}}))
    if (row.tenant.id == w.tenant.id) all += "ranked at " + std::to_string(row.place) + '\n';
  (void)tx.webhooks().breakers(late); // over all tenants
  (void)tx.deliveries().oldest_pending();
  for (const auto& filter : {storage::DisputeFilter{}, {w.dispute.status, {}}})
    for (const auto& [tenant, dispute] : tx.disputes().all(filter, {}))
      if (tenant == w.tenant.id) all += "of all " + text_of(dispute);
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
