// The assistant: questions about a tenant's catalogue answered from it, summaries, prices. With a language model answers are worded better; what
// they stand on is checked all the same, and whatever goes wrong with the model, there is the answer without it.
#pragma once

#include "orkestr/engine/assistant.hpp"
#include "orkestr/engine/prose.hpp"
#include "orkestr/platform/platform.hpp"
#include "orkestr/storage/assistant_repository.hpp"

namespace orkestr::inline v1 {

struct AssistantQuestion {
  std::string question;
  std::optional<OfferingId> offering_id; ///< what it is asked about
  std::optional<std::string> locale;     ///< in which the model answers; quotes are as they are
};

/// Visitors learn of what is PUBLISHED, the provider's people also of drafts.
enum class AssistantAudience : std::uint8_t { visitor, staff };

/// Answers from the tenant's own catalogue. Reads in transactions of its own and asks the model within none; waits for it for
/// `ModelLimits::patience` at most.
/// @errors `not_found` where the offering that is asked about is none that the audience may see
[[nodiscard]] Result<AssistantAnswer> ask_assistant(Platform& platform, TenantId tenant, const AssistantQuestion& question,
                                                    AssistantAudience audience);

struct OfferingSummary {
  OfferingId offering_id;
  std::string summary; ///< sentences of the description; empty without one
};
/// @errors `not_found`
[[nodiscard]] Result<OfferingSummary> summarise_offering(const storage::ReadTransaction& tx, TenantId tenant, OfferingId id);

/// A price by the tenant's own published offerings, the newest 500 of the type.
/// @returns nothing where too few are comparable
/// @errors `not_found`
[[nodiscard]] Result<std::optional<PriceSuggestion>> suggest_offering_price(const storage::ReadTransaction& tx, TenantId tenant,
                                                                            OfferingId id);

/// What the assistant works with, and what it has cost today.
struct AssistantStatus {
  std::optional<std::string> model;
  LocalDate day; ///< of UTC
  std::int64_t requests = 0, prompt_tokens = 0, completion_tokens = 0;
  std::optional<std::int64_t> daily_tokens; ///< none where there is no bound
};
[[nodiscard]] AssistantStatus assistant_status(const storage::ReadTransaction& tx, TenantId tenant, const Platform& platform);

namespace json {
template <> struct Schema<AssistantQuestion> {
  using T = AssistantQuestion;
  static constexpr auto fields = std::make_tuple(
      field("question", &T::question, required_writable, {1, static_cast<std::int64_t>(max_question), is_prose, prose_hint}),
      field("offeringId", &T::offering_id, writable),
      field("locale", &T::locale, writable, {2, 35, is_locale, "Use a tag such as en or pt-BR."}));
};
template <> struct Schema<OfferingSummary> {
  static constexpr auto fields =
      std::make_tuple(field("offeringId", &OfferingSummary::offering_id, out), field("summary", &OfferingSummary::summary, out));
};
template <> struct Schema<AssistantStatus> {
  using T = AssistantStatus;
  static constexpr auto fields =
      std::make_tuple(field("model", &T::model, out), field("day", &T::day, out), field("requests", &T::requests, out),
                      field("promptTokens", &T::prompt_tokens, out), field("completionTokens", &T::completion_tokens, out),
                      field("dailyTokens", &T::daily_tokens, out));
};
} // namespace json
} // namespace orkestr::inline v1
