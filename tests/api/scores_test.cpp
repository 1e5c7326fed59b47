// Insights and the marketplace over the API.
#include "support/api_world.hpp"

#include <set>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

namespace {

const std::string insights_path = "/v1/provider/insights", marketplace = "/v1/public/marketplace";

struct World : ApiWorld {
  using ApiWorld::ApiWorld;
  /// Stores a score with these reviews, all five of five or so.
  void rate(TenantId of, std::int64_t count, std::int64_t sum) {
    REQUIRE(store.write([&](storage::WriteTransaction& tx) -> Result<void> {
      storage::TenantScore score;
      score.inputs.rating_count = count;
      score.inputs.rating_sum = sum;
      score.computed_at = clock.now();
      tx.scores().put(of, score);
      return {};
    }));
  }
  void status(TenantId of, TenantStatus status) {
    REQUIRE(store.write([&](storage::WriteTransaction& tx) -> Result<void> {
      auto row = *tx.tenants().find(of);
      row.status = status;
      tx.tenants().update(row);
      return {};
    }));
  }
  std::string names(const std::string& query = {}) {
    const auto answer = send(Method::get, marketplace + query);
    REQUIRE(answer.status() == 200);
    std::string all;
    for (const auto& row : answer.data()) all += std::string{row.at("subdomain").as_string()} + " ";
    return all;
  }
};

} // namespace

TEST_CASE("insights: worked out where there are none, stored when asked, the key's own tenant's alone") {
  World w;
  const auto loft = w.make_offering(w.tenant, "Loft");
  const auto booking = w.make_booking(loft, "2026-05-04T14:00:00Z");
  REQUIRE(w.platform.approve(w.tenant, booking.id));
  const auto first = w.send(Method::get, insights_path, {}, w.admin);
  CHECK(
      first.raw.body ==
      R"({"score":0.75,"ratingAverage":null,"ratingCount":0,"responseRate":1,"pendingCount":1,"decidedWithin24h":1,"confirmationRate":1,)"
      R"("decidedCount":1,"confirmedCount":1,"whatWouldRaiseItMost":{"lever":"RATING","gain":0.25},"computedAt":"2026-05-01T12:00:00Z"})");
  const auto stored = w.post(insights_path);
  CHECK(stored.status() == 200);
  CHECK(stored.body == first.body);
  CHECK_FALSE(stored.raw.header("ETag").empty());
  w.clock.advance(std::chrono::hours{1});
  const auto again = w.send(Method::get, insights_path, {}, w.admin);
  CHECK(again.body == first.body); // as it was stored
  CHECK(again.raw.header("ETag") == stored.raw.header("ETag"));
  CHECK(w.post(insights_path, "{}", {{"Idempotency-Key", "i"}}).text("computedAt") == "2026-05-01T13:00:00Z");
  w.clock.advance(std::chrono::hours{1});
  CHECK(w.post(insights_path, "{}", {{"Idempotency-Key", "i"}}).text("computedAt") == "2026-05-01T13:00:00Z");
  CHECK(w.post(insights_path, R"({"score":1})").faults() == "/score unknown_field");
  CHECK(w.send(Method::get, insights_path, {}, w.key).code() == "insufficient_scope");
  CHECK(w.send(Method::get, insights_path).status() == 401);
  CHECK(w.send(Method::get, insights_path, {}, w.other_key).number("decidedCount") == 0);
  CHECK(w.send(Method::del, insights_path, {}, w.admin).raw.header("Allow") == "GET, HEAD, POST");
}

TEST_CASE("the marketplace: who is open and sells something, best first, without the score") {
  World w;
  const auto third = w.make_tenant("Cassini", "cassini"), hidden = w.make_tenant("Draft", "draft");
  const auto loft = w.make_offering(w.tenant, "Loft");
  w.make_offering(w.other_tenant, "Hall");
  w.make_offering(third, "Dome");
  CHECK(w.names() == ""); // nobody has a score yet
  w.rate(w.tenant, 2, 8);
  w.rate(w.other_tenant, 3, 12);
  w.rate(third, 1, 5);
  w.rate(hidden, 9, 45);
  CHECK(w.names() == "cassini borealis atlas "); // the best score, then the most reviews
  w.rate(w.other_tenant, 2, 8);
  CHECK(w.names() == "cassini atlas borealis "); // then who came first
  const auto answer = w.send(Method::get, marketplace + "?limit=1");
  CHECK(answer.raw.header("Access-Control-Allow-Origin") == "*");
  std::set<std::string> keys;
  for (const auto& member : answer.data()[0].as_object()) keys.emplace(member.key());
  CHECK(keys == std::set<std::string>{"name", "subdomain", "logoUrl", "brandColor", "verified", "ratingAverage", "reviewCount"});
  CHECK(answer.data()[0].at("ratingAverage").is_null()); // what its offerings show, not what its score was made of
  CHECK(answer.data()[0].at("verified") == false);

  REQUIRE(w.store.write([&](storage::WriteTransaction& tx) -> Result<void> {
    tx.offerings().rate(w.tenant, loft, {2, 9});
    auto row = *tx.tenants().find(w.tenant);
    row.kyb_status = KybStatus::verified;
    tx.tenants().update(row);
    return {};
  }));
  const auto atlas = w.send(Method::get, marketplace).data()[1];
  CHECK(atlas.at("name") == "Atlas Studios");
  CHECK(atlas.at("ratingAverage").to_number<double>() == 4.5);
  CHECK(atlas.at("reviewCount") == 2);
  CHECK(atlas.at("verified") == true);

  // Pages; a cursor goes on where it stood, whatever moves meanwhile.
  CHECK(w.names("?limit=2") == "cassini atlas ");
  const auto cursor = w.send(Method::get, marketplace + "?limit=2").text("nextCursor");
  CHECK(w.names("?limit=2&cursor=" + cursor) == "borealis ");
  w.status(w.tenant, TenantStatus::suspended); // the very row it stands on
  CHECK(w.names("?cursor=" + cursor) == "borealis ");
  CHECK(w.names() == "cassini borealis ");
  w.status(third, TenantStatus::pending);
  CHECK(w.names() == "borealis ");
  w.rate(w.other_tenant, 4, 20); // it rises before the cursor, and a page behind it misses it
  CHECK(w.names("?cursor=" + cursor) == "");
  w.rate(w.other_tenant, 4, 4);
  CHECK(w.names("?cursor=" + cursor) == "borealis ");

  CHECK(w.send(Method::get, marketplace + "?cursor=c1" + std::string(60, '0')).code() == "invalid_cursor");
  for (const char* bad : {"?limit=0", "?limit=201", "?cursor=abc", "?q=x"}) CHECK(w.send(Method::get, marketplace + bad).status() == 400);
  // A cursor of a list by price has a number too, and is another list's.
  w.status(w.tenant, TenantStatus::active);
  w.make_offering(w.tenant, "Attic");
  const auto priced = w.send(Method::get, "/v1/public/atlas/offerings?sort=price&limit=1").text("nextCursor");
  REQUIRE_FALSE(priced.empty());
  CHECK(w.send(Method::get, marketplace + "?cursor=" + priced).code() == "invalid_cursor");
}

TEST_CASE("marketplace is no storefront's name, and its path takes reading alone") {
  World w;
  Tenant draft;
  draft.name = "Market";
  draft.subdomain = "marketplace";
  CHECK_FALSE(w.platform.create_tenant(draft));
  CHECK(w.send(Method::post, marketplace, "{}").status() == 405);
  CHECK(w.send(Method::post, marketplace, "{}").raw.header("Allow") == "GET, HEAD");
  CHECK(w.send(Method::head, marketplace).status() == 200);
  CHECK(w.send(Method::options, marketplace).status() == 204);
  CHECK(w.send(Method::get, marketplace + "/offerings").status() == 404);
}

TEST_CASE("who looks at the marketplace is limited by address") {
  auto options = ApiWorld::quiet();
  options.visitor_limit = 2;
  World w(options);
  CHECK(w.send(Method::get, marketplace).raw.header("RateLimit").starts_with("\"visitor\";r=1;"));
  CHECK(w.send(Method::get, marketplace).status() == 200);
  CHECK(w.send(Method::get, marketplace).status() == 429);
}

TEST_CASE("figures by the day: what was booked, of what was offered") {
  ApiWorld w; // a Friday; open every day from 9 to 17 in New York, two at a time
  const auto loft = w.make_offering(w.tenant, "Loft");
  (void)w.make_offering(w.other_tenant, "Foreign");
  const auto booking = w.make_booking(loft, "2026-05-04T14:00:00Z", 2);
  REQUIRE(w.post("/v1/api/bookings/" + booking.id.str() + "/approve").status() == 200);
  const auto days = w.send(Method::get, "/v1/provider/insights/days?from=2026-05-04&to=2026-05-05", {}, w.admin);
  REQUIRE(days.status() == 200);
  CHECK(days.text("timeZone") == "America/New_York");
  const auto& all = days.body.at("days").as_array();
  REQUIRE(all.size() == 2);
  CHECK(boost::json::serialize(all[0]) ==
        R"({"date":"2026-05-04","revenueCents":12000,"bookings":1,"cancelled":0,"bookedMinutes":120,"offeredMinutes":960})");
  CHECK(boost::json::serialize(all[1]) ==
        R"({"date":"2026-05-05","revenueCents":0,"bookings":0,"cancelled":0,"bookedMinutes":0,"offeredMinutes":960})");
  CHECK(days.body.at("totals").at("occupancyPct") == 6);
  CHECK(days.body.at("totals").at("averageLeadHours") == 74);
  const auto other = w.send(Method::get, "/v1/provider/insights/days?from=2026-05-04&to=2026-05-05", {}, w.other_key);
  CHECK(other.body.at("totals").at("bookings") == 0);
  CHECK(
      w.send(Method::get, "/v1/provider/insights/days?from=2026-05-04&to=2026-05-05&offeringId=" + loft.str(), {}, w.other_key).status() ==
      404);
  for (const auto* query :
       {"?from=2026-05-05&to=2026-05-04", "?from=2025-05-04&to=2026-05-06", "?from=2026-05-04", "?from=x&to=2026-05-04"})
    CHECK(w.send(Method::get, std::string{"/v1/provider/insights/days"} + query, {}, w.admin).status() == 400);
}
