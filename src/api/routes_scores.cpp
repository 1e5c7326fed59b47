// The performance score: the provider's insights, and the marketplace that ranks by it.
#include "api/bodies.hpp"
#include "api/trust_bodies.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Reply> get_insights(const storage::ReadTransaction& tx, const Call& call) {
  return reply_with(insights(tx, call.tenant.id, call.now));
}

Result<Reply> refresh_insights(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  return reply_with(compute_score(cx));
}

Result<Reply> list_days(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto from, call.query.required("from"));
  ORKESTR_TRY(const auto to, call.query.required("to"));
  const auto first = LocalDate::parse(from), last = LocalDate::parse(to);
  if (!first || !last) return Query::invalid(first ? "to" : "from", "to be a day such as 2026-05-12");
  if (*last < *first || last->days - first->days >= 366)
    return fail(Code::range_too_long, "from is at or before to, and at most 365 days before it.");
  ORKESTR_TRY(const auto offering, call.query.parsed<OfferingId>("offeringId", "to be an offering's id"));
  ORKESTR_TRY(const auto figures, business_figures(tx, call.tenant, *first, *last, offering));
  return reply_untagged(figures);
}

Result<Reply> list_marketplace(const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page(true));
  if (const auto place = storage::price_place(page.before); place && !TenantId::parse(place->second))
    return fail(Code::invalid_cursor, "Use the nextCursor of the answer before, or none to start anew.");
  return call.platform.store().read([&](const storage::ReadTransaction& tx) -> Result<Reply> {
    std::vector<MarketplaceRow> rows;
    for (auto& row : tx.scores().ranking(and_one_more(page))) rows.emplace_back(std::move(row));
    return reply_list(std::move(rows), page.limit, [](const MarketplaceRow& row) { return storage::ranking_place(row); });
  });
}

constexpr std::string_view day_parameters[] = {"from", "to", "offeringId"};

} // namespace

std::span<const Route> score_routes() {
  using M = Method;
  static constexpr Route routes[] = {
      {.method = M::get, .path = "/v1/provider/insights", .operation = "getInsights", .access = Access::admin, .read = get_insights},
      {.method = M::get,
       .path = "/v1/provider/insights/days",
       .operation = "getInsightDays",
       .access = Access::admin,
       .parameters = day_parameters,
       .read = list_days},
      {.method = M::post,
       .path = "/v1/provider/insights",
       .operation = "refreshInsights",
       .access = Access::admin,
       .body = Route::Body::optional,
       .write = refresh_insights},
      {.method = M::get,
       .path = "/v1/public/marketplace",
       .operation = "listMarketplace",
       .access = Access::open,
       .parameters = list_parameters,
       .act = list_marketplace},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
