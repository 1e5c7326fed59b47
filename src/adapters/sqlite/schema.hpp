// The schema on SQLite: the shared migrations, and the file's user_version as their number.
#pragma once

#include "adapters/sqlite/connection.hpp"

#include <cstddef>

namespace orkestr::inline v1::storage::sqlite {

/// The version the file is at. Throws StoreFailure, `schema_too_new` when this program does not know it.
[[nodiscard]] std::size_t schema_version(Connection& db);

/// Runs the steps that are missing up to `version`, or to the newest. Each takes effect together with its number.
void migrate(Connection& db);
void migrate(Connection& db, std::size_t version);

} // namespace orkestr::inline v1::storage::sqlite
