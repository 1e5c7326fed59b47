// The storage contract, on the vendor's store: what any store must pass before it may carry bookings.
#include "pms_store.hpp"

#include "storage/contract.hpp"

#include <doctest/doctest.h>

TEST_CASE("the storage contract on the vendor's store") {
  orkestr::storage_contract::run_contract({"PMS", [] { return std::make_unique<pms::PmsStore>(); }});
}
