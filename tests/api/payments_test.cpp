// Paying, refunds, the gateway's events and the audit log over HTTP.
#include "support/paid_world.hpp"

using namespace orkestr;
using namespace orkestr::test;

namespace {

struct Till : PaidWorld {
  api::Api door{shop, options()};

  api::ApiOptions options() {
    auto quietly = quiet();
    quietly.test_cards.pay = [this](std::string_view secret, std::string_view card) { return bank.pay(secret, card); };
    quietly.test_cards.authenticate = [this](std::string_view secret, bool agreed) { return bank.authenticate(secret, agreed); };
    return quietly;
  }
  Answer ask(api::Method method, const std::string& target, const std::string& body = {}, const std::string& token = {},
             Headers extra = {}) {
    if (!token.empty()) extra.emplace_back("Authorization", "Bearer " + token);
    if (!body.empty()) extra.emplace_back("Content-Type", "application/json");
    std::vector<api::HeaderView> headers;
    for (const auto& [name, value] : extra) headers.push_back({name, value});
    Answer answer{door.handle({method, target, headers, body, "127.0.0.1"}), {}};
    if (!answer.raw.body.empty() && answer.raw.header("Content-Type").find("json") != std::string_view::npos)
      answer.body = boost::json::parse(answer.raw.body);
    return answer;
  }
  Answer tell(const TestGatewayEvent& event, const std::string& gateway = "test") {
    Headers headers{{"Content-Type", "application/octet-stream"}, {std::string{test_gateway_header}, event.signature}};
    std::vector<api::HeaderView> views;
    for (const auto& [name, value] : headers) views.push_back({name, value});
    Answer answer{door.handle({api::Method::post, "/v1/gateways/" + gateway + "/events", views, event.body, "127.0.0.1"}), {}};
    if (!answer.raw.body.empty()) answer.body = boost::json::parse(answer.raw.body);
    return answer;
  }
  /// A booking by a visitor: its path and its token.
  std::pair<std::string, std::string> check_out(OfferingId id) {
    const auto made = ask(api::Method::post, "/v1/public/atlas/bookings",
                          R"({"offeringId":")" + id.str() +
                              R"(","startsAt":"2026-05-04T14:00:00Z","endsAt":"2026-05-04T15:00:00Z",)"
                              R"("customer":{"name":"Ada Lovelace","email":"ada@example.com"},"payment":{"method":"ONLINE"}})");
    REQUIRE(made.status() == 201);
    return {"/v1/public/atlas/bookings/" + std::string{made.body.at("booking").at("id").as_string()}, made.text("manageToken")};
  }
  std::string pay_by_card(const std::string& secret, std::string_view card) {
    const auto answer = ask(api::Method::post, "/v1/test-gateway/pay",
                            R"({"clientSecret":")" + secret + R"(","cardNumber":")" + std::string{card} + R"("})");
    REQUIRE(answer.status() == 200);
    return answer.text("state");
  }
};

using enum api::Method;

} // namespace

TEST_CASE("a visitor pays: declined, then by 3-D Secure, and is confirmed by the gateway's word") {
  Till w;
  const auto [path, token] = w.check_out(w.loft());
  const auto opened = w.ask(post, path + "/pay", {}, token);
  REQUIRE(opened.status() == 200);
  CHECK(opened.text("state") == "requires_method");
  CHECK(opened.number("amountCents") == 6000);
  CHECK(opened.text("publicKey") == "pk_test");
  const auto secret = opened.text("clientSecret");
  CHECK(w.pay_by_card(secret, "4000 0000 0000 0002") == "failed");
  const auto again = w.ask(post, path + "/pay", "{}", token);
  CHECK(again.text("clientSecret") == secret);
  CHECK(again.text("failureCode") == "card_declined");
  CHECK(w.pay_by_card(secret, test_cards::authenticates) == "requires_action");
  const auto agreed = w.ask(post, "/v1/test-gateway/authenticate", R"({"clientSecret":")" + secret + R"("})");
  CHECK(agreed.text("state") == "succeeded");
  for (const auto& event : std::exchange(w.posted, {})) CHECK(w.tell(event).status() == 204);
  CHECK(w.ask(get, path, {}, token).text("status") == "PENDING"); // an event is a reason to ask
  w.settle();
  const auto booking = w.ask(get, path, {}, token);
  CHECK(booking.text("status") == "CONFIRMED");
  CHECK(booking.body.at("payments").at(0).at("status") == "SUCCEEDED");
  CHECK(w.ask(post, path + "/pay", {}, token).code() == "invalid_transition");

  // And cancels: everything goes back.
  CHECK(w.ask(post, path + "/cancel", {}, token).status() == 200);
  CHECK(w.ask(get, path + "/refunds", {}, token).data().at(0).at("status") == "PENDING");
  w.settle();
  CHECK(w.ask(get, path, {}, token).text("status") == "REFUNDED");
  const auto refunds = w.ask(get, path + "/refunds?limit=1", {}, token).data();
  CHECK(refunds.at(0).at("status") == "SUCCEEDED");
  CHECK(refunds.at(0).at("reason") == "CANCELLATION");
  CHECK(w.ask(get, path + "/subscription", {}, token).status() == 404);
}

TEST_CASE("who may pay, and for what") {
  Till w;
  const auto [path, token] = w.check_out(w.loft());
  const auto id = path.substr(path.rfind('/') + 1);
  CHECK(w.ask(post, path + "/pay").status() == 401);
  CHECK(w.ask(post, path + "/pay", {}, "bmt_" + std::string(48, 'x')).status() == 404);
  CHECK(w.ask(post, path + "/pay", R"({"amountCents":1,"status":"SUCCEEDED"})", token).faults() ==
        "/amountCents unknown_field; /status unknown_field");
  CHECK(w.ask(post, "/v1/api/bookings/" + id + "/pay", {}, w.key).text("state") == "requires_method");
  CHECK(w.ask(post, "/v1/api/bookings/" + id + "/pay", {}, w.other_key).status() == 404);
  CHECK(w.ask(post, "/v1/api/bookings/bkg_00000000000000000000000000/pay", {}, w.key).status() == 404);
  CHECK(w.ask(post, "/v1/api/bookings/nonsense/pay", {}, w.key).status() == 404);
  CHECK(w.ask(get, "/v1/provider/bookings/" + id + "/refunds", {}, w.other_key).status() == 404);
  CHECK(w.ask(get, "/v1/provider/bookings/" + id + "/refunds", {}, w.key).status() == 403);
  CHECK(w.ask(get, "/v1/provider/bookings/" + id + "/subscription", {}, w.admin).status() == 404);
  // Without a gateway there is nothing to pay by, and no test cards.
  CHECK(w.send(post, path + "/pay", {}, token).status() == 501);
  CHECK(w.send(post, "/v1/test-gateway/pay", R"({"clientSecret":"x","cardNumber":"4242"})").status() == 404);
  CHECK(w.send(post, "/v1/gateways/test/events", "{}").status() == 404);
  CHECK(w.ask(post, "/v1/test-gateway/pay", R"({"clientSecret":"none","cardNumber":"4242"})").status() == 404);
  CHECK(w.ask(post, "/v1/test-gateway/pay", R"({"cardNumber":42})").faults() == "/cardNumber wrong_type; /clientSecret required");
}

TEST_CASE("the gateway's events: forged, stale, another gateway's, about nobody") {
  Till w;
  const auto [path, token] = w.check_out(w.loft());
  const auto opened = w.ask(post, path + "/pay", {}, token);
  w.pay_by_card(opened.text("clientSecret"), test_cards::succeeds);
  const auto event = std::exchange(w.posted, {}).back();
  CHECK(w.tell(event, "stripe").status() == 404);
  auto forged = event;
  forged.body += " ";
  CHECK(w.tell(forged).status() == 401);
  forged = event;
  forged.signature = "nonsense";
  CHECK(w.tell(forged).status() == 400);
  CHECK(w.ask(get, path, {}, token).text("status") == "PENDING");
  CHECK(w.desk.step(w.clock.now())->payments == 0); // none of them made anything due
  CHECK(w.tell(event).status() == 204);
  CHECK(w.tell(event).status() == 204);
  w.clock.advance(std::chrono::minutes{6});
  CHECK(w.tell(event).status() == 401);
  w.settle();
  CHECK(w.ask(get, path, {}, token).text("status") == "CONFIRMED");
}

TEST_CASE("the provider gives part back by the gateway, and sees it under way") {
  Till w;
  const auto [path, token] = w.check_out(w.loft());
  const auto id = path.substr(path.rfind('/') + 1);
  w.pay_by_card(w.ask(post, path + "/pay", {}, token).text("clientSecret"), test_cards::succeeds);
  w.settle();
  const auto given = w.ask(post, "/v1/provider/bookings/" + id + "/refunds", R"({"amountCents":1000})", w.admin);
  REQUIRE(given.status() == 200);
  CHECK(given.body.at("payments").at(0).at("refundingCents") == 1000);
  CHECK(w.ask(post, "/v1/provider/bookings/" + id + "/refunds", R"({"amountCents":5001})", w.admin).faults() == "/amountCents too_large");
  w.settle();
  const auto after = w.ask(get, "/v1/api/bookings/" + id, {}, w.key);
  CHECK(after.body.at("payments").at(0).at("refundedCents") == 1000);
  CHECK(after.text("status") == "CONFIRMED");
  CHECK(w.ask(get, "/v1/provider/bookings/" + id + "/refunds", {}, w.admin).data().at(0).at("reason") == "PROVIDER");
}

TEST_CASE("the audit log says who did what to which row") {
  Till w;
  const auto [path, token] = w.check_out(w.loft());
  const auto id = path.substr(path.rfind('/') + 1);
  w.pay_by_card(w.ask(post, path + "/pay", {}, token).text("clientSecret"), test_cards::succeeds);
  w.settle();
  CHECK(w.ask(post, path + "/cancel", {}, token, {{"X-Request-Id", "by-the-customer"}}).status() == 200);
  w.settle();
  const auto lines = [&](const std::string& query) {
    std::string all;
    const auto page = w.ask(get, "/v1/provider/audit?limit=200" + query, {}, w.admin);
    for (const auto& line : page.data())
      all = std::string{line.at("actor").as_string()} + " " + std::string{line.at("action").as_string()} + "; " + all;
    return all;
  };
  CHECK(lines("&subject=" + id) == "VISITOR booking.create; GATEWAY booking.confirm; CUSTOMER booking.cancel; GATEWAY booking.refund; ");
  const auto cancel = w.ask(get, "/v1/provider/audit?action=booking.cancel", {}, w.admin).data().at(0);
  CHECK(cancel.at("requestId") == "by-the-customer");
  CHECK(cancel.at("actorId").as_string() == w.now(*BookingId::parse(id)).customer_id.view());
  CHECK(lines("&actor=GATEWAY&action=payment.succeed") == "GATEWAY payment.succeed; ");
  CHECK(lines("&from=2030-01-01T00:00:00Z").empty());
  CHECK(w.ask(get, "/v1/provider/audit", {}, w.key).status() == 403);
  CHECK(w.ask(get, "/v1/provider/audit?actor=nobody", {}, w.admin).code() == "invalid_parameter");
  CHECK(w.ask(get, "/v1/provider/audit", {}, w.other_key).data().size() == 1); // the making of its key
  // A key's deeds bear its id.
  const auto made = w.ask(post, "/v1/api/coupons", R"({"code":"X","kind":"PERCENT","amount":10})", w.key);
  REQUIRE(made.status() == 201);
  const auto line = w.ask(get, "/v1/provider/audit?subject=" + made.text("id"), {}, w.admin).data().at(0);
  CHECK(line.at("actor") == "KEY");
  CHECK(std::string{line.at("actorId").as_string()}.starts_with("key_"));
  // What is refused, and what is only asked, leaves no line.
  const auto before = w.ask(get, "/v1/provider/audit?limit=200", {}, w.admin).data().size();
  CHECK(w.ask(post, "/v1/api/coupons", R"({"code":"X","kind":"PERCENT","amount":10})", w.key).status() == 409);
  CHECK(w.ask(get, "/v1/api/coupons", {}, w.key).status() == 200);
  CHECK(w.ask(get, "/v1/provider/audit?limit=200", {}, w.admin).data().size() == before);
}
