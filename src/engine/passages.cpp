// What is said of an offering, as sentences that can be quoted.
#include "orkestr/engine/assistant.hpp"

#include "engine/text_words.hpp"
#include "orkestr/engine/mail.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace orkestr::inline v1 {
namespace {

using Topic = AssistantTopic;

constexpr std::string_view day_names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

std::string_view text_of(const json::Value& value) {
  const auto* text = value.if_string();
  return text != nullptr ? std::string_view{text->data(), text->size()} : std::string_view{};
}

std::string number_text(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) return std::to_string(static_cast<std::int64_t>(number));
  auto text = std::to_string(number);
  while (text.ends_with('0')) text.pop_back();
  return text;
}

std::string value_text(const json::Value& value) {
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_string()) return std::string{text_of(value)};
  if (value.is_number()) return number_text(value.to_number<double>());
  std::string all;
  if (const auto* items = value.if_array())
    for (const auto& item : *items)
      if (const auto text = text_of(item); !text.empty()) all.append(all.empty() ? "" : ", ").append(text);
  return all;
}

Topic topic_of(std::string_view key) {
  if (key == "capacity" || key == "seats") return Topic::capacity;
  if (key == "sqft" || key == "sqm" || key == "ceilingHeightFt") return Topic::size;
  if (key == "address" || key == "neighborhood" || key == "city" || key == "location" || key == "pickupArea") return Topic::place;
  return key == "durationMinutes" ? Topic::duration : Topic::none;
}

std::string_view per(const Offering& offering) {
  switch (offering.pricing_model) {
  case PricingModel::hourly: return " an hour";
  case PricingModel::daily: return " a day";
  case PricingModel::one_time: return "";
  case PricingModel::subscription: break;
  }
  switch (offering.billing_interval.value_or(BillingInterval::month)) {
  case BillingInterval::week: return " a week";
  case BillingInterval::month: return " a month";
  case BillingInterval::year: return " a year";
  }
  return "";
}

std::string span_text(int minutes) {
  const auto count = [](int n, std::string_view unit) { return std::to_string(n) + " " + std::string{unit} + (n == 1 ? "" : "s"); };
  if (minutes % 1440 == 0) return count(minutes / 1440, "day");
  if (minutes % 60 == 0) return count(minutes / 60, "hour");
  return count(minutes, "minute");
}

std::string policy_text(const CancellationPolicy& policy) {
  std::string text = "Cancellation: ";
  auto tiers = policy.tiers;
  std::ranges::sort(tiers, std::ranges::greater{}, &RefundTier::hours_before);
  bool any = false;
  for (const auto& tier : tiers) {
    if (tier.refund_percent == 0) continue;
    text += any ? ", " : "";
    text += std::to_string(tier.refund_percent) + "% is refunded ";
    text += tier.hours_before == 0 ? "until the start" : "until " + span_text(tier.hours_before * 60) + " before the start";
    any = true;
  }
  text += any ? "; nothing after that." : "nothing is refunded.";
  if (policy.grace_minutes > 0) text += " Everything is refunded within " + span_text(policy.grace_minutes) + " of booking.";
  return text;
}

/// "Monday to Friday 09:00–17:00, Sunday 10:00–12:00".
std::string hours_text(std::span<const AvailabilityRule> rules) {
  std::array<std::vector<std::string>, 7> days;
  for (const auto& rule : rules)
    if (rule.day_of_week >= 0 && rule.day_of_week < 7) {
      auto window = to_string(rule.start_time) + "–" + to_string(rule.end_time);
      auto& day = days[static_cast<std::size_t>(rule.day_of_week)];
      if (std::ranges::find(day, window) == day.end()) day.push_back(std::move(window));
    }
  for (auto& day : days) std::ranges::sort(day);
  std::string text;
  for (std::size_t i = 0; i < 7;) { // from Monday on
    const auto at = [](std::size_t n) { return (n + 1) % 7; };
    std::size_t end = i + 1;
    while (end < 7 && days[at(end)] == days[at(i)]) ++end;
    if (!days[at(i)].empty()) {
      text += text.empty() ? "" : ", ";
      text += day_names[at(i)];
      if (end - i > 1) text.append(end - i == 2 ? " and " : " to ").append(day_names[at(end - 1)]);
      for (std::size_t n = 0; n < days[at(i)].size(); ++n) text.append(n == 0 ? " " : " and ").append(days[at(i)][n]);
    }
    i = end;
  }
  return text;
}

} // namespace

std::vector<Passage> passages_of(const CatalogueEntry& entry, std::span<const ProductType> types) {
  const auto& offering = entry.offering;
  std::vector<Passage> all;
  const auto add = [&](PassageKind kind, Topic topic, std::string text) { all.push_back({kind, topic, std::move(text)}); };
  const auto fact = [&](Topic topic, std::string text) { add(PassageKind::fact, topic, std::move(text)); };

  add(PassageKind::title, Topic::none, offering.title);
  for (const auto sentence : sentences_of(offering.description)) add(PassageKind::description, Topic::none, std::string{sentence});

  const auto* type = find_product_type(types, offering.product_type_key);
  for (const auto& attribute : offering.attributes) {
    const std::string_view key{attribute.key().data(), attribute.key().size()};
    if (key == "latitude" || key == "longitude") continue;
    const AttributeSpec* spec = nullptr;
    if (type != nullptr) {
      const auto found = std::ranges::find(type->attributes, key, &AttributeSpec::key);
      if (found != type->attributes.end()) spec = &*found;
    }
    auto value = value_text(attribute.value());
    if (value.empty()) continue;
    if (key == "depositCents") value = plain_money(attribute.value().to_number<Amount>(), offering.currency);
    fact(topic_of(key), (spec != nullptr ? spec->label : std::string{key}) + ": " + value);
  }
  if (!offering.categories.empty()) {
    std::string names;
    for (const auto& category : offering.categories) names.append(names.empty() ? "" : ", ").append(category);
    fact(Topic::none, "Categories: " + names);
  }
  fact(Topic::price, "Price: " + plain_money(offering.base_price_cents, offering.currency) + std::string{per(offering)} +
                         (offering.tax_rate_bps == 0 ? ""
                          : offering.tax_inclusive   ? ", tax included"
                                                     : ", plus tax"));
  fact(Topic::cancellation, policy_text(offering.cancellation_policy));
  if (const auto hours = hours_text(entry.rules); !hours.empty()) fact(Topic::hours, "Open: " + hours);
  if (offering.min_duration_minutes || offering.max_duration_minutes) {
    std::string text = "Length of a booking: ";
    if (offering.min_duration_minutes) text += "at least " + span_text(*offering.min_duration_minutes);
    if (offering.max_duration_minutes)
      text += std::string{offering.min_duration_minutes ? ", " : ""} + "at most " + span_text(*offering.max_duration_minutes);
    fact(Topic::duration, std::move(text));
  }
  fact(Topic::approval,
       std::string{"Bookings are confirmed "} + (offering.auto_approve ? "at once." : "once the provider has approved them."));
  fact(Topic::changes,
       std::string{"Rescheduling: "} + (offering.reschedule_allowed ? "a booking can be moved." : "a booking can't be moved."));
  if (offering.min_notice_minutes > 0) fact(Topic::notice, "Notice: book at least " + span_text(offering.min_notice_minutes) + " ahead.");
  for (const auto& review : entry.reviews)
    for (const auto* text : {&review.title, &review.text})
      if (*text)
        for (const auto sentence : sentences_of(**text)) add(PassageKind::review, Topic::none, std::string{sentence});
  return all;
}

} // namespace orkestr::inline v1
