// Taking and returning money as a port. A payment is opened here, paid by the customer's browser with the client secret that
// comes of it, and settled by an event of the gateway's or by a look at it. Adapters: orkestr/adapters/stripe_gateway.hpp,
// and orkestr/adapters/test_gateway.hpp, which needs no network.
//
// Amounts are in the minor unit of their currency as ISO 4217 has it (base/money.hpp), whatever the gateway counts in.
//
// A decline is no error: it is a payment whose state is `failed`, with the reason. An Error says that there is no such answer:
// - `payment_unavailable`: nobody knows whether it happened. Ask again with the same idempotency key, or fetch the payment;
// - `rate_limited`: it did not happen; later, with the same key;
// - `idempotency_in_flight`: the first call with this key still runs; `idempotency_mismatch`: it asked for something else;
// - `invalid_fields`: the gateway does not take it; the faults say what (an amount too small, a currency that it does not know);
// - `invalid_transition`: the payment's state does not allow it, such as a refund of more than was paid;
// - `not_found`: it knows no such payment or refund; `internal`: the gateway is set up wrongly (its key), or answered nonsense.
#pragma once

#include "orkestr/base/money.hpp"
#include "orkestr/base/time.hpp"
#include "orkestr/engine/webhook_signature.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orkestr::inline v1 {

enum class GatewayState : std::uint8_t {
  requires_method, ///< waits for the customer to choose how to pay
  requires_action, ///< waits for the customer to prove who they are (3-D Secure)
  processing,      ///< on its way, for minutes or days; nothing to do but wait
  succeeded,
  failed,   ///< the last attempt did; the customer may make another with the same client secret, until it is cancelled
  cancelled ///< for good
};
enum class RefundState : std::uint8_t { pending, succeeded, failed, cancelled };

/// `requires_method` and so on.
[[nodiscard]] std::string_view to_string(GatewayState state) noexcept;
[[nodiscard]] std::string_view to_string(RefundState state) noexcept;

/// Keys and values of the host's own, that come back with the payment and its events: `tenantId`, `bookingId`. At most 50,
/// keys of 1 to 40 bytes without brackets, values of 1 to 500. Sorted by key in what comes back.
using GatewayMetadata = std::vector<std::pair<std::string, std::string>>;

struct GatewayFailure {
  std::string code;    ///< the gateway's own: `card_declined`, `insufficient_funds`, `authentication_required`
  std::string message; ///< for the customer
};

/// What is known of the card, for risk. Empty is unknown.
struct CardFacts {
  std::string fingerprint; ///< the same for the same card number, within one account of the gateway
  std::string country;     ///< that issued it, ISO 3166-1 alpha-2
  std::string brand, last4;
};

/// How to charge the same customer again without them. Opaque.
struct SavedMethod {
  std::string customer, method;
  friend bool operator==(const SavedMethod&, const SavedMethod&) = default;
};

struct NewGatewayPayment {
  Amount amount = 0; ///< ≥ 1
  Currency currency;
  /// 1 to 200 visible ASCII characters, of the host's making and the same for each try at the same thing. A gateway
  /// remembers it for a day at least; asked twice within it, it answers the same and does nothing more.
  std::string idempotency_key;
  std::string description; ///< for people
  GatewayMetadata metadata;
  std::string customer_email; ///< where the gateway's receipt goes; may be empty
  bool save_method = false;   ///< to charge again with charge_saved(); `saved` of the payment is there once it succeeded
};

/// A charge without the customer: a renewal. It fails with `authentication_required` where their bank wants them.
struct SavedCharge {
  Amount amount = 0; ///< ≥ 1
  Currency currency;
  std::string idempotency_key; ///< a failed charge keeps its key: another try, another day, takes a new one
  std::string description;
  GatewayMetadata metadata;
  std::string customer_email;
  SavedMethod saved;
};

struct NewGatewayRefund {
  std::string payment_id;
  Amount amount = 0; ///< ≥ 1; several refunds sum to what was paid at most
  Currency currency; ///< the payment's
  std::string idempotency_key;
  GatewayMetadata metadata;
};

struct GatewayPayment {
  std::string id;
  std::string client_secret; ///< for the customer's browser, who may pay with it and see its state; not to be logged
  GatewayState state = GatewayState::requires_method;
  Amount amount = 0, received = 0; ///< asked for, and paid so far
  Amount refunded = 0;             ///< all that has gone back, or is on its way, refunds that failed not counted
  Currency currency;
  std::optional<GatewayFailure> failure; ///< of the last attempt
  std::optional<CardFacts> card;         ///< of the last attempt that said so
  std::optional<SavedMethod> saved;
  GatewayMetadata metadata;
  Instant created_at;
};

struct GatewayRefund {
  std::string id, payment_id;
  RefundState state = RefundState::pending;
  Amount amount = 0;
  Currency currency;
  std::optional<GatewayFailure> failure; ///< when it failed: the money is where it was
  GatewayMetadata metadata;
};

enum class GatewayEventKind : std::uint8_t {
  payment_succeeded,
  payment_failed,
  payment_processing,
  payment_cancelled,
  payment_refunded, ///< `amount` is all that has been refunded of the payment so far
  refund_updated,   ///< one refund was made or changed: `refund_id`, `refund_state`, `amount`
  dispute_opened,   ///< the customer's bank took `amount` back, for now: `dispute_id`
  other             ///< one that says nothing to us; answer it as received
};
[[nodiscard]] std::string_view to_string(GatewayEventKind kind) noexcept;

/// What a gateway reports. It may come twice, late, and after one that happened later: `id` is the same each time, and what
/// counts is the payment as fetch() shows it.
struct GatewayEvent {
  std::string id;
  GatewayEventKind kind = GatewayEventKind::other;
  std::string type; ///< the gateway's own word: `payment_intent.succeeded`
  Instant created_at;
  bool live = false; ///< real money
  std::string payment_id, refund_id, dispute_id;
  /// Of a payment: received where it succeeded, else asked for. See the kinds for the others.
  Amount amount = 0;
  Currency currency;
  std::optional<RefundState> refund_state;
  std::optional<GatewayFailure> failure;
  std::optional<CardFacts> card;
  GatewayMetadata metadata; ///< of the payment, or of the refund
};

/// @thread_safety implementations are safe to call from any thread
class PaymentGateway {
 public:
  template <class T> using Done = std::function<void(Result<T>)>;

  virtual ~PaymentGateway() = default;

  /// `stripe`, `test`: what a payment's `provider` says.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  // Each calls `done` exactly once, on any thread and perhaps within the call itself, so hold no lock and no transaction
  // over it. It must not block for long, throw, or destroy the gateway.

  virtual void create(NewGatewayPayment payment, Done<GatewayPayment> done) = 0;
  virtual void fetch(std::string payment_id, Done<GatewayPayment> done) = 0;
  /// The payment with this in its metadata, for what was asked for and never answered. It may take a gateway a minute to find what is
  /// new. @pre both are letters, digits and underscores, and no two payments have the same  @errors `not_found`
  virtual void find(std::string metadata_key, std::string value, Done<GatewayPayment> done) = 0;
  /// What is cancelled can't be paid any more, so that a payment can't come after its booking ended. Cancelling twice is
  /// as once. @errors `invalid_transition` where it has succeeded or is processing
  virtual void cancel(std::string payment_id, Done<GatewayPayment> done) = 0;
  virtual void refund(NewGatewayRefund refund, Done<GatewayRefund> done) = 0;
  /// What counts of a refund is what this shows. @errors `not_found`
  virtual void fetch_refund(std::string refund_id, Done<GatewayRefund> done) = 0;
  /// The refund of a payment with this in its metadata, for what was asked for and never answered. @pre and @errors as of find()
  virtual void find_refund(std::string payment_id, std::string metadata_key, std::string value, Done<GatewayRefund> done) = 0;
  virtual void charge_saved(SavedCharge charge, Done<GatewayPayment> done) = 0;

  /// Checks who wrote an event, and reads it. Bodies are judged by their bytes, so give them as they came in.
  /// @errors  `invalid_header` (`missing`, `repeated`, `malformed`), `unauthenticated` (`too_old`, `too_new`,
  ///          `wrong_signature`), each with the header in the fault's pointer; `malformed_request` for a signed body that is
  ///          not an event
  /// @thread_safety pure, but for what the gateway was made with
  [[nodiscard]] virtual Result<GatewayEvent> parse_event(std::string_view body, std::span<const WebhookHeaderView> headers,
                                                         Instant now) const = 0;
};

} // namespace orkestr::inline v1
