// The platform's admins: who they are, and what they decide about tenants. Included by use_cases.hpp.
#pragma once

#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1 {

struct IssuedAdmin {
  Admin admin;
  std::string token; ///< shown once, kept nowhere
};

/// One that is not stored yet: hashing takes 50–90 ms and belongs outside transactions.
[[nodiscard]] IssuedAdmin prepare_admin(Random& random);

// By whoever runs the installation; the log names no admin.

/// Stores a prepared admin with the name and address of `draft`. @errors `invalid_fields`
[[nodiscard]] Result<IssuedAdmin> create_admin(storage::WriteTransaction& tx, IdMinter& ids, Instant now, const Admin& draft,
                                               IssuedAdmin prepared);
/// @errors `not_found`, also when it is revoked already
[[nodiscard]] Result<Admin> revoke_admin(storage::WriteTransaction& tx, IdMinter& ids, Instant now, AdminId id);

// By an admin, who is the context's actor, about the context's tenant.

/// Approves, which the tenant is told, suspends or reinstates. @errors `not_found`, `invalid_transition`
[[nodiscard]] Result<Tenant> change_tenant(WriteContext& cx, TenantAction action, const std::string& reason = {});

/// Closes the context's tenant, by one of its owners: keys, members and visitors are refused from then on, its domain is free, and all
/// rows stay. @errors `invalid_fields` where `subdomain` is not its own, `invalid_transition` also while a booking is open
[[nodiscard]] Result<Tenant> close_tenant(WriteContext& cx, std::string_view subdomain);

} // namespace orkestr::inline v1
