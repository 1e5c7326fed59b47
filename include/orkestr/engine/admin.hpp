// Admins of the platform: who they are, what they decide about tenants, and the log of what they did. They are no tenant's.
#pragma once

#include "orkestr/engine/api_key.hpp"
#include "orkestr/engine/prose.hpp"
#include "orkestr/engine/tenant.hpp"

#include <span>

namespace orkestr::inline v1 {

/// Acts with a token `oka_<prefix>.<secret>`, as an API key does with its own.
struct Admin {
  AdminId id;
  std::string email, name;
  std::string prefix; ///< 8 hex digits, unique
  std::string secret_hash;
  Instant created_at;
  std::optional<Instant> last_used_at, revoked_at;

  [[nodiscard]] bool live() const { return !revoked_at; }
};

/// What single fields can't say: the address is one.
void validate(const Admin& admin, json::Reader& reader);

/// An admin in a browser, who has shown the token once.
struct AdminSession {
  std::string token_hash; ///< SHA-256 in hex of what the browser holds
  AdminId admin_id;
  Instant created_at, expires_at;

  [[nodiscard]] bool live(Instant now) const { return now < expires_at; }
};
inline constexpr milliseconds admin_session_life = std::chrono::hours{12};
inline constexpr std::string_view admin_session_word = "ast_";

/// One line of the log of admins, never altered.
struct AdminAction {
  AuditId id;
  std::optional<AdminId> admin_id;   ///< none: the command line
  std::string action;                ///< `tenant.suspend`
  std::optional<TenantId> tenant_id; ///< whom it is about
  std::string subject;               ///< id of the row
  std::string detail;                ///< for people; mostly empty
  std::string request_id;
  Instant at;
};

enum class TenantAction { approve, suspend, reinstate, close };

struct TenantTransition {
  TenantStatus from;
  TenantAction action;
  TenantStatus to;
};
[[nodiscard]] std::span<const TenantTransition> tenant_transitions();
/// The table as Markdown, for the docs.
[[nodiscard]] std::string tenant_transitions_markdown();

/// A tenant's state after `action`. @errors `invalid_transition`, naming both states
/// @thread_safety pure
[[nodiscard]] Result<TenantStatus> next_status(TenantStatus from, TenantAction action);

/// Why a tenant is suspended; it reads that in its audit log.
struct Suspension {
  std::string reason;
};

/// Whoever closes a business types its subdomain, so that it is no slip.
struct Closing {
  std::string subdomain;
};

/// A tenant as the platform's admins see it.
struct TenantRecord : Tenant {
  TenantRecord() = default;
  explicit TenantRecord(Tenant tenant) : Tenant(std::move(tenant)) {}
};

namespace json {
template <> struct EnumNames<TenantAction> {
  static constexpr std::array<std::string_view, 4> names{"approve", "suspend", "reinstate", "close"};
};
template <> struct Schema<Admin> {
  static constexpr auto fields =
      std::make_tuple(field("id", &Admin::id, out), field("email", &Admin::email, required_writable, {3, 254, is_line, line_hint}),
                      field("name", &Admin::name, required_writable, {1, 100, is_line, line_hint}), field("prefix", &Admin::prefix, out),
                      field("createdAt", &Admin::created_at, out), field("lastUsedAt", &Admin::last_used_at, out),
                      field("revokedAt", &Admin::revoked_at, out));
};
template <> struct Schema<AdminAction> {
  using T = AdminAction;
  static constexpr auto fields =
      std::make_tuple(field("id", &T::id, out), field("adminId", &T::admin_id, out), field("action", &T::action, out),
                      field("tenantId", &T::tenant_id, out), field("subject", &T::subject, out), field("detail", &T::detail, out),
                      field("requestId", &T::request_id, out), field("at", &T::at, out));
};
template <> struct Schema<Closing> {
  static constexpr auto fields = std::make_tuple(field("subdomain", &Closing::subdomain, required_writable, {1, 63}));
};
template <> struct Schema<Suspension> {
  static constexpr auto fields = std::make_tuple(field("reason", &Suspension::reason, required_writable, {1, 2000, is_prose, prose_hint}));
};
template <> struct Schema<TenantRecord> {
  using T = TenantRecord;
  static constexpr auto fields =
      std::make_tuple(field_of<T>("id", &Tenant::id, out), field_of<T>("name", &Tenant::name, out),
                      field_of<T>("subdomain", &Tenant::subdomain, out), field_of<T>("status", &Tenant::status, out),
                      field_of<T>("kybStatus", &Tenant::kyb_status, out), field_of<T>("displayCurrency", &Tenant::display_currency, out),
                      field_of<T>("timeZone", &Tenant::time_zone, out), field_of<T>("locale", &Tenant::locale, out),
                      field_of<T>("customDomain", &Tenant::custom_domain, out), field_of<T>("createdAt", &Tenant::created_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
