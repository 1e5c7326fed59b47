#include "storage/contract.hpp"
#include "support/postgres.hpp"

#include "orkestr/adapters/postgres_store.hpp"

#include <doctest/doctest.h>

namespace orkestr::storage_contract {

TEST_CASE("the storage contract on PostgreSQL") {
  static const support::Database migrated;
  static const std::string trouble = [] {
    const auto opened = storage::PostgresStore::open({migrated.conninfo()});
    return opened ? std::string{} : opened.error().detail;
  }();
  REQUIRE(trouble == "");
  std::unique_ptr<support::Database> database;
  run_contract({"PostgreSQL", [&]() -> std::unique_ptr<storage::Store> {
                  database = std::make_unique<support::Database>(migrated.name());
                  auto store = storage::PostgresStore::open({database->conninfo()});
                  if (!store) throw std::runtime_error(store.error().detail);
                  return std::move(*store);
                }});
}

} // namespace orkestr::storage_contract
