#include "orkestr/engine/pricing.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <numeric>

namespace orkestr::inline v1 {
namespace {

__extension__ using Wide = __int128;
using Big = boost::multiprecision::cpp_int;

Error overflow() { return fail(Code::amount_overflow, "The price is too large to be represented."); }

// Wide serves nearly always; what outgrows it is done once more in Big.
bool multiply_into(Wide& to, const Wide& a, std::int64_t b) { return !__builtin_mul_overflow(a, static_cast<Wide>(b), &to); }
bool add_into(Wide& to, const Wide& a, const Wide& b) { return !__builtin_add_overflow(a, b, &to); }
bool multiply_into(Big& to, const Big& a, std::int64_t b) { return to = a * b, true; }
bool add_into(Big& to, const Big& a, const Big& b) { return to = a + b, true; }

/// An exact rate of at least 0, as a reduced fraction. Functions that outgrow Int return nullopt.
template <class Int> struct Rate {
  Int top = 0, bottom = 1;

  [[nodiscard]] static Rate of(Amount amount) { return {Int{std::max<Amount>(amount, 0)}, 1}; }

  [[nodiscard]] std::optional<Rate> scaled(std::int64_t by, std::int64_t per) const {
    Rate next;
    if (!multiply_into(next.top, top, by) || !multiply_into(next.bottom, bottom, per)) return std::nullopt;
    return next.settled();
  }
  [[nodiscard]] std::optional<Rate> plus(Amount amount) const {
    Rate next{0, bottom};
    if (!multiply_into(next.top, bottom, amount) || !add_into(next.top, next.top, top)) return std::nullopt;
    return next.settled();
  }
  [[nodiscard]] bool below(Amount amount) const { return top / bottom < amount; }
  [[nodiscard]] bool above(Amount amount) const { return top / bottom > amount || (top / bottom == amount && top % bottom > 0); }

  /// rate × count ÷ per, rounded half away from zero; nullopt also when that is no Amount.
  [[nodiscard]] std::optional<Amount> times(std::int64_t count, std::int64_t per) const {
    const auto exact = scaled(count, per);
    if (!exact) return std::nullopt;
    // NOLINTNEXTLINE(clang-analyzer-core.DivideZero): the bottom of a reduced fraction is positive
    const Int whole = exact->top / exact->bottom, rest = exact->top % exact->bottom;
    const Int rounded = whole + (rest >= exact->bottom - rest ? 1 : 0);
    if (rounded > std::numeric_limits<Amount>::max()) return std::nullopt;
    return static_cast<Amount>(rounded);
  }

 private:
  [[nodiscard]] Rate settled() const {
    if (top <= 0) return {0, 1};
    Int a = top, b = bottom;
    while (b != 0) {
      Int rest = a % b;
      a = std::move(b);
      b = std::move(rest);
    }
    return {top / a, bottom / a};
  }
};

using Applied = std::vector<const PricingRule*>;

/// A part of the booking under one set of rules: `count` of what the rate is for, divided by `per`.
struct Stretch {
  std::int64_t count = 1, per = 1;
  Applied rules;
};

/// The active rules whose lead time and occupancy hold, in the order in which they apply.
Applied candidates(const PriceFactors& factors, Instant start) {
  Applied rules;
  for (const auto& rule : factors.rules)
    if (rule.active && holds_for(rule.when, start - factors.now, factors.taken, factors.capacity)) rules.push_back(&rule);
  std::ranges::sort(rules, {}, [](const PricingRule* rule) { return std::pair{rule->priority, rule->id.view()}; });
  return rules;
}

Applied holding(const Applied& rules, LocalDateTime wall) {
  Applied now;
  for (const auto* rule : rules)
    if (holds_at(rule->when, wall)) now.push_back(rule);
  return now;
}

void join(std::vector<Stretch>& stretches, Stretch next) {
  if (!stretches.empty() && stretches.back().rules == next.rules)
    stretches.back().count += next.count;
  else
    stretches.push_back(std::move(next));
}

/// The instants within the interval at which some rule may start or stop: local midnights, ends of time ranges, and
/// where the clocks change.
std::vector<Instant> boundaries(const Applied& rules, ZoneClock& clock, Interval interval) {
  std::vector<int> times{0};
  for (const auto* rule : rules)
    if (const auto& range = rule->when.local_time_range) times.insert(times.end(), {range->from.minutes, range->to.minutes});
  std::ranges::sort(times);
  times.erase(std::unique(times.begin(), times.end()), times.end());

  std::vector<Instant> all{interval.start};
  const auto add = [&](Instant at) {
    if (interval.start < at && at < interval.end) all.push_back(at);
  };
  const LocalDate last = clock.to_local(interval.end).date() + 1;
  for (LocalDate date = clock.to_local(interval.start).date() + -1; date <= last; date = date + 1)
    for (int minutes : times)
      for (auto pick : {Ambiguous::earlier, Ambiguous::later})
        add(clock.to_instant(LocalDateTime::of(date, {static_cast<std::int16_t>(minutes)}), pick));
  for (Instant at = clock.next_change(interval.start); at < interval.end; at = clock.next_change(at)) add(at);
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  all.push_back(interval.end);
  return all;
}

constexpr std::int64_t ms_per_hour = 3'600'000;

Result<std::vector<Stretch>> stretches_of(const Offering& offering, Interval interval, const Applied& rules) {
  std::vector<Stretch> stretches;
  if (offering.pricing_model == PricingModel::hourly && rules.empty()) {
    stretches.push_back({interval.length().count(), ms_per_hour, {}});
    return stretches;
  }
  ORKESTR_TRY(const Zone zone, Zone::find(offering.time_zone));
  ZoneClock clock(zone);
  const LocalDateTime start = clock.to_local(interval.start);
  switch (offering.pricing_model) {
  case PricingModel::hourly: {
    const auto cuts = boundaries(rules, clock, interval);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
      join(stretches, {(cuts[i + 1] - cuts[i]).count(), ms_per_hour, holding(rules, clock.to_local(cuts[i]))});
    break;
  }
  case PricingModel::daily: {
    const std::int64_t days = days_touched(zone, interval);
    for (std::int64_t day = 0; day < days; ++day) join(stretches, {1, 1, holding(rules, {start.seconds + day * 86'400})});
    break;
  }
  case PricingModel::one_time:
  case PricingModel::subscription: stretches.push_back({1, 1, holding(rules, start)}); break;
  }
  return stretches;
}

std::string label_of(const Offering& offering, const Stretch& stretch) {
  switch (offering.pricing_model) {
  case PricingModel::hourly: return std::to_string(stretch.count / 60'000) + " min by the hour";
  case PricingModel::daily: return std::to_string(stretch.count) + (stretch.count == 1 ? " day" : " days");
  case PricingModel::one_time: return "Once";
  case PricingModel::subscription: break;
  }
  static constexpr std::string_view periods[] = {"First week", "First month", "First year"};
  return std::string{periods[static_cast<int>(offering.billing_interval.value_or(BillingInterval::month))]};
}

template <class Int> std::optional<Rate<Int>> adjusted(const Rate<Int>& rate, const PriceAdjustment& adjust) {
  switch (adjust.kind) {
  case AdjustKind::percent: return rate.scaled(100 + adjust.value, 100);
  case AdjustKind::fixed: return rate.plus(adjust.value);
  case AdjustKind::override_rate: break;
  }
  return Rate<Int>::of(adjust.value);
}

/// Notes how a line's unit price comes about: each step is what it changed in the rounded price. @returns false on overflow
template <class Int> bool price_into(PriceLine& line, const Offering& offering, const Stretch& stretch) {
  auto rate = Rate<Int>::of(offering.base_price_cents);
  line.steps.clear();
  line.unit_cents = 0;
  const auto note = [&](std::string_view label, std::optional<PricingRuleId> rule) {
    const auto price = rate.times(stretch.count, stretch.per);
    if (!price) return false;
    line.steps.push_back({std::string{label}, rule, *price - line.unit_cents});
    line.unit_cents = *price;
    return true;
  };
  const auto bound = [&](std::optional<Amount> limit, bool passed, std::string_view label) {
    if (!limit || !passed) return true;
    rate = Rate<Int>::of(*limit);
    return note(label, {});
  };
  if (!note("Base price", {})) return false;
  for (const auto* rule : stretch.rules) {
    auto next = adjusted(rate, rule->adjust);
    if (!next) return false;
    rate = std::move(*next);
    if (!note(rule->name, rule->id)) return false;
  }
  return bound(offering.min_price_cents, offering.min_price_cents && rate.below(*offering.min_price_cents), "Lowest price") &&
         bound(offering.max_price_cents, offering.max_price_cents && rate.above(*offering.max_price_cents), "Highest price");
}

Result<PriceLine> line_of(const Offering& offering, const Stretch& stretch, int quantity) {
  PriceLine line;
  line.quantity = quantity;
  line.label = offering.title + ", " + label_of(offering, stretch);
  for (const auto* rule : stretch.rules) line.label += ", " + rule->name;
  if (!price_into<Wide>(line, offering, stretch) && !price_into<Big>(line, offering, stretch)) return overflow();
  ORKESTR_TRY(line.subtotal_cents, multiply(line.unit_cents, quantity));
  return line;
}

} // namespace

Amount Quote::unit_cents() const {
  return std::accumulate(lines.begin(), lines.end(), Amount{0}, [](Amount sum, const PriceLine& line) { return sum + line.unit_cents; });
}

std::int64_t days_touched(Zone zone, Interval interval) {
  ZoneClock clock(zone);
  const LocalDateTime from = clock.to_local(interval.start), to = clock.to_local(interval.end);
  const std::int64_t apart = to.date().days - from.date().days;
  if (apart == 0) return 1;
  // Where clocks skip midnight, the day's first instant stands for it; 01:00 there is no later than 00:00 elsewhere.
  const auto time_of_day = [&](Instant instant, LocalDateTime wall) {
    return clock.to_instant(LocalDateTime::of(wall.date(), {0})) == instant ? 0 : wall.second_of_day();
  };
  // Where clocks return to the day before, the end can stand on an earlier date than the start: a day is paid all the same.
  return std::max<std::int64_t>(1, time_of_day(interval.end, to) <= time_of_day(interval.start, from) ? apart : apart + 1);
}

Result<Quote> quote(const Offering& offering, Interval interval, int quantity, const PriceFactors& factors, Amount discount_cents) {
  Quote quote;
  quote.currency = offering.currency;
  ORKESTR_TRY(const auto stretches, stretches_of(offering, interval, candidates(factors, interval.start)));
  std::vector<Amount> weights;
  for (const auto& stretch : stretches) {
    ORKESTR_TRY(auto line, line_of(offering, stretch, quantity));
    ORKESTR_TRY(quote.subtotal_cents, add(quote.subtotal_cents, line.subtotal_cents));
    weights.push_back(line.subtotal_cents);
    quote.lines.push_back(std::move(line));
  }
  quote.discount_cents = std::min(discount_cents, quote.subtotal_cents);
  const auto discounts = allocate(quote.discount_cents, weights);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= discounts[i];

  const Amount net = quote.subtotal_cents - quote.discount_cents;
  const std::int64_t rate = offering.tax_rate_bps;
  ORKESTR_TRY(quote.tax_cents, multiply_divide(net, rate, offering.tax_inclusive ? bps_per_whole + rate : bps_per_whole));
  const auto taxes = allocate(quote.tax_cents, weights);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    auto& line = quote.lines[i];
    line.discount_cents = discounts[i];
    line.tax_cents = taxes[i];
    ORKESTR_TRY(line.total_cents, add(weights[i], offering.tax_inclusive ? 0 : taxes[i]));
  }
  ORKESTR_TRY(quote.total_cents, add(net, offering.tax_inclusive ? 0 : quote.tax_cents));
  return quote;
}

Result<Quote> quote(const Offering& offering, Interval interval, int quantity, const PriceFactors& factors, const Coupon& coupon,
                    std::int64_t customer_redemptions) {
  ORKESTR_TRY(const Quote plain, quote(offering, interval, quantity, factors));
  ORKESTR_TRY(const Amount off, discount(coupon, {offering.id, plain.subtotal_cents, plain.currency, customer_redemptions}, factors.now));
  return quote(offering, interval, quantity, factors, off);
}

} // namespace orkestr::inline v1
