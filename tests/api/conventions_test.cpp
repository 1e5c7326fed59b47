// Contract §1 and §2: what holds for every route.
#include "support/api_world.hpp"

#include <set>
#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

namespace {

/// The path with the placeholder of the storefront filled by `tenant`, and all others by `id`.
std::string filled(std::string_view path, std::string_view id, std::string_view tenant = "atlas") {
  std::string out{path};
  if (const auto at = out.find("{tenant}"); at != std::string::npos) out.replace(at, 8, tenant);
  for (auto open = out.find('{'); open != std::string::npos; open = out.find('{')) out.replace(open, out.find('}') - open + 1, id);
  return out;
}

const std::string soho = R"({"title":"Soho Loft","productTypeKey":"space","basePriceCents":12000,"currency":"USD"})";

} // namespace

TEST_CASE("every route with access refuses a request without a live key, and says how to send one") {
  auto options = ApiWorld::quiet();
  options.failed_auth_limit = 10'000; // more than there are routes
  ApiWorld w(options);
  const auto expired = w.make_key(w.tenant, {Scope::read, Scope::write, Scope::admin}, w.clock.now() - std::chrono::hours{1});
  const std::string wrong_secret = w.key.substr(0, 13) + std::string(48, 'x');
  const std::string unknown_prefix = "ork_00000000." + std::string(48, 'y');
  for (const auto& route : api::Api::routes()) {
    if (route.access == api::Access::open || route.access == api::Access::visitor) continue;
    const auto target = filled(route.path, "off_00000000000000000000000000");
    for (const auto& token : {std::string{}, std::string{"nonsense"}, expired, wrong_secret, unknown_prefix}) {
      const auto answer = w.send(route.method, target, "{}", token);
      CAPTURE(route.operation_id);
      CAPTURE(token);
      CHECK(answer.status() == 401);
      CHECK(answer.code() == "unauthenticated");
      CHECK(answer.raw.header("WWW-Authenticate").starts_with("Bearer"));
    }
  }
}

TEST_CASE("scopes are exact: every route × every single scope") {
  ApiWorld w;
  const std::pair<Scope, std::string> keys[] = {{Scope::read, w.make_key(w.tenant, {Scope::read})},
                                                {Scope::write, w.make_key(w.tenant, {Scope::write})},
                                                {Scope::admin, w.make_key(w.tenant, {Scope::admin})}};
  for (const auto& route : api::Api::routes()) {
    if (route.access == api::Access::open || route.access == api::Access::visitor || route.access == api::Access::platform ||
        route.access == api::Access::member)
      continue; // admins: kyb_test.cpp; members: members_test.cpp
    const auto wanted = route.access == api::Access::read ? Scope::read : route.access == api::Access::write ? Scope::write : Scope::admin;
    for (const auto& [scope, token] : keys) {
      const auto answer = w.send(route.method, filled(route.path, "none"), "{}", token);
      CAPTURE(route.operation_id);
      CAPTURE(json::name_of(scope));
      CHECK((answer.status() == 403) == (scope != wanted));
      if (scope != wanted) CHECK(answer.code() == "insufficient_scope");
    }
  }
}

TEST_CASE("a revoked key is refused on the very next request") {
  ApiWorld w;
  const auto created = w.post("/v1/provider/api-keys", R"({"name":"CI"})");
  REQUIRE(created.status() == 201);
  const auto token = created.text("token");
  CHECK(token.size() == 13 + 48);
  CHECK(w.send(Method::get, "/v1/api/me", {}, token).status() == 200);
  CHECK(w.send(Method::get, "/v1/api/me", {}, token).status() == 200); // now proven and remembered
  const auto path = "/v1/provider/api-keys/" + created.text("id");
  CHECK(w.send(Method::get, path, {}, w.admin).text("prefix") == token.substr(4, 8));
  CHECK(w.del(path).status() == 204);
  CHECK(w.send(Method::get, "/v1/api/me", {}, token).status() == 401);
  CHECK(w.send(Method::post, "/v1/api/offerings", soho, token).status() == 401);
  CHECK(w.del(path).status() == 404);
}

TEST_CASE("another tenant's rows answer exactly as absent ones, for every route with an id") {
  ApiWorld w;
  const auto offering = w.make_offering(w.tenant, "Loft");
  const auto booking = w.make_booking(offering, "2026-05-04T14:00:00Z");
  const auto coupon = w.post("/v1/api/coupons", R"({"code":"A","kind":"PERCENT","amount":10})").text("id");
  const auto key_id = w.post("/v1/provider/api-keys", R"({"name":"k"})").text("id");
  const auto rule =
      w.send(Method::get, "/v1/provider/offerings/" + offering.str() + "/availability/rules", {}, w.admin).data()[0].at("id").as_string();
  const auto pricing =
      w.post("/v1/provider/offerings/" + offering.str() + "/pricing-rules", R"({"name":"Weekend","adjust":{"kind":"PERCENT","value":20}})");
  const auto at = R"("offeringId":")" + offering.str() + R"(","startsAt":"2026-05-05T14:00:00Z","endsAt":"2026-05-05T15:00:00Z")";
  const auto hold = w.send(Method::post, "/v1/public/atlas/holds", "{" + at + "}").text("id");
  const auto managed =
      w.send(Method::post, "/v1/public/atlas/bookings", "{" + at + R"(,"customer":{"name":"Ada","email":"ada@example.com"}})");
  // The right token of a booking of another tenant's storefront.
  const std::string manage_token = managed.text("manageToken");
  REQUIRE(manage_token.starts_with("bmt_"));
  const auto manage = "/v1/public/atlas/bookings/" + std::string{managed.body.at("booking").at("id").as_string()};
  REQUIRE(w.post("/v1/api/bookings/" + manage.substr(manage.rfind('/') + 1) + "/approve").status() == 200);
  const auto review = w.send(Method::post, manage + "/reviews", R"({"rating":5})", manage_token).text("id");
  const auto dispute = w.send(Method::post, manage + "/disputes", R"({"reason":"x"})", manage_token).text("id");
  const auto atlas = w.seat(w.tenant, Role::owner, "ada@example.com"), borealis = w.seat(w.other_tenant, Role::owner, "ada@example.com");
  const std::string session{w.as(atlas, Method::get, "/v1/auth/session").text("id")};
  REQUIRE(session.starts_with("ses_"));
  const std::vector<std::string> ids{offering.str(),
                                     booking.id.str(),
                                     coupon,
                                     key_id,
                                     std::string{rule},
                                     "loft",
                                     hold,
                                     pricing.text("id"),
                                     std::string{managed.body.at("booking").at("id").as_string()},
                                     review,
                                     dispute,
                                     atlas.member.id.str(),
                                     session};
  const auto snapshot = [&] {
    std::string all;
    for (const auto* path : {"/v1/api/offerings?status=ALL", "/v1/api/bookings", "/v1/api/coupons"}) all += w.get(path).raw.body;
    for (const auto* path : {"/v1/provider/reviews", "/v1/provider/disputes"}) all += w.send(Method::get, path, {}, w.admin).raw.body;
    return all;
  };
  const auto before = snapshot();
  const auto scrub = [](Answer answer) {
    answer.body.as_object().erase("requestId");
    return std::to_string(answer.status()) + boost::json::serialize(answer.body);
  };
  for (const auto& route : api::Api::routes()) {
    if (route.access == api::Access::platform) continue; // whose ids: kyb_test.cpp
    const auto last = route.path.rfind('{');
    if (last == std::string_view::npos || route.path.substr(last) == "{tenant}" || route.path.ends_with("{tenant}/offerings")) continue;
    const bool visitor = route.access == api::Access::visitor;
    if (visitor && route.path.find("/customer-") != std::string_view::npos) continue; // customers_test.cpp
    if (visitor && route.path.ends_with("/calendar-token")) continue;                 // calendars_test.cpp
    if (visitor && (route.path.ends_with("/assistant") || route.path.ends_with("/quotes") || route.path.ends_with("/holds") ||
                    route.path.ends_with("{tenant}/bookings")))
      continue;
    for (const auto& id : ids) {
      std::string absent = id;
      absent.back() = absent.back() == '0' ? '1' : '0';
      const std::string body = route.method == Method::patch                                 ? R"({"notes":"x"})"
                               : route.method == Method::post || route.method == Method::put ? "{}"
                                                                                             : "";
      const bool mine = route.access == api::Access::member;
      const auto& token = visitor ? manage_token : mine ? std::string{} : w.other_key;
      const auto extra = mine ? borealis.headers() : Headers{};
      CAPTURE(route.operation_id);
      CAPTURE(id);
      const auto foreign = scrub(w.send(route.method, filled(route.path, id, "borealis"), body, token, extra));
      const auto missing = scrub(w.send(route.method, filled(route.path, absent, "borealis"), body, token, extra));
      CHECK(foreign == missing);
      CHECK(foreign.starts_with("404"));
    }
  }
  const auto range = "&from=2026-05-01&to=2026-05-08";
  CHECK(scrub(w.send(Method::get, "/v1/api/availability?offeringId=" + offering.str() + range, {}, w.other_key)).starts_with("404"));
  CHECK(snapshot() == before);
}

TEST_CASE("problems are RFC 9457 with a stable code, the request's id, and all faults at once") {
  ApiWorld w;
  const auto answer = w.post(
      "/v1/api/offerings",
      R"({"title":"","slug":"Not A Slug","basePriceCents":-1,"currency":"usd","taxRateBps":10001,"colour":"red","id":"off_1","photos":[{"url":"ftp://x"}],"status":null})",
      {{"X-Request-Id", "trace-7"}});
  CHECK(answer.status() == 422);
  CHECK(answer.raw.header("Content-Type") == "application/problem+json");
  CHECK(answer.raw.header("X-Request-Id") == "trace-7");
  CHECK(answer.text("requestId") == "trace-7");
  CHECK(answer.text("type") == "/docs/errors#invalid_fields");
  CHECK(answer.number("status") == 422);
  CHECK(answer.faults() ==
        "/basePriceCents too_small; /colour unknown_field; /currency invalid_format; /id read_only_field; /photos/0/url invalid_format; "
        "/productTypeKey required; /slug invalid_format; /status not_nullable; /taxRateBps too_large; /title too_short");
  CHECK(w.get("/v1/api/offerings?status=ALL").data().empty());
}

TEST_CASE("what is not JSON is 400 and says why") {
  ApiWorld w;
  const std::tuple<std::string, std::string> cases[] = {{"{", "malformed_json"},
                                                        {"", "malformed_json"},
                                                        {"[1,]", "malformed_json"},
                                                        {"{} {}", "malformed_json"},
                                                        {R"({"title":"a","title":"b"})", "duplicate_key"},
                                                        {R"({"title":"a","\u0074itle":"b"})", "duplicate_key"},
                                                        {"{\"title\":\"\xff\"}", "invalid_utf8"},
                                                        {"{\"title\":\"\xc0\xaf\"}", "invalid_utf8"},
                                                        {std::string(40, '[') + std::string(40, ']'), "malformed_json"}};
  for (const auto& [body, code] : cases) {
    CAPTURE(body);
    const auto answer = w.send(Method::post, "/v1/api/offerings", body, w.key, {{"Content-Type", "application/json"}});
    CHECK(answer.status() == 400);
    CHECK(answer.code() == code);
  }
  CHECK(w.post("/v1/api/offerings", "[]").faults() == " wrong_type");
  CHECK(w.post("/v1/api/offerings", soho, {{"Content-Type", "text/plain"}}).status() == 415);
  CHECK(w.post("/v1/api/offerings", soho, {{"Content-Type", "application/json; charset=utf-8"}}).status() == 201);
  CHECK(w.post("/v1/api/offerings", "{\"title\":\"" + std::string(1 << 20, 'x') + "\"}").status() == 413);
}

TEST_CASE("unknown, repeated and malformed query parameters are refused by name") {
  ApiWorld w;
  const auto somebody = w.seat(w.tenant, Role::client, "sam@example.com");
  for (const auto& route : api::Api::routes()) {
    if (route.access == api::Access::open || route.access == api::Access::platform || route.method != Method::get) continue;
    const bool mine = route.access == api::Access::member;
    const auto answer = w.send(Method::get, filled(route.path, "x") + "?colour=red", {},
                               route.access == api::Access::visitor ? "cst_x"
                               : mine                               ? ""
                                                                    : w.admin,
                               mine ? somebody.headers() : Headers{});
    CAPTURE(route.operation_id);
    CHECK(answer.status() == 400);
    CHECK(answer.code() == "unknown_parameter");
    CHECK(answer.text("detail").find("colour") != std::string::npos);
  }
  const std::pair<const char*, const char*> cases[] = {
      {"limit=0", "invalid_parameter"},   {"limit=201", "invalid_parameter"},       {"limit=x", "invalid_parameter"},
      {"limit=", "invalid_parameter"},    {"limit=5&limit=6", "invalid_parameter"}, {"limit=%zz", "invalid_parameter"},
      {"limit=%00", "invalid_parameter"}, {"limit=%ff", "invalid_parameter"},       {"limit=1e1", "invalid_parameter"},
      {"cursor=", "invalid_cursor"},      {"cursor=abc", "invalid_cursor"},         {"cursor=c1zz", "invalid_cursor"}};
  for (const auto& [query, code] : cases) {
    CAPTURE(query);
    const auto answer = w.get(std::string{"/v1/api/offerings?"} + query);
    CHECK(answer.status() == 400);
    CHECK(answer.code() == code);
  }
  CHECK(w.get("/v1/api/offerings?q=" + std::string(201, 'x')).code() == "invalid_parameter");
  CHECK(w.get("/v1/api/offerings?q=").code() == "invalid_parameter");
  CHECK(w.get("/v1/api/offerings?status=open").code() == "invalid_parameter");
  CHECK(w.get("/v1/api/offerings?updatedSince=2026-05-01T00:00:00").code() == "invalid_parameter");
  CHECK(w.get("/v1/api/bookings?status=ALL").code() == "invalid_parameter");
  CHECK(w.get("/v1/api/coupons?active=1").code() == "invalid_parameter");
}

TEST_CASE("paths and methods: 404, 405 with Allow, HEAD as GET, cross-origin reading of open documents only") {
  ApiWorld w;
  for (const auto* path :
       {"/", "/v1", "/v1/api", "/v1/api/offerings/", "/v1/api/offerings/x/y", "/v1/api//me", "/v1/api/me/", "/V1/api/me"}) {
    CAPTURE(path);
    CHECK(w.get(path).status() == 404);
  }
  const auto answer = w.send(Method::put, "/v1/api/offerings", "{}", w.key);
  CHECK(answer.status() == 405);
  CHECK(answer.raw.header("Allow") == "GET, HEAD, POST");
  CHECK(w.send(Method::other, "/v1/api/me", {}, w.key).status() == 405);
  CHECK(w.send(Method::options, "/v1/api/me", {}, w.key).status() == 405);
  CHECK(w.send(Method::head, "/v1/api/me", {}, w.key).status() == 200);
  CHECK(w.get("/v1/api/me").raw.header("Access-Control-Allow-Origin").empty());
  CHECK(w.send(Method::get, "/v1/openapi.json").raw.header("Access-Control-Allow-Origin") == "*");
  CHECK(w.send(Method::options, "/v1/openapi.json").status() == 204);
  CHECK(w.send(Method::get, "/livez").status() == 200);
  CHECK(w.send(Method::get, "/readyz").status() == 200);
  CHECK(w.send(Method::get, "/metrics").raw.body.find("orkestr_requests_total{operation=\"getMe\",status=\"2xx\"}") != std::string::npos);
}

TEST_CASE("a cursor shows no row twice and skips none while rows come and go") {
  ApiWorld w;
  std::vector<std::string> made;
  for (int i = 0; i < 25; ++i) made.push_back(w.post("/v1/api/offerings", soho).text("id"));
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 20; ++page) {
    const auto answer = w.get("/v1/api/offerings?status=ALL&limit=4" + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(answer.status() == 200);
    for (const auto& row : answer.data()) seen.emplace_back(row.at("id").as_string());
    w.post("/v1/api/offerings", soho);         // newer: not part of this walk
    w.del("/v1/api/offerings/" + seen.back()); // the very row the cursor stands on
    if (!answer.body.at("hasMore").as_bool()) {
      CHECK(answer.body.at("nextCursor").is_null());
      break;
    }
    cursor = answer.text("nextCursor");
  }
  std::reverse(made.begin(), made.end());
  CHECK(seen == made);
}

TEST_CASE("entity tags: If-None-Match spares the body, If-Match guards a change") {
  ApiWorld w;
  const auto created = w.post("/v1/api/offerings", soho);
  const auto path = "/v1/api/offerings/" + created.text("id");
  CHECK(created.raw.header("Location") == path);
  const auto read = w.get(path);
  const std::string tag{read.raw.header("ETag")};
  CHECK(tag == created.raw.header("ETag"));
  const auto same = w.get(path, {{"If-None-Match", tag}});
  CHECK(same.status() == 304);
  CHECK(same.raw.body.empty());
  CHECK(w.get(path, {{"If-None-Match", "\"other\""}}).status() == 200);
  CHECK(w.patch(path, R"({"title":"A"})", {{"If-Match", "\"other\""}}).status() == 412);
  CHECK(w.get(path).text("title") == "Soho Loft");
  CHECK(w.patch(path, R"({"title":"A"})", {{"If-Match", "\"other\", " + tag}}).status() == 200);
  CHECK(w.patch(path, R"({"title":"B"})", {{"If-Match", tag}}).status() == 412);
  CHECK(w.del(path, {{"If-Match", tag}}).status() == 412);
  CHECK(w.del(path, {{"If-Match", "*"}}).status() == 204);
}

TEST_CASE("an idempotency key acts once, and its answer is replayed byte for byte for 24 hours") {
  ApiWorld w;
  const Headers with_key{{"Idempotency-Key", "abc-1"}};
  const auto first = w.post("/v1/api/offerings", soho, with_key);
  const auto again = w.post("/v1/api/offerings", soho, with_key);
  CHECK(first.status() == 201);
  CHECK(again.status() == 201);
  CHECK(again.raw.body == first.raw.body);
  CHECK(again.raw.header("Location") == first.raw.header("Location"));
  CHECK(first.raw.header("Idempotent-Replayed").empty());
  CHECK(again.raw.header("Idempotent-Replayed") == "true");
  CHECK(w.get("/v1/api/offerings?status=ALL").data().size() == 1);
  const auto other_body = w.post("/v1/api/offerings", R"({"title":"X"})", with_key);
  CHECK(other_body.status() == 422);
  CHECK(other_body.code() == "idempotency_mismatch");
  CHECK(w.post("/v1/api/coupons", soho, with_key).code() == "idempotency_mismatch");
  // Another tenant's key of the same name is another key.
  CHECK(w.send(Method::post, "/v1/api/offerings", soho, w.other_key, with_key).raw.header("Idempotent-Replayed").empty());
  // A malformed request began nothing, so its key is free for the corrected one.
  const Headers second{{"Idempotency-Key", "abc-2"}};
  CHECK(w.post("/v1/api/offerings", R"({"title":""})", second).status() == 422);
  CHECK(w.post("/v1/api/offerings", soho, second).status() == 201);
  // A refusal by state is an answer like any other.
  const auto offering = w.make_offering(w.tenant, "Loft");
  const auto booking = w.make_booking(offering, "2026-05-04T14:00:00Z");
  const auto approve = "/v1/api/bookings/" + booking.id.str() + "/approve";
  const Headers third{{"Idempotency-Key", "abc-3"}}, fourth{{"Idempotency-Key", "abc-4"}};
  CHECK(w.post(approve, {}, third).status() == 200);
  CHECK(w.post(approve, {}, third).status() == 200);
  const auto refused = w.post(approve, {}, fourth);
  CHECK(refused.status() == 409);
  CHECK(w.post(approve, {}, fourth).raw.body == refused.raw.body);
  w.clock.advance(std::chrono::hours{25});
  CHECK(w.post("/v1/api/offerings", soho, with_key).raw.header("Idempotent-Replayed").empty());
  CHECK(w.post("/v1/api/offerings", soho, {{"Idempotency-Key", std::string(256, 'x')}}).code() == "invalid_header");
}

TEST_CASE("concurrent sends of one idempotency key act once") {
  ApiWorld w;
  std::vector<std::string> bodies(8);
  std::vector<std::thread> threads;
  for (auto& body : bodies) threads.emplace_back([&] { body = w.post("/v1/api/offerings", soho, {{"Idempotency-Key", "race"}}).raw.body; });
  for (auto& thread : threads) thread.join();
  CHECK(std::set<std::string>(bodies.begin(), bodies.end()).size() == 1);
  CHECK(w.get("/v1/api/offerings?status=ALL").data().size() == 1);
}

TEST_CASE("a created key's token is replayed to its creator and stands nowhere in the store") {
  ApiWorld w;
  const Headers with_key{{"Idempotency-Key", "token-1"}};
  const auto first = w.post("/v1/provider/api-keys", R"({"name":"CI"})", with_key);
  const auto again = w.post("/v1/provider/api-keys", R"({"name":"CI"})", with_key);
  CHECK(again.raw.body == first.raw.body);
  const auto kept = w.store.read([&](const storage::ReadTransaction& tx) -> Result<storage::IdempotencyRecord> {
    return tx.idempotency().find(w.tenant, "token-1").value();
  });
  const auto secret = first.text("token").substr(13);
  CHECK(kept->body.find(secret) == std::string::npos);
  CHECK(w.send(Method::get, "/v1/provider/api-keys", {}, w.admin).raw.body.find(secret) == std::string::npos);
}

TEST_CASE("a key's requests are limited by a token bucket that says how it stands") {
  api::ApiOptions options;
  options.rate_limit = 3;
  options.rate_window_seconds = 6;
  ApiWorld w(options);
  CHECK(w.get("/v1/api/me").raw.header("RateLimit") == "\"default\";r=2;t=2");
  CHECK(w.get("/v1/api/me").raw.header("RateLimit-Policy") == "\"default\";q=3;w=6");
  CHECK(w.get("/v1/api/me").status() == 200);
  const auto over = w.get("/v1/api/me");
  CHECK(over.status() == 429);
  CHECK(over.code() == "rate_limited");
  CHECK(over.raw.header("Retry-After") == "2");
  CHECK(w.send(Method::get, "/v1/api/me", {}, w.admin).status() == 200); // another key has its own
  w.clock.advance(std::chrono::seconds{2});
  CHECK(w.get("/v1/api/me").status() == 200);
  CHECK(w.get("/v1/api/me").status() == 429);
}

TEST_CASE("a flood of wrong secrets is cut off, and slows no known key") {
  api::ApiOptions options = ApiWorld::quiet();
  options.failed_auth_limit = 5;
  ApiWorld w(options);
  CHECK(w.get("/v1/api/me").status() == 200);
  const std::string wrong = w.key.substr(0, 13) + std::string(48, 'x');
  for (int i = 0; i < 5; ++i) CHECK(w.send(Method::get, "/v1/api/me", {}, wrong).status() == 401);
  const auto cut = w.send(Method::get, "/v1/api/me", {}, wrong);
  CHECK(cut.status() == 429);
  CHECK_FALSE(cut.raw.header("Retry-After").empty());
  CHECK(w.get("/v1/api/me").status() == 200);
}

TEST_CASE("last use of a key is written down by due work, at most once a minute") {
  ApiWorld w;
  const auto used = [&] { return w.send(Method::get, "/v1/provider/api-keys", {}, w.admin).data().back().at("lastUsedAt"); };
  CHECK(used().is_null());
  w.get("/v1/api/me");
  CHECK(w.platform.run_due(w.clock.now())->key_uses == 2);
  CHECK(used() == "2026-05-01T12:00:00Z");
  w.clock.advance(std::chrono::seconds{30});
  w.get("/v1/api/me");
  CHECK(w.platform.run_due(w.clock.now())->key_uses == 0);
  w.clock.advance(std::chrono::seconds{31});
  w.get("/v1/api/me");
  CHECK(w.platform.run_due(w.clock.now())->key_uses == 1);
  CHECK(used() == "2026-05-01T12:01:01Z");
}
