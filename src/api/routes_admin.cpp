// What the platform's admins do, who stand above tenants: tenants, the verification of businesses, disputes, bookings held for their risk, and the log of what was done.
// Where a path names a tenant, that comes first, and what is done is written into both logs, reading included.
#include "api/bodies.hpp"
#include "api/trust_bodies.hpp"

#include "base/text.hpp"

namespace orkestr::inline v1::api {

/// A submission with whose it is.
struct KybCase {
  TenantId tenant_id;
  KybSubmission submission;
  KybId id; ///< of the submission, for cursors
};

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct Schema<api::KybCase> {
  static constexpr auto fields =
      std::make_tuple(field("tenantId", &api::KybCase::tenant_id, out), field("submission", &api::KybCase::submission, out));
};
} // namespace orkestr::inline v1::json

namespace orkestr::inline v1::api {
namespace {

// ---- tenants

Result<Reply> list_tenants(const storage::ReadTransaction& tx, const Call& call) {
  storage::TenantFilter filter;
  ORKESTR_TRY(filter.status, call.query.enumeration<TenantStatus>("status"));
  ORKESTR_TRY(filter.text, call.query.text("q", {1, 200}));
  ORKESTR_TRY(const auto page, call.query.page());
  std::vector<TenantRecord> rows;
  for (auto& tenant : tx.tenants().list(filter, and_one_more(page))) rows.emplace_back(std::move(tenant));
  return reply_list(std::move(rows), page.limit);
}

Result<Reply> get_tenant(const storage::ReadTransaction&, const Call& call) { return reply_with(TenantRecord{call.tenant}); }

template <TenantAction action> Result<Reply> change(WriteContext& cx, const Call& call) {
  std::string reason;
  if constexpr (action == TenantAction::suspend) {
    ORKESTR_TRY(auto body, body_of<Suspension>(call));
    reason = std::move(body.reason);
  } else {
    ORKESTR_CHECK(body_of<NoFields>(call));
  }
  ORKESTR_TRY(auto tenant, change_tenant(cx, action, reason));
  return reply_with(TenantRecord{std::move(tenant)});
}

// ---- verification of businesses

Result<Reply> list_kyb(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto status, call.query.enumeration<KybStatus>("status"));
  if (status == KybStatus::none) return Query::invalid("status", "an unknown value");
  ORKESTR_TRY(const auto page, call.query.page());
  std::vector<KybCase> rows;
  for (auto& row : tx.kyb().all(status.value_or(KybStatus::pending), and_one_more(page)))
    rows.push_back({row.tenant, std::move(row.submission), row.submission.id});
  return reply_list(std::move(rows), page.limit);
}

Result<Reply> get_kyb(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<KybId>(1));
  ORKESTR_TRY(auto submission, review_kyb(cx, id));
  return reply_with(KybCase{cx.tenant, std::move(submission), id});
}

Result<Reply> decide_on_kyb(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<KybId>(1));
  KybDecision decision;
  json::Reader reader;
  json::read_body(reader, *call.body, decision, json::Use::create);
  validate(decision, reader);
  ORKESTR_CHECK(reader.result());
  ORKESTR_TRY(auto submission, decide_kyb(cx, id, decision));
  return reply_with(KybCase{cx.tenant, std::move(submission), id});
}

/// RFC 8187: whatever the name holds, it stays one parameter.
std::string encoded(std::string_view name) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : name)
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_')
      text += c;
    else
      text.append(1, '%').append(1, hex[static_cast<unsigned char>(c) >> 4]).append(1, hex[static_cast<unsigned char>(c) & 15]);
  return text;
}

Result<Reply> get_document(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto submission, call.id<KybId>(1));
  ORKESTR_TRY(const auto id, call.id<KybDocumentId>(2));
  ORKESTR_TRY(auto opened, open_kyb_document(cx, submission, id, call.platform.secrets()));
  Reply reply{200, std::move(opened.bytes), {}, false};
  reply.content_type = json::name_of(opened.document.content_type);
  reply.disposition = "attachment; filename*=UTF-8''" + encoded(opened.document.file_name);
  return reply;
}

// ---- disputes

/// Absent is told before what is wrong with a body.
Result<DisputeId> dispute_of(const WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<DisputeId>(1));
  if (!cx.tx.disputes().find(cx.tenant, id)) return fail(Code::not_found, "There is no such dispute.");
  return id;
}

DisputeActor as_admin(const WriteContext& cx) { return {DisputeParty::admin, cx.actor.id}; }

Result<Reply> list_disputes(const storage::ReadTransaction& tx, const Call& call) {
  storage::DisputeFilter filter;
  ORKESTR_TRY(filter.status, call.query.enumeration<DisputeStatus>("status"));
  ORKESTR_TRY(const auto page, call.query.page());
  std::vector<DisputeRow> rows;
  for (auto& row : tx.disputes().all(filter, and_one_more(page))) rows.push_back({row.tenant, {std::move(row.dispute)}});
  return reply_list(std::move(rows), page.limit, [](const DisputeRow& row) { return row.dispute.id.view(); });
}

Result<Reply> get_dispute(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<DisputeId>(1));
  ORKESTR_TRY(auto thread, review_dispute(cx, id));
  return reply_with(DisputeCase{cx.tenant, std::move(thread)});
}

Result<Reply> post_to_dispute(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto id, dispute_of(cx, call));
  ORKESTR_TRY(auto draft, body_of<DisputeMessage>(call));
  ORKESTR_TRY(const auto message, post_message(cx, id, std::move(draft), as_admin(cx)));
  return Reply{201, json::to_json(message), std::string{call.path.substr(0, call.path.rfind('/'))}, false};
}

Result<Reply> decide_on_dispute(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto id, dispute_of(cx, call));
  ORKESTR_TRY(auto decision, body_of<DisputeDecision>(call));
  ORKESTR_CHECK(resolve_dispute(cx, id, std::move(decision), as_admin(cx)));
  ORKESTR_TRY(auto thread, find_dispute(cx.tx, cx.tenant, id));
  return reply_with(DisputeCase{cx.tenant, std::move(thread)});
}

// ---- risk

Result<Reply> list_held(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  std::vector<HeldBooking> rows;
  for (auto& [tenant, booking] : tx.bookings().in_review(and_one_more(page))) {
    auto& row = rows.emplace_back(HeldBooking{
        tenant, booking.id, booking.risk_score, {}, booking.total_cents, booking.currency, std::move(booking.source), booking.created_at});
    for (auto& reason : booking.risk_reasons) row.signals.push_back(std::move(reason.signal));
  }
  return reply_list(std::move(rows), page.limit);
}

// ---- the log

Result<Reply> list_actions(const storage::ReadTransaction& tx, const Call& call) {
  storage::AdminActionFilter filter;
  ORKESTR_TRY(filter.admin, call.query.parsed<AdminId>("adminId", "to be the id of an admin"));
  ORKESTR_TRY(filter.tenant, call.query.parsed<TenantId>("tenantId", "to be the id of a tenant"));
  ORKESTR_TRY(filter.action, call.query.text("action", {1, 60}));
  ORKESTR_TRY(filter.from, call.query.parsed<Instant>("from", "to be an instant such as 2026-05-12T15:00:00Z"));
  ORKESTR_TRY(filter.to, call.query.parsed<Instant>("to", "to be an instant such as 2026-05-12T15:00:00Z"));
  ORKESTR_TRY(const auto page, call.query.page());
  return reply_list(tx.admins().actions(filter, and_one_more(page)), page.limit);
}

constexpr std::string_view tenant_parameters[] = {"status", "q", "limit", "cursor"};
constexpr std::string_view kyb_parameters[] = {"status", "limit", "cursor"};
constexpr std::string_view dispute_parameters[] = {"status", "limit", "cursor"};
constexpr std::string_view held_parameters[] = {"limit", "cursor"};
constexpr std::string_view action_parameters[] = {"adminId", "tenantId", "action", "from", "to", "limit", "cursor"};

} // namespace

std::span<const Route> admin_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/admin/tenants",
       .operation = "listTenants",
       .access = Access::platform,
       .parameters = tenant_parameters,
       .read = list_tenants},
      {.method = M::get, .path = "/v1/admin/tenants/{tenantId}", .operation = "getTenant", .access = Access::platform, .read = get_tenant},
      {.method = M::post,
       .path = "/v1/admin/tenants/{tenantId}/approve",
       .operation = "approveTenant",
       .access = Access::platform,
       .body = optional,
       .write = change<TenantAction::approve>},
      {.method = M::post,
       .path = "/v1/admin/tenants/{tenantId}/suspend",
       .operation = "suspendTenant",
       .access = Access::platform,
       .body = required,
       .write = change<TenantAction::suspend>},
      {.method = M::post,
       .path = "/v1/admin/tenants/{tenantId}/reinstate",
       .operation = "reinstateTenant",
       .access = Access::platform,
       .body = optional,
       .write = change<TenantAction::reinstate>},
      {.method = M::get,
       .path = "/v1/admin/kyb",
       .operation = "listKybSubmissions",
       .access = Access::platform,
       .parameters = kyb_parameters,
       .read = list_kyb},
      {.method = M::get,
       .path = "/v1/admin/kyb/{tenantId}/{kybId}",
       .operation = "getKybSubmission",
       .access = Access::platform,
       .write = get_kyb},
      {.method = M::post,
       .path = "/v1/admin/kyb/{tenantId}/{kybId}/decide",
       .operation = "decideKybSubmission",
       .access = Access::platform,
       .body = required,
       .write = decide_on_kyb},
      {.method = M::get,
       .path = "/v1/admin/kyb/{tenantId}/{kybId}/documents/{documentId}",
       .operation = "readKybDocument",
       .access = Access::platform,
       .write = get_document},
      {.method = M::get,
       .path = "/v1/admin/disputes",
       .operation = "listAllDisputes",
       .access = Access::platform,
       .parameters = dispute_parameters,
       .read = list_disputes},
      {.method = M::get,
       .path = "/v1/admin/disputes/{tenantId}/{disputeId}",
       .operation = "reviewDispute",
       .access = Access::platform,
       .write = get_dispute},
      {.method = M::post,
       .path = "/v1/admin/disputes/{tenantId}/{disputeId}/messages",
       .operation = "postAdminDisputeMessage",
       .access = Access::platform,
       .body = required,
       .write = post_to_dispute},
      {.method = M::post,
       .path = "/v1/admin/disputes/{tenantId}/{disputeId}/resolve",
       .operation = "decideDispute",
       .access = Access::platform,
       .body = required,
       .write = decide_on_dispute},
      {.method = M::get,
       .path = "/v1/admin/risk",
       .operation = "listHeldBookings",
       .access = Access::platform,
       .parameters = held_parameters,
       .read = list_held},
      {.method = M::get,
       .path = "/v1/admin/actions",
       .operation = "listAdminActions",
       .access = Access::platform,
       .parameters = action_parameters,
       .read = list_actions},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
