// Reading the headers of signatures: what each scheme needs of them.
#pragma once

#include "orkestr/engine/webhook_signature.hpp"

#include "base/text.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>

namespace orkestr::inline v1::signed_header {

/// In constant time, but for the length.
inline bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

inline bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return ascii_lower(c); }, [](char c) { return ascii_lower(c); });
}

inline Error refusal(Code code, std::string_view header, std::string_view fault, std::string_view what) {
  std::string detail{header};
  detail.append(1, ' ').append(what);
  Error error = fail(code, detail);
  error.faults.push_back({std::string{'/'}.append(header), fault, std::move(detail)});
  return error;
}

inline Result<std::string_view> find(std::span<const WebhookHeaderView> headers, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& header : headers) {
    if (!same_name(header.name, name)) continue;
    // A proxy before us may take the other one for the one that counts.
    if (found) return refusal(Code::invalid_header, name, "repeated", "is there more than once.");
    found = header.value;
  }
  if (!found) return refusal(Code::invalid_header, name, "missing", "is missing.");
  return *found;
}

/// Decimal digits as a sender writes them, no more than make a plausible time.
inline std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  std::int64_t seconds = 0;
  if (text.empty() || text.size() > 12 || text.front() < '0' || (text.front() == '0' && text.size() > 1)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

} // namespace orkestr::inline v1::signed_header
