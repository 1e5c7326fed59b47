// Texts of any language as words that can be compared, and as sentences.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1 {

/// Words in small letters without marks, their plural ends and possessives taken off: "Anna's Cafés" is `anna`, `cafe`. Scripts without spaces
/// (Han, kana, Hangul, Thai) come as pairs of characters. Bytes that are no UTF-8 separate words.
/// @thread_safety pure
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

/// A small word of grammar, in any of the languages known here; as words_of() writes it.
[[nodiscard]] bool is_small_word(std::string_view word);

/// Whether two words, as words_of() writes them, are one or of one long stem: `accessible`, `accessibility`.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// The sentences and lines of a text, without marks of lists and white space around them. Borrows.
[[nodiscard]] std::vector<std::string_view> sentences_of(std::string_view text);

} // namespace orkestr::inline v1
