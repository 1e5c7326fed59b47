// Rows from one database into another, whatever the two are: tables and columns are found in a SQLite schema, so that a new
// migration needs no line here.
#pragma once

#include "storage/sql/connection.hpp"

#include "orkestr/base/ids.hpp"

#include <optional>
#include <string>
#include <vector>

namespace orkestr::inline v1::storage::sql {

enum class ColumnType { integer, number, text };

struct Column {
  std::string name;
  ColumnType type = ColumnType::text;
  friend bool operator==(const Column&, const Column&) = default;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::string> key; ///< columns of the primary key, in its order
  friend bool operator==(const Table&, const Table&) = default;
};

/// Every table, in the order in which the schema made them.
[[nodiscard]] std::vector<Table> tables_of(Connection& sqlite);

/// How many rows there are, of one tenant or of all.
[[nodiscard]] std::int64_t count_rows(Connection& db, const Table& table, const std::optional<TenantId>& tenant);

/// Copies rows of one tenant, or all rows, in the order of their keys, a thousand at a time at most in memory. Both sides are in
/// a transaction of the caller's. Throws StoreFailure. @returns how many
std::int64_t copy_rows(Connection& from, Connection& to, const Table& table, const std::optional<TenantId>& tenant);

} // namespace orkestr::inline v1::storage::sql
