#include "support/api_world.hpp"

#include "orkestr/platform/domains.hpp"
#include "orkestr/platform/mails.hpp"

using namespace orkestr;
using namespace orkestr::test;
using namespace std::chrono_literals;

namespace {

struct DomainWorld : ApiWorld {
  DomainDesk desk{platform};

  Answer put(const std::string& domain, const std::string& as = {}) {
    return send(api::Method::put, "/v1/provider/domain", R"({"domain":")" + domain + "\"}", as.empty() ? admin : as);
  }
  Answer domain(const std::string& as = {}) { return send(api::Method::get, "/v1/provider/domain", {}, as.empty() ? admin : as); }
  Answer check(const std::string& as = {}) { return send(api::Method::post, "/v1/provider/domain/check", {}, as.empty() ? admin : as); }
  void look() {
    while (desk.step(clock.now()).value()) {
    }
  }
  void look_later() {
    clock.advance(domain_check_interval);
    look();
  }
  json::Value shown() { return get("/v1/api/me").body.at("tenant").at("customDomain"); }
  json::Value brand() { return send(api::Method::get, "/v1/public/atlas").body.at("customDomain"); }
  int ask(const std::string& domain) { return send(api::Method::get, "/v1/domains/ask?domain=" + domain).status(); }
  std::string told(const std::string& as) {
    std::string all;
    const auto list = send(api::Method::get, "/v1/provider/notifications", {}, as);
    for (const auto& row : list.data()) all += std::string{row.at("title").as_string()} + "\n";
    return all;
  }
};

constexpr auto own = "book.atlas.test";

} // namespace

TEST_CASE("a domain is asked for, verified, shown and lost") {
  DomainWorld w;
  const auto none = w.domain();
  CHECK(none.text("status") == "NONE");
  CHECK(none.text("target") == "atlas.example.com");
  CHECK(none.body.at("domain").is_null());
  const auto asked = w.put("Book.Atlas.test.");
  CHECK(asked.status() == 200);
  CHECK(asked.text("domain") == own);
  CHECK(asked.text("status") == "PENDING");
  w.look();
  CHECK(w.domain().text("failure") == "NOT_FOUND");
  CHECK(w.ask(own) == 404);
  w.dns.point(own, "atlas.example.com");
  w.look();
  CHECK(w.domain().text("status") == "PENDING"); // not before its time
  w.look_later();
  CHECK(w.domain().text("status") == "VERIFIED");
  CHECK(w.domain().text("verifiedAt") == to_string(w.clock.now()));
  CHECK(w.shown() == own);
  CHECK(w.brand() == own);
  CHECK(w.ask(own) == 204);
  CHECK(w.ask("BOOK.atlas.test.") == 204);
  CHECK(w.ask("atlas.test") == 404);
  CHECK(w.told(w.admin) == "Your domain is verified: book.atlas.test\n");
  CHECK(w.told(w.other_key).empty());
  w.look_later();
  CHECK(w.told(w.admin) == "Your domain is verified: book.atlas.test\n"); // once
  w.dns.point(own, "evil.test");
  w.look_later();
  const auto lost = w.domain();
  CHECK(lost.text("status") == "FAILED");
  CHECK(lost.text("failure") == "OTHER_TARGET");
  CHECK(lost.text("found") == "evil.test");
  CHECK(w.shown().is_null());
  CHECK(w.ask(own) == 404);
  CHECK(w.told(w.admin) == "Your domain does not lead here any more: book.atlas.test\nYour domain is verified: book.atlas.test\n");
  w.dns.point(own, "cdn.test");
  w.dns.point("cdn.test", "atlas.example.com");
  w.look_later();
  CHECK(w.shown() == own);
}

TEST_CASE("a silent DNS takes nothing away before the third look") {
  DomainWorld w;
  w.put(own);
  w.dns.point(own, "atlas.example.com");
  w.look();
  for (const auto failure : {DnsFailure::timeout, DnsFailure::failed}) {
    w.dns.fail(own, failure);
    for (int i = 1; i <= most_domain_misses; ++i) {
      CHECK(w.shown() == own);
      w.look_later();
    }
    CHECK(w.domain().text("status") == "FAILED");
    CHECK(w.shown().is_null());
    w.dns.point(own, "atlas.example.com");
    w.look_later();
  }
}

TEST_CASE("of two who want one domain, the second has it when the first has lost it") {
  DomainWorld w;
  w.put(own);
  w.put(own, w.other_key);
  w.dns.point(own, "borealis.example.com");
  w.look();
  CHECK(w.domain().text("failure") == "OTHER_TARGET");
  CHECK(w.domain(w.other_key).text("status") == "VERIFIED");
  CHECK(w.shown().is_null());
  // The record moves. Whoever is looked at first, never do both have it.
  w.dns.point(own, "atlas.example.com");
  w.clock.advance(11s);
  CHECK(w.check().text("failure") == "TAKEN");
  CHECK(w.shown().is_null());
  CHECK(w.domain().text("status") == "PENDING");
  CHECK(w.check(w.other_key).text("status") == "FAILED");
  w.clock.advance(11s);
  CHECK(w.check().text("status") == "VERIFIED");
  CHECK(w.shown() == own);
}

TEST_CASE("a look by hand comes at most every ten seconds") {
  DomainWorld w;
  CHECK(w.check().status() == 404);
  w.put(own);
  CHECK(w.check().text("failure") == "NOT_FOUND");
  const int asked = w.dns.asked();
  w.dns.point(own, "atlas.example.com");
  w.clock.advance(9s);
  CHECK(w.check().text("failure") == "NOT_FOUND");
  CHECK(w.dns.asked() == asked);
  w.clock.advance(1s);
  CHECK(w.check().text("status") == "VERIFIED");
  CHECK(w.check(w.key).code() == "insufficient_scope");
}

TEST_CASE("another domain, or none, ends the one before at once") {
  DomainWorld w;
  w.put(own);
  w.dns.point(own, "atlas.example.com");
  w.look();
  CHECK(w.put(own).text("status") == "VERIFIED"); // the same again
  CHECK(w.shown() == own);
  CHECK(w.put("other.atlas.test").text("status") == "PENDING");
  CHECK(w.shown().is_null());
  CHECK(w.ask(own) == 404);
  const auto del = [&](Headers extra = {}) { return w.del("/v1/provider/domain", std::move(extra)).status(); };
  CHECK(del({{"If-Match", "\"other\""}}) == 412);
  CHECK(del({{"If-Match", std::string{w.domain().raw.header("ETag")}}}) == 204);
  CHECK(del() == 404);
  CHECK(w.domain().text("status") == "NONE");
  w.look_later(); // nothing is left to look at
  CHECK(w.dns.asked() == 1);
}

TEST_CASE("what may not be a domain is refused by its field") {
  DomainWorld w;
  for (const auto* bad : {"example.com", "evil.example.com", "127.0.0.1", "acme", "*.acme.test", "acme.test:80"})
    CHECK_MESSAGE(w.put(bad).faults() == "/domain invalid_format", bad);
  CHECK(w.put("").faults() == "/domain too_short");
  CHECK(w.send(api::Method::get, "/v1/domains/ask").code() == "missing_parameter");
}

TEST_CASE("a desk that slept overwrites nothing, and two look once") {
  DomainWorld w;
  w.put(own);
  w.dns.point(own, "atlas.example.com");
  // The second finds nothing to do while the first one is at it: here, after it took the row.
  const auto due = [&] {
    return w.store
        .read([&](const storage::ReadTransaction& tx) -> Result<std::size_t> { return tx.domains().due(w.clock.now(), 9).size(); })
        .value();
  };
  CHECK(due() == 1);
  CHECK(w.desk.step(w.clock.now()).value());
  CHECK(due() == 0);
  CHECK_FALSE(DomainDesk(w.platform).step(w.clock.now()).value());
  CHECK(w.dns.asked() == 1);
}

TEST_CASE("mails lead to the own domain once it is verified") {
  DomainWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft");
  const auto book = [&](const char* from) {
    BookRequest request;
    request.offering_id = offering;
    request.interval = {*Instant::parse(from), *Instant::parse(from) + 1h};
    request.customer_name = "Ada";
    request.customer_email = "ada@example.com";
    request.manage_token = make_manage_token(w.random);
    REQUIRE(w.platform.check_out(w.tenant, request));
    MailDesk desk(w.platform);
    while (desk.step(w.clock.now()).value()) {
    }
    return w.outbox.take().at(0).text;
  };
  CHECK(book("2026-05-04T15:00:00Z").find("https://atlas.example.com/bookings/") != std::string::npos);
  w.put(own);
  w.dns.point(own, "atlas.example.com");
  w.look();
  CHECK(book("2026-05-05T15:00:00Z").find("https://book.atlas.test/bookings/") != std::string::npos);
}
