// A visitor's way through the public routes, and what the routes around it answer.
#include "support/api_world.hpp"
#include "support/look_back.hpp"

using namespace orkestr;
using namespace orkestr::test;
using namespace orkestr::support;
using api::Method;

namespace {

const std::string ada = R"("customer":{"name":"Ada","email":"ada@example.com"})";

struct World : ApiWorld {
  OfferingId id = make_offering(tenant, "Soho Loft", 1);

  Answer visit(Method method, const std::string& path, const std::string& body = {}, const std::string& token = {}, Headers extra = {}) {
    return send(method, "/v1/public/atlas" + path, body, token, std::move(extra));
  }
  std::string slot(const char* from = "2026-05-04T14:00:00Z", const char* to = "2026-05-04T15:00:00Z") {
    return R"("offeringId":")" + id.str() + R"(","startsAt":")" + from + R"(","endsAt":")" + to + "\"";
  }
};

} // namespace

TEST_CASE("look, quote, hold, book, read, move and cancel, without a key") {
  World w;
  CHECK(w.visit(Method::get, "").text("name") == "Atlas Studios");
  CHECK(w.visit(Method::get, "/offerings").data().size() == 1);
  CHECK(w.visit(Method::get, "/offerings/soho-loft").text("id") == w.id.str());
  const auto slots = w.visit(Method::get, "/offerings/soho-loft/slots?from=2026-05-04&to=2026-05-05&timeZone=Asia/Kolkata");
  REQUIRE(slots.status() == 200);
  const auto& first = slots.body.at("slots").as_array().at(1);
  CHECK(first.at("startsAt") == "2026-05-04T14:00:00Z");
  CHECK(first.at("localStart") == "2026-05-04T19:30");
  CHECK(first.at("utcOffset") == "+05:30");
  CHECK(first.at("priceCents") == 6000);
  CHECK(slots.text("currency") == "USD");

  const auto quote = w.visit(Method::post, "/quotes", "{" + w.slot() + "}");
  REQUIRE(quote.status() == 200);
  CHECK(quote.number("totalCents") == 6000);
  CHECK(quote.body.at("lines").as_array().at(0).at("steps").as_array().at(0).at("label") == "Base price");

  const auto hold = w.visit(Method::post, "/holds", "{" + w.slot() + "}");
  REQUIRE(hold.status() == 201);
  CHECK(hold.raw.header("Location") == "/v1/public/atlas/holds/" + hold.text("id"));
  CHECK(hold.text("expiresAt") == "2026-05-01T12:10:00Z");
  CHECK(w.visit(Method::post, "/holds", "{" + w.slot() + "}").code() == "slot_unavailable");
  CHECK(w.visit(Method::post, "/bookings", "{" + w.slot() + "," + ada + "}").code() == "slot_unavailable");
  CHECK(w.get("/v1/api/availability?offeringId=" + w.id.str() + "&from=2026-05-04&to=2026-05-05")
            .body.at("booked")
            .as_array()
            .at(0)
            .at("status") == "HELD");

  const std::string held = R"({"holdId":")" + hold.text("id") + "\"," + ada;
  const auto changed = w.visit(Method::post, "/bookings", held + R"(,"expectedTotalCents":1})");
  CHECK(changed.status() == 409);
  CHECK(changed.code() == "price_changed");
  CHECK(changed.body.at("quote").at("totalCents") == 6000);
  const auto made = w.visit(Method::post, "/bookings", held + R"(,"expectedTotalCents":6000,"payment":{"method":"ONLINE"}})");
  REQUIRE(made.status() == 201);
  const auto& booking = made.body.at("booking");
  const std::string path = "/bookings/" + std::string{booking.at("id").as_string()}, token = made.text("manageToken");
  CHECK(made.raw.header("Location") == "/v1/public/atlas" + path);
  CHECK(booking.at("status") == "PENDING");
  CHECK(booking.at("paymentDueAt") == "2026-05-01T12:30:00Z");
  CHECK_FALSE(booking.as_object().contains("riskScore")); // nothing for customers' eyes
  CHECK_FALSE(booking.as_object().contains("source"));

  const auto read = w.visit(Method::get, path, {}, token);
  CHECK(read.status() == 200);
  CHECK(read.body == booking);
  CHECK(w.visit(Method::get, path).status() == 401);
  CHECK(w.visit(Method::get, path, {}, token + "x").status() == 404);
  CHECK(w.visit(Method::get, path, {}, w.admin).status() == 401); // a key is no manage token
  CHECK(w.send(Method::get, "/v1/public/borealis" + path, {}, token).status() == 404);

  const auto moved = w.visit(Method::patch, path, R"({"startsAt":"2026-05-04T16:00:00Z","endsAt":"2026-05-04T17:00:00Z"})", token);
  CHECK(moved.status() == 200);
  CHECK(moved.number("priceDifferenceCents") == 0);
  CHECK(w.visit(Method::patch, path, R"({"startsAt":"2026-04-04T16:00:00Z","endsAt":"2026-04-04T17:00:00Z"})", token).code() ==
        "slot_unavailable"); // customers don't book the past
  CHECK(w.visit(Method::patch, path, R"({"notes":"x"})", token).status() == 422);

  const auto terms = w.visit(Method::post, path + "/cancel?dryRun=true", {}, token);
  CHECK(terms.number("refundCents") == 6000);
  CHECK(w.visit(Method::get, path, {}, token).text("status") == "PENDING");
  CHECK(w.visit(Method::post, path + "/cancel?dryRun=maybe", {}, token).code() == "invalid_parameter");
  const auto ended = w.visit(Method::post, path + "/cancel", R"({"reason":"ill"})", token);
  CHECK(ended.text("status") == "CANCELLED");
  CHECK(ended.number("refundCents") == 6000);
}

TEST_CASE("the public list shows what is published, by price, attribute and text") {
  World w;
  const auto make = [&](const char* title, int price, const char* more) {
    const auto made = w.post("/v1/api/offerings", R"({"title":")" + std::string{title} +
                                                      R"(","productTypeKey":"space","currency":"USD","basePriceCents":)" +
                                                      std::to_string(price) + more + "}");
    REQUIRE(made.status() == 201);
  };
  make("Attic", 3000, R"(,"status":"PUBLISHED","attributes":{"amenities":["wifi","sofa"]})");
  make("Barn", 9000, R"(,"status":"PUBLISHED","attributes":{"amenities":["parking"],"sqft":500})");
  make("Cellar", 1000, "");
  const auto titles = [&](const std::string& query) {
    const auto answer = w.visit(Method::get, "/offerings" + query);
    REQUIRE(answer.status() == 200);
    std::string all;
    for (const auto& row : answer.data()) all += std::string{row.at("title").as_string()} + " ";
    return all;
  };
  CHECK(titles("") == "Barn Attic Soho Loft ");
  CHECK(titles("?sort=price") == "Attic Soho Loft Barn ");
  CHECK(titles("?sort=-price") == "Barn Soho Loft Attic ");
  CHECK(titles("?minPriceCents=3000&maxPriceCents=6000") == "Attic Soho Loft ");
  CHECK(titles("?attribute=amenities:wifi") == "Attic ");
  CHECK(titles("?attribute=sqft:500") == "Barn ");
  CHECK(titles("?q=att") == "Attic ");
  const auto page = w.visit(Method::get, "/offerings?sort=price&limit=2");
  CHECK(page.body.at("hasMore") == true);
  const auto cursor = page.text("nextCursor");
  CHECK(titles("?sort=price&limit=2&cursor=" + cursor) == "Barn ");
  CHECK(w.visit(Method::get, "/offerings?cursor=" + cursor).code() == "invalid_cursor"); // of a list in another order
  for (const char* bad : {"?availableOn=tomorrow", "?attribute=wifi", "?sort=age", "?minPriceCents=-1", "?maxPriceCents=x"})
    CHECK(w.visit(Method::get, std::string{"/offerings"} + bad).code() == "invalid_parameter");
  CHECK(w.visit(Method::get, "/offerings/cellar").status() == 404);
  CHECK(w.visit(Method::get, "/offerings/cellar/slots?from=2026-05-04&to=2026-05-05").status() == 404);
}

TEST_CASE("storefronts: unknown and suspended ones, limits by address, reading from other origins") {
  World w;
  CHECK(w.send(Method::get, "/v1/public/nobody").status() == 404);
  CHECK(w.visit(Method::get, "").raw.header("Access-Control-Allow-Origin") == "*");
  CHECK(w.visit(Method::options, "/offerings").status() == 204);
  CHECK(w.visit(Method::options, "/quotes").status() == 405);
  CHECK(w.visit(Method::post, "/quotes", "{}").raw.header("Access-Control-Allow-Origin").empty());
  (void)w.store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    auto tenant = *tx.tenants().find(w.tenant);
    tenant.status = TenantStatus::suspended;
    tx.tenants().update(tenant);
    return {};
  });
  CHECK(w.visit(Method::get, "").code() == "tenant_suspended");
  CHECK(w.visit(Method::post, "/holds", "{" + w.slot() + "}").code() == "tenant_suspended");

  api::ApiOptions options;
  options.visitor_limit = 2;
  ApiWorld limited(options);
  for (int i = 0; i < 2; ++i) CHECK(limited.send(Method::get, "/v1/public/atlas").status() == 200);
  const auto refused = limited.send(Method::get, "/v1/public/atlas");
  CHECK(refused.status() == 429);
  CHECK_FALSE(refused.raw.header("Retry-After").empty());
  CHECK(refused.raw.header("RateLimit-Policy") == "\"visitor\";q=2;w=20");
}

TEST_CASE("a visitor's idempotency key replays the answer with its token, which is nowhere kept in the clear") {
  World w;
  const std::string body = "{" + w.slot() + "," + ada + "}";
  const Headers key{{"Idempotency-Key", "5f0c7f9e-4f0b-4b57-9a55-0d3c6a3f1b2e"}};
  const auto first = w.visit(Method::post, "/bookings", body, {}, key);
  const auto second = w.visit(Method::post, "/bookings", body, {}, key);
  REQUIRE(first.status() == 201);
  CHECK(second.raw.body == first.raw.body);
  CHECK(second.raw.header("Idempotent-Replayed") == "true");
  CHECK(w.visit(Method::post, "/bookings", "{" + ada + "}", {}, key).code() == "idempotency_mismatch");
  CHECK(w.get("/v1/api/bookings").data().size() == 1);
  // Neither the key nor the token can be read from what is stored.
  (void)w.store.read([&](const storage::ReadTransaction& tx) -> Result<int> {
    CHECK_FALSE(tx.idempotency().find(w.tenant, key[0].second));
    return 0;
  });
  // A kept answer about a booking is for the token that asked.
  const std::string path = "/bookings/" + std::string{first.body.at("booking").at("id").as_string()} + "/cancel";
  const Headers other{{"Idempotency-Key", "k2"}};
  CHECK(w.visit(Method::post, path, {}, first.text("manageToken"), other).status() == 200);
  CHECK(w.visit(Method::post, path, {}, "bmt_" + std::string(48, 'x'), other).code() == "idempotency_mismatch");
}

TEST_CASE("a body names a slot or a hold, and every fault at once") {
  World w;
  CHECK(w.visit(Method::post, "/quotes", "{}").faults() == "/endsAt required; /offeringId required; /startsAt required");
  CHECK(w.visit(Method::post, "/quotes", R"({"holdId":"hld_00000000000000000000000000","startsAt":"2026-05-04T14:00:00Z"})").faults() ==
        "/holdId conflict");
  CHECK(w.visit(Method::post, "/quotes", R"({"holdId":"hld_00000000000000000000000000"})").code() == "hold_expired");
  CHECK(
      w.visit(Method::post, "/bookings",
              R"({"quantity":0,"customer":{"name":"","email":"x","country":"DEU"},"payment":{"method":"CASH"},"tenantId":"tnt_x"})")
          .faults() ==
      "/customer/country too_long; /customer/email too_short; /customer/name too_short; /payment/method unknown_value; /quantity too_small; "
      "/tenantId unknown_field");
  CHECK(w.visit(Method::post, "/bookings", "{" + w.slot() + R"(,"customer":{"name":"A","email":"not an address"}})").faults() ==
        "/customer/email invalid_format");
}

TEST_CASE("POST /v1/api/bookings books as the provider does, and keeps attempts that are blocked") {
  World w;
  const auto made = w.post("/v1/api/bookings", "{" + w.slot("2026-04-06T14:00:00Z", "2026-04-06T15:00:00Z") + "," + ada +
                                                   R"(,"source":"pms","notes":"walk-in","client":{"ipAddress":"10.0.0.1"}})");
  REQUIRE(made.status() == 201); // in the past, as a record
  CHECK(made.raw.header("Location") == "/v1/api/bookings/" + made.text("id"));
  CHECK(made.text("source") == "pms");
  CHECK(w.get("/v1/api/bookings/" + made.text("id")).raw.body == made.raw.body);

  const auto strict =
      w.patch("/v1/provider/settings", R"({"risk":{"blockAt":90,"weights":[{"signal":"first_time_customer","threshold":1,"points":95}]}})");
  REQUIRE(strict.status() == 200);
  CHECK(strict.body.at("risk").at("weights").as_array().size() == 15);
  const std::string blocked = "{" + w.slot() + R"(,"customer":{"name":"Eve","email":"eve@example.com"},"client":{"ipAddress":"10.6.6.6"}})";
  CHECK(w.post("/v1/api/bookings", blocked).status() == 403);
  const Headers key{{"Idempotency-Key", "b1"}};
  CHECK(w.post("/v1/api/bookings", blocked, key).code() == "booking_blocked");
  CHECK(w.post("/v1/api/bookings", blocked, key).raw.header("Idempotent-Replayed") == "true");
  (void)w.store.read([&](const storage::ReadTransaction& tx) -> Result<int> {
    CHECK(count_attempts(tx, w.tenant, storage::AttemptKind::booking, storage::AttemptTrait::ip, "10.6.6.6", {}) == 2);
    CHECK_FALSE(tx.customers().find_by_email(w.tenant, "eve@example.com").get());
    return 0;
  });
}

TEST_CASE("the review queue, payments and refunds over HTTP") {
  World w;
  CHECK(w.patch("/v1/provider/settings", R"({"risk":{"holdAt":50,"weights":[{"signal":"first_time_customer","threshold":1,"points":55}]}})")
            .status() == 200);
  const auto held = w.visit(Method::post, "/bookings", "{" + w.slot() + "," + ada + "}");
  const std::string path = "/v1/provider/bookings/" + std::string{held.body.at("booking").at("id").as_string()};
  const auto queue = w.send(Method::get, "/v1/provider/bookings?riskReviewStatus=PENDING", {}, w.admin);
  REQUIRE(queue.data().size() == 1);
  CHECK(queue.data()[0].at("riskScore") == 55);
  // Over all tenants, without who booked what.
  const auto operator_token = w.make_admin("ada@platform.example").token;
  const auto all_held = [&] { return w.send(Method::get, "/v1/admin/risk", {}, operator_token); };
  REQUIRE(all_held().data().size() == 1);
  CHECK(all_held().data()[0].at("tenantId").as_string() == w.tenant.str());
  CHECK(all_held().data()[0].at("id") == queue.data()[0].at("id"));
  CHECK(all_held().data()[0].at("riskScore") == 55);
  CHECK(boost::json::serialize(all_held().data()[0].at("signals")) == R"(["first_time_customer"])");
  CHECK(all_held().raw.body.find("ada@example.com") == std::string::npos);
  CHECK(w.post(path + "/risk-approve").text("riskReviewStatus") == "APPROVED");
  CHECK(all_held().data().empty());
  CHECK(w.post(path + "/risk-reject").code() == "invalid_transition");
  CHECK(w.post(path + "/payments", R"({"amountCents":6001})").faults() == "/amountCents too_large");
  CHECK(w.post(path + "/payments", R"({"amountCents":6000,"provider":"cash"})").body.at("payments").as_array().at(0).at("provider") ==
        "cash");
  CHECK(w.post(path + "/refunds", R"({"amountCents":1})").code() == "invalid_transition"); // PENDING
  CHECK(w.post(path + "/approve").text("status") == "CONFIRMED");
  CHECK(w.post(path + "/cancel?dryRun=true").number("refundPercent") == 100);
  CHECK(w.post(path + "/cancel").text("status") == "CANCELLED");
  CHECK(w.post(path + "/refunds", R"({"amountCents":6000})").text("status") == "REFUNDED");
  const auto other = w.visit(Method::post, "/bookings", "{" + w.slot() + R"(,"customer":{"name":"Bob","email":"bob@example.com"}})");
  CHECK(w.post("/v1/provider/bookings/" + std::string{other.body.at("booking").at("id").as_string()} + "/decline", R"({"reason":"full"})")
            .text("cancelReason") == "full");
}

TEST_CASE("pricing rules by HTTP, with a live preview") {
  World w;
  const std::string base = "/v1/provider/offerings/" + w.id.str();
  const auto rule =
      w.post(base + "/pricing-rules", R"({"name":"Monday","when":{"daysOfWeek":[1]},"adjust":{"kind":"PERCENT","value":50}})");
  REQUIRE(rule.status() == 201);
  CHECK(rule.body.at("when").at("localTimeRange").is_null());
  CHECK(w.visit(Method::post, "/quotes", "{" + w.slot() + "}").number("totalCents") == 9000);
  const std::string path = base + "/pricing-rules/" + rule.text("id");
  CHECK(w.patch(path, R"({"when":{"localTimeRange":{"from":"18:00","to":"22:00"}}})").body.at("when").at("daysOfWeek").as_array().empty());
  CHECK(w.visit(Method::post, "/quotes", "{" + w.slot() + "}").number("totalCents") == 6000);
  const auto preview = w.post(base + "/quote-preview",
                              R"({"startsAt":"2026-05-04T21:00:00Z","endsAt":"2026-05-04T23:00:00Z","quantity":2})"); // 17:00–19:00
  CHECK(preview.number("totalCents") == 2 * (6000 + 9000));
  CHECK(preview.body.at("lines").as_array().size() == 2);
  CHECK(w.send(Method::get, base + "/pricing-rules", {}, w.admin).data().size() == 1);
  CHECK(w.post(base + "/pricing-rules", R"({"name":"","adjust":{"kind":"OVERRIDE","value":-1}})").faults() ==
        "/adjust/value too_small; /name too_short");
  CHECK(w.del(path).status() == 204);
  CHECK(w.del(path).status() == 404);
}

TEST_CASE("slots explain themselves, and leave a booking's own units out") {
  World w;
  const auto booking = w.make_booking(w.id, "2026-05-04T14:00:00Z");
  const std::string base = "/v1/api/slots?offeringId=" + w.id.str() + "&from=2026-05-04&to=2026-05-05";
  CHECK(w.get(base).body.at("slots").as_array().size() == 7);
  CHECK(w.get(base + "&excludeBookingId=" + booking.id.str()).body.at("slots").as_array().size() == 8);
  CHECK(w.get(base + "&quantity=2").body.at("slots").as_array().empty());
  const auto all = w.get(base + "&explain=all");
  CHECK(all.body.at("slots").as_array().at(1).at("reason") == "capacity");
  CHECK(all.body.at("slots").as_array().at(0).at("reason") == "offered");
  const auto why = [&](const char* at) {
    const auto answer = w.get(base + "&explain=" + at);
    CHECK(!answer.body.at("explanation").at("detail").as_string().empty());
    return std::string{answer.body.at("explanation").at("reason").as_string()};
  };
  CHECK(why("2026-05-04T10:00") == "capacity");
  CHECK(why("2026-05-04T14:00:00Z") == "capacity");
  CHECK(why("2026-05-04T10:30") == "gap");
  CHECK(why("2026-05-04T20:00") == "closed");
  CHECK(why("2026-03-08T02:30") == "gap");
  CHECK(w.get(base + "&explain=why").code() == "invalid_parameter");
  CHECK(w.get(base + "&quantity=0").code() == "invalid_parameter");
  CHECK(w.get(base + "&timeZone=Mars/Olympus").code() == "invalid_parameter");
}
