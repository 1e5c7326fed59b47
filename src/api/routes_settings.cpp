#include "api/bodies.hpp"
#include "api/member_bodies.hpp"

#include <algorithm>

namespace orkestr::inline v1::api {

/// What a tenant decides for all its offerings.
struct Settings {
  RiskPolicy risk;
};

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct Schema<api::Settings> { static constexpr auto fields = std::make_tuple(field("risk", &api::Settings::risk, writable)); };
} // namespace orkestr::inline v1::json

namespace orkestr::inline v1::api {
namespace {

/// With the weight of every signal: the tenant's own, else the shipped one.
Settings load(const storage::ReadTransaction& tx, const Call& call) {
  Settings settings;
  settings.risk = tx.risk().policy(call.tenant.id).value_or(RiskPolicy{});
  for (const auto& weight : shipped_risk_weights())
    if (std::ranges::find(settings.risk.weights, weight.signal, &RiskWeight::signal) == settings.risk.weights.end())
      settings.risk.weights.push_back(weight);
  std::ranges::sort(settings.risk.weights, {}, &RiskWeight::signal);
  return settings;
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) { return reply_with(load(tx, call)); }

Result<Reply> update(WriteContext& cx, const Call& call) {
  auto settings = load(cx.tx, call);
  ORKESTR_CHECK(check_match(call.request, json::to_json(settings)));
  json::Reader reader;
  json::read_body(reader, *call.body, settings, json::Use::patch);
  {
    const json::Reader::Step step(reader, "risk");
    validate(settings.risk, reader);
  }
  ORKESTR_CHECK(reader.result());
  set_risk_policy(cx, settings.risk);
  return reply_with(load(cx.tx, call));
}

Result<Reply> close(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto body, body_of<Closing>(call));
  ORKESTR_TRY(const auto by, member_actor(cx.tx, call));
  if (by.role != Role::owner) return fail(Code::insufficient_role, "Only an owner closes a business, and a key that an owner has made.");
  ORKESTR_TRY(auto tenant, close_tenant(cx, body.subdomain));
  return reply_with(TenantRecord{std::move(tenant)});
}

} // namespace

std::span<const Route> settings_routes() {
  static constexpr Route routes[] = {
      {.method = Method::get, .path = "/v1/provider/settings", .operation = "getSettings", .access = Access::admin, .read = get},
      {.method = Method::patch,
       .path = "/v1/provider/settings",
       .operation = "updateSettings",
       .access = Access::admin,
       .body = Route::Body::required,
       .write = update},
      {.method = Method::post,
       .path = "/v1/provider/close",
       .operation = "closeBusiness",
       .access = Access::admin,
       .body = Route::Body::required,
       .write = close,
       .role = Role::owner},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
