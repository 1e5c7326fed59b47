// Latin letters without their marks.
#pragma once

#include <string_view>

namespace orkestr::inline v1 {

/// Base letters of U+00C0 to U+017F, two characters each; a space stands for none.
inline constexpr std::string_view latin_base =
    "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thssa a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thy "
    "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g g h h h h i i i i i i i i i i ijijj j k k k l l l l l l l l l l "
    "n n n n n n n ngngo o o o o o oeoer r r r r r s s s s s s s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";
static_assert(latin_base.size() == 2 * (0x180 - 0xC0));

/// One or two small letters, or none for what is no letter. @pre 0xC0 <= point < 0x180
[[nodiscard]] constexpr std::string_view latin_letters(unsigned point) noexcept {
  const auto letters = latin_base.substr((point - 0xC0) * 2, 2);
  return letters.substr(0, letters[0] == ' ' ? 0 : letters[1] == ' ' ? 1 : 2);
}

} // namespace orkestr::inline v1
