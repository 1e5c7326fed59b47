#include "storage/sql/copy.hpp"

#include "orkestr/storage/repositories.hpp"

#include <algorithm>
#include <functional>

namespace orkestr::inline v1::storage::sql {
namespace {

ColumnType type_named(std::string_view name) {
  if (name == "INTEGER" || name == "BIGINT") return ColumnType::integer;
  if (name == "DOUBLE PRECISION") return ColumnType::number;
  if (name == "TEXT") return ColumnType::text;
  throw StoreFailure{fail(Code::internal, "A column has the type " + std::string{name} + ", which is not copied.")};
}

template <class Names> std::string joined(const Names& names, const auto& name_of) {
  std::string list;
  for (const auto& name : names) list.append(list.empty() ? "" : ", ").append(name_of(name));
  return list;
}

std::string column_list(const Table& table) {
  return joined(table.columns, [](const Column& column) { return column.name; });
}

/// Lets a statement see the rows of one tenant, or of all.
void aim(Statement& statement, const std::optional<TenantId>& tenant) {
  if (tenant)
    statement.bind_tenant(1, tenant->view());
  else
    statement.every_tenant();
}

/// Tables of the platform (its admins) are no tenant's.
bool has_rows_of(const Table& table, const std::optional<TenantId>& tenant) {
  return !tenant || std::ranges::find(table.columns, "tenant_id", &Column::name) != table.columns.end();
}

/// Calls `take(row)` for each row, in the order of the keys.
void for_each_row(Connection& from, const Table& table, const std::optional<TenantId>& tenant,
                  const std::function<void(const Statement&)>& take) {
  const std::string select = "SELECT " + column_list(table) + " FROM " + table.name + (tenant ? " WHERE tenant_id = $1" : "") +
                             " ORDER BY " + joined(table.key, [](const std::string& column) { return column; });
  if (from.dialect() == Dialect::sqlite) {
    const Use rows(from, select);
    aim(*rows, tenant);
    while (rows->step()) take(*rows);
    return;
  }
  // A result comes whole from PostgreSQL, so it is fetched in parts. The cursor has the table's name, since a FETCH that was
  // prepared keeps the columns it was prepared with.
  const std::string cursor = "copy_" + table.name;
  {
    const Use declare(from, "DECLARE " + cursor + " NO SCROLL CURSOR FOR " + select);
    aim(*declare, tenant);
    declare->step();
  }
  const std::string next = std::string{"FETCH FORWARD "} + (table.name == "kyb_contents" || table.name == "import_parts" ? "4" : "1000") +
                           " FROM " + cursor; // whole files
  for (bool more = true; more;) {
    const Use fetch(from, next);
    more = false;
    while (fetch->step()) {
      more = true;
      take(*fetch);
    }
  }
  const Use close(from, "CLOSE " + cursor);
  close->step();
}

} // namespace

std::vector<Table> tables_of(Connection& sqlite) {
  std::vector<Table> tables;
  {
    const Use names(sqlite, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid");
    while (names->step()) tables.emplace_back().name = names->text(0);
  }
  for (auto& table : tables) {
    {
      const Use columns(sqlite, "SELECT name, type FROM pragma_table_info($1) ORDER BY cid");
      columns->bind(1, std::string_view{table.name});
      while (columns->step()) table.columns.push_back({std::string{columns->text(0)}, type_named(columns->text(1))});
    }
    const Use key(sqlite, "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk");
    key->bind(1, std::string_view{table.name});
    while (key->step()) table.key.emplace_back(key->text(0));
  }
  return tables;
}

std::int64_t count_rows(Connection& db, const Table& table, const std::optional<TenantId>& tenant) {
  if (!has_rows_of(table, tenant)) return 0;
  const Use count(db, "SELECT count(*) FROM " + table.name + (tenant ? " WHERE tenant_id = $1" : ""));
  aim(*count, tenant);
  count->step();
  return count->integer(0);
}

std::int64_t copy_rows(Connection& from, Connection& to, const Table& table, const std::optional<TenantId>& tenant) {
  if (!has_rows_of(table, tenant)) return 0;
  std::string insert = "INSERT INTO " + table.name + " (" + column_list(table) + ") VALUES (";
  for (std::size_t i = 1; i <= table.columns.size(); ++i) insert.append(i == 1 ? "$" : ", $").append(std::to_string(i));
  insert += ")";
  std::int64_t rows = 0;
  for_each_row(from, table, tenant, [&](const Statement& row) {
    const Use write(to, insert);
    for (int c = 0; c < static_cast<int>(table.columns.size()); ++c) {
      const auto& column = table.columns[static_cast<std::size_t>(c)];
      if (row.is_null(c))
        write->bind_null(c + 1);
      else if (column.type == ColumnType::integer)
        write->bind(c + 1, row.integer(c));
      else if (column.type == ColumnType::number)
        write->bind(c + 1, row.number(c));
      else if (tenant && column.name == "tenant_id")
        write->bind_tenant(c + 1, row.text(c));
      else
        write->bind(c + 1, row.text(c));
    }
    if (!tenant) write->every_tenant();
    write->run();
    ++rows;
  });
  return rows;
}

} // namespace orkestr::inline v1::storage::sql
