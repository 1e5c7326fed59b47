#include "orkestr/engine/webhook.hpp"

#include <algorithm>
#include <charconv>

namespace orkestr::inline v1 {
namespace {

bool matches(std::string_view filter, std::string_view event) {
  if (filter == "*") return true;
  if (filter.ends_with(".*")) return event.starts_with(filter.substr(0, filter.size() - 1));
  return filter == event;
}

/// The middle of `around`, a fifth less to a fifth more.
milliseconds spread_out(milliseconds around, double spread) {
  return milliseconds{static_cast<std::int64_t>(static_cast<double>(around.count()) * (0.8 + 0.4 * spread))};
}

} // namespace

void settle_secrets(Webhook& w, Instant now) {
  if (w.next_secret && w.rotated_at && now >= *w.rotated_at + rotation_time) {
    w.old_secret = std::move(w.secret);
    w.secret = std::move(*w.next_secret);
    w.old_secret_expires_at = *w.rotated_at + 2 * rotation_time;
    w.next_secret.reset();
    w.rotated_at.reset();
  }
  if (w.old_secret && w.old_secret_expires_at && now >= *w.old_secret_expires_at) {
    w.old_secret.reset();
    w.old_secret_expires_at.reset();
  }
}

bool Webhook::wants(EventType type) const {
  return type != EventType::webhook_test &&
         std::ranges::any_of(events, [&](const std::string& filter) { return matches(filter, json::name_of(type)); });
}

bool is_event_filter(std::string_view text) {
  return std::ranges::any_of(json::EnumNames<EventType>::names, [&](std::string_view name) {
    return name != json::name_of(EventType::webhook_test) && matches(text, name); // one that nothing comes of is a mistake
  });
}

void validate(const Webhook& webhook, json::Reader& reader) {
  const json::Reader::Step list(reader, "events");
  for (std::size_t i = 0; i < webhook.events.size(); ++i)
    if (!is_event_filter(webhook.events[i]))
      reader.fault_at(std::to_string(i), "unknown_value", "Use an event such as booking.confirmed, a group such as booking.*, or *.");
}

SigningSecrets signing_secrets(const Webhook& w, Instant now) {
  if (w.next_secret && w.rotated_at) {
    const Instant change = *w.rotated_at + rotation_time;
    if (now < change) return {w.secret, *w.next_secret};
    return {*w.next_secret, now < change + rotation_time ? std::optional<std::string_view>{w.secret} : std::nullopt};
  }
  if (w.old_secret && w.old_secret_expires_at && now < *w.old_secret_expires_at) return {w.secret, *w.old_secret};
  return {w.secret, {}};
}

Result<void> rotate(Webhook& w, std::string sealed_secret, Instant now) {
  settle_secrets(w, now);
  if (w.next_secret)
    return fail(Code::invalid_transition, "A rotation is under way; promote its new secret first, or replace both at once with revokeOld.");
  w.next_secret = std::move(sealed_secret);
  w.rotated_at = now;
  return {};
}

Result<void> promote(Webhook& w, Instant now) {
  settle_secrets(w, now);
  if (!w.next_secret) return fail(Code::invalid_transition, "No rotation is under way, so there is no new secret to promote.");
  w.old_secret = std::move(w.secret);
  w.old_secret_expires_at = now + rotation_time;
  w.secret = std::move(*w.next_secret);
  w.next_secret.reset();
  w.rotated_at.reset();
  return {};
}

void replace_secret(Webhook& w, std::string sealed_secret) {
  w.secret = std::move(sealed_secret);
  w.next_secret.reset();
  w.rotated_at.reset();
  w.old_secret.reset();
  w.old_secret_expires_at.reset();
}

std::optional<Instant> next_attempt(int made, Instant now, double spread, std::optional<milliseconds> asked) {
  if (made < 1 || static_cast<std::size_t>(made) > retry_delays.size()) return std::nullopt;
  const auto planned = spread_out(retry_delays[static_cast<std::size_t>(made - 1)], spread);
  return now + std::max(planned, std::min(asked.value_or(milliseconds{0}), longest_retry_after));
}

std::optional<milliseconds> parse_retry_after(std::string_view text, Instant now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end == text.data() + text.size() && !text.empty() && text.front() != '-') {
    if (error == std::errc::result_out_of_range || seconds > 1'000'000'000) return milliseconds{std::chrono::seconds{1'000'000'000}};
    return error == std::errc{} ? std::optional<milliseconds>{std::chrono::seconds{seconds}} : std::nullopt;
  }
  // Sun, 06 Nov 1994 08:49:37 GMT
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const std::string number = std::to_string(month / 3 + 1);
  const auto at = Instant::parse(std::string{text.substr(12, 4)} + "-" + (number.size() == 1 ? "0" : "") + number + "-" +
                                 std::string{text.substr(5, 2)} + "T" + std::string{text.substr(17, 8)} + "Z");
  if (!at || *at < now) return std::nullopt;
  return *at - now;
}

BreakerState breaker_state(const WebhookEndpoint& endpoint, Instant now) {
  if (!endpoint.open_until) return BreakerState::closed;
  return now < *endpoint.open_until ? BreakerState::open : BreakerState::half_open;
}

void note_success(WebhookEndpoint& endpoint) {
  endpoint.failures = 0;
  endpoint.failing_since.reset();
  endpoint.open_until.reset();
}

void note_failure(WebhookEndpoint& endpoint, Instant now, double spread) {
  if (breaker_state(endpoint, now) == BreakerState::open) return; // sent before it opened: not another sign
  endpoint.failures = std::min(endpoint.failures + 1, 1'000'000);
  if (!endpoint.failing_since) endpoint.failing_since = now;
  if (endpoint.failures < breaker_failures) return;
  const int doublings = std::min(endpoint.failures - breaker_failures, 10);
  endpoint.open_until = now + spread_out(std::min(breaker_pause * (1 << doublings), breaker_longest_pause), spread);
}

} // namespace orkestr::inline v1
