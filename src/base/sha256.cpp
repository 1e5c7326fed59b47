#include "base/sha256.hpp"

#include "base/text.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>

namespace orkestr::inline v1 {
namespace {

const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

[[noreturn]] void unavailable() { throw std::runtime_error("SHA-256 is not available"); }

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

/// A hash that has taken in the key under a mask.
EVP_MD_CTX* masked(std::span<const std::uint8_t, 64> key, std::uint8_t mask) {
  std::array<std::uint8_t, 64> block;
  std::ranges::transform(key, block.begin(), [mask](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ mask); });
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool done =
      EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) == 1 && EVP_DigestUpdate(context.get(), block.data(), block.size()) == 1;
  OPENSSL_cleanse(block.data(), block.size());
  if (!done) unavailable();
  return context.release();
}

} // namespace

Sha256 sha256(std::string_view text) {
  thread_local const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Sha256 hash;
  if (EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) != 1 || EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) != 1)
    unavailable();
  return hash;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  if (EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_), algorithm(), nullptr) != 1) unavailable();
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

void Sha256Stream::add(std::string_view part) {
  if (EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), part.data(), part.size()) != 1) unavailable();
}

Sha256 Sha256Stream::finish() {
  Sha256 hash;
  if (EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), hash.data(), nullptr) != 1) unavailable();
  return hash;
}

HmacSha256::HmacSha256(std::string_view key) {
  std::array<std::uint8_t, 64> block{}; // a block of SHA-256
  if (key.size() > block.size())
    std::ranges::copy(sha256(key), block.begin());
  else
    std::ranges::copy(key, block.begin());
  Context inner(masked(block, 0x36), EVP_MD_CTX_free);
  outer_ = masked(block, 0x5c);
  inner_ = inner.release();
  OPENSSL_cleanse(block.data(), block.size());
}

HmacSha256::~HmacSha256() {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(inner_)); // which wipes it
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(outer_));
}

Sha256 HmacSha256::operator()(std::initializer_list<std::string_view> parts) const {
  thread_local const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (EVP_MD_CTX_copy_ex(context.get(), static_cast<const EVP_MD_CTX*>(inner_)) != 1) unavailable();
  for (auto part : parts)
    if (EVP_DigestUpdate(context.get(), part.data(), part.size()) != 1) unavailable();
  Sha256 hash;
  if (EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) != 1 ||
      EVP_MD_CTX_copy_ex(context.get(), static_cast<const EVP_MD_CTX*>(outer_)) != 1 ||
      EVP_DigestUpdate(context.get(), hash.data(), hash.size()) != 1 || EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) != 1)
    unavailable();
  return hash;
}

std::string hex(const Sha256& hash, std::size_t count) { return to_hex({reinterpret_cast<const char*>(hash.data()), count}); }

} // namespace orkestr::inline v1
