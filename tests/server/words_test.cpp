// What pages say of money, time and colours.
#include "pages/catalogue.hpp"
#include "pages/colours.hpp"
#include "pages/words.hpp"

#include <doctest/doctest.h>

using namespace orkestr;
using namespace orkestr::server;

namespace {
std::string money(Amount amount, const char* currency, const char* locale = "en") {
  return money_words(amount, *Currency::parse(currency), locale);
}
/// ICU parts numbers from what follows them by spaces that do not break.
std::string plain(std::string text) {
  for (const std::string_view space : {"\u00a0", "\u202f"})
    for (std::size_t at = 0; (at = text.find(space, at)) != std::string::npos;) text.replace(at, space.size(), " ");
  return text;
}
} // namespace

TEST_CASE("money as people read it, whole where it is whole") {
  CHECK(money(12'000, "USD") == "$120");
  CHECK(money(12'050, "USD") == "$120.50");
  CHECK(money(5, "USD") == "$0.05");
  CHECK(money(-500, "EUR") == "-€5");
  CHECK(money(5'000, "CAD") == "CA$50"); // not of another country's dollars
  CHECK(money(1'234'567, "JPY") == "¥1,234,567");
  CHECK(plain(money(1'500, "KWD")) == "KWD 1.500"); // three digits
  CHECK(plain(money(120'050, "EUR", "de")) == "1.200,50 €");
  CHECK(money(100, "USD", "no-such_locale-") == "$1");
  CHECK(money(9'007'199'254'740'993, "USD") == "$90,071,992,547,409.93"); // not by way of a double
}

TEST_CASE("moments in a zone and a locale") {
  const Instant at = *Instant::parse("2026-05-12T15:30:00Z");
  CHECK(plain(time_words(at, "America/New_York", "en", "jm")) == "11:30 AM");
  CHECK(time_words(at, "Asia/Kolkata", "de", "jm").starts_with("21:00"));
  CHECK(time_words(at, "UTC", "en", "EEEEdMMMM") == "Tuesday, May 12");
  CHECK(time_words(at, "UTC", "fr", "MMMMy") == "mai 2026");
}

TEST_CASE("durations and names of attributes") {
  CHECK(duration_words(45, Words::of("en")) == "45 minutes");
  CHECK(duration_words(60, Words::of("en")) == "1 hour");
  CHECK(duration_words(90, Words::of("en")) == "1.5 hours");
  CHECK(duration_words(1440, Words::of("en")) == "1 day");
  CHECK(duration_words(2 * 1440, Words::of("en")) == "2 days");
  CHECK(duration_words(90, Words::of("es")) == "1,5 horas");
  CHECK(duration_words(120, Words::of("ar")) == "ساعتان");
  CHECK(tenths_words(4.5, "de") == "4,5");
  CHECK(title_words("ceilingHeightFt") == "Ceiling height ft");
  CHECK(title_words("meeting room") == "Meeting room");
  CHECK(title_words("co-working") == "Co-working");
}

TEST_CASE("a brand's colour is left alone where it can be read") {
  CHECK(Colour::parse("#0F766E")->hex() == "#0f766e");
  CHECK_FALSE(Colour::parse("red"));
  CHECK_FALSE(Colour::parse("#0F766G"));
  CHECK(contrast(*Colour::parse("#000000"), *Colour::parse("#ffffff")) == doctest::Approx(21));
  CHECK(theme_css("#0F766E").starts_with(":root{--brand:#0f766e;--on-brand:#ffffff}"));
  CHECK(theme_css("#FFFF00").find("--brand:#ffff00") != std::string::npos); // on dark ground
  CHECK(theme_css("nonsense").empty());
}
