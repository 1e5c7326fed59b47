// The signature that Stripe and others put on events: a header `t=<seconds>,v1=<hex>`, where the hex is the HMAC-SHA256 of
// `<seconds>.<body>` under the secret's text. While a secret is being replaced, there is a `v1` for each.
#pragma once

#include "orkestr/engine/webhook_signature.hpp"

namespace orkestr::inline v1 {

/// The header's value: `t=`, then a `v1=` for each secret.
/// @thread_safety pure
[[nodiscard]] std::string timestamped_signature(std::string_view body, std::span<const std::string> secrets, Instant now);

/// Checks a body against the header `name`, each of the secrets and each `v1`. Other schemes (`v0`) are passed over. A `t` that
/// is there twice is refused. Signatures are compared in constant time. A secret that is empty is none.
///
/// @returns when it was signed
/// @errors  as verify_webhook()
/// @thread_safety pure
[[nodiscard]] Result<Instant> verify_timestamped(std::string_view name, std::string_view body, std::span<const WebhookHeaderView> headers,
                                                 std::span<const std::string> secrets, Instant now,
                                                 milliseconds tolerance = webhook_tolerance);

} // namespace orkestr::inline v1
