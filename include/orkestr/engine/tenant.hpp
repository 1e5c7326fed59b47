// A tenant: one business, its address and its brand.
#pragma once

#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1 {

/// PENDING: it awaits a platform admin's approval, and is as closed as one that is SUSPENDED.
enum class TenantStatus { pending, active, suspended, closed };
enum class KybStatus { none, pending, verified, rejected };

struct Tenant {
  TenantId id;
  std::string name, subdomain;
  Currency display_currency;
  std::string time_zone = "UTC", locale = "en";
  std::optional<std::string> logo_url, brand_color, custom_domain;
  KybStatus kyb_status = KybStatus::none;
  TenantStatus status = TenantStatus::active;
  Instant created_at;
};

/// A DNS label of 1–63 characters [a-z0-9-], no hyphen at either end, and none of the names a host needs itself.
[[nodiscard]] bool is_subdomain(std::string_view text) noexcept;

namespace json {
template <> struct EnumNames<TenantStatus> {
  static constexpr std::array<std::string_view, 4> names{"PENDING", "ACTIVE", "SUSPENDED", "CLOSED"};
};
template <> struct EnumNames<KybStatus> {
  static constexpr std::array<std::string_view, 4> names{"NONE", "PENDING", "VERIFIED", "REJECTED"};
};
/// The tenant as `GET /v1/api/me` shows it.
template <> struct Schema<Tenant> {
  static constexpr auto fields = std::make_tuple(
      field("id", &Tenant::id, out), field("name", &Tenant::name, out), field("subdomain", &Tenant::subdomain, out),
      field("displayCurrency", &Tenant::display_currency, out), field("timeZone", &Tenant::time_zone, out),
      field("locale", &Tenant::locale, out), field("logoUrl", &Tenant::logo_url, out), field("brandColor", &Tenant::brand_color, out),
      field("customDomain", &Tenant::custom_domain, out), field("kybStatus", &Tenant::kyb_status, out));
};
} // namespace json
} // namespace orkestr::inline v1
