// What clients send over the wire; see requests.hpp.
#include "campaign/simulation/requests.hpp"

#include "base/sha256.hpp"

#include <boost/json/parse.hpp>

namespace orkestr::campaign {
namespace {

std::string booking_body(const Step& step, const Wanted& wanted, const Shop& shop, std::optional<Amount> total) {
  std::string body;
  json::Writer w(body);
  w.begin_object();
  const auto put = [&](std::string_view key, const auto& value) {
    w.key(key);
    json::write(w, value);
  };
  if (wanted.hold) {
    put("holdId", *wanted.hold);
  } else {
    put("offeringId", shop.offering_ids[static_cast<std::size_t>(step.offering)]);
    put("startsAt", step.interval.start);
    put("endsAt", step.interval.end);
    put("quantity", static_cast<std::int64_t>(step.quantity));
  }
  w.key("customer");
  w.begin_object();
  put("name", "Customer " + std::to_string(step.email));
  put("email", std::string{emails[static_cast<std::size_t>(step.email)]});
  w.end_object();
  if (step.coupon >= 0) put("couponCode", std::string{code_of(step)});
  if (total) put("expectedTotalCents", *total);
  w.key("payment");
  w.begin_object();
  put("method", std::string{step.pay_online ? "ONLINE" : "LATER"});
  w.end_object();
  if (step.via == Via::key) {
    w.key("client");
    w.begin_object();
    put("ipAddress", std::string{peers[static_cast<std::size_t>(step.peer)]});
    w.end_object();
  }
  w.end_object();
  return body;
}

std::string hold_body(const Step& step, const Shop& shop) {
  return R"({"offeringId":")" + shop.offering_ids[static_cast<std::size_t>(step.offering)].str() + R"(","startsAt":")" +
         to_string(step.interval.start) + R"(","endsAt":")" + to_string(step.interval.end) + R"(","quantity":)" +
         std::to_string(step.quantity) + "}";
}

std::string move_body(Interval to) { return R"({"startsAt":")" + to_string(to.start) + R"(","endsAt":")" + to_string(to.end) + R"("})"; }

/// The request of a step, or nothing when what it acts on was never made.
std::optional<SentRequest> request_of(const World& world, const Step& step, const Ledger& ledger, const Rows& before) {
  const auto& shop = world.shop;
  const bool visitor = step.via == Via::visitor;
  SentRequest request;
  request.peer = peers[static_cast<std::size_t>(step.peer)];
  request.bearer = visitor ? std::string{} : shop.key;
  request.key = "request-" + std::to_string(step.number);
  request.body = "{}";
  if (step.kind == Kind::check_out || step.kind == Kind::hold) {
    const auto wanted = wanted_of(step, ledger, before, shop, world.clock.now());
    if (!wanted) return {};
    request.target = visitor ? std::string{"/v1/public/atlas/"} + (step.kind == Kind::hold ? "holds" : "bookings") : "/v1/api/bookings";
    request.body = step.kind == Kind::hold
                       ? hold_body(step, shop)
                       : booking_body(step, *wanted, shop, expected_total(step, ledger, before, shop, world.clock.now()));
    return request;
  }
  if (step.kind == Kind::release_hold) {
    const auto id = ledger.hold(step);
    if (!id) return {};
    request.method = api::Method::del;
    request.target = "/v1/public/atlas/holds/" + id->str();
    request.body = request.key = "";
    return request;
  }
  const auto* booking = ledger.booking(step, before);
  if (booking == nullptr) return {};
  if (visitor) {
    const auto token = ledger.tokens.find(step.from);
    if (token == ledger.tokens.end()) return {};
    request.bearer = token->second;
  }
  const std::string path = (visitor ? "/v1/public/atlas/bookings/" : "/v1/provider/bookings/") + booking->id.str();
  switch (step.kind) {
  case Kind::approve: request.target = path + "/approve"; break;
  case Kind::decline: request.target = path + "/decline"; break;
  case Kind::cancel: request.target = path + "/cancel"; break;
  case Kind::review: request.target = path + (step.yes ? "/risk-approve" : "/risk-reject"); break;
  case Kind::pay:
    request.target = path + "/payments";
    request.body = R"({"amountCents":)" + std::to_string(amount_of(step, *booking)) + "}";
    break;
  case Kind::refund:
    request.target = path + "/refunds";
    request.body = R"({"amountCents":)" + std::to_string(amount_of(step, *booking)) + "}";
    break;
  case Kind::reschedule:
    request.method = api::Method::patch;
    request.target = visitor ? path : "/v1/api/bookings/" + booking->id.str();
    request.body = move_body(step.interval);
    request.key = "";
    break;
  default: return {};
  }
  return request;
}

template <class AnyId> std::optional<AnyId> id_of(const json::Value& body) {
  const auto* object = body.if_object();
  if (object != nullptr)
    if (const auto* inner = object->if_contains("booking")) object = inner->if_object();
  const auto* id = object == nullptr ? nullptr : object->if_contains("id");
  return id == nullptr || !id->is_string() ? std::nullopt : AnyId::parse(std::string_view{id->get_string()});
}

void send(World& world, const SentRequest& request, int number, Outcome& outcome) {
  const std::string id = "simulated-" + std::to_string(number), bearer = "Bearer " + request.bearer;
  std::vector<api::HeaderView> headers{{"X-Request-Id", id}, {"Content-Type", "application/json"}};
  if (!request.bearer.empty()) headers.push_back({"Authorization", bearer});
  if (!request.key.empty()) headers.push_back({"Idempotency-Key", request.key});
  const auto response = world.api().handle({request.method, request.target, headers, request.body, request.peer});
  outcome.request = request;
  outcome.status = response.status;
  outcome.body = response.body;
  outcome.replayed = response.header("Idempotent-Replayed") == "true";
  if (response.body.empty()) return;
  const auto body = boost::json::parse(response.body);
  if (response.status >= 400) {
    outcome.refusal = code_named(std::string_view{body.at("code").as_string()});
    return;
  }
  outcome.booking_id = id_of<BookingId>(body);
  outcome.hold_id = id_of<HoldId>(body);
  if (const auto* token = body.as_object().if_contains("manageToken")) outcome.token = std::string{token->as_string()};
  if (const auto* difference = body.as_object().if_contains("priceDifferenceCents")) outcome.difference = difference->as_int64();
}

} // namespace

std::string SentRequest::kept_as() const {
  const bool visitor = target.starts_with("/v1/public/");
  return visitor ? "visitor:" + hex(sha256(key)) : key;
}

void send_request(World& world, const Step& step, const Ledger& ledger, const Rows& before, Outcome& outcome) {
  const auto request = request_of(world, step, ledger, before);
  if (!request) {
    outcome.skipped = true;
    return;
  }
  if (step.kind == Kind::cancel) {
    // What a dry run says beforehand must be what happens.
    auto dry = *request;
    dry.target += "?dryRun=true";
    dry.key.clear();
    Outcome told;
    world.store.control().writes = -1; // the fault is for the request itself
    send(world, dry, step.number, told);
    world.store.control().reads = 0;
    if (told.status == 200) {
      const auto body = boost::json::parse(told.body);
      outcome.terms.emplace();
      outcome.terms->refund_percent = static_cast<int>(body.at("refundPercent").as_int64());
      outcome.terms->refund_cents = body.at("refundCents").as_int64();
    }
  }
  send(world, *request, step.number, outcome);
}

void repeat_request(World& world, const Step& step, const Ledger& ledger, Outcome& outcome) {
  const auto found = ledger.requests.find(step.from);
  if (found == ledger.requests.end()) {
    outcome.skipped = true;
    return;
  }
  auto request = found->second;
  if (step.kind == Kind::other_body) request.body.insert(1, " ");
  send(world, request, step.from, outcome);
}

} // namespace orkestr::campaign
