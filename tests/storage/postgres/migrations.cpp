// The schema on PostgreSQL: made, brought up to date, never half, never backwards.
#include "storage/sql/migrations.hpp"
#include "adapters/postgres/schema.hpp"
#include "storage/samples.hpp"
#include "support/postgres.hpp"

#include "orkestr/adapters/postgres_store.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <sys/wait.h>
#include <thread>

namespace orkestr::storage_contract {
namespace {

using storage::PostgresStore;
using storage::ReadTransaction;
using support::Database;
using support::Postgres;

Code opening(const Database& database, bool migrate = true) {
  storage::PostgresOptions options{database.conninfo()};
  options.migrate = migrate;
  const auto store = PostgresStore::open(options);
  return store ? Code::internal : store.error().code; // internal: it opens
}
constexpr Code opens = Code::internal;

/// Tables, columns, types, collations, indexes, policies and triggers, as text.
std::string schema_of(const Database& database) {
  std::string all;
  const Postgres sql(database.conninfo());
  for (const auto* question :
       {"SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY 1, 2",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid ORDER BY 1",
        "SELECT polrelid::regclass, polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy ORDER BY 1",
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY 1",
        "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2", "SELECT version FROM orkestr_schema",
        "SELECT statement FROM orkestr_schema_indexes"})
    for (const auto& row : sql(question)) {
      for (const auto& field : row) all += field + " ";
      all += "\n";
    }
  return all;
}

/// A database as the first `version` steps left it, with a booking in it.
void make_old(const Database& database, std::size_t version) {
  const Postgres sql(database.conninfo());
  sql("CREATE TABLE orkestr_schema (version INTEGER NOT NULL); CREATE TABLE orkestr_schema_indexes (statement TEXT PRIMARY KEY);"
      "INSERT INTO orkestr_schema VALUES (" +
      std::to_string(version) + ")");
  for (std::size_t step = 0; step < version; ++step)
    for (const auto& statement : storage::postgres::statements_of(storage::sql::migrations()[step])) sql(statement);
  sql("INSERT INTO occupancy (tenant_id, " + std::string{version == 1 ? "item_id" : "holder"} +
      ", offering_id, starts_at, ends_at, quantity, status" + (version == 1 ? "" : ", capacity_key") +
      ") VALUES ('tnt_00000000000000000000000001', 'bki_00000000000000000000000001', 'off_00000000000000000000000001', 0, 3600000, 3, 'CONFIRMED'" +
      (version == 1 ? "" : ", 'off_00000000000000000000000001'") + ")");
  sql("INSERT INTO occupancy_locks VALUES ('tnt_00000000000000000000000001', 'off_00000000000000000000000001', 1, 3600000)");
  const bool folded = version >= 3;
  sql("INSERT INTO customers (tenant_id, id, name, email, created_at" + std::string{folded ? ", folded_email" : ""} +
      ") VALUES ('tnt_00000000000000000000000001', 'cus_00000000000000000000000001', 'Ada', 'Ada@Example.com', 1" +
      (folded ? ", 'ada@example.com'" : "") + ")");
  // From before events had a place, or with the place that they got then.
  sql("INSERT INTO events SELECT 'tnt_00000000000000000000000001', 'evt_0000000000000000000000000' || n, 'booking.created', 'x', '{}', 1"
      " FROM unnest(ARRAY[3, 1, 2]) n");
}

void check_rows(const Database& database) {
  const auto store = PostgresStore::open({database.conninfo()}).value();
  const auto t = *TenantId::parse("tnt_00000000000000000000000001");
  read(*store, [&](const ReadTransaction& tx) {
    const auto claims = tx.occupancy().in_range(t, "off_00000000000000000000000001", {Instant{0}, Instant{1}}, Instant{0});
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].quantity == 3);
    CHECK(tx.customers().find_by_email(t, "ada@example.COM").get().has_value());
  });
  // Old events stay in the feed by their ids, and new ones follow, whatever theirs are.
  const auto fresh = [] {
    auto event = sample_event(1);
    event.id = *EventId::parse("evt_00000000000000000000000000");
    return event;
  }();
  write(*store, [&](storage::WriteTransaction& tx) { tx.events().append(t, fresh); });
  // What others of this cluster still have under way may hold the new one back for a moment.
  for (int tries = 0; tries < 200; ++tries) {
    if (read(*store, [&](const ReadTransaction& tx) { return tx.events().list(t, "", 10, true).size(); }) == 4) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  read(*store, [&](const ReadTransaction& tx) {
    std::string feed;
    for (const auto& event : tx.events().list(t, "", 10, true)) feed += event.id.view().back();
    CHECK(feed == "1230");
    const auto behind = tx.events().list(t, "evt_00000000000000000000000002", 10, true);
    REQUIRE(behind.size() == 2);
    CHECK(text_of(behind[1]) == text_of(fresh));
  });
}

} // namespace

TEST_CASE("PostgreSQL: servers that start at once make one schema") {
  const Database database;
  std::atomic<int> opened{0};
  in_threads(8, [&](int) { opened += opening(database) == opens; });
  CHECK(opened == 8);
  CHECK(opening(database, false) == opens);
}

TEST_CASE("PostgreSQL: a newer schema is refused, an older one too where it may not be changed") {
  const Database database;
  CHECK(opening(database, false) == Code::schema_too_old);
  CHECK(opening(database) == opens);
  const auto before = schema_of(database);
  Postgres(database.conninfo())("UPDATE orkestr_schema SET version = version + 1");
  for (int i = 0; i < 2; ++i) CHECK(opening(database) == Code::schema_too_new);
  Postgres(database.conninfo())("UPDATE orkestr_schema SET version = version - 1");
  CHECK(schema_of(database) == before);
}

TEST_CASE("PostgreSQL: every shipped schema becomes the newest, wherever it is cut off") {
  const Database reference;
  REQUIRE(opening(reference) == opens);
  const auto wanted = schema_of(reference);
  const auto steps = storage::sql::migrations();
  int cuts = 0;
  for (std::size_t version = 1; version < steps.size(); ++version) {
    CAPTURE(version);
    const Database old;
    make_old(old, version);
    const auto statements = storage::postgres::statements_of(steps[version]);
    for (std::size_t cut = 0; cut <= statements.size(); ++cut) {
      CAPTURE(cut);
      const Database database(old.name());
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        // The step as it runs, until the process is killed in it.
        const Postgres sql(database.conninfo());
        sql("BEGIN");
        for (std::size_t i = 0; i < cut; ++i) sql(statements[i]);
        ::raise(SIGKILL);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      CHECK(WIFSIGNALED(status));
      ++cuts;
      CHECK(opening(database) == opens);
      CHECK(schema_of(database) == wanted);
      check_rows(database);
    }
  }
  CHECK(cuts >= 40);
}

TEST_CASE("PostgreSQL: an index that was cut off in the building is built anew") {
  const Database database;
  REQUIRE(opening(database) == opens);
  const auto wanted = schema_of(database);
  for (const auto* state : {"missing", "invalid"}) {
    CAPTURE(state);
    const Postgres sql(database.conninfo());
    sql("INSERT INTO orkestr_schema_indexes VALUES ('CREATE INDEX customers_by_email ON customers (tenant_id, folded_email, id)')");
    if (state == std::string{"missing"})
      sql("DROP INDEX customers_by_email");
    else
      Postgres(support::cluster() + " user=postgres dbname=" + database.name())(
          "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'customers_by_email'::regclass");
    CHECK(schema_of(database) != wanted);
    CHECK(opening(database, false) == Code::schema_too_old);
    CHECK(opening(database) == opens);
    CHECK(schema_of(database) == wanted);
  }
}

TEST_CASE("PostgreSQL: a migration waits for a table that is in use, and then goes on") {
  const Database database;
  make_old(database, 1);
  const Postgres reader(database.conninfo());
  reader("BEGIN");
  reader("SELECT count(*) FROM bookings");
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{2600}); // longer than the migration's own patience
    reader("COMMIT");
  });
  CHECK(opening(database) == opens);
  later.join();
  check_rows(database);
}

} // namespace orkestr::storage_contract
