// Money: opening payments, settling them by what the gateway shows, giving money back, renewing subscriptions. See docs/payments.md.
//
// Gateways are asked outside of transactions, by Platform::pay() and PaymentDesk. What is to be asked stands in the rows (`check_at`),
// written in the transaction that makes it necessary, so that a process that dies forgets nothing; every question is one that may be put
// twice. An event of a gateway's is only a reason to ask.
#pragma once

#include "orkestr/ports/payment_gateway.hpp"
#include "orkestr/storage/store.hpp"

namespace orkestr::inline v1 {

struct WriteContext;

/// A payment to be opened or looked at, with what the gateway wants to know.
struct PayablePayment {
  Payment payment;
  std::string description, customer_email;
  bool save_method = false; ///< it will be charged again
};

/// The payment by which a booking can be paid for now: the one that is open for what is owed, else a new one, which calls off others. Of
/// a subscription that is PAST_DUE it is the renewal. @errors `not_found`; `invalid_transition` when nothing is to be paid
[[nodiscard]] Result<PayablePayment> prepare_payment(WriteContext& cx, BookingId id, std::string_view provider);

/// Whether a payment that is open may still be paid: its booking goes on, it is for what is owed, no newer one is there, and it is not
/// older than `keep_open`.
[[nodiscard]] bool is_payable(WriteContext& cx, const Booking& booking, const Payment& payment);

/// Takes a payment as its gateway shows it. Money that came is the booking's, which it may confirm; or goes back, when the booking has
/// ended, or was paid for already. It may be told the same any number of times.
/// @param asked  when it was to be asked next as the question was put: what was asked for since then stays due
/// @errors `not_found`
[[nodiscard]] Result<Booking> settle_payment(WriteContext& cx, PaymentId id, const GatewayPayment& shown,
                                             std::optional<Instant> asked = {});
/// The gateway does not know it. @errors `not_found`
[[nodiscard]] Result<Booking> lose_payment(WriteContext& cx, PaymentId id);

/// Gives part of what was paid back, newest payment first: by the gateway, which takes its time, or noted at once where no gateway took it.
/// Once the whole has come back, the booking is REFUNDED. @errors `not_found`, `invalid_transition` while PENDING, `invalid_fields` for
/// more than can be given back
[[nodiscard]] Result<Booking> start_refund(WriteContext& cx, BookingId id, Amount amount, RefundReason reason);

/// Takes a refund as its gateway shows it. @param asked  as of settle_payment()  @errors `not_found`
[[nodiscard]] Result<Booking> settle_refund(WriteContext& cx, RefundId id, const GatewayRefund& shown, std::optional<Instant> asked = {});
/// It was not made, and never will be: what it was to give back can be asked back anew. The provider is told. @errors `not_found`
[[nodiscard]] Result<Booking> fail_refund(WriteContext& cx, RefundId id, const GatewayFailure& failure);

/// After a refund failed because less was left: what is left goes back instead. @param shown  its payment now  @errors `not_found`
[[nodiscard]] Result<Booking> retry_refund(WriteContext& cx, RefundId id, const GatewayPayment& shown);

/// The payment that a gateway's event is about.
[[nodiscard]] std::optional<storage::Due<PaymentId>> find_payment(const storage::ReadTransaction& tx, std::string_view provider,
                                                                  const GatewayEvent& event);
/// Makes what an event is about due to be asked after. @returns false, with nothing done, when the event came before
[[nodiscard]] Result<bool> note_gateway_event(WriteContext& cx, PaymentId id, std::string_view provider, const GatewayEvent& event);

/// Begins the renewal of a subscription, as a payment that is due to be charged, or ends one whose booking has.
/// @errors `not_found`
[[nodiscard]] Result<void> start_renewal(WriteContext& cx, BookingId id);

/// The end of the n-th period, counted from the first payment in the zone of the offering: months and years keep its day, or take the
/// last of a month that has no such day.
[[nodiscard]] Instant period_end(const Subscription& subscription, int periods);

/// After a renewal failed, it is tried again so much later; after the last of these the booking is cancelled.
inline constexpr std::array<milliseconds, 3> renewal_retries{std::chrono::days{1}, std::chrono::days{3}, std::chrono::days{7}};
/// A gateway may forget idempotency keys after a day: what had no answer by then is looked for before it is asked for again.
inline constexpr milliseconds key_time = std::chrono::hours{23};
/// What nobody has paid by so long after it was opened is called off, so that it need not be looked at for ever; who comes later opens another.
inline constexpr milliseconds keep_open = std::chrono::days{30};
/// How long events of gateways are remembered: longer than any of them is repeated.
inline constexpr milliseconds keep_gateway_events = std::chrono::days{40};

/// How to pay: what the customer's browser needs.
struct OpenPayment {
  PaymentId payment_id;
  std::string provider, client_secret;
  std::optional<std::string> public_key; ///< for the gateway's script in the browser, where it has one
  std::string state;                     ///< `requires_method`, `requires_action`, `processing`, `succeeded`, `failed`
  Amount amount_cents = 0;
  Currency currency;
  std::optional<std::string> failure_code, failure_message; ///< of the last attempt
};

namespace json {
template <> struct Schema<OpenPayment> {
  using T = OpenPayment;
  static constexpr auto fields = std::make_tuple(
      field("paymentId", &T::payment_id, out), field("provider", &T::provider, out), field("clientSecret", &T::client_secret, out),
      field("publicKey", &T::public_key, out), field("state", &T::state, out), field("amountCents", &T::amount_cents, out),
      field("currency", &T::currency, out), field("failureCode", &T::failure_code, out), field("failureMessage", &T::failure_message, out));
};
} // namespace json
} // namespace orkestr::inline v1
