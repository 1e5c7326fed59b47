#include "orkestr/platform/domains.hpp"
#include "orkestr/platform/use_cases.hpp"

namespace orkestr::inline v1 {

IssuedAdmin prepare_admin(Random& random) {
  const NewToken token = make_token(random, admin_word);
  IssuedAdmin issued;
  issued.admin.prefix = token.prefix;
  issued.admin.secret_hash = bcrypt_hash(token.secret, random);
  issued.token = token.text();
  return issued;
}

Result<IssuedAdmin> create_admin(storage::WriteTransaction& tx, IdMinter& ids, Instant now, const Admin& draft, IssuedAdmin prepared) {
  json::Reader reader;
  json::for_each_field<Admin>([&](const auto& f) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(draft.*(f.member))>, std::string>)
      if (f.use & json::create) {
        const json::Reader::Step step(reader, f.name);
        (void)json::check_text(reader, draft.*(f.member), f.limits);
      }
  });
  validate(draft, reader);
  ORKESTR_CHECK(reader.result());
  auto& admin = prepared.admin;
  admin.id = ids.make<AdminId>(now);
  admin.email = draft.email;
  admin.name = draft.name;
  admin.created_at = now;
  tx.admins().insert(admin);
  tx.admins().append({ids.make<AuditId>(now), {}, "admin.create", {}, admin.id.str(), admin.email, {}, now});
  return prepared;
}

Result<Admin> revoke_admin(storage::WriteTransaction& tx, IdMinter& ids, Instant now, AdminId id) {
  auto admin = tx.admins().find(id);
  if (!admin || admin->revoked_at) return fail(Code::not_found, "There is no such admin.");
  admin->revoked_at = now;
  tx.admins().update(*admin);
  tx.admins().append({ids.make<AuditId>(now), {}, "admin.revoke", {}, id.str(), admin->email, {}, now});
  return std::move(*admin);
}

Result<Tenant> change_tenant(WriteContext& cx, TenantAction action, const std::string& reason) {
  auto tenant = cx.tx.tenants().find(cx.tenant);
  if (!tenant) return fail(Code::not_found, "There is no such tenant.");
  ORKESTR_TRY(tenant->status, next_status(tenant->status, action));
  cx.tx.tenants().update(*tenant);
  cx.audit("tenant." + std::string{json::name_of(action)}, cx.tenant, reason);
  if (action == TenantAction::approve)
    cx.notify({{}, {}, NotificationKind::tenant_approved, "Your business is approved", "/provider", cx.tenant.str(), {}, {}});
  return std::move(*tenant);
}

Result<Tenant> close_tenant(WriteContext& cx, std::string_view subdomain) {
  const auto tenant = cx.tx.tenants().find(cx.tenant);
  if (!tenant) return fail(Code::not_found, "There is no such tenant.");
  if (tenant->subdomain != subdomain) {
    json::Reader reader;
    reader.fault_at("subdomain", "unknown_value", "This is not the address of this business.");
    return reader.result().error();
  }
  for (const auto status : {BookingStatus::pending, BookingStatus::confirmed})
    if (!cx.tx.bookings().list(cx.tenant, {.status = status}, {1, {}}).empty())
      return fail(Code::invalid_transition,
                  "There are bookings that are " + std::string{json::name_of(status)} + ". Cancel them, or wait until they are over.");
  if (cx.tx.domains().find(cx.tenant)) ORKESTR_CHECK(remove_domain(cx));
  return change_tenant(cx, TenantAction::close);
}

} // namespace orkestr::inline v1
