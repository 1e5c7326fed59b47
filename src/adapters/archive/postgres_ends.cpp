#include "adapters/archive/ends.hpp"

#include "adapters/postgres/connection.hpp"
#include "adapters/postgres/schema.hpp"

#include "orkestr/storage/repositories.hpp"

#include <algorithm>

namespace orkestr::inline v1::storage::archive {
namespace {

using postgres::Connection;

constexpr std::chrono::minutes patience{10}; // of one statement: nobody waits for an answer here
constexpr sql::Use::EveryTenant every_tenant;

std::vector<std::string> first_column(sql::Connection& db, std::string_view sql) {
  std::vector<std::string> values;
  const sql::Use use(db, sql, every_tenant);
  while (use->step()) values.emplace_back(use->text(0));
  return values;
}

class PostgresSource final : public Source {
 public:
  explicit PostgresSource(const std::string& connection) : db_(connection, patience) {
    if (postgres::schema_version(db_) == 0) throw StoreFailure{fail(Code::not_found, "The database holds no store.")};
    db_.begin(Connection::Kind::snapshot);
    const sql::Use use(db_, "SELECT version FROM orkestr_schema"); // where the snapshot begins
    use->step();
    schema_ = static_cast<std::size_t>(use->integer(0));
  }
  sql::Connection& db() override { return db_; }
  std::size_t schema() const override { return schema_; }
  std::string name() const override {
    const int version = PQserverVersion(db_.handle());
    return "PostgreSQL " + std::to_string(version / 10000) + "." + std::to_string(version % 10000);
  }
  void copy_into(const std::filesystem::path& file) override { write_rows(db_, schema_, {}, file); }

  void inspect(CheckReport& report) override {
    auto& faults = report.violations;
    const Blueprint blueprint(schema_);
    const auto columns = first_column(
        db_, "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT"
             " a.attisdropped WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')");
    const auto walled =
        first_column(db_, "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'own_tenant'"
                          " WHERE c.relnamespace = current_schema()::regnamespace AND c.relrowsecurity AND c.relforcerowsecurity");
    const auto has = [](const auto& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); };
    for (const auto& table : blueprint.tables()) {
      const auto missing = std::ranges::count_if(table.columns, [&](const auto& c) { return !has(columns, table.name + "." + c.name); });
      if (missing == std::ssize(table.columns)) {
        faults.push_back("schema: the table " + table.name + " is missing");
        continue;
      }
      for (const auto& column : table.columns)
        if (!has(columns, table.name + "." + column.name))
          faults.push_back("schema: the column " + table.name + "." + column.name + " is missing");
      // Some are asked before the tenant is known; the platform's own (its admins) are no tenant's.
      const bool look_up = table.name == "subdomains" || table.name == "api_key_prefixes" || table.name == "gateway_payments";
      const bool of_tenants = std::ranges::find(table.columns, "tenant_id", &sql::Column::name) != table.columns.end();
      if (of_tenants && !look_up && !has(walled, table.name))
        faults.push_back("schema: row-level security does not keep the tenants of " + table.name + " apart");
    }
    const auto valid = first_column(db_, "SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
                                         " WHERE c.relnamespace = current_schema()::regnamespace AND i.indisvalid AND i.indisready");
    const auto waiting = first_column(db_, "SELECT statement FROM orkestr_schema_indexes");
    for (const auto& index : blueprint.indexes())
      if (!has(valid, index))
        faults.push_back("schema: the index " + index + " is missing or not valid; \"orkestr-server migrate\" builds those that wait");
    if (!waiting.empty())
      report.notes.push_back(std::to_string(waiting.size()) + " indexes wait to be built by \"orkestr-server migrate\"");
    if (first_column(db_, "SELECT row_security_active('bookings')::text") != std::vector<std::string>{"true"})
      report.notes.emplace_back("this role is a superuser or bypasses row-level security, which does not hold it back");
  }

 private:
  Connection db_;
  std::size_t schema_ = 0;
};

class PostgresTarget final : public Target {
 public:
  explicit PostgresTarget(const std::string& connection) : db_((migrate(connection), connection), patience) {
    db_.begin(Connection::Kind::write);
    db_.make_explicit();
  }
  sql::Connection& db() override { return db_; }
  void lock_tenants() override {
    const sql::Use use(db_, "LOCK TABLE tenants IN SHARE ROW EXCLUSIVE MODE");
    use->step();
  }
  void commit() override { db_.commit(); }

 private:
  static void migrate(const std::string& text) {
    Connection connection(text, patience);
    postgres::migrate(connection, true);
  }
  Connection db_;
};

} // namespace

std::unique_ptr<Source> open_postgres_source(const std::string& connection) { return std::make_unique<PostgresSource>(connection); }
std::unique_ptr<Target> open_postgres_target(const std::string& connection) { return std::make_unique<PostgresTarget>(connection); }

} // namespace orkestr::inline v1::storage::archive
