#include "orkestr/engine/pricing_rule.hpp"

namespace orkestr::inline v1 {

void validate(const PricingRule& rule, json::Reader& reader) {
  {
    const json::Reader::Step step(reader, "adjust");
    if (rule.adjust.kind == AdjustKind::percent && rule.adjust.value < -100)
      reader.fault_at("value", "too_small", "PERCENT takes off 100 at most.");
    if (rule.adjust.kind == AdjustKind::percent && rule.adjust.value > 1000)
      reader.fault_at("value", "too_large", "PERCENT adds 1000 at most.");
    if (rule.adjust.kind == AdjustKind::override_rate && rule.adjust.value < 0)
      reader.fault_at("value", "too_small", "A rate is at least 0.");
  }
  const json::Reader::Step step(reader, "when");
  const auto ordered = [&](std::string_view name, const auto& range, std::string_view low, std::string_view high, bool equal_allowed) {
    if (!range) return;
    const json::Reader::Step inner(reader, name);
    const auto& [from, to] = *range;
    if (!from && !to) reader.fault("required", "Give " + std::string{low} + ", " + std::string{high} + " or both.");
    if (from && to && (*to < *from || (*to == *from && !equal_allowed)))
      reader.fault_at(high, "conflict",
                      std::string{high} + " must " + (equal_allowed ? "not be before " : "be above ") + std::string{low} + ".");
  };
  ordered("localDateRange", rule.when.local_date_range, "from", "to", true);
  ordered("leadTimeHours", rule.when.lead_time_hours, "min", "max", false);
  ordered("occupancyPct", rule.when.occupancy_pct, "min", "max", false);
  if (rule.when.local_time_range && rule.when.local_time_range->from.minutes == 1440)
    reader.fault_at("localTimeRange", "conflict", "A range can't start at 24:00; use 00:00.");
}

bool holds_at(const PricingConditions& when, LocalDateTime wall) {
  LocalDate date = wall.date();
  if (when.local_time_range) {
    const std::int64_t second = wall.second_of_day();
    const std::int64_t from = when.local_time_range->from.minutes * 60, to = when.local_time_range->to.minutes * 60;
    if (from < to) {
      if (second < from || second >= to) return false;
    } else if (second < to) {
      date = date + -1;
    } else if (second < from) {
      return false;
    }
  }
  if (!when.days_of_week.empty() && !when.days_of_week.contains(date.day_of_week())) return false;
  if (!when.local_date_range) return true;
  const auto& dates = *when.local_date_range;
  return (!dates.from || *dates.from <= date) && (!dates.to || date <= *dates.to);
}

bool holds_for(const PricingConditions& when, milliseconds lead, std::int64_t taken, std::int64_t capacity) {
  if (const auto& hours = when.lead_time_hours) {
    if (hours->min && lead < std::chrono::hours{*hours->min}) return false;
    if (hours->max && lead >= std::chrono::hours{*hours->max}) return false;
  }
  if (const auto& percent = when.occupancy_pct) {
    // taken ÷ capacity against a percentage, without a division; nothing to fill is nothing filled.
    const std::int64_t share = capacity > 0 ? taken * 100 : 0, whole = capacity > 0 ? capacity : 1;
    if (percent->min && share < *percent->min * whole) return false;
    if (percent->max && share >= *percent->max * whole) return false;
  }
  return true;
}

namespace json {

void Codec<DaySet>::write(Writer& w, DaySet v) {
  w.begin_array();
  for (int day = 0; day < 7; ++day)
    if (v.contains(day)) w.integer(day);
  w.end_array();
}

bool Codec<DaySet>::read(Reader& r, const Value& v, DaySet& target, const Limits& limits) {
  const auto* array = v.if_array();
  if (array == nullptr) return wrong_type(r, "an array");
  if (!check_count(r, array->size(), limits)) return false;
  DaySet days;
  bool ok = true;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Reader::Step step(r, i);
    int day = 0;
    if (!Codec<int>::read(r, (*array)[i], day, {0, 6}))
      ok = false;
    else
      days.add(day);
  }
  if (ok) target = days;
  return ok;
}

} // namespace json
} // namespace orkestr::inline v1
