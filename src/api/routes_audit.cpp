// The audit log of a tenant.
#include "api/context.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  storage::AuditFilter filter;
  ORKESTR_TRY(filter.actor, call.query.enumeration<ActorKind>("actor"));
  ORKESTR_TRY(filter.actor_id, call.query.text("actorId", {1, 100}));
  ORKESTR_TRY(filter.action, call.query.text("action", {1, 60}));
  ORKESTR_TRY(filter.subject, call.query.text("subject", {1, 60}));
  ORKESTR_TRY(filter.from, call.query.parsed<Instant>("from", "to be an instant such as 2026-05-12T15:00:00Z"));
  ORKESTR_TRY(filter.to, call.query.parsed<Instant>("to", "to be an instant such as 2026-05-12T15:00:00Z"));
  return reply_list(tx.audit().list(call.tenant.id, filter, and_one_more(page)), page.limit);
}

constexpr std::string_view filters[] = {"actor", "actorId", "action", "subject", "from", "to", "limit", "cursor"};

} // namespace

std::span<const Route> audit_routes() {
  static constexpr Route routes[] = {
      {.method = Method::get,
       .path = "/v1/provider/audit",
       .operation = "listAudit",
       .access = Access::admin,
       .parameters = filters,
       .read = list},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
