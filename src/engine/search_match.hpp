// Finds what the rules of a grammar make of the words of a query, wherever they begin.
#pragma once

#include "engine/search_grammar.hpp"

namespace orkestr::inline v1::search {

struct Match {
  std::size_t end = 0; ///< the token after the last
  Value value;
};

/// What a rule says of what its pattern captured; nullopt when it says nothing, as "at 25 o'clock".
[[nodiscard]] std::optional<Value> meaning(const Rule& rule, std::span<const Capture> captures, const SearchContext& context);

class Matcher {
 public:
  /// All of them must outlive it.
  Matcher(const Grammar& grammar, const std::vector<Token>& tokens, const SearchContext& context);

  /// What a rule makes of the tokens from `at` on, each with its end.
  const std::vector<Match>& rule(std::string_view name, std::size_t at);
  /// How many tokens the longest phrase of a class takes, 0 for none.
  [[nodiscard]] std::size_t filler(std::size_t at) const;
  /// Is a token a word of which no rule makes anything?
  [[nodiscard]] bool unknown(std::size_t at);

  /// The phrases of a class that begin here: where each ends, and its value.
  void phrases(std::string_view class_name, std::size_t at, FunctionRef<void(std::size_t, const std::string&)> found) const;

 private:
  using Captures = std::vector<Capture>;
  using Next = FunctionRef<void(std::size_t)>;

  void run(const Sequence& sequence, std::size_t item, std::size_t at, Captures& captures, Next next);
  void named(const std::string& name, std::size_t at, FunctionRef<void(std::size_t, Value)> found);
  void catalogue(std::span<const Phrase> known, std::size_t at, FunctionRef<void(std::size_t, Value)> found) const;
  [[nodiscard]] std::size_t same_phrase(const Phrase& phrase, std::size_t at) const;
  [[nodiscard]] std::optional<std::pair<std::size_t, int>> number_words(std::size_t at) const;
  void day_of_month(std::size_t at, bool ordinal, FunctionRef<void(std::size_t, Value)> found) const;

  const Grammar& grammar_;
  const std::vector<Token>& tokens_;
  const SearchContext& context_;
  std::vector<Phrase> places_, amenities_, categories_;
  std::map<std::pair<std::string, std::size_t>, std::vector<Match>, std::less<>> known_;
  std::size_t steps_ = 0;
};

} // namespace orkestr::inline v1::search
