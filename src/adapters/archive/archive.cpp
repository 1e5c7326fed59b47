#include "orkestr/adapters/archive.hpp"

#include "adapters/archive/check.hpp"
#include "adapters/archive/ends.hpp"
#include "storage/sql/migrations.hpp"

#include "orkestr/storage/repositories.hpp"

#include <algorithm>

namespace orkestr::inline v1::storage {
namespace {

using namespace archive;
constexpr sql::Use::EveryTenant every_tenant;

[[noreturn]] void raise(Code code, std::string detail) { throw StoreFailure{fail(code, std::move(detail))}; }

/// Runs `f() -> T`, failures as values.
template <class F> auto guarded(F&& f) -> Result<std::invoke_result_t<F>> {
  try {
    return f();
  } catch (const StoreFailure& failure) {
    return failure.error;
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(Code::store_unavailable, error.what());
  }
}

std::int64_t count_tenants(sql::Connection& db) {
  const sql::Use count(db, "SELECT count(*) FROM tenants", every_tenant);
  count->step();
  return count->integer(0);
}

/// The first row's first column, or nothing.
std::optional<std::string> look_up(sql::Connection& db, std::string_view sql, std::convertible_to<std::string_view> auto... values) {
  const sql::Use use(db, sql, every_tenant);
  int number = 0;
  (use->bind(++number, std::string_view{values}), ...);
  if (!use->step()) return std::nullopt;
  return std::string{use->text(0)};
}

ArchiveSummary seal(NewFile& file, Kind kind, std::size_t schema) {
  ArchiveSummary summary{.schema = schema};
  {
    sqlite::Connection db(file.path(), sqlite::Mode::read, false);
    for (const auto& table : sql::tables_of(db)) summary.rows += sql::count_rows(db, table, {});
    summary.tenants = count_tenants(db);
  }
  summary.bytes = file.seal(kind);
  return summary;
}

/// What rows say of the store that they come from is made to fit where they are now: PostgreSQL gives events their places by
/// numbers of its own, so all that came are moved before those to come, in the order they had; and no dispatcher has an endpoint.
void settle_in(OpenArchive& from, sql::Connection& to) {
  {
    const sql::Use last(from.db(), "SELECT tenant_id, max(position) FROM events GROUP BY tenant_id HAVING max(position) <> 0");
    while (last->step())
      for (const auto* move : {"UPDATE events SET position = position - $1 WHERE tenant_id = $2",
                               "UPDATE deliveries SET position = position - $1 WHERE tenant_id = $2"}) {
        const sql::Use use(to, move, every_tenant);
        use->bind(1, last->integer(1));
        use->bind(2, last->text(0));
        use->run();
      }
  }
  const sql::Use tenants(from.db(), "SELECT DISTINCT tenant_id FROM webhook_endpoints");
  while (tenants->step()) {
    const sql::Use use(to, "UPDATE webhook_endpoints SET owned_until = 0 WHERE tenant_id = $1", every_tenant);
    use->bind(1, tenants->text(0));
    use->run();
  }
}

/// Copies all rows of an archive, which are one tenant's if `tenant` is given.
ArchiveSummary copy_all(OpenArchive& from, Target& to, const std::optional<TenantId>& tenant) {
  ArchiveSummary summary{.schema = from.schema(), .tenants = count_tenants(from.db()), .rows = 0, .bytes = from.size()};
  const Blueprint blueprint(sql::migrations().size());
  for (const auto& table : blueprint.tables()) summary.rows += sql::copy_rows(from.db(), to.db(), table, tenant);
  settle_in(from, to.db());
  to.commit();
  return summary;
}

/// The one tenant of an archive.
TenantId tenant_in(OpenArchive& from) {
  const sql::Use use(from.db(), "SELECT id FROM tenants");
  const auto tenant = use->step() ? TenantId::parse(use->text(0)) : std::nullopt;
  if (!tenant || use->step()) raise(Code::archive_invalid, "The archive does not hold the rows of one tenant.");
  return *tenant;
}

/// Refuses a tenant that the store has, or whose names lead elsewhere there.
void check_free(OpenArchive& from, Target& to, TenantId tenant) {
  if (look_up(to.db(), "SELECT subdomain FROM tenants WHERE tenant_id = $1 AND id = $1", tenant.view()))
    raise(Code::already_exists, "The store has the tenant " + tenant.str() + " already.");
  const auto each = [&](std::string_view all, std::string_view owner, std::string_view what) {
    const sql::Use names(from.db(), all);
    while (names->step())
      if (const auto taken = look_up(to.db(), owner, names->text(0)))
        raise(Code::already_exists,
              std::string{what} + " " + std::string{names->text(0)} + " belongs to the tenant " + *taken + " of this store already.");
  };
  each("SELECT subdomain FROM subdomains", "SELECT tenant_id FROM subdomains WHERE subdomain = $1", "The subdomain");
  each("SELECT prefix FROM api_key_prefixes", "SELECT tenant_id FROM api_key_prefixes WHERE prefix = $1", "The key prefix");
  each("SELECT domain FROM domains WHERE status = 'VERIFIED'", "SELECT tenant_id FROM domains WHERE domain = $1 AND status = 'VERIFIED'",
       "The domain");
  const sql::Use paid(from.db(), "SELECT gateway_id, provider FROM gateway_payments");
  while (paid->step())
    if (const auto taken = look_up(to.db(), "SELECT tenant_id FROM gateway_payments WHERE provider = $1 AND gateway_id = $2", paid->text(1),
                                   paid->text(0)))
      raise(Code::already_exists, "The payment " + std::string{paid->text(0)} + " of the gateway " + std::string{paid->text(1)} +
                                      " belongs to the tenant " + *taken + " of this store already.");
}

} // namespace

Result<ArchiveSummary> backup(const StoreAddress& store, const std::filesystem::path& to) {
  return guarded([&] {
    const auto source = open_source(store);
    NewFile file(to);
    source->copy_into(file.path());
    return seal(file, Kind::store, source->schema());
  });
}

Result<ArchiveSummary> restore(const std::filesystem::path& from, const StoreAddress& store) {
  return guarded([&] {
    OpenArchive archive(from);
    if (archive.kind() != Kind::store)
      raise(Code::archive_invalid, from.string() + " holds one tenant, not a store; import-tenant adds it to a store.");
    const auto target = open_target(store);
    target->lock_tenants();
    if (const auto tenants = count_tenants(target->db()); tenants > 0)
      raise(Code::already_exists,
            "The store has tenants already (" + std::to_string(tenants) + "); an archive is restored into an empty one.");
    return copy_all(archive, *target, {});
  });
}

Result<ArchiveSummary> export_tenant(const StoreAddress& store, std::string_view subdomain, const std::filesystem::path& to) {
  return guarded([&] {
    const auto source = open_source(store);
    const auto found = look_up(source->db(), "SELECT tenant_id FROM subdomains WHERE subdomain = $1", subdomain);
    const auto tenant = found ? TenantId::parse(*found) : std::nullopt;
    if (!tenant) raise(Code::not_found, "There is no tenant with the subdomain " + std::string{subdomain} + ".");
    NewFile file(to);
    write_rows(source->db(), source->schema(), tenant, file.path());
    return seal(file, Kind::tenant, source->schema());
  });
}

Result<ArchiveSummary> import_tenant(const std::filesystem::path& from, const StoreAddress& store) {
  return guarded([&] {
    OpenArchive archive(from);
    if (archive.kind() != Kind::tenant)
      raise(Code::archive_invalid, from.string() + " holds a whole store; restore fills an empty store with it.");
    const auto tenant = tenant_in(archive);
    const auto target = open_target(store);
    check_free(archive, *target, tenant);
    return copy_all(archive, *target, tenant);
  });
}

Result<CheckReport> check(const StoreAddress& store) {
  return guarded([&] {
    const auto source = open_source(store);
    CheckReport report{.database = source->name(), .schema = source->schema()};
    if (report.schema < sql::migrations().size())
      raise(Code::schema_too_old, "The store has schema version " + std::to_string(report.schema) + ", this program checks version " +
                                      std::to_string(sql::migrations().size()) + ". Run \"orkestr-server migrate\" first.");
    source->inspect(report);
    // Without a table or a column of its own, a question to the rows only fails.
    if (report.violations.empty()) check_rows(source->db(), Blueprint(report.schema).tables(), report);
    return report;
  });
}

Result<CheckReport> check_archive(const std::filesystem::path& file) {
  return guarded([&] {
    OpenArchive archive(file);
    CheckReport report{.database = archive.kind() == Kind::store ? "archive of a store" : "archive of one tenant",
                       .schema = archive.schema()};
    check_rows(archive.db(), Blueprint(sql::migrations().size()).tables(), report);
    return report;
  });
}

} // namespace orkestr::inline v1::storage
