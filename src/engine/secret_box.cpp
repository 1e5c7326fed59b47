#include "orkestr/engine/secret_box.hpp"

#include "base/aead.hpp"
#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

constexpr std::string_view version = "v1.";
constexpr std::size_t name_size = 8;

/// The name of the key that sealed a text.
std::string_view name_in(std::string_view sealed) {
  if (!sealed.starts_with(version) || sealed.size() <= version.size() + name_size || sealed[version.size() + name_size] != '.') return {};
  return sealed.substr(version.size(), name_size);
}

} // namespace

SecretBox::~SecretBox() {
  for (auto& key : keys_) OPENSSL_cleanse(key.bytes.data(), key.bytes.size());
}

Result<SecretBox> SecretBox::parse(std::string_view keys) {
  SecretBox box;
  constexpr std::string_view separators = ", \t\r\n";
  while (true) {
    keys.remove_prefix(std::min(keys.find_first_not_of(separators), keys.size()));
    if (keys.empty()) break;
    const auto text = keys.substr(0, keys.find_first_of(separators));
    keys.remove_prefix(text.size());
    auto bytes = base64_decode(text);
    if (!bytes || bytes->size() != 32)
      return fail(Code::invalid_parameter, "A secret key is the base64 of 32 random bytes, as \"openssl rand -base64 32\" makes them.");
    auto& key = box.keys_.emplace_back();
    std::copy_n(bytes->begin(), key.bytes.size(), key.bytes.begin());
    key.name = hex(sha256("orkestr secret key " + std::string{text}), name_size / 2);
    OPENSSL_cleanse(bytes->data(), bytes->size());
  }
  return box;
}

std::string SecretBox::make_key(Random& random) {
  std::array<std::uint8_t, 32> bytes;
  random.fill(bytes);
  return base64(bytes);
}

std::string SecretBox::seal(std::string_view plain, std::string_view context, Random& random) const {
  const auto& key = keys_.front();
  return std::string{version} + key.name + "." + to_hex(aead_seal(key.bytes, plain, context, random));
}

std::optional<std::string> SecretBox::open(std::string_view sealed, std::string_view context) const {
  const auto name = name_in(sealed);
  const auto key = std::ranges::find(keys_, name, &Key::name);
  if (name.empty() || key == keys_.end()) return std::nullopt;
  const auto bytes = from_hex(sealed.substr(version.size() + name_size + 1));
  return bytes ? aead_open(key->bytes, *bytes, context) : std::nullopt;
}

bool SecretBox::current(std::string_view sealed) const { return !keys_.empty() && name_in(sealed) == keys_.front().name; }

std::string_view SecretBox::current_key() const { return keys_.empty() ? std::string_view{} : keys_.front().name; }

std::string_view SecretBox::key_of(std::string_view sealed) { return name_in(sealed); }

} // namespace orkestr::inline v1
