#include "orkestr/engine/search_index.hpp"

#include "base/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace orkestr;

TEST_CASE("search: terms are whole letters, of any script") {
  Offering offering;
  offering.title = "Ателье 部屋部屋 Café Ünïcödé κήπος جميل";
  offering.description = "ж部é";
  offering.attributes = {{"city", "Київ"}, {"amenities", {"сауна", "wifi"}}};
  const auto terms = search_terms(offering);
  const auto has = [&](std::string_view term) { return std::ranges::find(terms, term, &SearchTerm::term) != terms.end(); };
  for (const auto& [term, weight] : terms) {
    CAPTURE(term);
    CHECK(is_utf8(term));
    CHECK(weight > 0);
  }
  CHECK(std::ranges::is_sorted(terms, {}, &SearchTerm::term));
  CHECK(has(search_key(SearchKind::place, "Київ")));
  CHECK(has(search_key(SearchKind::amenity, "wifi")));
  // A word that lacks a letter, or has a wrong one, finds what was meant.
  for (const auto* typed : {"Ателе", "Атлье", "Ателъе", "κήποs"}) {
    CAPTURE(typed);
    const auto stems = search_stems(typed);
    REQUIRE(stems.size() == 1);
    const auto near = search_near(stems[0]);
    for (const auto& term : near) CHECK(is_utf8(term));
    CHECK(std::ranges::any_of(near, has));
  }
  CHECK(std::ranges::none_of(search_near(search_stems("палатка").front()), has));
}
