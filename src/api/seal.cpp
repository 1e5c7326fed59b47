#include "api/seal.hpp"

#include "base/aead.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"

namespace orkestr::inline v1::api {

std::string seal(std::string_view plain, std::string_view secret, Random& random) {
  return to_hex(aead_seal(sha256(secret), plain, {}, random));
}

std::optional<std::string> unseal(std::string_view sealed, std::string_view secret) {
  const auto bytes = from_hex(sealed);
  return bytes ? aead_open(sha256(secret), *bytes, {}) : std::nullopt;
}

} // namespace orkestr::inline v1::api
