#include "adapters/postgres/schema.hpp"

#include "storage/sql/migrations.hpp"

#include "orkestr/storage/repositories.hpp"

#include <cctype>
#include <thread>

namespace orkestr::inline v1::storage::postgres {
namespace {

/// What migrations hold while they run, so that two servers don't: "orkestr" as a number.
constexpr std::string_view migration_lock = "31345171637236850";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) text.replace(at, what.size(), by);
  return text;
}

bool makes_index(std::string_view statement) {
  return statement.starts_with("CREATE INDEX ") || statement.starts_with("CREATE UNIQUE INDEX ");
}

std::string_view word_after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + mark.size());
  return text.substr(0, text.find_first_of(" (\n"));
}

/// Every table with a tenant_id is walled, but for the look-ups that are asked before the tenant is known. A statement that
/// names no tenant sees nothing (but for tenants and keys, which are found before there is one to name); '*' is for those that
/// look beyond one on purpose. The setting is compared row by row, 0.2 µs each, which is less than a sub-select costs to set up:
/// only what is read by the thousand has one. (As a bound on tenant_id the wall would come free with the index, and spoil
/// the planner's estimates: it would take every search for one that finds a single row.)
constexpr std::string_view wall = R"sql(
DO $$
DECLARE
  t text;
  named text := 'current_setting(''orkestr.tenant'', true)';
  once text := '(SELECT ' || named || ')';
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
      AND c.relname NOT IN ('subdomains', 'api_key_prefixes', 'gateway_payments', 'catalogue_versions')
      AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_tenant')
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('DROP POLICY IF EXISTS one_tenant ON %I', t); -- as it was up to version 3
    EXECUTE format('CREATE POLICY own_tenant ON %1$I USING (tenant_id = %3$s OR %4$s) WITH CHECK (tenant_id = %2$s OR %2$s = ''*'')', t, named,
      CASE t WHEN 'occupancy' THEN once ELSE named END,
      CASE WHEN t = 'occupancy' THEN once || ' = ''*''' WHEN t IN ('tenants', 'api_keys') THEN 'coalesce(length(' || named || '), 0) < 2'
        ELSE named || ' = ''*''' END);
  END LOOP;
END $$
)sql";

/// Changing what a tenant sells gives its catalogue the number of the changing transaction, however the change is made.
constexpr std::string_view versions = R"sql(
CREATE TABLE IF NOT EXISTS catalogue_versions (tenant_id TEXT COLLATE "C" PRIMARY KEY, version BIGINT NOT NULL);
CREATE OR REPLACE FUNCTION orkestr_catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed text := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
  now_at bigint := pg_current_xact_id()::text::bigint;
BEGIN
  INSERT INTO catalogue_versions AS v VALUES (changed, now_at)
    ON CONFLICT (tenant_id) DO UPDATE SET version = now_at WHERE v.version <> now_at;
  RETURN NULL;
END $$;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['offerings', 'availability_rules', 'availability_exceptions', 'pricing_rules', 'risk_policies', 'webhooks']
  LOOP
    IF to_regclass(t) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass(t) AND tgname = 'catalogue_changed') THEN
      EXECUTE format('CREATE TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE ON %I'
        ' FOR EACH ROW EXECUTE FUNCTION orkestr_catalogue_changed()', t);
    END IF;
  END LOOP;
END $$
)sql";

class Migration {
 public:
  explicit Migration(Connection& connection) : db_(connection) {
    db_.simple("SET statement_timeout = 0");
    db_.simple("SET lock_timeout = 0");
    db_.simple("SET idle_in_transaction_session_timeout = 0");
    db_.simple("SET enable_seqscan = on; SET enable_bitmapscan = on");
    db_.simple("SET orkestr.tenant = '*'"); // of this connection, which is closed afterwards
  }

  bool indexes_wanted() { return db_.simple("SELECT min(statement) FROM orkestr_schema_indexes").has_value(); }

  void lock() { db_.simple("SELECT pg_advisory_lock(" + std::string{migration_lock} + ")"); }
  void unlock() { db_.simple("SELECT pg_advisory_unlock(" + std::string{migration_lock} + ")"); }

  void prepare() {
    db_.simple("CREATE TABLE IF NOT EXISTS orkestr_schema (version INTEGER NOT NULL);"
               "CREATE TABLE IF NOT EXISTS orkestr_schema_indexes (statement TEXT PRIMARY KEY);"
               "INSERT INTO orkestr_schema SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM orkestr_schema)");
  }

  /// One step and its number, in one transaction that gives way when a table is in use for long, and comes back.
  void step(std::size_t from, std::string_view text, bool in_use) {
    std::string all = "BEGIN; SET LOCAL lock_timeout = '2s';";
    std::string created;
    for (const auto& statement : statements_of(text)) {
      if (const auto table = word_after(statement, "CREATE TABLE "); !table.empty()) created += "," + std::string{table} + ",";
      // On a table that may hold rows, an index is built beside its writers, which no transaction can hold.
      if (in_use && makes_index(statement) && created.find("," + std::string{word_after(statement, " ON ")} + ",") == std::string::npos)
        all += "INSERT INTO orkestr_schema_indexes VALUES ($$" + statement + "$$);";
      else
        all += statement + ";";
    }
    all +=
        std::string{versions} + ";" + std::string{wall} + "; UPDATE orkestr_schema SET version = " + std::to_string(from + 1) + "; COMMIT";
    for (int tries = 30;; --tries) {
      try {
        db_.simple(all);
        return;
      } catch (const StoreFailure&) {
        // In use, or in the way of one that uses it.
        if (db_.broken() || (db_.verdict() != Verdict::busy && db_.verdict() != Verdict::conflict) || tries == 0) throw;
        std::this_thread::sleep_for(std::chrono::seconds{1});
      }
    }
  }

  /// Also takes up what an earlier run was cut off in.
  void build_indexes() {
    while (const auto statement = db_.simple("SELECT min(statement) FROM orkestr_schema_indexes")) {
      const std::string name{word_after(*statement, "INDEX ")};
      db_.simple("DROP INDEX CONCURRENTLY IF EXISTS " + name);
      db_.simple(replaced(*statement, "INDEX " + name, "INDEX CONCURRENTLY " + name));
      db_.simple("DELETE FROM orkestr_schema_indexes WHERE statement = $$" + *statement + "$$");
    }
  }

 private:
  Connection& db_;
};

} // namespace

std::vector<std::string> statements_of(std::string_view step) {
  std::vector<std::string> statements;
  while (!step.empty()) {
    const auto end = std::min(step.find(';'), step.size());
    auto text = step.substr(0, end);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
    // Ids and keys sort by their bytes, whatever the database was made for.
    if (!text.empty()) statements.push_back(replaced(std::string{text}, " TEXT", " TEXT COLLATE \"C\""));
    step.remove_prefix(std::min(end + 1, step.size()));
  }
  return statements;
}

std::size_t schema_version(Connection& connection) {
  if (!connection.simple("SELECT to_regclass('orkestr_schema')::text")) return 0;
  const auto version = std::stoul(connection.simple("SELECT version FROM orkestr_schema").value_or("0"));
  const auto newest = sql::migrations().size();
  if (version > newest)
    throw StoreFailure{fail(Code::schema_too_new, "The store has schema version " + std::to_string(version) +
                                                      ", this program knows up to " + std::to_string(newest) + ". Use a newer Orkestr.")};
  return version;
}

void migrate(Connection& connection, bool wanted) {
  const auto steps = sql::migrations();
  Migration migration(connection);
  if (schema_version(connection) == steps.size() && !migration.indexes_wanted()) return; // needs no right to change anything
  if (!wanted)
    throw StoreFailure{fail(Code::schema_too_old, "The store's schema is older than this program. Run \"orkestr-server migrate\" first.")};
  migration.lock();
  migration.prepare();
  const auto first = schema_version(connection);
  migration.build_indexes();
  for (auto version = first; version < steps.size(); ++version) {
    migration.step(version, steps[version], first > 0);
    migration.build_indexes();
  }
  migration.unlock();
}

} // namespace orkestr::inline v1::storage::postgres
