#include "orkestr/engine/pricing.hpp"

namespace orkestr::inline v1 {
namespace {

struct Unit {
  Amount cents;
  std::string label;
};

Result<Unit> unit_price(const Offering& offering, Interval interval) {
  const Amount base = offering.base_price_cents;
  switch (offering.pricing_model) {
  case PricingModel::hourly: {
    const std::int64_t minutes = interval.length().count() / 60'000;
    ORKESTR_TRY(const Amount cents, multiply_divide(base, minutes, 60));
    return Unit{cents, std::to_string(minutes) + " min by the hour"};
  }
  case PricingModel::daily: {
    ORKESTR_TRY(const Zone zone, Zone::find(offering.time_zone));
    const std::int64_t days = days_touched(zone, interval);
    ORKESTR_TRY(const Amount cents, multiply(base, days));
    return Unit{cents, std::to_string(days) + (days == 1 ? " day" : " days")};
  }
  case PricingModel::one_time: return Unit{base, "Once"};
  case PricingModel::subscription: break;
  }
  static constexpr std::string_view periods[] = {"First week", "First month", "First year"};
  return Unit{base, std::string{periods[static_cast<int>(offering.billing_interval.value_or(BillingInterval::month))]}};
}

} // namespace

std::int64_t days_touched(Zone zone, Interval interval) {
  ZoneClock clock(zone);
  const LocalDateTime from = clock.to_local(interval.start), to = clock.to_local(interval.end);
  const std::int64_t apart = to.date().days - from.date().days;
  if (apart == 0) return 1;
  // Where clocks skip midnight, the day's first instant stands for it; 01:00 there is no later than 00:00 elsewhere.
  const auto time_of_day = [&](Instant instant, LocalDateTime wall) {
    return clock.to_instant(LocalDateTime::of(wall.date(), {0})) == instant ? 0 : wall.second_of_day();
  };
  return time_of_day(interval.end, to) <= time_of_day(interval.start, from) ? apart : apart + 1;
}

Result<Quote> quote(const Offering& offering, Interval interval, int quantity, Amount discount_cents) {
  ORKESTR_TRY(auto unit, unit_price(offering, interval));
  ORKESTR_TRY(const Amount subtotal, multiply(unit.cents, quantity));
  Quote quote;
  quote.currency = offering.currency;
  quote.lines.push_back({offering.title + ", " + unit.label, unit.cents, quantity, subtotal, 0, 0, 0});
  quote.subtotal_cents = subtotal;
  quote.discount_cents = discount_cents < subtotal ? discount_cents : subtotal;

  std::vector<Amount> weights;
  for (const auto& line : quote.lines) weights.push_back(line.subtotal_cents);
  const auto discounts = allocate(quote.discount_cents, weights);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= discounts[i];

  const Amount net = subtotal - quote.discount_cents;
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

Result<Quote> quote(const Offering& offering, Interval interval, int quantity, const Coupon& coupon, std::int64_t customer_redemptions,
                    Instant now) {
  ORKESTR_TRY(const Quote plain, quote(offering, interval, quantity));
  ORKESTR_TRY(const Amount off, discount(coupon, {offering.id, plain.subtotal_cents, plain.currency, customer_redemptions}, now));
  return quote(offering, interval, quantity, off);
}

} // namespace orkestr::inline v1
