// A payment gateway without money or network: what becomes of a payment is decided by the number of the card. For development,
// tests, simulations, and for businesses that try Orkestr out (docs/payments.md).
#pragma once

#include "orkestr/ports/clock.hpp"
#include "orkestr/ports/payment_gateway.hpp"
#include "orkestr/ports/random.hpp"

#include <memory>

namespace orkestr::inline v1 {

/// What a test card's number leads to. Any other number is declined as `incorrect_number`.
namespace test_cards {
inline constexpr std::string_view succeeds = "4242424242424242";
inline constexpr std::string_view declined = "4000000000000002";           ///< `card_declined`
inline constexpr std::string_view insufficient_funds = "4000000000009995"; ///< `insufficient_funds`
inline constexpr std::string_view expired = "4000000000000069";            ///< `expired_card`
inline constexpr std::string_view authenticates = "4000002760003184";      ///< asks for 3-D Secure, each time; renewals fail for want of it
inline constexpr std::string_view authenticates_then_declined = "4000008400001629";
inline constexpr std::string_view settles_late = "4000000000007007";     ///< processing, then succeeded
inline constexpr std::string_view fails_late = "4000000000008005";       ///< processing, then failed
inline constexpr std::string_view renewal_declined = "4000000000000341"; ///< succeeds, and is declined when charged again
inline constexpr std::string_view disputed = "4000000000000259";         ///< succeeds, and is disputed at once
inline constexpr std::string_view refunds_late = "4000000000007726";     ///< succeeds; its refunds are pending, then succeed
inline constexpr std::string_view refunds_fail = "4000000000005126";     ///< succeeds; its refunds are pending, then fail
} // namespace test_cards

struct TestCard {
  std::string_view number, outcome; ///< the second for people
};
/// All of them, for a page that offers them.
[[nodiscard]] std::span<const TestCard> all_test_cards() noexcept;

inline constexpr std::string_view test_gateway_header = "Orkestr-Test-Signature";

/// An event as it would be posted to the host's webhook route.
struct TestGatewayEvent {
  std::string body;
  std::string signature; ///< the value of Orkestr-Test-Signature, in Stripe's scheme
};

struct TestGatewayOptions {
  std::string webhook_secret = {}; ///< that events are signed with; empty is one of its own, so that nobody else can forge them
  milliseconds settles_after = std::chrono::minutes{1}; ///< what is late, by the clock
  /// The last so many payments, and idempotency keys, are kept, in memory.
  std::size_t max_payments = 100'000;
  /// Called with each event after the change that it tells of, by the thread that brought it about and with no lock held; it
  /// may call the gateway. Events of several threads may come in any order. It must not throw.
  std::function<void(TestGatewayEvent)> on_event = {};
};

/// What is late settles when it is looked at, or by run_due(). Everything is done within the call. The same clock, randomness
/// and calls give the same ids and events.
/// @thread_safety safe to call from any thread
class TestGateway final : public PaymentGateway {
 public:
  /// @param clock, random  must outlive it
  TestGateway(const Clock& clock, Random& random, TestGatewayOptions options = {});
  ~TestGateway() override;

  [[nodiscard]] std::string_view name() const noexcept override { return "test"; }
  void create(NewGatewayPayment payment, Done<GatewayPayment> done) override;
  void fetch(std::string payment_id, Done<GatewayPayment> done) override;
  void find(std::string metadata_key, std::string value, Done<GatewayPayment> done) override;
  void cancel(std::string payment_id, Done<GatewayPayment> done) override;
  void refund(NewGatewayRefund refund, Done<GatewayRefund> done) override;
  void fetch_refund(std::string refund_id, Done<GatewayRefund> done) override;
  void find_refund(std::string payment_id, std::string metadata_key, std::string value, Done<GatewayRefund> done) override;
  void charge_saved(SavedCharge charge, Done<GatewayPayment> done) override;
  [[nodiscard]] Result<GatewayEvent> parse_event(std::string_view body, std::span<const WebhookHeaderView> headers,
                                                 Instant now) const override;

  // What the customer's browser does, by the client secret.

  /// Tries to pay; spaces and dashes in the number are passed over.
  /// @errors `not_found`; `invalid_transition` where it is not waiting for a card
  [[nodiscard]] Result<GatewayPayment> pay(std::string_view client_secret, std::string_view card_number);
  /// Answers the question for 3-D Secure. A refusal fails with `authentication_failed`, after which another card may be tried.
  /// @errors `not_found`; `invalid_transition` where nothing was asked
  [[nodiscard]] Result<GatewayPayment> authenticate(std::string_view client_secret, bool agreed);

  // What time does.

  /// Settles a payment or a refund that is processing, before its time and either way.
  /// @errors `not_found`; `invalid_transition` where it is settled
  [[nodiscard]] Result<void> settle(std::string_view id, bool well);
  /// Settles what is due. @returns how many
  std::size_t run_due();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace orkestr::inline v1
