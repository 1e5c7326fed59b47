// What the assistant says without a model: what a catalogue says, found, quoted and cited. All of it pure.
#pragma once

#include "orkestr/engine/availability.hpp"
#include "orkestr/engine/offering.hpp"
#include "orkestr/engine/review.hpp"

namespace orkestr::inline v1 {

/// An offering with what is said of it.
struct CatalogueEntry {
  Offering offering;
  std::vector<AvailabilityRule> rules; ///< those that hold now
  std::vector<Review> reviews;
};

/// What a question may be about, beyond its words.
enum class AssistantTopic : std::uint8_t { none, price, capacity, cancellation, hours, place, duration, size, changes, approval, notice };
enum class PassageKind : std::uint8_t { title, description, fact, review };

/// A sentence that can be quoted: the provider's own, a customer's, or a fact in plain words ("Price: EUR 40.00 an hour").
struct Passage {
  PassageKind kind = PassageKind::fact;
  AssistantTopic topic = AssistantTopic::none;
  std::string text;
};

/// Everything that is said of an offering, in the order in which it is read. `types` name attributes; of a type that is not among them,
/// the attributes' keys do. @thread_safety pure
[[nodiscard]] std::vector<Passage> passages_of(const CatalogueEntry& entry, std::span<const ProductType> types);

/// Where an answer comes from.
struct AssistantSource {
  OfferingId offering_id;
  std::string slug, title;
  std::string quote; ///< as the catalogue has it, shortened at the end where it is long
};

struct AssistantAnswer {
  std::string answer;                   ///< plain text, with line ends
  bool known = false;                   ///< whether the catalogue says anything on it; if not, there are no sources
  std::vector<AssistantSource> sources; ///< the best first
  std::string by = "extractive";        ///< or the name of a model
};

/// The few words of the assistant's own; `{title}` and `{quote}` are filled in.
struct AssistantWords {
  std::string_view listing = "The listing says: “{quote}”";
  std::string_view review = "A review says: “{quote}”";
  std::string_view of_listing = "{title}: “{quote}”";
  std::string_view of_review = "{title}, in a review: “{quote}”";
  std::string_view unknown = "I don't know: the listings say nothing about that.";
};

inline constexpr std::size_t max_question = 500; ///< code points
inline constexpr std::size_t max_sources = 3;
inline constexpr std::size_t max_quote = 300;         ///< bytes, and the mark of what is left out
inline constexpr std::size_t max_question_words = 24; ///< beyond which words are not looked at

/// The words of a question that say what it is about, as the catalogue is to be searched for them: in small letters, without marks and
/// ends; those of grammar are left out. At most `max_question_words`. @thread_safety pure
[[nodiscard]] std::vector<std::string> search_words(std::string_view question);

/// The entries that have most to do with a question, the best first; those that have nothing to do with it are left out.
/// @returns places in `entries`
/// @thread_safety pure
[[nodiscard]] std::vector<std::size_t> rank_entries(std::string_view question, std::span<const CatalogueEntry> entries,
                                                    std::span<const ProductType> types);

/// Answers by quoting what supports an answer, never by concluding: what is not listed is unknown, not denied and not affirmed.
/// A passage supports an answer when it has most of the question's own words, each weighed by how rare it is, or is about what the
/// question is about (a price, opening hours…). With a focus, that offering alone answers.
/// @param focus  the entry that is asked about
/// @thread_safety pure
[[nodiscard]] AssistantAnswer answer_by_quotes(std::string_view question, std::span<const CatalogueEntry> entries,
                                               std::span<const ProductType> types, std::optional<std::size_t> focus = {},
                                               const AssistantWords& words = {});

struct SummaryLimits {
  std::size_t sentences = 3, bytes = 400;
};

/// The sentences of a text that say most of what the others say too, and its first ones rather than its last, in the text's own order and
/// words; one that is too long for the bound is cut at a word. The same text has always the same summary.
/// @thread_safety pure
[[nodiscard]] std::string summarise(std::string_view text, const SummaryLimits& limits = {});

// ---- Prices ------------------------------------------------------------------------------------------------------

enum class PriceReasonKind : std::uint8_t { comparables, capacity, rating, present };

struct PriceReason {
  PriceReasonKind kind = PriceReasonKind::comparables;
  std::string text; ///< for a person
};

struct PriceComparable {
  OfferingId offering_id;
  std::string title;
  Amount price_cents = 0;
  double similarity = 0; ///< above 0, at most 1
};

struct PriceSuggestion {
  Amount suggested_cents = 0, low_cents = 0, high_cents = 0; ///< the middle half of the comparables lies from low to high
  Currency currency;
  PricingModel pricing_model = PricingModel::hourly;
  std::vector<PriceComparable> comparables; ///< the most similar first
  std::vector<PriceReason> reasons;
};

inline constexpr std::size_t fewest_comparables = 3;

/// A price by those of comparable offerings: of the same type, pricing model and currency, weighed by how similar they are in capacity,
/// city, categories and amenities. The middle of them, or half the way to the upper or lower quarter for an offering that is clearly
/// larger or smaller.
/// @param others  of the same catalogue; those that are not PUBLISHED, cost nothing, or are the offering itself do not count
/// @returns none with fewer than `fewest_comparables`
/// @thread_safety pure
[[nodiscard]] std::optional<PriceSuggestion> suggest_price(const Offering& offering, std::span<const Offering> others);

namespace json {
template <> struct EnumNames<PriceReasonKind> {
  static constexpr std::array<std::string_view, 4> names{"COMPARABLES", "CAPACITY", "RATING", "PRESENT"};
};
template <> struct Schema<AssistantSource> {
  using T = AssistantSource;
  static constexpr auto fields = std::make_tuple(field("offeringId", &T::offering_id, out), field("slug", &T::slug, out),
                                                 field("title", &T::title, out), field("quote", &T::quote, out));
};
template <> struct Schema<AssistantAnswer> {
  using T = AssistantAnswer;
  static constexpr auto fields = std::make_tuple(field("answer", &T::answer, out), field("known", &T::known, out),
                                                 field("sources", &T::sources, out), field("by", &T::by, out));
};
template <> struct Schema<PriceReason> {
  static constexpr auto fields = std::make_tuple(field("kind", &PriceReason::kind, out), field("text", &PriceReason::text, out));
};
template <> struct Schema<PriceComparable> {
  using T = PriceComparable;
  static constexpr auto fields = std::make_tuple(field("offeringId", &T::offering_id, out), field("title", &T::title, out),
                                                 field("priceCents", &T::price_cents, out), field("similarity", &T::similarity, out));
};
template <> struct Schema<PriceSuggestion> {
  using T = PriceSuggestion;
  static constexpr auto fields = std::make_tuple(field("suggestedCents", &T::suggested_cents, out), field("lowCents", &T::low_cents, out),
                                                 field("highCents", &T::high_cents, out), field("currency", &T::currency, out),
                                                 field("pricingModel", &T::pricing_model, out), field("comparables", &T::comparables, out),
                                                 field("reasons", &T::reasons, out));
};
} // namespace json
} // namespace orkestr::inline v1
