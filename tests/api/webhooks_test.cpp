// Webhooks, events and notifications over HTTP: what is taken and shown, what is owed to whom, why it waits, how it is replayed.
#include "support/api_world.hpp"

#include "orkestr/engine/webhook_signature.hpp"

#include <set>

using namespace orkestr;
using namespace orkestr::test;
using api::Method;

namespace {

const std::string hooks = "/v1/provider/webhooks";

struct World : ApiWorld {
  OfferingId offering = make_offering(tenant, "Loft");

  Answer see(const std::string& target, Headers extra = {}) { return send(Method::get, target, {}, admin, std::move(extra)); }
  Answer subscribe(const std::string& events = R"(["*"])", const std::string& url = "https://crm.example/in") {
    return post(hooks, R"({"url":")" + url + R"(","events":)" + events + "}");
  }
  Answer book(const std::string& from, const std::string& more = {}) {
    const auto start = *Instant::parse(from);
    return post("/v1/api/bookings", R"({"offeringId":")" + offering.str() + R"(","startsAt":")" + from + R"(","endsAt":")" +
                                        to_string(start + std::chrono::hours{1}) +
                                        R"(","customer":{"name":"Amelia Hart","email":"amelia@example.com"})" + more + "}");
  }
  /// `event status` of what a webhook is owed, oldest first.
  std::vector<std::string> owed(const std::string& id, const std::string& query = {}) {
    std::vector<std::string> all;
    const auto page = see(hooks + "/" + id + "/deliveries" + query);
    for (const auto& row : page.data())
      all.insert(all.begin(), std::string{row.at("event").as_string()} + " " + std::string{row.at("status").as_string()});
    return all;
  }
  /// The id of the newest delivery to a webhook.
  std::string newest(const std::string& id) {
    const auto page = see(hooks + "/" + id + "/deliveries?limit=1");
    return std::string{page.data().at(0).at("id").as_string()};
  }
  template <class F> void change(F&& f) {
    REQUIRE(platform.write(tenant, [&](WriteContext& cx) -> Result<void> {
      f(cx);
      return {};
    }));
  }
  /// What a dispatcher writes down of an attempt. @param next  of the one to come; none: it is the end
  void attempt(const std::string& delivery, int status, std::optional<Instant> next) {
    change([&](WriteContext& cx) {
      auto row = *cx.tx.deliveries().find(tenant, *DeliveryId::parse(delivery));
      const int before = row.attempts++;
      row.last_status = status;
      row.next_attempt_at = next;
      if (status == 200)
        row.last_error.reset();
      else
        row.last_error = "HTTP " + std::to_string(status);
      if (!next) {
        row.status = status == 200 ? DeliveryStatus::succeeded : DeliveryStatus::dead;
        row.finished_at = cx.now;
      }
      cx.tx.deliveries().settle(tenant, row, before);
      DeliveryAttempt made;
      made.delivery_id = row.id;
      made.number = row.attempts;
      made.at = cx.now;
      made.status = status;
      made.address = "203.0.113.7";
      made.body = "answer " + std::to_string(row.attempts);
      made.resolve_us = 1;
      made.connect_us = 2;
      made.secure_us = 3;
      made.total_us = 4;
      cx.tx.deliveries().insert_attempt(tenant, made);
    });
  }
  std::vector<std::string> kinds(const std::string& query = {}) {
    std::vector<std::string> all;
    const auto page = see("/v1/provider/notifications" + query);
    for (const auto& row : page.data()) all.insert(all.begin(), std::string{row.at("kind").as_string()});
    return all;
  }
};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a webhook is created, listed, read, changed and deleted") {
  World w;
  const auto created =
      w.post(hooks, R"({"url":"https://crm.example/in?a=b","description":"CRM","events":["booking.*","coupon.redeemed"]})");
  REQUIRE(created.status() == 201);
  const auto path = hooks + "/" + created.text("id");
  CHECK(created.raw.header("Location") == path);
  CHECK(created.text("url") == "https://crm.example/in?a=b");
  CHECK(created.text("description") == "CRM");
  CHECK(created.text("status") == "ACTIVE");
  CHECK(created.body.at("events").as_array().size() == 2);
  CHECK(created.body.at("disabledReason").is_null());
  const auto seen = w.see(path);
  CHECK(seen.status() == 200);
  CHECK(w.see(hooks).data().size() == 1);
  CHECK(w.see(hooks).data().at(0) == seen.body);

  w.clock.advance(std::chrono::minutes{1});
  const Headers stale{{"If-Match", "\"0\""}}, fresh{{"If-Match", std::string{seen.raw.header("ETag")}}};
  CHECK(w.patch(path, R"({"description":"x"})", stale).status() == 412);
  CHECK(w.del(path, stale).status() == 412);
  const auto changed = w.patch(path, R"({"description":"","events":["*"]})", fresh);
  CHECK(changed.status() == 200);
  CHECK(changed.text("description").empty());
  CHECK(changed.text("updatedAt") == "2026-05-01T12:01:00Z");
  CHECK(changed.text("createdAt") == "2026-05-01T12:00:00Z");
  CHECK(w.patch(path, R"({"description":"y"})", fresh).status() == 412);

  const auto off = w.patch(path, R"({"status":"DISABLED"})");
  CHECK(off.text("disabledReason") == "BY_PROVIDER");
  CHECK(off.text("disabledAt") == "2026-05-01T12:01:00Z");
  const auto on = w.patch(path, R"({"status":"ACTIVE"})");
  CHECK(on.body.at("disabledReason").is_null());
  CHECK(on.body.at("disabledAt").is_null());
  CHECK(w.del(path).status() == 204);
  CHECK(w.del(path).status() == 404);
  CHECK(w.see(path).status() == 404);
  CHECK(w.see(hooks).data().empty());
}

TEST_CASE("bad webhooks are refused field by field, and nothing is written") {
  World w;
  const auto id = w.subscribe().text("id");
  const auto before = w.see(hooks + "/" + id).raw.body;
  struct Case {
    const char *body, *code, *faults;
  };
  const Case cases[] = {
      {R"({"url":"http://crm.example/in","events":["*"]})", "url_invalid", "/url url_invalid"},
      {R"({"url":"nonsense","events":["*"]})", "url_invalid", "/url url_invalid"},
      {R"({"url":"https://user:pw@crm.example/","events":["*"]})", "url_invalid", "/url url_invalid"},
      {R"({"url":"https://intranet/in","events":["*"]})", "url_invalid", "/url url_invalid"},
      {R"({"url":"https://169.254.169.254/latest","events":["*"]})", "address_not_public", "/url address_not_public"},
      {R"({"url":"https://[::ffff:10.0.0.1]/","events":["*"]})", "address_not_public", "/url address_not_public"},
      {R"({"url":"","events":["*"]})", "invalid_fields", "/url too_short"},
      {R"({"url":7,"events":["*"]})", "invalid_fields", "/url wrong_type"},
      {R"({"url":"https://crm.example","events":[]})", "invalid_fields", "/events too_few_items"},
      {R"({"url":"https://crm.example","events":"*"})", "invalid_fields", "/events wrong_type"},
      {R"({"url":"https://crm.example","events":["booking.confirmed","booking.lost","webhook.test","webhook.*"]})", "invalid_fields",
       "/events/1 unknown_value; /events/2 unknown_value; /events/3 unknown_value"},
      {R"({"url":"https://crm.example","events":["*",1]})", "invalid_fields", "/events/1 wrong_type"},
      // All at once, the URL too.
      {R"({"url":"ftp://crm.example","events":["nothing"],"description":4})", "invalid_fields",
       "/description wrong_type; /events/0 unknown_value; /url url_invalid"},
      {R"({"url":"https://crm.example","events":["*"],"colour":"red"})", "invalid_fields", "/colour unknown_field"},
      {R"({"url":"https://crm.example","events":["*"],"secret":"whsec_x"})", "invalid_fields", "/secret unknown_field"},
      {R"({"url":"https://crm.example","events":["*"],"id":"whs_1","createdAt":"2026-01-01T00:00:00Z","disabledReason":null})",
       "invalid_fields", "/createdAt read_only_field; /disabledReason read_only_field; /id read_only_field"},
  };
  for (const auto& [body, code, faults] : cases) {
    CAPTURE(body);
    const auto made = w.post(hooks, body), changed = w.patch(hooks + "/" + id, body);
    for (const auto* answer : {&made, &changed}) {
      CHECK(answer->status() == 422);
      CHECK(answer->code() == code);
      CHECK(answer->faults() == faults);
    }
  }
  CHECK(w.post(hooks, "{}").faults() == "/events required; /url required");
  CHECK(w.post(hooks, R"({"url":"https://crm.example","events":["*"],"status":"ACTIVE"})").faults() == "/status read_only_field");
  CHECK(w.patch(hooks + "/" + id, R"({"status":"BROKEN"})").faults() == "/status unknown_value");
  CHECK(w.post(hooks, "[]").status() == 422);
  CHECK(w.see(hooks).data().size() == 1);
  CHECK(w.see(hooks + "/" + id).raw.body == before);
}

TEST_CASE("a tenant has at most fifty webhooks, and pages through them") {
  World w;
  std::set<std::string> made;
  for (std::size_t i = 0; i < max_webhooks; ++i) made.insert(w.subscribe().text("id"));
  CHECK(made.size() == max_webhooks);
  CHECK(w.subscribe().faults() == " too_many_items");
  CHECK(w.send(Method::post, hooks, R"({"url":"https://a.example","events":["*"]})", w.other_key).status() == 201);
  std::set<std::string> seen;
  std::string cursor;
  do {
    const auto page = w.see(hooks + "?limit=20" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& row : page.data()) CHECK(seen.insert(std::string{row.at("id").as_string()}).second);
    cursor = page.text("nextCursor");
  } while (!cursor.empty());
  CHECK(seen == made);
  w.del(hooks + "/" + *made.begin());
  CHECK(w.subscribe().status() == 201);
}

TEST_CASE("a secret is shown once, replayed under its idempotency key alone, and never kept in clear") {
  World w;
  const std::string body = R"({"url":"https://crm.example/in","events":["*"]})";
  const Headers once{{"Idempotency-Key", "one"}};
  const auto created = w.post(hooks, body, once);
  const auto secret = created.text("secret"), path = hooks + "/" + created.text("id");
  REQUIRE(is_webhook_secret(secret));
  CHECK(created.raw.header("ETag").empty());
  const auto again = w.post(hooks, body, once);
  CHECK(again.raw.body == created.raw.body);
  CHECK(again.raw.header("Idempotent-Replayed") == "true");
  const auto second = w.make_key(w.tenant, {Scope::admin});
  CHECK(w.send(Method::post, hooks, body, second, once).code() == "idempotency_mismatch");
  CHECK(w.see(hooks).data().size() == 1);

  const auto rotated = w.post(path + "/rotate", {}, {{"Idempotency-Key", "two"}});
  const auto next = rotated.text("secret");
  REQUIRE(is_webhook_secret(next));
  CHECK(next != secret);
  CHECK(w.post(path + "/rotate", {}, {{"Idempotency-Key", "two"}}).raw.body == rotated.raw.body);

  w.change([&](WriteContext& cx) {
    const auto webhook = *cx.tx.webhooks().find(w.tenant, *WebhookId::parse(created.text("id")));
    for (const auto& sealed : {webhook.secret, webhook.next_secret.value()}) {
      CHECK(sealed.starts_with("v1."));
      CHECK(sealed.find(secret.substr(6)) == std::string::npos);
      CHECK(sealed.find(next.substr(6)) == std::string::npos);
    }
    for (const char* key : {"one", "two"}) {
      const auto kept = cx.tx.idempotency().find(w.tenant, key)->body;
      CHECK(kept.find("whsec_") == std::string::npos);
      CHECK(kept.find("crm.example") == std::string::npos);
    }
  });
  for (const auto& target : {hooks, path, path + "/health", path + "/deliveries"}) {
    const auto answer = w.see(target);
    CHECK(answer.status() == 200);
    CHECK(answer.raw.body.find("whsec_") == std::string::npos);
    CHECK(answer.raw.body.find("ecret\"") == std::string::npos);
  }
  CHECK(w.patch(path, R"({"description":"x"})").raw.body.find("whsec_") == std::string::npos);
  CHECK(w.post(path + "/promote").raw.body.find("whsec_") == std::string::npos);
}

TEST_CASE("without a key for secrets there are no webhooks, and everything else works") {
  World w;
  const auto id = w.subscribe().text("id");
  Platform bare{w.store, w.clock, w.random};
  api::Api keyless{bare, ApiWorld::quiet()};
  const std::string authorization = "Bearer " + w.admin;
  const api::HeaderView headers[] = {{"Authorization", authorization}, {"Content-Type", "application/json"}};
  const auto call = [&](Method method, const std::string& target, const std::string& body) {
    return keyless.handle({method, target, headers, body, "127.0.0.1"});
  };
  const auto refused = call(Method::post, hooks, R"({"url":"https://crm.example","events":["*"]})");
  CHECK(refused.status == 501);
  CHECK(refused.body.find("not_implemented") != std::string::npos);
  CHECK(call(Method::post, hooks, R"({"url":"https://crm.example","events":["none"]})").status == 422);
  CHECK(call(Method::post, hooks + "/" + id + "/rotate", {}).status == 501);
  CHECK(call(Method::get, hooks + "/" + id, {}).status == 200);
  CHECK(call(Method::post, hooks + "/" + id + "/test", {}).status == 200);
}

TEST_CASE("a rotation has two phases, or one for a secret that leaked") {
  World w;
  const auto path = hooks + "/" + w.subscribe().text("id");
  CHECK(w.post(path + "/promote").code() == "invalid_transition");
  const auto rotated = w.post(path + "/rotate");
  CHECK(rotated.status() == 200);
  CHECK(rotated.text("rotatedAt") == "2026-05-01T12:00:00Z");
  CHECK(w.post(path + "/rotate").code() == "invalid_transition");
  CHECK(w.post(path + "/rotate", "{}").status() == 409);
  w.clock.advance(std::chrono::hours{1});
  const auto promoted = w.post(path + "/promote");
  CHECK(promoted.status() == 200);
  CHECK(promoted.body.at("rotatedAt").is_null());
  CHECK(promoted.text("oldSecretExpiresAt") == "2026-05-02T13:00:00Z");
  CHECK(w.post(path + "/promote").status() == 409);

  // Leaked while a rotation is under way: both go.
  CHECK(w.post(path + "/rotate").status() == 200);
  const auto replaced = w.post(path + "/rotate", R"({"revokeOld":true})");
  CHECK(replaced.status() == 200);
  CHECK(is_webhook_secret(replaced.text("secret")));
  CHECK(replaced.body.at("rotatedAt").is_null());
  CHECK(replaced.body.at("oldSecretExpiresAt").is_null());

  CHECK(w.post(path + "/rotate").status() == 200);
  const auto ended = w.post(path + "/promote", R"({"revokeOld":true})");
  CHECK(ended.body.at("oldSecretExpiresAt").is_null());
  // Left alone, the new secret takes over by itself, and the next rotation may begin.
  CHECK(w.post(path + "/rotate").status() == 200);
  w.clock.advance(rotation_time);
  const auto after = w.send(Method::get, path, {}, w.admin);
  CHECK(after.body.at("rotatedAt").is_null());
  CHECK(after.text("oldSecretExpiresAt") == to_string(w.clock.now() + rotation_time));
  CHECK(w.post(path + "/promote").status() == 409);
  CHECK(w.post(path + "/rotate").status() == 200);
  CHECK(w.post(path + "/rotate", R"({"revokeOld":"yes","other":1})").faults() == "/other unknown_field; /revokeOld wrong_type");
}

TEST_CASE("a test ping is owed to one webhook alone, whatever it wants, and is an event") {
  World w;
  const auto id = w.subscribe(R"(["review.created"])").text("id"), other = w.subscribe().text("id");
  const auto ping = w.post(hooks + "/" + id + "/test");
  CHECK(ping.status() == 200);
  CHECK(ping.text("event") == "webhook.test");
  CHECK(ping.text("status") == "PENDING");
  CHECK(w.owed(id) == Texts{"webhook.test PENDING"});
  CHECK(w.owed(other).empty());
  const auto feed = w.get("/v1/api/events");
  REQUIRE(feed.data().size() == 2); // with the offering's
  CHECK(feed.data().at(1).at("id").as_string() == ping.text("eventId"));
  CHECK(feed.data().at(1).at("data").at("webhookId").as_string() == id);
  // A second one waits for none.
  w.post(hooks + "/" + id + "/test");
  CHECK(w.see(hooks + "/" + id + "/deliveries/" + w.newest(id)).body.at("waiting").at("reason") == "QUEUED");
  w.patch(hooks + "/" + id, R"({"status":"DISABLED"})");
  CHECK(w.post(hooks + "/" + id + "/test").code() == "invalid_transition");
  CHECK(w.post(hooks + "/" + id + "/test", R"({"x":1})").status() == 422);
}

TEST_CASE("what happens is owed to exactly those who asked for it") {
  World w;
  const auto exact = w.subscribe(R"(["booking.confirmed"])").text("id"), group = w.subscribe(R"(["booking.*"])").text("id"),
             all = w.subscribe(R"(["*"])").text("id"), twice = w.subscribe(R"(["booking.created","booking.*","*"])").text("id"),
             reviews = w.subscribe(R"(["review.*","dispute.opened"])").text("id"), off = w.subscribe(R"(["*"])").text("id");
  w.patch(hooks + "/" + off, R"({"status":"DISABLED"})");
  const auto theirs = w.send(Method::post, hooks, R"({"url":"https://theirs.example","events":["*"]})", w.other_key).text("id");
  REQUIRE(w.post("/v1/api/coupons", R"({"code":"TEN","kind":"PERCENT","amount":10})").status() == 201);

  const auto booked = w.book("2026-05-04T14:00:00Z", R"(,"couponCode":"TEN")");
  REQUIRE(booked.status() == 201);
  REQUIRE(w.post("/v1/api/bookings/" + booked.text("id") + "/approve").status() == 200);
  const Texts bookings{"booking.created PENDING", "booking.confirmed PENDING"},
      everything{"booking.created PENDING", "coupon.redeemed PENDING", "booking.confirmed PENDING"};
  CHECK(w.owed(exact) == Texts{"booking.confirmed PENDING"});
  CHECK(w.owed(group) == bookings);
  CHECK(w.owed(all) == everything);
  CHECK(w.owed(twice) == everything);
  CHECK(w.owed(reviews).empty());
  CHECK(w.owed(off).empty());
  CHECK(w.send(Method::get, hooks + "/" + theirs + "/deliveries", {}, w.other_key).data().empty());
  // About the booking, so that it is delivered in order.
  const auto page = w.see(hooks + "/" + all + "/deliveries");
  for (const auto& row : page.data()) CHECK(row.at("subject").as_string() == booked.text("id"));

  // Refused, or rolled back: nothing is owed, and nothing is told.
  REQUIRE(w.book("2026-05-04T14:00:00Z").status() == 201);
  const auto owed = w.owed(all).size(), told = w.kinds().size();
  CHECK(w.book("2026-05-04T14:00:00Z").code() == "slot_unavailable");
  CHECK(w.book("2026-05-04T15:00:00Z", R"(,"couponCode":"NONE")").code() == "coupon_unknown");
  CHECK(w.book("2026-05-04T15:00:00Z", R"(,"expectedTotalCents":1)").code() == "price_changed");
  CHECK(w.post("/v1/api/bookings/" + booked.text("id") + "/approve").status() == 409);
  CHECK_FALSE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<void> {
    cx.emit(EventType::booking_created, "bkg_1", "{}");
    return fail(Code::internal, "changed my mind");
  }));
  CHECK_FALSE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<void> {
    (void)cx.tx.nested([&]() -> Result<void> {
      cx.emit(EventType::booking_created, "bkg_1", "{}");
      return fail(Code::internal, "changed my mind");
    });
    return fail(Code::busy, "");
  }));
  CHECK(w.owed(all).size() == owed);
  CHECK(w.kinds().size() == told);
  CHECK(w.get("/v1/api/events").data().size() == 5); // the offering's, and the four of bookings and coupons
}

TEST_CASE("the platform tells its host when something is owed, and only then") {
  World w;
  int woken = 0;
  w.platform.on_events([&] { ++woken; });
  REQUIRE(w.book("2026-05-04T14:00:00Z").status() == 201);
  CHECK(woken == 0); // nobody asked
  const auto path = hooks + "/" + w.subscribe(R"(["booking.created"])").text("id");
  CHECK(woken == 0);
  REQUIRE(w.book("2026-05-04T15:00:00Z").status() == 201);
  CHECK(woken == 1);
  w.attempt(w.newest(path.substr(hooks.size() + 1)), 200, {});
  w.post(path + "/replay?dryRun=true", R"({"status":null})");
  w.post(path + "/replay", "{}");
  CHECK(woken == 1);
  w.post(path + "/replay", R"({"status":null})");
  CHECK(woken == 2);
  w.platform.on_events({});
}

TEST_CASE("deliveries are filtered, paged and shown with their attempts") {
  World w;
  const auto id = w.subscribe().text("id"), list = hooks + "/" + id + "/deliveries";
  for (const char* hour : {"13", "14", "15", "16"}) REQUIRE(w.book(std::string{"2026-05-04T"} + hour + ":00:00Z").status() == 201);
  w.attempt(w.newest(id), 200, {});
  w.post(hooks + "/" + id + "/test");
  CHECK(w.owed(id).size() == 5);
  CHECK(w.owed(id, "?status=SUCCEEDED") == Texts{"booking.created SUCCEEDED"});
  CHECK(w.owed(id, "?status=PENDING").size() == 4);
  CHECK(w.owed(id, "?status=DEAD").empty());
  CHECK(w.owed(id, "?event=webhook.test&status=PENDING") == Texts{"webhook.test PENDING"});
  CHECK(w.see(list + "?status=pending").code() == "invalid_parameter");
  CHECK(w.see(list + "?event=booking.*").code() == "invalid_parameter");
  CHECK(w.see(list + "?webhook=1").code() == "unknown_parameter");
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const auto page = w.see(list + "?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    CHECK(page.data().size() <= 2);
    for (const auto& row : page.data()) seen.emplace_back(row.at("id").as_string());
    cursor = page.text("nextCursor");
  } while (!cursor.empty());
  CHECK(seen.size() == 5);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 5);
  CHECK(std::is_sorted(seen.rbegin(), seen.rend()));

  const auto done = w.see(list + "/" + seen[1]);
  CHECK(done.text("status") == "SUCCEEDED");
  CHECK(done.body.at("waiting").is_null());
  CHECK(done.number("lastStatus") == 200);
  const auto& log = done.body.at("log").as_array();
  REQUIRE(log.size() == 1);
  CHECK(boost::json::serialize(log.at(0)) ==
        R"({"number":1,"at":"2026-05-01T12:00:00Z","status":200,"failure":null,"detail":"","address":"203.0.113.7","body":"answer 1",)"
        R"("truncated":false,"resolveMicros":1,"connectMicros":2,"secureMicros":3,"totalMicros":4})");
  const auto payload = boost::json::parse(done.text("payload")); // as it was sent: the event
  CHECK(payload.at("id").as_string() == done.text("eventId"));
  CHECK(payload.at("event").as_string() == done.text("event"));
  CHECK(w.see(list + "/" + seen[1], {{"If-None-Match", std::string{done.raw.header("ETag")}}}).status() == 304);
}

TEST_CASE("a delivery says why it waits, and until when") {
  World w;
  const auto webhook = w.subscribe(R"(["booking.*"])").text("id"), path = hooks + "/" + webhook;
  const auto booking = w.book("2026-05-04T14:00:00Z").text("id");
  const auto first = w.newest(webhook);
  w.post("/v1/api/bookings/" + booking + "/approve");
  const auto second = w.newest(webhook);
  const auto waiting = [&](const std::string& delivery) { return w.see(path + "/deliveries/" + delivery).body.at("waiting"); };
  CHECK(waiting(first).at("reason") == "QUEUED");
  CHECK(waiting(first).at("until").is_null());

  CHECK(waiting(second).at("reason") == "ORDER");
  CHECK(waiting(second).at("behind").as_string() == first);
  CHECK(waiting(second).at("detail").as_string().find("booking.created") != std::string::npos);

  const Instant now = w.clock.now();
  w.attempt(first, 500, now + std::chrono::seconds{11});
  CHECK(waiting(first).at("reason") == "RETRY");
  CHECK(waiting(first).at("until") == "2026-05-01T12:00:11Z");
  CHECK(waiting(first).at("detail").as_string().find("HTTP 500") != std::string::npos);
  CHECK(waiting(second).at("reason") == "ORDER");
  CHECK(waiting(second).at("until") == "2026-05-01T12:00:11Z");
  w.clock.advance(std::chrono::seconds{11});
  CHECK(waiting(first).at("reason") == "QUEUED"); // due again
  w.attempt(first, 503, now + std::chrono::minutes{2});
  const auto log = w.see(path + "/deliveries/" + first).body.at("log");
  REQUIRE(log.as_array().size() == 2);
  CHECK(log.at(0).at("number") == 1);
  CHECK(log.at(1).at("status") == 503);
  CHECK(log.at(1).at("at") == "2026-05-01T12:00:11Z");

  const auto healthy = w.see(path + "/health");
  CHECK(healthy.text("breaker") == "CLOSED");
  CHECK(healthy.number("pending") == 2);
  CHECK(healthy.body.at("disabledFrom").is_null());
  w.change([&](WriteContext& cx) {
    const auto id = *WebhookId::parse(webhook);
    auto endpoint = cx.tx.webhooks().take(w.tenant, id, "test", cx.now, cx.now + std::chrono::seconds{10}).value();
    for (int i = 0; i < breaker_failures; ++i) note_failure(endpoint, cx.now, 0.5);
    cx.tx.webhooks().put_endpoint(w.tenant, endpoint);
  });
  // The retry is later than the probe, so the retry is what it waits for; then the other way round.
  CHECK(waiting(first).at("reason") == "RETRY");
  w.attempt(first, 503, w.clock.now() + std::chrono::seconds{1});
  CHECK(waiting(first).at("reason") == "PAUSED");
  CHECK(waiting(first).at("until") == "2026-05-01T12:00:41Z");
  const auto failing = w.see(path + "/health");
  CHECK(failing.text("breaker") == "OPEN");
  CHECK(failing.text("openUntil") == "2026-05-01T12:00:41Z");
  CHECK(failing.number("consecutiveFailures") == 5);
  CHECK(failing.text("failingSince") == "2026-05-01T12:00:11Z");
  CHECK(failing.text("disabledFrom") == "2026-05-06T12:00:11Z");
  w.clock.advance(std::chrono::seconds{30});
  CHECK(w.see(path + "/health").text("breaker") == "HALF_OPEN");
  CHECK(waiting(first).at("reason") == "QUEUED");
  // Another address is another endpoint.
  w.patch(path, R"({"url":"https://crm2.example/in"})");
  CHECK(w.see(path + "/health").text("breaker") == "CLOSED");

  w.attempt(first, 200, {});
  CHECK(waiting(first).is_null());
  CHECK(waiting(second).at("reason") == "QUEUED");
}

TEST_CASE("one delivery is replayed under its id, with a schedule that begins anew") {
  World w;
  const auto webhook = w.subscribe().text("id"), other = w.subscribe(R"(["review.*"])").text("id");
  REQUIRE(w.book("2026-05-04T14:00:00Z").status() == 201);
  const auto delivery = w.newest(webhook), path = hooks + "/" + webhook + "/deliveries/" + delivery;
  CHECK(w.post(path + "/replay").code() == "invalid_transition");
  w.attempt(delivery, 500, w.clock.now());
  CHECK(w.post(path + "/replay").status() == 409);
  w.attempt(delivery, 500, {});
  CHECK(w.see(path).text("status") == "DEAD");
  CHECK(w.post(hooks + "/" + other + "/deliveries/" + delivery + "/replay").status() == 404);
  CHECK(w.see(hooks + "/" + other + "/deliveries/" + delivery).status() == 404);
  w.clock.advance(std::chrono::hours{1});
  const auto replayed = w.post(path + "/replay");
  CHECK(replayed.status() == 200);
  CHECK(replayed.text("id") == delivery);
  CHECK(replayed.text("status") == "PENDING");
  CHECK(replayed.text("nextAttemptAt") == "2026-05-01T13:00:00Z");
  CHECK(replayed.number("attempts") == 2);
  CHECK(replayed.body.at("finishedAt").is_null());
  CHECK(w.post(path + "/replay").status() == 409);
  w.attempt(delivery, 200, {});
  CHECK(w.see(path).body.at("log").as_array().size() == 3);
  CHECK(w.post(path + "/replay", "{}").status() == 200); // what arrived can be had again too
  w.patch(hooks + "/" + webhook, R"({"status":"DISABLED"})");
  CHECK(w.post(path + "/replay").code() == "invalid_transition");
}

TEST_CASE("a range is replayed, and a dry run tells how many that will be") {
  World w;
  const auto webhook = w.subscribe().text("id"), path = hooks + "/" + webhook;
  for (const char* hour : {"13", "14", "15", "16", "17", "18"}) {
    REQUIRE(w.book(std::string{"2026-05-04T"} + hour + ":00:00Z").status() == 201);
    const int n = hour[1] - '0';
    if (n <= 5)
      w.attempt(w.newest(webhook), 500, {}); // 13, 14, 15
    else if (n <= 7)
      w.attempt(w.newest(webhook), 200, {}); // 16, 17
    w.clock.advance(std::chrono::minutes{10});
  }
  const auto count = [&](const std::string& body) {
    const auto dry = w.post(path + "/replay?dryRun=true", body), dry_again = w.post(path + "/replay?dryRun=true", body);
    CHECK(dry.raw.body == dry_again.raw.body);
    const auto real = w.post(path + "/replay", body);
    CHECK(real.raw.body == dry.raw.body);
    return real.number("count");
  };
  CHECK(count(R"({"from":"2026-05-01T12:10:00Z","to":"2026-05-01T12:20:00Z"})") == 1);
  CHECK(count(R"({"from":"2026-05-01T12:10:00Z","to":"2026-05-01T12:20:00Z"})") == 0); // PENDING by now
  CHECK(count(R"({"event":"webhook.test"})") == 0);
  CHECK(count(R"({"status":"SUCCEEDED","to":"2026-05-01T12:40:00Z"})") == 1);
  CHECK(count(R"({"status":null,"event":"booking.created"})") == 3);
  CHECK(w.owed(webhook, "?status=PENDING").size() == 6);
  CHECK(count("{}") == 0);
  CHECK(count("") == 0);
  CHECK(w.post(path + "/replay", R"({"status":"PENDING"})").faults() == "/status unknown_value");
  CHECK(w.post(path + "/replay", R"({"from":"2026-05-02T00:00:00Z","to":"2026-05-02T00:00:00Z"})").faults() == "/to conflict");
  CHECK(w.post(path + "/replay?dryRun=maybe", "{}").code() == "invalid_parameter");
  w.patch(path, R"({"status":"DISABLED"})");
  CHECK(w.post(path + "/replay", "{}").code() == "invalid_transition");
  CHECK(w.post(path + "/replay?dryRun=true", "{}").code() == "invalid_transition");
  // What was pending then is DEAD, and can be had once the webhook is back.
  w.patch(path, R"({"status":"ACTIVE"})");
  CHECK(count("{}") == 6);
}

TEST_CASE("disabling and deleting end what is pending, and nothing else") {
  World w;
  const auto webhook = w.subscribe().text("id"), deleted = w.subscribe().text("id"), other = w.subscribe().text("id");
  REQUIRE(w.book("2026-05-04T14:00:00Z").status() == 201);
  w.attempt(w.newest(webhook), 200, {});
  REQUIRE(w.book("2026-05-04T15:00:00Z").status() == 201);
  w.patch(hooks + "/" + webhook, R"({"status":"DISABLED"})");
  CHECK(w.owed(webhook) == Texts{"booking.created SUCCEEDED", "booking.created DEAD"});
  const auto dead = w.see(hooks + "/" + webhook + "/deliveries/" + w.newest(webhook));
  CHECK(dead.text("lastError") == "The webhook was disabled.");
  CHECK(dead.text("finishedAt") == "2026-05-01T12:00:00Z");
  CHECK(dead.body.at("nextAttemptAt").is_null());
  CHECK(dead.body.at("waiting").is_null());
  const auto last = w.newest(deleted);
  CHECK(w.del(hooks + "/" + deleted).status() == 204);
  CHECK(w.see(hooks + "/" + deleted + "/deliveries").status() == 404);
  const auto kept = w.see(hooks + "/" + deleted + "/deliveries/" + last);
  CHECK(kept.text("status") == "DEAD");
  CHECK(kept.text("lastError") == "The webhook was deleted.");
  CHECK(w.post(hooks + "/" + deleted + "/deliveries/" + last + "/replay").status() == 404);
  CHECK(w.owed(other) == Texts{"booking.created PENDING", "booking.created PENDING"});
  // Nothing is owed to either from now on.
  REQUIRE(w.book("2026-05-04T16:00:00Z").status() == 201);
  CHECK(w.owed(webhook).size() == 2);
  CHECK(w.owed(other).size() == 3);
}

TEST_CASE("the feed of events gives each exactly once, in order, to whoever goes on where they were") {
  World w;
  const auto empty = w.send(Method::get, "/v1/api/events", {}, w.other_key);
  CHECK(empty.data().empty());
  CHECK(empty.body.at("lastEventId").is_null());
  CHECK_FALSE(empty.body.at("hasMore").as_bool());
  for (const char* hour : {"13", "14", "15"}) {
    const auto booked = w.book(std::string{"2026-05-04T"} + hour + ":00:00Z");
    w.post("/v1/api/bookings/" + booked.text("id") + "/approve");
    w.post("/v1/api/bookings/" + booked.text("id") + "/cancel");
  }
  const auto theirs = w.make_offering(w.other_tenant, "Theirs");
  REQUIRE(w.try_book(w.other_tenant, theirs, "2026-05-04T14:00:00Z"));
  const auto all = w.get("/v1/api/events?limit=200");
  CHECK_FALSE(all.body.at("hasMore").as_bool());
  REQUIRE(all.data().size() == 10);
  CHECK(all.data().at(0).at("type") == "offering.published");
  CHECK(all.text("lastEventId") == std::string{all.data().at(9).at("id").as_string()});
  for (const std::size_t limit : {1U, 3U, 5U, 9U, 10U}) {
    CAPTURE(limit);
    std::string after;
    json::Array seen;
    for (bool more = true; more;) {
      const auto page = w.get("/v1/api/events?limit=" + std::to_string(limit) + (after.empty() ? "" : "&after=" + after));
      REQUIRE(page.status() == 200);
      CHECK(page.data().size() <= limit);
      for (const auto& event : page.data()) seen.push_back(event);
      after = page.text("lastEventId");
      more = page.body.at("hasMore").as_bool();
    }
    CHECK(seen == all.data());
    // At the end, what comes next begins there.
    const auto none = w.get("/v1/api/events?after=" + after);
    CHECK(none.data().empty());
    CHECK(none.text("lastEventId") == after);
  }
  const auto end = all.text("lastEventId");
  REQUIRE(w.book("2026-05-04T16:00:00Z").status() == 201);
  const auto next = w.get("/v1/api/events?after=" + end);
  REQUIRE(next.data().size() == 1);
  CHECK(next.data().at(0).at("event") == "booking.created");

  const auto others = w.send(Method::get, "/v1/api/events", {}, w.other_key);
  REQUIRE(others.data().size() == 2);
  CHECK(w.get("/v1/api/events?after=" + others.text("lastEventId")).code() == "invalid_cursor");
  CHECK(w.get("/v1/api/events?after=evt_00000000000000000000000000").code() == "invalid_cursor");
  CHECK(w.get("/v1/api/events?after=bkg_00000000000000000000000000").code() == "invalid_parameter");
  CHECK(w.get("/v1/api/events?after=").code() == "invalid_parameter");
  CHECK(w.get("/v1/api/events?cursor=x").code() == "unknown_parameter");
  CHECK(w.get("/v1/api/events?limit=0").status() == 400);
}

TEST_CASE("notifications tell the provider what happened, and customers their part") {
  World w;
  REQUIRE(w.post("/v1/api/coupons", R"({"code":"TEN","kind":"PERCENT","amount":10})").status() == 201);
  const auto booked = w.book("2026-05-04T14:00:00Z", R"(,"couponCode":"TEN")");
  const auto path = "/v1/api/bookings/" + booked.text("id");
  CHECK(w.kinds() == Texts{"COUPON_REDEEMED", "GENERIC"});
  w.clock.advance(std::chrono::minutes{1});
  w.post(path + "/approve");
  w.clock.advance(std::chrono::minutes{1});
  w.patch(path, R"({"startsAt":"2026-05-04T15:00:00Z","endsAt":"2026-05-04T16:00:00Z"})");
  w.post(path + "/cancel");
  CHECK(w.kinds() == Texts{"COUPON_REDEEMED", "GENERIC", "BOOKING_CONFIRMED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED"});
  const auto page = w.see("/v1/provider/notifications?limit=2");
  CHECK(page.number("unreadCount") == 5);
  CHECK(page.body.at("hasMore").as_bool());
  const auto& newest = page.data().at(0);
  CHECK(newest.at("title") == "Booking cancelled: Loft");
  CHECK(newest.at("link").as_string() == "/provider/bookings/" + booked.text("id"));
  CHECK(newest.at("subject").as_string() == booked.text("id"));
  CHECK(newest.at("readAt").is_null());
  const auto rest = w.see("/v1/provider/notifications?limit=200&cursor=" + page.text("nextCursor"));
  CHECK(rest.data().size() == 3);
  CHECK(rest.number("unreadCount") == 5);

  const auto id = std::string{newest.at("id").as_string()}, read = "/v1/provider/notifications/" + id + "/read";
  CHECK(w.post(read).text("readAt") == "2026-05-01T12:02:00Z");
  w.clock.advance(std::chrono::minutes{1});
  CHECK(w.post(read).text("readAt") == "2026-05-01T12:02:00Z");
  CHECK(w.see("/v1/provider/notifications").number("unreadCount") == 4);
  CHECK(w.kinds("?unread=true") == Texts{"COUPON_REDEEMED", "GENERIC", "BOOKING_CONFIRMED", "BOOKING_RESCHEDULED"});
  CHECK(w.kinds("?unread=false").size() == 5);
  CHECK(w.see("/v1/provider/notifications?unread=yes").code() == "invalid_parameter");

  // The customer's own are theirs alone, and stay unread whatever the provider reads.
  const auto customer = *CustomerId::parse(std::string{booked.body.at("customer").at("id").as_string()});
  std::vector<Notification> told;
  w.change([&](WriteContext& cx) { told = cx.tx.notifications().list(w.tenant, customer, false, {50, {}}); });
  REQUIRE(told.size() == 3);
  CHECK(told[2].title == "Your booking is confirmed: Loft");
  CHECK(told[1].title == "Your booking has a new time: Loft");
  CHECK(told[0].title == "Your booking is cancelled: Loft");
  CHECK(w.post("/v1/provider/notifications/" + told[0].id.str() + "/read").status() == 404);
  const auto done = w.post("/v1/provider/notifications/read");
  CHECK(done.status() == 200);
  CHECK(done.number("unreadCount") == 0);
  CHECK(w.see("/v1/provider/notifications").number("unreadCount") == 0);
  CHECK(w.kinds("?unread=true").empty());
  CHECK(w.kinds().size() == 5);
  CHECK(w.post(read).text("readAt") == "2026-05-01T12:02:00Z");
  w.change([&](WriteContext& cx) { CHECK(cx.tx.notifications().count_unread(w.tenant, customer) == 3); });
}

TEST_CASE("all nine kinds of notification come of the events that there are") {
  const std::string data =
      R"({"offeringTitle":"Loft","reason":"late","resolution":"refund","code":"TEN","customerId":"cus_00000000000000000000000000"})";
  std::set<std::string_view> kinds{json::name_of(NotificationKind::generic)};
  for (std::size_t i = 0; i < json::EnumNames<EventType>::names.size(); ++i) {
    const auto type = static_cast<EventType>(i);
    for (const auto& told : notifications_of(type, "sub_1", data)) {
      kinds.insert(json::name_of(told.kind));
      CHECK_FALSE(told.title.empty());
      CHECK_FALSE(told.title.ends_with(' '));
      CHECK(told.link.starts_with('/'));
      if (told.customer_id) CHECK(told.link == "/bookings");
    }
    CHECK(notifications_of(type, "sub_1", "nonsense").empty());
  }
  CHECK(kinds ==
        std::set<std::string_view>(json::EnumNames<NotificationKind>::names.begin(), json::EnumNames<NotificationKind>::names.end()));
  CHECK(kinds.size() == 9);
}

TEST_CASE("a webhook that is disabled for failing tells the provider why") {
  World w;
  const auto gone = *WebhookId::parse(w.subscribe().text("id")), failing = *WebhookId::parse(w.subscribe().text("id"));
  REQUIRE(w.book("2026-05-04T14:00:00Z").status() == 201);
  w.change([&](WriteContext& cx) {
    disable_webhook(cx, gone, WebhookDisabledReason::gone);
    disable_webhook(cx, failing, WebhookDisabledReason::failing);
    disable_webhook(cx, failing, WebhookDisabledReason::failing); // once is enough
  });
  const json::Array told = w.see("/v1/provider/notifications?limit=2").data();
  CHECK(told.at(1).at("title") == "Webhook disabled, its endpoint is gone: https://crm.example/in");
  CHECK(told.at(0).at("title") == "Webhook disabled after five days of failure: https://crm.example/in");
  CHECK(told.at(0).at("kind") == "GENERIC");
  CHECK(told.at(0).at("link").as_string() == "/provider/webhooks/" + failing.str());
  CHECK(w.kinds() == Texts{"GENERIC", "GENERIC", "GENERIC"});
  CHECK(w.see(hooks + "/" + gone.str()).text("disabledReason") == "GONE");
  CHECK(w.see(hooks + "/" + failing.str()).text("disabledReason") == "FAILING");
  CHECK(w.owed(gone.str()) == Texts{"booking.created DEAD"});
}

TEST_CASE("webhooks and notifications are the admin scope's, events the read scope's, and another tenant's are nobody's") {
  World w;
  const auto webhook = w.subscribe().text("id");
  REQUIRE(w.book("2026-05-04T14:00:00Z").status() == 201);
  const auto delivery = w.newest(webhook);
  const auto notification = std::string{w.see("/v1/provider/notifications").data().at(0).at("id").as_string()};
  const auto target = [](std::string_view path, const std::string& id, const std::string& second) {
    std::string text{path};
    for (const auto& [place, value] : {std::pair{"{id}", &id}, {"{deliveryId}", &second}})
      if (const auto at = text.find(place); at != std::string::npos) text.replace(at, std::string_view{place}.size(), *value);
    return text;
  };
  const auto before = w.see(hooks + "/" + webhook).raw.body;
  std::size_t seen = 0;
  for (const auto& route : api::Api::routes()) {
    const bool about_notifications = route.path.starts_with("/v1/provider/notifications");
    if (!route.path.starts_with(hooks) && !about_notifications) continue;
    CAPTURE(route.operation_id);
    ++seen;
    const std::string body = route.method == Method::get || route.method == Method::del ? "" : "{}";
    const auto own = target(route.path, about_notifications ? notification : webhook, delivery);
    CHECK(w.send(route.method, own, body, w.key).code() == "insufficient_scope");
    CHECK(w.send(route.method, own, body).status() == 401);
    if (route.path.find('{') == std::string_view::npos) continue;
    const auto unknown =
        target(route.path, std::string{about_notifications ? "ntf_" : "whs_"} + std::string(26, '0'), "dlv_" + std::string(26, '0'));
    const auto foreign = w.send(route.method, own, body, w.other_key), nobodys = w.send(route.method, unknown, body, w.other_key);
    CHECK(foreign.status() == 404);
    CHECK(foreign.code() == nobodys.code());
    CHECK(foreign.text("detail") == nobodys.text("detail"));
  }
  CHECK(seen == 16);
  CHECK(w.see(hooks + "/" + webhook).raw.body == before);
  CHECK(w.owed(webhook) == Texts{"booking.created PENDING"});
  CHECK(w.get("/v1/api/events").status() == 200);
  CHECK(w.send(Method::get, "/v1/api/events", {}, w.make_key(w.tenant, {Scope::admin, Scope::write})).code() == "insufficient_scope");
  CHECK(w.send(Method::get, "/v1/provider/notifications", {}, w.other_key).data().empty());
  // A path's id of another kind is as unknown.
  CHECK(w.see(hooks + "/" + delivery).status() == 404);
  CHECK(w.see(hooks + "/" + webhook + "/deliveries/" + webhook).status() == 404);
}
