#include "storage/contract.hpp"

#include <doctest/doctest.h>

#include <exception>

namespace orkestr::storage_contract {

void run_contract(const Backend& backend) {
  for (const auto& checks : {field_checks(), list_checks(), booking_checks(), outbox_checks(), trust_checks(), member_checks(),
                             portal_checks(), translation_checks(), assistant_checks(), search_checks(), transaction_checks()})
    for (const auto& check : checks) {
      SUBCASE((backend.name + ": " + check.name).c_str()) {
        // doctest gives up the subcases that are left after an exception.
        try {
          const auto store = backend.make();
          check.run(*store);
        } catch (const std::exception& exception) {
          FAIL_CHECK(exception.what());
        }
      }
    }
}

} // namespace orkestr::storage_contract
