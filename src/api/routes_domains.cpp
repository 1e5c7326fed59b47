// A business's own domain, and what a proxy asks before it gets a certificate for one.
#include "api/bodies.hpp"
#include "api/domain_bodies.hpp"

#include "base/text.hpp"

#include "orkestr/platform/domains.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  return reply_with(domain_view(call.tenant, tx.domains().find(call.tenant.id), call.platform.base_domain()));
}

Result<Reply> put(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<DomainDraft>(call));
  ORKESTR_TRY(const auto domain, set_domain(cx, draft.domain, call.platform.base_domain()));
  return reply_with(domain_view(call.tenant, domain, call.platform.base_domain()));
}

Result<Reply> remove(WriteContext& cx, const Call& call) {
  const auto view = domain_view(call.tenant, cx.tx.domains().find(cx.tenant), call.platform.base_domain());
  ORKESTR_CHECK(check_match(call.request, json::to_json(view)));
  ORKESTR_CHECK(remove_domain(cx));
  return Reply{204, {}, {}, false};
}

Result<Reply> check(const Call& call) {
  ORKESTR_TRY(const auto domain,
              check_domain(call.platform, call.tenant.id,
                           {call.member ? ActorKind::member : ActorKind::key, std::string{call.caller()}, std::string{call.request_id}}));
  return reply_with(domain_view(call.tenant, domain, call.platform.base_domain()));
}

/// Whether a host is served here as somebody's own is what anybody can see who asks it for a page.
Result<Reply> ask(const Call& call) {
  ORKESTR_TRY(const auto text, call.query.required("domain"));
  auto domain = ascii_lower(text);
  if (domain.ends_with('.')) domain.pop_back();
  ORKESTR_TRY(const bool served, call.platform.store().read([&](const storage::ReadTransaction& tx) -> Result<bool> {
    return tx.domains().holder(domain).has_value();
  }));
  if (!served) return fail(Code::not_found, "No storefront has that domain.");
  return Reply{204, {}, {}, false};
}

constexpr std::string_view parameters[] = {"domain"};

} // namespace

std::span<const Route> domain_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto admin = Access::admin;
  constexpr std::string_view path = "/v1/provider/domain";
  static constexpr Route routes[] = {
      {.method = M::get, .path = path, .operation = "getDomain", .access = admin, .read = get},
      {.method = M::put, .path = path, .operation = "setDomain", .access = admin, .body = required, .write = put},
      {.method = M::del, .path = path, .operation = "removeDomain", .access = admin, .write = remove},
      {.method = M::post, .path = "/v1/provider/domain/check", .operation = "checkDomain", .access = admin, .act = check},
      {.method = M::get, .path = "/v1/domains/ask", .operation = "askDomain", .access = Access::open, .parameters = parameters, .act = ask},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
