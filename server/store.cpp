#include "store.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#ifdef ORKESTR_WITH_POSTGRES
#include "orkestr/adapters/postgres_store.hpp"
#endif

#include <sqlite3.h>

#include <cstdio>

namespace orkestr::server {
namespace {

class Sqlite final : public OpenStore {
 public:
  Sqlite(std::unique_ptr<storage::SqliteStore> store, std::string name) : store_(std::move(store)), name_(std::move(name)) {}
  storage::Store& store() override { return *store_; }
  std::string name() const override { return name_; }
  bool waits() const override { return false; }
  std::string metrics() const override {
    const auto stats = store_->stats();
    std::string text;
    add_metric(text, "orkestr_store_writes_total", "counter", "Write transactions run.", stats.writes);
    add_metric(text, "orkestr_store_commits_total", "counter", "Commits they were grouped into.", stats.commits);
    return text;
  }
  std::string note() const override {
    const int version = sqlite3_libversion_number();
    if (version < 3'007'000 || version > 3'051'002) return {};
    return std::string{"SQLite "} + sqlite3_libversion() +
           " can lose commits when several processes write one file (the WAL-reset bug); this process holds the file alone, so it is not "
           "exposed. Let no other program write to it.";
  }

 private:
  std::unique_ptr<storage::SqliteStore> store_;
  std::string name_;
};

#ifdef ORKESTR_WITH_POSTGRES
class Postgres final : public OpenStore {
 public:
  explicit Postgres(std::unique_ptr<storage::PostgresStore> store) : store_(std::move(store)) {}
  storage::Store& store() override { return *store_; }
  std::string name() const override { return "PostgreSQL"; }
  bool waits() const override { return true; }
  void on_events(const std::function<void()>& wake) override { store_->on_events(wake); }
  std::string metrics() const override {
    const auto stats = store_->stats();
    std::string text;
    add_metric(text, "orkestr_store_commits_total", "counter", "Write transactions committed.", stats.commits);
    add_metric(text, "orkestr_store_conflicts_total", "counter", "Transactions run again after a conflict.", stats.conflicts);
    add_metric(text, "orkestr_store_lost_total", "counter", "Connections to the database that broke.", stats.lost);
    add_metric(text, "orkestr_store_busy_total", "counter", "Requests turned away for want of a connection.", stats.busy);
    add_metric(text, "orkestr_store_connections", "gauge", "Open connections to the database.", stats.connections);
    add_metric(text, "orkestr_store_waiting", "gauge", "Requests that wait for a connection.", stats.waiting);
    return text;
  }
  std::string note() const override {
    const auto walled = store_->walled();
    if (!walled || *walled) return {};
    return "This role is a superuser or bypasses row-level security, so the database does not keep tenants apart a second time. Use a "
           "plain role that owns the database.";
  }

 private:
  std::unique_ptr<storage::PostgresStore> store_;
};
#endif

Result<std::unique_ptr<OpenStore>> open_postgres(const Config& config, std::function<void(std::string_view)> on_failure) {
#ifdef ORKESTR_WITH_POSTGRES
  storage::PostgresOptions options;
  options.connection = config.store;
  options.connections = config.store_connections;
  options.on_failure = std::move(on_failure);
  ORKESTR_TRY(auto store, storage::PostgresStore::open(options));
  return std::unique_ptr<OpenStore>(std::make_unique<Postgres>(std::move(store)));
#else
  (void)config, (void)on_failure;
  return fail(Code::not_implemented, "This server was built without PostgreSQL.");
#endif
}

} // namespace

Result<storage::StoreAddress> store_address(const Config& config) {
  if (config.store.starts_with("postgresql:") || config.store.starts_with("postgres:")) return storage::StoreAddress{{}, config.store};
  if (!config.store.empty()) return fail(Code::invalid_parameter, "--store takes a URL such as postgresql://orkestr@db/orkestr");
  return storage::StoreAddress{config.data / "orkestr.db", {}};
}

Result<std::unique_ptr<OpenStore>> OpenStore::open(const Config& config, std::function<void(std::string_view)> on_failure) {
  ORKESTR_TRY(const auto address, store_address(config));
  if (!address.postgres.empty()) return open_postgres(config, std::move(on_failure));
  std::error_code trouble;
  std::filesystem::create_directories(config.data, trouble);
  if (trouble) return fail(Code::store_unavailable, "can't make the folder " + config.data.string() + ": " + trouble.message());
  storage::SqliteOptions options;
  options.file = address.sqlite;
  options.readers = config.io_threads + 2;
  ORKESTR_TRY(auto store, storage::SqliteStore::open(options));
  return std::unique_ptr<OpenStore>(std::make_unique<Sqlite>(std::move(store), options.file.string()));
}

int complain(const Error& error) {
  std::fprintf(stderr, "orkestr-server: %s\n", error.detail.c_str());
  return 1;
}

void add_metric(std::string& text, std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
  text.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
  text.append(name).append(" ").append(std::to_string(value)).append("\n");
}

} // namespace orkestr::server
