// Small things about texts that several floors need.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace orkestr::inline v1 {

/// Folds ASCII alone, as the databases do for addresses.
[[nodiscard]] constexpr char ascii_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

[[nodiscard]] inline std::string ascii_lower(std::string text) {
  for (char& c : text) c = ascii_lower(c);
  return text;
}

/// For maps by text that are looked up with views.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

} // namespace orkestr::inline v1
