#include "api/seal.hpp"

#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace orkestr::inline v1::api {
namespace {

constexpr std::size_t nonce_size = 12, tag_size = 16;
using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes(std::string& text, std::size_t at = 0) { return reinterpret_cast<unsigned char*>(text.data()) + at; }

std::string to_hex(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (char c : text) out.append(1, digits[static_cast<unsigned char>(c) >> 4]).append(1, digits[c & 15]);
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

} // namespace

std::string seal(std::string_view plain, std::string_view secret, Random& random) {
  const Sha256 key = sha256(secret);
  std::string out(nonce_size + plain.size() + tag_size, '\0');
  random.fill({bytes(out), nonce_size});
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  const bool ok = EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(out)) == 1 &&
                  EVP_EncryptUpdate(context.get(), bytes(out, nonce_size), &size, reinterpret_cast<const unsigned char*>(plain.data()),
                                    static_cast<int>(plain.size())) == 1 &&
                  EVP_EncryptFinal_ex(context.get(), bytes(out, nonce_size + plain.size()), &size) == 1 &&
                  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size, bytes(out, nonce_size + plain.size())) == 1;
  if (!ok) throw std::runtime_error("encryption is not available");
  return to_hex(out);
}

std::optional<std::string> unseal(std::string_view sealed, std::string_view secret) {
  auto data = from_hex(sealed);
  if (!data || data->size() < nonce_size + tag_size) return std::nullopt;
  const Sha256 key = sha256(secret);
  std::string plain(data->size() - nonce_size - tag_size, '\0');
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  const bool ok = EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(*data)) == 1 &&
                  EVP_DecryptUpdate(context.get(), bytes(plain), &size, bytes(*data, nonce_size), static_cast<int>(plain.size())) == 1 &&
                  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, bytes(*data, nonce_size + plain.size())) == 1 &&
                  EVP_DecryptFinal_ex(context.get(), bytes(plain, plain.size()), &size) == 1;
  if (!ok) return std::nullopt;
  return plain;
}

} // namespace orkestr::inline v1::api
