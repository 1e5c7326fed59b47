#include "orkestr/engine/webhook_signature.hpp"

#include "orkestr/base/json.hpp"
#include "orkestr/ports/random.hpp"

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "engine/signed_header.hpp"

#include <algorithm>
#include <stdexcept>

namespace orkestr::inline v1 {
namespace {

using signed_header::find, signed_header::parse_timestamp, signed_header::refusal, signed_header::same;

constexpr std::string_view secret_prefix = "whsec_", version_prefix = "v1,";
constexpr std::size_t hex_size = 64, base64_size = 44, max_id = 255;

constexpr std::string_view body_signature_header = "X-Orkestr-Signature", id_header = "webhook-id", time_header = "webhook-timestamp",
                           signature_header = "webhook-signature";

/// The key's bytes; wiped when it goes.
struct Key {
  std::vector<std::uint8_t> bytes;
  explicit Key(std::vector<std::uint8_t>&& taken) noexcept : bytes(std::move(taken)) {}
  Key(Key&&) noexcept = default;
  ~Key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

std::optional<Key> parse_secret(std::string_view text) {
  constexpr std::size_t least = 24, most = 64, longest = secret_prefix.size() + (most + 2) / 3 * 4;
  if (!text.starts_with(secret_prefix) || text.size() > longest) return std::nullopt;
  auto bytes = base64_decode(text.substr(secret_prefix.size()));
  if (!bytes) return std::nullopt;
  std::optional<Key> key(std::move(*bytes));
  if (key->bytes.size() < least || key->bytes.size() > most) return std::nullopt;
  return key;
}

bool visible(std::string_view text) {
  return !text.empty() && text.size() <= max_id && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// `a.1` at 2 with the body `b` would be signed as `a` at 1 with the body `2.b`.
bool is_id(std::string_view text) { return visible(text) && text.find('.') == std::string_view::npos; }

Error malformed(std::string_view header, std::string_view what) { return refusal(Code::invalid_header, header, "malformed", what); }

/// The values of the entries with our version. nullopt when the list, or one of them, does not have the form.
std::optional<std::vector<std::string_view>> parse_signatures(std::string_view list) {
  std::vector<std::string_view> found;
  for (std::size_t at = 0; at <= list.size();) {
    const std::string_view entry = list.substr(at, list.find(' ', at) - at);
    at += entry.size() + 1;
    const std::size_t comma = entry.find(',');
    if (comma == 0 || comma >= entry.size() - 1 || entry.empty()) return std::nullopt;
    if (!entry.starts_with(version_prefix)) continue;
    const auto bytes = base64_decode(entry.substr(version_prefix.size(), base64_size + 1));
    if (!bytes || bytes->size() != Sha256{}.size()) return std::nullopt;
    found.push_back(entry);
  }
  return found;
}

std::string event_of(std::string_view body) {
  const auto value = json::parse(body);
  if (!value || !value->is_object()) return {};
  const auto* type = value->get_object().if_contains("type");
  return type != nullptr && type->is_string() ? std::string{type->get_string()} : std::string{};
}

} // namespace

std::string make_webhook_secret(Random& random) {
  Key key{std::vector<std::uint8_t>(32)};
  random.fill(key.bytes);
  return std::string{secret_prefix} + base64(key.bytes);
}

bool is_webhook_secret(std::string_view text) { return parse_secret(text).has_value(); }

struct WebhookSigner::Keys {
  HmacSha256 text, bytes;
};

std::optional<WebhookSigner> WebhookSigner::make(std::string_view secret) {
  const auto key = parse_secret(secret);
  if (!key) return std::nullopt;
  const std::string_view bytes(reinterpret_cast<const char*>(key->bytes.data()), key->bytes.size());
  WebhookSigner signer;
  signer.keys_.reset(new Keys{HmacSha256{secret}, HmacSha256{bytes}});
  return signer;
}

std::string WebhookSigner::body_signature(std::string_view body) const { return hex(keys_->text({body})); }

std::string WebhookSigner::signature(std::string_view id, std::int64_t timestamp, std::string_view body) const {
  return std::string{version_prefix} + base64(keys_->bytes({id, ".", std::to_string(timestamp), ".", body}));
}

std::array<WebhookHeader, 7> webhook_headers(const WebhookDelivery& delivery, const WebhookSigner& signer,
                                             std::span<const WebhookSigner> others) {
  if (!is_id(delivery.delivery_id) || !visible(delivery.event)) throw std::invalid_argument("a webhook's id or event is malformed");
  const std::int64_t timestamp = delivery.now.ms / 1000;
  std::string signatures = signer.signature(delivery.delivery_id, timestamp, delivery.body);
  for (const auto& other : others) signatures.append(1, ' ').append(other.signature(delivery.delivery_id, timestamp, delivery.body));
  return {{{body_signature_header, signer.body_signature(delivery.body)},
           {"X-Orkestr-Delivery-Id", std::string{delivery.delivery_id}},
           {"X-Orkestr-Event", std::string{delivery.event}},
           {"X-Orkestr-Attempt", std::to_string(delivery.attempt)},
           {id_header, std::string{delivery.delivery_id}},
           {time_header, std::to_string(timestamp)},
           {signature_header, std::move(signatures)}}};
}

Result<VerifiedWebhook> verify_webhook(std::string_view body, std::span<const WebhookHeaderView> headers,
                                       std::span<const WebhookSigner> secrets, Instant now, milliseconds tolerance) {
  ORKESTR_TRY(const std::string_view id, find(headers, id_header));
  ORKESTR_TRY(const std::string_view time, find(headers, time_header));
  ORKESTR_TRY(const std::string_view list, find(headers, signature_header));
  if (!is_id(id)) return malformed(id_header, "must be 1 to 255 visible ASCII characters without a full stop.");
  const auto seconds = parse_timestamp(time);
  if (!seconds) return malformed(time_header, "must be whole seconds since 1970, in digits.");
  const auto signatures = parse_signatures(list);
  if (!signatures) return malformed(signature_header, "must be a list such as \"v1,<base64> v1,<base64>\", separated by one space.");

  const Instant sent = Instant::from_seconds(*seconds);
  if (now - sent > tolerance) return refusal(Code::unauthenticated, time_header, "too_old", "is too far in the past.");
  if (sent - now > tolerance)
    return refusal(Code::unauthenticated, time_header, "too_new", "is in the future; compare this machine's clock.");

  const bool known = std::ranges::any_of(secrets, [&](const WebhookSigner& secret) {
    const std::string expected = secret.signature(id, *seconds, body);
    return std::ranges::any_of(*signatures, [&](std::string_view signature) { return same(expected, signature); });
  });
  if (!known)
    return refusal(Code::unauthenticated, signature_header, "wrong_signature",
                   "is by none of the secrets, or the body is not the bytes that were sent.");
  return VerifiedWebhook{std::string{id}, event_of(body), sent};
}

Result<void> verify_webhook_body(std::string_view body, std::span<const WebhookHeaderView> headers,
                                 std::span<const WebhookSigner> secrets) {
  ORKESTR_TRY(const std::string_view signature, find(headers, body_signature_header));
  const auto hex_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (signature.size() != hex_size || !std::ranges::all_of(signature, hex_digit))
    return malformed(body_signature_header, "must be 64 lower-case hex digits.");
  const bool known =
      std::ranges::any_of(secrets, [&](const WebhookSigner& secret) { return same(secret.body_signature(body), signature); });
  if (!known)
    return refusal(Code::unauthenticated, body_signature_header, "wrong_signature",
                   "is by none of the secrets, or the body is not the bytes that were sent.");
  return {};
}

} // namespace orkestr::inline v1
