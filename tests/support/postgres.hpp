// Databases for tests, each gone with its object, on the cluster that ORKESTR_TEST_POSTGRES names ("host=… user=…").
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace orkestr::support {

/// A plain connection, for what a test does behind the store's back.
class Postgres {
 public:
  explicit Postgres(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str()), &PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }
  using Rows = std::vector<std::vector<std::string>>;
  /// @returns the rows, NULL as an empty text. Throws what the database says.
  Rows operator()(const std::string& sql) const {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error(PQresultErrorMessage(result.get()));
    Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (std::size_t r = 0; r < rows.size(); ++r)
      for (int c = 0; c < PQnfields(result.get()); ++c) rows[r].emplace_back(PQgetvalue(result.get(), static_cast<int>(r), c));
    return rows;
  }
  [[nodiscard]] PGconn* handle() const { return connection_.get(); }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

/// "host=… user=…" of the test cluster. A run that leaves PostgreSQL out says so itself; none is skipped in silence.
inline std::string cluster() {
  const char* text = std::getenv("ORKESTR_TEST_POSTGRES");
  if (text == nullptr) throw std::runtime_error("ORKESTR_TEST_POSTGRES is not set: scripts/test sets it, or see scripts/postgres");
  return text;
}

class Database {
 public:
  /// @param copy_of a database nobody is connected to
  explicit Database(const std::string& copy_of = "template0") : name_("t_" + std::to_string(::getpid()) + "_" + std::to_string(next()++)) {
    Postgres(cluster() + " dbname=orkestr")("CREATE DATABASE " + name_ + " TEMPLATE " + copy_of);
  }
  ~Database() {
    try {
      Postgres(cluster() + " dbname=orkestr")("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const std::exception&) { // the cluster is thrown away in any case
    }
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string conninfo() const { return cluster() + " dbname=" + name_; }

 private:
  static std::atomic<int>& next() {
    static std::atomic<int> n{0};
    return n;
  }
  std::string name_;
};

} // namespace orkestr::support
