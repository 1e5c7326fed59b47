// Our side of the tests with Stripe's own software.
//   stripe_cases sign COUNT SEED    prints signed events, one JSON object a line: `secrets`, `header`, `body`
//   stripe_cases verify             reads lines of `secrets`, `header`, `body`, `now` (seconds); prints for each `ok <kind> <id>`,
//                                   or the refusal's code and fault
//   stripe_cases requests URL       asks a server for each thing once, and says what came of it
#include "orkestr/adapters/stripe_gateway.hpp"
#include "orkestr/base/json.hpp"
#include "orkestr/engine/timestamped_signature.hpp"
#include "orkestr/ports/clock.hpp"
#include "orkestr/ports/random.hpp"

#include <boost/json.hpp>

#ifdef ORKESTR_WITH_HTTP_CLIENT
#include "orkestr/adapters/http_client.hpp"
#endif

#include <cstdio>
#include <cstdlib>
#include <future>
#include <iostream>

using namespace orkestr;

namespace {

/// Never sent anything: only events are read here.
class NoClient final : public HttpClient {
 public:
  void send(HttpRequest, std::function<void(HttpResult)> done) override { done({.failure = HttpFailure::stopped}); }
  void stop() override {}
};

std::unique_ptr<PaymentGateway> gateway(HttpClient& client, std::vector<std::string> secrets, std::string url = "https://api.stripe.com") {
  StripeOptions options;
  options.secret_key = "sk_test_123";
  options.webhook_secrets = std::move(secrets);
  options.base_url = std::move(url);
  return make_stripe_gateway(client, std::move(options)).value();
}

int sign(int count, std::uint64_t seed) {
  static constexpr std::string_view pieces[] = {"a", " ", "7", "\"", "\\", "/", "\n", "é", "日本", "🎉", "</script>", ".", ",v1="};
  SeededRandom dice(seed);
  const Instant now = SystemClock{}.now();
  for (; count > 0; --count) {
    std::string text, body, line;
    for (auto n = dice.next() % 30; n > 0; --n) text += pieces[dice.next() % std::size(pieces)];
    json::Writer event(body);
    event.begin_object();
    event.key("id");
    event.string("evt_" + random_alphanumeric(dice, 14));
    event.key("object");
    event.string("event");
    event.key("note");
    event.string(text);
    event.end_object();
    std::vector<std::string> secrets;
    for (auto n = 1 + dice.next() % 3; n > 0; --n) secrets.push_back("whsec_" + random_alphanumeric(dice, 8 + dice.next() % 90));
    json::Writer out(line);
    out.begin_object();
    out.key("secrets");
    out.begin_array();
    for (const auto& secret : secrets) out.string(secret);
    out.end_array();
    out.key("header");
    out.string(timestamped_signature(body, secrets, now - milliseconds{dice.next() % 240'000}));
    out.key("body");
    out.string(body);
    out.end_object();
    std::puts(line.c_str());
  }
  return 0;
}

int verify() {
  NoClient none;
  for (std::string line; std::getline(std::cin, line);) {
    const auto value = boost::json::parse(line);
    const auto& given = value.as_object();
    std::vector<std::string> secrets;
    for (const auto& secret : given.at("secrets").as_array()) secrets.emplace_back(secret.as_string());
    const std::string header{given.at("header").as_string()}, body{given.at("body").as_string()};
    const WebhookHeaderView headers[] = {{"Stripe-Signature", header}};
    const auto event = gateway(none, secrets)->parse_event(body, headers, Instant::from_seconds(given.at("now").as_int64()));
    if (event)
      std::cout << "ok " << to_string(event->kind) << ' ' << event->id << '\n';
    else
      std::cout << info(event.error().code).name << ' ' << (event.error().faults.empty() ? "" : event.error().faults[0].code) << '\n';
  }
  return 0;
}

#ifdef ORKESTR_WITH_HTTP_CLIENT
bool fine = true;

template <class T> void check(std::string_view what, Result<T> result, Code expected = Code::internal) {
  const bool good = result ? expected == Code::internal : result.error().code == expected && expected != Code::internal;
  fine &= good;
  std::cout << what << ": " << (result ? "ok" : std::string{info(result.error().code).name} + " " + result.error().detail)
            << (good ? "\n" : "   UNEXPECTED\n");
}

template <class T, class Call> Result<T> ask(Call&& call) {
  std::promise<Result<T>> promise;
  call([&](Result<T> result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

/// stripe-mock answers from fixtures: that it takes a request says that all in it is of Stripe's API; what it answers is made up.
int requests(const std::string& url) {
  HttpClientOptions http;
  http.policy.allow_loopback = true;
  const auto client = make_http_client(http).value();
  const auto stripe = gateway(*client, {}, url);
  const GatewayMetadata metadata{{"bookingId", "bkg_1"}, {"tenantId", "tnt_1"}, {"a b&c", "é 100% [x]=y"}};
  int key = 0;
  const auto next = [&] { return "key_" + std::to_string(++key); };
  for (const char* currency : {"EUR", "JPY", "KWD", "ISK"}) {
    const NewGatewayPayment order{5'000, *Currency::parse(currency), next(), "Room & board", metadata, "a+b@example.com", key % 2 == 0};
    check(std::string{"create "} + currency, ask<GatewayPayment>([&](auto done) { stripe->create(order, done); }));
  }
  const NewGatewayPayment plain{.amount = 1, .idempotency_key = next()};
  check("create the least", ask<GatewayPayment>([&](auto done) { stripe->create(plain, done); }));
  check("fetch", ask<GatewayPayment>([&](auto done) { stripe->fetch("pi_123", done); }));
  check("find", ask<GatewayPayment>([&](auto done) { stripe->find("paymentId", "pay_123", done); }));
  check("cancel", ask<GatewayPayment>([&](auto done) { stripe->cancel("pi_123", done); }));
  const NewGatewayRefund back{"pi_123", 100, Currency{}, next(), metadata};
  check("refund", ask<GatewayRefund>([&](auto done) { stripe->refund(back, done); }));
  check("fetch a refund", ask<GatewayRefund>([&](auto done) { stripe->fetch_refund("re_123", done); }));
  const auto unfound = ask<GatewayRefund>([&](auto done) { stripe->find_refund("pi_123", "refundId", "rfd_none", done); });
  std::cout << "find a refund: " << (unfound ? "ok   UNEXPECTED" : info(unfound.error().code).name) << '\n';
  fine &= !unfound && unfound.error().code == Code::not_found;
  const SavedCharge again{5'000, Currency{}, next(), "Renewal", metadata, "a@example.com", {"cus_123", "pm_123"}};
  check("charge again", ask<GatewayPayment>([&](auto done) { stripe->charge_saved(again, done); }));
  // And it does look: what is no parameter of Stripe's, or no key, it refuses.
  StripeOptions wrong;
  wrong.secret_key = "not_a_key";
  wrong.base_url = url;
  const auto stranger = make_stripe_gateway(*client, wrong).value();
  const auto refused = ask<GatewayPayment>([&](auto done) { stranger->fetch("pi_123", done); });
  std::cout << "a wrong key: " << (refused ? "ok   UNEXPECTED" : info(refused.error().code).name) << '\n';
  fine &= !refused && refused.error().code == Code::internal;
  return fine ? 0 : 1;
}
#endif

} // namespace

int main(int count, char** arguments) {
  const std::string_view what = count > 1 ? arguments[1] : "";
  if (what == "sign" && count == 4) return sign(std::atoi(arguments[2]), std::strtoull(arguments[3], nullptr, 10));
  if (what == "verify") return verify();
#ifdef ORKESTR_WITH_HTTP_CLIENT
  if (what == "requests" && count == 3) return requests(arguments[2]);
#endif
  return 2;
}
