// Grammars of queries, read from data: classes of words, and rules whose patterns refer to classes and to other rules.
// The format is described in docs/search.md.
#pragma once

#include "engine/search_words.hpp"
#include "orkestr/base/function_ref.hpp"
#include "orkestr/engine/search_query.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

namespace orkestr::inline v1::search {

/// What a rule or a class made of some words.
struct Value {
  double number = 0;
  std::string text;
  std::optional<SearchDates> dates;
  std::optional<SearchTimes> times;
  unsigned weekdays = 0;             ///< those on which it recurs, a bit for each
  int weekday = -1;                  ///< of a date that is only a weekday
  bool open = false;                 ///< of dates whose end nobody said
  bool no_year = false;              ///< of a date without one
  bool loose = false;                ///< a time of a twelve-hour clock that says neither morning nor afternoon
  bool part = false;                 ///< a part of the day
  std::optional<double> least, most; ///< prices, in units of the currency
  std::string currency;
  SearchSort sort = SearchSort::none;
  SearchKind kind = SearchKind::text; ///< of what is excluded
};

struct Capture {
  std::string_view name; ///< of the class or rule
  Value value;
};

struct Item;
using Sequence = std::vector<Item>;

struct Item {
  enum class Kind : std::uint8_t { word, named, any_of, hyphen };
  Kind kind = Kind::word;
  bool optional = false;
  std::string text; ///< a word, or the name of a class or rule
  std::vector<Sequence> options;
};

struct Phrase {
  std::vector<std::string> words;
  std::string value;
};

struct Rule {
  std::string action;
  std::vector<std::string> arguments;
  Sequence pattern;
};

struct Grammar {
  std::string language;
  std::map<std::string, std::unordered_multimap<std::string, Phrase>, std::less<>> classes; ///< by their first word
  std::map<std::string, std::vector<Rule>, std::less<>> rules;
  std::map<std::string, std::string, std::less<>> labels;
  /// Of a product type groups of phrases that say the same, each phrase as its stems.
  std::map<std::string, std::vector<std::vector<std::vector<std::string>>>, std::less<>> synonyms;
  std::set<std::string, std::less<>> words;              ///< all that any pattern or class has
  std::set<std::string, std::less<>> meant;              ///< those of them that a mistake may stand for
  std::map<std::string, std::string, std::less<>> flags; ///< amenities that are attributes of their own
};

/// @throws std::logic_error when the data is no grammar, which a test of each would see
[[nodiscard]] Grammar read_grammar(std::string_view language, std::string_view data);

/// Those that are shipped, `en` first.
[[nodiscard]] std::span<const Grammar> grammars();

/// Does a word of a query stand for one of a grammar or catalogue? Plurals of either kind do.
[[nodiscard]] bool same_word(std::string_view typed, std::string_view known) noexcept;

} // namespace orkestr::inline v1::search
