#include "support/api_world.hpp"

#include "orkestr/platform/calendars.hpp"
#include "orkestr/platform/members.hpp"

using namespace orkestr;
using namespace orkestr::test;

namespace {

struct CalendarWorld : ApiWorld {
  OfferingId loft = make_offering(tenant, "Loft");

  /// The path of a calendar that was just made.
  std::string made(const Answer& answer) {
    CHECK(answer.status() == 201);
    const auto url = answer.text("url");
    CHECK(url.starts_with("https://atlas.example.com/calendar/"));
    CHECK(url.ends_with(".ics"));
    return url.substr(std::string_view{"https://atlas.example.com"}.size());
  }
  std::string make(const std::string& as) { return made(send(api::Method::post, "/v1/provider/calendar-token", {}, as)); }
  std::string session_of(const std::string& email) {
    CustomerPass pass;
    const auto token = make_session_token(random), link = make_link_token(random);
    REQUIRE(platform.write(tenant, [&](WriteContext& cx) { return send_customer_link(cx, email, link); }));
    REQUIRE(platform.write(tenant, [&](WriteContext& cx) { return open_customer_session(cx, link, token); }));
    return token;
  }
  Answer feed(const std::string& path, Headers extra = {}) { return send(api::Method::get, path, {}, {}, std::move(extra)); }
};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

std::string unfolded(std::string text) {
  for (std::size_t fold; (fold = text.find("\r\n ")) != std::string::npos;) text.erase(fold, 3);
  return text;
}

} // namespace

TEST_CASE("a calendar of all bookings, behind an address that is shown once") {
  CalendarWorld w;
  CHECK(w.send(api::Method::get, "/v1/provider/calendar-token", {}, w.admin).raw.body == R"({"url":null,"createdAt":null})");
  const auto path = w.make(w.admin);
  CHECK(path.size() == std::string_view{"/calendar/.ics"}.size() + 48); // more than 128 bits
  const auto state = w.send(api::Method::get, "/v1/provider/calendar-token", {}, w.admin);
  CHECK(state.body.at("url").is_null());
  CHECK(state.text("createdAt") == to_string(w.clock.now()));
  const auto booking = w.make_booking(w.loft, "2026-05-04T15:00:00Z");
  const auto feed = w.feed(path);
  CHECK(feed.status() == 200);
  CHECK(feed.raw.header("Content-Type") == "text/calendar; charset=utf-8");
  const auto text = unfolded(feed.raw.body);
  CHECK(count(text, "BEGIN:VEVENT") == 1);
  CHECK(text.find("X-WR-CALNAME:Atlas Studios\r\n") != std::string::npos);
  CHECK(text.find("UID:" + booking.items[0].id.str() + "@example.com\r\n") != std::string::npos);
  CHECK(text.find("DTSTART:20260504T150000Z\r\nDTEND:20260504T160000Z\r\n") != std::string::npos);
  CHECK(text.find("SUMMARY:Loft – Amelia Hart\r\n") != std::string::npos);
  CHECK(text.find("URL:https://atlas.example.com/provider/bookings/" + booking.id.str() + "\r\n") != std::string::npos);
  // The same until something changes.
  const std::string tag{feed.raw.header("ETag")};
  CHECK(w.feed(path, {{"If-None-Match", tag}}).status() == 304);
  w.clock.advance(std::chrono::hours{1});
  CHECK(w.feed(path, {{"If-None-Match", tag}}).status() == 304);
  REQUIRE(w.platform.approve(w.tenant, booking.id));
  CHECK(w.feed(path, {{"If-None-Match", tag}}).status() == 200);
  // Another tenant's key has its own, which is empty.
  const auto other = w.send(api::Method::post, "/v1/provider/calendar-token", {}, w.other_key);
  CHECK(count(w.feed(other.text("url").substr(std::string_view{"https://borealis.example.com"}.size())).raw.body, "BEGIN:VEVENT") == 0);
}

TEST_CASE("an event keeps its UID, and its SEQUENCE rises with each change") {
  CalendarWorld w;
  const auto path = w.make(w.admin);
  const auto booking = w.make_booking(w.loft, "2026-05-04T15:00:00Z");
  int last = -1;
  const auto look = [&](const std::string& status, const std::string& start) {
    const auto text = unfolded(w.feed(path).raw.body);
    CAPTURE(text);
    CHECK(count(text, "UID:" + booking.items[0].id.str() + "@") == 1);
    CHECK(text.find("STATUS:" + status + "\r\n") != std::string::npos);
    CHECK(text.find("DTSTART:" + start + "\r\n") != std::string::npos);
    const int sequence = std::stoi(text.substr(text.find("SEQUENCE:") + 9));
    CHECK(sequence > last);
    last = sequence;
  };
  look("TENTATIVE", "20260504T150000Z");
  REQUIRE(w.platform.approve(w.tenant, booking.id));
  look("CONFIRMED", "20260504T150000Z");
  RescheduleRequest move;
  move.interval = {*Instant::parse("2026-05-05T15:00:00Z"), *Instant::parse("2026-05-05T16:00:00Z")};
  REQUIRE(w.platform.reschedule(w.tenant, booking.id, move));
  look("CONFIRMED", "20260505T150000Z");
  REQUIRE(w.platform.cancel(w.tenant, booking.id));
  look("CANCELLED", "20260505T150000Z");
}

TEST_CASE("events go 90 days after their end") {
  CalendarWorld w;
  const auto path = w.make(w.admin);
  w.make_booking(w.loft, "2026-05-04T15:00:00Z");
  w.clock.set(*Instant::parse("2026-05-04T16:00:00Z") + calendar_past);
  CHECK(count(w.feed(path).raw.body, "BEGIN:VEVENT") == 1);
  w.clock.advance(milliseconds{1});
  CHECK(count(w.feed(path).raw.body, "BEGIN:VEVENT") == 0);
}

TEST_CASE("a reset, an end and a revoke kill the old address at once") {
  CalendarWorld w;
  const auto first = w.make(w.admin), second = w.make(w.admin);
  CHECK(first != second);
  CHECK(w.feed(first).status() == 404);
  CHECK(w.feed(second).status() == 200);
  CHECK(w.del("/v1/provider/calendar-token", {{"If-Match", "\"x\""}}).status() == 412);
  CHECK(w.del("/v1/provider/calendar-token").status() == 204);
  CHECK(w.feed(second).status() == 404);
  CHECK(w.del("/v1/provider/calendar-token").status() == 404);
  // Each key has one of its own; the key's end is its end.
  const auto key = w.make_key(w.tenant, {Scope::admin});
  const auto own = w.make(w.admin), other = w.make(key);
  CHECK(w.feed(other).status() == 200);
  const auto keys = w.send(api::Method::get, "/v1/provider/api-keys", {}, w.admin);
  REQUIRE(w.del("/v1/provider/api-keys/" + std::string{keys.data().at(0).at("id").as_string()}).status() == 204);
  CHECK(w.feed(other).status() == 404);
  CHECK(w.feed(own).status() == 200);
  // So is a suspension.
  REQUIRE(w.store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    auto tenant = *tx.tenants().find(w.tenant);
    tenant.status = TenantStatus::suspended;
    tx.tenants().update(tenant);
    return {};
  }));
  CHECK(w.feed(own).code() == "tenant_suspended");
}

TEST_CASE("a customer's calendar has their own bookings alone, and no names") {
  CalendarWorld w;
  w.make_booking(w.loft, "2026-05-04T15:00:00Z");
  BookRequest request;
  request.offering_id = w.loft;
  request.interval = {*Instant::parse("2026-05-06T15:00:00Z"), *Instant::parse("2026-05-06T16:00:00Z")};
  request.customer_name = "Bob";
  request.customer_email = "bob@example.com";
  REQUIRE(w.platform.book(w.tenant, request));
  const auto session = w.session_of("Amelia@example.com");
  const auto path = w.made(w.send(api::Method::post, "/v1/public/atlas/calendar-token", {}, session));
  const auto text = unfolded(w.feed(path).raw.body);
  CHECK(count(text, "BEGIN:VEVENT") == 1);
  CHECK(text.find("SUMMARY:Loft\r\n") != std::string::npos);
  CHECK(text.find("X-WR-CALNAME:Bookings at Atlas Studios\r\n") != std::string::npos);
  CHECK(text.find("/bookings/bkg_") != std::string::npos);
  for (const auto* other : {"Amelia", "Bob", "20260506", "/provider/"}) CHECK(text.find(other) == std::string::npos);
  CHECK(w.send(api::Method::del, "/v1/public/atlas/calendar-token", {}, session).status() == 204);
  CHECK(w.feed(path).status() == 404);
  CHECK(w.send(api::Method::del, "/v1/public/atlas/calendar-token", {}, session).status() == 404);
  CHECK(w.send(api::Method::post, "/v1/public/borealis/calendar-token", {}, session).status() == 401);
  CHECK(w.send(api::Method::post, "/v1/public/atlas/calendar-token").status() == 401);
  CHECK(w.send(api::Method::post, "/v1/public/atlas/calendar-token", {}, w.admin).status() == 401);
}

TEST_CASE("an address that is none leads nowhere, and only a hash of one is kept") {
  CalendarWorld w;
  const auto path = w.make(w.admin);
  const auto token = path.substr(10, 48);
  for (const auto& none : {"/calendar/.ics", "/calendar/x.ics", "/calendar/", "/calendar"}) CHECK(w.feed(none).status() == 404);
  CHECK(w.feed("/calendar/" + token).status() == 404);
  CHECK(w.feed("/calendar/" + token + ".ics.ics").status() == 404);
  CHECK(w.feed(path + "?x=1").code() == "unknown_parameter");
  CHECK(w.send(api::Method::post, path).status() == 405);
  const auto kept = w.store
                        .read([&](const storage::ReadTransaction& tx) -> Result<std::string> {
                          CHECK_FALSE(tx.calendar_tokens().find(token));
                          std::string all;
                          for (const auto& row : tx.audit().list(w.tenant, {}, {})) all += row.detail + row.subject;
                          return all;
                        })
                        .value();
  CHECK(kept.find(token) == std::string::npos);
  // Under an idempotency key the same address is told again, to the same key.
  const auto again = [&] { return w.post("/v1/provider/calendar-token", {}, {{"Idempotency-Key", "k"}}).text("url"); };
  CHECK(again() == again());
}

TEST_CASE("a member's calendar is as wide as their role, and dies with them") {
  CalendarWorld w;
  w.make_booking(w.loft, "2026-05-04T15:00:00Z"); // Amelia's
  BookRequest request;
  request.offering_id = w.loft;
  request.interval = {*Instant::parse("2026-05-06T15:00:00Z"), *Instant::parse("2026-05-06T16:00:00Z")};
  request.customer_name = "Bob";
  request.customer_email = "bob@example.com";
  REQUIRE(w.platform.book(w.tenant, request));
  Member member;
  member.id = w.platform.ids().make<MemberId>(w.clock.now());
  member.email = "amelia@example.com";
  const CalendarOwner owner{CalendarOwnerKind::member, member.id.str()};
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<void> {
    cx.tx.members().insert(cx.tenant, member);
    put_calendar_token(cx, owner, "token");
    return {};
  }));
  const auto as = [&](Role role, const std::string& email = "amelia@example.com") {
    member.role = role;
    member.email = email;
    REQUIRE(w.store.write([&](storage::WriteTransaction& tx) -> Result<void> {
      tx.members().update(w.tenant, member);
      return {};
    }));
    return unfolded(w.feed("/calendar/token.ics").raw.body);
  };
  for (const auto role : {Role::staff, Role::admin, Role::owner}) {
    const auto text = as(role);
    CHECK(count(text, "BEGIN:VEVENT") == 2);
    CHECK(text.find("Bob") != std::string::npos);
  }
  const auto own = as(Role::client);
  CHECK(count(own, "BEGIN:VEVENT") == 1);
  CHECK(own.find("20260504T150000Z") != std::string::npos);
  CHECK(own.find("Amelia") == std::string::npos);
  CHECK(count(as(Role::client, "nobody@example.com"), "BEGIN:VEVENT") == 0);
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) { return deactivate_member(cx, {}, member.id); }));
  CHECK(w.feed("/calendar/token.ics").status() == 404);
  const auto kept = [&] {
    return w.store
        .read([&](const storage::ReadTransaction& tx) -> Result<bool> { return tx.calendar_tokens().find_of(w.tenant, owner).has_value(); })
        .value();
  };
  CHECK_FALSE(kept());
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) { return reactivate_member(cx, {}, member.id); }));
  CHECK(w.feed("/calendar/token.ics").status() == 404);
}

TEST_CASE("who is signed in has a calendar of their own") {
  CalendarWorld w;
  const Headers here{{"Host", "acme.localhost"}, {"Origin", "http://acme.localhost"}};
  const auto opened = w.send(
      api::Method::post, "/v1/auth/sign-ups",
      R"({"businessName":"Acme","subdomain":"acme","name":"Ada","email":"ada@acme.example","password":"correct horse battery"})", {}, here);
  REQUIRE(opened.status() == 201);
  const std::string set{opened.raw.header("Set-Cookie")};
  auto signed_in = here;
  signed_in.emplace_back("Cookie", set.substr(0, set.find(';')));
  const auto made = w.send(api::Method::post, "/v1/provider/calendar-token", {}, {}, signed_in);
  REQUIRE(made.status() == 201);
  const auto url = made.text("url");
  CHECK(url.starts_with("https://acme.example.com/calendar/"));
  const auto path = url.substr(std::string_view{"https://acme.example.com"}.size());
  CHECK(w.feed(path).raw.body.find("X-WR-CALNAME:Acme\r\n") != std::string::npos);
  CHECK(w.send(api::Method::get, "/v1/provider/calendar-token", {}, {}, signed_in).text("createdAt") == to_string(w.clock.now()));
  CHECK(w.send(api::Method::del, "/v1/provider/calendar-token", {}, {}, signed_in).status() == 204);
  CHECK(w.feed(path).status() == 404);
  // Never at a name of the business's own, which somebody else may have later.
  REQUIRE(w.store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    auto tenant = *tx.tenants().find_by_subdomain("acme");
    tenant.custom_domain = "book.acme.example";
    tx.tenants().update(tenant);
    return {};
  }));
  CHECK(w.send(api::Method::post, "/v1/provider/calendar-token", {}, {}, signed_in).text("url").starts_with("https://acme.example.com/"));
}

TEST_CASE("what a host calls when somebody goes ends their calendar") {
  CalendarWorld w;
  const CalendarOwner member{CalendarOwnerKind::member, "mbr_1"};
  const auto erase = [&] {
    return w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<bool> { return erase_calendar_tokens(cx, member); }).value();
  };
  CHECK_FALSE(erase());
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<void> {
    put_calendar_token(cx, member, "token");
    return {};
  }));
  CHECK(erase());
  CHECK_FALSE(erase());
}
