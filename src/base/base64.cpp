#include "base/base64.hpp"

#include <openssl/evp.h>

namespace orkestr::inline v1 {

std::string base64(std::span<const std::uint8_t> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // OpenSSL ends it with a zero
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return std::vector<std::uint8_t>{};
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
  if (EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size())) < 0)
    return std::nullopt;
  // OpenSSL gives a padding's bytes as zeros, passes over white space at both ends, and ignores bits that lead to no byte.
  for (std::string_view end = text; end.ends_with('=') && text.size() - end.size() < 2; end.remove_suffix(1)) bytes.pop_back();
  if (base64(bytes) != text) return std::nullopt;
  return bytes;
}

} // namespace orkestr::inline v1
