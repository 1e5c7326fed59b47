// How members come in: they sign up, sign in, follow links; and what is theirs alone: password, second factor, sessions.
#include "api/member_bodies.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"

#include "orkestr/engine/totp.hpp"

namespace orkestr::inline v1::api {
namespace {

Error wrong_credentials() { return fail(Code::wrong_credentials, "The business, the e-mail address or the password is wrong."); }

/// Reads a body that names a new password.
template <class T> Result<T> body_with_password(const Call& call, std::string_view email = {}) {
  T body;
  json::Reader reader;
  json::read_body(reader, *call.body, body, json::Use::create);
  if (reader.ok()) check_password(reader, body.password, email);
  ORKESTR_CHECK(reader.result());
  return body;
}

SessionStart start_of(const Call& call, TenantId tenant) {
  return {make_member_token(member_session_word, tenant, call.platform.random()), std::string{call.request.header("User-Agent")},
          std::string{call.request.peer}};
}

SessionView view_of(const Call& call, const Tenant& tenant, Member member, const MemberSession& session) {
  return {session.id, session.expires_at, std::move(member), TenantRecord{tenant}, call.platform.storefront_of(tenant.subdomain)};
}

/// The answer to whoever has just come in.
Result<Reply> entered(const Call& call, TenantId tenant, const MemberSession& session, const std::string& token) {
  ORKESTR_TRY(const auto view, call.platform.store().read([&](const storage::ReadTransaction& tx) -> Result<SessionView> {
    auto found = tx.members().find_session(tenant, session.token_hash);
    if (!found) return fail(Code::unauthenticated, "The session has ended meanwhile.");
    return view_of(call, found->tenant, std::move(found->member), found->session);
  }));
  Reply reply{201, json::to_json(view), "/v1/auth/session", false};
  reply.cookie = make_session_cookie(call.request, SessionCookie::member, token, member_session_life);
  return reply;
}

Actor visitor_of(const Call& call) { return {ActorKind::visitor, std::string{call.request.peer}, std::string{call.request_id}}; }

// ---- coming in

Result<Reply> sign_up_here(const Call& call) {
  if (call.doors.sign_up == SignUp::closed)
    return fail(Code::sign_up_closed, "New businesses are opened by the operator of this platform.");
  SignUpDraft draft;
  {
    json::Reader reader;
    json::read_body(reader, *call.body, draft, json::Use::create);
    if (reader.ok()) check_password(reader, draft.password, draft.email);
    ORKESTR_CHECK(reader.result());
  }
  if (!call.doors.sign_ups.take(call.request.peer, call.now).granted)
    return fail(Code::rate_limited, "Too many businesses were opened from this address; try again in an hour.");
  Tenant tenant;
  tenant.name = draft.business_name;
  tenant.subdomain = draft.subdomain;
  tenant.display_currency = draft.display_currency;
  tenant.time_zone = draft.time_zone;
  tenant.locale = draft.locale;
  Member owner;
  owner.name = draft.name;
  owner.email = draft.email;
  owner.password_hash = hash_password(draft.password, call.platform.random());
  const auto id = call.platform.ids().make<TenantId>(call.now);
  const auto start = start_of(call, id);
  const auto link = make_member_token(member_pass_word, id, call.platform.random());
  ORKESTR_TRY(const auto session, call.platform.write_at(
                                      id, call.now,
                                      [&](WriteContext& cx) -> Result<MemberSession> {
                                        ORKESTR_TRY(const auto member, orkestr::sign_up(cx, tenant, owner, link));
                                        return open_member_session(cx, member, start);
                                      },
                                      visitor_of(call)));
  return entered(call, id, session, start.token);
}

Result<Reply> sign_in_here(const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<SignInDraft>(call));
  const auto account = ascii_lower(draft.subdomain) + "/" + ascii_lower(draft.email);
  const auto from_here = account + " " + std::string{call.request.peer};
  auto& doors = call.doors;
  if (doors.attempts.exhausted(from_here, call.now) || doors.account_attempts.exhausted(account, call.now))
    return fail(Code::rate_limited, "Too many wrong passwords for this account; wait a few minutes, or ask for a new password.");
  const auto wrong = [&] {
    (void)doors.attempts.take(from_here, call.now);
    (void)doors.account_attempts.take(account, call.now);
  };
  struct Found {
    std::optional<TenantId> tenant;
    std::optional<Member> member;
  };
  ORKESTR_TRY(const auto found, call.platform.store().read([&](const storage::ReadTransaction& tx) -> Result<Found> {
    const auto tenant = tx.tenants().find_by_subdomain(ascii_lower(draft.subdomain));
    if (!tenant) return Found{};
    return Found{tenant->id, tx.members().find_by_email(tenant->id, ascii_lower(draft.email))};
  }));
  const bool may_have = found.member && found.member->active() && !found.member->password_hash.empty();
  // Whoever is not there takes as long.
  switch (doors.verifier.prove_password(account, draft.password, may_have ? &found.member->password_hash : nullptr)) {
  case KeyVerifier::Verdict::match: break;
  case KeyVerifier::Verdict::busy: return fail(Code::busy, "Too many people sign in at once; try again.");
  case KeyVerifier::Verdict::mismatch: wrong(); return wrong_credentials();
  }
  const auto start = start_of(call, *found.tenant);
  const auto session = call.platform.write_at(
      *found.tenant, call.now,
      [&](WriteContext& cx) {
        return orkestr::sign_in(cx, found.member->id, found.member->password_hash, draft.code.value_or(""), call.platform.secrets(), start);
      },
      visitor_of(call));
  if (!session) {
    if (session.error().code == Code::code_required && draft.code) wrong(); // codes can be tried out too
    return session.error();
  }
  return entered(call, *found.tenant, *session, start.token);
}

Result<Reply> ask_for_reset(const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<ResetDraft>(call));
  if (call.platform.mailer() == nullptr)
    return fail(Code::mail_unavailable, "This server sends no mail. Ask an owner of the business, or its operator.");
  if (!call.doors.account_attempts.take("reset " + std::string{call.request.peer}, call.now).granted)
    return fail(Code::rate_limited, "Too many links were asked for from this address; wait a few minutes.");
  ORKESTR_TRY(const auto tenant, call.platform.store().read([&](const storage::ReadTransaction& tx) -> Result<std::optional<Tenant>> {
    return tx.tenants().find_by_subdomain(ascii_lower(draft.subdomain));
  }));
  if (tenant) {
    const auto link = make_member_token(member_pass_word, tenant->id, call.platform.random());
    ORKESTR_CHECK(call.platform.write_at(
        tenant->id, call.now,
        [&](WriteContext& cx) -> Result<bool> {
          ORKESTR_CHECK(send_password_reset(cx, draft.email, link));
          return true;
        },
        visitor_of(call)));
  }
  return Reply{202, "{}", {}, false};
}

/// The link of a body, or that it is over.
Result<MemberToken> link_of(std::string_view token) {
  const auto link = MemberToken::parse(token, member_pass_word);
  if (!link) return fail(Code::not_found, "The link is not complete. Open it from the mail, or copy all of it.");
  return *link;
}

Result<Reply> set_password(const Call& call) {
  ORKESTR_TRY(const auto draft, body_with_password<NewPassword>(call));
  ORKESTR_TRY(const auto link, link_of(draft.token));
  const auto hash = hash_password(draft.password, call.platform.random());
  ORKESTR_CHECK(call.platform.write_at(
      link.tenant, call.now, [&](WriteContext& cx) { return reset_password(cx, link, hash); }, visitor_of(call)));
  Reply reply{204, {}, {}, false};
  reply.cookie = make_session_cookie(call.request, SessionCookie::member, {}, {}); // all sessions have ended
  return reply;
}

Result<Reply> confirm_email(const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<LinkToken>(call));
  ORKESTR_TRY(const auto link, link_of(draft.token));
  ORKESTR_TRY(const auto done, call.platform.write_at(
                                   link.tenant, call.now,
                                   [&](WriteContext& cx) -> Result<VerifiedEmail> {
                                     ORKESTR_TRY(const auto member, verify_email(cx, link, call.doors.sign_up != SignUp::open));
                                     const auto tenant = cx.tx.tenants().find(cx.tenant);
                                     return VerifiedEmail{member.email, tenant ? tenant->status : TenantStatus::pending};
                                   },
                                   visitor_of(call)));
  return reply_untagged(done);
}

Result<Reply> look_at_invitation(const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<LinkToken>(call));
  ORKESTR_TRY(const auto link, link_of(draft.token));
  ORKESTR_TRY(const auto view, call.platform.store().read([&](const storage::ReadTransaction& tx) -> Result<InvitationView> {
    ORKESTR_TRY(const auto member, find_invited(tx, link, call.now));
    const auto tenant = tx.tenants().find(link.tenant);
    if (!tenant) return fail(Code::not_found, "There is no such business.");
    return InvitationView{tenant->name, tenant->subdomain, member.email, member.role};
  }));
  return reply_untagged(view);
}

Result<Reply> accept(const Call& call) {
  ORKESTR_TRY(const auto draft, body_with_password<Acceptance>(call));
  ORKESTR_TRY(const auto link, link_of(draft.token));
  const auto hash = hash_password(draft.password, call.platform.random());
  const auto start = start_of(call, link.tenant);
  ORKESTR_TRY(const auto session, call.platform.write_at(
                                      link.tenant, call.now,
                                      [&](WriteContext& cx) -> Result<MemberSession> {
                                        ORKESTR_TRY(const auto member, accept_invitation(cx, link, draft.name, hash));
                                        return open_member_session(cx, member, start);
                                      },
                                      visitor_of(call)));
  return entered(call, link.tenant, session, start.token);
}

// ---- being in

Result<Reply> get_session(const storage::ReadTransaction&, const Call& call) {
  return reply_untagged(view_of(call, call.tenant, *call.member, *call.session));
}

Result<Reply> sign_out(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(end_member_session(cx, call.member->id, call.session->id));
  Reply reply{204, {}, {}, false};
  reply.cookie = make_session_cookie(call.request, SessionCookie::member, {}, {});
  return reply;
}

Result<Reply> list_sessions(const storage::ReadTransaction& tx, const Call& call) {
  std::vector<SessionRow> rows;
  for (auto& session : tx.members().sessions_of(call.tenant.id, call.member->id)) {
    if (!session.live(call.now)) continue;
    auto& row = rows.emplace_back();
    static_cast<MemberSession&>(row) = std::move(session);
    row.current = row.id == call.session->id;
  }
  return reply_page(rows, std::nullopt);
}

Result<Reply> end_session(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<SessionId>());
  ORKESTR_CHECK(end_member_session(cx, call.member->id, id));
  return Reply{204, {}, {}, false};
}

Result<Reply> send_again(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_CHECK(send_verification(cx, *call.member, make_member_token(member_pass_word, cx.tenant, call.platform.random())));
  return Reply{202, "{}", {}, false};
}

Result<Reply> update_profile(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto body, body_of<Profile>(call));
  auto member = cx.tx.members().find(cx.tenant, call.member->id);
  if (!member) return fail(Code::not_found, "There is no such member.");
  member->name = std::move(body.name);
  cx.tx.members().update(cx.tenant, *member);
  cx.audit("member.update", member->id);
  return reply_untagged(*member);
}

/// The password of whoever is signed in, which a session alone must not change.
Result<void> prove(Call& call, std::string_view password) {
  const auto account = call.tenant.subdomain + "/" + call.member->email;
  if (call.doors.account_attempts.exhausted(account, call.now))
    return fail(Code::rate_limited, "Too many wrong passwords for this account; wait a few minutes.");
  call.proven_hash = call.member->password_hash;
  switch (call.doors.verifier.prove_password(account, password, call.proven_hash.empty() ? nullptr : &call.proven_hash)) {
  case KeyVerifier::Verdict::match: return {};
  case KeyVerifier::Verdict::busy: return fail(Code::busy, "Too many passwords are being checked; try again.");
  case KeyVerifier::Verdict::mismatch: break;
  }
  (void)call.doors.account_attempts.take(account, call.now);
  return fail(Code::wrong_credentials, "The password is wrong.");
}

Result<void> prepare_change(Call& call) {
  ORKESTR_TRY(const auto body, body_with_password<PasswordChange>(call, call.member->email));
  ORKESTR_CHECK(prove(call, body.current));
  call.password_hash = hash_password(body.password, call.platform.random());
  return {};
}
Result<Reply> change(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(change_password(cx, call.member->id, call.proven_hash, call.password_hash, call.session->id));
  return Reply{204, {}, {}, false};
}

Result<Reply> start_totp(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  const auto secret = make_totp_secret(call.platform.random());
  ORKESTR_CHECK(begin_totp(cx, call.member->id, secret, call.platform.secrets(), call.platform.random()));
  return Reply{201, json::to_json(NewTotp{base32(secret), totp_uri(secret, call.tenant.name, call.member->email)}),
               std::string{call.path} + "/confirm", false};
}
Result<Reply> finish_totp(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto body, body_of<TotpCode>(call));
  ORKESTR_TRY(auto codes, confirm_totp(cx, call.member->id, body.code, call.platform.secrets(), call.platform.random()));
  return reply_untagged(RecoveryCodes{std::move(codes)});
}
Result<void> prepare_disable(Call& call) {
  ORKESTR_TRY(const auto body, body_of<PasswordProof>(call));
  return prove(call, body.password);
}
Result<Reply> stop_totp(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(disable_totp(cx, call.member->id, call.proven_hash));
  return Reply{204, {}, {}, false};
}

/// What anybody may post, from a page of this very host or from no page.
constexpr Route door(std::string_view path, std::string_view operation, ActHandler act) {
  return {.method = Method::post,
          .path = path,
          .operation = operation,
          .access = Access::open,
          .body = Route::Body::required,
          .act = act,
          .from_here = true};
}

} // namespace

std::span<const Route> auth_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto mine = Access::member;
  static constexpr Route routes[] = {
      door("/v1/auth/sign-ups", "signUp", sign_up_here),
      door("/v1/auth/sessions", "signIn", sign_in_here),
      door("/v1/auth/password-resets", "requestPasswordReset", ask_for_reset),
      door("/v1/auth/passwords", "setPassword", set_password),
      door("/v1/auth/email-verifications", "verifyEmail", confirm_email),
      door("/v1/auth/invitations/look", "lookAtInvitation", look_at_invitation),
      door("/v1/auth/invitations/accept", "acceptInvitation", accept),
      {.method = M::get, .path = "/v1/auth/session", .operation = "getSession", .access = mine, .read = get_session},
      {.method = M::del, .path = "/v1/auth/session", .operation = "signOut", .access = mine, .write = sign_out},
      {.method = M::get, .path = "/v1/auth/sessions", .operation = "listSessions", .access = mine, .read = list_sessions},
      {.method = M::del, .path = "/v1/auth/sessions/{id}", .operation = "endSession", .access = mine, .write = end_session},
      {.method = M::post,
       .path = "/v1/auth/email-verifications/resend",
       .operation = "resendVerification",
       .access = mine,
       .body = optional,
       .write = send_again},
      {.method = M::patch,
       .path = "/v1/auth/member",
       .operation = "updateProfile",
       .access = mine,
       .body = required,
       .write = update_profile},
      {.method = M::post,
       .path = "/v1/auth/member/password",
       .operation = "changePassword",
       .access = mine,
       .body = required,
       .write = change,
       .prepare = prepare_change},
      {.method = M::post,
       .path = "/v1/auth/totp",
       .operation = "startTotp",
       .access = mine,
       .body = optional,
       .write = start_totp,
       .secret_answer = true},
      {.method = M::post,
       .path = "/v1/auth/totp/confirm",
       .operation = "confirmTotp",
       .access = mine,
       .body = required,
       .write = finish_totp,
       .secret_answer = true},
      {.method = M::post,
       .path = "/v1/auth/totp/disable",
       .operation = "disableTotp",
       .access = mine,
       .body = required,
       .write = stop_totp,
       .prepare = prepare_disable},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
