// The people behind a business: signing up and in, invitations, roles, leaving. Included by use_cases.hpp.
//
// Passwords are hashed, and proven, outside of transactions (bcrypt takes 50-90 ms): use cases take hashes. Whatever a link or a
// password proves is decided again in the transaction, by what the rows say then.
#pragma once

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1 {

/// bcrypt of a password of any length.
[[nodiscard]] std::string hash_password(std::string_view password, Random& random);

/// With what a session is opened.
struct SessionStart {
  std::string token; ///< of make_member_token()
  std::string user_agent, address;
};

/// Makes a tenant, PENDING, and its first OWNER, who is mailed a link. The context's tenant is the new one.
/// @param owner  name, address and password hash. @errors those of insert_tenant(), `mail_unavailable`
[[nodiscard]] Result<Member> sign_up(WriteContext& cx, Tenant tenant, Member owner, const std::string& verify_token);
/// A link that was followed: the address is its member's. A PENDING tenant opens, unless it awaits an admin's approval.
/// @errors `not_found` for a link that is over
[[nodiscard]] Result<Member> verify_email(WriteContext& cx, const MemberToken& link, bool await_approval);
/// Another link to confirm the member's address, unless three are live. @errors `mail_unavailable`
[[nodiscard]] Result<void> send_verification(WriteContext& cx, const Member& member, const std::string& token);

/// @param password_hash  the one that was proven; another meanwhile opens nothing
/// @param code  of the second factor, or a recovery code, where one is wanted
/// @errors `wrong_credentials`, also for a member who is gone; `code_required`
[[nodiscard]] Result<MemberSession> sign_in(WriteContext& cx, MemberId id, const std::string& password_hash, std::string_view code,
                                            const SecretBox& secrets, const SessionStart& start);
/// @pre the member is ACTIVE and was proven by other means: a link
[[nodiscard]] MemberSession open_member_session(WriteContext& cx, const Member& member, const SessionStart& start);
/// @errors `not_found`, also where it is another member's
[[nodiscard]] Result<void> end_member_session(WriteContext& cx, MemberId member, SessionId session);

/// Mails a link to an ACTIVE member of that address, unless three are live. What it answers is the same for every address.
/// @errors `mail_unavailable`
[[nodiscard]] Result<void> send_password_reset(WriteContext& cx, std::string_view email, const std::string& token);
/// Ends every session of the member, and all other links. @errors `not_found` for a link that is over
[[nodiscard]] Result<Member> reset_password(WriteContext& cx, const MemberToken& link, const std::string& password_hash);
/// Ends every other session. @param proven  the hash of the password that was proven. @errors `wrong_credentials` where it is another by now
[[nodiscard]] Result<Member> change_password(WriteContext& cx, MemberId id, const std::string& proven, const std::string& password_hash,
                                             SessionId keep);

// ---- A second factor

/// Keeps a secret that counts for nothing until confirm_totp(). @errors `not_implemented` without a key for secrets;
/// `invalid_transition` while one is enabled
[[nodiscard]] Result<void> begin_totp(WriteContext& cx, MemberId id, std::string_view secret, const SecretBox& secrets, Random& random);
/// @returns eight recovery codes, shown this once. @errors `wrong_credentials` for a wrong code, `invalid_transition` where none was begun
[[nodiscard]] Result<std::vector<std::string>> confirm_totp(WriteContext& cx, MemberId id, std::string_view code, const SecretBox& secrets,
                                                            Random& random);
/// @param proven  as in change_password(). @errors `wrong_credentials`, `invalid_transition` where none is enabled
[[nodiscard]] Result<void> disable_totp(WriteContext& cx, MemberId id, const std::string& proven);

// ---- Who is in

/// Somebody to come: address, role, and a name if it is known.
struct InvitationDraft {
  std::string email;
  Role role = Role::staff;
  std::string name;
};
/// @param by  whose role decides what may be done; none: the installation, or a key, which may do what an OWNER may
struct MemberActor {
  Role role = Role::owner;
  std::optional<MemberId> id;
};
/// An INVITED member and a link by mail; without mail, the link is the caller's to hand over.
/// @errors `email_taken`, `insufficient_role`, `invalid_fields`
[[nodiscard]] Result<Member> invite_member(WriteContext& cx, const MemberActor& by, const InvitationDraft& draft, const std::string& token);
/// A new link; the old ones are dead. @errors `not_found` unless INVITED, `insufficient_role`
[[nodiscard]] Result<Member> invite_again(WriteContext& cx, const MemberActor& by, MemberId id, const std::string& token);
/// @errors `not_found` unless INVITED, `insufficient_role`
[[nodiscard]] Result<void> revoke_invitation(WriteContext& cx, const MemberActor& by, MemberId id);
/// Who is invited by a link. @errors `not_found` for one that is over
[[nodiscard]] Result<Member> find_invited(const storage::ReadTransaction& tx, const MemberToken& link, Instant now);
/// They come. @errors as above
[[nodiscard]] Result<Member> accept_invitation(WriteContext& cx, const MemberToken& link, const std::string& name,
                                               const std::string& password_hash);

/// Changes name or role. @errors `not_found`, `insufficient_role`, `last_owner`
[[nodiscard]] Result<Member> update_member(WriteContext& cx, const MemberActor& by, Member changed);
/// Whatever lets the member in dies with it: sessions, links, and the keys they made. @errors `not_found`, `insufficient_role`,
/// `last_owner`, `invalid_transition` where they are DEACTIVATED
[[nodiscard]] Result<Member> deactivate_member(WriteContext& cx, const MemberActor& by, MemberId id);
/// Back with the role and password they had; without a password, by a reset. @errors `not_found`, `insufficient_role`,
/// `invalid_transition` unless DEACTIVATED
[[nodiscard]] Result<Member> reactivate_member(WriteContext& cx, const MemberActor& by, MemberId id);

} // namespace orkestr::inline v1
