// Setting the simulated business up; see shop.hpp.
#include "campaign/simulation/shop.hpp"

#include "orkestr/engine/api_key.hpp"

#include <stdexcept>

namespace orkestr::campaign {
namespace {

template <class T> T must(Result<T> result) {
  if (!result) throw std::runtime_error("setting up: " + std::string{info(result.error().code).name} + " " + result.error().detail);
  return std::move(*result);
}

TenantId make_tenant(Platform& platform, std::string name, std::string subdomain) {
  Tenant draft;
  draft.name = std::move(name);
  draft.subdomain = std::move(subdomain);
  draft.time_zone = "America/New_York";
  return must(platform.create_tenant(draft)).id;
}

OfferingId make_offering(WriteContext& cx, const OfferingSpec& spec) {
  Offering draft;
  draft.title = spec.title;
  draft.product_type_key = "space";
  draft.status = OfferingStatus::published;
  draft.time_zone = spec.new_york ? "America/New_York" : "UTC";
  draft.pricing_model = spec.daily ? PricingModel::daily : PricingModel::hourly;
  draft.base_price_cents = spec.price;
  draft.tax_rate_bps = spec.tax_bps;
  draft.tax_inclusive = spec.tax_inclusive;
  draft.cancellation_policy = CancellationPolicy::of(spec.policy);
  draft.cancellation_policy.grace_minutes = spec.grace_minutes;
  draft.auto_approve = spec.auto_approve;
  draft.reschedule_allowed = spec.reschedule_allowed;
  draft.min_notice_minutes = spec.notice_minutes;
  draft.max_advance_days = spec.advance_days;
  draft.buffer_before_minutes = spec.buffer_before;
  draft.buffer_after_minutes = spec.buffer_after;
  if (spec.min_minutes > 0) draft.min_duration_minutes = spec.min_minutes;
  if (spec.max_minutes > 0) draft.max_duration_minutes = spec.max_minutes;
  if (!spec.resource.empty()) draft.resource = std::string{spec.resource};
  json::Reader reader;
  const auto id = must(create_offering(cx, draft, reader)).id;
  for (int day = 0; day < 7; ++day) {
    AvailabilityRule rule;
    rule.offering_id = id;
    rule.day_of_week = day;
    rule.start_time = {static_cast<std::int16_t>(spec.open)};
    rule.end_time = {static_cast<std::int16_t>(spec.close)};
    rule.slot_minutes = spec.slot_minutes;
    rule.capacity = spec.capacity;
    must(create_rule(cx, rule, reader));
  }
  if (spec.rule_percent != 0) {
    PricingRule rule;
    rule.offering_id = id;
    rule.name = "Nearly full";
    rule.when.occupancy_pct = NumberRange{spec.rule_occupancy, {}};
    rule.adjust = {AdjustKind::percent, spec.rule_percent};
    must(create_pricing_rule(cx, rule, reader));
  }
  return id;
}

CouponId make_coupon(WriteContext& cx, const CouponSpec& spec) {
  Coupon draft;
  draft.code = spec.code;
  draft.kind = spec.kind;
  draft.amount = spec.amount;
  if (spec.kind == CouponKind::fixed) draft.currency = Currency{};
  if (spec.cap >= 0) draft.max_redemptions = spec.cap;
  if (spec.per_customer >= 0) draft.max_per_customer = spec.per_customer;
  if (spec.valid_days >= 0) draft.valid_until = start_of_time + std::chrono::days{spec.valid_days};
  draft.min_subtotal_cents = spec.min_subtotal;
  json::Reader reader;
  return must(create_coupon(cx, draft, reader)).id;
}

/// bcrypt at its lowest cost: what is tested is not how slow it is.
std::string make_key(Platform& platform, TenantId tenant) {
  IssuedApiKey prepared;
  const auto token = make_token(platform.random());
  prepared.key.prefix = token.prefix;
  prepared.key.secret_hash = bcrypt_hash(token.secret, platform.random(), 4);
  prepared.token = token.text();
  ApiKey draft;
  draft.name = "simulation";
  draft.scopes = {Scope::read, Scope::write, Scope::admin};
  return must(platform.write(tenant, [&](WriteContext& cx) { return create_api_key(cx, draft, prepared); })).token;
}

/// Far enough away that nothing of it ever becomes due.
void fill_other(WriteContext& cx) {
  const auto offering = make_offering(cx, offerings[0]);
  make_coupon(cx, coupons[0]);
  const Instant far{1830297600000}; // 2028-01-01T00:00:00Z
  BookRequest request;
  request.offering_id = offering;
  request.interval = {far + std::chrono::hours{14}, far + std::chrono::hours{15}};
  request.customer_name = "Ada";
  request.customer_email = emails[0];
  request.coupon_code = std::string{coupons[0].code};
  request.audience = Audience::provider;
  const auto booking = must(book(cx, request));
  must(approve(cx, booking.id));
  const Interval later{far + std::chrono::hours{16}, far + std::chrono::hours{17}};
  const Hold hold{cx.make_id<HoldId>(), offering, later.start, later.end, 1, std::string{peers[0]}, cx.now, far};
  cx.tx.occupancy().lock(cx.tenant, offering.view(), later.length());
  cx.tx.occupancy().put(cx.tenant, offering.view(), {hold.id, offering, later, 1, storage::ClaimStatus::held, far});
  cx.tx.holds().insert(cx.tenant, hold);
  cx.tx.idempotency().put(cx.tenant, {"request-1", "another's", 200, "", "another's", far});
}

} // namespace

Shop set_up(Platform& platform) {
  Shop shop;
  shop.tenant = make_tenant(platform, "Atlas Studios", "atlas");
  shop.other = make_tenant(platform, "Borealis", "borealis");
  must(platform.write(shop.other, [&](WriteContext& cx) -> Result<bool> {
    fill_other(cx);
    return true;
  }));
  must(platform.write(shop.tenant, [&](WriteContext& cx) -> Result<bool> {
    for (std::size_t i = 0; i < offerings.size(); ++i) shop.offering_ids[i] = make_offering(cx, offerings[i]);
    for (std::size_t i = 0; i < coupons.size(); ++i) shop.coupon_ids[i] = make_coupon(cx, coupons[i]);
    RiskPolicy policy;
    policy.weights = {{RiskSignal::first_time_customer, 1, 15}, {RiskSignal::unpaid_holds, 2, 30}, {RiskSignal::coupon_abuse, 2, 30}};
    policy.hold_at = 40;
    policy.block_at = 95;
    cx.tx.risk().put_policy(cx.tenant, policy);
    return true;
  }));
  shop.key = make_key(platform, shop.tenant);
  return shop;
}

} // namespace orkestr::campaign
