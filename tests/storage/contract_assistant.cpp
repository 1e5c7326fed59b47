// What language models cost tenants, by day.
#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include "orkestr/storage/assistant_repository.hpp"

#include <doctest/doctest.h>

#include <atomic>

namespace orkestr::storage_contract {
namespace {

using storage::ModelSpend;
using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

std::string text_of(const ModelSpend& spend) {
  return to_string(spend.day) + " " + std::to_string(spend.requests) + " " + std::to_string(spend.prompt_tokens) + " " +
         std::to_string(spend.completion_tokens);
}

std::string spent(Store& store, TenantId tenant, LocalDate day) {
  return read(store, [&](const ReadTransaction& tx) { return text_of(tx.assistant().spent(tenant, day)); });
}

void days(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const LocalDate monday{20'000}, tuesday{20'001};
  const auto add = [&](TenantId tenant, const ModelSpend& more) {
    write(store, [&](WriteTransaction& tx) { tx.assistant().add(tenant, more); });
  };
  CHECK(spent(store, t, monday) == "2024-10-04 0 0 0");
  add(t, {monday, 1, 500, 30});
  CHECK(spent(store, t, monday) == "2024-10-04 1 500 30");
  add(t, {monday, 0, -200, 5});
  add(t, {tuesday, 1, 7, 8});
  add(other, {monday, 2, 5'000'000'000, 6'000'000'000});
  CHECK(spent(store, t, monday) == "2024-10-04 1 300 35");
  CHECK(spent(store, t, tuesday) == "2024-10-05 1 7 8");
  CHECK(spent(store, other, monday) == "2024-10-04 2 5000000000 6000000000");
  CHECK(spent(store, other, tuesday) == "2024-10-05 0 0 0");
  CHECK(ModelSpend{monday, 1, 2, 3}.tokens() == 5);
  // A transaction sees what it has added itself, and what comes to nothing is undone.
  const auto undone = store.write([&](WriteTransaction& tx) -> Result<void> {
    tx.assistant().add(t, {monday, 1, 1, 1});
    CHECK(text_of(tx.assistant().spent(t, monday)) == "2024-10-04 2 301 36");
    return fail(Code::not_found);
  });
  CHECK_FALSE(undone.has_value());
  CHECK(spent(store, t, monday) == "2024-10-04 1 300 35");
}

/// Who reads before adding never adds to what another has added since.
void many_at_once(Store& store) {
  const auto t = add_tenant(store);
  for (int round = 0; round < 5; ++round) {
    const LocalDate day{20'000 + round};
    std::atomic<int> admitted{0};
    in_threads(4, [&](int) {
      for (int i = 0; i < 5; ++i) {
        const auto done = store.write([&](WriteTransaction& tx) -> Result<void> {
          if (tx.assistant().spent(t, day).tokens() + 100 > 1000) return fail(Code::busy);
          tx.assistant().add(t, {day, 1, 60, 40});
          return {};
        });
        admitted += done ? 1 : 0;
      }
    });
    CHECK(admitted == 10);
    CHECK(spent(store, t, day) == to_string(day) + " 10 600 400");
  }
}

} // namespace

std::vector<Check> assistant_checks() {
  return {{"what models cost, by day", days}, {"what models cost, added to by many at once", many_at_once}};
}

} // namespace orkestr::storage_contract
