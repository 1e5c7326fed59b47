#include "orkestr/engine/slug.hpp"

#include "engine/fixtures.hpp"

#include <set>

using namespace fixtures;

TEST_CASE("is_slug: groups of [a-z0-9] joined by single hyphens") {
  const std::string longest(max_slug_size, 'a');
  for (const std::string& good : {std::string{"a"}, std::string{"9"}, std::string{"loft-2"}, std::string{"a-b-c"}, longest})
    CHECK(is_slug(good));
  for (const std::string& bad :
       {std::string{}, std::string{"-"}, std::string{"-a"}, std::string{"a-"}, std::string{"a--b"}, std::string{"A"}, std::string{"a b"},
        std::string{"a_b"}, std::string{"\u00e9"}, std::string{"a/b"}, std::string("a\0b", 3), longest + "a"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_slug(bad));
  }
}

TEST_CASE("make_slug") {
  struct Row {
    std::string_view title, slug;
  };
  static constexpr Row table[] = {
      {"Sunny Loft", "sunny-loft"},
      {"  --Sunny...  Loft!  ", "sunny-loft"},
      {"Anna's Caf\u00e9 N\u00ba 7", "annas-cafe-n-7"},
      {"\u00c6r\u00f8 \u00dcbung \u2013 Stra\u00dfe", "aero-ubung-strasse"},
      {"\u0141\u00f3d\u017a", "lodz"},
      {"\u0152uvre \u0178ser", "oeuvre-yser"},
      {"\u00cele de R\u00e9 / \u00d1and\u00fa", "ile-de-re-nandu"},
      {"\u0130stanbul \u015ei\u015fli \u0131", "istanbul-sisli-i"},
      {"2\u00d73 m", "2-3-m"}, // a sign is no letter
      {"\u4f1a\u8bae\u5ba4 A", "a"},
      {"\u4f1a\u8bae\u5ba4", "offering"},
      {"\U0001F3E0", "offering"},
      {"!!!", "offering"},
      {"", "offering"},
      {"a\tb\nc", "a-b-c"},
  };
  for (const auto& row : table) {
    CAPTURE(row.title);
    CHECK(make_slug(row.title) == row.slug);
    CHECK(is_slug(make_slug(row.title)));
  }
}

TEST_CASE("make_slug yields a slug from any bytes, of at most 80 characters") {
  CHECK(make_slug(std::string(200, 'x')) == std::string(80, 'x'));
  CHECK(make_slug(std::string(79, 'x') + " y") == std::string(79, 'x')); // no hyphen is left at the cut
  CHECK(make_slug(std::string(79, 'x') + "\u00c6") == std::string(79, 'x') + "a");
  Dice dice(seed());
  for (int i = 0; i < 20'000; ++i) {
    std::string title;
    for (int n = dice.roll(0, 120); n > 0; --n) title += static_cast<char>(dice.chance(50) ? dice.roll(0, 255) : dice.roll(0xc0, 0xc8));
    REQUIRE(is_slug(make_slug(title)));
  }
}

TEST_CASE("first_free_slug counts from 2 and stays a slug") {
  const auto first = [](std::string_view base, const std::set<std::string, std::less<>>& taken) {
    return first_free_slug(base, [&](std::string_view slug) { return taken.contains(slug); });
  };
  CHECK(first("loft", {}) == "loft");
  CHECK(first("loft", {"loft"}) == "loft-2");
  CHECK(first("loft", {"loft", "loft-2", "loft-3"}) == "loft-4");
  CHECK(first("loft", {"loft", "loft-3"}) == "loft-2");
  const std::string longest(80, 'a');
  CHECK(first(longest, {longest}) == std::string(78, 'a') + "-2");
  const std::string hyphen = std::string(77, 'a') + "-bb";
  CHECK(first(hyphen, {hyphen}) == std::string(77, 'a') + "-2");
  std::set<std::string, std::less<>> many{longest};
  for (int n = 2; n < 12; ++n) many.insert(std::string(n < 10 ? 78 : 77, 'a') + "-" + std::to_string(n));
  CHECK(first(longest, many) == std::string(77, 'a') + "-12");
}
