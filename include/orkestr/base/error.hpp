// The one error type. Every code that the library or the REST API can answer with stands in the table
// below, beside the HTTP status it maps to and the title a person reads; nothing else invents codes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1 {

// clang-format off
#define ORKESTR_ERROR_CODES(X)                                                            \
  X(malformed_request,      400, "The request is malformed")                              \
  X(malformed_json,         400, "The body is not valid JSON")                            \
  X(duplicate_key,          400, "The body names a key twice")                            \
  X(invalid_utf8,           400, "The body is not valid UTF-8")                           \
  X(unknown_parameter,      400, "Unknown query parameter")                               \
  X(invalid_parameter,      400, "Invalid query parameter")                               \
  X(missing_parameter,      400, "Missing query parameter")                               \
  X(invalid_cursor,         400, "The cursor is not one of this list")                    \
  X(invalid_header,         400, "Invalid header")                                        \
  X(range_too_long,         400, "The range is empty, reversed or too long")              \
  X(unauthenticated,        401, "No valid credential")                                   \
  X(wrong_credentials,      401, "The e-mail address or the password is wrong")           \
  X(code_required,          401, "A code of the second factor is needed")                 \
  X(forbidden,              403, "Not allowed")                                           \
  X(insufficient_scope,     403, "The key lacks the scope this needs")                    \
  X(insufficient_role,      403, "The member's role does not allow this")                 \
  X(cross_site,             403, "The request came from another site")                    \
  X(sign_up_closed,         403, "Nobody can sign up here")                               \
  X(tenant_pending,         403, "The tenant awaits approval")                            \
  X(tenant_suspended,       403, "The tenant is suspended")                               \
  X(tenant_closed,          403, "The tenant has closed")                                 \
  X(booking_blocked,        403, "The booking was blocked by risk rules")                 \
  X(not_found,              404, "Not found")                                             \
  X(method_not_allowed,     405, "Method not allowed")                                    \
  X(request_timeout,        408, "The request took too long to arrive")                   \
  X(slug_taken,             409, "The slug is taken")                                     \
  X(code_taken,             409, "The coupon code is taken")                              \
  X(subdomain_taken,        409, "The subdomain is taken")                                \
  X(email_taken,            409, "The e-mail address is taken")                           \
  X(last_owner,             409, "The last owner can't go")                               \
  X(already_exists,         409, "It exists already")                                     \
  X(invalid_transition,     409, "The state does not allow this")                         \
  X(slot_unavailable,       409, "The slot is not available")                             \
  X(reschedule_not_allowed, 409, "The offering does not allow rescheduling")              \
  X(price_changed,          409, "The price has changed")                                 \
  X(hold_expired,           409, "The hold has expired")                                  \
  X(resource_in_use,        409, "The resource is in use")                                \
  X(idempotency_in_flight,  409, "A request with this idempotency key is in flight")      \
  X(precondition_failed,    412, "The resource has changed")                              \
  X(body_too_large,         413, "The body is too large")                                 \
  X(target_too_long,        414, "The request target is too long")                        \
  X(unsupported_media_type, 415, "The body must be application/json")                     \
  X(invalid_fields,         422, "Some fields are invalid")                               \
  X(idempotency_mismatch,   422, "The idempotency key was used with another request")     \
  X(coupon_unknown,         422, "Unknown coupon")                                        \
  X(coupon_inactive,        422, "The coupon is not active")                              \
  X(coupon_not_started,     422, "The coupon is not valid yet")                           \
  X(coupon_expired,         422, "The coupon has expired")                                \
  X(coupon_exhausted,       422, "The coupon has been used up")                           \
  X(coupon_below_minimum,   422, "The subtotal is below the coupon's minimum")            \
  X(coupon_currency,        422, "The coupon is for another currency")                    \
  X(coupon_not_applicable,  422, "The coupon does not apply to this offering")            \
  X(coupon_customer_limit,  422, "The customer has used this coupon up")                  \
  X(duration_not_allowed,   422, "The duration is not allowed")                           \
  X(amount_overflow,        422, "The amount is too large")                               \
  X(archive_invalid,        422, "The archive is damaged or not of this kind")            \
  X(url_invalid,            422, "The URL is not one that is called")                     \
  X(address_not_public,     422, "The address is not a public one")                       \
  X(rate_limited,           429, "Too many requests")                                     \
  X(too_many_holds,         429, "Too many slots are held")                               \
  X(headers_too_large,      431, "The headers are too large")                             \
  X(internal,               500, "Internal error")                                        \
  X(not_implemented,        501, "Not implemented")                                       \
  X(mail_unavailable,       501, "Mail can't be sent from here")                          \
  X(busy,                   503, "Busy, try again")                                       \
  X(payment_unavailable,    503, "The payment provider is unavailable, try again")         \
  X(store_unavailable,      503, "The store is unavailable, try again")                   \
  X(store_locked,           503, "Another process owns the store")                        \
  X(schema_too_new,         503, "The store was written by a newer version")              \
  X(schema_too_old,         503, "The store was written by an older version")             \
  X(http_version,           505, "HTTP version not supported")
// clang-format on

enum class Code : std::uint8_t {
#define X(name, status, title) name,
  ORKESTR_ERROR_CODES(X)
#undef X
};

struct CodeInfo {
  std::string_view name;
  int status;
  std::string_view title;
};

[[nodiscard]] const CodeInfo& info(Code code) noexcept;

/// The code of that name, or `internal` when there is none.
[[nodiscard]] Code code_named(std::string_view name) noexcept;

/// One fault of an input: where (RFC 6901 pointer), which, and what to do about it.
struct Fault {
  std::string pointer;
  std::string_view code; ///< static storage
  std::string detail;
};

struct Error {
  Code code = Code::internal;
  std::string detail;
  std::vector<Fault> faults = {};
  std::string members = {}; ///< what else the answer says, as JSON members: `"quote":{…}`
};

} // namespace orkestr::inline v1
