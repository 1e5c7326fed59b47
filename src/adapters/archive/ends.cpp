#include "adapters/archive/ends.hpp"

#include "adapters/sqlite/owner_lock.hpp"
#include "adapters/sqlite/schema.hpp"
#include "storage/sql/migrations.hpp"

#include "orkestr/storage/repositories.hpp"

#include <algorithm>

namespace orkestr::inline v1::storage::archive {
namespace {

using sqlite::Mode;

[[noreturn]] void raise(Code code, std::string detail) { throw StoreFailure{fail(code, std::move(detail))}; }

class SqliteSource final : public Source {
 public:
  explicit SqliteSource(const std::filesystem::path& file) : db_(existing(file), Mode::read, true) {
    db_.run("BEGIN");
    schema_ = sqlite::schema_version(db_); // the first look at the file is where the snapshot begins
    if (schema_ == 0) raise(Code::not_found, file.string() + " is empty: no store was made in it.");
  }
  sql::Connection& db() override { return db_; }
  std::size_t schema() const override { return schema_; }
  std::string name() const override { return std::string{"SQLite "} + sqlite3_libversion(); }

  /// In one step, so that all pages are of this snapshot, whatever the store's owner commits meanwhile.
  void copy_into(const std::filesystem::path& file) override {
    sqlite::Connection copy(file, Mode::fresh, false);
    auto* backup = sqlite3_backup_init(copy.handle(), "main", db_.handle(), "main");
    if (backup == nullptr) raise(Code::store_unavailable, std::string{"copying the store: "} + sqlite3_errmsg(copy.handle()));
    const int step = sqlite3_backup_step(backup, -1);
    const int end = sqlite3_backup_finish(backup);
    if (step != SQLITE_DONE || end != SQLITE_OK)
      raise(Code::store_unavailable, std::string{"copying the store: "} + sqlite3_errstr(end != SQLITE_OK ? end : step));
    copy.run("PRAGMA journal_mode = DELETE"); // an archive has no log beside it
  }

  void inspect(CheckReport& report) override {
    check_integrity(db_, report.violations);
    if (report.violations.empty()) compare_schema(db_, Blueprint(schema_), report.violations);
  }

 private:
  static const std::filesystem::path& existing(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) raise(Code::not_found, "There is no store " + file.string() + ".");
    return file;
  }

  sqlite::Connection db_;
  std::size_t schema_ = 0;
};

class SqliteTarget final : public Target {
 public:
  explicit SqliteTarget(const std::filesystem::path& file) : lock_(with_folder(file)), db_(file, Mode::write, true) {
    sqlite::migrate(db_);
    db_.run("BEGIN IMMEDIATE");
  }
  sql::Connection& db() override { return db_; }
  void lock_tenants() override {} // there is one writer
  void commit() override { db_.run("COMMIT"); }

 private:
  static const std::filesystem::path& with_folder(const std::filesystem::path& file) {
    std::error_code trouble;
    if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), trouble);
    if (trouble) raise(Code::store_unavailable, "can't make the folder " + file.parent_path().string() + ": " + trouble.message());
    return file;
  }

  const sqlite::OwnerLock lock_;
  sqlite::Connection db_;
};

std::vector<std::string> index_names(sql::Connection& sqlite) {
  std::vector<std::string> names;
  const sql::Use use(sqlite, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid");
  while (use->step()) names.emplace_back(use->text(0));
  return names;
}

} // namespace

std::unique_ptr<Source> open_source(const StoreAddress& store) {
  if (!store.postgres.empty()) return open_postgres_source(store.postgres);
  return std::make_unique<SqliteSource>(store.sqlite);
}

std::unique_ptr<Target> open_target(const StoreAddress& store) {
  if (!store.postgres.empty()) return open_postgres_target(store.postgres);
  return std::make_unique<SqliteTarget>(store.sqlite);
}

#ifndef ORKESTR_WITH_POSTGRES
std::unique_ptr<Source> open_postgres_source(const std::string&) {
  raise(Code::not_implemented, "This program was built without PostgreSQL.");
}
std::unique_ptr<Target> open_postgres_target(const std::string&) {
  raise(Code::not_implemented, "This program was built without PostgreSQL.");
}
#endif

Blueprint::Blueprint(std::size_t version) {
  sqlite::Connection db(":memory:", Mode::fresh, false);
  sqlite::migrate(db, version);
  tables_ = sql::tables_of(db);
  indexes_ = index_names(db);
}

void compare_schema(sql::Connection& db, const Blueprint& blueprint, std::vector<std::string>& faults) {
  std::vector<std::string> there;
  {
    const sql::Use names(db, "SELECT name FROM sqlite_master WHERE type = 'table'");
    while (names->step()) there.emplace_back(names->text(0));
  }
  for (const auto& table : blueprint.tables()) {
    if (std::ranges::find(there, table.name) == there.end()) {
      faults.push_back("schema: the table " + table.name + " is missing");
      continue;
    }
    for (const auto& column : table.columns) {
      const sql::Use look(db, "SELECT 1 FROM pragma_table_info($1) WHERE name = $2");
      look->bind(1, std::string_view{table.name});
      look->bind(2, std::string_view{column.name});
      if (!look->step()) faults.push_back("schema: the column " + table.name + "." + column.name + " is missing");
    }
  }
  const auto indexes = index_names(db);
  for (const auto& index : blueprint.indexes())
    if (std::ranges::find(indexes, index) == indexes.end()) faults.push_back("schema: the index " + index + " is missing");
}

void check_integrity(sql::Connection& db, std::vector<std::string>& faults) {
  try {
    const sql::Use use(db, "PRAGMA integrity_check");
    while (use->step())
      if (use->text(0) != "ok") faults.push_back("damage: " + std::string{use->text(0)});
  } catch (const StoreFailure& failure) { // too much to go on
    faults.push_back("damage: " + failure.error.detail);
  }
}

void write_rows(sql::Connection& from, std::size_t version, const std::optional<TenantId>& tenant, const std::filesystem::path& file) {
  sqlite::Connection to(file, Mode::fresh, false);
  sqlite::migrate(to, version);
  to.run("BEGIN IMMEDIATE");
  for (const auto& table : sql::tables_of(to)) sql::copy_rows(from, to, table, tenant);
  to.run("COMMIT");
}

OpenArchive::OpenArchive(const std::filesystem::path& file) : sealed_(verify(file)) {
  try {
    db_.emplace(file, Mode::sealed, false);
    schema_ = sqlite::schema_version(*db_);
    std::vector<std::string> faults;
    if (schema_ == 0) faults.emplace_back("it has no schema");
    check_integrity(*db_, faults);
    if (faults.empty()) compare_schema(*db_, Blueprint(schema_), faults);
    if (!faults.empty()) raise(Code::archive_invalid, file.string() + " holds no sound store: " + faults.front());
  } catch (const StoreFailure& failure) {
    if (failure.error.code != Code::store_unavailable) throw;
    raise(Code::archive_invalid, file.string() + " can't be read: " + failure.error.detail);
  }
  if (schema_ == sql::migrations().size()) return;
  folder_.emplace();
  db_.reset();
  const auto copy = folder_->path() / "archive.db";
  unpack(file, sealed_, copy);
  db_.emplace(copy, Mode::fresh, false);
  sqlite::migrate(*db_);
}

} // namespace orkestr::inline v1::storage::archive
