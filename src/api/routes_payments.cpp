// Paying for a booking, what a gateway posts, what has been given back; and the cards of the test gateway.
#include "api/bodies.hpp"
#include "api/storefront.hpp"

#include <array>

namespace orkestr::inline v1::api {
namespace {

struct CardDraft {
  std::string client_secret, card_number;
};
struct ConsentDraft {
  std::string client_secret;
  bool agreed = true;
};
/// What the customer's browser would be told.
struct PaymentState {
  std::string state;
  std::optional<std::string> failure_code, failure_message;
};

Result<Booking> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<BookingId>());
  auto booking = tx.bookings().find(call.tenant.id, id);
  if (!booking) return fail(Code::not_found, "There is no such booking.");
  return std::move(*booking);
}

// By a key, or by the booking's manage token.
using Load = Result<Booking> (*)(const storage::ReadTransaction&, const Call&);

template <Load load, ActorKind who> Result<Reply> pay(const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto booking, call.platform.store().read([&](const storage::ReadTransaction& tx) { return load(tx, call); }));
  const Actor actor{who, who == ActorKind::customer ? booking.customer_id.str() : call.key.id.str(), std::string{call.request_id}};
  ORKESTR_TRY(const auto opened, call.platform.pay(call.tenant.id, booking.id, actor));
  return reply_untagged(opened);
}

template <Load load> Result<Reply> list_refunds(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load(tx, call));
  ORKESTR_TRY(const auto page, call.query.page());
  return reply_children(tx.payments().refunds_of(call.tenant.id, booking.id), page);
}

template <Load load> Result<Reply> get_subscription(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load(tx, call));
  const auto subscription = tx.payments().subscription(call.tenant.id, booking.id);
  if (!subscription) return fail(Code::not_found, "This booking is no subscription, or has not been paid for yet.");
  return reply_with(*subscription);
}

Result<Reply> take_event(const Call& call) {
  const auto* gateway = call.platform.gateway();
  if (gateway == nullptr || call.ids[0] != gateway->name()) return fail(Code::not_found, "There is no payment gateway by that name.");
  std::vector<WebhookHeaderView> headers;
  for (const auto& header : call.request.headers) headers.push_back({header.name, header.value});
  ORKESTR_CHECK(call.platform.take_gateway_event(call.request.body, headers));
  return Reply{204, {}, {}, false};
}

Result<Reply> told(Result<GatewayPayment> payment) {
  if (!payment) return std::move(payment).error();
  PaymentState state{std::string{to_string(payment->state)}, {}, {}};
  if (payment->failure) {
    state.failure_code = payment->failure->code;
    state.failure_message = payment->failure->message;
  }
  return reply_untagged(state);
}
Error no_test_gateway() { return fail(Code::not_found, "This server takes no test cards."); }

Result<Reply> try_card(const Call& call) {
  if (!call.test_cards.pay) return no_test_gateway();
  ORKESTR_TRY(const auto draft, body_of<CardDraft>(call));
  return told(call.test_cards.pay(draft.client_secret, draft.card_number));
}
Result<Reply> consent(const Call& call) {
  if (!call.test_cards.authenticate) return no_test_gateway();
  ORKESTR_TRY(const auto draft, body_of<ConsentDraft>(call));
  return told(call.test_cards.authenticate(draft.client_secret, draft.agreed));
}

} // namespace
} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct Schema<api::CardDraft> {
  using T = api::CardDraft;
  static constexpr auto fields = std::make_tuple(field("clientSecret", &T::client_secret, create | required, {1, 200}),
                                                 field("cardNumber", &T::card_number, create | required, {1, 40}));
};
template <> struct Schema<api::ConsentDraft> {
  using T = api::ConsentDraft;
  static constexpr auto fields =
      std::make_tuple(field("clientSecret", &T::client_secret, create | required, {1, 200}), field("agreed", &T::agreed, create));
};
template <> struct Schema<api::PaymentState> {
  using T = api::PaymentState;
  static constexpr auto fields = std::make_tuple(field("state", &T::state, out), field("failureCode", &T::failure_code, out),
                                                 field("failureMessage", &T::failure_message, out));
};
} // namespace orkestr::inline v1::json

namespace orkestr::inline v1::api {

std::span<const Route> payment_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::post,
       .path = "/v1/public/{tenant}/bookings/{bookingId}/pay",
       .operation = "payPublicBooking",
       .access = Access::visitor,
       .body = optional,
       .act = pay<load_managed, ActorKind::customer>,
       .managed = true},
      {.method = M::get,
       .path = "/v1/public/{tenant}/bookings/{bookingId}/refunds",
       .operation = "listPublicRefunds",
       .access = Access::visitor,
       .parameters = list_parameters,
       .read = list_refunds<load_managed>,
       .managed = true},
      {.method = M::get,
       .path = "/v1/public/{tenant}/bookings/{bookingId}/subscription",
       .operation = "getPublicSubscription",
       .access = Access::visitor,
       .read = get_subscription<load_managed>,
       .managed = true},
      {.method = M::post,
       .path = "/v1/api/bookings/{id}/pay",
       .operation = "payBooking",
       .access = Access::write,
       .body = optional,
       .act = pay<load, ActorKind::key>},
      {.method = M::get,
       .path = "/v1/provider/bookings/{id}/refunds",
       .operation = "listRefunds",
       .access = Access::admin,
       .parameters = list_parameters,
       .read = list_refunds<load>},
      {.method = M::get,
       .path = "/v1/provider/bookings/{id}/subscription",
       .operation = "getSubscription",
       .access = Access::admin,
       .read = get_subscription<load>},
      {.method = M::post,
       .path = "/v1/gateways/{gateway}/events",
       .operation = "takeGatewayEvent",
       .access = Access::open,
       .act = take_event},
      {.method = M::post,
       .path = "/v1/test-gateway/pay",
       .operation = "payByTestCard",
       .access = Access::open,
       .body = required,
       .act = try_card},
      {.method = M::post,
       .path = "/v1/test-gateway/authenticate",
       .operation = "authenticateTestCard",
       .access = Access::open,
       .body = required,
       .act = consent},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
