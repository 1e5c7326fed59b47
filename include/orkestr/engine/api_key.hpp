// API keys: `ork_<8 hex>.<40+ of [A-Za-z0-9]>`. The prefix finds the row, bcrypt proves the secret part. Tokens of the platform's
// admins are of the same form, behind another word.
#pragma once

#include "orkestr/base/mapping.hpp"
#include "orkestr/ports/random.hpp"

namespace orkestr::inline v1 {

enum class Scope { read, write, admin };

struct ApiKey {
  ApiKeyId id;
  std::string prefix; ///< 8 hex digits, unique over all tenants
  std::string secret_hash;
  std::string name;
  std::vector<Scope> scopes = {Scope::read, Scope::write};
  Instant created_at;
  std::optional<Instant> last_used_at, expires_at, revoked_at;
  std::optional<MemberId> created_by; ///< it goes when they go

  [[nodiscard]] bool live(Instant now) const { return !revoked_at && (!expires_at || now < *expires_at); }
};

/// What tokens begin with, by what they open.
inline constexpr std::string_view api_key_word = "ork", admin_word = "oka";

/// A token taken apart; borrows the text.
struct ApiToken {
  std::string_view prefix, secret;

  /// nullopt unless the text has the exact shape. bcrypt reads 72 bytes, so a longer secret is refused.
  [[nodiscard]] static std::optional<ApiToken> parse(std::string_view text, std::string_view word = api_key_word) noexcept;
};

struct NewToken {
  std::string_view word; ///< static storage
  std::string prefix, secret;
  [[nodiscard]] std::string text() const { return std::string{word} + "_" + prefix + "." + secret; }
};
[[nodiscard]] NewToken make_token(Random& random, std::string_view word = api_key_word);

/// bcrypt by libxcrypt, `$2b$`. Takes 50–90 ms at cost 10: never on a hot path.
[[nodiscard]] std::string bcrypt_hash(std::string_view secret, Random& random, int cost = 10);
[[nodiscard]] bool bcrypt_verify(std::string_view secret, const std::string& hash);

namespace json {
template <> struct EnumNames<Scope> { static constexpr std::array<std::string_view, 3> names{"read", "write", "admin"}; };
template <> struct Schema<ApiKey> {
  static constexpr auto fields =
      std::make_tuple(field("id", &ApiKey::id, out), field("prefix", &ApiKey::prefix, out),
                      field("name", &ApiKey::name, required_writable, {1, 100}), field("scopes", &ApiKey::scopes, writable, {1, 3}),
                      field("createdAt", &ApiKey::created_at, out), field("lastUsedAt", &ApiKey::last_used_at, out),
                      field("expiresAt", &ApiKey::expires_at, writable), field("revokedAt", &ApiKey::revoked_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
