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

} // namespace

std::span<const Route> score_routes() {
  using M = Method;
  static constexpr Route routes[] = {
      {.method = M::get, .path = "/v1/provider/insights", .operation = "getInsights", .access = Access::admin, .read = get_insights},
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
