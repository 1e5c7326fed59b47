// The store that a benchmark is pointed at.
#pragma once

#include "orkestr/adapters/sqlite_store.hpp"
#ifdef ORKESTR_WITH_POSTGRES
#include "orkestr/adapters/postgres_store.hpp"
#endif

#include <memory>
#include <string>

namespace orkestr::benchmark {

/// Of a data folder or of a `postgresql://…` address.
inline std::unique_ptr<storage::Store> open(const std::string& where) {
#ifdef ORKESTR_WITH_POSTGRES
  if (where.starts_with("postgresql:")) return storage::PostgresStore::open({where}).value();
#endif
  storage::SqliteOptions options;
  options.file = where + "/orkestr.db";
  return storage::SqliteStore::open(options).value();
}

} // namespace orkestr::benchmark
