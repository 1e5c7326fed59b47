#include "platform/assistant.hpp"

#include "orkestr/storage/search_repository.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace assistant {
namespace {

/// Bounds on what one question reads.
constexpr std::size_t most_searched_words = 6, found_by_word = 8, newest = 40, with_all = 6, reviews_of_focus = 20, reviews_of_others = 5;

LocalDate day_of(Instant now) { return {static_cast<std::int32_t>(now.ms / 86'400'000)}; }

bool holds(const AvailabilityRule& rule, LocalDate today) {
  return (!rule.valid_from || *rule.valid_from <= today) && (!rule.valid_until || today <= *rule.valid_until);
}

} // namespace

bool visible_to(const Offering& offering, AssistantAudience audience) {
  return offering.status == OfferingStatus::published || (audience == AssistantAudience::staff && offering.status == OfferingStatus::draft);
}

CatalogueEntry load_entry(const storage::ReadTransaction& tx, TenantId tenant, Offering offering, std::size_t reviews, Instant now) {
  CatalogueEntry entry;
  entry.rules = tx.availability().rules(tenant, offering.id);
  std::erase_if(entry.rules, [today = day_of(now)](const AvailabilityRule& rule) { return !holds(rule, today); });
  if (offering.review_count > 0) {
    storage::ReviewFilter filter;
    filter.offering_id = offering.id;
    entry.reviews = tx.reviews().list(tenant, filter, {reviews, {}});
  }
  entry.offering = std::move(offering);
  return entry;
}

Candidates candidates(const storage::ReadTransaction& tx, TenantId tenant, std::string_view question, const std::optional<Offering>& focus,
                      AssistantAudience audience, Instant now) {
  Candidates found;
  const auto add = [&](std::vector<Offering> offerings) {
    for (auto& offering : offerings) {
      const bool known = std::ranges::any_of(found.entries, [&](const CatalogueEntry& entry) { return entry.offering.id == offering.id; });
      if (!known && visible_to(offering, audience)) found.entries.push_back({std::move(offering), {}, {}});
    }
  };
  if (focus) {
    add({*focus});
    found.focus = 0;
  }
  storage::OfferingFilter filter;
  if (audience == AssistantAudience::visitor) filter.status = OfferingStatus::published;
  auto words = search_words(question);
  if (words.size() > most_searched_words) words.resize(most_searched_words);
  for (const auto& word : words) {
    auto terms = search_stems(word);
    terms.push_back(search_key(SearchKind::amenity, word));
    for (const auto& term : terms)
      for (const auto& [id, weight] : tx.search().postings(tenant, term, {}, found_by_word))
        if (auto offering = tx.offerings().find(tenant, id)) add({std::move(*offering)});
  }
  add(tx.offerings().list(tenant, filter, {newest, {}}));

  std::vector<bool> loaded(found.entries.size());
  const auto load = [&](std::size_t place, std::size_t reviews) {
    if (loaded[place]) return;
    loaded[place] = true;
    found.entries[place] = load_entry(tx, tenant, std::move(found.entries[place].offering), reviews, now);
  };
  if (found.focus) load(*found.focus, reviews_of_focus);
  auto order = rank_entries(question, found.entries, shipped_product_types());
  if (order.size() > with_all) order.resize(with_all);
  for (const auto place : order) load(place, reviews_of_others);
  return found;
}

} // namespace assistant

Result<AssistantAnswer> ask_assistant(Platform& platform, TenantId tenant, const AssistantQuestion& question, AssistantAudience audience) {
  ORKESTR_TRY(const auto found, platform.store().read([&](const storage::ReadTransaction& tx) -> Result<assistant::Candidates> {
    std::optional<Offering> focus;
    if (question.offering_id) {
      focus = tx.offerings().find(tenant, *question.offering_id);
      if (!focus || !assistant::visible_to(*focus, audience)) return fail(Code::not_found, "There is no such offering.");
    }
    return assistant::candidates(tx, tenant, question.question, focus, audience, platform.now());
  }));
  auto quoted = answer_by_quotes(question.question, found.entries, shipped_product_types(), found.focus);
  if (platform.model() == nullptr || found.entries.empty()) return quoted;
  auto worded = assistant::ask_model(platform, tenant, question, found, audience);
  if (!worded) {
    platform.tell_model_trouble(worded.error().detail);
    return quoted;
  }
  // That the model knows nothing is no reason to hold a quote back.
  if (!worded->known && quoted.known) return quoted;
  return worded;
}

Result<OfferingSummary> summarise_offering(const storage::ReadTransaction& tx, TenantId tenant, OfferingId id) {
  const auto offering = tx.offerings().find(tenant, id);
  if (!offering) return fail(Code::not_found, "There is no such offering.");
  return OfferingSummary{id, summarise(offering->description)};
}

Result<std::optional<PriceSuggestion>> suggest_offering_price(const storage::ReadTransaction& tx, TenantId tenant, OfferingId id) {
  const auto offering = tx.offerings().find(tenant, id);
  if (!offering) return fail(Code::not_found, "There is no such offering.");
  storage::OfferingFilter filter;
  filter.status = OfferingStatus::published;
  filter.product_type_key = offering->product_type_key;
  return suggest_price(*offering, tx.offerings().list(tenant, filter, {500, {}}));
}

AssistantStatus assistant_status(const storage::ReadTransaction& tx, TenantId tenant, const Platform& platform) {
  const auto spent = tx.assistant().spent(tenant, assistant::day_of(platform.now()));
  AssistantStatus status;
  if (const auto* model = platform.model()) status.model = model->name();
  status.day = spent.day;
  status.requests = spent.requests;
  status.prompt_tokens = spent.prompt_tokens;
  status.completion_tokens = spent.completion_tokens;
  if (platform.model() != nullptr && platform.model_limits().daily_tokens > 0) status.daily_tokens = platform.model_limits().daily_tokens;
  return status;
}

} // namespace orkestr::inline v1
