// Translations: queued with what changes, made by whoever comes first, redone, and never written over a person's text.
#include "platform/trust_world.hpp"
#include "support/fake_translator.hpp"

#include "orkestr/platform/translations.hpp"

#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using namespace std::chrono_literals;

namespace {

struct TongueWorld {
  explicit TongueWorld(storage::Store& s) : store(s) {
    Tenant draft;
    draft.name = "Atlas Studios";
    draft.subdomain = "atlas";
    tenant = shop.create_tenant(draft).value().id;
  }

  Tenant owner() {
    return store.read([&](const storage::ReadTransaction& tx) -> Result<Tenant> { return tx.tenants().find(tenant).value(); }).value();
  }
  Result<TenantLocale> enable(const std::string& tag) {
    const auto who = owner();
    return shop.write(tenant, [&](WriteContext& cx) { return add_locale(cx, who, tag); });
  }
  OfferingId make(const std::string& title, const std::string& description = {}) {
    auto draft = support::room();
    draft.title = title;
    draft.description = description;
    return shop.create_offering(tenant, draft).value().id;
  }
  void retitle(OfferingId id, const std::string& title) {
    REQUIRE(shop.write(tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(tenant, id);
      offering.title = title;
      json::Reader reader;
      return update_offering(cx, offering, reader);
    }));
  }
  Result<void> override_title(OfferingId id, const std::string& tag, const json::Value& text) {
    const auto who = owner();
    return shop.write(tenant, [&](WriteContext& cx) {
      json::Reader reader;
      json::Object texts;
      texts["title"] = text;
      return override_translation(cx, who, id.view(), tag, texts, reader);
    });
  }
  Result<TranslationView> view(std::string_view subject, const std::string& tag) {
    const auto who = owner();
    return store.read([&](const storage::ReadTransaction& tx) { return translation_view(tx, who, subject, tag); });
  }
  /// `TRANSLATED: es(Loft)`, by the first field.
  std::string state(OfferingId id, const std::string& tag) {
    const auto found = view(id.view(), tag);
    if (!found) return "none";
    return std::string{json::name_of(found->state)} + ": " + found->fields[0].text.value_or("-") +
           (found->fields[0].stale ? " (stale)" : "");
  }
  void work() { REQUIRE(desk.settle(clock.now())); }
  std::optional<Translation> row(std::string_view subject, const std::string& tag) {
    return store
        .read([&](const storage::ReadTransaction& tx) -> Result<std::optional<Translation>> {
          return tx.translations().find(tenant, subject, tag);
        })
        .value();
  }

  storage::Store& store;
  ManualClock clock{*Instant::parse("2026-05-01T12:00:00Z")};
  SeededRandom random{7};
  FakeTranslator tongue;
  PlatformOptions options() {
    PlatformOptions all{SecretBox{}, {}};
    all.translator = &tongue;
    return all;
  }
  Platform shop{store, clock, random, options()};
  TranslationDesk desk{shop, tongue};
  TenantId tenant;
};

TranslationAnswer refusal_of(TranslationFailure failure, std::optional<milliseconds> retry_after = {}) {
  return {failure, {}, "fake", "It does not answer.", retry_after};
}

} // namespace

TEST_CASE("what a business writes is translated into each of its languages, and again when it changes") {
  on_both_stores("tongue", [](storage::Store& store) {
    TongueWorld w(store);
    const auto before = w.make("Before", "There already");
    CHECK(w.desk.step(w.clock.now()).value() == false); // nobody speaks another language
    REQUIRE(w.enable("es"));
    REQUIRE(w.enable("ca"));
    const auto loft = w.make("Loft", "Quiet.\n\nBright.");
    CHECK(w.state(loft, "es") == "PENDING: -");
    w.work();
    CHECK(w.state(loft, "es") == "TRANSLATED: es(Loft)");
    CHECK(w.state(loft, "ca") == "TRANSLATED: ca(Loft)");
    CHECK(w.view(loft.view(), "es")->fields[1].text == "es(Quiet.\n\nBright.)");
    CHECK(w.view(loft.view(), "es")->fields[1].origin == TextOrigin::machine);
    CHECK(w.view(loft.view(), "es")->fields[1].translator == "fake");
    CHECK(w.state(before, "es") == "TRANSLATED: es(Before)"); // what there was when it was enabled
    CHECK(w.tongue.take_asked().size() > 0);

    w.retitle(loft, "Big loft");
    CHECK(w.state(loft, "es") == "PENDING: es(Loft) (stale)");
    w.work();
    CHECK(w.state(loft, "es") == "TRANSLATED: es(Big loft)");
    CHECK(w.tongue.take_asked() == std::vector<std::string>{"ca: Big loft", "es: Big loft"}); // and not what stayed
    // What is no text asks for nothing.
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<Offering> {
      auto offering = *cx.tx.offerings().find(w.tenant, loft);
      offering.base_price_cents = 9900;
      json::Reader reader;
      return update_offering(cx, offering, reader);
    }));
    w.work();
    CHECK(w.tongue.take_asked().empty());

    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) { return delete_offering(cx, loft); }));
    CHECK_FALSE(w.row(loft.view(), "es"));
    CHECK(w.view(loft.view(), "es").error().code == Code::not_found);
  });
}

TEST_CASE("what a person writes is never written over; a changed source makes it stale") {
  on_both_stores("override", [](storage::Store& store) {
    TongueWorld w(store);
    REQUIRE(w.enable("es"));
    const auto loft = w.make("Loft", "Quiet");
    w.work();
    REQUIRE(w.override_title(loft, "es", "Mi loft"));
    CHECK(w.state(loft, "es") == "TRANSLATED: Mi loft");
    w.retitle(loft, "Big loft");
    w.work();
    CHECK(w.state(loft, "es") == "STALE: Mi loft (stale)");
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) { return retry_translation(cx, loft.view(), "es"); }));
    w.work();
    CHECK(w.state(loft, "es") == "STALE: Mi loft (stale)");
    // Written again, it is of the source as it is.
    REQUIRE(w.override_title(loft, "es", "Mi gran loft"));
    CHECK(w.state(loft, "es") == "TRANSLATED: Mi gran loft");
    // Given back, the machine does it.
    REQUIRE(w.override_title(loft, "es", nullptr));
    w.work();
    CHECK(w.state(loft, "es") == "TRANSLATED: es(Big loft)");
    {
      const auto who = w.owner();
      const auto bare = w.make("Bare"); // without a description
      const auto put = [&](const char* field, const json::Value& text) {
        return w.shop.write(w.tenant, [&](WriteContext& cx) {
          json::Reader reader;
          json::Object texts;
          texts[field] = text;
          return override_translation(cx, who, bare.view(), "es", texts, reader);
        });
      };
      CHECK(put("description", nullptr)); // there is nothing to take back
      CHECK(put("description", "Algo").error().code == Code::invalid_fields);
      CHECK(put("slug", nullptr).error().code == Code::invalid_fields);
    }
    CHECK(w.override_title(loft, "es", "").error().faults[0].pointer == "/title");
    CHECK(w.override_title(loft, "es", "a\nb").error().code == Code::invalid_fields);
    CHECK(w.override_title(loft, "es", 7).error().code == Code::invalid_fields);
    CHECK(w.override_title(loft, "fr", "Loft").error().code == Code::not_found);
    CHECK(w.state(loft, "es") == "TRANSLATED: es(Big loft)");
  });
}

TEST_CASE("an answer to what has been asked anew meanwhile is thrown away") {
  storage::MemoryStore store;
  TongueWorld w(store);
  REQUIRE(w.enable("es"));
  w.work();
  w.tongue.slow("es");
  const auto loft = w.make("Loft"), hut = w.make("Hut");
  while (w.desk.step(w.clock.now()).value()) {
  }
  w.retitle(loft, "Big loft");                       // while its translation is under way
  REQUIRE(w.override_title(hut, "es", "Mi cabaña")); // likewise
  REQUIRE(w.tongue.answer_waiting() == 1);
  REQUIRE(w.desk.step(w.clock.now()));
  CHECK(w.desk.stats().outdated == 2);
  CHECK(w.state(loft, "es") == "PENDING: -");
  CHECK(w.state(hut, "es") == "TRANSLATED: Mi cabaña");
  w.tongue.slow("es", false);
  w.tongue.answer_waiting();
  w.work();
  CHECK(w.state(loft, "es") == "TRANSLATED: es(Big loft)");
  CHECK(w.state(hut, "es") == "TRANSLATED: Mi cabaña");
}

TEST_CASE("a translator that is dead or slow delays nobody else") {
  on_both_stores("dead", [](storage::Store& store) {
    TongueWorld w(store);
    for (const char* tag : {"es", "fr"}) REQUIRE(w.enable(tag));
    w.work();
    w.tongue.slow("fr");
    std::vector<OfferingId> made;
    for (int i = 0; i < 150; ++i) made.push_back(w.make("Room " + std::to_string(i))); // more than one desk takes at a time
    while (w.desk.step(w.clock.now()).value()) {
    }
    for (const auto& id : made) CHECK(w.state(id, "es").starts_with("TRANSLATED"));
    CHECK(w.state(made[0], "fr") == "PENDING: -");
    // It fails at last.
    w.tongue.fail("fr", refusal_of(TranslationFailure::later, 5min));
    w.tongue.slow("fr", false);
    w.tongue.answer_waiting();
    w.work();
    const auto row = w.row(made[0].view(), "fr").value();
    CHECK(row.attempts == 1);
    CHECK(row.last_error == "It does not answer.");
    CHECK(row.next_attempt_at == w.clock.now() + 5min); // as it has asked
    w.tongue.take_asked();
    w.work();
    CHECK(w.tongue.take_asked().empty());
    // Tried often, it has FAILED, and is done when the translator is back.
    for (int i = 0; i < 5; ++i) {
      w.clock.advance(1h);
      w.work();
    }
    CHECK(w.state(made[0], "fr") == "FAILED: -");
    CHECK(w.state(made[0], "es") == "TRANSLATED: es(Room 0)");
    w.tongue.fail("fr", {});
    w.clock.advance(1h);
    w.work();
    for (const auto& id : made) CHECK(w.state(id, "fr").starts_with("TRANSLATED"));
  });
}

TEST_CASE("a wrong answer is no translation, and what failed is asked for alone") {
  storage::MemoryStore store;
  TongueWorld w(store);
  REQUIRE(w.enable("es"));
  w.work();
  const auto one = w.make("One"), two = w.make("Two");
  TranslationAnswer wrong;
  SUBCASE("too few texts") { wrong.texts = {"uno"}; }
  SUBCASE("an empty one") { wrong.texts = {" \n", ""}; }
  SUBCASE("none") { wrong.texts = {}; }
  SUBCASE("too many") { wrong.texts = {"uno", "dos", "tres"}; }
  w.tongue.fail("es", wrong);
  w.work();
  CHECK(w.state(one, "es") == "PENDING: -");
  CHECK(w.row(one.view(), "es")->attempts == 1);
  CHECK(w.tongue.take_asked() == std::vector<std::string>{"es: One | Two"});
  w.tongue.fail("es", {});
  w.clock.advance(1min);
  w.work();
  CHECK(w.tongue.take_asked() == std::vector<std::string>{"es: One", "es: Two"});
  CHECK(w.state(two, "es") == "TRANSLATED: es(Two)");
}

TEST_CASE("a budget that is used up counts as no failure; a pair that nobody serves is looked at again, rarely") {
  storage::MemoryStore store;
  TongueWorld w(store);
  for (const char* tag : {"es", "de"}) REQUIRE(w.enable(tag));
  w.tongue.fail("es", refusal_of(TranslationFailure::budget, 10h));
  const auto loft = w.make("Loft");
  w.work();
  CHECK(w.row(loft.view(), "es")->attempts == 0);
  CHECK(w.row(loft.view(), "es")->next_attempt_at == w.clock.now() + 10h);
  CHECK(w.state(loft, "de") == "NO_TRANSLATOR: -");
  REQUIRE(w.override_title(loft, "de", "Speicher"));
  CHECK(w.state(loft, "de") == "TRANSLATED: Speicher"); // people need no translator
  const auto hut = w.make("Hut");
  w.work();
  w.tongue.teach("de");
  w.work();
  CHECK(w.state(hut, "de") == "NO_TRANSLATOR: -");
  w.clock.advance(translator_look_interval);
  w.work();
  CHECK(w.state(hut, "de") == "TRANSLATED: de(Hut)");
}

TEST_CASE("what a desk that died had taken is done by another") {
  storage::MemoryStore store;
  TongueWorld w(store);
  REQUIRE(w.enable("es"));
  w.work();
  w.tongue.slow("es");
  const auto loft = w.make("Loft");
  {
    TranslationDesk dying(w.shop, w.tongue);
    while (dying.step(w.clock.now()).value()) {
    }
  }
  w.tongue.slow("es", false);
  w.tongue.answer_waiting(); // to nobody
  w.work();
  CHECK(w.state(loft, "es") == "PENDING: -"); // it might still be at it
  w.clock.advance(2min);
  w.work();
  CHECK(w.state(loft, "es") == "TRANSLATED: es(Loft)");
}

TEST_CASE("a language that goes takes what machines made of it, and leaves what people wrote") {
  on_both_stores("gone", [](storage::Store& store) {
    TongueWorld w(store);
    REQUIRE(w.enable("es"));
    const auto loft = w.make("Loft", "Quiet"), hut = w.make("Hut");
    w.work();
    REQUIRE(w.override_title(loft, "es", "Mi loft"));
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) { return remove_locale(cx, "es"); }));
    CHECK(w.shop.write(w.tenant, [&](WriteContext& cx) { return remove_locale(cx, "es"); }).error().code == Code::not_found);
    CHECK_FALSE(w.row(hut.view(), "es"));
    REQUIRE(w.row(loft.view(), "es"));
    CHECK(w.row(loft.view(), "es")->texts.size() == 1);
    w.retitle(loft, "Big loft");
    w.make("Shed");
    w.tongue.take_asked();
    w.work();
    CHECK(w.tongue.take_asked().empty());
    REQUIRE(w.enable("es"));
    w.work();
    CHECK(w.state(loft, "es") == "STALE: Mi loft (stale)");
    CHECK(w.view(loft.view(), "es")->fields[1].text == "es(Quiet)");
    CHECK(w.state(hut, "es") == "TRANSLATED: es(Hut)");
  });
}

TEST_CASE("which languages can be enabled") {
  storage::MemoryStore store;
  TongueWorld w(store);
  CHECK(w.enable("en").error().code == Code::invalid_fields); // its own
  CHECK(w.enable("EN").error().code == Code::invalid_fields);
  CHECK(w.enable("no language").error().code == Code::invalid_fields);
  CHECK(w.enable("pt-br")->locale == "pt-BR");
  CHECK(w.enable("PT-BR").error().code == Code::already_exists);
  for (std::size_t i = 1; i < most_tenant_locales; ++i)
    REQUIRE(w.enable(std::string{static_cast<char>('a' + i % 26), static_cast<char>('a' + i / 26), 'x'}));
  CHECK(w.enable("es").error().code == Code::invalid_fields);
}

TEST_CASE("a large catalogue is queued page by page, with the storefront and its reviews") {
  on_both_stores("sweep", [](storage::Store& store) {
    TongueWorld w(store);
    std::vector<OfferingId> made;
    for (int i = 0; i < 250; ++i) made.push_back(w.make("Room " + std::to_string(i)));
    const auto who = w.owner();
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) {
      Branding brand;
      brand.tagline = "Rooms";
      brand.about = "We are two.";
      brand.sale_badges = {{"New", {}, {}, {}}};
      json::Reader reader;
      return set_branding(cx, who, brand, reader);
    }));
    REQUIRE(w.enable("es"));
    CHECK_FALSE(w.row(made[0].view(), "es")); // nothing but the sweep is written with it
    w.work();
    for (const auto& id : made) CHECK(w.state(id, "es").starts_with("TRANSLATED"));
    const auto brand = w.view(w.tenant.view(), "es");
    REQUIRE(brand);
    CHECK(brand->fields.size() == 3);
    CHECK(brand->fields[0].text == "es(Rooms)");
    CHECK(brand->fields[2].field == "saleBadges.New");
    CHECK(brand->fields[2].text == "es(New)");
    // An import asks for a sweep, which does not do again what is done.
    w.tongue.take_asked();
    REQUIRE(w.shop.write(w.tenant, [&](WriteContext& cx) -> Result<void> {
      auto extra = support::room();
      extra.id = cx.make_id<OfferingId>();
      extra.title = "Imported";
      extra.slug = "imported";
      cx.tx.offerings().insert(cx.tenant, extra);
      made.push_back(extra.id);
      translations::queue_many(cx);
      return {};
    }));
    w.work();
    CHECK(w.tongue.take_asked() == std::vector<std::string>{"es: Imported"});
    CHECK(w.state(made.back(), "es") == "TRANSLATED: es(Imported)");
  });
}

TEST_CASE("reviews and replies are translated; a tenant that speaks another language has all texts anew") {
  storage::MemoryStore store;
  TrustWorld trust(store);
  FakeTranslator tongue;
  TranslationDesk desk(trust.platform, tongue);
  const auto owner = [&] {
    return store.read([&](const storage::ReadTransaction& tx) -> Result<Tenant> { return tx.tenants().find(trust.tenant).value(); })
        .value();
  };
  auto who = owner();
  REQUIRE(trust.platform.write(trust.tenant, [&](WriteContext& cx) { return add_locale(cx, who, "es"); }));
  ReviewId id;
  REQUIRE(trust.platform.write(trust.tenant, [&](WriteContext& cx) -> Result<void> {
    Review review;
    review.id = id = cx.make_id<ReviewId>();
    review.offering_id = trust.offering;
    review.rating = 5;
    review.text = "Lovely";
    cx.tx.reviews().insert(cx.tenant, review);
    return {};
  }));
  REQUIRE(trust.platform.write(trust.tenant, [&](WriteContext& cx) { return reply_to_review(cx, id, {"Thanks"}); }));
  REQUIRE(desk.settle(trust.platform.now()));
  const auto view = [&] {
    return store.read([&](const storage::ReadTransaction& tx) { return translation_view(tx, who, id.view(), "es"); }).value();
  };
  REQUIRE(view().fields.size() == 2);
  CHECK(view().fields[0].text == "es(Lovely)");
  CHECK(view().fields[1].text == "es(Thanks)");
  // From now on it speaks Spanish itself, which is no translation any more.
  who.locale = "es";
  REQUIRE(trust.platform.write(trust.tenant, [&](WriteContext& cx) {
    json::Reader reader;
    return set_branding(cx, who, Branding{}, reader);
  }));
  CHECK(store.read([&](const storage::ReadTransaction& tx) -> Result<std::vector<std::string>> { return storefront_locales(tx, who); })
            .value() == std::vector<std::string>{"es"});
}

TEST_CASE("the worker does so by itself, and ends while a translator is at it") {
  storage::MemoryStore store;
  TongueWorld w(store);
  {
    TranslationWorker worker(w.shop, w.tongue);
    REQUIRE(w.enable("es"));
    const auto loft = w.make("Loft");
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (w.state(loft, "es") != "TRANSLATED: es(Loft)" && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(2ms);
    CHECK(w.state(loft, "es") == "TRANSLATED: es(Loft)");
    w.tongue.slow("es");
    w.tongue.take_asked();
    w.make("Hut");
    while (w.tongue.take_asked().empty() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(2ms);
  }
  CHECK(w.tongue.answer_waiting() == 1);
}
