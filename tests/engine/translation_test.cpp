#include "orkestr/engine/translation.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace orkestr;

namespace {

const std::vector<std::string> spoken{"en", "es", "pt-BR", "zh-Hant"};

std::string served(std::string_view wanted) { return lookup_locale(wanted, spoken).value_or("-"); }

Offering loft() {
  Offering offering;
  offering.title = "Loft";
  offering.description = "Quiet.\n\nBright.";
  return offering;
}

std::string fields_of(const std::vector<SourceText>& texts) {
  std::string all;
  for (const auto& text : texts) all += text.field + " ";
  return all;
}

} // namespace

TEST_CASE("tags of languages have one spelling") {
  CHECK(canonical_locale("EN") == "en");
  CHECK(canonical_locale("pt-br") == "pt-BR");
  CHECK(canonical_locale("ZH-hANT-tw") == "zh-Hant-TW");
  CHECK(canonical_locale("es-419") == "es-419");
  CHECK(canonical_locale("ca-ES-VALENCIA") == "ca-ES-valencia");
}

TEST_CASE("a reader is served by the language that fits best (RFC 4647, lookup)") {
  CHECK(served("es") == "es");
  CHECK(served("es-MX") == "es");
  CHECK(served("ES-mx") == "es");
  CHECK(served("en-GB-oed") == "en");
  CHECK(served("pt-BR") == "pt-BR");
  CHECK(served("pt") == "-"); // what is wider than what there is serves nobody
  CHECK(served("pt-PT") == "-");
  CHECK(served("zh-Hant-TW") == "zh-Hant");
  CHECK(served("zh-TW") == "-");
  CHECK(served("zh-Hant-x-private") == "zh-Hant"); // the singleton goes with what it introduces
  CHECK(served("e") == "-");
  CHECK(served("") == "-");
  CHECK_FALSE(lookup_locale("es", {}));
}

TEST_CASE("what runs from right to left") {
  for (const char* tag : {"ar", "ar-EG", "he", "fa-IR", "ur", "az-Arab", "pa-Arab-PK", "yi"}) CHECK_MESSAGE(is_right_to_left(tag), tag);
  for (const char* tag : {"en", "es", "ar-Latn", "az", "az-Latn", "he-Latn-IL", "zh-Hant", "pa"})
    CHECK_FALSE_MESSAGE(is_right_to_left(tag), tag);
}

TEST_CASE("languages are called what they call themselves") {
  CHECK(locale_name("es") == "español");
  CHECK(locale_name("pt-BR") == "português (BR)");
  CHECK(locale_name("xyz") == "xyz");
}

TEST_CASE("which texts are translated") {
  CHECK(source_texts(loft()) == std::vector<SourceText>{{"title", "Loft"}, {"description", "Quiet.\n\nBright."}});
  Offering bare;
  bare.title = "Loft";
  CHECK(fields_of(source_texts(bare)) == "title ");
  Review review;
  CHECK(source_texts(review).empty());
  review.text = "Lovely";
  review.reply = "Thanks";
  CHECK(fields_of(source_texts(review)) == "text reply ");
  Branding brand;
  CHECK(source_texts(brand).empty());
  brand.tagline = "Rooms";
  brand.announcement = Announcement{"Closed on Monday", {}, {}, {}};
  brand.about = "We are two.";
  brand.sale_badges = {{"New", {}, {}, {}}, {"-20 %", {}, {}, {}}, {"New", {}, {}, {}}};
  CHECK(fields_of(source_texts(brand)) == "tagline announcement about saleBadges.New saleBadges.-20 % ");
}

TEST_CASE("every text that is translated is one of those that are named") {
  auto offering = loft();
  for (const auto& text : source_texts(offering)) CHECK(is_translated_field(TranslationKind::offering, text.field));
  Review review;
  review.title = review.text = review.reply = "x";
  for (const auto& text : source_texts(review)) CHECK(is_translated_field(TranslationKind::review, text.field));
  Branding brand;
  brand.tagline = brand.about = "x";
  brand.announcement = Announcement{"x", {}, {}, {}};
  brand.sale_badges = {{"x", {}, {}, {}}};
  CHECK(source_texts(brand).size() == 4);
  for (const auto& text : source_texts(brand)) CHECK(is_translated_field(TranslationKind::storefront, text.field));
  CHECK_FALSE(is_translated_field(TranslationKind::offering, "slug"));
}

TEST_CASE("what a person may write there") {
  const auto takes = [](TranslationKind kind, std::string_view field, const std::string& text) {
    json::Reader reader;
    return json::check_text(reader, text, text_limits(kind, field));
  };
  using enum TranslationKind;
  CHECK(takes(offering, "title", "Un loft"));
  CHECK_FALSE(takes(offering, "title", "two\nlines"));
  CHECK_FALSE(takes(offering, "title", ""));
  CHECK_FALSE(takes(offering, "title", "  "));
  CHECK_FALSE(takes(offering, "title", std::string(401, 'x')));
  CHECK(takes(offering, "description", "two\nlines"));
  CHECK(takes(offering, "description", std::string(20'000, 'x')));
  CHECK(takes(storefront, "about", "two\n\nparagraphs"));
  CHECK_FALSE(takes(storefront, "tagline", "two\nlines"));
  CHECK_FALSE(takes(storefront, "saleBadges.New", std::string(49, 'x')));
  CHECK(takes(review, "reply", "two\nlines"));
}

TEST_CASE("the language is part of the source") {
  CHECK(source_hash("en", "Loft").size() == 32);
  CHECK(source_hash("en", "Loft") == source_hash("en", "Loft"));
  CHECK(source_hash("en", "Loft") != source_hash("en", "Lofts"));
  CHECK(source_hash("en", "Loft") != source_hash("de", "Loft"));
}

TEST_CASE("a translation from the first question to a person's last word") {
  auto offering = loft();
  Translation row;
  row.locale = "es";
  auto sources = source_texts(offering);
  CHECK(to_translate(row, sources, "en") == sources);
  CHECK(shown_texts(row, sources, "en").empty());

  put_machine_texts(row, sources, "en", std::vector<std::string>{"Buhardilla", "Tranquilo.\n\nLuminoso."}, "apertium");
  settle(row, sources, "en");
  CHECK(row.state == TranslationState::translated);
  CHECK(to_translate(row, sources, "en").empty());
  CHECK(shown_texts(row, sources, "en").size() == 2);
  CHECK_FALSE(row.overridden);

  // A machine's text of another source is made anew, and is not shown meanwhile.
  offering.title = "Big loft";
  sources = source_texts(offering);
  CHECK(fields_of(to_translate(row, sources, "en")) == "title ");
  REQUIRE(shown_texts(row, sources, "en").size() == 1);
  CHECK(shown_texts(row, sources, "en")[0]->field == "description");
  CHECK(find_text(row, "title")->text == "Buhardilla");

  // A person's is not, and stays.
  put_manual_text(row, sources[0], "en", "Gran loft");
  CHECK(row.overridden);
  settle(row, sources, "en");
  CHECK(row.state == TranslationState::translated);
  offering.title = "Huge loft";
  sources = source_texts(offering);
  CHECK(to_translate(row, sources, "en").empty());
  settle(row, sources, "en");
  CHECK(row.state == TranslationState::stale);
  REQUIRE(shown_texts(row, sources, "en").size() == 2);
  CHECK(shown_texts(row, sources, "en")[0]->text == "Gran loft");
  // Not even by an answer that comes late.
  put_machine_texts(row, sources, "en", std::vector<std::string>{"Loft enorme", "Callado."}, "other");
  CHECK(find_text(row, "title")->text == "Gran loft");
  CHECK(find_text(row, "description")->text == "Callado.");
  CHECK(find_text(row, "description")->translator == "other");

  // Another language of the tenant's is another source of everything.
  CHECK(fields_of(to_translate(row, sources, "de")) == "description ");

  // Given back to the machine.
  put_manual_text(row, sources[0], "en", std::nullopt);
  CHECK_FALSE(row.overridden);
  CHECK(find_text(row, "title") == nullptr);
  CHECK(fields_of(to_translate(row, sources, "en")) == "title ");
  // What is no more is forgotten.
  offering.description.clear();
  drop_unknown(row, source_texts(offering));
  CHECK(row.texts.empty());
}

TEST_CASE("what a machine answers is cleaned of what nobody could have typed") {
  Translation row;
  const std::vector<SourceText> sources{{"title", "a"}, {"description", "b"}};
  put_machine_texts(row, sources, "en", std::vector<std::string>{"one\ntwo\x01\tthree", "one\r\ntwo\x7f\xff"}, "m");
  CHECK(find_text(row, "title")->text == "one two  three");
  CHECK(find_text(row, "description")->text == "one\ntwo \xef\xbf\xbd");
}

TEST_CASE("a person's text survives whatever happens to its source and whatever machines answer") {
  std::mt19937 random(11);
  for (int run = 0; run < 300; ++run) {
    Translation row;
    auto offering = loft();
    std::optional<std::string> written;
    for (int step = 0; step < 20; ++step) {
      const auto sources = source_texts(offering);
      switch (random() % 4) {
      case 0: offering.title = "title " + std::to_string(random() % 5); break;
      case 1:
        written = "written " + std::to_string(step);
        put_manual_text(row, sources[0], "en", written);
        break;
      case 2: {
        const auto wanted = to_translate(row, sources, "en");
        for (const auto& text : wanted) CHECK((text.field != "title" || !written));
        put_machine_texts(row, sources, "en", std::vector<std::string>(sources.size(), "machine " + std::to_string(step)), "m");
        settle(row, sources, "en");
        CHECK(to_translate(row, sources, "en").empty());
        break;
      }
      case 3:
        if (random() % 3 != 0) break;
        written.reset();
        put_manual_text(row, sources[0], "en", std::nullopt);
      }
      if (written) {
        REQUIRE(find_text(row, "title") != nullptr);
        CHECK(find_text(row, "title")->text == *written);
        const auto now = source_texts(offering);
        REQUIRE_FALSE(shown_texts(row, now, "en").empty());
        CHECK(shown_texts(row, now, "en")[0]->text == *written);
      }
      CHECK(row.overridden == written.has_value());
    }
  }
}

TEST_CASE("what failed is tried again, later and later") {
  using namespace std::chrono_literals;
  const Instant now{1'000'000};
  const auto after = [&](int made, double spread) { return next_translation_attempt(made, now, spread) - now; };
  CHECK(after(1, 0.5) == 2s);
  CHECK(after(2, 0.5) == 10s);
  CHECK(after(3, 0.5) == 1min);
  CHECK(after(4, 0.5) == 10min);
  for (const int made : {5, 6, 1000}) CHECK(after(made, 0.5) == 15min);
  CHECK(after(1, 0) == 1600ms);
  CHECK(after(0, 0.5) == 2s);
}
