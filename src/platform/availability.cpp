#include "orkestr/platform/use_cases.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

Error no_offering() { return fail(Code::not_found, "There is no such offering."); }

template <class T>
Result<void> check_new(const WriteContext& cx, const T& draft, std::size_t present, std::size_t most, json::Reader& reader) {
  validate(draft, reader);
  ORKESTR_CHECK(reader.result());
  if (!cx.tx.offerings().find(cx.tenant, draft.offering_id)) return no_offering();
  if (present >= most) {
    reader.fault("too_many_items", "The offering has as many as it may have: " + std::to_string(most) + ".");
    return reader.result();
  }
  return {};
}

} // namespace

Result<AvailabilityRule> create_rule(WriteContext& cx, AvailabilityRule draft, json::Reader& reader) {
  auto& availability = cx.tx.availability();
  ORKESTR_CHECK(check_new(cx, draft, availability.rules(cx.tenant, draft.offering_id).size(), max_rules_per_offering, reader));
  draft.id = cx.make_id<RuleId>();
  availability.insert(cx.tenant, draft);
  cx.audit("availability_rule.create", draft.id);
  return draft;
}

Result<AvailabilityRule> update_rule(WriteContext& cx, const AvailabilityRule& changed, json::Reader& reader) {
  validate(changed, reader);
  ORKESTR_CHECK(reader.result());
  cx.tx.availability().update(cx.tenant, changed);
  cx.audit("availability_rule.update", changed.id);
  return changed;
}

Result<AvailabilityException> create_exception(WriteContext& cx, AvailabilityException draft, json::Reader& reader) {
  auto& availability = cx.tx.availability();
  ORKESTR_CHECK(check_new(cx, draft, availability.exceptions(cx.tenant, draft.offering_id).size(), max_exceptions_per_offering, reader));
  draft.id = cx.make_id<ExceptionId>();
  availability.insert(cx.tenant, draft);
  cx.audit("availability_exception.create", draft.id);
  return draft;
}

Result<AvailabilityException> update_exception(WriteContext& cx, const AvailabilityException& changed, json::Reader& reader) {
  validate(changed, reader);
  ORKESTR_CHECK(reader.result());
  cx.tx.availability().update(cx.tenant, changed);
  cx.audit("availability_exception.update", changed.id);
  return changed;
}

void delete_rule(WriteContext& cx, RuleId id) {
  cx.tx.availability().erase(cx.tenant, id);
  cx.audit("availability_rule.delete", id);
}
void delete_exception(WriteContext& cx, ExceptionId id) {
  cx.tx.availability().erase(cx.tenant, id);
  cx.audit("availability_exception.delete", id);
}
void delete_pricing_rule(WriteContext& cx, PricingRuleId id) {
  cx.tx.pricing_rules().erase(cx.tenant, id);
  cx.audit("pricing_rule.delete", id);
}
void set_risk_policy(WriteContext& cx, const RiskPolicy& policy) {
  cx.tx.risk().put_policy(cx.tenant, policy);
  cx.audit("risk_policy.update", cx.tenant);
}

Result<Schedule> AvailabilityView::schedule() const {
  ORKESTR_TRY(const Zone zone, Zone::find(offering.time_zone));
  return Schedule{zone,
                  rules,
                  exceptions,
                  offering.buffer_before_minutes,
                  offering.buffer_after_minutes,
                  offering.min_notice_minutes,
                  offering.max_advance_days};
}

Result<PricingRule> create_pricing_rule(WriteContext& cx, PricingRule draft, json::Reader& reader) {
  auto& rules = cx.tx.pricing_rules();
  ORKESTR_CHECK(check_new(cx, draft, rules.of(cx.tenant, draft.offering_id).size(), max_pricing_rules_per_offering, reader));
  draft.id = cx.make_id<PricingRuleId>();
  draft.created_at = cx.now;
  rules.insert(cx.tenant, draft);
  cx.audit("pricing_rule.create", draft.id);
  return draft;
}

Result<PricingRule> update_pricing_rule(WriteContext& cx, const PricingRule& changed, json::Reader& reader) {
  validate(changed, reader);
  ORKESTR_CHECK(reader.result());
  cx.tx.pricing_rules().update(cx.tenant, changed);
  cx.audit("pricing_rule.update", changed.id);
  return changed;
}

namespace {

AvailabilityView with_schedule(const storage::ReadTransaction& tx, TenantId tenant, Offering offering) {
  const OfferingId id = offering.id;
  return {std::move(offering), tx.availability().rules(tenant, id), tx.availability().exceptions(tenant, id), {}, {}};
}

} // namespace

Result<AvailabilityView> load_availability(const storage::ReadTransaction& tx, TenantId tenant, OfferingId offering) {
  auto found = tx.offerings().find(tenant, offering);
  if (!found) return no_offering();
  return with_schedule(tx, tenant, std::move(*found));
}

Result<AvailabilityView> load_availability_even_deleted(const storage::ReadTransaction& tx, TenantId tenant, OfferingId offering) {
  auto found = tx.offerings().find_even_deleted(tenant, offering);
  if (!found) return no_offering();
  return with_schedule(tx, tenant, std::move(*found));
}

std::vector<Occupancy> occupancies(std::span<const storage::Claim> claims) {
  std::vector<Occupancy> taken;
  taken.reserve(claims.size());
  for (const auto& claim : claims) taken.push_back({claim.interval, claim.quantity, claim.status == storage::ClaimStatus::held});
  return taken;
}

Result<void> fill_availability(const storage::ReadTransaction& tx, TenantId tenant, AvailabilityView& view, Interval range, bool with_slots,
                               Audience audience, Instant now) {
  ORKESTR_TRY(const Schedule schedule, view.schedule());
  // One read serves both: slots look beyond the range, by their length and buffers.
  const std::string key = capacity_key(view.offering);
  view.booked = tx.occupancy().in_range(tenant, key, with_slots ? occupancy_range(schedule, range) : range, now);
  if (with_slots) {
    ORKESTR_TRY(view.slots, expand(schedule, range, occupancies(view.booked), audience, now));
    std::erase_if(view.booked, [&](const storage::Claim& claim) { return !claim.interval.overlaps(range); });
  }
  return {};
}

} // namespace orkestr::inline v1
