// Customers come in by a link in a mail, and manage all that they have booked.
#include "support/api_world.hpp"

#include "orkestr/platform/mails.hpp"

#include <set>
#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;
using namespace std::chrono_literals;

namespace {

struct World : ApiWorld {
  OfferingId id = make_offering(tenant, "Soho Loft", 5);
  MailDesk desk{platform};

  Answer visit(Method method, const std::string& path, const std::string& body = {}, const std::string& token = {}, Headers extra = {}) {
    return send(method, "/v1/public/atlas" + path, body, token, std::move(extra));
  }
  Answer book(const std::string& email, int hour = 14, const std::string& shop = "atlas", OfferingId of = {}) {
    const auto at = [](int h) { return "\"2026-05-04T" + std::to_string(h) + ":00:00Z\""; };
    return send(Method::post, "/v1/public/" + shop + "/bookings",
                R"({"offeringId":")" + (of.empty() ? id : of).str() + R"(","startsAt":)" + at(hour) + R"(,"endsAt":)" + at(hour + 1) +
                    R"(,"customer":{"name":"Ada","email":")" + email + R"("}})");
  }
  static std::string id_of(const Answer& made) { return std::string{made.body.at("booking").at("id").as_string()}; }
  Answer ask(const std::string& email, const std::string& shop = "atlas") {
    return send(Method::post, "/v1/public/" + shop + "/customer-links", R"({"email":")" + email + R"("})");
  }
  std::vector<Mail> mails() {
    while (desk.step(clock.now()).value()) {
    }
    return outbox.take();
  }
  /// The link of the only mail.
  std::string link() {
    const auto all = mails();
    REQUIRE(all.size() == 1);
    return word_behind(all[0].text, "/bookings/open?link=");
  }
  Answer open(const std::string& link, const std::string& shop = "atlas", Headers extra = {}) {
    return send(Method::post, "/v1/public/" + shop + "/customer-sessions", R"({"link":")" + link + R"("})", {}, std::move(extra));
  }
  std::string session_of(const std::string& email, const std::string& shop = "atlas") {
    (void)mails();
    REQUIRE(ask(email, shop).status() == 202);
    return open(link(), shop).text("sessionToken");
  }
};

std::vector<std::string> ids(const Answer& list) {
  std::vector<std::string> all;
  for (const auto& row : list.data()) all.emplace_back(row.at("id").as_string());
  return all;
}

} // namespace

TEST_CASE("a link in a mail opens a session, once") {
  World w;
  REQUIRE(w.book("Ada@example.com").status() == 201);
  (void)w.mails();
  const auto asked = w.ask("ADA@example.com");
  CHECK(asked.status() == 202);
  CHECK(asked.raw.body == "{}");
  const auto mails = w.mails();
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].to == "Ada@example.com");
  CHECK(mails[0].subject == "Your bookings at Atlas Studios");
  CHECK(mails[0].text.find("https://atlas.example.com/bookings/open?link=clk_") != std::string::npos);
  const auto link = word_behind(mails[0].text, "?link=");
  CHECK(link.size() == 52);

  const auto opened = w.open(link);
  REQUIRE(opened.status() == 201);
  CHECK(opened.text("sessionToken").starts_with("cst_"));
  CHECK(opened.text("email") == "ada@example.com");
  CHECK(opened.text("expiresAt") == "2026-05-31T12:00:00Z");
  CHECK(opened.raw.header("Location") == "/v1/public/atlas/customer-sessions/current");
  for (const auto& none : {link, std::string{"clk_x"}, opened.text("sessionToken"), std::string{"x"}})
    CHECK(w.open(none).code() == "not_found");
  const auto audit = w.send(Method::get, "/v1/provider/audit?action=customer_session.open", {}, w.admin);
  REQUIRE(audit.data().size() == 1);
  CHECK(audit.data()[0].at("actor") == "CUSTOMER");

  // Neither token is kept, only what can't be turned back into it.
  REQUIRE(w.store.read([&](const storage::ReadTransaction& tx) -> Result<void> {
    CHECK_FALSE(tx.customer_passes().find(w.tenant, PassKind::session, opened.text("sessionToken")));
    return {};
  }));
}

TEST_CASE("the same answer comes for every address, and a link is sent to those who have booked") {
  World w;
  REQUIRE(w.book("ada@example.com").status() == 201);
  (void)w.mails();
  const auto known = w.ask("ada@example.com"), unknown = w.ask("eve@example.com");
  CHECK(known.status() == unknown.status());
  CHECK(known.raw.body == unknown.raw.body);
  const auto names = [](const Answer& answer) { // of headers; their values have ids and counts
    std::string all;
    for (std::size_t at = 0; at < answer.raw.headers.size();) {
      const auto end = answer.raw.headers.find("\r\n", at);
      all += answer.raw.headers.substr(at, answer.raw.headers.find(':', at) - at) + "\n";
      at = end + 2;
    }
    return all;
  };
  CHECK(names(known) == names(unknown));
  CHECK(w.mails().size() == 1);
  CHECK(w.ask("no address").status() == 422);
  CHECK(w.send(Method::post, "/v1/public/atlas/customer-links", R"({"email":"a@example.com","admin":true})").faults() ==
        "/admin unknown_field");
  // Where somebody has booked elsewhere, they are unknown here.
  CHECK(w.ask("ada@example.com", "borealis").status() == 202);
  CHECK(w.mails().empty());
  // Three are live at a time, of any address.
  for (int i = 0; i < 5; ++i) CHECK(w.ask("Ada@example.com").status() == 202);
  CHECK(w.mails().size() == 2);
  w.clock.advance(link_life);
  CHECK(w.ask("ada@example.com").status() == 202);
  CHECK(w.mails().size() == 1);
}

TEST_CASE("links and sessions end") {
  World w;
  REQUIRE(w.book("ada@example.com").status() == 201);
  (void)w.mails();
  CHECK(w.ask("ada@example.com").status() == 202);
  const auto late = w.link();
  w.clock.advance(link_life);
  CHECK(w.open(late).code() == "not_found");

  const auto token = w.session_of("ada@example.com"), second = w.session_of("ada@example.com");
  CHECK(w.visit(Method::get, "/bookings", {}, token).status() == 200);
  CHECK(w.visit(Method::del, "/customer-sessions/current", {}, token).status() == 204);
  CHECK(w.visit(Method::get, "/bookings", {}, token).code() == "unauthenticated");
  CHECK(w.visit(Method::del, "/customer-sessions/current", {}, token).code() == "unauthenticated");
  CHECK(w.visit(Method::get, "/bookings", {}, second).status() == 200); // another browser's goes on
  w.clock.advance(session_life - 1ms);
  CHECK(w.visit(Method::get, "/bookings", {}, second).status() == 200);
  w.clock.advance(1ms);
  CHECK(w.visit(Method::get, "/bookings", {}, second).code() == "unauthenticated");
  REQUIRE(w.platform.run_due(w.clock.now()));
  REQUIRE(w.store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    CHECK(tx.customer_passes().erase_expired(w.clock.now(), 100) == 0); // they are swept
    return {};
  }));
  for (const auto& none : {std::string{}, std::string{"bmt_x"}, w.key, w.admin})
    CHECK(w.visit(Method::get, "/bookings", {}, none).code() == "unauthenticated");
}

TEST_CASE("a session sees the bookings of its customer, and nobody else's") {
  World w;
  std::vector<std::string> mine;
  for (int hour = 14; hour < 17; ++hour) mine.insert(mine.begin(), World::id_of(w.book("ada@example.com", hour)));
  const auto others = World::id_of(w.book("bob@example.com"));
  const auto elsewhere = w.make_offering(w.other_tenant, "Elsewhere");
  const auto there = World::id_of(w.book("ada@example.com", 14, "borealis", elsewhere));
  const auto token = w.session_of("ada@example.com");

  const auto list = w.visit(Method::get, "/bookings", {}, token);
  CHECK(ids(list) == mine);
  for (const auto* hidden : {"riskScore", "riskReasons", "riskReviewStatus", "source"})
    CHECK_FALSE(list.data()[0].as_object().contains(hidden));
  CHECK(boost::json::serialize(list.data()[0]) == boost::json::serialize(w.visit(Method::get, "/bookings/" + mine[0], {}, token).body));
  const auto first = w.visit(Method::get, "/bookings?limit=2", {}, token);
  CHECK(first.body.at("hasMore") == true);
  CHECK(ids(w.visit(Method::get, "/bookings?limit=2&cursor=" + first.text("nextCursor"), {}, token)) == std::vector<std::string>{mine[2]});
  CHECK(w.visit(Method::post, "/bookings/" + mine[1] + "/cancel", {}, token).text("status") == "CANCELLED");
  CHECK(ids(w.visit(Method::get, "/bookings?status=CANCELLED", {}, token)) == std::vector<std::string>{mine[1]});
  CHECK(w.visit(Method::get, "/bookings?status=GONE", {}, token).code() == "invalid_parameter");
  CHECK(w.visit(Method::get, "/bookings?customerId=x", {}, token).code() == "unknown_parameter");

  // Another's booking is exactly as absent as none, by every route that a manage token opens.
  const std::string none = "bkg_00000000000000000000000000";
  const auto same_as_none = [&](Method method, const std::string& below, const std::string& body) {
    CAPTURE(below);
    auto a = w.visit(method, "/bookings/" + none + below, body, token);
    REQUIRE(a.status() == 404);
    for (const auto& not_mine : {others, there}) {
      auto b = w.visit(method, "/bookings/" + not_mine + below, body, token);
      for (auto* answer : {&a, &b}) answer->body.as_object().erase("requestId");
      CHECK(b.body == a.body);
    }
  };
  same_as_none(Method::get, "", "");
  same_as_none(Method::patch, "", R"({"startsAt":"2026-05-05T14:00:00Z","endsAt":"2026-05-05T15:00:00Z"})");
  same_as_none(Method::post, "/cancel", "");
  same_as_none(Method::get, "/refunds", "");
  same_as_none(Method::get, "/subscription", "");
  same_as_none(Method::get, "/reviews", "");
  same_as_none(Method::post, "/reviews", R"({"rating":5})");
  same_as_none(Method::get, "/disputes", "");
  same_as_none(Method::post, "/disputes", R"({"reason":"It was not there."})");
  same_as_none(Method::post, "/pay", "");
  // Another tenant's token is nothing.
  CHECK(w.send(Method::get, "/v1/public/borealis/bookings", {}, token).code() == "unauthenticated");
  CHECK(w.send(Method::get, "/v1/public/borealis/bookings/" + there, {}, token).code() == "unauthenticated");
  CHECK(w.send(Method::get, "/v1/api/bookings", {}, token).code() == "unauthenticated");
  CHECK(w.send(Method::get, "/v1/admin/tenants", {}, token).code() == "unauthenticated");
}

TEST_CASE("a session does what a manage token does, for each booking") {
  World w;
  const auto made = World::id_of(w.book("ada@example.com"));
  const auto token = w.session_of("ada@example.com");
  const auto path = "/bookings/" + made;
  const auto read = w.visit(Method::get, path, {}, token);
  REQUIRE(read.status() == 200);
  const auto moved = w.visit(Method::patch, path, R"({"startsAt":"2026-05-05T14:00:00Z","endsAt":"2026-05-05T15:00:00Z"})", token,
                             {{"If-Match", std::string{read.raw.header("ETag")}}});
  CHECK(moved.status() == 200);
  CHECK(w.mails().at(0).subject == "Your booking has moved: Soho Loft");
  REQUIRE(w.platform.approve(w.tenant, *BookingId::parse(made)));
  CHECK(w.visit(Method::post, path + "/reviews", R"({"rating":5})", token).status() == 201);
  CHECK(w.visit(Method::post, path + "/disputes", R"({"reason":"It was not there."})", token).status() == 201);
  CHECK(w.visit(Method::get, path + "/refunds", {}, token).status() == 200);
  const auto lines = w.send(Method::get, "/v1/provider/audit?action=booking.reschedule", {}, w.admin);
  REQUIRE(lines.data().size() == 1);
  CHECK(lines.data()[0].at("actor") == "CUSTOMER");
  CHECK(std::string_view{lines.data()[0].at("actorId").as_string()}.starts_with("cus_"));
}

TEST_CASE("of two that use a link at once one gets in") {
  World w;
  REQUIRE(w.book("ada@example.com").status() == 201);
  for (int round = 0; round < 20; ++round) {
    (void)w.mails();
    w.clock.advance(link_life);
    REQUIRE(w.ask("ada@example.com").status() == 202);
    const auto link = w.link();
    std::atomic<int> in{0};
    {
      std::vector<std::jthread> both;
      for (int i = 0; i < 2; ++i)
        both.emplace_back([&] {
          const auto status = w.api
                                  .handle({Method::post, "/v1/public/atlas/customer-sessions",
                                           std::vector<api::HeaderView>{{"Content-Type", "application/json"}},
                                           R"({"link":")" + link + R"("})", "127.0.0.1"})
                                  .status;
          if (status == 201) ++in;
        });
    }
    CHECK(in == 1);
  }
}

TEST_CASE("an answer that was lost can be had again, by who has the key and the same link") {
  World w;
  REQUIRE(w.book("ada@example.com").status() == 201);
  (void)w.mails();
  REQUIRE(w.ask("ada@example.com").status() == 202);
  const auto link = w.link();
  const Headers key{{"Idempotency-Key", "once"}};
  const auto first = w.open(link, "atlas", key), again = w.open(link, "atlas", key);
  CHECK(first.status() == 201);
  CHECK(again.raw.body == first.raw.body);
  CHECK(again.raw.header("Idempotent-Replayed") == "true");
}

TEST_CASE("where no mail can be sent or a tenant is closed, nobody is let in") {
  World w;
  REQUIRE(w.book("ada@example.com").status() == 201);
  (void)w.mails();
  const auto token = w.session_of("ada@example.com");
  auto options = w.options();
  options.mailer = nullptr;
  Platform quiet{w.store, w.clock, w.random, options};
  api::Api silent{quiet, ApiWorld::quiet()};
  const std::vector<api::HeaderView> json{{"Content-Type", "application/json"}};
  for (const auto* email : {"ada@example.com", "eve@example.com"}) {
    const auto body = R"({"email":")" + std::string{email} + R"("})";
    const auto answer = silent.handle({Method::post, "/v1/public/atlas/customer-links", json, body, "127.0.0.1"});
    CHECK(answer.status == 501);
    CHECK(answer.body.find("\"mail_unavailable\"") != std::string::npos);
  }
  REQUIRE(w.store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    auto row = *tx.tenants().find(w.tenant);
    row.status = TenantStatus::suspended;
    tx.tenants().update(row);
    return {};
  }));
  CHECK(w.ask("ada@example.com").code() == "tenant_suspended");
  CHECK(w.open("clk_x").code() == "tenant_suspended");
  CHECK(w.visit(Method::get, "/bookings", {}, token).code() == "tenant_suspended");
  CHECK(w.visit(Method::del, "/customer-sessions/current", {}, token).code() == "tenant_suspended");
}
