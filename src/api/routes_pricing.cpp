#include "api/bodies.hpp"
#include "api/offering_rows.hpp"

namespace orkestr::inline v1::api {

/// POST …/quote-preview: any interval at any time, bookable or not, to see what rules do.
struct PreviewDraft {
  Instant starts_at, ends_at;
  int quantity = 1;
  std::optional<Instant> at;
  int occupancy_pct = 0;
  std::optional<std::string> coupon_code;
};

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct Schema<api::PreviewDraft> {
  using T = api::PreviewDraft;
  static constexpr auto fields = std::make_tuple(
      field("startsAt", &T::starts_at, create | required), field("endsAt", &T::ends_at, create | required),
      field("quantity", &T::quantity, create, quantity_limits), field("at", &T::at, create),
      field("occupancyPct", &T::occupancy_pct, create, {0, 100}), field("couponCode", &T::coupon_code, create, code_limits));
};
} // namespace orkestr::inline v1::json

namespace orkestr::inline v1::api {

template <> struct RowKind<PricingRule> {
  static auto all(const storage::ReadTransaction& tx, TenantId tenant, OfferingId offering) {
    return tx.pricing_rules().of(tenant, offering);
  }
  static auto create(WriteContext& cx, const PricingRule& draft, json::Reader& reader) { return create_pricing_rule(cx, draft, reader); }
  static auto update(WriteContext& cx, const PricingRule& row, json::Reader& reader) { return update_pricing_rule(cx, row, reader); }
  static void erase(WriteContext& cx, PricingRuleId id) { delete_pricing_rule(cx, id); }
};

namespace {

/// POST, but nothing is written: a body says what a query could not.
Result<Reply> preview(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(auto offering, parent(tx, call));
  ORKESTR_TRY(const auto draft, body_of<PreviewDraft>(call));
  json::Reader reader;
  if (draft.ends_at <= draft.starts_at) reader.fault_at("endsAt", "conflict", "endsAt must be after startsAt.");
  if (draft.ends_at - draft.starts_at > std::chrono::days{max_range_days})
    reader.fault_at("endsAt", "too_large", "A booking spans at most 366 days.");
  ORKESTR_CHECK(reader.result());
  const auto rules = tx.pricing_rules().of(call.tenant.id, offering.id);
  const PriceFactors factors{rules, draft.at.value_or(call.now), draft.occupancy_pct, 100};
  QuoteView view;
  view.interval = {draft.starts_at, draft.ends_at};
  view.quantity = draft.quantity;
  if (draft.coupon_code) {
    view.coupon = tx.coupons().find_by_code(call.tenant.id, fold_code(*draft.coupon_code));
    if (!view.coupon) return fail(Code::coupon_unknown, "There is no such coupon.");
    ORKESTR_TRY(view.quote, quote(offering, view.interval, view.quantity, factors, *view.coupon, 0));
  } else {
    ORKESTR_TRY(view.quote, quote(offering, view.interval, view.quantity, factors));
  }
  view.offering = std::move(offering);
  return Reply{200, quote_json(view), {}, false};
}

constexpr std::string_view rules_path = "/v1/provider/offerings/{id}/pricing-rules";
constexpr std::string_view rule_path = "/v1/provider/offerings/{id}/pricing-rules/{ruleId}";

} // namespace

std::span<const Route> pricing_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto admin = Access::admin;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = rules_path,
       .operation = "listPricingRules",
       .access = admin,
       .parameters = list_parameters,
       .read = list_rows<PricingRule>},
      {.method = M::post,
       .path = rules_path,
       .operation = "createPricingRule",
       .access = admin,
       .body = required,
       .write = create_row<PricingRule>},
      {.method = M::get, .path = rule_path, .operation = "getPricingRule", .access = admin, .read = get_row<PricingRule>},
      {.method = M::patch,
       .path = rule_path,
       .operation = "updatePricingRule",
       .access = admin,
       .body = required,
       .write = update_row<PricingRule>},
      {.method = M::del, .path = rule_path, .operation = "deletePricingRule", .access = admin, .write = remove_row<PricingRule>},
      {.method = M::post,
       .path = "/v1/provider/offerings/{id}/quote-preview",
       .operation = "previewQuote",
       .access = admin,
       .body = required,
       .read = preview,
       .write = read_as_write<preview>,
       .role = Role::staff},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
