#include "orkestr/engine/api_key.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace orkestr::inline v1 {

std::optional<ApiToken> ApiToken::parse(std::string_view text, std::string_view word) noexcept {
  constexpr std::size_t max_secret = 72;
  const std::size_t prefix_at = word.size() + 1, dot_at = prefix_at + 8;
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto alphanumeric = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.size() < dot_at + 1 + 40 || text.size() > dot_at + 1 + max_secret || !text.starts_with(word) || text[word.size()] != '_' ||
      text[dot_at] != '.')
    return std::nullopt;
  const ApiToken token{text.substr(prefix_at, 8), text.substr(dot_at + 1)};
  if (!std::ranges::all_of(token.prefix, hex) || !std::ranges::all_of(token.secret, alphanumeric)) return std::nullopt;
  return token;
}

NewToken make_token(Random& random, std::string_view word) {
  static constexpr char hex[] = "0123456789abcdef";
  std::uint8_t bytes[4];
  random.fill(bytes);
  NewToken token{word, {}, {}};
  for (auto byte : bytes) token.prefix.append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
  token.secret = random_alphanumeric(random, 48);
  return token;
}

namespace {

/// crypt_data is 32 KiB, too much for a small stack.
std::string crypt_with(const std::string& secret, const char* setting) {
  const auto data = std::make_unique<crypt_data>();
  const char* hash = crypt_r(secret.c_str(), setting, data.get());
  if (hash == nullptr || hash[0] == '*') return {};
  std::string out{hash};
  OPENSSL_cleanse(data.get(), sizeof *data);
  return out;
}

} // namespace

std::string bcrypt_hash(std::string_view secret, Random& random, int cost) {
  std::uint8_t salt[16];
  random.fill(salt);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn("$2b$", static_cast<unsigned long>(cost), reinterpret_cast<const char*>(salt), sizeof salt, setting,
                       sizeof setting) == nullptr)
    throw std::runtime_error("bcrypt is not available");
  return crypt_with(std::string{secret}, setting);
}

bool bcrypt_verify(std::string_view secret, const std::string& hash) {
  const std::string found = crypt_with(std::string{secret}, hash.c_str());
  return !found.empty() && found.size() == hash.size() && CRYPTO_memcmp(found.data(), hash.data(), hash.size()) == 0;
}

} // namespace orkestr::inline v1
