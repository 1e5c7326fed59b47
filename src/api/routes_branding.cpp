#include "api/brand_bodies.hpp"

namespace orkestr::inline v1::api {
namespace {

/// The tenant is read anew: what a write changes must be of its own transaction.
Brand load(const storage::ReadTransaction& tx, const Call& call) {
  return {tx.tenants().find(call.tenant.id).value_or(call.tenant), tx.tenants().branding(call.tenant.id).value_or(Branding{})};
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) { return reply_with(load(tx, call)); }

Result<Reply> update(WriteContext& cx, const Call& call) {
  auto brand = load(cx.tx, call);
  ORKESTR_CHECK(check_match(call.request, json::to_json(brand)));
  json::Reader reader;
  json::read_body(reader, *call.body, brand, json::Use::patch);
  ORKESTR_CHECK(set_branding(cx, brand, brand, reader));
  return reply_with(brand);
}

} // namespace

std::span<const Route> branding_routes() {
  static constexpr Route routes[] = {
      {.method = Method::get, .path = "/v1/provider/branding", .operation = "getBranding", .access = Access::admin, .read = get},
      {.method = Method::patch,
       .path = "/v1/provider/branding",
       .operation = "updateBranding",
       .access = Access::admin,
       .body = Route::Body::required,
       .write = update},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
