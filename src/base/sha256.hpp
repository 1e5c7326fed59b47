// SHA-256 without OpenSSL's look-up of the algorithm at every call, which costs more than a short text's hash.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

using Sha256 = std::array<std::uint8_t, 32>;

/// @thread_safety safe
[[nodiscard]] Sha256 sha256(std::string_view text);

/// Lower-case hex of the first `count` bytes.
[[nodiscard]] std::string hex(const Sha256& hash, std::size_t count = 32);

} // namespace orkestr::inline v1
