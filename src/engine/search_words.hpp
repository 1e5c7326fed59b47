// A query as words: folded to lower case without diacritics, each with its place in the text as it was typed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1::search {

struct Token {
  enum class Kind : std::uint8_t {
    word,
    number, ///< `50`, `1,000`, `2.5`
    clock,  ///< `18:00`, its number in minutes
    date,   ///< `12/05`, `2027-05-12`; its parts as they stand
    symbol, ///< of a currency, and `-` of a range
  };
  Kind kind = Kind::word;
  std::string text;               ///< folded
  std::string typed;              ///< as it stands in the query
  std::size_t start = 0, end = 0; ///< in bytes of the query
  double number = 0;
  int parts[3] = {0, 0, 0};
  bool glued = false;  ///< nothing stands before it in the same word
  bool hyphen = false; ///< a hyphen stands before it
  bool comma = false;  ///< a comma or a full stop stands before it
};

/// Any bytes; those that are no UTF-8 separate words.
[[nodiscard]] std::vector<Token> tokens(std::string_view text);

/// Optimal string alignment: insertions, deletions, changes and swaps of neighbours; `limit` + 1 for more.
[[nodiscard]] int edit_distance(std::string_view a, std::string_view b, int limit);

/// How many letters of a word of so many may be wrong.
[[nodiscard]] constexpr int typo_allowance(std::size_t letters) noexcept { return letters >= 8 ? 2 : letters >= 4 ? 1 : 0; }

} // namespace orkestr::inline v1::search
