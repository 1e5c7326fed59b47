#include "storage/contract.hpp"
#include "storage/temp_dir.hpp"

#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/storage/memory_store.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

namespace orkestr::storage_contract {

void run_contract(const Backend& backend) {
  for (const auto& checks : {field_checks(), list_checks(), booking_checks(), transaction_checks()})
    for (const auto& check : checks) SUBCASE((backend.name + ": " + check.name).c_str()) {
        // doctest gives up the subcases that are left after an exception.
        try {
          const auto store = backend.make();
          check.run(*store);
        } catch (const std::exception& exception) {
          FAIL_CHECK(exception.what());
        }
      }
}

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
