// What several servers make of one outbox: a feed that skips nothing, endpoints that one dispatcher has, subscriptions that
// everyone sees.
#include "adapters/postgres/connection.hpp"
#include "storage/samples.hpp"
#include "storage/sql/repositories.hpp"
#include "support/postgres.hpp"

#include "orkestr/adapters/postgres_store.hpp"
#include "orkestr/ports/random.hpp"

#include <doctest/doctest.h>

#include <barrier>
#include <map>
#include <set>

namespace orkestr::storage_contract {
namespace {

using storage::PostgresStore;
using storage::ReadTransaction;
using storage::WriteTransaction;
using support::Database;
using support::Postgres;
using namespace std::chrono_literals;

std::unique_ptr<PostgresStore> open(const Database& database) {
  auto store = PostgresStore::open({database.conninfo()});
  if (!store) throw std::runtime_error(store.error().detail);
  return std::move(*store);
}

std::vector<Event> settled(PostgresStore& store, TenantId tenant, std::string_view after, std::size_t limit = 100) {
  return read(store, [&](const ReadTransaction& tx) { return tx.events().list(tenant, after, limit, true); });
}

} // namespace

TEST_CASE("PostgreSQL: an event that may yet come before others hides them from the feed until it is there") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  const auto first = sample_event(1), early = sample_event(2), late = sample_event(3), later = sample_event(4);
  const auto append = [&](PostgresStore& to, const Event& event) {
    write(to, [&](WriteTransaction& tx) { tx.events().append(t, event); });
  };
  append(*store, first);
  for (const bool kept : {false, true}) {
    CAPTURE(kept);
    const auto behind = kept ? std::vector{late} : std::vector<Event>{};
    const auto fresh = kept ? later : late;
    const auto result = store->write([&](WriteTransaction& tx) -> Result<void> {
      tx.events().append(t, early);
      (void)tx.events().find(t, early.id); // it has been sent, and has its place
      append(*other, fresh);
      // It has been committed, and everyone can read it; but to go on behind it would be to miss the one that is under way.
      auto all = std::vector{first};
      all.insert(all.end(), behind.begin(), behind.end());
      CHECK(text_of(settled(*other, t, "")) == text_of(all));
      all.push_back(fresh);
      CHECK(text_of(read(*other, [&](const ReadTransaction& elsewhere) { return elsewhere.events().list(t, "", 100); })) == text_of(all));
      if (kept) return {};
      return fail(Code::internal);
    });
    CHECK(result.has_value() == kept);
    // Once it is known whether it comes, the feed goes on: in the order of the places.
    if (kept)
      CHECK(text_of(settled(*other, t, late.id.view())) == text_of(std::vector{early, later}));
    else
      CHECK(text_of(settled(*other, t, first.id.view())) == text_of(late));
  }
  // A writer's own events are settled with its commit, not before.
  const auto own = sample_event(5);
  const auto seen = write(*store, [&](WriteTransaction& tx) {
    tx.events().append(t, own);
    return std::pair{tx.events().list(t, later.id.view(), 10).size(), tx.events().list(t, later.id.view(), 10, true).size()};
  });
  CHECK(seen == std::pair<std::size_t, std::size_t>{1, 0});
  CHECK(text_of(settled(*other, t, later.id.view())) == text_of(own));
}

TEST_CASE("PostgreSQL: who reads the feed by the last id seen misses nothing, sees nothing twice, and each subject in order") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  constexpr int threads = 8, times = 250, subjects = 12;
  std::vector<Customer> rows; // which no tenant's catalogue knows: they are changed side by side
  for (int i = 0; i < subjects; ++i) {
    rows.push_back(sample_customer(1));
    rows.back().name = "0";
  }
  write(*store, [&](WriteTransaction& tx) {
    for (const auto& row : rows) tx.customers().insert(t, row);
  });
  std::vector<Event> seen;
  int empty_pages = 0;
  in_threads(threads + 1, [&](int thread) {
    if (thread == threads) {
      const auto deadline = std::chrono::steady_clock::now() + 60s;
      while (seen.size() < threads * times && std::chrono::steady_clock::now() < deadline) {
        const auto page = settled(*other, t, seen.empty() ? std::string_view{} : seen.back().id.view(), 7);
        seen.insert(seen.end(), page.begin(), page.end());
        empty_pages += page.empty() ? 1 : 0;
      }
      return;
    }
    SeededRandom random(static_cast<std::uint64_t>(thread));
    for (int i = 0; i < times; ++i) {
      const auto& row = rows[random.next() % subjects];
      write(thread % 2 == 0 ? *store : *other, [&](WriteTransaction& tx) {
        // A number first, and then the row that the event is about: who began first need not be first there.
        tx.idempotency().put(t, sample_record(1));
        if (i % 3 == 0) {
          (void)tx.tenants().find(t); // the number is there
          std::this_thread::sleep_for(std::chrono::microseconds{500 * (thread + 1)});
        }
        auto now = tx.customers().find(t, row.id).value();
        now.name = std::to_string(std::stoi(now.name) + 1);
        tx.customers().update(t, now);
        auto event = sample_event(1);
        event.subject = row.id.str();
        event.body = now.name;
        tx.events().append(t, event);
        if (i % 5 == 0) std::this_thread::sleep_for(std::chrono::microseconds{300});
      });
    }
  });
  CHECK(seen.size() == threads * times);
  std::set<EventId> ids;
  std::map<std::string, int> counts;
  int out_of_order = 0;
  for (const auto& event : seen) {
    ids.insert(event.id);
    if (event.body != std::to_string(++counts[event.subject])) ++out_of_order;
  }
  CHECK(ids.size() == seen.size());
  CHECK(out_of_order == 0);
  CHECK(counts.size() == subjects);
  CHECK(settled(*other, t, seen.back().id.view()).empty());
  MESSAGE(seen.size(), " events, ", store->stats().conflicts + other->stats().conflicts, " conflicts, ", empty_pages, " empty pages");
}

TEST_CASE("PostgreSQL: of two dispatchers one has an endpoint") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  WebhookId hook;
  int both = 0, none = 0;
  for (int round = 0; round < 40; ++round) {
    if (round % 4 == 0) hook = mint<WebhookId>(); // else what one of them had has expired
    std::optional<WebhookEndpoint> taken[2];
    in_threads(2, [&](int thread) {
      taken[thread] = write(thread == 0 ? *store : *other, [&](WriteTransaction& tx) {
        return tx.webhooks().take(t, hook, thread == 0 ? "first" : "second", minute(round), minute(round + 1));
      });
    });
    both += taken[0] && taken[1] ? 1 : 0;
    none += !taken[0] && !taken[1] ? 1 : 0;
    const auto owner = read(*other, [&](const ReadTransaction& tx) { return tx.webhooks().endpoint(t, hook)->owner; });
    CHECK(owner == (taken[0] ? "first" : "second"));
  }
  CHECK(both == 0);
  CHECK(none == 0);
}

TEST_CASE("PostgreSQL: a subscription is seen by every server with the next event") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  const auto active = [&](PostgresStore& at) {
    return read(at, [&](const ReadTransaction& tx) { return text_of(tx.webhooks().active(t)); });
  };
  auto hook = live_webhook();
  CHECK(active(*store) == "");
  write(*other, [&](WriteTransaction& tx) { tx.webhooks().insert(t, hook); });
  CHECK(active(*store) == text_of(hook));
  CHECK(active(*other) == text_of(hook));
  for (int n = 0; n < 6; ++n) {
    // A write fans out to what there is now, though it begins with what it remembers.
    hook.url = "https://example.com/" + std::to_string(n);
    hook.status = n % 3 == 2 ? WebhookStatus::disabled : WebhookStatus::active;
    write(*other, [&](WriteTransaction& tx) { tx.webhooks().update(t, hook); });
    int runs = 0;
    const auto seen = write(*store, [&](WriteTransaction& tx) {
      ++runs;
      tx.events().append(t, sample_event(1));
      return text_of(tx.webhooks().active(t));
    });
    CHECK(runs == 2);
    CHECK(seen == (hook.status == WebhookStatus::active ? text_of(hook) : ""));
  }
  // By hand, and gone.
  const Postgres sql(database.conninfo());
  sql("SET orkestr.tenant = '" + t.str() + "'");
  sql("UPDATE webhooks SET status = 'DISABLED'");
  CHECK(active(*store) == "");
  sql("UPDATE webhooks SET status = 'ACTIVE'");
  CHECK(active(*store) != "");
  write(*other, [&](WriteTransaction& tx) { tx.webhooks().erase(t, hook.id); });
  CHECK(active(*store) == "");
}

TEST_CASE("PostgreSQL: to look for work, and how endpoints fare, is no change of a catalogue") {
  const Database database;
  (void)open(database);
  storage::postgres::Connection connection(database.conninfo(), 10s);
  storage::sql::SqlRepositories repositories(connection);
  const auto all = repositories.all();
  const auto t = mint<TenantId>();
  const auto hook = live_webhook();
  connection.begin(storage::postgres::Connection::Kind::write);
  (void)all.webhooks.due("me", epoch, 10);
  (void)all.webhooks.take(t, hook.id, "me", epoch, minute(1));
  all.webhooks.put_endpoint(t, sample_endpoint(1, hook.id));
  all.webhooks.clear_endpoint(t, hook.id);
  all.webhooks.release("me");
  all.deliveries.kill(t, hook.id, "x", epoch);
  (void)all.webhooks.active(t);
  (void)all.webhooks.all("", 10);
  CHECK(connection.changed_catalogues().empty());
  all.webhooks.insert(t, hook);
  CHECK(connection.changed_catalogues() == std::vector{t.str()});
  connection.rollback();
  for (const auto change : {0, 1}) {
    connection.begin(storage::postgres::Connection::Kind::write);
    if (change == 0) all.webhooks.update(t, hook);
    if (change == 1) all.webhooks.erase(t, hook.id);
    CHECK(connection.changed_catalogues() == std::vector{t.str()});
    connection.rollback();
  }
}

TEST_CASE("PostgreSQL: what is fanned out to a webhook while it is disabled is found, and can be ended") {
  const Database database;
  const auto store = open(database), other = open(database);
  const auto t = add_tenant(*store);
  auto hook = live_webhook();
  write(*store, [&](WriteTransaction& tx) { tx.webhooks().insert(t, hook); });
  const auto event = sample_event(1);
  const auto delivery = live_delivery(hook.id, event, minute(1));
  int runs = 0;
  write(*store, [&](WriteTransaction& tx) {
    tx.events().append(t, event);
    if (!tx.webhooks().active(t).empty()) tx.deliveries().insert(t, delivery);
    (void)tx.deliveries().find(t, delivery.id);
    if (++runs > 1) return;
    write(*other, [&](WriteTransaction& elsewhere) {
      hook.status = WebhookStatus::disabled;
      elsewhere.webhooks().update(t, hook);
      elsewhere.deliveries().kill(t, hook.id, "x", minute(2));
    });
  });
  REQUIRE(runs == 1); // neither was in the other's way
  const auto vain = read(*store, [&](const ReadTransaction& tx) { return tx.webhooks().owed_in_vain(10); });
  REQUIRE(vain.size() == 1);
  CHECK(vain[0].tenant == t);
  CHECK(vain[0].id == hook.id);
  CHECK(write(*store, [&](WriteTransaction& tx) { return tx.deliveries().kill(t, hook.id, "x", minute(3)); }) == 1);
  CHECK(read(*store, [&](const ReadTransaction& tx) { return tx.webhooks().owed_in_vain(10); }).empty());
}

} // namespace orkestr::storage_contract
