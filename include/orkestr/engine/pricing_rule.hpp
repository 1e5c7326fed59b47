// Dynamic pricing: rules that change the rate of an offering at certain times, by lead time or by how full it is.
#pragma once

#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1 {

/// PERCENT adds `value` percent, FIXED adds `value` minor units, OVERRIDE replaces the rate by `value`.
enum class AdjustKind { percent, fixed, override_rate };

/// Days of the week, 0 = Sunday … 6; empty stands for all of them.
struct DaySet {
  std::uint8_t bits = 0;

  [[nodiscard]] static constexpr DaySet of(std::initializer_list<int> days) {
    DaySet set;
    for (int day : days) set.add(day);
    return set;
  }
  constexpr void add(int day) { bits = static_cast<std::uint8_t>(bits | 1U << day); }
  [[nodiscard]] constexpr bool contains(int day) const { return (bits >> day & 1U) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits == 0; }
  friend bool operator==(const DaySet&, const DaySet&) = default;
};

/// Half-open on the wall clock; `to` ≤ `from` runs past midnight, and then belongs to the day on which it began.
struct LocalTimeRange {
  LocalTime from, to;
};
/// Both inclusive, either may be open.
struct LocalDateRange {
  std::optional<LocalDate> from, to;
};
/// min ≤ x < max, either may be open, so that neighbouring rules share no value.
struct NumberRange {
  std::optional<int> min, max;
};

/// All that are given must hold.
struct PricingConditions {
  DaySet days_of_week;
  std::optional<LocalTimeRange> local_time_range;
  std::optional<LocalDateRange> local_date_range;
  std::optional<NumberRange> lead_time_hours; ///< from now to the start of the booking
  std::optional<NumberRange> occupancy_pct;   ///< of the capacity, before this booking
};

struct PriceAdjustment {
  AdjustKind kind = AdjustKind::percent;
  std::int64_t value = 0;
};

struct PricingRule {
  PricingRuleId id;
  OfferingId offering_id;
  std::string name;
  int priority = 0; ///< rising: the highest has the last word; ties by id
  bool active = true;
  PricingConditions when;
  PriceAdjustment adjust;
  Instant created_at;
};

inline constexpr std::size_t max_pricing_rules_per_offering = 50;

/// Checks what single fields can't say. @thread_safety pure
void validate(const PricingRule& rule, json::Reader& reader);

/// Whether the rule's days, times and dates hold at a wall time; lead time and occupancy are not looked at.
[[nodiscard]] bool holds_at(const PricingConditions& when, LocalDateTime wall);

/// Whether lead time and occupancy hold. @param lead  from now to the start; may be negative
[[nodiscard]] bool holds_for(const PricingConditions& when, milliseconds lead, std::int64_t taken, std::int64_t capacity);

namespace json {
template <> struct EnumNames<AdjustKind> { static constexpr std::array<std::string_view, 3> names{"PERCENT", "FIXED", "OVERRIDE"}; };
template <> struct Codec<DaySet> {
  static constexpr Kind kind = Kind::array;
  static void write(Writer& w, DaySet v);
  static bool read(Reader& r, const Value& v, DaySet& target, const Limits& limits);
};
template <> struct Schema<LocalTimeRange> {
  static constexpr auto fields =
      std::make_tuple(field("from", &LocalTimeRange::from, required_writable), field("to", &LocalTimeRange::to, required_writable));
};
template <> struct Schema<LocalDateRange> {
  static constexpr auto fields =
      std::make_tuple(field("from", &LocalDateRange::from, writable), field("to", &LocalDateRange::to, writable));
};
template <> struct Schema<NumberRange> {
  static constexpr Limits bound{0, 100'000};
  static constexpr auto fields =
      std::make_tuple(field("min", &NumberRange::min, writable, bound), field("max", &NumberRange::max, writable, bound));
};
template <> struct Schema<PricingConditions> {
  using T = PricingConditions;
  static constexpr auto fields =
      std::make_tuple(field("daysOfWeek", &T::days_of_week, writable, {0, 7}), field("localTimeRange", &T::local_time_range, writable),
                      field("localDateRange", &T::local_date_range, writable), field("leadTimeHours", &T::lead_time_hours, writable),
                      field("occupancyPct", &T::occupancy_pct, writable));
};
template <> struct Schema<PriceAdjustment> {
  static constexpr auto fields =
      std::make_tuple(field("kind", &PriceAdjustment::kind, required_writable),
                      field("value", &PriceAdjustment::value, required_writable, {-1'000'000'000'000, 1'000'000'000'000}));
};
template <> struct Schema<PricingRule> {
  using T = PricingRule;
  static constexpr auto fields = std::make_tuple(
      field("id", &T::id, out), field("offeringId", &T::offering_id, out), field("name", &T::name, required_writable, {1, 100}),
      field("priority", &T::priority, writable, {-1000, 1000}), field("active", &T::active, writable), field("when", &T::when, writable),
      field("adjust", &T::adjust, required_writable), field("createdAt", &T::created_at, out));
};
} // namespace json
} // namespace orkestr::inline v1
