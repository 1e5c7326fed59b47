#include "base/sha256.hpp"
#include "base/text.hpp"
#include "platform/mails.hpp"

#include "orkestr/engine/api_key.hpp"
#include "orkestr/engine/totp.hpp"
#include "orkestr/platform/calendars.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

constexpr std::size_t most_live_passes = 3;

Error over() { return fail(Code::not_found, "The link was used, or is over, or was never one. Ask for another."); }
Error unknown() { return fail(Code::not_found, "There is no such member."); }

/// A sealed secret that was copied into another row opens nothing.
std::string seal_context(TenantId tenant, MemberId id) { return tenant.str() + "/" + id.str() + "/totp"; }

std::string link_to(const WriteContext& cx, const Tenant& tenant, std::string_view page, const std::string& token) {
  return storefront_origin(cx.mail->storefront, tenant.subdomain).append("/provider/").append(page).append("?token=").append(token);
}
std::string host_of(const WriteContext& cx, const Tenant& tenant) {
  const auto origin = storefront_origin(cx.mail->storefront, tenant.subdomain);
  const auto at = origin.find("://");
  return at == std::string::npos ? origin : origin.substr(at + 3);
}

void add_pass(WriteContext& cx, const Member& member, MemberPassKind kind, std::string_view token) {
  cx.tx.members().insert(cx.tenant, MemberPass{hex(sha256(token)), kind, member.id, cx.now, cx.now + life_of(kind)});
}
bool too_many(const WriteContext& cx, const Member& member, MemberPassKind kind) {
  const auto passes = cx.tx.members().passes_of(cx.tenant, member.id, kind);
  return std::ranges::count_if(passes, [&](const MemberPass& pass) { return pass.live(cx.now); }) >=
         static_cast<std::ptrdiff_t>(most_live_passes);
}

/// The member whose link it is.
Result<Member> holder(const storage::ReadTransaction& tx, const MemberToken& link, MemberPassKind kind, MemberStatus status, Instant now) {
  const auto pass = tx.members().find_pass(link.tenant, kind, link.hash);
  auto member = pass && pass->live(now) ? tx.members().find(link.tenant, pass->member_id) : std::nullopt;
  if (!member || member->status != status) return over();
  return std::move(*member);
}
/// The same, and the link is used up.
Result<Member> use_up(WriteContext& cx, const MemberToken& link, MemberPassKind kind, MemberStatus status) {
  ORKESTR_TRY(auto member, holder(cx.tx, link, kind, status, cx.now));
  if (!cx.tx.members().erase_pass(cx.tenant, kind, link.hash)) return over();
  cx.actor = {ActorKind::member, member.id.str(), cx.actor.request_id};
  return member;
}

/// ACTIVE, with the password that was proven.
Result<Member> proven_member(const WriteContext& cx, MemberId id, const std::string& password_hash) {
  auto member = cx.tx.members().find(cx.tenant, id);
  if (!member || !member->active() || member->password_hash.empty() || member->password_hash != password_hash)
    return fail(Code::wrong_credentials, "The e-mail address or the password is wrong.");
  return std::move(*member);
}

/// Takes a code, or a recovery code, which is used up with it. @returns whether it is good
bool take_code(const WriteContext& cx, Member& member, std::string_view code, const SecretBox& secrets) {
  const auto secret = secrets.open(member.totp_secret, seal_context(cx.tenant, member.id));
  if (const auto step = secret ? totp_step(*secret, code, cx.now, member.totp_last_step) : std::nullopt) {
    member.totp_last_step = *step;
    return true;
  }
  std::string typed;
  for (const char c : code)
    if (c != ' ') typed += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return std::erase(member.recovery_codes, hex(sha256(typed))) > 0;
}

/// Whether an owner is left when this one is none any more. @pre the members are locked
Result<void> check_owner_left(const WriteContext& cx, const Member& leaving) {
  if (leaving.role != Role::owner || !leaving.active()) return {};
  const auto owners = cx.tx.members().list(cx.tenant, {MemberStatus::active, Role::owner}, {2, {}});
  if (std::ranges::any_of(owners, [&](const Member& owner) { return owner.id != leaving.id; })) return {};
  return fail(Code::last_owner, "A business keeps at least one owner. Make somebody else an owner first.");
}

Result<Member> managed(WriteContext& cx, const MemberActor& by, MemberId id) {
  cx.tx.members().lock(cx.tenant);
  auto member = cx.tx.members().find(cx.tenant, id);
  if (!member) return unknown();
  if (!may_manage(by.role, member->role)) return fail(Code::insufficient_role, "Only an owner may do that to an owner.");
  return std::move(*member);
}

Result<void> invite_by_mail(WriteContext& cx, const Member& member, const std::string& token) {
  const auto tenant = cx.tx.tenants().find(cx.tenant);
  if (!tenant) return fail(Code::not_found, "There is no such tenant.");
  add_pass(cx, member, MemberPassKind::invite, token);
  if (cx.mail != nullptr) mails::queue(cx, member.email, invitation_mail(host_of(cx, *tenant), link_to(cx, *tenant, "join", token)));
  return {};
}

} // namespace

std::string hash_password(std::string_view password, Random& random) { return bcrypt_hash(password_secret(password), random); }

Result<Member> sign_up(WriteContext& cx, Tenant tenant, Member owner, const std::string& verify_token) {
  if (cx.mail == nullptr) return fail(Code::mail_unavailable, "This server sends no mail, so nobody can confirm an address.");
  tenant.id = cx.tenant;
  tenant.status = TenantStatus::pending;
  tenant.created_at = cx.now;
  ORKESTR_CHECK(insert_tenant(cx.tx, tenant));
  owner.id = cx.make_id<MemberId>();
  owner.email = ascii_lower(std::move(owner.email));
  owner.role = Role::owner;
  owner.status = MemberStatus::active;
  owner.created_at = cx.now;
  cx.tx.members().insert(cx.tenant, owner);
  cx.actor = {ActorKind::member, owner.id.str(), cx.actor.request_id};
  cx.audit("tenant.sign_up", cx.tenant);
  ORKESTR_CHECK(send_verification(cx, owner, verify_token));
  return owner;
}

Result<void> send_verification(WriteContext& cx, const Member& member, const std::string& token) {
  if (cx.mail == nullptr) return fail(Code::mail_unavailable, "This server sends no mail.");
  const auto tenant = cx.tx.tenants().find(cx.tenant);
  if (!tenant || member.email_verified || too_many(cx, member, MemberPassKind::verify)) return {};
  add_pass(cx, member, MemberPassKind::verify, token);
  mails::queue(cx, member.email, verification_mail(host_of(cx, *tenant), link_to(cx, *tenant, "verify", token)));
  return {};
}

Result<Member> verify_email(WriteContext& cx, const MemberToken& link, bool await_approval) {
  ORKESTR_TRY(auto member, use_up(cx, link, MemberPassKind::verify, MemberStatus::active));
  member.email_verified = true;
  cx.tx.members().update(cx.tenant, member);
  cx.tx.members().erase_passes_of(cx.tenant, member.id, MemberPassKind::verify);
  cx.audit("member.verify_email", member.id);
  auto tenant = cx.tx.tenants().find(cx.tenant);
  if (tenant && tenant->status == TenantStatus::pending && !await_approval) {
    tenant->status = TenantStatus::active;
    cx.tx.tenants().update(*tenant);
    cx.audit("tenant.open", cx.tenant);
  }
  return member;
}

MemberSession open_member_session(WriteContext& cx, const Member& member, const SessionStart& start) {
  MemberSession session{cx.make_id<SessionId>(),
                        hex(sha256(start.token)),
                        member.id,
                        clean_utf8(start.user_agent.substr(0, 300)),
                        start.address,
                        cx.now,
                        cx.now,
                        cx.now + member_session_life};
  cx.tx.members().insert(cx.tenant, session);
  cx.actor = {ActorKind::member, member.id.str(), cx.actor.request_id};
  cx.audit("session.open", session.id);
  return session;
}

Result<MemberSession> sign_in(WriteContext& cx, MemberId id, const std::string& password_hash, std::string_view code,
                              const SecretBox& secrets, const SessionStart& start) {
  ORKESTR_TRY(auto member, proven_member(cx, id, password_hash));
  if (member.totp_enabled) {
    if (!take_code(cx, member, code, secrets))
      return fail(Code::code_required, "Enter the code that your authenticator app shows now, or one of your recovery codes.");
    cx.tx.members().update(cx.tenant, member);
  }
  return open_member_session(cx, member, start);
}

Result<void> end_member_session(WriteContext& cx, MemberId member, SessionId session) {
  if (!cx.tx.members().erase_session(cx.tenant, member, session)) return fail(Code::not_found, "There is no such session of yours.");
  cx.audit("session.end", session);
  return {};
}

Result<void> send_password_reset(WriteContext& cx, std::string_view email, const std::string& token) {
  if (cx.mail == nullptr) return fail(Code::mail_unavailable, "This server sends no mail.");
  const auto tenant = cx.tx.tenants().find(cx.tenant);
  const auto member = cx.tx.members().find_by_email(cx.tenant, ascii_lower(std::string{email}));
  if (!tenant) return {};
  if (!member || !member->active()) {
    // A row of nobody's: who waits for the answer can't tell whether there is such a member.
    Member nobody;
    nobody.id = cx.make_id<MemberId>();
    add_pass(cx, nobody, MemberPassKind::reset, token);
    return {};
  }
  if (too_many(cx, *member, MemberPassKind::reset)) return {};
  add_pass(cx, *member, MemberPassKind::reset, token);
  mails::queue(cx, member->email, reset_mail(host_of(cx, *tenant), link_to(cx, *tenant, "reset", token)));
  return {};
}

Result<Member> reset_password(WriteContext& cx, const MemberToken& link, const std::string& password_hash) {
  ORKESTR_TRY(auto member, use_up(cx, link, MemberPassKind::reset, MemberStatus::active));
  member.password_hash = password_hash;
  member.email_verified = true;
  cx.tx.members().update(cx.tenant, member);
  cx.tx.members().erase_passes_of(cx.tenant, member.id, MemberPassKind::reset);
  cx.tx.members().erase_sessions_of(cx.tenant, member.id, {});
  cx.audit("member.reset_password", member.id);
  return member;
}

Result<Member> change_password(WriteContext& cx, MemberId id, const std::string& proven, const std::string& password_hash, SessionId keep) {
  ORKESTR_TRY(auto member, proven_member(cx, id, proven));
  member.password_hash = password_hash;
  cx.tx.members().update(cx.tenant, member);
  cx.tx.members().erase_passes_of(cx.tenant, id, MemberPassKind::reset);
  cx.tx.members().erase_sessions_of(cx.tenant, id, keep);
  cx.audit("member.change_password", id);
  return member;
}

Result<void> begin_totp(WriteContext& cx, MemberId id, std::string_view secret, const SecretBox& secrets, Random& random) {
  if (secrets.empty()) return fail(Code::not_implemented, "This server has no key for secrets (--secret-keys).");
  auto member = cx.tx.members().find(cx.tenant, id);
  if (!member) return unknown();
  if (member->totp_enabled) return fail(Code::invalid_transition, "A second factor is on already. Switch it off first.");
  member->totp_secret = secrets.seal(secret, seal_context(cx.tenant, id), random);
  cx.tx.members().update(cx.tenant, *member);
  return {};
}

Result<std::vector<std::string>> confirm_totp(WriteContext& cx, MemberId id, std::string_view code, const SecretBox& secrets,
                                              Random& random) {
  auto member = cx.tx.members().find(cx.tenant, id);
  if (!member) return unknown();
  if (member->totp_enabled || member->totp_secret.empty())
    return fail(Code::invalid_transition,
                member->totp_enabled ? "A second factor is on already." : "Begin anew: there is no secret to confirm.");
  member->recovery_codes.clear();
  if (!take_code(cx, *member, code, secrets))
    return fail(Code::wrong_credentials, "That is not the code that the app shows now. Is the clock of your device right?");
  std::vector<std::string> codes(8);
  for (auto& each : codes) {
    each = make_recovery_code(random);
    member->recovery_codes.push_back(hex(sha256(each)));
  }
  member->totp_enabled = true;
  cx.tx.members().update(cx.tenant, *member);
  cx.audit("member.enable_totp", id);
  return codes;
}

Result<void> disable_totp(WriteContext& cx, MemberId id, const std::string& proven) {
  ORKESTR_TRY(auto member, proven_member(cx, id, proven));
  if (!member.totp_enabled) return fail(Code::invalid_transition, "No second factor is on.");
  member.totp_enabled = false;
  member.totp_secret.clear();
  member.recovery_codes.clear();
  cx.tx.members().update(cx.tenant, member);
  cx.audit("member.disable_totp", id);
  return {};
}

Result<Member> invite_member(WriteContext& cx, const MemberActor& by, const InvitationDraft& draft, const std::string& token) {
  if (!may_manage(by.role, draft.role)) return fail(Code::insufficient_role, "Only an owner may invite owners.");
  cx.tx.members().lock(cx.tenant);
  Member member;
  member.email = ascii_lower(draft.email);
  if (const auto known = cx.tx.members().find_by_email(cx.tenant, member.email))
    return fail(Code::email_taken, known->status == MemberStatus::deactivated
                                       ? "A member who was deactivated has that address. Reactivate them."
                                   : known->status == MemberStatus::invited ? "Somebody with that address is invited. Send the link again."
                                                                            : "A member has that address.");
  member.id = cx.make_id<MemberId>();
  member.name = draft.name;
  member.role = draft.role;
  member.status = MemberStatus::invited;
  member.invited_by = by.id;
  member.created_at = cx.now;
  cx.tx.members().insert(cx.tenant, member);
  cx.audit("member.invite", member.id, std::string{json::name_of(member.role)});
  ORKESTR_CHECK(invite_by_mail(cx, member, token));
  return member;
}

Result<Member> invite_again(WriteContext& cx, const MemberActor& by, MemberId id, const std::string& token) {
  ORKESTR_TRY(auto member, managed(cx, by, id));
  if (member.status != MemberStatus::invited) return fail(Code::not_found, "There is no such invitation.");
  cx.tx.members().erase_passes_of(cx.tenant, id, MemberPassKind::invite);
  cx.audit("member.invite_again", id);
  ORKESTR_CHECK(invite_by_mail(cx, member, token));
  return member;
}

Result<void> revoke_invitation(WriteContext& cx, const MemberActor& by, MemberId id) {
  ORKESTR_TRY(const auto member, managed(cx, by, id));
  if (member.status != MemberStatus::invited) return fail(Code::not_found, "There is no such invitation.");
  cx.tx.members().erase_passes_of(cx.tenant, id, {});
  cx.tx.members().erase(cx.tenant, id);
  cx.audit("member.revoke_invitation", id);
  return {};
}

Result<Member> find_invited(const storage::ReadTransaction& tx, const MemberToken& link, Instant now) {
  return holder(tx, link, MemberPassKind::invite, MemberStatus::invited, now);
}

Result<Member> accept_invitation(WriteContext& cx, const MemberToken& link, const std::string& name, const std::string& password_hash) {
  ORKESTR_TRY(auto member, use_up(cx, link, MemberPassKind::invite, MemberStatus::invited));
  member.status = MemberStatus::active;
  member.name = name;
  member.password_hash = password_hash;
  member.email_verified = true;
  cx.tx.members().update(cx.tenant, member);
  cx.tx.members().erase_passes_of(cx.tenant, member.id, {});
  cx.audit("member.join", member.id);
  return member;
}

Result<Member> update_member(WriteContext& cx, const MemberActor& by, Member changed) {
  ORKESTR_TRY(auto member, managed(cx, by, changed.id));
  if (!may_manage(by.role, changed.role)) return fail(Code::insufficient_role, "Only an owner may make owners.");
  if (changed.role != Role::owner) ORKESTR_CHECK(check_owner_left(cx, member));
  const bool other_role = member.role != changed.role;
  member.name = std::move(changed.name);
  member.role = changed.role;
  cx.tx.members().update(cx.tenant, member);
  cx.audit("member.update", member.id, other_role ? std::string{json::name_of(member.role)} : std::string{});
  return member;
}

Result<Member> deactivate_member(WriteContext& cx, const MemberActor& by, MemberId id) {
  ORKESTR_TRY(auto member, managed(cx, by, id));
  if (member.status == MemberStatus::deactivated) return fail(Code::invalid_transition, "The member is DEACTIVATED already.");
  ORKESTR_CHECK(check_owner_left(cx, member));
  member.status = MemberStatus::deactivated;
  member.deactivated_at = cx.now;
  cx.tx.members().update(cx.tenant, member);
  cx.tx.members().erase_passes_of(cx.tenant, id, {});
  cx.tx.members().erase_sessions_of(cx.tenant, id, {});
  for (const auto& key : cx.tx.api_keys().made_by(cx.tenant, id)) ORKESTR_CHECK(revoke_api_key(cx, key.id));
  cx.audit("member.deactivate", id);
  (void)erase_calendar_tokens(cx, {CalendarOwnerKind::member, id.str()});
  return member;
}

Result<Member> reactivate_member(WriteContext& cx, const MemberActor& by, MemberId id) {
  ORKESTR_TRY(auto member, managed(cx, by, id));
  if (member.status != MemberStatus::deactivated) return fail(Code::invalid_transition, "The member is not DEACTIVATED.");
  member.status = MemberStatus::active;
  member.deactivated_at.reset();
  cx.tx.members().update(cx.tenant, member);
  cx.audit("member.reactivate", id);
  return member;
}

} // namespace orkestr::inline v1
