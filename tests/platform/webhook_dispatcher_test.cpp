#include "support/api_world.hpp"
#include "support/scripted_client.hpp"

#include "orkestr/engine/webhook_signature.hpp"
#include "orkestr/platform/webhook_worker.hpp"

#include <set>

using namespace orkestr;
using namespace orkestr::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view good = "https://good.example/hook", other = "https://other.example/hook";

/// A store that fails on demand.
class ShakyStore final : public storage::Store {
 public:
  std::atomic<bool> writes_fail{false};
  std::function<void()> on_read = [] {};

 private:
  Result<void> run_read(FunctionRef<void(const storage::ReadTransaction&)> f) override {
    auto done = run_read_of(inner_, f);
    on_read();
    return done;
  }
  Result<void> run_write(FunctionRef<bool(storage::WriteTransaction&)> f) override {
    if (writes_fail) return fail(Code::store_unavailable, "the disk is on fire");
    return run_write_of(inner_, f);
  }
  storage::MemoryStore inner_;
};

struct World {
  ManualClock clock{*Instant::parse("2026-05-01T12:00:00Z")};
  SeededRandom random{7};
  ShakyStore store;
  const std::string key = SecretBox::make_key(random);
  Platform platform{store, clock, random, {SecretBox::parse(key).value(), {}}};
  TenantId tenant = platform
                        .create_tenant([] {
                          Tenant draft;
                          draft.subdomain = "atlas";
                          return draft;
                        }())
                        .value()
                        .id;
  ScriptedClient client;
  std::unique_ptr<WebhookDispatcher> dispatcher = make({});

  std::unique_ptr<WebhookDispatcher> make(DispatcherOptions options) {
    return std::make_unique<WebhookDispatcher>(platform, client, std::move(options), [] {});
  }
  IssuedWebhook subscribe(std::string_view url = good, std::vector<std::string> events = {"*"}) {
    return platform
        .write(tenant,
               [&](WriteContext& cx) {
                 Webhook draft;
                 draft.url = url;
                 draft.events = events;
                 json::Reader reader;
                 return create_webhook(cx, draft, platform.webhook_rules(), reader);
               })
        .value();
  }
  /// Something that happened to a subject.
  void emit(std::string_view subject, EventType type = EventType::offering_published) {
    REQUIRE(platform.write(tenant, [&](WriteContext& cx) -> Result<int> {
      cx.emit(type, subject, "{\"n\":1}");
      return 0;
    }));
  }
  void emit_many(int count, std::string_view prefix = "s") {
    for (int i = 0; i < count; ++i) emit(std::string{prefix} + std::to_string(i));
  }
  void run(WebhookDispatcher& d) {
    for (int i = 0; i < 10; ++i) {
      const auto more = d.step(platform.now(), true);
      REQUIRE(more);
      if (!*more) return;
    }
    FAIL("the dispatcher never comes to rest");
  }
  void run() { run(*dispatcher); }
  template <class F> auto read(F f) {
    auto answer = store.read(
        [&](const storage::ReadTransaction& tx) -> Result<std::invoke_result_t<F, const storage::ReadTransaction&>> { return f(tx); });
    REQUIRE(answer);
    return std::move(*answer);
  }
  std::vector<Delivery> deliveries(WebhookId id, std::optional<DeliveryStatus> status = {}) {
    return read([&](const auto& tx) { return tx.deliveries().list(tenant, id, {status, {}, {}, {}}, {10'000, {}}); });
  }
  std::size_t count(WebhookId id, DeliveryStatus status) { return deliveries(id, status).size(); }
  WebhookEndpoint endpoint(WebhookId id) {
    return read([&](const auto& tx) { return tx.webhooks().endpoint(tenant, id); }).value();
  }
  Webhook webhook(WebhookId id) {
    return read([&](const auto& tx) { return tx.webhooks().find(tenant, id); }).value();
  }
  std::size_t answer_all(int status) {
    std::size_t n = 0;
    for (; client.waiting() > 0; ++n) client.take().answer(status);
    return n;
  }
  /// Runs and answers until nothing more is sent now.
  std::size_t drain(int status) {
    std::size_t n = 0;
    for (run(); client.waiting() > 0; run()) n += answer_all(status);
    return n;
  }
};

} // namespace

TEST_CASE("a delivery is sent once, signed, and written down with its attempt") {
  World w;
  const auto hook = w.subscribe();
  w.emit("off_1");
  w.run();
  w.run();
  REQUIRE(w.client.sent() == 1);
  auto sent = w.client.take();
  CHECK(sent.request.method == "POST");
  CHECK(sent.request.url == good);
  CHECK(sent.header("Content-Type") == "application/json");
  CHECK(sent.header("X-Orkestr-Event") == "offering.published");
  CHECK(sent.header("X-Orkestr-Attempt") == "1");
  CHECK(sent.request.connect_timeout == 5s);
  CHECK(sent.request.timeout == 15s);
  CHECK(sent.request.max_body == 8192);
  std::vector<WebhookHeaderView> headers;
  for (const auto& [name, value] : sent.request.headers) headers.push_back({name, value});
  const auto signer = WebhookSigner::make(hook.secret).value();
  const auto verified = verify_webhook(sent.request.body, headers, {&signer, 1}, w.platform.now());
  REQUIRE(verified.has_value());
  CHECK(verified->event == "offering.published");
  CHECK(verify_webhook_body(sent.request.body, headers, {&signer, 1}).has_value());
  const auto events = w.read([&](const auto& tx) { return tx.events().list(w.tenant, "", 10); });
  CHECK(sent.request.body == events.at(0).body);

  w.clock.advance(30ms);
  sent.answer(200, std::string("caf\xe9\0!", 6));
  w.run();
  const auto row = w.deliveries(hook.webhook.id).at(0);
  CHECK(row.id.view() == verified->delivery_id);
  CHECK(row.status == DeliveryStatus::succeeded);
  CHECK(row.attempts == 1);
  CHECK(row.last_status == 200);
  CHECK(row.finished_at == w.platform.now());
  CHECK_FALSE(row.next_attempt_at.has_value());
  const auto attempts = w.read([&](const auto& tx) { return tx.deliveries().attempts(w.tenant, row.id); });
  REQUIRE(attempts.size() == 1);
  CHECK(attempts[0].number == 1);
  CHECK(attempts[0].at == row.created_at);
  CHECK(attempts[0].status == 200);
  CHECK(attempts[0].body == "caf\xef\xbf\xbd\xef\xbf\xbd!");
  CHECK(attempts[0].total_us == 1500);
  CHECK(attempts[0].address == "192.0.2.1");
  CHECK(w.dispatcher->stats().succeeded == 1);
  w.clock.advance(1min);
  w.run();
  CHECK(w.client.sent() == 1);
}

TEST_CASE("what is about the same comes in order, what is not does not wait for it") {
  World w;
  const auto hook = w.subscribe();
  w.emit("bkg_1", EventType::offering_published);
  w.emit("bkg_2", EventType::offering_published);
  w.emit("bkg_1", EventType::hold_expired);
  w.emit("bkg_1", EventType::review_created);
  w.run();
  REQUIRE(w.client.waiting() == 2);
  auto first = w.client.take(), second = w.client.take();
  second.answer(204);
  w.run();
  CHECK(w.client.waiting() == 0);
  first.answer(503);
  w.run();
  CHECK(w.client.waiting() == 0); // the others wait for its retry
  w.clock.advance(12s);
  w.run();
  REQUIRE(w.client.waiting() == 1);
  auto again = w.client.take();
  CHECK(again.header("webhook-id") == first.header("webhook-id"));
  CHECK(again.header("X-Orkestr-Attempt") == "2");
  again.answer(200);
  for (const std::string_view event : {"hold.expired", "review.created"}) {
    w.run();
    REQUIRE(w.client.waiting() == 1);
    auto next = w.client.take();
    CHECK(next.header("X-Orkestr-Event") == event);
    next.answer(200);
  }
  w.run();
  CHECK(w.count(hook.webhook.id, DeliveryStatus::succeeded) == 4);
}

TEST_CASE("a delivery that fails is tried six times by the schedule, and then dead, with what was answered") {
  World w;
  const auto hook = w.subscribe();
  w.emit("off_1");
  const milliseconds delays[] = {10s, 2min, 20min, 3h, 24h};
  Instant last = w.platform.now();
  for (int attempt = 1; attempt <= 6; ++attempt) {
    CAPTURE(attempt);
    w.run();
    REQUIRE(w.client.waiting() == 1);
    auto sent = w.client.take();
    CHECK(sent.header("X-Orkestr-Attempt") == std::to_string(attempt));
    last = w.platform.now();
    if (attempt % 2 == 0)
      sent.fail(HttpFailure::timeout, "no answer for 15 s");
    else
      sent.answer(302, "moved", {{"Location", "http://127.0.0.1/"}}); // is not followed
    w.run();
    const auto row = w.deliveries(hook.webhook.id).at(0);
    CHECK(row.attempts == attempt);
    if (attempt == 6) {
      CHECK(row.status == DeliveryStatus::dead);
      CHECK(row.last_error == "timeout: no answer for 15 s");
      break;
    }
    CHECK(row.status == DeliveryStatus::pending);
    const auto delay = delays[attempt - 1];
    REQUIRE(row.next_attempt_at.has_value());
    CHECK(*row.next_attempt_at - last >= delay * 8 / 10);
    CHECK(*row.next_attempt_at - last <= delay * 12 / 10);
    w.clock.set(*row.next_attempt_at - 1ms);
    w.run();
    CHECK(w.client.waiting() == 0);
    // Five failures open the breaker as well, which must not be what it waits for here.
    (void)w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
      cx.tx.webhooks().clear_endpoint(w.tenant, hook.webhook.id);
      return 0;
    });
    w.clock.advance(1ms);
  }
  const auto id = w.deliveries(hook.webhook.id).at(0).id;
  const auto attempts = w.read([&](const auto& tx) { return tx.deliveries().attempts(w.tenant, id); });
  REQUIRE(attempts.size() == 6);
  CHECK(attempts[0].status == 302);
  CHECK(attempts[0].body == "moved");
  CHECK(attempts[1].failure == "timeout");
  CHECK_FALSE(attempts[1].status.has_value());

  // Replayed, it begins anew under the same id.
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) { return replay_delivery(cx, hook.webhook.id, id); }));
  w.run();
  REQUIRE(w.client.waiting() == 1);
  auto sent = w.client.take();
  CHECK(sent.header("webhook-id") == id.view());
  CHECK(sent.header("X-Orkestr-Attempt") == "7");
  const Instant now = w.platform.now();
  sent.answer(500);
  w.run();
  CHECK(*w.deliveries(hook.webhook.id).at(0).next_attempt_at - now <= 12s);
}

TEST_CASE("Retry-After is kept to, for an hour at most") {
  World w;
  const auto hook = w.subscribe();
  for (const auto& [header, least, most] : {std::tuple{"60", 60s, 60s}, {"7200", 3600s, 3600s}, {"1", 8s, 12s}, {"soon", 8s, 12s}}) {
    CAPTURE(header);
    w.emit(header);
    w.run();
    REQUIRE(w.client.waiting() == 1);
    w.client.take().answer(429, {}, {{"retry-after", header}});
    w.run();
    const auto wait = *w.deliveries(hook.webhook.id).at(0).next_attempt_at - w.platform.now();
    CHECK(wait >= least);
    CHECK(wait <= most);
    (void)w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
      cx.tx.webhooks().clear_endpoint(w.tenant, hook.webhook.id);
      return 0;
    });
  }
}

TEST_CASE("an endpoint that says 410 is disabled, and the provider told") {
  World w;
  const auto hook = w.subscribe();
  w.emit_many(20);
  w.run();
  w.client.take().answer(410);
  w.run();
  const auto now = w.webhook(hook.webhook.id);
  CHECK(now.status == WebhookStatus::disabled);
  CHECK(now.disabled_reason == WebhookDisabledReason::gone);
  CHECK(w.count(hook.webhook.id, DeliveryStatus::dead) == 20);
  CHECK(w.dispatcher->stats().disabled == 1);
  const auto notes = w.read([&](const auto& tx) { return tx.notifications().list(w.tenant, {}, true, {}); });
  const auto about = std::ranges::count(notes, hook.webhook.id.str(), &Notification::subject);
  CHECK(about == 1);
  w.emit("off_1");
  CHECK(w.deliveries(hook.webhook.id).size() == 20);
  // What was under way may still arrive; it changes nothing that is over.
  w.answer_all(200);
  w.run();
  CHECK(w.count(hook.webhook.id, DeliveryStatus::dead) == 20);
  CHECK(w.client.waiting() == 0);
}

TEST_CASE("an endpoint that has only failed for five days is disabled") {
  World w;
  const auto hook = w.subscribe();
  const Instant start = w.platform.now();
  int probes = 0;
  for (int day = 0; w.webhook(hook.webhook.id).status == WebhookStatus::active && day < 200; ++day) {
    w.emit("off_" + std::to_string(day));
    probes += static_cast<int>(w.drain(500));
    w.clock.advance(1h);
  }
  CHECK(w.webhook(hook.webhook.id).disabled_reason == WebhookDisabledReason::failing);
  CHECK(w.platform.now() - start >= 5 * 24h);
  CHECK(w.platform.now() - start <= 5 * 24h + 2h);
  CHECK(probes < 400);
}

TEST_CASE("one endpoint has so many attempts under way, and keeps no other from its own") {
  World w;
  const auto slow = w.subscribe(other), quick = w.subscribe(good);
  w.emit_many(100);
  w.run();
  CHECK(w.client.waiting_for(other) == 8);
  std::size_t answered = 0;
  for (;;) {
    CHECK(w.client.waiting_for(good) <= 8);
    CHECK(w.client.waiting_for(other) == 8);
    auto sent = w.client.take_for(good);
    if (!sent) break;
    sent->answer(200);
    ++answered;
    w.run();
  }
  CHECK(answered == 100);
  CHECK(w.count(quick.webhook.id, DeliveryStatus::succeeded) == 100);
  CHECK(w.count(slow.webhook.id, DeliveryStatus::pending) == 100);
}

TEST_CASE("an endpoint that fails is sent less, then nothing but a probe, and all again once it works") {
  World w;
  const auto hook = w.subscribe();
  w.emit_many(60);
  w.run();
  REQUIRE(w.client.waiting() == 8);
  w.client.take().answer(500);
  w.run();
  CHECK(w.client.waiting() == 7); // no more than what was under way
  for (int i = 0; i < 4; ++i) w.client.take().answer(500);
  w.run();
  CHECK(breaker_state(w.endpoint(hook.webhook.id), w.platform.now()) == BreakerState::open);
  CHECK(w.answer_all(500) == 3); // of before it opened: no further sign
  w.run();
  CHECK(w.endpoint(hook.webhook.id).failures == 5);
  CHECK(w.client.waiting() == 0);
  milliseconds pause = 30s;
  for (int probe = 0; probe < 6; ++probe) {
    CAPTURE(probe);
    const auto open_until = *w.endpoint(hook.webhook.id).open_until;
    CHECK(open_until - w.platform.now() >= pause * 8 / 10);
    CHECK(open_until - w.platform.now() <= pause * 12 / 10);
    w.clock.set(open_until - 1ms);
    w.run();
    CHECK(w.client.waiting() == 0);
    w.clock.advance(1ms);
    w.run();
    REQUIRE(w.client.waiting() == 1);
    w.run();
    REQUIRE(w.client.waiting() == 1);
    if (probe < 5) w.client.take().fail(HttpFailure::connect);
    w.run();
    pause = std::min<milliseconds>(pause * 2, 5min);
  }
  w.client.take().answer(200);
  w.run();
  CHECK(w.endpoint(hook.webhook.id).failures == 0);
  CHECK(w.client.waiting() == 8);
  w.drain(200);
  w.clock.advance(10min);
  w.drain(200);
  CHECK(w.count(hook.webhook.id, DeliveryStatus::succeeded) == 60);
}

TEST_CASE("retries and first attempts share an endpoint") {
  World w;
  const auto hook = w.subscribe();
  w.emit_many(40, "old");
  // All of the old ones have failed once, as after an outage that is over.
  REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
    for (auto row : cx.tx.deliveries().list(w.tenant, hook.webhook.id, {}, {100, {}})) {
      row.attempts = 1;
      cx.tx.deliveries().settle(w.tenant, row, 0);
    }
    return 0;
  }));
  w.emit_many(40, "new");
  w.run();
  std::string order;
  while (w.client.waiting() > 0) {
    auto sent = w.client.take();
    order += sent.header("X-Orkestr-Attempt") == "1" ? 'n' : 'r';
    sent.answer(200);
    w.run();
  }
  CHECK(order.size() == 80);
  for (std::size_t at = 0; at + 8 <= 48; at += 8) {
    const auto retries = std::ranges::count(order.substr(at, 8), 'r');
    CHECK(retries >= 1);
    CHECK(retries <= 3);
  }
}

TEST_CASE("what could not be sent for want of a connection was no attempt") {
  World w;
  const auto hook = w.subscribe();
  w.emit("off_1");
  w.run();
  w.client.take().fail(HttpFailure::busy);
  w.run();
  CHECK(w.client.waiting() == 0);
  CHECK(w.dispatcher->stats().not_sent == 1);
  CHECK(w.deliveries(hook.webhook.id).at(0).attempts == 0);
  w.clock.advance(1s);
  w.run();
  REQUIRE(w.client.waiting() == 1);
  CHECK(w.client.take().header("X-Orkestr-Attempt") == "1");
}

TEST_CASE("outcomes that can't be written down are kept until they can, and nothing is sent twice meanwhile") {
  World w;
  const auto hook = w.subscribe();
  w.emit_many(3);
  w.run();
  w.store.writes_fail = true;
  w.answer_all(200);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(w.dispatcher->step(w.platform.now(), true).has_value());
  CHECK(w.client.waiting() == 0);
  w.store.writes_fail = false;
  w.run();
  CHECK(w.count(hook.webhook.id, DeliveryStatus::succeeded) == 3);
  CHECK(w.client.sent() == 3);
}

TEST_CASE("two dispatchers share the endpoints, and the one that dies is followed by the other") {
  World w;
  std::vector<WebhookId> hooks;
  for (int i = 0; i < 10; ++i) hooks.push_back(w.subscribe("https://h" + std::to_string(i) + ".example/").webhook.id);
  auto second = w.make({.owner = "second"});
  w.emit_many(5);
  w.run();
  w.run(*second);
  CHECK(w.client.sent() == 50);
  CHECK(second->stats().endpoints == 0);
  // The first goes without a word, with all of it under way.
  w.dispatcher.reset();
  w.answer_all(200);
  w.clock.advance(9s);
  w.run(*second);
  CHECK(w.client.sent() == 50);
  w.clock.advance(2s);
  w.run(*second);
  CHECK(w.client.sent() == 100); // again, under the same ids
  w.answer_all(200);
  w.run(*second);
  for (const auto& id : hooks) CHECK(w.count(id, DeliveryStatus::succeeded) == 5);
  CHECK(w.client.sent() == 100);
}

TEST_CASE("a dispatcher that slept past its lease sends nothing of what it had fetched, and overwrites nothing") {
  World w;
  const auto hook = w.subscribe();
  w.emit_many(30);
  w.run();
  REQUIRE(w.client.waiting() == 8);
  std::vector<Sent> under_way;
  while (w.client.waiting() > 0) under_way.push_back(w.client.take());
  w.clock.advance(11s);
  auto second = w.make({.owner = "second"});
  w.run(*second);
  CHECK(w.client.waiting() == 8); // the same eight, again
  for (auto& sent : under_way) sent.answer(200);
  CHECK(w.client.waiting() == 8); // of the 22 that the first had fetched, none
  w.run();                        // it writes down what it knows
  CHECK(w.count(hook.webhook.id, DeliveryStatus::succeeded) == 8);
  CHECK(w.endpoint(hook.webhook.id).owner == "second");
  for (int i = 0; i < 8; ++i) w.client.take().answer(500); // of the second: over already
  w.run(*second);
  CHECK(w.count(hook.webhook.id, DeliveryStatus::succeeded) == 8);
}

TEST_CASE("a slow store delays what is sent, and keeps nothing back") {
  World w;
  (void)w.subscribe();
  w.emit_many(3);
  w.store.on_read = [&] { w.clock.advance(3s); }; // longer than what was read may wait to be sent
  w.run();
  CHECK(w.client.waiting() == 3);
}

TEST_CASE("more endpoints than one read fetches for are all served") {
  World w;
  for (const char* name : {"a", "b", "c"}) {
    Tenant draft;
    draft.subdomain = name;
    w.tenant = w.platform.create_tenant(draft).value().id;
    for (int i = 0; i < 50; ++i) (void)w.subscribe(good);
    w.emit_many(20);
  }
  w.run();
  CHECK(w.client.waiting() == 512);
  std::set<std::string> seen;
  for (std::size_t n = 0; n < 3'000; ++n) {
    REQUIRE(w.client.waiting() > 0);
    auto sent = w.client.take();
    CHECK(seen.insert(sent.header("webhook-id")).second);
    sent.answer(200);
    if (n % 50 == 0) w.run();
    if (w.client.waiting() == 0) w.run();
  }
  w.run();
  CHECK(w.client.waiting() == 0);
}

TEST_CASE("a lease is renewed for as long as something is under way") {
  World w;
  (void)w.subscribe();
  w.emit("off_1");
  w.run();
  auto second = w.make({.owner = "second"});
  for (int i = 0; i < 30; ++i) {
    w.clock.advance(1s);
    w.run();
    w.run(*second);
  }
  CHECK(w.client.sent() == 1);
}

TEST_CASE("a dispatcher that ends lets go, so that the next one goes on at once") {
  World w;
  const auto hook = w.subscribe();
  w.emit_many(20);
  w.run();
  w.dispatcher->quiesce();
  CHECK(w.answer_all(200) == 8);
  w.run();
  CHECK(w.client.waiting() == 0);
  REQUIRE(w.dispatcher->finish(w.platform.now()));
  auto second = w.make({.owner = "second"});
  w.run(*second);
  CHECK(w.client.waiting() == 8);
  CHECK(w.count(hook.webhook.id, DeliveryStatus::succeeded) == 8);
  // Alone on its store, the next one needs no word of the one before.
  second.reset();
  auto third = w.make({.sole = true});
  w.run(*third);
  CHECK(w.client.waiting() == 16);
}

TEST_CASE("what a provider changes is kept to by what is sent next") {
  World w;
  const auto hook = w.subscribe();
  const auto change = [&](auto f) {
    REQUIRE(w.platform.write(w.tenant, [&](WriteContext& cx) -> Result<int> {
      auto webhook = *cx.tx.webhooks().find(w.tenant, hook.webhook.id);
      f(webhook);
      json::Reader reader;
      ORKESTR_CHECK(update_webhook(cx, webhook, w.platform.webhook_rules(), reader));
      return 0;
    }));
  };
  w.emit("off_1");
  change([](Webhook& webhook) { webhook.url = other; });
  w.run();
  REQUIRE(w.client.waiting_for(other) == 1);
  w.answer_all(200);

  const auto issued =
      w.platform.write(w.tenant, [&](WriteContext& cx) { return rotate_webhook(cx, hook.webhook.id, false, w.platform.webhook_rules()); });
  REQUIRE(issued);
  const auto old_signer = WebhookSigner::make(hook.secret).value(), new_signer = WebhookSigner::make(issued->secret).value();
  // Which of the two the receiver may hold to accept it: by the list, by X-Orkestr-Signature alone.
  const auto accepted = [&](const Sent& sent) {
    std::vector<WebhookHeaderView> headers;
    for (const auto& [name, value] : sent.request.headers) headers.push_back({name, value});
    std::string text;
    for (const auto* signer : {&old_signer, &new_signer}) {
      text += verify_webhook(sent.request.body, headers, {signer, 1}, w.platform.now()) ? 'l' : '-';
      text += verify_webhook_body(sent.request.body, headers, {signer, 1}) ? 'x' : '-';
    }
    return text;
  };
  const auto next = [&] {
    w.emit("off_2");
    w.run();
    auto sent = w.client.take();
    sent.answer(200);
    w.run();
    return accepted(sent);
  };
  CHECK(next() == "lxl-");
  w.clock.advance(24h - 1ms);
  CHECK(next() == "lxl-");
  w.clock.advance(1ms); // by itself
  CHECK(next() == "l-lx");
  w.clock.advance(24h);
  CHECK(next() == "--lx");

  w.emit("off_3");
  change([](Webhook& webhook) { webhook.status = WebhookStatus::disabled; });
  w.run();
  CHECK(w.client.waiting() == 0);
  CHECK(w.count(hook.webhook.id, DeliveryStatus::dead) == 1);
}

TEST_CASE("without the key of its secret, nothing is sent, and nothing dies") {
  World w;
  const auto hook = w.subscribe();
  w.emit("off_1");
  Platform keyless(w.store, w.clock, w.random, {SecretBox::parse(SecretBox::make_key(w.random)).value(), {}});
  WebhookDispatcher lost(keyless, w.client, {.owner = "lost"}, [] {});
  w.run(lost);
  CHECK(w.client.sent() == 0);
  CHECK(lost.stats().unsealed > 0);
  CHECK(w.deliveries(hook.webhook.id).at(0).attempts == 0);
  REQUIRE(lost.finish(w.platform.now()));
  w.run();
  CHECK(w.client.sent() == 1);
}

TEST_CASE("secrets are sealed anew under the first key of the ring") {
  World w;
  const auto hook = w.subscribe();
  CHECK(w.webhook(hook.webhook.id).secret.find(hook.secret) == std::string::npos);
  CHECK(w.platform.reseal_secrets().value() == 0); // they are under the first already
  const std::string next_key = SecretBox::make_key(w.random);
  Platform both(w.store, w.clock, w.random, {SecretBox::parse(next_key + "," + w.key).value(), {}});
  CHECK(both.reseal_secrets().value() == 1);
  CHECK(both.reseal_secrets().value() == 0);
  Platform next(w.store, w.clock, w.random, {SecretBox::parse(next_key).value(), {}});
  WebhookDispatcher dispatcher(next, w.client, {}, [] {});
  w.emit("off_1");
  w.run(dispatcher);
  REQUIRE(w.client.waiting() == 1);
  auto sent = w.client.take();
  CHECK(sent.header("X-Orkestr-Signature") == WebhookSigner::make(hook.secret)->body_signature(sent.request.body));
}

TEST_CASE("a worker sends what is committed, without being asked") {
  World w;
  std::atomic<int> troubles{0};
  {
    WebhookWorker worker(w.platform, w.client, {}, [&](const Error&) { ++troubles; });
    const auto hook = w.subscribe();
    for (int i = 0; i < 50; ++i) {
      w.emit("off_" + std::to_string(i));
      const auto until = std::chrono::steady_clock::now() + 10s;
      while (w.client.waiting() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(1ms);
      REQUIRE(w.client.waiting() == 1);
      w.client.take().answer(200);
    }
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (w.count(hook.webhook.id, DeliveryStatus::succeeded) < 50 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(1ms);
    CHECK(w.count(hook.webhook.id, DeliveryStatus::succeeded) == 50);
    CHECK_FALSE(worker.stands_still());
    // When nothing can be written down any more, that shows, and heals.
    w.emit("off_last");
    const auto comes_to = [](auto what) {
      const auto later = std::chrono::steady_clock::now() + 10s;
      while (!what() && std::chrono::steady_clock::now() < later) std::this_thread::sleep_for(1ms);
      return what();
    };
    REQUIRE(comes_to([&] { return w.client.waiting() == 1; }));
    w.store.writes_fail = true;
    w.client.take().answer(200);
    CHECK(comes_to([&] { return troubles > 0; }));
    w.clock.advance(2min);
    CHECK(worker.stands_still());
    w.store.writes_fail = false;
    CHECK(comes_to([&] { return !worker.stands_still(); }));
  }
  CHECK(w.client.sent() == 51);
}
