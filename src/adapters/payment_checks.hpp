// What every gateway asks of what it is given, so that a mistake shows with the test gateway too.
#pragma once

#include "orkestr/ports/payment_gateway.hpp"

#include "base/text.hpp"

namespace orkestr::inline v1::payment_checks {

inline void add_fault(Error& error, std::string pointer, std::string_view code, std::string detail) {
  error.faults.push_back({std::move(pointer), code, std::move(detail)});
}

inline bool is_idempotency_key(std::string_view key) {
  return !key.empty() && key.size() <= 200 && std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; });
}

inline void check_metadata(Error& error, const GatewayMetadata& metadata) {
  if (metadata.size() > 50) add_fault(error, "/metadata", "too_many_items", "At most 50 entries.");
  for (const auto& [key, value] : metadata)
    if (key.empty() || key.size() > 40 || key.find_first_of("[]") != std::string::npos || !is_utf8(key) || !is_utf8(value) ||
        value.empty() || value.size() > 500)
      add_fault(error, "/metadata", "invalid_format", "Keys have 1 to 40 bytes and no brackets, values 1 to 500 bytes.");
}

/// What payments, charges and refunds have in common. An error of no faults is none.
template <class Asked> Error check(const Asked& asked) {
  Error error = fail(Code::invalid_fields, "The payment provider would not take this.");
  if (asked.amount < 1) add_fault(error, "/amount", "too_small", "The amount must be at least 1.");
  if (!is_idempotency_key(asked.idempotency_key))
    add_fault(error, "/idempotencyKey", "invalid_format", "An idempotency key has 1 to 200 visible ASCII characters.");
  check_metadata(error, asked.metadata);
  if constexpr (requires { asked.description; })
    if (!is_utf8(asked.description) || !is_utf8(asked.customer_email))
      add_fault(error, "", "invalid_format", "Description and e-mail address must be UTF-8.");
  return error;
}

} // namespace orkestr::inline v1::payment_checks
