// The little that the SQL repositories need of a database driver. Statements are written with $1, $2… in order of
// first use, which both SQLite and PostgreSQL take; the differences that remain are in Dialect.
#pragma once

#include <cstdint>
#include <string_view>

namespace orkestr::inline v1::storage::sql {

/// One prepared statement, being bound and then stepped through. Parameters and columns count from 1 and 0.
/// Every function throws StoreFailure when the database fails.
class Statement {
 public:
  virtual ~Statement() = default;
  virtual void bind_null(int parameter) = 0;
  virtual void bind(int parameter, std::int64_t value) = 0;
  virtual void bind(int parameter, double value) = 0;
  /// The text is borrowed until the statement is reset.
  virtual void bind(int parameter, std::string_view value) = 0;
  /// Binds the tenant whose rows the statement may touch: the database is told as well, where it can keep to it.
  virtual void bind_tenant(int parameter, std::string_view tenant) { bind(parameter, tenant); }
  /// The statement looks beyond one tenant, on purpose.
  virtual void every_tenant() {}
  /// The statement finds the tenant, or a key and its tenant.
  virtual void finds_tenant() {}
  /// Sends the question without waiting for the answer, which step() then does. @returns false where there is nothing to wait for
  [[nodiscard]] virtual bool ask() { return false; }
  /// @returns whether there is a (further) row
  virtual bool step() = 0;
  /// Runs a statement whose rows nobody wants. It may be sent together with what follows; when it fails, a later call or
  /// the commit throws.
  virtual void run() { step(); }
  /// Rows that an INSERT, UPDATE or DELETE touched.
  [[nodiscard]] virtual std::int64_t changes() const = 0;
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual double number(int column) const = 0;
  /// Borrowed until the next step or reset.
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  virtual void reset() = 0;
};

/// What the two databases write differently.
enum class Dialect { sqlite, postgres };

class Connection {
 public:
  virtual ~Connection() = default;
  [[nodiscard]] virtual Dialect dialect() const = 0;
  /// Whether rows that are read for work are locked to this transaction, past those that others have locked.
  [[nodiscard]] virtual bool claims_work() const { return false; }
  /// A statement ready to be bound; kept prepared by its text for the connection's life.
  [[nodiscard]] virtual Statement& prepare(std::string_view sql) = 0;
};

/// A statement in use: reset when it goes out of scope.
class Use {
 public:
  Use(Connection& connection, std::string_view sql) : statement_(connection.prepare(sql)) {}
  struct EveryTenant {};
  Use(Connection& connection, std::string_view sql, EveryTenant) : Use(connection, sql) { statement_.every_tenant(); }
  struct FindsTenant {};
  Use(Connection& connection, std::string_view sql, FindsTenant) : Use(connection, sql) { statement_.finds_tenant(); }
  ~Use() { statement_.reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Statement* operator->() const { return &statement_; }
  Statement& operator*() const { return statement_; }

 private:
  Statement& statement_;
};

} // namespace orkestr::inline v1::storage::sql
