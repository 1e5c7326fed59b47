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
  /// @returns whether there is a (further) row
  virtual bool step() = 0;
  /// Rows that an INSERT, UPDATE or DELETE touched.
  [[nodiscard]] virtual std::int64_t changes() const = 0;
  [[nodiscard]] virtual bool is_null(int column) const = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual double number(int column) const = 0;
  /// Borrowed until the next step or reset.
  [[nodiscard]] virtual std::string_view text(int column) const = 0;
  virtual void reset() = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;
  /// A statement ready to be bound; kept prepared by its text for the connection's life.
  [[nodiscard]] virtual Statement& prepare(std::string_view sql) = 0;
};

/// A statement in use: reset when it goes out of scope.
class Use {
 public:
  Use(Connection& connection, std::string_view sql) : statement_(connection.prepare(sql)) {}
  ~Use() { statement_.reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Statement* operator->() const { return &statement_; }
  Statement& operator*() const { return statement_; }

 private:
  Statement& statement_;
};

} // namespace orkestr::inline v1::storage::sql
