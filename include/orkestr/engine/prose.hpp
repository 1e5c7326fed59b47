// What people write to one another: forms that such texts must have.
#pragma once

#include <string_view>

namespace orkestr::inline v1::json {

/// Something besides white space, and no control characters but line ends and tabs.
[[nodiscard]] bool is_prose(std::string_view text);
inline constexpr std::string_view prose_hint = "Use printable characters and line ends, not white space alone.";

/// The same on one line.
[[nodiscard]] bool is_line(std::string_view text);
inline constexpr std::string_view line_hint = "Use printable characters on one line, not white space alone.";

} // namespace orkestr::inline v1::json
