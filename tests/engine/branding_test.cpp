#include "orkestr/engine/branding.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace orkestr;

namespace {

Instant at(std::string_view text) { return *Instant::parse(text); }

std::string faults(const Branding& branding) {
  json::Reader reader;
  validate(branding, reader);
  std::string all;
  for (const auto& fault : reader.faults) all += (all.empty() ? "" : "; ") + fault.pointer + " " + std::string{fault.code};
  return all;
}

} // namespace

TEST_CASE("sites that may frame the widget") {
  const std::string long_label(63, 'a');
  for (const auto& good :
       std::vector<std::string>{"https://www.example.com", "https://example.com:8443", "https://*.example.com", "https://*.example.com:444",
                                "https://xn--bcher-kva.example", "https://a.b-c.example.co.uk", "https://localhost", "https://*.localhost",
                                "https://127.0.0.1:1", "https://" + long_label + ".example", "http://localhost", "http://localhost:3000",
                                "http://localhost:*", "http://shop.localhost:8080", "http://*.localhost", "http://*.localhost:*",
                                "http://127.0.0.1", "http://127.0.0.1:*", "http://127.0.0.1:65535"})
    CHECK_MESSAGE(is_embed_origin(good), good);
  for (const auto& wrong : std::vector<std::string>{
           // What would end or extend the directive.
           "", "*", "https:", "https://*", "'self'", "'none'", "data:", "https://a.example 'self'", "https://a.example *",
           "https://a.example;", "https://a.example; script-src *", "https://a.example,https://b.example", "https://a.example\n",
           "https://a.example\r\nX: y", "\thttps://a.example", " https://a.example", "https://a.example ", "https://a'.example",
           "https://a\".example", "https://a.example\x7f", std::string("https://a.example\0", 18), std::string("https://a\0.example", 18),
           "https://b\xc3\xbc"
           "cher.example",
           "https://a.example%20*", "https://a.example\\", "https://<a>.example",
           // What is no origin.
           "https://a.example/", "https://a.example/path", "https://a.example?q", "https://a.example#f", "https://u@a.example",
           "https://u:p@a.example", "https://", "https://.", "https://a..example", "https://.a.example", "https://a.example.",
           "https://-a.example", "https://a-.example", "https://a_b.example", "https://" + long_label + "a.example", "ftp://a.example",
           "a.example", "//a.example", "HTTPS://a.example", "https://A.example", "https://a.example:", "https://a.example:0",
           "https://a.example:080", "https://a.example:65536", "https://a.example:123456", "https://a.example:*", "https://a.example:-1",
           "https://a.example:1:2",
           // Wildcards that mean too much, or stand elsewhere than browsers take them.
           "https://*.com", "https://*.", "https://**.example.com", "https://a.*.example.com", "https://*.*.example.com", "https://www.*",
           "https://*a.example.com", "https://*.*", "https://*:443",
           // Addresses are never matched, and http is for this machine.
           "https://203.0.113.7", "https://0x7f.1", "https://1", "https://*.0.0.1", "https://[::1]", "http://[::1]", "http://[::1]:*",
           "http://a.example", "http://*.example.com", "http://*", "http://*:*", "http://localhost.example.com", "http://127.0.0.2",
           "http://*.127.0.0.1", "http://notlocalhost", "http://localhost:**", "http://.localhost"})
    CHECK_MESSAGE(!is_embed_origin(wrong), wrong);
  // No character but those of an origin passes, wherever it stands.
  const std::string origin = "https://www.example.com:8443";
  for (int c = 0; c < 256; ++c)
    for (std::size_t i = 0; i <= origin.size(); ++i) {
      std::string text = origin;
      text.insert(i, 1, static_cast<char>(c));
      const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
      if (!plain) CHECK_MESSAGE(!is_embed_origin(text), text);
    }
  std::string most = "https://";
  for (int i = 0; i < 3; ++i) most += long_label + ".";
  CHECK(is_embed_origin(most + std::string(61, 'a')));
  CHECK_FALSE(is_embed_origin(most + std::string(62, 'a')));
}

TEST_CASE("where visitors may be sent") {
  for (const auto* good :
       {"https://www.example.com", "https://example.com/a?b=c#d", "https://example.com:8443/", "https://203.0.113.7/x",
        "https://example.com/@ada", "http://localhost:8080/o/loft", "http://atlas.localhost/", "http://127.0.0.1", "http://[::1]:8080/"})
    CHECK_MESSAGE(is_link_url(good), good);
  for (const auto* wrong :
       {"", "https://", "https:///x", "http://example.com", "javascript:alert(1)", "https://u:p@example.com",
        "https://example.com\\@evil.example", "https://exa mple.com", "https://example.com/\"x", "https://example.com/<x",
        "https://example.com:x", "https://example.com:", "//example.com", "HTTPS://example.com",
        "https://b\xc3\xbc"
        "cher.example",
        "http://localhost.example.com", "http://localhost@example.com"})
    CHECK_MESSAGE(!is_link_url(wrong), wrong);
  CHECK(is_image_url("https://images.example.com/logo.svg"));
  CHECK_FALSE(is_image_url("http://localhost/logo.svg"));
}

TEST_CASE("colours, locales and zones") {
  for (const auto* good : {"#0F766E", "#abcdef", "#000000"}) CHECK(is_brand_color(good));
  for (const auto* wrong : {"", "#fff", "0F766E0", "#0F766G", "#0F766E0", "red;}}"}) CHECK_FALSE(is_brand_color(wrong));
  for (const auto* good : {"en", "pt-BR", "zh-Hant-TW", "es-419", "gsw"}) CHECK(is_locale(good));
  for (const auto* wrong : {"", "e", "engl", "en-", "en_US", "-en", "en--US", "en-a", "en-toolongpart", "1n", "en US"})
    CHECK_FALSE(is_locale(wrong));
  CHECK(is_time_zone("America/New_York"));
  CHECK_FALSE(is_time_zone("America/Atlantis"));
}

TEST_CASE("announcements and badges are live from their first instant to their last") {
  const Instant from = at("2026-05-01T00:00:00Z"), until = at("2026-05-31T23:59:59Z");
  constexpr auto tick = milliseconds{1};
  Branding branding;
  CHECK(live_announcement(branding, from) == nullptr);
  branding.announcement = Announcement{"Open late", {}, {}, {}};
  CHECK(live_announcement(branding, from) == &*branding.announcement);
  branding.announcement->valid_from = from;
  branding.announcement->valid_until = until;
  CHECK(live_announcement(branding, from - tick) == nullptr);
  for (const auto when : {from, until}) CHECK(live_announcement(branding, when) != nullptr);
  CHECK(live_announcement(branding, until + tick) == nullptr);

  const auto one = *OfferingId::parse("off_01kq4f6g7h8j9k0m1n2p3q4r5s"), two = *OfferingId::parse("off_01kq4f6g7h8j9k0m1n2p3q4r5t");
  CHECK(badge_of(branding, one, from) == nullptr);
  branding.sale_badges = {{"May", {one}, from, until}, {"Loft", {one}, {}, {}}, {"Sale", {}, {}, until}};
  const auto label = [&](OfferingId offering, Instant when) {
    const auto* badge = badge_of(branding, offering, when);
    return badge == nullptr ? std::string{} : badge->label;
  };
  CHECK(label(one, from) == "May");
  CHECK(label(one, from - tick) == "Loft");
  CHECK(label(one, until + tick) == "Loft");
  CHECK(label(two, from) == "Sale");
  CHECK(label(two, until + tick) == "");
}

TEST_CASE("a branding as a whole") {
  Branding branding;
  CHECK(faults(branding) == "");
  const Instant later = at("2026-05-02T00:00:00Z"), earlier = at("2026-05-01T00:00:00Z");
  branding.announcement = Announcement{"x", {}, later, later};
  branding.sale_badges = {{"x", {}, later, later}, {"y", {}, later, {}}};
  branding.embed_origins = {{"https://a.example"}, {"https://b.example"}};
  CHECK(faults(branding) == "");
  branding.announcement->valid_until = earlier;
  branding.sale_badges[0].valid_until = earlier;
  branding.embed_origins.push_back({"https://a.example"});
  CHECK(faults(branding) == "/announcement/validUntil conflict; /saleBadges/0/validUntil conflict; /embedOrigins/2 conflict");

  json::Reader reader;
  Branding read;
  json::read_body(reader,
                  json::parse(R"({"template":"GALLERY","tagline":"t","announcement":{"text":"a"},"saleBadges":[{"label":"b"}],
                                  "embedOrigins":["https://a.example"]})")
                      .value(),
                  read, json::Use::create);
  CHECK(reader.ok());
  CHECK(
      json::to_json(read) ==
      R"({"template":"GALLERY","tagline":"t","announcement":{"text":"a","linkUrl":null,"validFrom":null,"validUntil":null},)"
      R"("about":null,"saleBadges":[{"label":"b","offeringIds":[],"validFrom":null,"validUntil":null}],"embedOrigins":["https://a.example"]})");
  json::read_body(
      reader,
      json::parse(R"({"template":"BAROQUE","tagline":"a\nb","announcement":{"linkUrl":"ftp://x"},"embedOrigins":["x; y"]})").value(), read,
      json::Use::patch);
  std::string all;
  for (const auto& fault : reader.faults) all += fault.pointer + " " + std::string{fault.code} + "\n";
  CHECK(all == "/template unknown_value\n/tagline invalid_format\n/announcement/text required\n/announcement/linkUrl invalid_format\n"
               "/embedOrigins/0 invalid_format\n");
}
