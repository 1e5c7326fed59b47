// Admins of the platform in a browser: they show their token once, and a session stands for it.
#include "api/member_bodies.hpp"

#include "base/sha256.hpp"

namespace orkestr::inline v1::api {
namespace {

Error no_token() { return fail(Code::wrong_credentials, "That is not the token of an admin of this platform."); }

Result<Reply> open(const Call& call) {
  ORKESTR_TRY(const auto body, body_of<AdminToken>(call));
  const auto token = ApiToken::parse(body.token, admin_word);
  if (!token) return no_token();
  constexpr std::string_view attempts = "admin ";
  const auto peer = std::string{attempts}.append(call.request.peer);
  if (call.doors.account_attempts.exhausted(peer, call.now)) return fail(Code::rate_limited, "Too many wrong tokens; wait a few minutes.");
  ORKESTR_TRY(const auto admin, call.platform.store().read([&](const storage::ReadTransaction& tx) -> Result<std::optional<Admin>> {
    return tx.admins().find_by_prefix(token->prefix);
  }));
  switch (call.doors.verifier.prove(*token, admin ? &admin->secret_hash : nullptr)) {
  case KeyVerifier::Verdict::match: break;
  case KeyVerifier::Verdict::busy: return fail(Code::busy, "Too many credentials are being checked; try again.");
  case KeyVerifier::Verdict::mismatch: (void)call.doors.account_attempts.take(peer, call.now); return no_token();
  }
  const auto secret = std::string{admin_session_word} + make_token(call.platform.random()).secret;
  const AdminSession session{hex(sha256(secret)), admin->id, call.now, call.now + admin_session_life};
  ORKESTR_CHECK(call.platform.store().write([&](storage::WriteTransaction& tx) -> Result<bool> {
    const auto current = tx.admins().find(admin->id);
    if (!current || !current->live()) return no_token();
    tx.admins().insert_session(session);
    tx.admins().append({call.platform.ids().make<AuditId>(call.now),
                        admin->id,
                        "admin.sign_in",
                        {},
                        admin->id.str(),
                        {},
                        std::string{call.request_id},
                        call.now});
    return true;
  }));
  Reply reply{201, json::to_json(AdminSessionView{*admin, session.expires_at}), "/v1/admin/session", false};
  reply.cookie = make_session_cookie(call.request, SessionCookie::admin, secret, admin_session_life);
  return reply;
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  std::optional<Instant> until;
  if (const auto found = tx.admins().find_session(call.admin_session)) until = found->session.expires_at;
  return reply_untagged(AdminSessionView{*call.admin, until});
}

Result<Reply> close(const Call& call) {
  ORKESTR_CHECK(call.platform.store().write([&](storage::WriteTransaction& tx) -> Result<bool> {
    tx.admins().erase_session(call.admin_session);
    return true;
  }));
  Reply reply{204, {}, {}, false};
  reply.cookie = make_session_cookie(call.request, SessionCookie::admin, {}, {});
  return reply;
}

} // namespace

std::span<const Route> admin_session_routes() {
  using M = Method;
  static constexpr Route routes[] = {
      {.method = M::post,
       .path = "/v1/admin/sessions",
       .operation = "openAdminSession",
       .access = Access::open,
       .body = Route::Body::required,
       .act = open,
       .from_here = true},
      {.method = M::get, .path = "/v1/admin/session", .operation = "getAdminSession", .access = Access::platform, .read = get},
      {.method = M::del, .path = "/v1/admin/session", .operation = "closeAdminSession", .access = Access::platform, .act = close},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
