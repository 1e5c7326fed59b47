// Services over HTTP, by what they are sent and what they answer; and the table that chooses.
#include "support/fake_translator.hpp"
#include "support/scripted_client.hpp"

#include "orkestr/adapters/translators.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace orkestr;
using namespace orkestr::test;
using namespace std::chrono_literals;

namespace {

struct Asked {
  std::optional<TranslationAnswer> answer;
  [[nodiscard]] TranslationFailure failure() const { return answer.value().failure; }
};

std::shared_ptr<Asked> ask(Translator& translator, std::string from, std::string to, std::vector<std::string> texts) {
  auto asked = std::make_shared<Asked>();
  translator.translate({std::move(from), std::move(to), std::move(texts)}, [asked](TranslationAnswer given) {
    REQUIRE_FALSE(asked->answer);
    asked->answer = std::move(given);
  });
  return asked;
}

boost::json::value body_of(const Sent& sent) { return boost::json::parse(sent.request.body); }

struct RemoteWorld {
  ScriptedClient client;
  ManualClock clock{*Instant::parse("2026-05-01T12:00:00Z")};
  std::vector<std::string> troubles;
  RemoteTranslatorOptions options(std::string key = {}) {
    RemoteTranslatorOptions all;
    all.url = "https://translate.example/";
    all.key = std::move(key);
    all.on_trouble = [this](std::string text) { troubles.push_back(std::move(text)); };
    return all;
  }
};

constexpr const char* languages =
    R"([{"code":"en","name":"English","targets":["de","en","fr","pt-BR"]},{"code":"fr","name":"French","targets":["en"]}])";

} // namespace

TEST_CASE("LibreTranslate is asked for its languages, and for texts in its own words") {
  RemoteWorld w;
  const auto libre = make_libretranslate(w.client, w.clock, w.options("a-key")).value();
  auto first = w.client.take();
  CHECK(first.request.method == "GET");
  CHECK(first.request.url == "https://translate.example/languages");
  CHECK(libre->serves("en", "xx") == "libretranslate"); // as long as nobody knows better
  first.answer(200, languages);
  CHECK(libre->serves("en", "fr") == "libretranslate");
  CHECK(libre->serves("en-GB", "fr-CA") == "libretranslate");
  CHECK(libre->serves("en", "xx") == "");
  CHECK(libre->serves("de", "en") == "");
  CHECK(libre->serves("en", "en") == "");

  const auto asked = ask(*libre, "en-GB", "fr", {"Loft", "Two\nlines"});
  auto sent = w.client.take();
  CHECK(sent.request.method == "POST");
  CHECK(sent.request.url == "https://translate.example/translate");
  CHECK(sent.header("Content-Type") == "application/json");
  CHECK(boost::json::serialize(body_of(sent)) ==
        R"({"q":["Loft","Two\nlines"],"source":"en","target":"fr","format":"text","api_key":"a-key"})");
  sent.answer(200, R"({"translatedText":["Grenier","Deux\nlignes"]})");
  CHECK(asked->failure() == TranslationFailure::none);
  CHECK(asked->answer->texts == std::vector<std::string>{"Grenier", "Deux\nlignes"});
  CHECK(asked->answer->translator == "libretranslate");
  // A variant that it has is asked for as it is.
  (void)ask(*libre, "en", "pt-BR", {"Loft"});
  CHECK(body_of(w.client.take()).at("target") == "pt-BR");
}

TEST_CASE("what LibreTranslate refuses, or says that is none, is told apart") {
  RemoteWorld w;
  const auto libre = make_libretranslate(w.client, w.clock, w.options()).value();
  w.client.take().fail(HttpFailure::connect);
  CHECK(w.troubles.size() == 1);
  const auto failure = [&](int status, std::string body, HttpHeaders headers = {}) {
    const auto asked = ask(*libre, "en", "fr", {"Loft", "Hut"});
    auto sent = w.client.take();
    CHECK(body_of(sent).as_object().if_contains("api_key") == nullptr);
    sent.answer(status, std::move(body), std::move(headers));
    return *asked->answer;
  };
  CHECK(failure(429, R"({"error":"Slowdown"})", {{"Retry-After", "120"}}).failure == TranslationFailure::later);
  CHECK(failure(429, "", {{"retry-after", "120"}}).retry_after == 120s);
  CHECK(failure(503, "", {{"Retry-After", "Fri, 01 May 2026 13:00:00 GMT"}}).retry_after == std::nullopt);
  CHECK(failure(500, R"({"error":"Cannot translate text"})").failure == TranslationFailure::later);
  CHECK(failure(403, R"({"error":"Invalid API key"})").failure == TranslationFailure::budget);
  CHECK(failure(400, R"({"error":"fr is not supported"})").failure == TranslationFailure::unsupported);
  CHECK(failure(400, R"({"error":"Invalid request"})").failure == TranslationFailure::broken);
  for (const char* body : {"", "null", "[]", "{}", R"({"translatedText":"Grenier"})", R"({"translatedText":["Grenier"]})",
                           R"({"translatedText":["a","b","c"]})", R"({"translatedText":["a",7]})", "<html>"})
    CHECK_MESSAGE(failure(200, body).failure == TranslationFailure::broken, body);
  const auto asked = ask(*libre, "en", "fr", {"Loft"});
  w.client.take().fail(HttpFailure::timeout);
  CHECK(asked->failure() == TranslationFailure::later);
}

TEST_CASE("DeepL is asked in its own words, fifty texts at a time, and its key is told to nobody else") {
  RemoteWorld w;
  CHECK(make_deepl(w.client, w.clock, w.options()).error().code == Code::invalid_parameter);
  CHECK(make_deepl(w.client, w.clock, w.options("a\nkey")).error().code == Code::invalid_parameter);
  auto bad = w.options("secret");
  bad.url = "ftp://x";
  CHECK(make_deepl(w.client, w.clock, bad).error().code == Code::invalid_parameter);
  const auto deepl = make_deepl(w.client, w.clock, w.options("secret")).value();
  const auto asked = ask(*deepl, "en-US", "pt-BR", {"Loft"});
  auto sent = w.client.take();
  CHECK(sent.request.url == "https://translate.example/v2/translate");
  CHECK(sent.header("Authorization") == "DeepL-Auth-Key secret");
  CHECK(sent.request.body.find("secret") == std::string::npos);
  CHECK(boost::json::serialize(body_of(sent)) ==
        R"({"text":["Loft"],"source_lang":"EN","target_lang":"PT-BR","preserve_formatting":true})");
  sent.answer(200, R"({"translations":[{"detected_source_language":"EN","text":"Mezanino"}]})");
  CHECK(asked->answer->texts == std::vector<std::string>{"Mezanino"});
  const auto target = [&](const char* to) {
    (void)ask(*deepl, "fr", to, {"x"});
    return std::string{body_of(w.client.take()).at("target_lang").as_string()};
  };
  CHECK(target("es-MX") == "ES");
  CHECK(target("en") == "EN-US");
  CHECK(target("en-GB") == "EN-GB");
  CHECK(target("pt") == "PT-PT");
  CHECK(target("zh-Hant-TW") == "ZH-HANT");
  CHECK(target("zh") == "ZH");

  std::vector<std::string> many;
  for (int i = 0; i < 120; ++i) many.push_back("t" + std::to_string(i));
  const auto whole = ask(*deepl, "en", "de", many);
  for (const std::size_t part : {50u, 50u, 20u}) {
    CHECK_FALSE(whole->answer);
    REQUIRE(w.client.waiting() == 1);
    auto next = w.client.take();
    const auto body = body_of(next);
    REQUIRE(body.at("text").as_array().size() == part);
    std::string answer;
    for (const auto& text : body.at("text").as_array())
      answer += (answer.empty() ? "" : ",") + (R"({"text":"de )" + std::string{text.as_string()} + R"("})");
    next.answer(200, R"({"translations":[)" + answer + "]}");
  }
  REQUIRE(whole->answer->texts.size() == 120);
  CHECK(whole->answer->texts[119] == "de t119");

  const auto failure = [&](int status) {
    const auto one = ask(*deepl, "en", "de", {"Loft"});
    w.client.take().answer(status, R"({"message":"Value for 'target_lang' not supported."})");
    CHECK(one->answer->detail.find("secret") == std::string::npos);
    return one->failure();
  };
  CHECK(failure(456) == TranslationFailure::budget);
  CHECK(failure(403) == TranslationFailure::budget);
  CHECK(failure(429) == TranslationFailure::later);
  CHECK(failure(503) == TranslationFailure::later);
  CHECK(failure(400) == TranslationFailure::unsupported);
  CHECK(failure(413) == TranslationFailure::broken);
}

TEST_CASE("a day's budget is used up, and there is another one the next day") {
  RemoteWorld w;
  auto options = w.options("key");
  options.daily_characters = 10;
  const auto deepl = make_deepl(w.client, w.clock, options).value();
  (void)ask(*deepl, "en", "de", {"1234", "5678"});
  CHECK(w.client.waiting() == 1);
  const auto refused = ask(*deepl, "en", "de", {"123"});
  CHECK(refused->failure() == TranslationFailure::budget);
  CHECK(refused->answer->retry_after == 12h);
  CHECK(w.client.waiting() == 1);
  (void)ask(*deepl, "en", "de", {"12"}); // what fits still goes
  CHECK(w.client.waiting() == 2);
  w.clock.advance(12h);
  (void)ask(*deepl, "en", "de", {"1234567890"});
  CHECK(w.client.waiting() == 3);
}

TEST_CASE("the table takes the first that can, and the next one where that fails") {
  ManualClock clock{*Instant::parse("2026-05-01T12:00:00Z")};
  TranslatorTable table(clock);
  const auto one = std::make_shared<FakeTranslator>(), two = std::make_shared<FakeTranslator>();
  two->teach("pt-BR");
  table.add("en", "fr", one);
  table.add("", "", two);
  CHECK(table.serves("en", "es") == "fake");
  CHECK(table.serves("de", "es") == "");
  CHECK(ask(table, "de", "es", {"x"})->failure() == TranslationFailure::unsupported);
  (void)ask(table, "en", "es", {"x"});
  CHECK(one->take_asked().empty());
  CHECK(two->take_asked().size() == 1);
  (void)ask(table, "en", "fr", {"x"});
  CHECK(one->take_asked().size() == 1);
  CHECK(two->take_asked().empty());
  (void)ask(table, "en", "pt-BR", {"x"});
  CHECK(two->take_asked().size() == 1);
  for (const auto failure :
       {TranslationFailure::later, TranslationFailure::budget, TranslationFailure::broken, TranslationFailure::unsupported}) {
    one->fail("fr", TranslationAnswer{failure, {}, "one", "no", {}});
    CHECK(ask(table, "en", "fr", {"x"})->failure() == TranslationFailure::none);
    CHECK(two->take_asked().size() == 1);
  }
  two->fail("fr", TranslationAnswer{TranslationFailure::unsupported, {}, "two", "no", {}});
  one->fail("fr", TranslationAnswer{TranslationFailure::budget, {}, "one", "no", 1h});
  CHECK(ask(table, "en", "fr", {"x"})->failure() == TranslationFailure::budget); // what may help later is told
}

TEST_CASE("who fails three times running is left alone, with that pair alone, for longer and longer") {
  ManualClock clock{*Instant::parse("2026-05-01T12:00:00Z")};
  TranslatorTable table(clock);
  const auto one = std::make_shared<FakeTranslator>();
  table.add("", "", one);
  one->fail("fr", TranslationAnswer{TranslationFailure::later, {}, "one", "no", {}});
  for (int i = 0; i < 3; ++i) CHECK(ask(table, "en", "fr", {"x"})->failure() == TranslationFailure::later);
  CHECK(one->take_asked().size() == 3);
  const auto spared = ask(table, "en", "fr", {"x"});
  CHECK(spared->failure() == TranslationFailure::later);
  CHECK(spared->answer->retry_after == 30s);
  CHECK(one->take_asked().empty());
  CHECK(ask(table, "en", "es", {"x"})->failure() == TranslationFailure::none); // another pair
  one->take_asked();
  // One looks whether it is back; those that come meanwhile pass it by.
  clock.advance(30s);
  one->slow("fr");
  const auto probe = ask(table, "en", "fr", {"x"});
  CHECK(ask(table, "en", "fr", {"x"})->failure() == TranslationFailure::later);
  CHECK(one->take_asked().size() == 1);
  one->answer_waiting();
  CHECK(probe->failure() == TranslationFailure::later);
  one->slow("fr", false);
  clock.advance(59s); // it failed again: twice as long
  (void)ask(table, "en", "fr", {"x"});
  CHECK(one->take_asked().empty());
  clock.advance(1s);
  one->fail("fr", {});
  CHECK(ask(table, "en", "fr", {"x"})->failure() == TranslationFailure::none);
  CHECK(ask(table, "en", "fr", {"x"})->failure() == TranslationFailure::none);
  CHECK(one->take_asked().size() == 2);
}
