#include "support/api_world.hpp"

#include <doctest/doctest.h>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

TEST_CASE("a tenant brands its storefront") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Riverside Loft");
  const auto get = [&] { return w.send(Method::get, "/v1/provider/branding", {}, w.admin); };
  const auto visitors = [&] { return w.send(Method::get, "/v1/public/atlas"); };

  const auto before = get();
  REQUIRE(before.status() == 200);
  CHECK(before.raw.body ==
        R"({"name":"Atlas Studios","displayCurrency":"USD","timeZone":"America/New_York","locale":"en","logoUrl":null,)"
        R"("brandColor":null,"template":"CLASSIC","tagline":null,"announcement":null,"about":null,"saleBadges":[],"embedOrigins":[]})");
  CHECK(visitors().body.at("saleBadges").as_array().empty());
  CHECK(visitors().text("template") == "CLASSIC");

  const auto me = w.get("/v1/api/me").body.at("tenant");
  const auto changed = w.patch(
      "/v1/provider/branding",
      R"({"name":"Atlas","displayCurrency":"EUR","timeZone":"Europe/Lisbon","locale":"pt-PT","logoUrl":"https://images.example.com/a.svg",)"
      R"("brandColor":"#0F766E","template":"GALLERY","tagline":"By the river",)"
      R"("announcement":{"text":"Open late","linkUrl":"https://example.com/late","validFrom":"2026-05-02T00:00:00Z","validUntil":"2026-05-03T00:00:00Z"},)"
      R"("saleBadges":[{"label":"May","offeringIds":[")" +
          offering.str() + R"("],"validUntil":"2026-05-02T12:00:00Z"},{"label":"New"}],"embedOrigins":["https://*.example.com"]})",
      {{"If-Match", std::string{before.raw.header("ETag")}}});
  REQUIRE(changed.status() == 200);
  CHECK(changed.raw.body == get().raw.body);
  CHECK(changed.raw.header("ETag") == get().raw.header("ETag"));
  CHECK(get().text("template") == "GALLERY");
  CHECK(w.get("/v1/api/me").body.at("tenant").at("name") == "Atlas");
  CHECK(w.get("/v1/api/me").body.at("tenant").as_object().size() == me.as_object().size());

  // Visitors see what is live, and nothing of when it begins or ends.
  CHECK(visitors().body.at("announcement").is_null());
  CHECK(visitors().body.at("saleBadges").as_array().size() == 2);
  CHECK(boost::json::serialize(visitors().body.at("embedOrigins")) == R"(["https://*.example.com"])");
  CHECK(visitors().text("tagline") == "By the river");
  w.clock.set(*Instant::parse("2026-05-02T12:00:01Z"));
  CHECK(boost::json::serialize(visitors().body.at("announcement")) == R"({"text":"Open late","linkUrl":"https://example.com/late"})");
  CHECK(boost::json::serialize(visitors().body.at("saleBadges")) == R"([{"label":"New","offeringIds":[]}])");

  CHECK(w.patch("/v1/provider/branding", R"({"tagline":null})", {{"If-Match", std::string{before.raw.header("ETag")}}}).code() ==
        "precondition_failed");
  const auto cleared = w.patch("/v1/provider/branding", R"({"announcement":null,"tagline":null,"logoUrl":null,"saleBadges":[]})");
  CHECK(cleared.status() == 200);
  CHECK(cleared.body.at("announcement").is_null());
  CHECK(cleared.text("brandColor") == "#0F766E"); // what is left out stays
  CHECK(w.send(Method::get, "/v1/provider/audit?action=branding.update", {}, w.admin).data().size() == 2);

  // It is this tenant's alone, and for keys with the scope admin.
  CHECK(w.send(Method::get, "/v1/public/borealis").text("template") == "CLASSIC");
  CHECK(w.send(Method::get, "/v1/provider/branding", {}, w.other_key).text("name") == "Borealis");
  CHECK(w.send(Method::get, "/v1/provider/branding", {}, w.key).code() == "insufficient_scope");
  CHECK(w.send(Method::patch, "/v1/provider/branding", "{}", w.key).code() == "insufficient_scope");
}

TEST_CASE("a branding that will not do is refused with all its faults") {
  ApiWorld w;
  const auto theirs = w.make_offering(w.other_tenant, "Elsewhere");
  const auto faults = [&](const std::string& body) {
    const auto answer = w.patch("/v1/provider/branding", body);
    CHECK(answer.status() == 422);
    return answer.faults();
  };
  CHECK(
      faults(
          R"({"name":"","displayCurrency":"XXZ","timeZone":"Mars/Olympus","locale":"en_US","logoUrl":"http://example.com/a.png","brandColor":"red"})") ==
      "/brandColor too_short; /displayCurrency invalid_format; /locale invalid_format; /logoUrl invalid_format; /name too_short; /timeZone invalid_format");
  CHECK(faults(R"({"name":"a\r\nBcc: x"})") == "/name invalid_format");
  CHECK(faults(R"({"id":"x","subdomain":"mine","kybStatus":"VERIFIED","status":"ACTIVE","customDomain":"x"})") ==
        "/customDomain unknown_field; /id unknown_field; /kybStatus unknown_field; /status unknown_field; /subdomain unknown_field");
  CHECK(faults(R"({"name":null,"template":null,"saleBadges":null})") ==
        "/name not_nullable; /saleBadges not_nullable; /template not_nullable");
  CHECK(faults(R"({"saleBadges":[{"label":"x","offeringIds":[")" + theirs.str() +
               R"("]}],"embedOrigins":["https://a.example; script-src *"]})") ==
        "/embedOrigins/0 invalid_format; /saleBadges/0/offeringIds/0 not_found");
  CHECK(w.send(Method::get, "/v1/provider/branding", {}, w.admin).text("name") == "Atlas Studios");
}
