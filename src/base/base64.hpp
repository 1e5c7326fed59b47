// Base64 (RFC 4648, §4), padded, without line breaks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1 {

[[nodiscard]] std::string base64(std::span<const std::uint8_t> bytes);

/// Only what base64() writes: a text that a lenient reader would take for the same bytes is nullopt.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text);

} // namespace orkestr::inline v1
