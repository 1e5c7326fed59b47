// How a language model is asked about a catalogue, and what of its answer is let through. The model only ever sees data and answers in text:
// what it is told to do in a description, a review or a question can't be done, since nothing here does anything.
#pragma once

#include "orkestr/engine/assistant.hpp"
#include "orkestr/ports/language_model.hpp"

namespace orkestr::inline v1 {

/// What a model has been shown, against which its answer is checked.
struct ShownOffering {
  OfferingId id;
  std::string slug, title;
  std::vector<std::string> texts; ///< each as it was shown
};

inline constexpr int most_model_rounds = 4;
inline constexpr std::size_t most_tool_calls = 6;        ///< over all rounds
inline constexpr std::size_t max_shown_text = 600;       ///< bytes of a single text
inline constexpr std::size_t max_shown_offering = 6'000; ///< bytes of all texts of one offering
inline constexpr std::size_t max_model_answer = 1'200;   ///< bytes of an answer that is let through

/// What is shown of an entry, within the bounds above.
[[nodiscard]] ShownOffering shown_offering(const CatalogueEntry& entry, std::span<const ProductType> types);

/// Offerings as JSON: `[{"offeringId","title","texts":[…]}]`.
[[nodiscard]] std::string shown_json(std::span<const ShownOffering> offerings);

/// The conversation's beginning: the rules, which hold nothing of the catalogue's, and question and offerings as one JSON object.
/// @param language  in which to answer, where the visitor asked for one
[[nodiscard]] std::vector<ModelMessage> opening(std::string_view question, std::span<const ShownOffering> offerings,
                                                std::optional<std::string_view> language, std::optional<OfferingId> focus);

/// The tools there are: all read, and none takes a tenant.
[[nodiscard]] std::vector<ToolSpec> assistant_tools();

/// A call that has been understood.
struct ToolUse {
  enum class Kind : std::uint8_t { search_catalogue, offering_details, free_times } kind = Kind::search_catalogue;
  std::string query;               ///< of search_catalogue
  OfferingId offering_id = {};     ///< of the others
  LocalDate from = {}, until = {}; ///< of free_times; `until` is inclusive, at most two weeks on
};

/// @errors `not_found` for a tool that there is not, `invalid_parameter` for arguments that are none
[[nodiscard]] Result<ToolUse> read_tool_call(const ToolCall& call);

/// Text as it may be shown: no markup, no links, no addresses of mail, no control characters but line ends; at most `max_model_answer` bytes.
/// @thread_safety pure
[[nodiscard]] std::string inert_text(std::string_view text);

/// Lets an answer through when it is what was asked for: JSON `{"answer","known","sources":[{"offeringId","quote"}]}`, each source among what
/// was shown and its quote in it, and no number in the answer that was neither shown nor asked. Sources that are none are left out.
/// @param question  as it was asked
/// @param by        who answers
/// @errors `invalid_parameter`, for a person who looks for the reason
/// @thread_safety pure
[[nodiscard]] Result<AssistantAnswer> check_answer(std::string_view text, std::string_view question, std::span<const ShownOffering> shown,
                                                   std::string_view by, const AssistantWords& words = {});

} // namespace orkestr::inline v1
