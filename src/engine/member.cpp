#include "orkestr/engine/member.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

constexpr std::size_t secret_size = 48;

/// The beginning of every list of what is tried, as far as it is long enough, and what a business would think of.
constexpr std::string_view tried_first[] = {"1234567890",  "0123456789",    "12345678910",      "1q2w3e4r5t", "password12",
                                            "password123", "password1234",  "passwordpassword", "qwertyuiop", "qwerty12345",
                                            "iloveyou12",  "administrator", "letmein123",       "welcome123", "changeme123",
                                            "orkestr123",  "orkestrorkestr"};

} // namespace

milliseconds life_of(MemberPassKind kind) {
  switch (kind) {
  case MemberPassKind::invite: return std::chrono::days{7};
  case MemberPassKind::verify: return std::chrono::days{3};
  case MemberPassKind::reset: break;
  }
  return std::chrono::hours{1};
}

std::string make_member_token(std::string_view word, TenantId tenant, Random& random) {
  return std::string{word}.append(tenant.view().substr(TenantId::prefix.size())).append(random_alphanumeric(random, secret_size));
}

std::optional<MemberToken> MemberToken::parse(std::string_view text, std::string_view word) {
  if (text.size() != word.size() + id_body_size + secret_size || !text.starts_with(word)) return std::nullopt;
  const auto tenant = TenantId::parse(std::string{TenantId::prefix}.append(text.substr(word.size(), id_body_size)));
  if (!tenant || !std::ranges::all_of(text.substr(word.size() + id_body_size),
                                      [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }))
    return std::nullopt;
  return MemberToken{*tenant, hex(sha256(text))};
}

std::string password_secret(std::string_view password) { return hex(sha256(password)); }

void check_password(json::Reader& reader, std::string_view password, std::string_view email) {
  const auto folded = ascii_lower(std::string{password});
  const bool one_character = std::ranges::all_of(folded, [&](char c) { return c == folded.front(); });
  if (one_character || std::ranges::find(tried_first, folded) != std::end(tried_first) || folded == ascii_lower(std::string{email}))
    reader.fault_at("password", "too_common", "Choose a password that is harder to guess, such as a few words that nobody puts together.");
}

} // namespace orkestr::inline v1
