// Codes of a second factor that change every half minute (RFC 6238, with HMAC-SHA1 and six digits, as authenticator apps expect it).
#pragma once

#include "orkestr/base/time.hpp"
#include "orkestr/ports/random.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

/// 20 random bytes, as RFC 4226 recommends.
[[nodiscard]] std::string make_totp_secret(Random& random);
/// RFC 4648 without padding, for people to type. @thread_safety pure
[[nodiscard]] std::string base32(std::string_view bytes);
/// What an app reads from a QR code: `otpauth://totp/…`. @param issuer  the business. @thread_safety pure
[[nodiscard]] std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account);

/// The code of a step of half a minute since 1970. @thread_safety pure
[[nodiscard]] std::string totp_code(std::string_view secret, std::int64_t step);
/// The step that a code is of: this one, the one before or the next, since clocks differ. Compared in constant time.
/// @param last  the last step that a code was used of; it and those before are good no more
/// @thread_safety pure
[[nodiscard]] std::optional<std::int64_t> totp_step(std::string_view secret, std::string_view code, Instant now, std::int64_t last);

/// `XXXXX-XXXXX`, to get in once without the app.
[[nodiscard]] std::string make_recovery_code(Random& random);

} // namespace orkestr::inline v1
