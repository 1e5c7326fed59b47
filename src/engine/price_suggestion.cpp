#include "orkestr/engine/assistant.hpp"

#include "base/text.hpp"
#include "engine/text_words.hpp"
#include "orkestr/engine/mail.hpp"

#include <algorithm>
#include <cmath>

namespace orkestr::inline v1 {
namespace {

constexpr double least_similarity = 0.15;
constexpr std::size_t most_comparables = 50;

std::optional<double> number_at(const json::Object& attributes, std::string_view key) {
  const auto* value = attributes.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<double> capacity_of(const Offering& offering) {
  for (const std::string_view key : {"capacity", "seats"})
    if (const auto capacity = number_at(offering.attributes, key); capacity && *capacity > 0) return capacity;
  return std::nullopt;
}

std::string city_of(const Offering& offering) {
  const auto* value = offering.attributes.if_contains("city");
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  std::string city;
  if (text != nullptr)
    for (const auto& word : words_of({text->data(), text->size()})) city.append(city.empty() ? "" : " ").append(word);
  return city;
}

std::vector<std::string> amenities_of(const Offering& offering) {
  std::vector<std::string> all;
  if (const auto* value = offering.attributes.if_contains("amenities"))
    if (const auto* items = value->if_array())
      for (const auto& item : *items)
        if (const auto* text = item.if_string()) all.push_back(ascii_lower(std::string{text->data(), text->size()}));
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// What two lists have in common, of all that either has. Two empty ones have nothing that tells them apart.
double overlap(std::vector<std::string> a, std::vector<std::string> b) {
  if (a.empty() && b.empty()) return 1;
  std::ranges::sort(a);
  std::ranges::sort(b);
  std::vector<std::string> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return static_cast<double>(both.size()) / static_cast<double>(a.size() + b.size() - both.size());
}

double similarity(const Offering& a, const Offering& b) {
  double similar = 1;
  const auto capacity = capacity_of(a), other = capacity_of(b);
  if (capacity && other)
    similar *= std::min(*capacity, *other) / std::max(*capacity, *other);
  else if (capacity || other)
    similar *= 0.7;
  const auto city = city_of(a), other_city = city_of(b);
  if (!city.empty() && !other_city.empty() && city != other_city) similar *= 0.5;
  similar *= 0.7 + 0.3 * overlap(a.categories, b.categories);
  similar *= 0.7 + 0.3 * overlap(amenities_of(a), amenities_of(b));
  return similar;
}

/// The price below which that share of the weight lies. @pre sorted by price, not empty
Amount quantile(std::span<const PriceComparable> sorted, double share) {
  double all = 0;
  for (const auto& each : sorted) all += each.similarity;
  double so_far = 0;
  for (const auto& each : sorted) {
    so_far += each.similarity;
    if (so_far >= all * share - 1e-9) return each.price_cents;
  }
  return sorted.back().price_cents;
}

/// To two digits that count, the second of which is a five or a zero for the most part of prices: 5,237 is 5,250.
Amount rounded(Amount amount) {
  Amount step = 1;
  while (amount / step >= 1000) step *= 10;
  if (amount >= 1000) step *= 5;
  return (amount + step / 2) / step * step;
}

std::string_view per(PricingModel model) {
  switch (model) {
  case PricingModel::hourly: return " an hour";
  case PricingModel::daily: return " a day";
  case PricingModel::one_time: return "";
  case PricingModel::subscription: return " a term";
  }
  return "";
}

std::string whole(double number) { return std::to_string(std::llround(number)); }

} // namespace

std::optional<PriceSuggestion> suggest_price(const Offering& offering, std::span<const Offering> others) {
  PriceSuggestion suggestion;
  suggestion.currency = offering.currency;
  suggestion.pricing_model = offering.pricing_model;
  auto& comparables = suggestion.comparables;
  std::vector<std::pair<double, double>> capacities, ratings; // and the weight of each
  for (const auto& other : others) {
    if (other.id == offering.id || other.status != OfferingStatus::published || other.base_price_cents <= 0 ||
        other.product_type_key != offering.product_type_key || other.pricing_model != offering.pricing_model ||
        other.currency != offering.currency || other.billing_interval != offering.billing_interval)
      continue;
    const double similar = similarity(offering, other);
    if (similar < least_similarity) continue;
    comparables.push_back({other.id, other.title, other.base_price_cents, std::round(similar * 1000) / 1000});
    if (const auto capacity = capacity_of(other)) capacities.emplace_back(*capacity, similar);
    if (other.rating_average && other.review_count > 0) ratings.emplace_back(*other.rating_average, similar);
  }
  if (comparables.size() < fewest_comparables) return std::nullopt;
  std::ranges::stable_sort(comparables, [](const PriceComparable& a, const PriceComparable& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.offering_id < b.offering_id;
  });
  if (comparables.size() > most_comparables) comparables.resize(most_comparables);
  auto by_price = comparables;
  std::ranges::sort(by_price, {}, &PriceComparable::price_cents);
  suggestion.low_cents = quantile(by_price, 0.25);
  suggestion.high_cents = quantile(by_price, 0.75);
  const Amount middle = quantile(by_price, 0.5);
  Amount suggested = middle;
  const auto say = [&](PriceReasonKind kind, std::string text) { suggestion.reasons.push_back({kind, std::move(text)}); };
  const auto money = [&](Amount amount) { return plain_money(amount, offering.currency); };

  say(PriceReasonKind::comparables, std::to_string(comparables.size()) + " comparable offerings of your own cost " +
                                        money(by_price.front().price_cents) + " to " + money(by_price.back().price_cents) +
                                        std::string{per(offering.pricing_model)} +
                                        "; the middle of them, weighed by how similar they are, is " + money(middle) + ".");
  if (const auto capacity = capacity_of(offering); capacity && capacities.size() >= fewest_comparables) {
    std::ranges::sort(capacities);
    const double usual = capacities[capacities.size() / 2].first;
    const double more = *capacity - usual;
    const bool larger = *capacity >= usual * 1.25 && suggestion.high_cents > middle;
    const bool smaller = *capacity <= usual * 0.8 && suggestion.low_cents < middle;
    if (larger) suggested = middle + (suggestion.high_cents - middle) / 2;
    if (smaller) suggested = middle - (middle - suggestion.low_cents) / 2;
    if (more != 0)
      say(PriceReasonKind::capacity, "Yours takes " + whole(std::abs(more)) + (more > 0 ? " more" : " fewer") + " than the usual " +
                                         whole(usual) +
                                         (larger    ? ", which speaks for the upper half."
                                          : smaller ? ", which speaks for the lower half."
                                                    : ", which is too little to matter."));
  }
  if (offering.rating_average && offering.review_count > 0 && ratings.size() >= fewest_comparables) {
    std::ranges::sort(ratings);
    const double usual = ratings[ratings.size() / 2].first;
    const auto shown = [](double rating) {
      const auto tenths = std::llround(rating * 10);
      return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
    };
    say(PriceReasonKind::rating, "It is rated " + shown(*offering.rating_average) + "; the middle of the others is " + shown(usual) + ".");
  }
  suggestion.suggested_cents = std::clamp(rounded(suggested), std::min(by_price.front().price_cents, rounded(by_price.front().price_cents)),
                                          std::max(by_price.back().price_cents, rounded(by_price.back().price_cents)));
  if (const Amount present = offering.base_price_cents; present > 0 && present != suggestion.suggested_cents) {
    const auto difference = std::abs(suggestion.suggested_cents - present) * 100 / std::max<Amount>(suggestion.suggested_cents, 1);
    say(PriceReasonKind::present, "The present price of " + money(present) + " is " + std::to_string(difference) + "% " +
                                      (present > suggestion.suggested_cents ? "above" : "below") + " the suggestion.");
  }
  return suggestion;
}

} // namespace orkestr::inline v1
