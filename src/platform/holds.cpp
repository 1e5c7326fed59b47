#include "platform/claims.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace claims {
namespace {

Result<void> check_duration(const Offering& offering, Interval interval) {
  if (interval.end <= interval.start) return fail(Code::slot_unavailable, "The end must be after the start.");
  if (interval.length() > std::chrono::days{max_range_days}) return fail(Code::duration_not_allowed, "A booking spans at most 366 days.");
  const std::int64_t minutes = interval.length().count() / 60'000;
  if (offering.min_duration_minutes && minutes < *offering.min_duration_minutes)
    return fail(Code::duration_not_allowed, "The shortest duration is " + std::to_string(*offering.min_duration_minutes) + " minutes.");
  if (offering.max_duration_minutes && minutes > *offering.max_duration_minutes)
    return fail(Code::duration_not_allowed, "The longest duration is " + std::to_string(*offering.max_duration_minutes) + " minutes.");
  return {};
}

} // namespace

Result<Units> room(const storage::ReadTransaction& tx, TenantId tenant, const AvailabilityView& view, const Wanted& wanted, Instant now) {
  if (wanted.quantity < 1) return fail(Code::slot_unavailable, "The quantity must be at least 1.");
  ORKESTR_CHECK(check_duration(view.offering, wanted.interval));
  ORKESTR_TRY(const Schedule schedule, view.schedule());
  auto others = tx.occupancy().in_range(tenant, capacity_key(view.offering), occupancy_range(schedule, wanted.interval), now);
  if (wanted.own) std::erase_if(others, [&](const storage::Claim& claim) { return claim.holder == *wanted.own; });
  const bool whole_days = view.offering.pricing_model == PricingModel::daily;
  return check_bookable(schedule, wanted.interval, wanted.quantity, whole_days, occupancies(others), wanted.audience, now);
}

Result<Units> take(WriteContext& cx, const AvailabilityView& view, const Wanted& wanted, const storage::Claim& claim) {
  const std::string key = capacity_key(view.offering);
  cx.tx.occupancy().lock(cx.tenant, key, claim.interval.length());
  ORKESTR_TRY(const Units units, room(cx.tx, cx.tenant, view, wanted, cx.now));
  cx.tx.occupancy().put(cx.tenant, key, claim);
  return units;
}

std::vector<PricingRule> pricing_rules(const storage::ReadTransaction& tx, TenantId tenant, const Offering& offering) {
  return tx.pricing_rules().of(tenant, offering.id);
}

Result<Hold> live_hold(const storage::ReadTransaction& tx, TenantId tenant, HoldId id, Instant now) {
  auto hold = tx.holds().find(tenant, id);
  if (!hold || hold->expires_at <= now)
    return fail(Code::hold_expired, "The hold has expired or was released; hold the slot again if it is still free.");
  return std::move(*hold);
}

void drop_hold(WriteContext& cx, const Hold& hold) {
  cx.tx.occupancy().erase(cx.tenant, hold.id);
  cx.tx.holds().erase(cx.tenant, hold.id);
}

Result<AvailabilityView> bookable(const storage::ReadTransaction& tx, TenantId tenant, OfferingId id, Audience audience) {
  ORKESTR_TRY(auto view, load_availability(tx, tenant, id));
  if (audience == Audience::customer && view.offering.status != OfferingStatus::published)
    return fail(Code::not_found, "There is no such offering.");
  return view;
}

} // namespace claims

Result<Hold> hold(WriteContext& cx, const HoldRequest& request) {
  ORKESTR_TRY(const auto view, claims::bookable(cx.tx, cx.tenant, request.offering_id, Audience::customer));
  if (cx.tx.holds().count_live(cx.tenant, request.client, cx.now) >= max_holds_per_client)
    return fail(Code::too_many_holds, "You hold " + std::to_string(max_holds_per_client) + " slots already; book or release some first.");
  const Hold made{cx.make_id<HoldId>(), view.offering.id, request.interval.start, request.interval.end, request.quantity,
                  request.client,       cx.now,           cx.now + hold_time};
  ORKESTR_CHECK(claims::take(cx, view, {made.interval(), made.quantity, {}, Audience::customer},
                             {made.id, view.offering.id, made.interval(), made.quantity, storage::ClaimStatus::held, made.expires_at}));
  cx.tx.holds().insert(cx.tenant, made);
  cx.audit("hold.create", made.id);
  return made;
}

Result<void> release_hold(WriteContext& cx, HoldId id) {
  const auto hold = claims::live_hold(cx.tx, cx.tenant, id, cx.now);
  if (!hold) return fail(Code::not_found, "There is no such hold.");
  claims::drop_hold(cx, *hold);
  cx.audit("hold.release", id);
  return {};
}

Result<void> expire_hold(WriteContext& cx, HoldId id) {
  const auto hold = cx.tx.holds().find(cx.tenant, id);
  if (!hold || cx.now < hold->expires_at) return fail(Code::not_found, "There is no such hold, or it still counts.");
  claims::drop_hold(cx, *hold);
  cx.audit("hold.expire", id);
  if (!hold->client.empty())
    cx.tx.risk().insert(cx.tenant,
                        {cx.make_id<AttemptId>(), storage::AttemptKind::hold_lapsed, {}, hold->client, {}, {}, hold->expires_at});
  cx.emit(EventType::hold_expired, hold->id.view(), hold_event_data(*hold));
  return {};
}

Result<QuoteView> quote_booking(const storage::ReadTransaction& tx, TenantId tenant, const QuoteRequest& request, Instant now) {
  QuoteView answer;
  OfferingId offering_id = request.offering_id;
  claims::Wanted wanted{request.interval, request.quantity, {}, request.audience};
  if (request.hold_id) {
    ORKESTR_TRY(const Hold hold, claims::live_hold(tx, tenant, *request.hold_id, now));
    offering_id = hold.offering_id;
    wanted = {hold.interval(), hold.quantity, hold.id, Audience::provider};
  }
  ORKESTR_TRY(auto view, claims::bookable(tx, tenant, offering_id, request.audience));
  ORKESTR_TRY(const Units units, claims::room(tx, tenant, view, wanted, now));
  const auto rules = claims::pricing_rules(tx, tenant, view.offering);
  const PriceFactors factors{rules, now, units.capacity - units.remaining, units.capacity};
  if (request.coupon_code) {
    answer.coupon = tx.coupons().find_by_code(tenant, fold_code(*request.coupon_code));
    if (!answer.coupon) return fail(Code::coupon_unknown, "There is no such coupon.");
    const auto customer = request.customer_email ? tx.customers().find_by_email(tenant, *request.customer_email).get() : std::nullopt;
    const auto used = customer ? tx.coupons().redemptions_of(tenant, answer.coupon->id, customer->id) : 0;
    ORKESTR_TRY(answer.quote, quote(view.offering, wanted.interval, wanted.quantity, factors, *answer.coupon, used));
  } else {
    ORKESTR_TRY(answer.quote, quote(view.offering, wanted.interval, wanted.quantity, factors));
  }
  answer.offering = std::move(view.offering);
  answer.interval = wanted.interval;
  answer.quantity = wanted.quantity;
  return answer;
}

} // namespace orkestr::inline v1
