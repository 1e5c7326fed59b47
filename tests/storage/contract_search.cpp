// What offerings are found by.
#include "orkestr/storage/search_repository.hpp"

#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include <doctest/doctest.h>

namespace orkestr::storage_contract {
namespace {

using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

template <class F> auto asked(Store& store, F f) {
  return read(store, [&](const ReadTransaction& tx) { return f(tx); });
}

OfferingId nth(int n) { return *OfferingId::parse("off_" + std::string(25, '0') + std::string(1, static_cast<char>('0' + n))); }

std::string names(const std::vector<storage::SearchPosting>& postings) {
  std::string all;
  for (const auto& [offering, weight] : postings)
    all.append(1, offering.view().back()).append(":").append(std::to_string(weight)).append(" ");
  return all;
}
std::string joined(const std::vector<std::string>& terms) {
  std::string all;
  for (const auto& term : terms) all.append(term).append(" ");
  return all;
}

void index(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto put = [&](TenantId tenant, int n, std::string_view locale, const std::vector<SearchTerm>& terms) {
    write(store, [&](WriteTransaction& tx) { tx.search().put(tenant, nth(n), locale, terms); });
  };
  put(t, 1, "", {{"=p:new york", 4}, {"loft", 8}, {"sunny", 1}});
  put(t, 2, "", {{"loft", 1}, {"lofty", 2}});
  put(t, 3, "", {{"loft", 8}});
  put(t, 3, "es", {{"estudi", 8}, {"loft", 2}});
  put(other, 4, "", {{"loft", 8}, {"zebra", 8}});
  const auto postings = [&](TenantId tenant, std::string_view term, std::string_view locale = {}, std::size_t limit = 9) {
    return asked(store, [&](auto& tx) { return names(tx.search().postings(tenant, term, locale, limit)); });
  };
  CHECK(postings(t, "loft") == "3:8 1:8 2:1 ");
  CHECK(postings(t, "loft", "es") == "3:8 1:8 3:2 2:1 ");
  CHECK(postings(t, "loft", "", 2) == "3:8 1:8 ");
  CHECK(postings(t, "estudi") == "");
  CHECK(postings(t, "estudi", "es") == "3:8 ");
  CHECK(postings(t, "lof") == "");
  CHECK(postings(other, "loft") == "4:8 ");

  const std::vector<std::string> terms{"zebra", "sunny", "=p:new york", "it's", ""};
  CHECK(asked(store, [&](auto& tx) { return joined(tx.search().known(t, terms)); }) == "sunny =p:new york ");
  CHECK(asked(store, [&](auto& tx) { return joined(tx.search().known(other, terms)); }) == "zebra ");
  const auto starting = [&](std::string_view prefix, std::size_t limit) {
    return asked(store, [&](auto& tx) { return joined(tx.search().starting(t, prefix, limit)); });
  };
  CHECK(starting("lo", 9) == "loft lofty ");
  CHECK(starting("loft", 1) == "loft ");
  CHECK(starting("z", 9) == "");

  // What is put replaces what was there, in its locale.
  put(t, 3, "", {{"barn", 8}});
  CHECK(postings(t, "loft", "es") == "1:8 3:2 2:1 ");
  CHECK(postings(t, "barn") == "3:8 ");
  write(store, [&](WriteTransaction& tx) { tx.search().erase(t, nth(3)); });
  CHECK(postings(t, "loft", "es") == "1:8 2:1 ");
  CHECK(postings(t, "barn") == "");
  CHECK(postings(other, "loft") == "4:8 ");

  CHECK_FALSE(asked(store, [&](auto& tx) { return tx.search().has_pending(t); }));
  CHECK(asked(store, [&](auto& tx) { return tx.search().pending(9).size(); }) == 0);
  write(store, [&](WriteTransaction& tx) {
    for (const int n : {5, 6, 5}) tx.search().defer(t, nth(n));
  });
  CHECK(asked(store, [&](auto& tx) { return tx.search().has_pending(t); }));
  CHECK_FALSE(asked(store, [&](auto& tx) { return tx.search().has_pending(other); }));
  const auto due = asked(store, [&](auto& tx) { return tx.search().pending(9); });
  REQUIRE(due.size() == 2);
  CHECK((due[0].tenant == t && due[0].id == nth(5)));
  CHECK(asked(store, [&](auto& tx) { return tx.search().pending(1).size(); }) == 1);
  write(store, [&](WriteTransaction& tx) { tx.search().settle(t, nth(5)); });
  CHECK(asked(store, [&](auto& tx) { return tx.search().pending(9).at(0).id; }) == nth(6));
}

void undone(Store& store) {
  const auto t = add_tenant(store);
  const std::vector<SearchTerm> before{{"barn", 8}}, after{{"loft", 8}};
  write(store, [&](WriteTransaction& tx) { tx.search().put(t, nth(1), "", before); });
  (void)store.write([&](WriteTransaction& tx) -> Result<void> {
    tx.search().put(t, nth(1), "", after);
    return fail(Code::internal, "no");
  });
  CHECK(asked(store, [&](auto& tx) { return names(tx.search().postings(t, "barn", "", 9)); }) == "1:8 ");
  CHECK(asked(store, [&](auto& tx) { return names(tx.search().postings(t, "loft", "", 9)); }) == "");
}

} // namespace

std::vector<Check> search_checks() {
  return {{"terms that offerings are found by", index}, {"an index that was not written after all", undone}};
}

} // namespace orkestr::storage_contract
