// Rows that contradict each other, found by SQL that knows nothing of the repositories.
#pragma once

#include "storage/sql/copy.hpp"

#include "orkestr/adapters/archive.hpp"

namespace orkestr::inline v1::storage::archive {

/// Adds counts and violations of a store with the newest schema. Throws StoreFailure.
void check_rows(sql::Connection& db, const std::vector<sql::Table>& tables, CheckReport& report);

} // namespace orkestr::inline v1::storage::archive
