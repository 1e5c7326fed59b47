// The assistant: for visitors of a storefront, and for those who run it.
#include "api/assistant_bodies.hpp"
#include "api/bodies.hpp"

namespace orkestr::inline v1::api {
namespace {

template <AssistantAudience audience> Result<Reply> ask(const Call& call) {
  ORKESTR_TRY(const auto question, body_of<AssistantQuestion>(call));
  ORKESTR_TRY(const auto answer, ask_assistant(call.platform, call.tenant.id, question, audience));
  return reply_untagged(answer);
}

Result<Reply> get_status(const storage::ReadTransaction& tx, const Call& call) {
  return reply_with(assistant_status(tx, call.tenant.id, call.platform));
}

Result<Reply> get_summary(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<OfferingId>());
  ORKESTR_TRY(const auto summary, summarise_offering(tx, call.tenant.id, id));
  return reply_with(summary);
}

Result<Reply> get_price(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<OfferingId>());
  ORKESTR_TRY(auto suggestion, suggest_offering_price(tx, call.tenant.id, id));
  return reply_with(OfferingPriceSuggestion{id, std::move(suggestion)});
}

} // namespace

std::span<const Route> assistant_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto admin = Access::admin;
  static constexpr Route routes[] = {
      {.method = M::post,
       .path = "/v1/public/{tenant}/assistant",
       .operation = "askAssistant",
       .access = Access::visitor,
       .body = required,
       .act = ask<AssistantAudience::visitor>},
      {.method = M::get, .path = "/v1/provider/assistant", .operation = "getAssistant", .access = admin, .read = get_status},
      {.method = M::post,
       .path = "/v1/provider/assistant",
       .operation = "askProviderAssistant",
       .access = admin,
       .body = required,
       .act = ask<AssistantAudience::staff>,
       .role = Role::staff},
      {.method = M::get,
       .path = "/v1/provider/offerings/{id}/summary",
       .operation = "getOfferingSummary",
       .access = admin,
       .read = get_summary},
      {.method = M::get,
       .path = "/v1/provider/offerings/{id}/price-suggestion",
       .operation = "getPriceSuggestion",
       .access = admin,
       .read = get_price},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
