#include "orkestr/engine/timestamped_signature.hpp"

#include "engine/signed_header.hpp"

#include "base/sha256.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

constexpr std::size_t max_entries = 32; // a rotation has two; each costs a comparison

std::string sign(std::string_view secret, std::string_view seconds, std::string_view body) {
  return hex(HmacSha256{secret}({seconds, ".", body}));
}

struct Entries {
  std::optional<std::string_view> time;
  std::vector<std::string_view> signatures;
};

/// nullopt when it is no list of `scheme=value`, or has no time, or several.
std::optional<Entries> parse_entries(std::string_view list) {
  Entries found;
  std::size_t count = 0;
  for (std::size_t at = 0; at <= list.size();) {
    std::string_view entry = list.substr(at, list.find(',', at) - at);
    at += entry.size() + 1;
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0 || ++count > max_entries) return std::nullopt;
    const auto scheme = entry.substr(0, equals), value = entry.substr(equals + 1);
    if (scheme == "t") {
      if (found.time) return std::nullopt;
      found.time = value;
    } else if (scheme == "v1") {
      found.signatures.push_back(value);
    }
  }
  if (!found.time) return std::nullopt;
  return found;
}

} // namespace

std::string timestamped_signature(std::string_view body, std::span<const std::string> secrets, Instant now) {
  const std::string seconds = std::to_string(now.ms / 1000);
  std::string out = "t=" + seconds;
  for (const auto& secret : secrets) out.append(",v1=").append(sign(secret, seconds, body));
  return out;
}

Result<Instant> verify_timestamped(std::string_view name, std::string_view body, std::span<const WebhookHeaderView> headers,
                                   std::span<const std::string> secrets, Instant now, milliseconds tolerance) {
  using namespace signed_header;
  ORKESTR_TRY(const std::string_view list, find(headers, name));
  const auto entries = parse_entries(list);
  const auto seconds = entries ? parse_timestamp(*entries->time) : std::nullopt;
  if (!seconds) return refusal(Code::invalid_header, name, "malformed", "must be a list such as \"t=<seconds>,v1=<hex>\".");

  const bool known = std::ranges::any_of(secrets, [&](const std::string& secret) {
    if (secret.empty()) return false;
    const std::string expected = sign(secret, *entries->time, body);
    return std::ranges::any_of(entries->signatures, [&](std::string_view signature) { return same(expected, signature); });
  });
  if (!known)
    return refusal(Code::unauthenticated, name, "wrong_signature",
                   "is by none of the secrets, or the body is not the bytes that were sent.");
  const Instant signed_at = Instant::from_seconds(*seconds);
  if (now - signed_at > tolerance) return refusal(Code::unauthenticated, name, "too_old", "is too far in the past.");
  if (signed_at - now > tolerance)
    return refusal(Code::unauthenticated, name, "too_new", "is in the future; compare this machine's clock.");
  return signed_at;
}

} // namespace orkestr::inline v1
