// What offerings are found by: terms made of their texts, and what the grammars of queries know of them. Pure.
#pragma once

#include "orkestr/engine/offering.hpp"
#include "orkestr/engine/search_query.hpp"

#include <map>

namespace orkestr::inline v1 {

/// A word (its stem), `=a:`, `=c:` and `=p:` with an amenity, a kind and a place, or `~` with a word that lacks a letter.
struct SearchTerm {
  std::string term;
  int weight = 0; ///< what a title says weighs more than what a description says
  friend bool operator==(const SearchTerm&, const SearchTerm&) = default;
};

/// Every term once, in the order of their bytes. Numbers of terms are bounded, whatever the texts.
/// @thread_safety pure
[[nodiscard]] std::vector<SearchTerm> search_terms(const Offering& offering);

/// The words of a text as the index has them: folded, without endings of plural and gender.
[[nodiscard]] std::vector<std::string> search_stems(std::string_view text);
/// What words that nobody has may stand for: the terms that an offering has if one of its words is a letter away.
[[nodiscard]] std::vector<std::string> search_near(std::string_view stem);
[[nodiscard]] std::string search_key(SearchKind kind, std::string_view value);

/// The parts of a query, up to three words long, that may be places, amenities or kinds of the catalogue; folded. 20 words are looked at.
struct SearchGuess {
  std::string typed, folded;
};
[[nodiscard]] std::vector<SearchGuess> search_guesses(std::string_view query);

/// Does an attribute have that value: a text, one of a list of texts, a number or true or false, as text?
[[nodiscard]] bool has_attribute(const json::Object& attributes, const std::pair<std::string, std::string>& wanted);

/// How many people an offering takes: its `capacity`, else its `seats`; nullopt when it does not say.
[[nodiscard]] std::optional<int> people_taken(const Offering& offering);

} // namespace orkestr::inline v1
