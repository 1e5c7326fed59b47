// Prices a booking with dynamic rules, a coupon and tax, and prints how each figure came about. The engine alone.
//
//   cmake --build --preset dev --target example_quote && build/dev/examples/example_quote
#include <orkestr/engine/pricing.hpp>
#include <orkestr/ports/random.hpp>

#include <cstdio>

using namespace orkestr;

namespace {

const Instant now = *Instant::parse("2026-05-15T12:00:00Z");

PricingRule rule(std::string name, int priority, PricingConditions when, PriceAdjustment adjust) {
  static SeededRandom random(1);
  static IdMinter ids(random);
  PricingRule made;
  made.id = ids.make<PricingRuleId>(now);
  made.name = std::move(name);
  made.priority = priority;
  made.when = when;
  made.adjust = adjust;
  return made;
}

std::string money(Amount cents) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%02lld", static_cast<long long>(cents / 100), static_cast<long long>(std::abs(cents % 100)));
  return (cents < 0 && cents > -100 ? "-" : "") + std::string{text};
}

} // namespace

int main() {
  Offering loft;
  loft.title = "Soho Loft";
  loft.time_zone = "America/New_York";
  loft.base_price_cents = 12'000; // an hour
  loft.max_price_cents = 18'000;  // rules push the rate no further
  loft.tax_rate_bps = 888;        // 8.88 %, on top

  PricingConditions weekend, evening, last_minute;
  weekend.days_of_week = DaySet::of({0, 6});
  evening.local_time_range = {*LocalTime::parse("18:00"), *LocalTime::parse("23:00")};
  last_minute.lead_time_hours = {std::nullopt, 48};
  last_minute.occupancy_pct = {std::nullopt, 50};
  const std::vector<PricingRule> rules{rule("Weekend", 1, weekend, {AdjustKind::percent, 25}),
                                       rule("Evening", 2, evening, {AdjustKind::fixed, 6'000}),
                                       rule("Last minute, half empty", 3, last_minute, {AdjustKind::percent, -10})};

  Coupon coupon;
  coupon.code = "SUMMER25";
  coupon.amount = 25;

  // Saturday, 16:00 to 20:00 there, two units, while one of eight is taken.
  const Interval saturday{*Instant::parse("2026-05-16T20:00:00Z"), *Instant::parse("2026-05-17T00:00:00Z")};
  const PriceFactors factors{rules, now, 1, 8};
  const auto priced = quote(loft, saturday, 2, factors, coupon, 0);
  if (!priced) return std::fprintf(stderr, "%s\n", priced.error().detail.c_str()), 1;

  for (const auto& line : priced->lines) {
    std::printf("%s\n", line.label.c_str());
    for (const auto& step : line.steps) std::printf("    %-28s %10s\n", step.label.c_str(), money(step.amount_cents).c_str());
    std::printf("    = %s x %d %27s\n", money(line.unit_cents).c_str(), line.quantity, money(line.subtotal_cents).c_str());
    std::printf("    discount %s, tax %s, to pay %s\n", money(line.discount_cents).c_str(), money(line.tax_cents).c_str(),
                money(line.total_cents).c_str());
  }
  std::printf("\n%-16s%10s\n", "Subtotal", money(priced->subtotal_cents).c_str());
  std::printf("%-16s%10s\n", coupon.code.c_str(), money(-priced->discount_cents).c_str());
  std::printf("%-16s%10s\n", "Tax", money(priced->tax_cents).c_str());
  std::printf("%-16s%10s %s\n", "Total", money(priced->total_cents).c_str(), std::string{priced->currency.code()}.c_str());
}
