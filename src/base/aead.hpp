// AES-256-GCM (NIST SP 800-38D), each text under a random nonce of its own, which leads it.
#pragma once

#include "orkestr/ports/random.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

using AeadKey = std::span<const std::uint8_t, 32>;

/// @param context  what the text belongs to: it opens under the same context only
/// @returns nonce, ciphertext and tag as bytes
[[nodiscard]] std::string aead_seal(AeadKey key, std::string_view plain, std::string_view context, Random& random);

/// nullopt when key or context are others, or the bytes were changed.
[[nodiscard]] std::optional<std::string> aead_open(AeadKey key, std::string_view sealed, std::string_view context);

} // namespace orkestr::inline v1
