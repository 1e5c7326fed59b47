// What is particular to the store on PostgreSQL: walls, conflicts, lost connections, limits, plans.
#include "adapters/postgres/connection.hpp"
#include "storage/contract.hpp"
#include "storage/samples.hpp"
#include "storage/sql/repositories.hpp"
#include "support/postgres.hpp"

#include "orkestr/adapters/postgres_store.hpp"
#include "orkestr/storage/hurry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <barrier>
#include <future>
#include <set>

namespace orkestr::storage_contract {
namespace {

using storage::PostgresOptions;
using storage::PostgresStore;
using storage::ReadTransaction;
using storage::WriteTransaction;
using support::Database;
using support::Postgres;
using namespace std::chrono_literals;

std::unique_ptr<PostgresStore> open(const Database& database, PostgresOptions options = {}) {
  options.connection = database.conninfo();
  auto store = PostgresStore::open(options);
  if (!store) throw std::runtime_error(store.error().detail);
  return std::move(*store);
}

/// Ends every connection to the database but its own.
void cut_connections(const Database& database) {
  Postgres(database.conninfo())(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user AND pid <>"
      " pg_backend_pid()");
}

storage::Claim claim_at(OfferingId offering, int hour) {
  return {mint<BookingItemId>(), offering, {minute(60 * hour), minute(60 * hour + 60)}, 1, storage::ClaimStatus::pending, {}};
}

} // namespace

TEST_CASE("PostgreSQL: row-level security is a second wall between tenants") {
  const Database database;
  const auto store = open(database);
  const auto w = sample_world(1);
  auto stranger = sample_world(2);
  write(*store, [&](WriteTransaction& tx) {
    tx.tenants().insert(w.tenant);
    insert_all(tx, w.tenant.id, w);
    tx.tenants().insert(stranger.tenant);
    insert_all(tx, stranger.tenant.id, stranger);
  });
  CHECK(store->walled().value());
  const Postgres sql(database.conninfo());
  const auto tables =
      sql("SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
          " WHERE c.relkind = 'r' AND c.relname NOT IN ('subdomains', 'api_key_prefixes', 'gateway_payments', 'catalogue_versions')");
  CHECK(tables.size() >= 18);
  const auto count = [&](const std::string& table) { return std::stoi(sql("SELECT count(*) FROM " + table)[0][0]); };
  const auto as = [&](std::string_view tenant) { sql("SET orkestr.tenant = '" + std::string{tenant} + "'"); };
  int filled = 0;
  for (const auto& row : tables) {
    const auto& table = row[0];
    CAPTURE(table);
    CHECK(sql("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = '" + table + "'")[0][0] == "t");
    // No statement names a tenant here: the wall alone keeps them apart.
    as("");
    CHECK(count(table) == (table == "tenants" || table == "api_keys" ? 2 : 0)); // these are found before there is a tenant to name
    as(w.tenant.id.view());
    filled += count(table) > 0;
    CHECK(sql("SELECT count(*) FROM " + table + " WHERE tenant_id <> '" + w.tenant.id.str() + "'")[0][0] == "0");
    sql("BEGIN");
    sql("DELETE FROM " + table);
    sql("ROLLBACK");
    // What another tenant owns can't be taken over, nor given away.
    if (count(table) > 0) CHECK_THROWS(sql("UPDATE " + table + " SET tenant_id = '" + stranger.tenant.id.str() + "'"));
  }
  CHECK(filled >= 16); // the sample world fills them, so that the checks above could fail
  as(w.tenant.id.view());
  CHECK_THROWS(sql("INSERT INTO events VALUES ('" + stranger.tenant.id.str() + "', 'evt_x', 'x', 'x', '{}', 1)"));
}

TEST_CASE("PostgreSQL: what two change at once is changed one after the other") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  const auto offering = live_offering();
  write(*store, [&](WriteTransaction& tx) { tx.offerings().insert(t, offering); });
  const int start = offering.min_notice_minutes;
  constexpr int threads = 6, times = 40;
  in_threads(threads, [&](int thread) {
    for (int i = 0; i < times; ++i)
      write(thread % 2 == 0 ? *store : *other, [&](WriteTransaction& tx) {
        auto row = *tx.offerings().find(t, offering.id);
        ++row.min_notice_minutes;
        tx.offerings().update(t, row);
        tx.events().append(t, sample_event(1)); // of its own each time: what was run in vain leaves none
      });
  });
  CHECK(read(*other, [&](const ReadTransaction& tx) { return tx.events().list(t, "", 1000).size(); }) == threads * times);
  CHECK(read(*other, [&](const ReadTransaction& tx) { return tx.offerings().find(t, offering.id)->min_notice_minutes; }) ==
        start + threads * times);
  CHECK(store->stats().conflicts + other->stats().conflicts > 0);
}

TEST_CASE("PostgreSQL: a read sees one moment, though its first question is asked alone") {
  const Database database;
  const auto store = open(database), other = open(database);
  auto tenant = sample_tenant(1);
  auto offering = live_offering();
  const auto name_both = [&](int n) {
    write(*other, [&](WriteTransaction& tx) {
      tenant.name = offering.title = "number " + std::to_string(n);
      if (n == 0) {
        tx.tenants().insert(tenant);
        tx.offerings().insert(tenant.id, offering);
      } else {
        tx.tenants().update(tenant);
        tx.offerings().update(tenant.id, offering);
      }
    });
  };
  name_both(0);
  for (int n = 1; n < 27; ++n) {
    CAPTURE(n);
    int runs = 0;
    const auto [first, second, third] = read(*store, [&](const ReadTransaction& tx) {
      // Sometimes the first question names its tenant, and what follows may come from memory; sometimes it finds the tenant.
      const auto begin = n % 3 == 0   ? tx.tenants().find(tenant.id)->name
                         : n % 3 == 1 ? tx.offerings().find(tenant.id, offering.id)->title
                                      : tx.tenants().find_by_subdomain(tenant.subdomain)->name;
      if (++runs <= n / 3 % 3) name_both(n * 10 + runs);
      const auto middle = tx.offerings().find(tenant.id, offering.id)->title;
      return std::tuple{begin, middle, tx.tenants().find_by_subdomain(tenant.subdomain)->name};
    });
    CHECK(first == second);
    CHECK(second == third);
    CHECK(runs <= 2); // the second time it begins as what it turned out to be
  }
}

TEST_CASE("PostgreSQL: a unique key that was taken meanwhile is found by the second try") {
  const Database database;
  const auto store = open(database);
  const auto t = add_tenant(*store);
  std::barrier both(2);
  std::atomic<int> made{0}, refused{0}, tries{0};
  in_threads(2, [&](int) {
    bool first = true;
    const auto done = store->write([&](WriteTransaction& tx) -> Result<void> {
      ++tries;
      const bool taken = tx.offerings().find_by_slug(t, "same").has_value();
      if (std::exchange(first, false)) both.arrive_and_wait(); // both have looked before either writes
      if (taken) return fail(Code::slug_taken);
      auto offering = live_offering("same");
      offering.slug = "same";
      tx.offerings().insert(t, offering);
      return {};
    });
    ++(done ? made : refused);
    if (!done) CHECK(done.error().code == Code::slug_taken);
  });
  CHECK(made == 1);
  CHECK(refused == 1);
  CHECK(tries == 3);
}

TEST_CASE("PostgreSQL: a claim made without the lock is refused, one made under it is made once") {
  const Database database;
  const auto store = open(database);
  const auto t = add_tenant(*store);
  const auto offering = mint<OfferingId>();
  const auto claim = claim_at(offering, 1);
  const auto take = [&](bool locked) {
    return store->write([&](WriteTransaction& tx) -> Result<void> {
      if (locked) tx.occupancy().lock(t, offering.view(), 1h);
      if (!tx.occupancy().in_range(t, offering.view(), claim.interval, minute(0)).empty()) return fail(Code::slot_unavailable);
      tx.occupancy().put(t, offering.view(), claim);
      return {};
    });
  };
  CHECK_FALSE(take(false).has_value()); // never locked
  CHECK(take(true).has_value());
  write(*store, [&](WriteTransaction& tx) { tx.occupancy().erase(t, claim.holder); });
  CHECK_FALSE(take(false).has_value()); // locked by another, and what it took has been given back
  // A second claim under one lock, and one after a part that was undone.
  write(*store, [&](WriteTransaction& tx) {
    tx.occupancy().lock(t, offering.view(), 1h);
    (void)tx.nested([&]() -> Result<void> {
      tx.occupancy().lock(t, offering.view(), 2h);
      return fail(Code::internal);
    });
    tx.occupancy().put(t, offering.view(), claim_at(offering, 3));
    (void)tx.nested([&]() -> Result<void> {
      tx.occupancy().put(t, offering.view(), claim_at(offering, 4));
      return {};
    });
  });
  // Two that look at the same time.
  std::barrier both(2);
  std::atomic<int> made{0};
  in_threads(2, [&](int) {
    bool first = true;
    const auto own = claim_at(offering, 2);
    const auto done = store->write([&](WriteTransaction& tx) -> Result<void> {
      if (std::exchange(first, false)) {
        (void)tx.tenants().find(t); // from here on it sees this moment
        both.arrive_and_wait();
      }
      tx.occupancy().lock(t, offering.view(), 1h);
      if (!tx.occupancy().in_range(t, offering.view(), own.interval, minute(0)).empty()) return fail(Code::slot_unavailable);
      tx.occupancy().put(t, offering.view(), own);
      return {};
    });
    made += done.has_value();
  });
  CHECK(made == 1);
  CHECK(store->stats().conflicts > 0);
}

TEST_CASE("PostgreSQL: work is taken by one server") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  std::vector<HoldId> ids;
  write(*store, [&](WriteTransaction& tx) {
    for (int n = 0; n < 10; ++n) {
      auto hold = sample_hold(n, mint<OfferingId>());
      hold.expires_at = minute(1);
      ids.push_back(hold.id);
      tx.holds().insert(t, hold);
    }
  });
  std::set<std::string> first, second;
  write(*store, [&](WriteTransaction& tx) {
    for (const auto& due : tx.holds().expired(minute(5), 4)) first.insert(due.id.str());
    write(*other, [&](WriteTransaction& elsewhere) {
      for (const auto& due : elsewhere.holds().expired(minute(5), 100)) second.insert(due.id.str());
    });
  });
  CHECK(first.size() == 4);
  CHECK(second.size() == 6);
  for (const auto& id : first) CHECK_FALSE(second.contains(id));
  write(*other, [&](WriteTransaction& tx) { CHECK(tx.holds().expired(minute(5), 100).size() == 10); }); // nobody kept them
}

TEST_CASE("PostgreSQL: callers wait for a connection, but not many, nor for long") {
  const Database database;
  PostgresOptions options;
  options.connections = 1;
  options.max_waiting = 1;
  options.acquire_timeout = 300ms;
  const auto store = open(database, options);
  const auto t = add_tenant(*store);
  std::promise<void> holding, release;
  std::thread holder([&] {
    read(*store, [&](const ReadTransaction& tx) {
      (void)tx.tenants().find(t);
      holding.set_value();
      release.get_future().wait();
    });
  });
  holding.get_future().wait();
  const auto look = [&] {
    return store->read([&](const ReadTransaction& tx) -> Result<bool> { return tx.tenants().find(t).has_value(); });
  };
  auto waiting = std::async(std::launch::async, look);
  while (store->stats().waiting == 0) std::this_thread::sleep_for(1ms);
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = look(); // one waits already
  CHECK(std::chrono::steady_clock::now() - begin < 200ms);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::busy);
  const auto late = waiting.get();
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == Code::busy);
  CHECK(store->stats().busy == 2);
  release.set_value();
  holder.join();
  CHECK(look().value());
  CHECK(store->stats().connections == 1);
}

TEST_CASE("PostgreSQL: who is in a hurry is told soon, and who has more patience asks all the same") {
  const Database database;
  PostgresOptions options;
  options.connections = 1;
  const auto store = open(database, options);
  const auto t = add_tenant(*store);
  const auto look = [&](std::chrono::milliseconds patience) {
    const storage::Hurry hurry(patience);
    const auto begin = std::chrono::steady_clock::now();
    const auto found = store->read([&](const ReadTransaction& tx) -> Result<bool> { return tx.tenants().find(t).has_value(); });
    CHECK(std::chrono::steady_clock::now() - begin < patience + 500ms);
    if (!found) CHECK(found.error().code == Code::busy);
    return found.has_value();
  };
  CHECK(look(1s));
  SUBCASE("with a database that is slow") {
    const Postgres blocker(database.conninfo());
    blocker("BEGIN");
    blocker("LOCK TABLE tenants");
    CHECK_FALSE(look(20ms));
    blocker("COMMIT");
    CHECK_FALSE(look(20ms)); // for a moment nobody who can't wait asks again
    CHECK(look(2s));
  }
  SUBCASE("with every connection in use") {
    std::promise<void> holding;
    std::thread holder([&] {
      read(*store, [&](const ReadTransaction& tx) {
        (void)tx.tenants().find(t);
        holding.set_value();
        std::this_thread::sleep_for(200ms);
      });
    });
    holding.get_future().wait();
    CHECK_FALSE(look(20ms));
    CHECK(look(2s));
    holder.join();
  }
}

TEST_CASE("PostgreSQL: lost connections are replaced, and work is done once") {
  const Database database;
  const auto store = open(database);
  const auto t = add_tenant(*store);
  SUBCASE("while idle") {
    for (int round = 0; round < 3; ++round) {
      in_threads(4, [&](int) { read(*store, [&](const ReadTransaction& tx) { (void)tx.tenants().find(t); }); });
      cut_connections(database);
      CHECK(read(*store, [&](const ReadTransaction& tx) { return tx.tenants().find(t).has_value(); }));
      cut_connections(database);
      // Sent in one go with its commit, and yet known not to have been run.
      write(*store, [&](WriteTransaction& tx) { tx.events().append(t, sample_event(round)); });
    }
    CHECK(read(*store, [&](const ReadTransaction& tx) { return tx.events().list(t, "", 10).size(); }) == 3);
    CHECK(store->stats().lost >= 3);
  }
  SUBCASE("in a transaction") {
    int tries = 0;
    write(*store, [&](WriteTransaction& tx) {
      tx.offerings().insert(t, live_offering("tried " + std::to_string(++tries)));
      if (tries == 1) cut_connections(database);
      (void)tx.tenants().find(t); // outside of CHECK, which would swallow the failure
    });
    CHECK(tries == 2);
    read(*store, [&](const ReadTransaction& tx) {
      const auto all = tx.offerings().list(t, {}, {});
      REQUIRE(all.size() == 1);
      CHECK(all[0].title == "tried 2");
    });
  }
  SUBCASE("in a commit: the outcome is not known, and nothing is done twice") {
    Postgres(database.conninfo())(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(5); RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()");
    int tries = 0;
    std::thread cutter([&] {
      const Postgres sql(database.conninfo());
      while (sql("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'").empty())
        std::this_thread::sleep_for(5ms);
      cut_connections(database);
    });
    const auto done = store->write([&](WriteTransaction& tx) -> Result<void> {
      ++tries;
      tx.events().append(t, sample_event(1));
      return {};
    });
    cutter.join();
    CHECK(tries == 1);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == Code::store_unavailable);
    CHECK(done.error().detail.find("not known") != std::string::npos);
  }
}

TEST_CASE("PostgreSQL: a catalogue in memory is never an old one") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  auto offering = live_offering();
  write(*store, [&](WriteTransaction& tx) { tx.offerings().insert(t, offering); });
  const auto title = [&](PostgresStore& at) {
    return read(at, [&](const ReadTransaction& tx) { return tx.offerings().find(t, offering.id)->title; });
  };
  for (int n = 0; n < 20; ++n) {
    if (n % 2 == 1) CHECK(title(*store) == offering.title); // else it has not heard of the other's change yet
    CHECK(title(*other) == offering.title);
    const auto refusal = store->write([&](WriteTransaction& tx) -> Result<void> { // nor is it what a refusal stands on
      return fail(Code::internal, tx.offerings().find(t, offering.id)->title);
    });
    CHECK(refusal.error().detail == offering.title);
    offering.title = "title " + std::to_string(n);
    // Changed here, there, by hand, and once in vain; seen by the changing transaction itself too.
    if (n % 3 == 0) {
      const auto undone = store->write([&](WriteTransaction& tx) -> Result<void> {
        auto changed = offering;
        changed.title = "never";
        tx.offerings().update(t, changed);
        CHECK(tx.offerings().find(t, offering.id)->title == "never");
        return fail(Code::internal);
      });
      CHECK_FALSE(undone.has_value());
    }
    if (n % 4 == 3) {
      const Postgres sql(database.conninfo());
      sql("SET orkestr.tenant = '" + t.str() + "'");
      sql("UPDATE offerings SET title = '" + offering.title + "'");
    } else {
      write(n % 2 == 0 ? *store : *other, [&](WriteTransaction& tx) { tx.offerings().update(t, offering); });
    }
  }
  // A rule of an offering that was read without one.
  const auto rules = [&](PostgresStore& at) {
    return read(at, [&](const ReadTransaction& tx) { return tx.availability().rules(t, offering.id).size(); });
  };
  CHECK(rules(*store) == 0);
  const auto rule = sample_rule(1, offering.id);
  write(*other, [&](WriteTransaction& tx) { tx.availability().insert(t, rule); });
  CHECK(rules(*store) == 1);
  write(*other, [&](WriteTransaction& tx) { tx.availability().erase(t, rule.id); });
  CHECK(rules(*store) == 0);
}

TEST_CASE("PostgreSQL: a transaction that assumed an old catalogue comes to nothing, and runs again") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  auto offering = live_offering();
  write(*store, [&](WriteTransaction& tx) { tx.offerings().insert(t, offering); });
  for (std::size_t n = 1; n <= 10; ++n) {
    (void)read(*store, [&](const ReadTransaction& tx) { return tx.offerings().find(t, offering.id); }); // which it remembers
    offering.title = "title " + std::to_string(n);
    write(*other, [&](WriteTransaction& tx) { tx.offerings().update(t, offering); });
    int runs = 0;
    const auto seen = write(*store, [&](WriteTransaction& tx) {
      ++runs;
      tx.events().append(t, sample_event(1));
      return tx.offerings().find(t, offering.id)->title;
    });
    CHECK(runs == 2);
    CHECK(seen == offering.title);
    CHECK(read(*other, [&](const ReadTransaction& tx) { return tx.events().list(t, "", 100).size(); }) == n);
  }
}

TEST_CASE("PostgreSQL: events wake every server, after the commit") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  std::atomic<int> woken{0};
  other->on_events([&] { ++woken; });
  std::this_thread::sleep_for(300ms); // listening calls once by itself
  const int before = woken;
  const auto undone = store->write([&](WriteTransaction& tx) -> Result<void> {
    tx.events().append(t, sample_event(1));
    return fail(Code::internal);
  });
  CHECK_FALSE(undone.has_value());
  std::this_thread::sleep_for(300ms);
  CHECK(woken == before);
  write(*store, [&](WriteTransaction& tx) { tx.events().append(t, sample_event(2)); });
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (woken == before && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(5ms);
  CHECK(woken > before);
  other->on_events({});
}

namespace {

/// Notes the statements that go through it.
class Recorder final : public storage::sql::Connection {
 public:
  Recorder(storage::sql::Connection& inner, std::set<std::string>& seen) : inner_(inner), seen_(seen) {}
  storage::sql::Dialect dialect() const override { return inner_.dialect(); }
  bool claims_work() const override { return inner_.claims_work(); }
  storage::sql::Statement& prepare(std::string_view sql) override {
    seen_.insert(std::string{sql});
    return inner_.prepare(sql);
  }

 private:
  storage::sql::Connection& inner_;
  std::set<std::string>& seen_;
};

struct AllRead final : ReadTransaction {
  using ReadTransaction::ReadTransaction;
};

} // namespace

TEST_CASE("PostgreSQL: every read of the catalogue of statements has its index") {
  const Database database;
  const auto store = open(database);
  const auto w = sample_world(1);
  write(*store, [&](WriteTransaction& tx) {
    tx.tenants().insert(w.tenant);
    insert_all(tx, w.tenant.id, w);
  });
  {
    // Enough rows that a plan matters, and figures for the planner.
    const Postgres sql(database.conninfo());
    const std::string t = w.tenant.id.str(), o = w.offering.id.str();
    sql("SET orkestr.tenant = '" + t + "'");
    sql("INSERT INTO occupancy (tenant_id, holder, capacity_key, offering_id, starts_at, ends_at, quantity, status) SELECT '" + t +
        "', 'bki_' || n, '" + o + "', '" + o +
        "', n * 3600000::bigint, n * 3600000::bigint + 3600000, 1, 'CONFIRMED'"
        " FROM generate_series(1, 30000) n");
    sql("INSERT INTO customers (tenant_id, id, name, email, created_at, folded_email) SELECT '" + t +
        "', 'cus_' || n, 'x', 'a' || n || '@x', 1, 'a' || n || '@x' FROM generate_series(1, 10000) n");
    sql("INSERT INTO events SELECT '" + t + "', 'evt_' || n, 'booking.created', 'x', '{}', 1 FROM generate_series(1, 10000) n");
    sql("INSERT INTO idempotency_keys SELECT '" + t + "', 'key ' || n, 'x', 200, '', '', n FROM generate_series(1, 10000) n");
    const std::string hook = w.webhook.id.str();
    sql("INSERT INTO webhooks SELECT '" + t +
        "', 'whk_' || n, 'x', '', '[]', 'ACTIVE', NULL, NULL, 'x', NULL, NULL, NULL, NULL, 1, 1"
        " FROM generate_series(1, 500) n");
    sql("INSERT INTO webhook_endpoints SELECT '" + t +
        "', 'whk_' || n, 'dispatcher ' || n % 3, 1, 0, NULL, CASE WHEN n % 50 = 0 THEN n END"
        " FROM generate_series(1, 500) n");
    // Some wait in two queues, most are over.
    sql("INSERT INTO deliveries SELECT '" + t + "', 'dlv_' || n, CASE WHEN n % 3 = 0 THEN 'whk_7' ELSE '" + hook +
        "' END, 'evt_' || n,"
        " 'booking.created', 'subject ' || n % 700, 0, CASE WHEN n % 4 = 0 THEN 'PENDING' ELSE 'SUCCEEDED' END, 1, 0, n / 4 % 2,"
        " CASE WHEN n % 4 = 0 THEN n END, NULL, NULL, n, CASE WHEN n % 4 = 0 THEN NULL ELSE n END FROM generate_series(1, 10000) n");
    sql("INSERT INTO delivery_attempts SELECT '" + t +
        "', 'dlv_' || n, 1, 1, 200, NULL, '', '', '', 0, 0, 0, 0, 0"
        " FROM generate_series(1, 10000) n");
    sql("INSERT INTO notifications SELECT '" + t +
        "', 'ntf_' || n, NULL, 'GENERIC', 'x', 'x', 'x', n, CASE WHEN n % 9 = 0 THEN NULL ELSE n END,"
        " CASE WHEN n % 2 = 0 THEN '' ELSE 'cus_' || n % 100 END FROM generate_series(1, 10000) n");
    sql("ANALYZE");
  }
  std::set<std::string> statements;
  {
    storage::postgres::Connection connection(database.conninfo(), 10s);
    Recorder recorder(connection, statements);
    storage::sql::SqlRepositories repositories(recorder);
    connection.begin(storage::postgres::Connection::Kind::read);
    try {
      (void)everything(AllRead(repositories.all()), w); // asks whatever can be asked
      connection.end_read();
    } catch (const storage::StoreFailure& failure) {
      FAIL(failure.error.detail);
    }
  }
  CHECK(statements.size() >= 40);
  const Postgres sql(database.conninfo());
  sql("SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan"); // as the store's own connections do
  sql("SET orkestr.tenant = '" + w.tenant.id.str() + "'");
  bool range_seen = false;
  int outbox_seen = 0;
  for (const auto& text : statements) {
    CAPTURE(text);
    if (!text.starts_with("SELECT") && !text.starts_with("WITH ")) continue;
    int parameters = 0;
    for (std::size_t at = 0; (at = text.find('$', at)) != std::string::npos; ++at)
      parameters = std::max(parameters, std::atoi(&text[at + 1]));
    std::string nulls;
    for (int i = 0; i < parameters; ++i) nulls += i == 0 ? "NULL" : ", NULL";
    sql("PREPARE p AS " + text);
    std::string plan;
    for (const auto& row : sql("EXPLAIN EXECUTE p" + (parameters > 0 ? "(" + nulls + ")" : ""))) plan += row[0] + "\n";
    sql("DEALLOCATE p");
    CAPTURE(plan);
    CHECK(plan.find("Seq Scan") == std::string::npos);
    if (text.starts_with("SELECT holder, offering_id, starts_at")) {
      range_seen = true;
      // Both ends bound the scan, so that its cost depends on what is in the range.
      const auto bounds = plan.find("Index Cond", plan.find("occupancy_in_range"));
      REQUIRE(bounds != std::string::npos);
      const auto line = plan.substr(bounds, plan.find('\n', bounds) - bounds);
      CHECK(line.find("(starts_at < $3)") != std::string::npos);
      CHECK(line.find("(starts_at > $") != std::string::npos);
    }
    const auto uses = [&](std::string_view index) { return plan.find(index) != std::string::npos; };
    if (text.find("folded_email =") != std::string::npos) CHECK(uses("customers_by_email"));
    // What long queues and feeds are asked: from where it begins, in its order, and no further than it is wanted.
    const auto about = [&](std::string_view part, std::initializer_list<std::string_view> indexes) {
      if (text.find(part) == std::string::npos) return;
      ++outbox_seen;
      for (const auto index : indexes) CHECK(uses(index));
      CHECK(plan.find("Sort") == std::string::npos);
    };
    about("ORDER BY position, id LIMIT", {"events_in_order"});
    about("AND q.lane = $3", {"deliveries_queue", "deliveries_by_subject"});
    about("FROM queued JOIN webhooks", {"deliveries_queue", "webhooks_by_id"});
    about("NOT EXISTS (SELECT 1 FROM webhooks", {"deliveries_queue"});
    about("ORDER BY position, event_id LIMIT 1", {"deliveries_by_subject"});
    about("read_at IS NULL ORDER BY id DESC", {"notifications_unread"});
    about("recipient = $2 AND id < $3 ORDER BY id DESC", {"notifications_by_recipient"});
    about("recipient = $2 AND read_at IS NULL", {"notifications_unread"});
  }
  CHECK(range_seen);
  CHECK(outbox_seen == 9); // the feed is asked in two ways
}

} // namespace orkestr::storage_contract
