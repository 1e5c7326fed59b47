// Webhooks: what a provider subscribes to, which secrets sign, what is owed to an endpoint, when it is tried again.
// Signing itself is webhook_signature.hpp.
#pragma once

#include "orkestr/engine/event.hpp"

namespace orkestr::inline v1 {

enum class WebhookStatus { active, disabled };
enum class WebhookDisabledReason { by_provider, gone, failing };

/// A subscription. Its secrets are as they are stored: sealed (see secret_box.hpp) wherever the platform made them.
struct Webhook {
  WebhookId id;
  std::string url, description;
  std::vector<std::string> events; ///< names (`booking.confirmed`), groups (`booking.*`), or `*`
  WebhookStatus status = WebhookStatus::active;
  std::optional<WebhookDisabledReason> disabled_reason;
  std::optional<Instant> disabled_at;
  std::string secret;
  std::optional<std::string> next_secret; ///< of a rotation that is under way
  std::optional<Instant> rotated_at;      ///< when that began
  std::optional<std::string> old_secret;  ///< of a rotation that is over
  std::optional<Instant> old_secret_expires_at;
  Instant created_at, updated_at;

  /// Whether an event of this type is wanted. `webhook.test` is sent on request only.
  [[nodiscard]] bool wants(EventType type) const;
};

/// Whether a text names an event, a group of events, or all: `booking.confirmed`, `booking.*`, `*`.
[[nodiscard]] bool is_event_filter(std::string_view text);
/// What single fields can't say. Filters are checked one by one.
void validate(const Webhook& webhook, json::Reader& reader);

// ---- secrets -----------------------------------------------------------------------------------------------------

/// How long after rotate() the new secret takes over by itself, and how long the old one then stays in the list.
inline constexpr milliseconds rotation_time = std::chrono::hours{24};

/// What signs at some time. Borrows from the webhook.
struct SigningSecrets {
  std::string_view first;                ///< signs X-Orkestr-Signature, and leads webhook-signature
  std::optional<std::string_view> other; ///< signs in webhook-signature beside it
};
[[nodiscard]] SigningSecrets signing_secrets(const Webhook& webhook, Instant now);

/// Writes down what time has made of the secrets: one that has taken over by itself, one that has expired.
void settle_secrets(Webhook& webhook, Instant now);

/// A rotation's steps; each settles the secrets first.
/// @errors `invalid_transition`: rotate() while one is under way, promote() while none is
/// @thread_safety pure
[[nodiscard]] Result<void> rotate(Webhook& webhook, std::string sealed_secret, Instant now);
[[nodiscard]] Result<void> promote(Webhook& webhook, Instant now);
/// For a leak: from now on only this secret signs.
void replace_secret(Webhook& webhook, std::string sealed_secret);

// ---- deliveries --------------------------------------------------------------------------------------------------

enum class DeliveryStatus { pending, succeeded, dead };

/// One event that is owed to one endpoint.
struct Delivery {
  DeliveryId id; ///< what receivers know it by: the same for all attempts and replays
  WebhookId webhook_id;
  EventId event_id;
  EventType event = EventType::booking_created;
  std::string subject; ///< of the event: what is about the same is delivered in order
  DeliveryStatus status = DeliveryStatus::pending;
  int attempts = 0;                       ///< made so far
  int attempts_before = 0;                ///< of these, the ones before it was last replayed: its schedule began anew
  std::optional<Instant> next_attempt_at; ///< while PENDING
  std::optional<int> last_status;         ///< of the last attempt, if there was an answer
  std::optional<std::string> last_error;  ///< why it is not delivered
  Instant created_at;
  std::optional<Instant> finished_at;

  /// Retries have a lane of their own, so that they keep nobody from a first attempt.
  [[nodiscard]] bool retrying() const { return attempts > attempts_before; }
};

/// One attempt, as it went.
struct DeliveryAttempt {
  DeliveryId delivery_id;
  int number = 1;
  Instant at;
  std::optional<int> status;                                       ///< of the answer
  std::optional<std::string> failure;                              ///< `timeout`, `refused_address`…: why there is none
  std::string detail;                                              ///< the same for a person
  std::string address;                                             ///< that it was sent to
  std::string body;                                                ///< the first 8 KiB of the answer
  bool truncated = false;                                          ///< there was more
  int resolve_us = 0, connect_us = 0, secure_us = 0, total_us = 0; ///< since it began; 0 for what was not needed
};

/// The delays between attempts.
inline constexpr std::array<milliseconds, 5> retry_delays{std::chrono::seconds{10}, std::chrono::minutes{2}, std::chrono::minutes{20},
                                                          std::chrono::hours{3}, std::chrono::hours{24}};
inline constexpr milliseconds longest_retry_after = std::chrono::hours{1};

/// When an attempt that failed is followed by another: the schedule's delay ±20 %, or what the endpoint asked for where that is
/// longer. nullopt after the last.
/// @param made    attempts so far by this schedule, at least 1
/// @param spread  from [0, 1): where within the 40 % it falls
/// @param asked   Retry-After, of which an hour is kept to
/// @thread_safety pure
[[nodiscard]] std::optional<Instant> next_attempt(int made, Instant now, double spread, std::optional<milliseconds> asked = {});

/// `Retry-After` as seconds or as an HTTP date (RFC 9110, section 10.2.3). nullopt for neither, or a time that is past.
[[nodiscard]] std::optional<milliseconds> parse_retry_after(std::string_view text, Instant now);

// ---- endpoints ---------------------------------------------------------------------------------------------------

/// How a subscription's endpoint fares, and which dispatcher has it.
struct WebhookEndpoint {
  WebhookId webhook_id;
  std::string owner; ///< the dispatcher that may send to it
  Instant owned_until;
  int failures = 0; ///< in a row
  std::optional<Instant> failing_since;
  std::optional<Instant> open_until; ///< the breaker: nothing is sent until then, and one probe after that
};

inline constexpr int breaker_failures = 5;
inline constexpr milliseconds breaker_pause = std::chrono::seconds{30}, breaker_longest_pause = std::chrono::minutes{5};
/// An endpoint that has only failed for this long is disabled.
inline constexpr milliseconds disable_after = std::chrono::days{5};

enum class BreakerState { closed, open, half_open };
[[nodiscard]] BreakerState breaker_state(const WebhookEndpoint& endpoint, Instant now);

/// What an attempt's outcome makes of the endpoint.
void note_success(WebhookEndpoint& endpoint);
/// The same. @param spread as for next_attempt()
void note_failure(WebhookEndpoint& endpoint, Instant now, double spread);

namespace json {
template <> struct EnumNames<WebhookStatus> { static constexpr std::array<std::string_view, 2> names{"ACTIVE", "DISABLED"}; };
template <> struct EnumNames<WebhookDisabledReason> {
  static constexpr std::array<std::string_view, 3> names{"BY_PROVIDER", "GONE", "FAILING"};
};
template <> struct EnumNames<DeliveryStatus> { static constexpr std::array<std::string_view, 3> names{"PENDING", "SUCCEEDED", "DEAD"}; };
template <> struct EnumNames<BreakerState> { static constexpr std::array<std::string_view, 3> names{"CLOSED", "OPEN", "HALF_OPEN"}; };
template <> struct Schema<Webhook> {
  static constexpr auto fields =
      std::make_tuple(field("id", &Webhook::id, out), field("url", &Webhook::url, required_writable, {1, 2048}),
                      field("description", &Webhook::description, writable, {0, 500}),
                      field("events", &Webhook::events, required_writable, {1, 50}), field("status", &Webhook::status, out | patch),
                      field("disabledReason", &Webhook::disabled_reason, out), field("disabledAt", &Webhook::disabled_at, out),
                      field("rotatedAt", &Webhook::rotated_at, out), field("oldSecretExpiresAt", &Webhook::old_secret_expires_at, out),
                      field("createdAt", &Webhook::created_at, out), field("updatedAt", &Webhook::updated_at, out));
};
template <> struct Schema<Delivery> {
  static constexpr auto fields = std::make_tuple(
      field("id", &Delivery::id, out), field("webhookId", &Delivery::webhook_id, out), field("eventId", &Delivery::event_id, out),
      field("event", &Delivery::event, out), field("subject", &Delivery::subject, out), field("status", &Delivery::status, out),
      field("attempts", &Delivery::attempts, out), field("nextAttemptAt", &Delivery::next_attempt_at, out),
      field("lastStatus", &Delivery::last_status, out), field("lastError", &Delivery::last_error, out),
      field("createdAt", &Delivery::created_at, out), field("finishedAt", &Delivery::finished_at, out));
};
template <> struct Schema<DeliveryAttempt> {
  using T = DeliveryAttempt;
  static constexpr auto fields = std::make_tuple(
      field("number", &T::number, out), field("at", &T::at, out), field("status", &T::status, out), field("failure", &T::failure, out),
      field("detail", &T::detail, out), field("address", &T::address, out), field("body", &T::body, out),
      field("truncated", &T::truncated, out), field("resolveMicros", &T::resolve_us, out), field("connectMicros", &T::connect_us, out),
      field("secureMicros", &T::secure_us, out), field("totalMicros", &T::total_us, out));
};
} // namespace json
} // namespace orkestr::inline v1
