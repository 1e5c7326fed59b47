#include "orkestr/engine/totp.hpp"

#include "base/text.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <array>

namespace orkestr::inline v1 {
namespace {

constexpr std::int64_t step_ms = 30'000;

/// For a URI's path and query (RFC 3986).
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text)
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_' || c == '~')
      out += c;
    else
      out.append(1, '%').append(to_hex({&c, 1}));
  return out;
}

} // namespace

std::string make_totp_secret(Random& random) {
  std::array<std::uint8_t, 20> bytes;
  random.fill(bytes);
  return {bytes.begin(), bytes.end()};
}

std::string base32(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  unsigned held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) text += digits[held >> (bits - 5) & 31];
  }
  if (bits > 0) text += digits[held << (5 - bits) & 31];
  return text;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account) {
  return "otpauth://totp/" + escaped(issuer) + ":" + escaped(account) + "?secret=" + base32(secret) + "&issuer=" + escaped(issuer) +
         "&algorithm=SHA1&digits=6&period=30";
}

std::string totp_code(std::string_view secret, std::int64_t step) {
  std::array<unsigned char, 8> counter;
  for (std::size_t i = 0; i < 8; ++i) counter[i] = static_cast<unsigned char>(step >> (56 - 8 * i));
  std::array<unsigned char, 20> mac{};
  unsigned size = mac.size();
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(), mac.data(), &size);
  const std::size_t at = mac[19] & 15; // RFC 4226, section 5.3
  const unsigned number = (mac[at] & 0x7fu) << 24 | unsigned{mac[at + 1]} << 16 | unsigned{mac[at + 2]} << 8 | unsigned{mac[at + 3]};
  const auto digits = std::to_string(number % 1'000'000);
  return std::string(6 - digits.size(), '0') + digits;
}

std::optional<std::int64_t> totp_step(std::string_view secret, std::string_view code, Instant now, std::int64_t last) {
  if (code.size() != 6) return std::nullopt;
  const std::int64_t current = now.ms / step_ms;
  std::optional<std::int64_t> found;
  for (const std::int64_t step : {current - 1, current, current + 1})
    if (CRYPTO_memcmp(totp_code(secret, step).data(), code.data(), 6) == 0 && step > last) found = step;
  return found;
}

std::string make_recovery_code(Random& random) {
  static constexpr char digits[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"; // none that look like another
  std::array<std::uint8_t, 10> bytes;
  random.fill(bytes);
  std::string code;
  for (const auto byte : bytes) {
    if (code.size() == 5) code += '-';
    code += digits[byte & 31];
  }
  return code;
}

} // namespace orkestr::inline v1
