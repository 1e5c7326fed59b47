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

TEST_CASE("search: what offerings of a product type may also be called finds them, of another type it doesn't") {
  Offering offering;
  offering.title = "Bicycle, 28 inch";
  offering.product_type_key = "equipment";
  const auto has = [&](std::string_view word) {
    const auto terms = search_terms(offering);
    return std::ranges::find(terms, search_stems(word).at(0), &SearchTerm::term) != terms.end();
  };
  CHECK(has("bike"));
  CHECK_FALSE(has("vélo"));
  offering.title = "Vélo de ville";
  CHECK(has("bicyclette"));
  offering.title = "Bicycle workshop";
  offering.product_type_key = "class";
  CHECK_FALSE(has("bike"));
  offering.title = "Lawn care";
  offering.description = "With our own mower.";
  offering.product_type_key = "equipment";
  CHECK(has("lawnmower"));                                       // by a word of the description
  offering.description = "With lawn chairs, mower not included"; // a phrase is its words in a row
  offering.title = "Garden";
  CHECK(has("lawnmower"));
  offering.description = "A cement floor";
  CHECK_FALSE(has("concrete"));
}
