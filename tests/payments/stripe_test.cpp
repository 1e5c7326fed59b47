#include "orkestr/adapters/stripe_gateway.hpp"

#include "orkestr/engine/timestamped_signature.hpp"
#include "orkestr/ports/random.hpp"

#include "adapters/stripe/amounts.hpp"
#include "adapters/stripe/form.hpp"
#include "payments/collect.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "support/scripted_client.hpp"

using namespace orkestr;
using namespace orkestr::test;
using State = GatewayState;
using Kind = GatewayEventKind;

namespace {

const Currency eur = *Currency::parse("EUR");
const Instant now = Instant::from_seconds(1'800'000'000);

std::string intent(std::string_view status, std::string_view more = "") {
  return R"({"id":"pi_1","object":"payment_intent","client_secret":"pi_1_secret_2","status":")" + std::string{status} +
         R"(","amount":5000,"amount_received":)" + (status == "succeeded" ? "5000" : "0") +
         R"(,"currency":"eur","created":1700000000,"metadata":{"tenantId":"tnt_1","bookingId":"bkg_1"})" + std::string{more} + "}";
}

std::string error(std::string_view members) { return R"({"error":{)" + std::string{members} + "}}"; }

struct World {
  ScriptedClient client;
  std::unique_ptr<PaymentGateway> gateway;

  explicit World(int retries = 0, std::chrono::milliseconds delay = std::chrono::milliseconds{0}) {
    StripeOptions options;
    options.secret_key = "sk_test_1";
    options.webhook_secrets = {"whsec_a", "whsec_b"};
    options.max_retries = retries;
    options.retry_delay = delay;
    gateway = make_stripe_gateway(client, std::move(options)).value();
  }

  static NewGatewayPayment order() {
    return {.amount = 5'000,
            .currency = eur,
            .idempotency_key = "pay_1",
            .description = "Soho Loft & more",
            .metadata = {{"bookingId", "bkg_1"}, {"a key", "50% = é"}},
            .customer_email = "a+b@example.com"};
  }
  static SavedCharge renewal() { return {.amount = 5'000, .currency = eur, .idempotency_key = "renew_1", .saved = {"cus_1", "pm_1"}}; }
  static NewGatewayRefund return_of(Amount amount = 100) {
    return {.payment_id = "pi_1", .amount = amount, .currency = eur, .idempotency_key = "ref_1", .metadata = {{"bookingId", "bkg_1"}}};
  }

  Collect<GatewayPayment> create(NewGatewayPayment payment = order()) {
    Collect<GatewayPayment> collect;
    gateway->create(std::move(payment), collect.done());
    return collect;
  }
  Collect<GatewayPayment> fetch(std::string id = "pi_1") {
    Collect<GatewayPayment> collect;
    gateway->fetch(std::move(id), collect.done());
    return collect;
  }
  Collect<GatewayPayment> cancel(std::string id = "pi_1") {
    Collect<GatewayPayment> collect;
    gateway->cancel(std::move(id), collect.done());
    return collect;
  }
  Collect<GatewayPayment> renew() {
    Collect<GatewayPayment> collect;
    gateway->charge_saved(renewal(), collect.done());
    return collect;
  }
  Collect<GatewayRefund> refund(NewGatewayRefund refund = return_of()) {
    Collect<GatewayRefund> collect;
    gateway->refund(std::move(refund), collect.done());
    return collect;
  }
  Collect<GatewayRefund> fetch_refund(std::string id = "re_1") {
    Collect<GatewayRefund> collect;
    gateway->fetch_refund(std::move(id), collect.done());
    return collect;
  }

  Collect<GatewayRefund> find_refund() {
    Collect<GatewayRefund> collect;
    gateway->find_refund("pi_1", "refundId", "rfd_2", collect.done());
    return collect;
  }

  Result<GatewayEvent> parse(const std::string& body, const std::vector<std::string>& secrets = {"whsec_a"}) const {
    const auto signature = timestamped_signature(body, secrets, now);
    const WebhookHeaderView headers[] = {{"Stripe-Signature", signature}};
    return gateway->parse_event(body, headers, now);
  }
  GatewayEvent event(std::string_view type, const std::string& object) const {
    return parse(R"({"id":"evt_1","object":"event","type":")" + std::string{type} +
                 R"(","created":1800000000,"livemode":true,"data":{"object":)" + object + "}}")
        .value();
  }
};

} // namespace

TEST_CASE("stripe: a form is encoded as URLs are") {
  stripe::Form form;
  form.add("amount", "5000");
  form.add("description", "a b&c=d+é%\n*-._~");
  form.add("metadata", "a key", "[x]");
  form.add("expand[]", "latest_charge");
  form.add_if("receipt_email", "");
  CHECK(form.text() == "amount=5000&description=a+b%26c%3Dd%2B%C3%A9%25%0A*-._%7E&metadata[a+key]=%5Bx%5D&expand[]=latest_charge");
}

TEST_CASE("stripe: amounts are counted as Stripe counts them") {
  struct Case {
    const char* currency;
    Amount ours;
    std::int64_t theirs; // 0: refused
  };
  for (const auto& [code_, ours, theirs] : std::initializer_list<Case>{{"EUR", 1, 1},
                                                                       {"USD", 5'000, 5'000},
                                                                       {"JPY", 500, 500},
                                                                       {"KRW", 1, 1},
                                                                       {"KWD", 5'120, 5'120},
                                                                       {"KWD", 5'124, 0},
                                                                       {"BHD", 10, 10},
                                                                       {"ISK", 5, 500},
                                                                       {"UGX", 5, 500},
                                                                       {"MGA", 500, 5},
                                                                       {"MGA", 550, 0},
                                                                       {"HUF", 1'045, 1'045},
                                                                       {"IQD", 1'000, 0}}) {
    const auto currency = *Currency::parse(code_);
    const auto result = stripe::to_stripe(ours, currency);
    CHECK_MESSAGE((result ? *result : 0) == theirs, code_, " ", ours);
    if (theirs == 0) {
      CHECK(code(result) == "invalid_fields");
    } else {
      CHECK(stripe::from_stripe(theirs, currency).value() == ours);
    }
  }
  CHECK(code(stripe::to_stripe(std::numeric_limits<Amount>::max(), *Currency::parse("ISK"))) == "amount_overflow");
  CHECK(code(stripe::from_stripe(550, *Currency::parse("ISK"))) == "internal");
  // Every currency is either refused or comes back as it went.
  int taken = 0;
  for (const auto each : currency_codes())
    if (const auto there = stripe::to_stripe(123'000, *Currency::parse(each))) {
      ++taken;
      CHECK(stripe::from_stripe(*there, *Currency::parse(each)).value() == 123'000);
    }
  CHECK(taken > 140);
}

TEST_CASE("stripe: opening a payment") {
  World world;
  const auto made = world.create();
  auto sent = world.client.take();
  CHECK(sent.request.method == "POST");
  CHECK(sent.request.url == "https://api.stripe.com/v1/payment_intents");
  CHECK(sent.header("Authorization") == "Bearer sk_test_1");
  CHECK(sent.header("Stripe-Version") == stripe_api_version);
  CHECK(sent.header("Content-Type") == "application/x-www-form-urlencoded");
  CHECK(sent.header("Idempotency-Key") == "pay_1");
  CHECK(sent.request.body ==
        "amount=5000&currency=eur&description=Soho+Loft+%26+more&receipt_email=a%2Bb%40example.com"
        "&metadata[bookingId]=bkg_1&metadata[a+key]=50%25+%3D+%C3%A9&expand[]=latest_charge&automatic_payment_methods[enabled]=true");
  sent.answer(200, intent("requires_payment_method"));
  const auto payment = made.get().value();
  CHECK(payment.id == "pi_1");
  CHECK(payment.client_secret == "pi_1_secret_2");
  CHECK(payment.state == State::requires_method);
  CHECK(payment.amount == 5'000);
  CHECK(payment.received == 0);
  CHECK(payment.currency == eur);
  CHECK(payment.metadata == GatewayMetadata{{"bookingId", "bkg_1"}, {"tenantId", "tnt_1"}});
  CHECK(payment.created_at == Instant::from_seconds(1'700'000'000));
  CHECK(made.calls() == 1);
}

TEST_CASE("stripe: saving the method needs a customer first, under a key of its own") {
  World world;
  auto order = World::order();
  order.save_method = true;
  const auto made = world.create(order);
  auto customer = world.client.take();
  CHECK(customer.request.url == "https://api.stripe.com/v1/customers");
  CHECK(customer.header("Idempotency-Key") == "pay_1-customer");
  CHECK(customer.request.body.starts_with("email=a%2Bb%40example.com&metadata[bookingId]=bkg_1"));
  customer.answer(200, R"({"id":"cus_1","object":"customer"})");
  auto sent = world.client.take();
  CHECK(sent.request.body.ends_with("&customer=cus_1&setup_future_usage=off_session"));
  CHECK(sent.header("Idempotency-Key") == "pay_1");
  sent.answer(200, intent("succeeded", R"(,"customer":"cus_1","payment_method":{"id":"pm_1"})"));
  CHECK(made.get().value().saved == SavedMethod{"cus_1", "pm_1"});

  const auto failed = world.create(order);
  world.client.take().answer(500, "");
  CHECK(code(failed.get()) == "payment_unavailable");
  CHECK(world.client.waiting() == 0);
}

TEST_CASE("stripe: what is not sent at all") {
  World world;
  const auto refused = [&](auto change) {
    auto order = World::order();
    change(order);
    const auto result = world.create(order).get();
    CHECK(world.client.waiting() == 0);
    return code(result);
  };
  CHECK(refused([](auto& order) { order.amount = 0; }) == "invalid_fields");
  CHECK(refused([](auto& order) { order.idempotency_key = ""; }) == "invalid_fields");
  CHECK(refused([](auto& order) { order.idempotency_key = "a\r\nAuthorization: x"; }) == "invalid_fields");
  CHECK(refused([](auto& order) { order.metadata.emplace_back("a[b]", "c"); }) == "invalid_fields");
  CHECK(refused([](auto& order) { order.metadata.emplace_back("a", std::string(501, 'x')); }) == "invalid_fields");
  CHECK(refused([](auto& order) { order.description = "\xff"; }) == "invalid_fields");
  CHECK(refused([](auto& order) { order.currency = *Currency::parse("KWD"), order.amount = 5'124; }) == "invalid_fields");
  for (const char* id : {"", "pi_1/cancel", "../customers", "pi_1?x", "pi 1", "pi_\xc3\xa9"}) {
    CHECK(code(world.fetch(id).get()) == "not_found");
    CHECK(code(world.cancel(id).get()) == "not_found");
    CHECK(code(world.fetch_refund(id).get()) == "not_found");
  }
  CHECK(world.client.sent() == 0);
}

TEST_CASE("stripe: a payment's states") {
  const std::tuple<const char*, const char*, State> cases[] = {
      {"requires_payment_method", "", State::requires_method},
      {"requires_payment_method", R"(,"last_payment_error":{"code":"card_declined"})", State::failed},
      {"requires_confirmation", "", State::requires_action},
      {"requires_action", "", State::requires_action},
      {"processing", "", State::processing},
      {"succeeded", "", State::succeeded},
      {"canceled", "", State::cancelled}};
  World world;
  for (const auto& [status, more, state] : cases) {
    const auto fetched = world.fetch();
    auto sent = world.client.take();
    CHECK(sent.request.method == "GET");
    CHECK(sent.request.url == "https://api.stripe.com/v1/payment_intents/pi_1?expand%5B%5D=latest_charge.refunds");
    CHECK(sent.request.body.empty());
    CHECK(sent.header("Idempotency-Key").empty());
    sent.answer(200, intent(status, more));
    CHECK(fetched.get().value().state == state);
  }
}

TEST_CASE("stripe: failures and cards") {
  World world;
  auto fetched = world.fetch();
  world.client.take().answer(
      200, intent("requires_payment_method",
                  R"(,"last_payment_error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds",)"
                  R"("message":"Your card has insufficient funds.","payment_method":{"id":"pm_1","card":{"brand":"visa",)"
                  R"("country":"FR","fingerprint":"fp1","last4":"9995"}}})"));
  const auto failed = fetched.get().value();
  CHECK(failed.failure->code == "insufficient_funds");
  CHECK(failed.failure->message == "Your card has insufficient funds.");
  CHECK(failed.card->country == "FR");
  CHECK_FALSE(failed.saved);

  fetched = world.fetch();
  world.client.take().answer(200, intent("succeeded", R"(,"latest_charge":{"id":"ch_1","payment_method_details":{"type":"card","card":)"
                                                      R"({"brand":"visa","country":"US","fingerprint":"fp2","last4":"4242"}}})"));
  const auto paid = fetched.get().value();
  CHECK(paid.received == 5'000);
  CHECK(paid.card->fingerprint == "fp2");
  CHECK(paid.card->last4 == "4242");
}

TEST_CASE("stripe: what has been refunded of a payment") {
  World world;
  const auto fetched = [&](const std::string& body) {
    const auto payment = world.fetch();
    world.client.take().answer(200, body);
    return payment.get();
  };
  const auto charge = [](std::string_view members) { return R"(,"latest_charge":{"id":"ch_1",)" + std::string{members} + "}"; };
  CHECK(fetched(intent("requires_payment_method", R"(,"latest_charge":null)")).value().refunded == 0);
  CHECK(fetched(intent("succeeded", charge(R"("amount_refunded":0,"currency":"eur")"))).value().refunded == 0);
  const auto some = fetched(intent("succeeded", charge(R"("amount_refunded":1200,"currency":"eur")"))).value();
  CHECK(some.refunded == 1'200);
  CHECK(some.received == 5'000);
  // Refunds that failed do not count, where they can be told apart.
  const auto refunds = [&](const char* more) {
    return charge(std::string{R"("amount_refunded":1200,"currency":"eur","refunds":{"object":"list","has_more":)"} + more +
                  R"(,"data":[{"object":"refund","amount":700,"currency":"eur","status":"failed"},)"
                  R"({"object":"refund","amount":300,"currency":"eur","status":"pending"},)"
                  R"({"object":"refund","amount":200,"currency":"eur","status":"succeeded"}]})");
  };
  CHECK(fetched(intent("succeeded", refunds("false"))).value().refunded == 500);
  CHECK(fetched(intent("succeeded", refunds("true"))).value().refunded == 1'200);
  // As the other amounts are: Stripe counts hundredths of a króna.
  auto kronur = intent("succeeded", charge(R"("amount_refunded":1200,"currency":"isk")"));
  kronur.replace(kronur.find("eur"), 3, "isk");
  const auto whole = fetched(kronur).value();
  CHECK(whole.received == 50);
  CHECK(whole.refunded == 12);
  kronur.replace(kronur.find("1200"), 4, "1250");
  CHECK(code(fetched(kronur)) == "internal");
}

TEST_CASE("stripe: what it refuses, in our words") {
  const std::tuple<int, const char*, const char*> cases[] = {
      {400, R"("type":"invalid_request_error","param":"currency","message":"Invalid currency")", "invalid_fields"},
      {400, R"("type":"invalid_request_error","code":"amount_too_small","param":"amount")", "invalid_fields"},
      {400, R"("type":"idempotency_error","message":"Keys for idempotent requests…")", "idempotency_mismatch"},
      {409, R"("type":"idempotency_error","code":"idempotency_key_in_use")", "idempotency_in_flight"},
      {409, R"("type":"invalid_request_error","code":"idempotency_key_in_use")", "idempotency_in_flight"},
      {429, R"("type":"invalid_request_error","code":"lock_timeout")", "rate_limited"},
      {401, R"("type":"invalid_request_error","message":"Invalid API Key provided: sk_test_***")", "internal"},
      {403, R"("type":"invalid_request_error")", "internal"},
      {404, R"("type":"invalid_request_error","code":"resource_missing","param":"intent")", "not_found"},
      {400, R"("type":"invalid_request_error","code":"payment_intent_unexpected_state")", "invalid_transition"},
      {400, R"("type":"invalid_request_error","code":"charge_already_refunded")", "invalid_transition"},
      {429, R"("type":"rate_limit_error","code":"rate_limit")", "rate_limited"},
      {500, R"("type":"api_error")", "payment_unavailable"},
      {503, R"("type":"api_error")", "payment_unavailable"}};
  World world;
  for (const auto& [status, members, expected] : cases) {
    const auto made = world.create();
    world.client.take().answer(status, error(members));
    CHECK_MESSAGE(code(made.get()) == expected, status, " ", members);
  }
  const auto made = world.create();
  world.client.take().answer(400, error(R"("type":"invalid_request_error","param":"receipt_email","message":"Invalid email")"));
  const auto fault = made.get().error().faults.at(0);
  CHECK(fault.pointer == "/customerEmail");
  CHECK(fault.detail == "Invalid email");
}

TEST_CASE("stripe: keys do not get into errors") {
  World world;
  const auto made = world.create();
  world.client.take().answer(401, error(R"("type":"invalid_request_error","message":"Invalid API Key provided: sk_test_1")"));
  const auto failed = made.get();
  CHECK(failed.error().detail.find("sk_test") == std::string::npos);
}

TEST_CASE("stripe: answers that are none") {
  World world;
  for (const char* body : {"", "null", "[]", "{", "{}", R"({"object":"payment_intent"})", R"({"object":"list","data":[]})",
                           R"({"id":"pi_1","object":"payment_intent","status":"new_one","amount":1,"currency":"eur"})",
                           R"({"id":"pi_1","object":"payment_intent","status":"succeeded","amount":1,"currency":"zzz"})",
                           R"({"id":"pi_1","object":"payment_intent","status":"succeeded","amount":1.5,"currency":"eur"})"}) {
    const auto made = world.create();
    world.client.take().answer(200, body);
    CHECK_MESSAGE(code(made.get()) == "internal", body);
  }
  const auto made = world.create();
  world.client.take().answer(302, "");
  CHECK(code(made.get()) == "internal");
}

TEST_CASE("stripe: cancelling") {
  World world;
  auto cancelled = world.cancel();
  auto sent = world.client.take();
  CHECK(sent.request.method == "POST");
  CHECK(sent.request.url == "https://api.stripe.com/v1/payment_intents/pi_1/cancel");
  CHECK(sent.header("Idempotency-Key").empty());
  sent.answer(200, intent("canceled"));
  CHECK(cancelled.get().value().state == State::cancelled);

  const auto unexpected = [&](std::string_view status) {
    const auto again = world.cancel();
    world.client.take().answer(
        400, error(R"("type":"invalid_request_error","code":"payment_intent_unexpected_state","payment_intent":)" + intent(status)));
    return again.get();
  };
  CHECK(unexpected("canceled").value().state == State::cancelled); // twice is as once
  CHECK(code(unexpected("succeeded")) == "invalid_transition");
  CHECK(code(unexpected("processing")) == "invalid_transition");
}

TEST_CASE("stripe: refunds") {
  World world;
  auto made = world.refund();
  auto sent = world.client.take();
  CHECK(sent.request.url == "https://api.stripe.com/v1/refunds");
  CHECK(sent.request.body == "payment_intent=pi_1&amount=100&metadata[bookingId]=bkg_1");
  CHECK(sent.header("Idempotency-Key") == "ref_1");
  sent.answer(200, R"({"id":"re_1","object":"refund","payment_intent":"pi_1","amount":100,"currency":"eur","status":"pending"})");
  const auto refund = made.get().value();
  CHECK(refund.id == "re_1");
  CHECK(refund.payment_id == "pi_1");
  CHECK(refund.state == RefundState::pending);
  CHECK(refund.amount == 100);

  made = world.refund();
  world.client.take().answer(200, R"({"id":"re_1","object":"refund","payment_intent":{"id":"pi_1"},"amount":100,"currency":"eur",)"
                                  R"("status":"failed","failure_reason":"lost_or_stolen_card"})");
  CHECK(made.get().value().failure->code == "lost_or_stolen_card");

  made = world.refund();
  world.client.take().answer(400, error(R"("type":"invalid_request_error","param":"amount","message":"is greater than unrefunded")"));
  CHECK(code(made.get()) == "invalid_transition");

  auto yen = World::return_of(500);
  yen.currency = *Currency::parse("JPY");
  made = world.refund(yen);
  CHECK(world.client.take().request.body.find("amount=500&") != std::string::npos);
}

TEST_CASE("stripe: looking at a refund") {
  const std::pair<const char*, RefundState> cases[] = {{"pending", RefundState::pending},
                                                       {"requires_action", RefundState::pending},
                                                       {"succeeded", RefundState::succeeded},
                                                       {"failed", RefundState::failed},
                                                       {"canceled", RefundState::cancelled}};
  World world;
  for (const auto& [status, state] : cases) {
    const auto fetched = world.fetch_refund();
    auto sent = world.client.take();
    CHECK(sent.request.method == "GET");
    CHECK(sent.request.url == "https://api.stripe.com/v1/refunds/re_1");
    CHECK(sent.request.body.empty());
    CHECK(sent.header("Idempotency-Key").empty());
    sent.answer(200, R"({"id":"re_1","object":"refund","payment_intent":"pi_1","amount":100,"currency":"eur","status":")" +
                         std::string{status} + R"(","metadata":{"bookingId":"bkg_1"}})");
    const auto refund = fetched.get().value();
    CHECK(refund.id == "re_1");
    CHECK(refund.payment_id == "pi_1");
    CHECK(refund.state == state);
    CHECK(refund.amount == 100);
    CHECK(refund.currency == eur);
    CHECK_FALSE(refund.failure);
    CHECK(refund.metadata == GatewayMetadata{{"bookingId", "bkg_1"}});
  }
  auto fetched = world.fetch_refund();
  world.client.take().answer(200, R"({"id":"re_1","object":"refund","payment_intent":"pi_1","amount":100,"currency":"eur",)"
                                  R"("status":"failed","failure_reason":"expired_or_canceled_card"})");
  CHECK(fetched.get().value().failure->code == "expired_or_canceled_card");

  fetched = world.fetch_refund();
  world.client.take().answer(404, error(R"("type":"invalid_request_error","code":"resource_missing","param":"refund")"));
  CHECK(code(fetched.get()) == "not_found");
  fetched = world.fetch_refund();
  world.client.take().answer(200, intent("succeeded"));
  CHECK(code(fetched.get()) == "internal");
  fetched = world.fetch_refund();
  world.client.take().fail(HttpFailure::timeout);
  CHECK(code(fetched.get()) == "payment_unavailable");
}

TEST_CASE("stripe: looking for a refund, page by page") {
  const auto row = [](const std::string& id, const std::string& ours) {
    return R"({"id":")" + id + R"(","object":"refund","payment_intent":"pi_1","amount":100,"currency":"eur","status":"succeeded",)" +
           R"("metadata":{"refundId":")" + ours + R"("}})";
  };
  const auto list = [](const std::string& rows, bool more) {
    return R"({"object":"list","data":[)" + rows + R"(],"has_more":)" + (more ? "true" : "false") + "}";
  };
  World world;
  auto found = world.find_refund();
  auto sent = world.client.take();
  CHECK(sent.request.method == "GET");
  CHECK(sent.request.url == "https://api.stripe.com/v1/refunds?payment_intent=pi_1&limit=100");
  sent.answer(200, list(row("re_9", "rfd_9") + "," + row("re_8", "rfd_8"), true));
  sent = world.client.take();
  CHECK(sent.request.url == "https://api.stripe.com/v1/refunds?payment_intent=pi_1&limit=100&starting_after=re_8");
  sent.answer(200, list(row("re_7", "rfd_2"), true));
  CHECK(found.get().value().id == "re_7");

  found = world.find_refund();
  world.client.take().answer(200, list(row("re_9", "rfd_9"), false));
  CHECK(code(found.get()) == "not_found");
  found = world.find_refund();
  world.client.take().answer(200, list("", true));
  CHECK(code(found.get()) == "not_found");
  found = world.find_refund();
  world.client.take().answer(200, R"({"object":"refund"})");
  CHECK(code(found.get()) == "internal");
  found = world.find_refund();
  world.client.take().answer(200, list(row("re_9", "rfd_9"), true));
  world.client.take().fail(HttpFailure::timeout);
  CHECK(code(found.get()) == "payment_unavailable");
}

TEST_CASE("stripe: renewals, and what a decline of one is answered with") {
  World world;
  auto renewed = world.renew();
  auto sent = world.client.take();
  CHECK(sent.request.url == "https://api.stripe.com/v1/payment_intents");
  CHECK(sent.request.body.ends_with("&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"
                                    "&customer=cus_1&payment_method=pm_1&off_session=true&confirm=true"));
  sent.answer(200, intent("succeeded", R"(,"customer":"cus_1","payment_method":"pm_1")"));
  CHECK(renewed.get().value().saved == SavedMethod{"cus_1", "pm_1"});

  renewed = world.renew();
  world.client.take().answer(
      402, error(R"("type":"card_error","code":"authentication_required","payment_intent":)" +
                 intent("requires_payment_method",
                        R"(,"last_payment_error":{"type":"card_error","code":"authentication_required","message":"Confirm it."})")));
  const auto failed = renewed.get().value();
  CHECK(failed.state == State::failed);
  CHECK(failed.failure->code == "authentication_required");

  renewed = world.renew();
  world.client.take().answer(404, error(R"("type":"invalid_request_error","code":"resource_missing","param":"payment_method")"));
  CHECK(code(renewed.get()) == "not_found");
}

TEST_CASE("stripe: retries, where they may help, with the same key and body") {
  const auto tries = [](auto fail_with) {
    World world{2};
    const auto made = world.create();
    std::size_t count = 0;
    std::string body;
    while (world.client.waiting() > 0) {
      auto sent = world.client.take();
      CHECK(sent.header("Idempotency-Key") == "pay_1");
      if (++count == 1) body = sent.request.body;
      CHECK(sent.request.body == body);
      fail_with(sent);
    }
    CHECK(made.calls() == 1);
    CHECK_FALSE(made.get());
    return count;
  };
  for (const auto failure : {HttpFailure::connect, HttpFailure::timeout, HttpFailure::reset, HttpFailure::unresolved, HttpFailure::busy})
    CHECK(tries([&](Sent& sent) { sent.fail(failure); }) == 3);
  for (const auto failure : {HttpFailure::bad_url, HttpFailure::tls, HttpFailure::refused_address, HttpFailure::stopped})
    CHECK(tries([&](Sent& sent) { sent.fail(failure); }) == 1);
  for (const int status : {500, 502, 503, 504}) CHECK(tries([&](Sent& sent) { sent.answer(status, ""); }) == 3);
  for (const int status : {400, 401, 402, 404, 429})
    CHECK(tries([&](Sent& sent) { sent.answer(status, error(R"("type":"invalid_request_error")")); }) == 1);
  CHECK(tries([](Sent& sent) { sent.answer(409, error(R"("code":"idempotency_key_in_use")")); }) == 3);
  CHECK(tries([](Sent& sent) { sent.answer(429, error(R"("code":"lock_timeout")")); }) == 3);
  CHECK(tries([](Sent& sent) { sent.answer(429, error(R"("code":"rate_limit")"), {{"Stripe-Should-Retry", "true"}}); }) == 3);
  CHECK(tries([](Sent& sent) { sent.answer(500, "", {{"stripe-should-retry", "false"}}); }) == 1);

  World world{2};
  const auto made = world.create();
  world.client.take().fail(HttpFailure::reset);
  world.client.take().answer(200, intent("requires_payment_method"));
  CHECK(made.get());
}

TEST_CASE("stripe: a delayed retry comes, or ends with the gateway") {
  {
    World world{1, std::chrono::milliseconds{20}};
    const auto made = world.create();
    world.client.take().answer(500, "");
    for (int i = 0; i < 500 && world.client.waiting() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    REQUIRE(world.client.waiting() == 1);
    world.client.take().answer(200, intent("requires_payment_method"));
    CHECK(made.get());
  }
  World world{1, std::chrono::hours{1}};
  const auto made = world.create(), other = world.create();
  world.client.take().answer(500, "");
  auto under_way = world.client.take();
  world.gateway.reset();
  CHECK(code(made.get()) == "payment_unavailable");
  under_way.answer(500, "");
  CHECK(code(other.get()) == "payment_unavailable");
  CHECK(world.client.waiting() == 0);
}

TEST_CASE("stripe: set up wrongly") {
  ScriptedClient client;
  const auto make = [&](std::string key, std::string url) {
    StripeOptions options;
    options.secret_key = std::move(key);
    options.base_url = std::move(url);
    return code(make_stripe_gateway(client, std::move(options)));
  };
  CHECK(make("sk_test_1", "https://api.stripe.com/") == "ok");
  CHECK(make("", "https://api.stripe.com") == "invalid_fields");
  CHECK(make("pk_test_1", "https://api.stripe.com") == "invalid_fields");
  CHECK(make("sk_test\r\nx: y", "https://api.stripe.com") == "invalid_fields");
  CHECK(make("sk_test_1", "api.stripe.com") == "invalid_fields");
}

TEST_CASE("stripe: events") {
  const World world;
  const auto paid = world.event("payment_intent.succeeded", intent("succeeded", R"(,"latest_charge":"ch_1")"));
  CHECK(paid.id == "evt_1");
  CHECK(paid.kind == Kind::payment_succeeded);
  CHECK(paid.type == "payment_intent.succeeded");
  CHECK(paid.payment_id == "pi_1");
  CHECK(paid.amount == 5'000);
  CHECK(paid.currency == eur);
  CHECK(paid.created_at == now);
  CHECK(paid.live);
  CHECK(paid.metadata == GatewayMetadata{{"bookingId", "bkg_1"}, {"tenantId", "tnt_1"}});

  const auto failed =
      world.event("payment_intent.payment_failed",
                  intent("requires_payment_method", R"(,"last_payment_error":{"code":"expired_card","message":"Expired."})"));
  CHECK(failed.kind == Kind::payment_failed);
  CHECK(failed.failure->code == "expired_card");
  CHECK(world.event("payment_intent.processing", intent("processing")).kind == Kind::payment_processing);
  CHECK(world.event("payment_intent.canceled", intent("canceled")).kind == Kind::payment_cancelled);

  const auto refunded = world.event(
      "charge.refunded", R"({"id":"ch_1","object":"charge","payment_intent":"pi_1","amount":5000,"amount_refunded":700,"currency":"eur"})");
  CHECK(refunded.kind == Kind::payment_refunded);
  CHECK(refunded.payment_id == "pi_1");
  CHECK(refunded.amount == 700);
  for (const char* type : {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}) {
    const auto refund = world.event(type, R"({"id":"re_1","object":"refund","payment_intent":"pi_1","amount":300,"currency":"eur",)"
                                          R"("status":"failed","failure_reason":"unknown","metadata":{"a":"b"}})");
    CHECK(refund.kind == Kind::refund_updated);
    CHECK(refund.refund_id == "re_1");
    CHECK(refund.refund_state == RefundState::failed);
    CHECK(refund.failure->code == "unknown");
    CHECK(refund.metadata == GatewayMetadata{{"a", "b"}});
  }
  const auto dispute =
      world.event("charge.dispute.created",
                  R"({"id":"dp_1","object":"dispute","payment_intent":"pi_1","charge":"ch_1","amount":5000,"currency":"eur"})");
  CHECK(dispute.kind == Kind::dispute_opened);
  CHECK(dispute.dispute_id == "dp_1");

  const auto other = world.event("customer.created", R"({"id":"cus_1","object":"customer"})");
  CHECK(other.kind == Kind::other);
  CHECK(other.type == "customer.created");
  // A charge that was made without a payment of ours.
  CHECK(world.event("charge.refunded", R"({"id":"ch_1","object":"charge","payment_intent":null,"amount_refunded":7,"currency":"eur"})")
            .kind == Kind::other);
}

TEST_CASE("stripe: events that are signed and none") {
  const World world;
  for (const char* body :
       {"", "[]", "{}", R"({"id":"evt_1","type":"x"})", R"({"id":"evt_1","type":"x","created":-1})",
        R"({"id":"evt_1","type":"payment_intent.succeeded","created":1})",
        R"({"id":"evt_1","type":"payment_intent.succeeded","created":1,"data":{"object":{"id":"re_1","object":"refund"}}})",
        R"({"id":"evt_1","type":"payment_intent.succeeded","created":1,"data":{"object":{"id":"pi_1","object":"payment_intent"}}})"})
    CHECK_MESSAGE(code(world.parse(body)) == "malformed_request", body);
  CHECK(code(world.parse("{}", {"whsec_other"})) == "unauthenticated");
  const char* fine = R"({"id":"evt_1","type":"x","created":1})";
  CHECK(code(world.parse(fine, {"whsec_b"})) == "ok");
  CHECK(code(world.gateway->parse_event(fine, {}, now)) == "invalid_header");
}

TEST_CASE("stripe: whatever comes in, it is an event or a refusal") {
  const World world;
  SeededRandom dice{11};
  const auto mutate = [&](std::string text, std::string_view alphabet) {
    for (auto n = 1 + dice.next() % 4; n > 0; --n) {
      const auto at = dice.next() % (text.size() + 1);
      switch (dice.next() % 4) {
      case 0: text.insert(at, 1, alphabet[dice.next() % alphabet.size()]); break;
      case 1: text.erase(at, 1 + dice.next() % 9); break;
      case 2: text.insert(at, text.substr(dice.next() % (text.size() + 1), dice.next() % 20)); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(dice.next());
      }
    }
    return text;
  };
  const std::string body =
      R"({"id":"evt_1","object":"event","type":"payment_intent.payment_failed","created":1800000000,"data":{"object":)" +
      intent("requires_payment_method", R"(,"last_payment_error":{"code":"x","payment_method":{"card":{}}})") + "}}";
  const std::vector<std::string> secrets{"whsec_a"};
  const auto header = timestamped_signature(body, secrets, now);
  int read = 0, refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    if (world.parse(mutate(body, R"({}[]":,0-9e.\u)"))) ++read;
    const auto signature = mutate(header, "t=v1,0 ");
    const WebhookHeaderView headers[] = {{"Stripe-Signature", signature}};
    if (!world.gateway->parse_event(body, headers, now)) ++refused;
  }
  CHECK(read > 100);
  CHECK(refused > 2'500);
}
