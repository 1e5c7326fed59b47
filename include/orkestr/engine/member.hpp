// Members: the people behind a business, what their roles allow, how they prove who they are, and their sessions.
//
// An account belongs to one tenant. Whoever works for two has two accounts, with passwords of their own, so that nothing that happens at
// one business (an invitation, a reset, an identity provider that takes people away) reaches into another.
#pragma once

#include "orkestr/base/mapping.hpp"
#include "orkestr/engine/prose.hpp"
#include "orkestr/engine/tenant.hpp"
#include "orkestr/ports/random.hpp"

namespace orkestr::inline v1 {

/// In rising order: whoever has a role may do what those below it may.
enum class Role { client, staff, admin, owner };
enum class MemberStatus { invited, active, deactivated };

struct Member {
  MemberId id;
  std::string email; ///< in lower case, one of its tenant
  std::string name;  ///< may be empty while INVITED
  Role role = Role::staff;
  MemberStatus status = MemberStatus::active;
  std::string password_hash; ///< empty while there is none: then nobody signs in
  bool email_verified = false;
  bool totp_enabled = false;
  std::string totp_secret;                 ///< sealed (secret_box.hpp); there before it is enabled
  std::int64_t totp_last_step = 0;         ///< a code is good once
  std::vector<std::string> recovery_codes; ///< SHA-256 in hex of those that are left
  std::string external_id;                 ///< what an identity provider calls them
  std::optional<MemberId> invited_by;
  Instant created_at;
  std::optional<Instant> last_seen_at, deactivated_at;

  [[nodiscard]] bool active() const { return status == MemberStatus::active; }
};

/// Whether somebody of one role may invite, change or deactivate members of another: an ADMIN everybody but OWNERs.
[[nodiscard]] constexpr bool may_manage(Role who, Role whom) { return who == Role::owner || (who == Role::admin && whom != Role::owner); }

/// What a link in a mail proves: that mail to a member's address reaches whoever has it.
enum class MemberPassKind { invite, verify, reset };
struct MemberPass {
  std::string token_hash; ///< SHA-256 in hex of what was given out
  MemberPassKind kind = MemberPassKind::invite;
  MemberId member_id;
  Instant created_at, expires_at;

  [[nodiscard]] bool live(Instant now) const { return now < expires_at; }
};
[[nodiscard]] milliseconds life_of(MemberPassKind kind);

struct MemberSession {
  SessionId id;
  std::string token_hash;
  MemberId member_id;
  std::string user_agent, address; ///< as it was opened with, for its owner to know it by
  Instant created_at, last_seen_at, expires_at;

  /// It ends by itself after 30 days, or 7 in which it was not used.
  [[nodiscard]] bool live(Instant now) const { return now < expires_at && now - last_seen_at < std::chrono::days{7}; }
};
inline constexpr milliseconds member_session_life = std::chrono::days{30};

/// What a browser or a mail holds: a word, the tenant's id without its prefix, and 48 random characters, so that its row is found within
/// its tenant. Only its hash is kept.
struct MemberToken {
  TenantId tenant;
  std::string hash;

  /// nullopt unless the text has the exact shape.
  [[nodiscard]] static std::optional<MemberToken> parse(std::string_view text, std::string_view word);
};
inline constexpr std::string_view member_session_word = "mst_", member_pass_word = "mlk_";
[[nodiscard]] std::string make_member_token(std::string_view word, TenantId tenant, Random& random);

/// What bcrypt is given for a password: of any length, where bcrypt itself reads 72 bytes and stops at a NUL.
[[nodiscard]] std::string password_secret(std::string_view password);
/// Adds faults: too short, too long, or what everybody tries first.
void check_password(json::Reader& reader, std::string_view password, std::string_view email);
inline constexpr std::int64_t least_password = 10, most_password = 200; ///< code points

namespace json {
template <> struct EnumNames<Role> { static constexpr std::array<std::string_view, 4> names{"CLIENT", "STAFF", "ADMIN", "OWNER"}; };
template <> struct EnumNames<MemberStatus> { static constexpr std::array<std::string_view, 3> names{"INVITED", "ACTIVE", "DEACTIVATED"}; };
template <> struct EnumNames<MemberPassKind> { static constexpr std::array<std::string_view, 3> names{"INVITE", "VERIFY", "RESET"}; };
template <> struct Schema<Member> {
  using T = Member;
  static constexpr auto fields = std::make_tuple(
      field("id", &T::id, out), field("email", &T::email, out), field("name", &T::name, out | patch, {1, 100, is_line, line_hint}),
      field("role", &T::role, out | patch), field("status", &T::status, out), field("emailVerified", &T::email_verified, out),
      field("totpEnabled", &T::totp_enabled, out), field("createdAt", &T::created_at, out), field("lastSeenAt", &T::last_seen_at, out),
      field("deactivatedAt", &T::deactivated_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
