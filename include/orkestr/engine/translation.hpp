// What a business's words are in other languages: which texts are translated, by whom, from which source, and what is still to be done.
#pragma once

#include "orkestr/engine/branding.hpp"
#include "orkestr/engine/coupon.hpp"
#include "orkestr/engine/offering.hpp"
#include "orkestr/engine/review.hpp"

#include <span>

namespace orkestr::inline v1 {

/// Whose texts they are.
enum class TranslationKind { offering, review, storefront, coupon };
enum class TextOrigin { machine, manual };
/// STALE: a person's text is of a source that has changed. NO_TRANSLATOR: nobody translates between these languages here.
/// FAILED: tried often; it is still tried, rarely.
enum class TranslationState { pending, translated, stale, no_translator, failed };

/// A text in the tenant's own language, by the name of its field.
struct SourceText {
  std::string field, text;
  friend bool operator==(const SourceText&, const SourceText&) = default;
};

/// A text in another language.
struct TranslatedText {
  std::string field, text;
  std::string source_hash; ///< source_hash() of what it was made from
  TextOrigin origin = TextOrigin::machine;
  std::string translator; ///< which machine; empty for a person's
  friend bool operator==(const TranslatedText&, const TranslatedText&) = default;
};

/// What there is of one subject in one language. It is also the job: something is to be done from `next_attempt_at` on.
struct Translation {
  std::string subject_id; ///< of the offering, the review or the coupon; the tenant's for its storefront
  std::string locale;
  TranslationKind kind = TranslationKind::offering;
  TranslationState state = TranslationState::pending;
  std::vector<TranslatedText> texts; ///< one a field at most
  bool overridden = false;           ///< whether one of them is a person's
  std::int64_t generation = 1;       ///< counts what was asked for: an answer to an older question is thrown away
  int attempts = 0;                  ///< that failed, since it was last asked for
  std::optional<Instant> next_attempt_at;
  std::optional<std::string> last_error;
  Instant updated_at;
};

/// A language that a tenant has enabled besides its own.
struct TenantLocale {
  std::string locale;
  Instant created_at;
  std::optional<Instant> sweep_at; ///< from then on what the tenant has is queued for it, page by page
  std::string sweep_place;         ///< behind which it goes on; empty: from the start
};

inline constexpr std::size_t most_tenant_locales = 30;

// ---- tags of languages (BCP 47) ----------------------------------------------------------------------------------

/// The tag as it is written: `pt-BR`, `zh-Hant-TW`. @pre is_locale()
[[nodiscard]] std::string canonical_locale(std::string_view tag);

/// RFC 4647, section 3.4 (lookup): the first of these that is `wanted`, or what is left of it when subtags are taken away from its end.
/// @param available  canonical tags
/// @returns the one of `available`; nullopt where none fits
/// @thread_safety pure
[[nodiscard]] std::optional<std::string> lookup_locale(std::string_view wanted, std::span<const std::string> available);

/// Whether it is written from right to left: a property of its script, or of the one that its language is mostly written in.
[[nodiscard]] bool is_right_to_left(std::string_view locale);

/// What a language calls itself, and where its tag says more, that too: `español`, `português (BR)`. The tag where it is not known here.
[[nodiscard]] std::string locale_name(std::string_view locale);

// ---- texts -------------------------------------------------------------------------------------------------------

/// The texts that are translated; empty ones are none. The badges of a storefront are named by what they say: `saleBadges.New`.
[[nodiscard]] std::vector<SourceText> source_texts(const Offering& offering);
[[nodiscard]] std::vector<SourceText> source_texts(const Review& review);
[[nodiscard]] std::vector<SourceText> source_texts(const Branding& branding);
[[nodiscard]] std::vector<SourceText> source_texts(const Coupon& coupon);

/// Whether subjects of a kind may have such a text.
[[nodiscard]] bool is_translated_field(TranslationKind kind, std::string_view field);
/// What a person may put there. `form` of them is null for any text.
[[nodiscard]] json::Limits text_limits(TranslationKind kind, std::string_view field);
/// Whether a field is on one line.
[[nodiscard]] bool is_single_line(TranslationKind kind, std::string_view field);

/// 32 hexadecimal digits. The language is part of the source: who changes it has changed all texts.
/// @thread_safety pure
[[nodiscard]] std::string source_hash(std::string_view source_locale, std::string_view text);

[[nodiscard]] const TranslatedText* find_text(const Translation& translation, std::string_view field);
/// Whether a text was made from another source than this.
[[nodiscard]] bool is_stale(const TranslatedText& text, const SourceText& source, std::string_view source_locale);

/// What a machine has to do: where there is no text yet, or a machine's of another source. Nothing a person wrote is in it.
[[nodiscard]] std::vector<SourceText> to_translate(const Translation& translation, std::span<const SourceText> sources,
                                                   std::string_view source_locale);

/// Takes in what a machine answered, but where a person has written by now. @pre as many texts as sources
void put_machine_texts(Translation& translation, std::span<const SourceText> sources, std::string_view source_locale,
                       std::span<const std::string> texts, std::string_view translator);
/// A person's text, or nullopt to give the field back to the machine.
void put_manual_text(Translation& translation, const SourceText& source, std::string_view source_locale, std::optional<std::string> text);
/// Drops texts of fields that are no more.
void drop_unknown(Translation& translation, std::span<const SourceText> sources);

/// The row once nothing is left to do, TRANSLATED or STALE.
void settle(Translation& translation, std::span<const SourceText> sources, std::string_view source_locale);

/// What is shown in place of the sources: a person's text whatever became of its source, a machine's while its source is as it was.
/// Borrows from the translation.
[[nodiscard]] std::vector<const TranslatedText*> shown_texts(const Translation& translation, std::span<const SourceText> sources,
                                                             std::string_view source_locale);

/// When it is tried again: after 2 s, 10 s, 1 min and 10 min, then every 15 min, ±20 %.
/// @param made    attempts that failed, at least 1
/// @param spread  from [0, 1)
/// @thread_safety pure
[[nodiscard]] Instant next_translation_attempt(int made, Instant now, double spread);
/// From so many attempts on it is FAILED.
inline constexpr int translation_attempts_to_fail = 5;
/// How long it takes until somebody looks whether there is a translator by now.
inline constexpr milliseconds translator_look_interval = std::chrono::hours{1};

namespace json {
template <> struct EnumNames<TranslationKind> {
  static constexpr std::array<std::string_view, 4> names{"OFFERING", "REVIEW", "STOREFRONT", "COUPON"};
};
template <> struct EnumNames<TextOrigin> { static constexpr std::array<std::string_view, 2> names{"MACHINE", "MANUAL"}; };
template <> struct EnumNames<TranslationState> {
  static constexpr std::array<std::string_view, 5> names{"PENDING", "TRANSLATED", "STALE", "NO_TRANSLATOR", "FAILED"};
};
/// As it is kept.
template <> struct Schema<TranslatedText> {
  using T = TranslatedText;
  static constexpr auto fields =
      std::make_tuple(field("field", &T::field, required_writable), field("text", &T::text, required_writable),
                      field("sourceHash", &T::source_hash, required_writable), field("origin", &T::origin, required_writable),
                      field("translator", &T::translator, required_writable));
};
} // namespace json
} // namespace orkestr::inline v1
