#include "base/aead.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace orkestr::inline v1 {
namespace {

constexpr std::size_t nonce_size = 12, tag_size = 16;
using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes(std::string& text, std::size_t at = 0) { return reinterpret_cast<unsigned char*>(text.data()) + at; }
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
int length(std::string_view text) { return static_cast<int>(text.size()); }

} // namespace

std::string aead_seal(AeadKey key, std::string_view plain, std::string_view context, Random& random) {
  std::string out(nonce_size + plain.size() + tag_size, '\0');
  random.fill({bytes(out), nonce_size});
  const Context cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  const bool ok = EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(out)) == 1 &&
                  EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes(context), length(context)) == 1 &&
                  EVP_EncryptUpdate(cipher.get(), bytes(out, nonce_size), &size, bytes(plain), length(plain)) == 1 &&
                  EVP_EncryptFinal_ex(cipher.get(), bytes(out, nonce_size + plain.size()), &size) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, bytes(out, nonce_size + plain.size())) == 1;
  if (!ok) throw std::runtime_error("encryption is not available");
  return out;
}

std::optional<std::string> aead_open(AeadKey key, std::string_view sealed, std::string_view context) {
  if (sealed.size() < nonce_size + tag_size) return std::nullopt;
  std::string plain(sealed.size() - nonce_size - tag_size, '\0');
  std::string tag{sealed.substr(nonce_size + plain.size())};
  const Context cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  const bool ok =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(sealed)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes(context), length(context)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes(plain), &size, bytes(sealed.substr(nonce_size)), static_cast<int>(plain.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, bytes(tag)) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes(plain, plain.size()), &size) == 1;
  if (!ok) return std::nullopt;
  return plain;
}

} // namespace orkestr::inline v1
