// Stores to back up, and their rows as text, read past everything that is tested.
#pragma once

#include "adapters/archive/file.hpp"
#include "storage/samples.hpp"
#include "storage/temp_dir.hpp"
#include "support/postgres.hpp"
#include "support/results.hpp"

#include "orkestr/adapters/archive.hpp"
#include "orkestr/adapters/postgres_store.hpp"
#include "orkestr/adapters/sqlite_store.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <map>

namespace orkestr::archive_test {

namespace fs = std::filesystem;
using storage::StoreAddress;
using storage_contract::TempDir;

/// Rows of SQLite as text; floating point to its last bit.
std::vector<std::vector<std::string>> query(const fs::path& file, const std::string& sql);
/// Runs statements. Throws what SQLite says.
void execute(const fs::path& file, const std::string& sql);

/// Every row of every table, as sorted lines, by the table's name.
using Dump = std::map<std::string, std::vector<std::string>>;
Dump dump(const StoreAddress& store);
std::size_t rows_of(const Dump& dump);
/// What becomes of it where it is restored: places of events end with 0 in each tenant, and nobody has an endpoint.
Dump as_restored(Dump dump);
/// The first difference, or nothing.
std::string difference(const Dump& is, const Dump& expected);

inline StoreAddress sqlite(const fs::path& file) { return {file, {}}; }
inline StoreAddress postgres(const support::Database& database) { return {{}, database.conninfo()}; }

std::unique_ptr<storage::Store> open(const StoreAddress& store);

/// A store with a sample world for each number: a row of every kind.
std::vector<storage_contract::World> fill(const StoreAddress& store, std::initializer_list<int> numbers);
std::string everything(const StoreAddress& store, const storage_contract::World& world);

/// A business with bookings of every status, coupons and holds, told through the use cases; made once, as a file to copy.
const fs::path& business();

/// An archive like `from`, with other bytes in its database, and sealed anew.
void seal_anew(const fs::path& from, storage::archive::Kind kind, const fs::path& to, const std::function<void(const fs::path&)>& change);

std::string read_file(const fs::path& file);
void write_file(const fs::path& file, std::string_view bytes);

/// A database with the newest schema and nothing in it, to copy from.
const support::Database& migrated();

template <class T> std::optional<Code> code_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional{result.error().code};
}

} // namespace orkestr::archive_test
