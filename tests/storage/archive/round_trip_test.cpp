// Rows there and back, old schemas, and what is refused.
#include "storage/archive/support.hpp"
#include "storage/sql/migrations.hpp"

#include <chrono>
#include <thread>

namespace orkestr::archive_test {
namespace {

using storage::archive::Kind;

TEST_CASE("rows of every kind go from SQLite to PostgreSQL and back") {
  const TempDir dir;
  const auto first = sqlite(dir.path() / "first.db"), last = sqlite(dir.path() / "last" / "orkestr.db");
  const support::Database database;
  const auto worlds = fill(first, {1, 2, 3});
  storage_contract::write(*open(first), [](storage::WriteTransaction& tx) { // of the platform, not of a tenant
    const auto admin = storage_contract::sample_admin(1);
    tx.admins().insert(admin);
    tx.admins().insert_session(storage_contract::sample_admin_session(1, admin.id));
    tx.admins().append(storage_contract::sample_admin_action(1));
  });
  const auto before = dump(first);
  for (const auto& [table, lines] : before) CHECK_MESSAGE(!lines.empty(), "no row of ", table);
  std::vector<std::string> seen;
  for (const auto& world : worlds) seen.push_back(everything(first, world));

  const auto rows = static_cast<std::int64_t>(rows_of(before));
  const auto backed_up = storage::backup(first, dir.path() / "one.orkestr");
  REQUIRE(backed_up);
  CHECK(backed_up->tenants == 3);
  CHECK(backed_up->rows == rows);
  CHECK(backed_up->schema == storage::sql::migrations().size());
  CHECK(backed_up->bytes == fs::file_size(dir.path() / "one.orkestr"));
  CHECK((fs::status(dir.path() / "one.orkestr").permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
  const auto restored = storage::restore(dir.path() / "one.orkestr", postgres(database));
  REQUIRE(restored);
  CHECK(restored->rows == rows);
  const auto expected = as_restored(before);
  CHECK(difference(dump(postgres(database)), expected) == "");
  for (std::size_t i = 0; i < worlds.size(); ++i)
    CHECK(storage_contract::difference(everything(postgres(database), worlds[i]), seen[i]) == "");

  REQUIRE(storage::backup(postgres(database), dir.path() / "two.orkestr"));
  REQUIRE(storage::restore(dir.path() / "two.orkestr", last));
  CHECK(difference(dump(last), expected) == "");
  for (std::size_t i = 0; i < worlds.size(); ++i) CHECK(storage_contract::difference(everything(last, worlds[i]), seen[i]) == "");
}

TEST_CASE("a whole business goes through both databases") {
  const TempDir dir;
  const support::Database database(migrated().name());
  const auto first = sqlite(dir.path() / "first.db"), last = sqlite(dir.path() / "last.db");
  fs::copy_file(business(), first.sqlite);
  REQUIRE(storage::backup(first, dir.path() / "one.orkestr"));
  REQUIRE(storage::restore(dir.path() / "one.orkestr", postgres(database)));
  REQUIRE(storage::backup(postgres(database), dir.path() / "two.orkestr"));
  REQUIRE(storage::restore(dir.path() / "two.orkestr", last));
  const auto expected = as_restored(dump(first));
  CHECK(difference(expected, dump(first)) != "");
  CHECK(difference(dump(postgres(database)), expected) == "");
  CHECK(difference(dump(last), expected) == "");
  for (const auto& store : {first, postgres(database), last}) {
    const auto report = storage::check(store);
    REQUIRE(report);
    CHECK(report->violations == std::vector<std::string>{});
    CHECK(report->notes == std::vector<std::string>{});
  }
}

TEST_CASE("one tenant moves, and no row of another goes along") {
  const TempDir dir;
  const auto first = sqlite(dir.path() / "first.db"), back = sqlite(dir.path() / "back.db");
  const support::Database database(migrated().name());
  const auto worlds = fill(first, {1, 2, 3});
  const auto others = fill(postgres(database), {4});
  const auto there = dump(postgres(database));
  for (const auto& world : worlds) {
    const auto file = dir.path() / (world.tenant.subdomain + ".orkestr");
    const auto exported = storage::export_tenant(first, world.tenant.subdomain, file);
    REQUIRE(exported);
    CHECK(exported->tenants == 1);
    const auto imported = storage::import_tenant(file, postgres(database));
    REQUIRE(imported);
    CHECK(imported->rows == exported->rows);
  }
  // What was there, and what came: nothing else.
  auto expected = as_restored(dump(first));
  for (const auto& [table, lines] : there) {
    expected[table].insert(expected[table].end(), lines.begin(), lines.end());
    std::ranges::sort(expected[table]);
  }
  CHECK(difference(dump(postgres(database)), expected) == "");
  // And each back, into a store that has another already.
  fill(back, {5});
  for (const auto& world : worlds) {
    const auto file = dir.path() / (world.tenant.subdomain + ".back");
    REQUIRE(storage::export_tenant(postgres(database), world.tenant.subdomain, file));
    REQUIRE(storage::import_tenant(file, back));
    auto seen = everything(back, world), was = everything(first, world);
    const auto without_ids = [](std::string text) { return text.substr(text.find("due ")); }; // the list of all tenants differs
    CHECK(storage_contract::difference(without_ids(seen), without_ids(was)) == "");
  }
}

TEST_CASE("wherever a tenant has moved, its feed and its queue go on behind what came along") {
  const TempDir dir;
  const auto t = storage_contract::mint<TenantId>();
  const auto hook = storage_contract::live_webhook();
  std::vector<Event> all;
  const auto about_one = [](int n) {
    auto event = storage_contract::sample_event(n);
    event.subject = "one";
    return event;
  };
  const auto append = [&](storage::Store& store, Event event) {
    all.push_back(event);
    storage_contract::write(store, [&](storage::WriteTransaction& tx) {
      tx.events().append(t, event);
      tx.deliveries().insert(t, storage_contract::live_delivery(hook.id, event, storage_contract::minute(1)));
    });
  };
  const support::Database up(migrated().name()), up_again(migrated().name());
  const StoreAddress places[] = {sqlite(dir.path() / "first.db"), postgres(up), sqlite(dir.path() / "back.db"), postgres(up_again),
                                 sqlite(dir.path() / "last.db")};
  std::string subdomain;
  for (std::size_t i = 0; i < std::size(places); ++i) {
    CAPTURE(i);
    if (i > 0) {
      const auto file = dir.path() / (std::to_string(i) + ".orkestr");
      if (places[i - 1].postgres.empty()) // as if it had come from a cluster whose transactions have higher numbers than any here
        for (const auto* table : {"events", "deliveries"})
          execute(places[i - 1].sqlite, std::string{"UPDATE "} + table + " SET position = position + 1000000000000");
      REQUIRE(storage::export_tenant(places[i - 1], subdomain, file));
      REQUIRE(storage::import_tenant(file, places[i]));
    }
    const auto store = open(places[i]);
    if (i == 0) {
      auto tenant = storage_contract::sample_tenant(1);
      tenant.id = t;
      subdomain = tenant.subdomain;
      storage_contract::write(*store, [&](storage::WriteTransaction& tx) {
        tx.tenants().insert(tenant);
        tx.webhooks().insert(t, hook);
      });
      for (int n = 0; n < 30; ++n) append(*store, about_one(n));
    }
    const auto last = all.back().id;
    // Ids that fall: the order is nothing but the places.
    auto first = about_one(1), second = about_one(2);
    std::swap(first.id, second.id);
    for (const auto& event : {first, second}) append(*store, event);
    // A feed tells of nothing while a transaction that began before is open anywhere in PostgreSQL, such as another test's.
    const auto feed = [&](std::string_view after, std::size_t count) {
      std::vector<Event> events;
      for (int tries = 0; tries < 600 && events.size() < count; ++tries) {
        if (tries > 0) std::this_thread::sleep_for(std::chrono::milliseconds{50});
        storage_contract::read(*store, [&](const storage::ReadTransaction& tx) { events = tx.events().list(t, after, 1000, true); });
      }
      return storage_contract::text_of(events);
    };
    CHECK(feed("", all.size()) == storage_contract::text_of(all));
    CHECK(feed(last.view(), 2) == storage_contract::text_of(std::vector{first, second}));
    storage_contract::read(*store, [&](const storage::ReadTransaction& tx) {
      const auto due = tx.deliveries().due(t, hook.id, false, storage_contract::minute(1), 100);
      REQUIRE(due.size() == 1); // the first of its subject still
      CHECK(due[0].delivery.event_id == all[0].id);
    });
  }
}

TEST_CASE("archives of every older schema are restored as they would have been migrated") {
  const auto steps = storage::sql::migrations();
  for (std::size_t version = 1; version < steps.size(); ++version) {
    CAPTURE(version);
    const TempDir dir;
    const auto old = sqlite(dir.path() / "old.db"), there = sqlite(dir.path() / "there.db");
    const support::Database database, old_database;
    for (std::size_t n = 0; n < version; ++n) execute(old.sqlite, std::string{steps[n]});
    execute(old.sqlite, "PRAGMA journal_mode = WAL; PRAGMA user_version = " + std::to_string(version));
    // Two rows in every table, different in every column.
    for (const auto& table : query(old.sqlite, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid"))
      for (int row = 1; row <= 2; ++row) {
        std::string values;
        for (const auto& column : query(old.sqlite, "SELECT name, type, cid FROM pragma_table_info('" + table[0] + "')")) {
          const std::string tenant = "'tenant " + std::to_string(row) + "'";
          values += values.empty() ? "" : ", ";
          if (column[0] == "tenant_id" || (table[0] == "tenants" && column[0] == "id"))
            values += tenant;
          else if (column[1] == "TEXT")
            values += "'" + column[0] + " " + std::to_string(row) + " Ż'";
          else if (column[0] == "refunded_cents")
            values += "0";
          else if (column[0] == "rating") // 1 to 5
            values += std::to_string(row);
          else
            values += std::to_string(row * 1000 + std::stoi(column[2]));
        }
        execute(old.sqlite, "INSERT INTO " + table[0] + " VALUES (" + values + ")");
      }
    const auto summary = storage::backup(old, dir.path() / "old.orkestr");
    REQUIRE(summary);
    CHECK(summary->schema == version);
    CHECK(code_of(storage::check(old)) == Code::schema_too_old);
    const auto checked = storage::check_archive(dir.path() / "old.orkestr");
    REQUIRE(checked);
    CHECK(checked->schema == version);
    (void)open(old); // migrates it
    const auto expected = as_restored(dump(old));
    CHECK(rows_of(expected) == static_cast<std::size_t>(summary->rows));
    REQUIRE(storage::restore(dir.path() / "old.orkestr", there));
    CHECK(difference(dump(there), expected) == "");
    REQUIRE(storage::restore(dir.path() / "old.orkestr", postgres(database)));
    CHECK(difference(dump(postgres(database)), expected) == "");
    // The archive itself stays as old as it was.
    CHECK(storage::check_archive(dir.path() / "old.orkestr")->schema == version);
  }
}

TEST_CASE("what backup and restore refuse") {
  const TempDir dir;
  const auto store = sqlite(dir.path() / "store.db"), empty = sqlite(dir.path() / "empty" / "orkestr.db");
  const auto worlds = fill(store, {1});
  const auto whole = dir.path() / "whole.orkestr", one = dir.path() / "one.orkestr";
  REQUIRE(storage::backup(store, whole));
  REQUIRE(storage::export_tenant(store, worlds[0].tenant.subdomain, one));
  const auto before = dump(store);
  const auto refuses = [](const auto& result, Code code, std::string_view text) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    CHECK_MESSAGE(result.error().detail.find(text) != std::string::npos, result.error().detail);
  };
  SUBCASE("a file that is there") {
    const auto bytes = read_file(whole);
    refuses(storage::backup(store, whole), Code::already_exists, "choose another name");
    refuses(storage::export_tenant(store, worlds[0].tenant.subdomain, whole), Code::already_exists, "choose another name");
    CHECK(read_file(whole) == bytes);
  }
  SUBCASE("a store or file that is not there, and a folder") {
    refuses(storage::backup(sqlite(dir.path() / "none.db"), dir.path() / "x"), Code::not_found, "There is no store");
    refuses(storage::check(sqlite(dir.path() / "none.db")), Code::not_found, "There is no store");
    refuses(storage::restore(dir.path() / "none", empty), Code::not_found, "There is no file");
    refuses(storage::restore(dir.path(), empty), Code::archive_invalid, "is no file");
    refuses(storage::export_tenant(store, "nobody", dir.path() / "x"), Code::not_found, "no tenant with the subdomain nobody");
    refuses(storage::backup(store, dir.path() / "none" / "x"), Code::store_unavailable, "No such file");
    CHECK_FALSE(fs::exists(dir.path() / "none.db"));
    CHECK_FALSE(fs::exists(dir.path() / "x"));
    const support::Database database;
    refuses(storage::backup(postgres(database), dir.path() / "x"), Code::not_found, "holds no store");
    refuses(storage::check(postgres(database)), Code::not_found, "holds no store");
  }
  SUBCASE("one kind for the other") {
    refuses(storage::restore(one, empty), Code::archive_invalid, "import-tenant");
    refuses(storage::import_tenant(whole, empty), Code::archive_invalid, "restore");
    CHECK_FALSE(fs::exists(empty.sqlite));
  }
  SUBCASE("a store that has tenants") {
    refuses(storage::restore(whole, store), Code::already_exists, "has tenants already");
    CHECK(difference(dump(store), before) == "");
    const support::Database database(migrated().name());
    fill(postgres(database), {2});
    const auto there = dump(postgres(database));
    refuses(storage::restore(whole, postgres(database)), Code::already_exists, "has tenants already");
    CHECK(difference(dump(postgres(database)), there) == "");
  }
  SUBCASE("a store that another process owns") {
    const auto owner = open(store);
    refuses(storage::restore(whole, store), Code::store_locked, "held by another process");
    refuses(storage::import_tenant(one, store), Code::store_locked, "held by another process");
  }
  SUBCASE("a tenant whose id, subdomain or key prefix is there") {
    const support::Database database(migrated().name());
    for (const auto& target : {sqlite(dir.path() / "target.db"), postgres(database)}) {
      const auto change = [&](const std::string& sql, const fs::path& to) {
        fs::remove(to);
        seal_anew(one, Kind::tenant, to, [&](const fs::path& file) { execute(file, sql); });
      };
      REQUIRE(storage::import_tenant(one, target));
      const auto there = dump(target);
      refuses(storage::import_tenant(one, target), Code::already_exists, "has the tenant " + worlds[0].tenant.id.str() + " already");
      // The same rows as those of another tenant.
      const auto id = storage_contract::mint<TenantId>().str();
      std::string renamed = "PRAGMA ignore_check_constraints = ON;";
      for (const auto& [table, lines] : there)
        if (!table.starts_with("admin")) // of the platform
          renamed += "UPDATE " + table + " SET tenant_id = '" + id + "';";
      renamed += "UPDATE tenants SET id = tenant_id;";
      const auto other = dir.path() / "other.orkestr";
      change(renamed, other);
      refuses(storage::import_tenant(other, target), Code::already_exists,
              "The subdomain " + worlds[0].tenant.subdomain + " belongs to the tenant " + worlds[0].tenant.id.str());
      change(renamed + "UPDATE tenants SET subdomain = 'free'; UPDATE subdomains SET subdomain = 'free'", other);
      refuses(storage::import_tenant(other, target), Code::already_exists,
              "The key prefix " + worlds[0].key.prefix + " belongs to the tenant");
      renamed += "UPDATE tenants SET subdomain = 'free'; UPDATE subdomains SET subdomain = 'free';"
                 "UPDATE api_keys SET prefix = 'ffffffff'; UPDATE api_key_prefixes SET prefix = 'ffffffff';";
      change(renamed, other);
      refuses(storage::import_tenant(other, target), Code::already_exists,
              "The domain " + worlds[0].domain.domain + " belongs to the tenant " + worlds[0].tenant.id.str());
      renamed += "UPDATE domains SET domain = 'free.example'; UPDATE calendar_tokens SET token_hash = 'other ' || token_hash;";
      change(renamed, other);
      refuses(storage::import_tenant(other, target), Code::already_exists, "The payment gateway 1");
      CHECK(difference(dump(target), there) == "");
      change(renamed + "UPDATE gateway_payments SET gateway_id = 'other ' || gateway_id", other);
      CHECK(storage::import_tenant(other, target));
    }
  }
  SUBCASE("a newer schema, no schema, and a sealed file that is not sound") {
    const auto newer = dir.path() / "newer.orkestr", none = dir.path() / "none.orkestr", less = dir.path() / "less.orkestr",
               damaged = dir.path() / "damaged.orkestr", text = dir.path() / "text.orkestr";
    const auto version = storage::sql::migrations().size();
    seal_anew(whole, Kind::store, newer, [&](const fs::path& f) { execute(f, "PRAGMA user_version = " + std::to_string(version + 1)); });
    seal_anew(whole, Kind::store, none, [&](const fs::path& f) { execute(f, "PRAGMA user_version = 0"); });
    seal_anew(whole, Kind::store, less, [&](const fs::path& f) { execute(f, "DROP TABLE coupons"); });
    seal_anew(whole, Kind::store, damaged, [&](const fs::path& f) {
      auto bytes = read_file(f);
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), 4096, '\7');
      write_file(f, bytes);
    });
    seal_anew(whole, Kind::store, text, [&](const fs::path& f) { write_file(f, std::string(10'000, 'x')); });
    refuses(storage::restore(newer, empty), Code::schema_too_new, "Use a newer Orkestr");
    refuses(storage::restore(none, empty), Code::archive_invalid, "no schema");
    refuses(storage::restore(less, empty), Code::archive_invalid, "the table coupons is missing");
    refuses(storage::restore(damaged, empty), Code::archive_invalid, "damaged.orkestr");
    refuses(storage::restore(text, empty), Code::archive_invalid, "not a database");
    CHECK_FALSE(fs::exists(empty.sqlite));
    execute(store.sqlite, "PRAGMA user_version = " + std::to_string(version + 1));
    refuses(storage::backup(store, dir.path() / "x"), Code::schema_too_new, "Use a newer Orkestr");
  }
  // Nothing was left lying about.
  for (const auto& entry : fs::directory_iterator(dir.path()))
    CHECK_MESSAGE(entry.path().string().find(".partial-") == std::string::npos, entry.path().string());
}

} // namespace
} // namespace orkestr::archive_test
