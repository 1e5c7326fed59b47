// Bodies about members: signing up and in, links, invitations.
#pragma once

#include "api/bodies.hpp"

#include "orkestr/base/zone.hpp"
#include "orkestr/engine/branding.hpp"

namespace orkestr::inline v1::api {

/// POST /v1/auth/sign-ups.
struct SignUpDraft {
  std::string business_name, subdomain, name, email, password;
  Currency display_currency = *Currency::parse("USD");
  std::string time_zone = "UTC", locale = "en";
};
/// POST /v1/auth/sessions.
struct SignInDraft {
  std::string subdomain, email, password;
  std::optional<std::string> code;
};
/// POST /v1/auth/password-resets.
struct ResetDraft {
  std::string subdomain, email;
};
/// POST /v1/auth/passwords.
struct NewPassword {
  std::string token, password;
};
/// What a link holds.
struct LinkToken {
  std::string token;
};
/// POST /v1/auth/invitations/accept.
struct Acceptance {
  std::string token, name, password;
};
/// PATCH /v1/auth/member.
struct Profile {
  std::string name;
};
/// POST /v1/auth/member/password.
struct PasswordChange {
  std::string current, password;
};
struct TotpCode {
  std::string code;
};
struct PasswordProof {
  std::string password;
};

/// A session with who is in, and where.
struct SessionView {
  SessionId id;
  Instant expires_at;
  Member member;
  TenantRecord tenant;
  std::string storefront_url;
};
/// One of the caller's sessions.
struct SessionRow : MemberSession {
  bool current = false;
};
struct VerifiedEmail {
  std::string email;
  TenantStatus tenant_status = TenantStatus::pending;
};
struct InvitationView {
  std::string business_name, subdomain, email;
  Role role = Role::staff;
};
struct NewTotp {
  std::string secret, uri;
};
struct RecoveryCodes {
  std::vector<std::string> codes;
};

/// An invitation as those who are in see it.
struct Invitation {
  MemberId id;
  std::string email, name;
  Role role = Role::staff;
  std::optional<MemberId> invited_by;
  Instant created_at;
  std::optional<Instant> expires_at;
  std::optional<std::string> url; ///< only where the server sends no mail, and only when it was made: to be handed over
};
struct Invited : InvitationDraft {};

/// POST /v1/provider/members/deactivate.
struct MemberByEmail {
  std::string email;
};

/// POST /v1/admin/sessions.
struct AdminToken {
  std::string token;
};
struct AdminSessionView {
  Admin admin;
  std::optional<Instant> expires_at;
};

/// As whom a call changes members. A key may do what whoever made it may by now; one of the installation's, what an OWNER may.
/// @errors `insufficient_role` where that one is gone
[[nodiscard]] Result<MemberActor> member_actor(const storage::ReadTransaction& tx, const Call& call);

} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
inline constexpr Limits new_password_limits{least_password, most_password}, password_limits{1, most_password}, token_limits{1, 200};
inline constexpr Limits subdomain_limits{1, 63, is_subdomain,
                                         "Use 1 to 63 of a-z, 0-9 and -, no - at either end, and no reserved word such as www."};
inline constexpr Limits person_limits{1, 100, is_line, line_hint};

template <> struct Schema<api::SignUpDraft> {
  using T = api::SignUpDraft;
  static constexpr auto fields = std::make_tuple(
      field("businessName", &T::business_name, create | required, {1, 120, is_line, line_hint}),
      field("subdomain", &T::subdomain, create | required, subdomain_limits), field("name", &T::name, create | required, person_limits),
      field("email", &T::email, create | required, email_limits), field("password", &T::password, create | required, new_password_limits),
      field("displayCurrency", &T::display_currency, create),
      field("timeZone", &T::time_zone, create, {1, 64, is_time_zone, "Use an IANA time zone such as America/New_York."}),
      field("locale", &T::locale, create, {2, 35, is_locale, "Use a BCP 47 tag such as en or pt-BR."}));
};
template <> struct Schema<api::SignInDraft> {
  using T = api::SignInDraft;
  static constexpr auto fields =
      std::make_tuple(field("subdomain", &T::subdomain, create | required, {1, 63}), field("email", &T::email, create | required, {1, 254}),
                      field("password", &T::password, create | required, password_limits), field("code", &T::code, create, {1, 20}));
};
template <> struct Schema<api::ResetDraft> {
  using T = api::ResetDraft;
  static constexpr auto fields = std::make_tuple(field("subdomain", &T::subdomain, create | required, {1, 63}),
                                                 field("email", &T::email, create | required, {1, 254}));
};
template <> struct Schema<api::NewPassword> {
  using T = api::NewPassword;
  static constexpr auto fields = std::make_tuple(field("token", &T::token, create | required, token_limits),
                                                 field("password", &T::password, create | required, new_password_limits));
};
template <> struct Schema<api::LinkToken> {
  static constexpr auto fields = std::make_tuple(field("token", &api::LinkToken::token, create | required, token_limits));
};
template <> struct Schema<api::Acceptance> {
  using T = api::Acceptance;
  static constexpr auto fields =
      std::make_tuple(field("token", &T::token, create | required, token_limits), field("name", &T::name, create | required, person_limits),
                      field("password", &T::password, create | required, new_password_limits));
};
template <> struct Schema<api::Profile> {
  static constexpr auto fields = std::make_tuple(field("name", &api::Profile::name, create | required, person_limits));
};
template <> struct Schema<api::PasswordChange> {
  using T = api::PasswordChange;
  static constexpr auto fields = std::make_tuple(field("current", &T::current, create | required, password_limits),
                                                 field("password", &T::password, create | required, new_password_limits));
};
template <> struct Schema<api::TotpCode> {
  static constexpr auto fields = std::make_tuple(field("code", &api::TotpCode::code, create | required, {1, 20}));
};
template <> struct Schema<api::PasswordProof> {
  static constexpr auto fields = std::make_tuple(field("password", &api::PasswordProof::password, create | required, password_limits));
};
template <> struct Schema<api::SessionView> {
  using T = api::SessionView;
  static constexpr auto fields =
      std::make_tuple(field("id", &T::id, out), field("expiresAt", &T::expires_at, out), field("member", &T::member, out),
                      field("tenant", &T::tenant, out), field("storefrontUrl", &T::storefront_url, out));
};
template <> struct Schema<api::SessionRow> {
  using T = api::SessionRow;
  static constexpr auto fields = std::make_tuple(
      field_of<T>("id", &MemberSession::id, out), field("current", &T::current, out),
      field_of<T>("userAgent", &MemberSession::user_agent, out), field_of<T>("address", &MemberSession::address, out),
      field_of<T>("createdAt", &MemberSession::created_at, out), field_of<T>("lastSeenAt", &MemberSession::last_seen_at, out),
      field_of<T>("expiresAt", &MemberSession::expires_at, out));
};
template <> struct Schema<api::VerifiedEmail> {
  using T = api::VerifiedEmail;
  static constexpr auto fields = std::make_tuple(field("email", &T::email, out), field("tenantStatus", &T::tenant_status, out));
};
template <> struct Schema<api::InvitationView> {
  using T = api::InvitationView;
  static constexpr auto fields = std::make_tuple(field("businessName", &T::business_name, out), field("subdomain", &T::subdomain, out),
                                                 field("email", &T::email, out), field("role", &T::role, out));
};
template <> struct Schema<api::NewTotp> {
  static constexpr auto fields = std::make_tuple(field("secret", &api::NewTotp::secret, out), field("uri", &api::NewTotp::uri, out));
};
template <> struct Schema<api::RecoveryCodes> {
  static constexpr auto fields = std::make_tuple(field("recoveryCodes", &api::RecoveryCodes::codes, out));
};
template <> struct Schema<api::Invitation> {
  using T = api::Invitation;
  static constexpr auto fields =
      std::make_tuple(field("id", &T::id, out), field("email", &T::email, out), field("name", &T::name, out), field("role", &T::role, out),
                      field("invitedBy", &T::invited_by, out), field("createdAt", &T::created_at, out),
                      field("expiresAt", &T::expires_at, out), field("url", &T::url, out));
};
template <> struct Schema<api::Invited> {
  using T = api::Invited;
  static constexpr auto fields = std::make_tuple(field_of<T>("email", &InvitationDraft::email, create | required, email_limits),
                                                 field_of<T>("role", &InvitationDraft::role, create | required),
                                                 field_of<T>("name", &InvitationDraft::name, create, person_limits));
};
template <> struct Schema<api::MemberByEmail> {
  static constexpr auto fields = std::make_tuple(field("email", &api::MemberByEmail::email, create | required, email_limits));
};
template <> struct Schema<api::AdminToken> {
  static constexpr auto fields = std::make_tuple(field("token", &api::AdminToken::token, create | required, token_limits));
};
template <> struct Schema<api::AdminSessionView> {
  using T = api::AdminSessionView;
  static constexpr auto fields = std::make_tuple(field("admin", &T::admin, out), field("expiresAt", &T::expires_at, out));
};
} // namespace orkestr::inline v1::json
