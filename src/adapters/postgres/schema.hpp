// The schema on PostgreSQL: the shared migrations in its dialect, and row-level security on every table of tenants.
#pragma once

#include "adapters/postgres/connection.hpp"

namespace orkestr::inline v1::storage::postgres {

/// Brings the schema up to date, one transaction a step, indexes on tables that hold rows without blocking their writers.
/// Servers that start at once take turns. With `migrate` off it only looks. Throws StoreFailure.
void migrate(Connection& connection, bool migrate);

/// The version the database is at, 0 when it holds no store. Throws StoreFailure, `schema_too_new` when this program does not
/// know it.
[[nodiscard]] std::size_t schema_version(Connection& connection);

/// The statements of one migration step, in PostgreSQL's words, in order.
[[nodiscard]] std::vector<std::string> statements_of(std::string_view step);

} // namespace orkestr::inline v1::storage::postgres
