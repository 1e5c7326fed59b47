#include "storage/contract.hpp"
#include "storage/temp_dir.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/storage/memory_store.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

namespace orkestr::storage_contract {

TEST_CASE("the storage contract in memory") {
  run_contract({"memory", [] { return std::make_unique<storage::MemoryStore>(); }});
}

TEST_CASE("the storage contract on SQLite") {
  const TempDir dir;
  run_contract({"SQLite", [&]() -> std::unique_ptr<storage::Store> {
                  auto store = storage::SqliteStore::open({dir.path() / "contract.db"});
                  if (!store) throw std::runtime_error(store.error().detail);
                  return std::move(*store);
                }});
}

} // namespace orkestr::storage_contract
