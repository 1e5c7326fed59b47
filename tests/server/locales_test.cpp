// The catalogues, and which of them a reader gets.
#include "pages/catalogue.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <vector>

using namespace orkestr::server;

namespace {

/// The arguments that a message takes: `{name}` and `{n, plural, …}`, whose forms may hold none.
std::set<std::string> arguments_of(std::string_view pattern) {
  std::set<std::string> names;
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '}') --depth;
    if (pattern[i] != '{' || depth++ > 0) continue;
    names.emplace(pattern.substr(i + 1, pattern.find_first_of("},", i) - i - 1));
  }
  return names;
}

std::map<std::string, std::set<std::string>> shape_of(const Words& words) {
  std::map<std::string, std::set<std::string>> shape;
  words.each([&](std::string_view key, std::string_view pattern) { shape.emplace(key, arguments_of(pattern)); });
  return shape;
}

} // namespace

TEST_CASE("catalogues have the same messages, with the same arguments, and all can be said") {
  const auto wanted = shape_of(Words::of("en"));
  REQUIRE(wanted.size() > 250);
  REQUIRE(Words::shipped().size() >= 6);
  for (const auto& tag : Words::shipped()) {
    CAPTURE(tag);
    const auto& words = Words::of(tag);
    CHECK(words.locale() == tag);
    const auto shape = shape_of(words);
    for (const auto& [key, arguments] : wanted) {
      CAPTURE(key);
      REQUIRE(shape.contains(key));
      CHECK(shape.at(key) == arguments);
    }
    CHECK(shape.size() == wanted.size());
    words.each([&](std::string_view key, std::string_view pattern) {
      CAPTURE(std::string{key});
      CHECK_FALSE(pattern.empty());
      CHECK(pattern.find("'{") == std::string_view::npos); // it would quote
      for (const std::int64_t n : {0, 1, 2, 3, 11, 100}) {
        const auto said =
            words.say(key, {{"n", n},       {"name", "X"},  {"currency", "X"}, {"price", "X"}, {"title", "X"},  {"time", "X"},
                            {"percent", n}, {"day", "X"},   {"month", "X"},    {"zone", "X"},  {"id", "X"},     {"from", "X"},
                            {"to", "X"},    {"code", "X"},  {"place", "X"},    {"total", "X"}, {"amount", "X"}, {"email", "X"},
                            {"due", "X"},   {"words", "X"}, {"parts", "X"},    {"what", "X"}});
        CHECK_FALSE(said.empty());
        CHECK(said.find_first_of("{}#") == std::string::npos);
      }
    });
  }
}

TEST_CASE("messages count as their language does") {
  const auto& arabic = Words::of("ar");
  std::set<std::string> forms;
  for (const std::int64_t n : {1, 2, 3, 11}) {
    auto said = arabic.say("rating.reviews", {{"n", n}});
    if (const auto digits = said.find_last_of("0123456789"); digits != std::string::npos) said.erase(0, digits + 1);
    forms.insert(said);
  }
  CHECK(forms.size() == 4);
  CHECK(Words::of("en").say("rating.reviews", {{"n", std::int64_t{1}}}) == "1 review");
  CHECK(Words::of("en").say("rating.reviews", {{"n", std::int64_t{1200}}}) == "1,200 reviews");
  CHECK(Words::of("en").say("no.such") == "no.such");
}

TEST_CASE("the catalogue nearest to a locale serves it") {
  CHECK(Words::of("es-MX").locale() == "es");
  CHECK(Words::of("es-Latn-MX").locale() == "es");
  CHECK(Words::of("ar-EG").locale() == "ar");
  CHECK(Words::of("en-GB").locale() == "en");
  CHECK(Words::of("xx").locale() == "en");
  CHECK(Words::of("not a tag").locale() == "en");
}

TEST_CASE("what a reader likes is told in one way") {
  CHECK(language_preferences("en-US,en;q=0.9") == "en-us,en");
  CHECK(language_preferences("en;q=0.4, ES-mx , fr;q=0.8") == "es-mx,fr,en");
  CHECK(language_preferences("de;q=0, *;q=0.5, fr") == "fr"); // refused, and any other
  CHECK(language_preferences("<script>, es") == "es");
  CHECK(language_preferences("").empty());
  CHECK(language_preferences("a1,a2,a3,a4,a5,a6,a7,a8") == "a1,a2,a3,a4,a5,a6");
  CHECK(language_preferences(std::string(100'000, ',')).empty());
}

TEST_CASE("a reader gets the best of the tenant's languages") {
  const std::vector<std::string> tenant{"en", "ar", "es", "pt-BR"};
  CHECK(negotiate(tenant, "", "") == "en");
  CHECK(negotiate(tenant, "es", "ar") == "es"); // asked for by name
  CHECK(negotiate(tenant, "es-MX", "") == "es");
  CHECK(negotiate(tenant, "PT-br", "") == "pt-BR");
  CHECK(negotiate(tenant, "ja", "ar-eg,en") == "ar"); // not spoken here
  CHECK(negotiate(tenant, "", "es-419,en") == "es");
  CHECK(negotiate(tenant, "", "pt,en") == "pt-BR");
  CHECK(negotiate(tenant, "", "ja,es") == "es");
  CHECK(negotiate(tenant, "", "ja") == "en");
  CHECK(negotiate(tenant, "", "en-gb,es") == "en");
  CHECK(negotiate(std::vector<std::string>{"es"}, "", "en") == "es");
  CHECK(negotiate({}, "", "es") == "en");
}

TEST_CASE("digits are those that scripts use too") {
  CHECK(format_locale("es") == "es");
  CHECK(format_locale("ar-EG") == "ar-EG-u-nu-latn");
}
