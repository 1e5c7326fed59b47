#include "support/api_world.hpp"
#include "support/fake_translator.hpp"

#include "orkestr/platform/translations.hpp"

#include <doctest/doctest.h>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

namespace {

struct TongueWorld : ApiWorld {
  FakeTranslator tongue;
  TranslationDesk desk{platform, tongue};

  void work() { REQUIRE(desk.settle(platform.now())); }
  Answer as_admin(Method method, std::string target, std::string body = {}) {
    return send(method, std::move(target), std::move(body), admin);
  }
  void enable(const std::string& tag) {
    const auto added = as_admin(Method::post, "/v1/provider/locales", R"({"locale":")" + tag + R"("})");
    REQUIRE(added.status() == 201);
  }
  OfferingId make(const std::string& title) {
    const auto made = send(Method::post, "/v1/api/offerings",
                           R"({"title":")" + title +
                               R"(","description":"Quiet.","productTypeKey":"space","basePriceCents":100,"currency":"USD",)"
                               R"("status":"PUBLISHED"})",
                           admin);
    REQUIRE(made.status() == 201);
    return *OfferingId::parse(made.text("id"));
  }
};

std::string json_of(const json::Value& value) { return boost::json::serialize(value); }

} // namespace

TEST_CASE("languages are enabled, counted and disabled") {
  TongueWorld w;
  CHECK(w.as_admin(Method::get, "/v1/provider/locales").data().empty());
  const auto added = w.as_admin(Method::post, "/v1/provider/locales", R"({"locale":"pt-br"})");
  REQUIRE(added.status() == 201);
  CHECK(added.text("locale") == "pt-BR");
  CHECK(added.text("name") == "português (BR)");
  CHECK(added.raw.header("Location") == "/v1/provider/locales/pt-BR");
  CHECK(added.body.at("translator").is_null());
  w.enable("ar");
  CHECK(w.as_admin(Method::get, "/v1/provider/locales").data()[0].at("rightToLeft") == true);
  CHECK(w.as_admin(Method::post, "/v1/provider/locales", R"({"locale":"PT-BR"})").code() == "already_exists");
  CHECK(w.as_admin(Method::post, "/v1/provider/locales", R"({"locale":"en"})").code() == "invalid_fields");
  CHECK(w.as_admin(Method::post, "/v1/provider/locales", R"({"locale":"not a tag"})").code() == "invalid_fields");
  w.enable("es");
  w.make("Loft");
  w.make("Hut");
  const auto count = [&](const char* state) { return w.as_admin(Method::get, "/v1/provider/locales").data()[1].at(state).as_int64(); };
  CHECK(count("pending") == 2);
  w.work();
  CHECK(count("pending") == 0);
  CHECK(count("translated") == 2);
  CHECK(w.as_admin(Method::get, "/v1/provider/locales").data()[0].at("noTranslator") == 2); // Arabic
  // The storefront says what it speaks: its own language first.
  CHECK(json_of(w.send(Method::get, "/v1/public/atlas").body.at("locales")) == R"(["en","ar","es","pt-BR"])");
  CHECK(json_of(w.send(Method::get, "/v1/public/borealis").body.at("locales")) == R"(["en"])");

  CHECK(w.as_admin(Method::del, "/v1/provider/locales/PT-br").status() == 204);
  CHECK(w.as_admin(Method::del, "/v1/provider/locales/pt-BR").code() == "not_found");
  CHECK(w.as_admin(Method::del, "/v1/provider/locales/%20").code() == "not_found");
  CHECK(json_of(w.send(Method::get, "/v1/public/atlas").body.at("locales")) == R"(["en","ar","es"])");
  CHECK(w.send(Method::get, "/v1/provider/locales", {}, w.other_key).data().empty());
  CHECK(w.as_admin(Method::get, "/v1/provider/audit?action=locale.add").data().size() == 3);
  CHECK(w.as_admin(Method::get, "/v1/provider/audit?action=locale.remove").data().size() == 1);
}

TEST_CASE("?locale= adds what there is in the reader's language, and leaves the rest as it is") {
  TongueWorld w;
  w.enable("es");
  const auto id = w.make("Loft");
  const auto shed = w.make("Shed");
  w.work();
  const auto later = w.make("Later"); // not translated yet
  const std::string one = "/v1/public/atlas/offerings/loft";
  const auto plain = w.send(Method::get, one);
  CHECK_FALSE(plain.body.as_object().contains("translation"));
  const auto spanish = w.send(Method::get, one + "?locale=es-MX");
  CHECK(spanish.text("title") == "Loft");
  CHECK(json_of(spanish.body.at("translation")) == R"~({"locale":"es","machine":true,"title":"es(Loft)","description":"es(Quiet.)"})~");
  CHECK(spanish.raw.header("ETag") != plain.raw.header("ETag"));
  CHECK(spanish.body.as_object().size() == plain.body.as_object().size() + 1);
  for (const char* tag : {"en", "en-GB", "fr", "zh-Hant"})
    CHECK(w.send(Method::get, one + "?locale=" + tag).body.at("translation").is_null());
  for (const char* tag : {"", "x", "es_MX", "es%20"}) CHECK(w.send(Method::get, one + "?locale=" + tag).code() == "invalid_parameter");

  const auto list = w.send(Method::get, "/v1/public/atlas/offerings?locale=es&limit=2");
  REQUIRE(list.data().size() == 2);
  CHECK(list.data()[0].at("translation").is_null());
  CHECK(list.data()[0].at("id").as_string() == later.view());
  CHECK(list.data()[1].at("translation").at("title") == "es(Shed)");
  const auto next = w.send(Method::get, "/v1/public/atlas/offerings?locale=es&cursor=" + list.text("nextCursor"));
  REQUIRE(next.data().size() == 1);
  CHECK(next.data()[0].at("translation").at("title") == "es(Loft)");
  for (const char* sort : {"price", "-price", "newest"})
    CHECK(w.send(Method::get, std::string{"/v1/public/atlas/offerings?locale=es&sort="} + sort)
              .data()[0]
              .as_object()
              .contains("translation"));
  CHECK_FALSE(w.send(Method::get, "/v1/public/atlas/offerings").data()[0].as_object().contains("translation"));
  // By key, too.
  CHECK(w.get("/v1/api/offerings/" + id.str() + "?locale=es").body.at("translation").at("title") == "es(Loft)");
  CHECK(w.get("/v1/api/offerings/shed?locale=es").body.at("translation").at("title") == "es(Shed)");
  CHECK(w.get("/v1/api/offerings?locale=es").data()[2].at("translation").at("title") == "es(Loft)");
  CHECK_FALSE(w.get("/v1/api/offerings").data()[0].as_object().contains("translation"));

  // A machine's text of another source is not shown; a person's is.
  REQUIRE(w.patch("/v1/api/offerings/" + id.str(), R"({"title":"Big loft"})").status() == 200);
  CHECK(json_of(w.send(Method::get, one + "?locale=es").body.at("translation")) ==
        R"~({"locale":"es","machine":true,"description":"es(Quiet.)"})~");
  REQUIRE(
      w.as_admin(Method::put, "/v1/provider/translations/" + id.str() + "/es", R"({"texts":{"title":"Mi loft","description":"Silencio."}})")
          .status() == 200);
  REQUIRE(w.patch("/v1/api/offerings/" + id.str(), R"({"title":"Huge loft"})").status() == 200);
  CHECK(json_of(w.send(Method::get, one + "?locale=es").body.at("translation")) ==
        R"({"locale":"es","machine":false,"title":"Mi loft","description":"Silencio."})");
  (void)shed;
}

TEST_CASE("the storefront's own words are translated, and what is not live is not told") {
  TongueWorld w;
  w.enable("es");
  REQUIRE(
      w.patch("/v1/provider/branding",
              R"({"tagline":"Rooms","about":"We are two.\n\nAnd a dog.","announcement":{"text":"Soon","validFrom":"2026-06-01T00:00:00Z"},)"
              R"("saleBadges":[{"label":"\"New\""},{"label":"June","validFrom":"2026-06-01T00:00:00Z"}]})")
          .status() == 200);
  w.work();
  const auto get = [&] { return w.send(Method::get, "/v1/public/atlas?locale=es"); };
  CHECK(get().text("about") == "We are two.\n\nAnd a dog.");
  CHECK(
      json_of(get().body.at("translation")) ==
      R"~({"locale":"es","machine":true,"tagline":"es(Rooms)","about":"es(We are two.\n\nAnd a dog.)","saleBadges":{"\"New\"":"es(\"New\")"}})~");
  w.clock.set(*Instant::parse("2026-06-01T00:00:00Z"));
  CHECK(get().body.at("translation").at("announcement") == "es(Soon)");
  CHECK(get().body.at("translation").at("saleBadges").at("June") == "es(June)");
  CHECK_FALSE(w.send(Method::get, "/v1/public/atlas").body.as_object().contains("translation"));
  CHECK(w.send(Method::get, "/v1/public/borealis?locale=es").body.at("translation").is_null());
}

TEST_CASE("people see each text in both languages, and write over the machine") {
  TongueWorld w;
  w.enable("es");
  w.enable("ca");
  const auto id = w.make("Loft");
  const std::string path = "/v1/provider/translations/" + id.str() + "/es";
  CHECK(w.as_admin(Method::get, path).text("state") == "PENDING");
  w.work();
  const auto before = w.as_admin(Method::get, path);
  CHECK(json_of(before.body.at("fields")) ==
        R"~([{"field":"title","source":"Loft","text":"es(Loft)","origin":"MACHINE","stale":false,"translator":"fake"},)~"
        R"~({"field":"description","source":"Quiet.","text":"es(Quiet.)","origin":"MACHINE","stale":false,"translator":"fake"}])~");
  const auto put = [&](std::string body, Headers headers = {}) {
    return w.send(Method::put, path, std::move(body), w.admin, std::move(headers));
  };
  CHECK(put(R"({"texts":{}})").code() == "invalid_fields");
  CHECK(put(R"({"texts":{"title":""}})").code() == "invalid_fields");
  CHECK(put(R"({"texts":{"title":"two\nlines"}})").code() == "invalid_fields");
  CHECK(put(R"({"texts":{"title":7}})").code() == "invalid_fields");
  const auto unknown = put(R"({"texts":{"title":"Mi loft","slug":"loft"}})");
  CHECK(unknown.code() == "invalid_fields");
  CHECK(unknown.body.at("errors").at(0).at("pointer") == "/texts/slug");
  CHECK(w.as_admin(Method::get, path).raw.body == before.raw.body);
  const auto after = put(R"({"texts":{"title":"Mi loft"}})", {{"If-Match", std::string{before.raw.header("ETag")}}});
  REQUIRE(after.status() == 200);
  CHECK(after.body.at("fields").at(0).at("origin") == "MANUAL");
  CHECK(after.body.at("fields").at(0).at("translator").is_null());
  CHECK(put(R"({"texts":{"title":"Otro"}})", {{"If-Match", std::string{before.raw.header("ETag")}}}).code() == "precondition_failed");

  // What has changed shows as stale, and can be found.
  REQUIRE(w.patch("/v1/api/offerings/" + id.str(), R"({"title":"Big loft"})").status() == 200);
  w.work();
  CHECK(w.as_admin(Method::get, path).text("state") == "STALE");
  CHECK(w.as_admin(Method::get, path).body.at("fields").at(0).at("stale") == true);
  const auto listed = [&](const std::string& query) { return w.as_admin(Method::get, "/v1/provider/translations?" + query).data(); };
  CHECK(listed("").size() == 2);
  REQUIRE(listed("state=STALE").size() == 1);
  CHECK(listed("state=STALE")[0].at("locale") == "es");
  CHECK(listed("state=STALE")[0].at("overridden") == true);
  CHECK(listed("locale=CA&kind=OFFERING").size() == 1);
  CHECK(listed("kind=REVIEW").empty());
  // Page by page, each row once.
  const auto first = w.as_admin(Method::get, "/v1/provider/translations?limit=1");
  REQUIRE(first.data().size() == 1);
  const auto second = w.as_admin(Method::get, "/v1/provider/translations?limit=1&cursor=" + first.text("nextCursor"));
  REQUIRE(second.data().size() == 1);
  CHECK(second.data()[0].at("locale") != first.data()[0].at("locale"));
  CHECK(second.body.at("hasMore") == false);
  CHECK(w.as_admin(Method::get, "/v1/provider/audit?cursor=" + first.text("nextCursor")).code() == "invalid_cursor");

  REQUIRE(put(R"({"texts":{"title":null}})").text("state") == "PENDING");
  w.work();
  CHECK(w.as_admin(Method::get, path).body.at("fields").at(0).at("text") == "es(Big loft)");
  const auto retried = w.as_admin(Method::post, path + "/retry");
  CHECK(retried.status() == 200);
  CHECK(retried.text("state") == "PENDING");

  // Nobody else's, and nothing that is not there.
  CHECK(w.send(Method::get, path, {}, w.other_key).code() == "not_found");
  CHECK(w.send(Method::put, path, R"({"texts":{"title":"x"}})", w.other_key).code() == "not_found");
  CHECK(w.send(Method::get, path, {}, w.key).code() == "insufficient_scope");
  CHECK(w.as_admin(Method::get, "/v1/provider/translations/" + id.str() + "/fr").code() == "not_found");
  CHECK(w.as_admin(Method::get, "/v1/provider/translations/off_nothing/es").code() == "not_found");
  CHECK(w.as_admin(Method::get, "/v1/provider/translations/" + w.tenant.str() + "/es").code() == "not_found"); // it says nothing yet
  CHECK(w.as_admin(Method::get, "/v1/provider/translations/" + w.other_tenant.str() + "/es").code() == "not_found");
}

TEST_CASE("what a coupon gives is translated, shown at the price, and gone with the coupon") {
  TongueWorld w;
  w.enable("es");
  const auto made = w.as_admin(Method::post, "/v1/api/coupons", R"({"code":"TEN","description":"Ten off","kind":"PERCENT","amount":10})");
  REQUIRE(made.status() == 201);
  CHECK(made.text("description") == "Ten off");
  const auto path = "/v1/api/coupons/" + made.text("id");
  w.work();
  CHECK(json_of(w.as_admin(Method::get, path + "?locale=es").body.at("translation")) ==
        R"~({"locale":"es","machine":true,"description":"es(Ten off)"})~");
  CHECK_FALSE(w.as_admin(Method::get, path).body.as_object().contains("translation"));
  CHECK(w.as_admin(Method::get, "/v1/api/coupons?locale=es").data()[0].at("translation").at("description") == "es(Ten off)");
  CHECK(w.as_admin(Method::get, "/v1/provider/translations?locale=es&kind=COUPON").data().size() == 1);

  const auto offering = w.make_offering(w.tenant, "Loft");
  const auto price = [&](const std::string& query, const std::string& coupon) {
    return w.send(Method::post, "/v1/public/atlas/quotes" + query,
                  R"({"offeringId":")" + offering.str() + R"(","startsAt":"2026-05-04T14:00:00Z","endsAt":"2026-05-04T15:00:00Z")" +
                      coupon + "}");
  };
  const std::string ten = R"(,"couponCode":"TEN")";
  CHECK(price("", ten).text("couponDescription") == "Ten off");
  CHECK_FALSE(price("", ten).body.as_object().contains("translation"));
  CHECK(price("", "").body.at("couponDescription").is_null());
  CHECK(json_of(price("?locale=es-MX", ten).body.at("translation")) ==
        R"~({"locale":"es","machine":true,"couponDescription":"es(Ten off)"})~");
  CHECK(price("?locale=es", "").body.at("translation").is_null());
  CHECK(price("?locale=de", ten).body.at("translation").is_null());

  // Who writes over it is kept to; what changes is translated anew; what is deleted has no translations, and gets them back.
  CHECK(w.as_admin(Method::put, "/v1/provider/translations/" + made.text("id") + "/es", R"({"texts":{"description":"Diez menos"}})")
            .status() == 200);
  CHECK(w.as_admin(Method::patch, path, R"({"description":"Ten per cent off"})").status() == 200);
  w.work();
  CHECK(price("?locale=es", ten).body.at("translation").at("couponDescription") == "Diez menos");
  CHECK(w.as_admin(Method::put, "/v1/provider/translations/" + made.text("id") + "/es", R"({"texts":{"code":"X"}})").code() ==
        "invalid_fields");
  CHECK(w.as_admin(Method::patch, path, R"({"description":"two\nlines"})").code() == "invalid_fields");
  CHECK(w.as_admin(Method::del, path).status() == 204);
  CHECK(w.as_admin(Method::get, "/v1/provider/translations?locale=es&kind=COUPON").data().empty());
  CHECK(w.as_admin(Method::post, "/v1/provider/coupons/" + made.text("id") + "/restore").status() == 200);
  w.work();
  CHECK(price("?locale=es", ten).body.at("translation").at("couponDescription") == "es(Ten per cent off)");
  // A language that comes later finds the coupons that are there.
  w.enable("fr");
  w.work();
  CHECK(price("?locale=fr", ten).body.at("translation").at("couponDescription") == "fr(Ten per cent off)");
}
