// Signatures of webhook deliveries, for those who send them and those who receive them. A delivery is signed twice: for
// Orkestr's `verify()`, the raw body (X-Orkestr-Signature); after Standard Webhooks, the id and the time of sending with it.
#pragma once

#include "orkestr/base/result.hpp"
#include "orkestr/base/time.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

class Random;

/// `whsec_` and the base64 of 32 random bytes.
[[nodiscard]] std::string make_webhook_secret(Random& random);

/// Whether the text is `whsec_` and the padded base64 of 24 to 64 bytes, as Standard Webhooks has it, and nothing else.
[[nodiscard]] bool is_webhook_secret(std::string_view text);

/// One secret, ready to sign with; it costs more to make than to use. Copies share the keys, which are wiped with the last one.
/// @thread_safety safe to use from many threads at once
class WebhookSigner {
 public:
  /// nullopt unless is_webhook_secret(secret).
  [[nodiscard]] static std::optional<WebhookSigner> make(std::string_view secret);

  /// What X-Orkestr-Signature says: lower-case hex HMAC-SHA256 of the body under the secret's text, `whsec_` and all.
  [[nodiscard]] std::string body_signature(std::string_view body) const;

  /// An entry of webhook-signature: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body` under the secret's bytes.
  /// @param id         without a full stop, which would let one signature stand for several messages
  /// @param timestamp  seconds since 1970
  [[nodiscard]] std::string signature(std::string_view id, std::int64_t timestamp, std::string_view body) const;

 private:
  WebhookSigner() = default;
  struct Keys;
  std::shared_ptr<const Keys> keys_;
};

/// One attempt at a delivery. Borrows its texts.
struct WebhookDelivery {
  std::string_view delivery_id; ///< the same for every attempt, so that a receiver knows it again
  std::string_view event;       ///< `booking.confirmed`
  int attempt = 1;
  Instant now;
  std::string_view body; ///< byte for byte as it is sent
};

struct WebhookHeader {
  std::string_view name; ///< static storage
  std::string value;
};

/// X-Orkestr-Signature, -Delivery-Id, -Event and -Attempt; webhook-id, -timestamp and -signature.
///
/// X-Orkestr-Signature has one value, so a rotation shows in webhook-signature only: an entry of `signer`, then one of each of
/// `others`. A receiver that holds any of these secrets accepts it.
///
/// @throws std::invalid_argument  for an id or an event that does not fit a header, or an id with a full stop
/// @thread_safety pure
[[nodiscard]] std::array<WebhookHeader, 7> webhook_headers(const WebhookDelivery& delivery, const WebhookSigner& signer,
                                                           std::span<const WebhookSigner> others = {});

/// A header as it came in; the name in any case, the value without surrounding white space.
struct WebhookHeaderView {
  std::string_view name, value;
};

struct VerifiedWebhook {
  std::string delivery_id; ///< of webhook-id; remember it, since a delivery may come more than once
  std::string event;       ///< `type` of the body, which is signed, as X-Orkestr-Event is not; empty where the body names none
  Instant sent_at;         ///< of this attempt
};

inline constexpr milliseconds webhook_tolerance = std::chrono::minutes{5};

/// Checks a delivery by its three Standard Webhooks headers, against each of the secrets and each `v1` entry. Entries of other
/// versions are passed over. Signatures are compared in constant time.
///
/// @param body       the bytes as they came in; a body that was parsed and written again has another signature
/// @param tolerance  how far the time of sending may be from `now`, in the past or the future
/// @errors  `invalid_header` with the fault `missing`, `repeated` or `malformed`; `unauthenticated` with the fault `too_old`,
///          `too_new` or `wrong_signature`. The fault's pointer names the header: `/webhook-timestamp`.
/// @thread_safety pure
[[nodiscard]] Result<VerifiedWebhook> verify_webhook(std::string_view body, std::span<const WebhookHeaderView> headers,
                                                     std::span<const WebhookSigner> secrets, Instant now,
                                                     milliseconds tolerance = webhook_tolerance);

/// Checks X-Orkestr-Signature alone, as the reference's `verify()` does: who wrote the body, but neither when it was sent nor
/// whether it is a replay. verify_webhook() says both; this is for where the other headers do not get through.
///
/// @errors  as verify_webhook(), without those of time
/// @thread_safety pure
[[nodiscard]] Result<void> verify_webhook_body(std::string_view body, std::span<const WebhookHeaderView> headers,
                                               std::span<const WebhookSigner> secrets);

} // namespace orkestr::inline v1
