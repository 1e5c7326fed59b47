// What the parts of the assistant share: its catalogue, and the conversation with a model.
#pragma once

#include "orkestr/engine/assistant_model.hpp"
#include "orkestr/platform/assistant.hpp"

namespace orkestr::inline v1::assistant {

/// What of a catalogue a question may be about.
struct Candidates {
  std::vector<CatalogueEntry> entries;
  std::optional<std::size_t> focus; ///< the place of the offering that is asked about
};

[[nodiscard]] bool visible_to(const Offering& offering, AssistantAudience audience);

/// A bounded number of offerings: the one asked about, those that have words of the question, and the newest. The best have their rules and
/// some of their reviews with them.
[[nodiscard]] Candidates candidates(const storage::ReadTransaction& tx, TenantId tenant, std::string_view question,
                                    const std::optional<Offering>& focus, AssistantAudience audience, Instant now);

/// An offering with what is said of it.
[[nodiscard]] CatalogueEntry load_entry(const storage::ReadTransaction& tx, TenantId tenant, Offering offering, std::size_t reviews,
                                        Instant now);

/// Asks the platform's model.
/// @errors whatever stands in the way of an answer, for the operator: nobody else is told
/// @pre the platform has a model
[[nodiscard]] Result<AssistantAnswer> ask_model(Platform& platform, TenantId tenant, const AssistantQuestion& question,
                                                const Candidates& found, AssistantAudience audience);

} // namespace orkestr::inline v1::assistant
