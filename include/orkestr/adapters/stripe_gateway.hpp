// Payments by Stripe, over its HTTP API (docs/payments.md).
#pragma once

#include "orkestr/ports/http_client.hpp"
#include "orkestr/ports/payment_gateway.hpp"

#include <memory>

namespace orkestr::inline v1 {

/// The version of Stripe's API that requests are pinned to and that the webhook endpoint should be made with.
inline constexpr std::string_view stripe_api_version = "2026-08-26.dahlia";
inline constexpr std::string_view stripe_signature_header = "Stripe-Signature";

struct StripeOptions {
  std::string secret_key; ///< `sk_live_…`, or a restricted `rk_…` that may write payment intents, refunds and customers
  /// `whsec_…` of the webhook endpoint; two while it is being rotated. With none, every event is refused.
  std::vector<std::string> webhook_secrets;
  std::string base_url = "https://api.stripe.com";
  std::chrono::milliseconds timeout{30'000}; ///< for each try
  int max_retries = 2;
  std::chrono::milliseconds retry_delay{500}; ///< before the first retry, twice that before the second; 0 is at once
};

/// Opens PaymentIntents with `automatic_payment_methods`, so that the dashboard decides how customers can pay; the page pays
/// them by Stripe.js with the client secret.
///
/// What can be repeated is, when no answer came, when Stripe is at fault (5xx) or says so (Stripe-Should-Retry), and when
/// another request holds the object. All requests can: those that make something carry an Idempotency-Key, the rest do
/// nothing when done twice.
///
/// The gateway may be destroyed before its calls have ended: those that wait for a retry end as `payment_unavailable`, the
/// others as the client says. It has a thread from its first delayed retry on.
/// @param client  must outlive the gateway and what is under way
/// @errors `invalid_fields`, for a key or a URL that can't be sent
[[nodiscard]] Result<std::unique_ptr<PaymentGateway>> make_stripe_gateway(HttpClient& client, StripeOptions options);

} // namespace orkestr::inline v1
