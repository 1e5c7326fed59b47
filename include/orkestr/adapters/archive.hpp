// Backup, restore, one tenant's rows from one store to another, and a check of what a store holds.
//
// An archive is a SQLite file with the schema of its store, sealed by a trailer with the SHA-256 of all that is before it. It
// holds a whole store or the rows of one tenant, and goes into either database, whichever it came from.
#pragma once

#include "orkestr/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1::storage {

/// A SQLite file, or a database on PostgreSQL: a libpq connection string or URL. One of the two is empty.
struct StoreAddress {
  std::filesystem::path sqlite;
  std::string postgres;
};

/// What was written or read.
struct ArchiveSummary {
  std::size_t schema = 0; ///< version of the archive's schema
  std::int64_t tenants = 0, rows = 0;
  std::uintmax_t bytes = 0; ///< of the archive
};

/// Writes one consistent snapshot of the store to a new file, while servers go on using the store. The file appears whole and
/// synced, or not at all. A store whose schema is older keeps it in the archive.
/// @errors `not_found` when there is no store, `already_exists` when there is a file, `schema_too_new`, `store_unavailable`
[[nodiscard]] Result<ArchiveSummary> backup(const StoreAddress& store, const std::filesystem::path& to);

/// Fills a store that has no tenants, in one transaction, and makes or migrates it first if need be. No other process may own a
/// SQLite store meanwhile.
/// @errors `not_found`, `archive_invalid`, `schema_too_new`, `already_exists` when the store has tenants, `store_locked`,
/// `store_unavailable`
[[nodiscard]] Result<ArchiveSummary> restore(const std::filesystem::path& from, const StoreAddress& store);

/// Like backup, of one tenant's rows.
/// @errors those of backup; `not_found` also when there is no such tenant
[[nodiscard]] Result<ArchiveSummary> export_tenant(const StoreAddress& store, std::string_view subdomain, const std::filesystem::path& to);

/// Adds the tenant of an archive to a store, in one transaction.
/// @errors those of restore; `already_exists` when the store has the tenant, its subdomain or one of its keys' prefixes
[[nodiscard]] Result<ArchiveSummary> import_tenant(const std::filesystem::path& from, const StoreAddress& store);

struct CheckReport {
  struct Count {
    std::string table;
    std::int64_t rows = 0;
  };
  std::string database; ///< "SQLite 3.40.1"
  std::size_t schema = 0;
  std::vector<Count> counts;
  std::vector<std::string> notes;      ///< what an operator should know, and is no fault
  std::vector<std::string> violations; ///< one line each; at most a thousand of a kind, and then how many more
};

/// Looks for damage of the database, for what its schema lacks, and for rows that contradict each other. Changes nothing, and
/// may run beside servers: all of it is seen in one snapshot.
/// @errors `not_found`, `schema_too_new`, `schema_too_old`, `store_unavailable`
[[nodiscard]] Result<CheckReport> check(const StoreAddress& store);

/// The same of an archive. One of an older schema is looked at as it would be restored.
/// @errors `not_found`, `archive_invalid`, `schema_too_new`, `store_unavailable`
[[nodiscard]] Result<CheckReport> check_archive(const std::filesystem::path& file);

} // namespace orkestr::inline v1::storage
