// What a visitor's words ask for: people, place, dates, times, durations, prices, amenities, kinds of offerings, and what
// must not be. A grammar per language is data (src/engine/grammar); nothing here knows a model, a clock or a network.
#pragma once

#include "orkestr/base/json.hpp"
#include "orkestr/base/money.hpp"
#include "orkestr/base/time.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orkestr::inline v1 {

enum class SearchKind { party, place, date, time, duration, price, amenity, exclusion, category, sort, text };
enum class SearchSort { none, price_rising, price_falling, rating, newest };

/// `PARTY`, `PLACE`, …, `NOT` for exclusions.
[[nodiscard]] std::string_view name_of(SearchKind kind) noexcept;

/// What was understood of one part of a query. Parts of a query do not overlap.
struct SearchChip {
  SearchKind kind = SearchKind::text;
  std::string label;              ///< for people, in the query's language: "4 people"
  json::Value value;              ///< as the API gives it; see docs/search.md
  std::size_t start = 0, end = 0; ///< in bytes of the query
  std::string without;            ///< the query with this part taken out
};

/// A word that was read as another one.
struct SearchCorrection {
  std::string typed, read;
  std::size_t start = 0, end = 0;
};

struct SearchDates {
  LocalDate first, last; ///< both included
  friend bool operator==(const SearchDates&, const SearchDates&) = default;
};

/// When a slot may begin, in minutes since local midnight: from `from` on and before `to`; equal ones say that very time.
struct SearchTimes {
  int from = 0, to = 1440;
  friend bool operator==(const SearchTimes&, const SearchTimes&) = default;
};

struct SearchExclusion {
  SearchKind kind = SearchKind::text; ///< amenity, place, category, date, time or text
  std::string value;                  ///< of dates empty
  std::optional<SearchDates> dates;
  std::optional<SearchTimes> times;
  unsigned weekdays = 0; ///< as in the query
};

struct SearchQuery {
  std::optional<int> party; ///< people; of a range the most
  std::optional<SearchDates> dates;
  std::optional<SearchTimes> times;
  unsigned weekdays = 0;                      ///< a bit for each, the lowest for Sunday; 0 for any day
  std::optional<int> duration_minutes;        ///< a night is a day
  std::optional<Amount> min_price, max_price; ///< minor units, for what the offering's price is for (an hour, a day, once)
  std::optional<Currency> currency;           ///< the one that was named, if one was
  SearchSort sort = SearchSort::none;
  std::vector<std::string> places, amenities, categories; ///< as the tenant spells them, else the grammar's keys
  std::vector<SearchExclusion> exclusions;
  std::string text;              ///< the words left over, to rank by, as they were typed
  std::vector<SearchChip> chips; ///< by their place
  std::vector<SearchCorrection> corrections;
  std::string language; ///< whose grammar understood: `en`, `es`, `fr`
};

/// What a tenant's catalogue has, and when and where the visitor asks.
struct SearchContext {
  LocalDate today;
  std::string_view locale = "en"; ///< BCP 47; its grammar is tried first, and `en` and `en-US` write the month first
  Currency currency;
  std::span<const std::string> places, amenities, categories; ///< of the catalogue, in its own spelling
  std::span<const std::string> words;                         ///< of the query, those that the catalogue has (folded): none is corrected
};

/// Understands a query. Any bytes are taken; beyond 400 bytes nothing is looked at.
/// @thread_safety pure
[[nodiscard]] SearchQuery understand(std::string_view text, const SearchContext& context);

/// The tags of the languages that have a grammar.
[[nodiscard]] std::span<const std::string_view> search_languages() noexcept;

} // namespace orkestr::inline v1
