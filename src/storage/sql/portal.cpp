#include "storage/sql/portal.hpp"

#include "base/base64.hpp"
#include "storage/sql/repository.hpp"
#include "storage/sql/tables.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<Import> {
  using T = Import;
  static constexpr std::string_view table = "imports";
  static constexpr auto columns = std::make_tuple(
      column("id", &T::id), column("status", &T::status), column("dry_run", &T::dry_run), column("file_name", &T::file_name),
      column("all_rows", &T::rows), column("rows_done", &T::rows_done), column("offerings", &T::offerings),
      column("availability_rules", &T::availability_rules), column("faults", &T::faults), column("fault_count", &T::fault_count),
      column("created_at", &T::created_at), column("finished_at", &T::finished_at), column("next_attempt_at", &T::next_attempt_at),
      column("attempts", &T::attempts));
};

template <> struct Row<CustomDomain> {
  using T = CustomDomain;
  static constexpr std::string_view table = "domains";
  static constexpr auto columns =
      std::make_tuple(column("domain", &T::domain), column("status", &T::status), column("failure", &T::failure),
                      column("found", &T::found), column("checked_at", &T::checked_at), column("verified_at", &T::verified_at),
                      column("misses", &T::misses), column("next_check_at", &T::next_check_at), column("created_at", &T::created_at));
};

template <> struct Row<CalendarToken> {
  using T = CalendarToken;
  static constexpr std::string_view table = "calendar_tokens";
  static constexpr auto columns = std::make_tuple(column("token_hash", &T::token_hash), column("owner_kind", &T::owner_kind),
                                                  column("owner_id", &T::owner_id), column("created_at", &T::created_at));
};

namespace {

class Imports final : public ImportRepository, Base {
 public:
  using Base::Base;
  std::optional<Import> find(TenantId tenant, ImportId id) const override {
    static const std::string sql = select<Import>("AND id = $2");
    return query_one<Import>(db_, sql, tenant, id);
  }
  std::vector<Import> list(TenantId tenant, const Page& page) const override {
    static const std::string sql = select<Import>("AND id < $2 ORDER BY id DESC LIMIT $3");
    return query<Import>(db_, sql, tenant, before(page), page.limit);
  }
  std::size_t count_unfinished(TenantId tenant) const override {
    const Use use(db_, "SELECT count(*) FROM imports WHERE tenant_id = $1 AND next_attempt_at IS NOT NULL");
    bind(*use, 1, tenant);
    use->step();
    return static_cast<std::size_t>(use->integer(0));
  }
  std::vector<Due<ImportId>> due(Instant now, std::size_t limit) const override {
    return read_due<ImportId>(
        db_, "SELECT tenant_id, id FROM imports WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, tenant_id, id LIMIT $2", now, limit);
  }
  void insert(TenantId tenant, const Import& import) override { insert_row(db_, tenant, import); }
  void update(TenantId tenant, const Import& import) override { update_row(db_, tenant, import); }

  void insert_part(TenantId tenant, ImportId id, int number, std::string_view bytes) override {
    const auto text = base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    run(db_, "INSERT INTO import_parts (tenant_id, import_id, part, bytes) VALUES ($1, $2, $3, $4)", tenant, id, number, text);
  }
  std::string file(TenantId tenant, ImportId id) const override {
    std::string all;
    for (int number = 0;; ++number) { // one by one, since a result of PostgreSQL's comes whole
      const Use use(db_, "SELECT bytes FROM import_parts WHERE tenant_id = $1 AND import_id = $2 AND part = $3");
      bind(*use, 1, tenant);
      bind(*use, 2, id);
      bind(*use, 3, number);
      if (!use->step()) return all;
      const auto bytes = base64_decode(use->text(0));
      if (!bytes) throw StoreFailure{fail(Code::store_unavailable, "A part of an import's file can't be read.")};
      all.append(bytes->begin(), bytes->end());
    }
  }
  void erase_file(TenantId tenant, ImportId id) override {
    run(db_, "DELETE FROM import_parts WHERE tenant_id = $1 AND import_id = $2", tenant, id);
  }
  std::size_t erase_older_than(Instant limit_instant, std::size_t limit) override {
    return erase_oldest(db_,
                        "DELETE FROM imports WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM imports WHERE finished_at < $1"
                        " ORDER BY finished_at LIMIT $2",
                        limit_instant, limit);
  }
};

class Domains final : public DomainRepository, Base {
 public:
  using Base::Base;
  std::optional<CustomDomain> find(TenantId tenant) const override {
    static const std::string sql = select<CustomDomain>("");
    return query_one<CustomDomain>(db_, sql, tenant);
  }
  std::optional<TenantId> holder(std::string_view domain) const override {
    const Use use(db_, "SELECT tenant_id FROM domains WHERE domain = $1 AND status = 'VERIFIED'", every_tenant);
    bind(*use, 1, domain);
    if (!use->step()) return std::nullopt;
    TenantId tenant;
    get(*use, 0, tenant);
    return tenant;
  }
  std::vector<VerifiedDomain> verified() const override {
    const Use use(
        db_,
        "SELECT d.domain, d.tenant_id, t.subdomain FROM domains d JOIN tenants t ON t.tenant_id = d.tenant_id AND t.id = d.tenant_id"
        " WHERE d.status = 'VERIFIED' ORDER BY d.domain",
        every_tenant);
    std::vector<VerifiedDomain> rows;
    while (use->step()) {
      auto& row = rows.emplace_back();
      get(*use, 0, row.domain);
      get(*use, 1, row.tenant);
      get(*use, 2, row.subdomain);
    }
    return rows;
  }
  std::vector<TenantId> due(Instant now, std::size_t limit) const override {
    std::string sql = "SELECT tenant_id FROM domains WHERE next_check_at <= $1 ORDER BY next_check_at, tenant_id LIMIT $2";
    if (db_.claims_work()) sql += skip_locked;
    const Use use(db_, sql, every_tenant);
    bind(*use, 1, now);
    bind(*use, 2, limit);
    std::vector<TenantId> rows;
    while (use->step()) get(*use, 0, rows.emplace_back());
    return rows;
  }
  void put(TenantId tenant, const CustomDomain& domain) override {
    static const std::string sql = [] {
      std::string values, sets;
      int n = 2;
      for_each_column<CustomDomain>([&](const auto& c) {
        values += ", $" + std::to_string(n++);
        sets.append(sets.empty() ? "" : ", ").append(c.name).append(" = excluded.").append(c.name);
      });
      return "INSERT INTO domains (tenant_id, " + column_list<CustomDomain>() + ") VALUES ($1" + values +
             ") ON CONFLICT (tenant_id) DO UPDATE SET " + sets;
    }();
    const Use use(db_, sql);
    Scratch scratch;
    bind(*use, 1, tenant);
    bind_columns(*use, 2, domain, scratch);
    use->run();
  }
  void erase(TenantId tenant) override { run(db_, "DELETE FROM domains WHERE tenant_id = $1", tenant); }
};

class CalendarTokens final : public CalendarTokenRepository, Base {
 public:
  using Base::Base;
  std::optional<FoundCalendarToken> find(std::string_view token_hash) const override {
    static const std::string sql = "SELECT tenant_id, " + column_list<CalendarToken>() + " FROM calendar_tokens WHERE token_hash = $1";
    const Use use(db_, sql, every_tenant);
    bind(*use, 1, token_hash);
    if (!use->step()) return std::nullopt;
    FoundCalendarToken found;
    get(*use, 0, found.tenant);
    found.token = read_row<CalendarToken>(*use, 1);
    return found;
  }
  std::optional<CalendarToken> find_of(TenantId tenant, const CalendarOwner& owner) const override {
    static const std::string sql = select<CalendarToken>("AND owner_kind = $2 AND owner_id = $3");
    return query_one<CalendarToken>(db_, sql, tenant, owner.kind, owner.id);
  }
  void put(TenantId tenant, const CalendarToken& token) override {
    run(db_,
        "INSERT INTO calendar_tokens (tenant_id, token_hash, owner_kind, owner_id, created_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (tenant_id, owner_kind, owner_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at",
        tenant, token.token_hash, token.owner_kind, token.owner_id, token.created_at);
  }
  bool erase(TenantId tenant, const CalendarOwner& owner) override {
    return execute(db_, "DELETE FROM calendar_tokens WHERE tenant_id = $1 AND owner_kind = $2 AND owner_id = $3", tenant, owner.kind,
                   owner.id) > 0;
  }
};

} // namespace

std::unique_ptr<ImportRepository> make_imports(Connection& connection) { return std::make_unique<Imports>(connection); }
std::unique_ptr<DomainRepository> make_domains(Connection& connection) { return std::make_unique<Domains>(connection); }
std::unique_ptr<CalendarTokenRepository> make_calendar_tokens(Connection& connection) {
  return std::make_unique<CalendarTokens>(connection);
}

} // namespace orkestr::inline v1::storage::sql
