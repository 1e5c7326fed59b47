#include "orkestr/engine/pricing.hpp"
#include "orkestr/ports/random.hpp"

#include "engine/fixtures.hpp"

using namespace fixtures;

namespace {

Offering offering(PricingModel model, Amount price, std::string_view currency = "USD") {
  Offering offering;
  offering.title = "Studio";
  offering.pricing_model = model;
  offering.base_price_cents = price;
  offering.currency = Currency::parse(currency).value();
  return offering;
}

const Interval one_hour = span("2026-05-12T15:00:00Z", "2026-05-12T16:00:00Z");

Coupon percent(std::int64_t amount) {
  Coupon coupon;
  coupon.amount = amount;
  return coupon;
}

PriceFactors at_time(Instant now) {
  PriceFactors factors;
  factors.now = now;
  return factors;
}

/// `subtotal discount tax total`, or the error's code.
std::string figures(const Result<Quote>& quote) {
  if (!quote) return outcome(quote);
  std::string text;
  for (auto amount : {quote->subtotal_cents, quote->discount_cents, quote->tax_cents, quote->total_cents})
    text.append(text.empty() ? "" : " ").append(std::to_string(amount));
  return text;
}

std::string price(const Offering& offering, Interval interval, int quantity = 1, Amount discount = 0) {
  return figures(quote(offering, interval, quantity, {}, discount));
}

} // namespace

TEST_CASE("HOURLY is priced by the minute and rounded once") {
  const auto at_rate = [](Amount rate, int minutes, int quantity = 1) {
    return price(offering(PricingModel::hourly, rate), {one_hour.start, one_hour.start + std::chrono::minutes{minutes}}, quantity);
  };
  CHECK(at_rate(4500, 60) == "4500 0 0 4500");
  CHECK(at_rate(4500, 90) == "6750 0 0 6750");
  CHECK(at_rate(100, 20) == "33 0 0 33");
  CHECK(at_rate(100, 40) == "67 0 0 67");
  CHECK(at_rate(1, 30) == "1 0 0 1"); // half a cent, away from zero
  CHECK(at_rate(1, 29) == "0 0 0 0");
  CHECK(at_rate(100, 20, 3) == "99 0 0 99"); // the unit is rounded, then multiplied
  CHECK(at_rate(0, 60, 7) == "0 0 0 0");
}

TEST_CASE("an hour is an hour of elapsed time, also when the clock changes") {
  auto night = offering(PricingModel::hourly, 1000);
  night.time_zone = "America/New_York";
  CHECK(price(night, span("2026-11-01T00:00:00-04:00", "2026-11-01T04:00:00-05:00")) == "5000 0 0 5000");
  CHECK(price(night, span("2026-03-08T00:00:00-05:00", "2026-03-08T04:00:00-04:00")) == "3000 0 0 3000");
}

TEST_CASE("DAILY counts local calendar days touched") {
  struct Row {
    std::string_view zone, from, to;
    std::int64_t days;
  };
  static constexpr Row table[] = {
      {"UTC", "2026-05-12T14:00:00Z", "2026-05-14T11:00:00Z", 2}, // out before the hour of coming
      {"UTC", "2026-05-12T14:00:00Z", "2026-05-14T14:00:00Z", 2}, // at it
      {"UTC", "2026-05-12T14:00:00Z", "2026-05-14T14:01:00Z", 3}, // after it
      {"UTC", "2026-05-12T09:00:00Z", "2026-05-12T10:00:00Z", 1}, // within a day
      {"UTC", "2026-05-12T00:00:00Z", "2026-05-13T00:00:00Z", 1}, // a whole day
      {"UTC", "2026-05-12T23:00:00Z", "2026-05-13T01:00:00Z", 1}, // a night
      {"UTC", "2026-05-12T23:00:00Z", "2026-05-13T23:30:00Z", 2},
      {"UTC", "2026-02-27T12:00:00Z", "2026-03-02T12:00:00Z", 3},
      {"Asia/Tokyo", "2026-05-12T14:00:00Z", "2026-05-12T16:00:00Z", 1},                 // 23:00 to 01:00 there
      {"America/New_York", "2026-03-07T12:00:00-05:00", "2026-03-09T12:00:00-04:00", 2}, // 47 hours
      {"America/New_York", "2026-10-31T12:00:00-04:00", "2026-11-02T12:00:00-05:00", 2}, // 49 hours
      {"America/New_York", "2026-10-31T12:00:00-04:00", "2026-11-02T12:30:00-05:00", 3},
      // 2024-04-26 begins at 01:00 in Cairo: leaving then is leaving when the day before ends.
      {"Africa/Cairo", "2024-04-24T00:00:00+02:00", "2024-04-26T01:00:00+03:00", 2},
      {"Africa/Cairo", "2024-04-26T01:00:00+03:00", "2024-04-28T00:00:00+03:00", 2},
      {"Africa/Cairo", "2024-04-24T00:00:00+02:00", "2024-04-26T01:30:00+03:00", 3},
      {"Africa/Cairo", "2024-04-24T00:00:00+02:00", "2024-04-25T01:00:00+02:00", 2}, // any other 01:00 is in the day
      // Casey's clocks went from 02:00 on 5 March 2010 back to 23:00 on the 4th: the end stands on the day before the start.
      {"Antarctica/Casey", "2010-03-05T01:30:00+11:00", "2010-03-04T23:00:00+08:00", 1},
      {"Antarctica/Casey", "2010-03-05T00:00:00+11:00", "2010-03-04T23:30:00+08:00", 1},
  };
  for (const auto& row : table) {
    CAPTURE(row.from);
    CAPTURE(row.to);
    CHECK(days_touched(zone(row.zone), span(row.from, row.to)) == row.days);
    auto stay = offering(PricingModel::daily, 10'000);
    stay.time_zone = row.zone;
    const std::string subtotal = std::to_string(row.days * 10'000 * 2);
    CHECK(price(stay, span(row.from, row.to), 2) == subtotal + " 0 0 " + subtotal);
  }
}

TEST_CASE("ONE_TIME and SUBSCRIPTION cost their price once, however long they are") {
  const Interval month = span("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z");
  CHECK(price(offering(PricingModel::one_time, 2500), month, 3) == "7500 0 0 7500");
  auto plan = offering(PricingModel::subscription, 2500);
  for (auto [interval, label] :
       {std::pair{BillingInterval::week, "week"}, {BillingInterval::month, "month"}, {BillingInterval::year, "year"}}) {
    plan.billing_interval = interval;
    CHECK(price(plan, month, 2) == "5000 0 0 5000");
    CHECK(quote(plan, month, 1)->lines.at(0).label.find(label) != std::string::npos);
  }
}

TEST_CASE("tax comes on top of the net, or is contained in it") {
  auto taxed = offering(PricingModel::one_time, 10'000);
  taxed.tax_rate_bps = 1900;
  CHECK(price(taxed, one_hour) == "10000 0 1900 11900");
  CHECK(price(taxed, one_hour, 1, 1000) == "10000 1000 1710 10710");
  taxed.tax_inclusive = true;
  CHECK(price(taxed, one_hour) == "10000 0 1597 10000"); // 1596.64
  CHECK(price(taxed, one_hour, 1, 1000) == "10000 1000 1437 9000");
  taxed.tax_rate_bps = 10'000;
  CHECK(price(taxed, one_hour) == "10000 0 5000 10000");
  taxed.tax_rate_bps = 0;
  CHECK(price(taxed, one_hour) == "10000 0 0 10000");
}

TEST_CASE("case 13: the figures that went wrong elsewhere") {
  const Instant now = one_hour.start;
  auto inclusive = offering(PricingModel::one_time, 2390);
  inclusive.tax_rate_bps = 1900;
  inclusive.tax_inclusive = true;
  CHECK(figures(quote(inclusive, one_hour, 10, at_time(now), percent(25), 0)) == "23900 5975 2862 17925");

  auto exclusive = offering(PricingModel::one_time, 1150);
  exclusive.tax_rate_bps = 1500;
  CHECK(figures(quote(exclusive, one_hour, 2, at_time(now), percent(100), 0)) == "2300 2300 0 0");
  CHECK(figures(quote(exclusive, one_hour, 2)) == "2300 0 345 2645");

  CHECK(figures(quote(offering(PricingModel::one_time, 101, "JPY"), one_hour, 1, at_time(now), percent(50), 0)) == "101 51 0 50");
  auto dinar = offering(PricingModel::hourly, 1250, "KWD"); // 1.250
  dinar.tax_rate_bps = 500;
  const auto half = quote(dinar, {one_hour.start, one_hour.start + std::chrono::minutes{30}}, 3, at_time(now), percent(33), 0);
  CHECK(figures(half) == "1875 619 63 1319"); // 618.75 and 62.8
  CHECK(half->currency.decimals() == 3);
}

TEST_CASE("a coupon's refusal is the quote's") {
  auto coupon = percent(10);
  coupon.active = false;
  CHECK(figures(quote(offering(PricingModel::one_time, 100), one_hour, 1, at_time(one_hour.start), coupon, 0)) == "coupon_inactive");
  coupon.active = true;
  coupon.max_per_customer = 1;
  CHECK(figures(quote(offering(PricingModel::one_time, 100), one_hour, 1, at_time(one_hour.start), coupon, 1)) == "coupon_customer_limit");
}

TEST_CASE("lines sum to the quote and explain themselves; a discount never exceeds the subtotal") {
  Dice dice(seed() + 3);
  for (int i = 0; i < 20'000; ++i) {
    auto random =
        offering(dice.pick(std::array{PricingModel::hourly, PricingModel::daily, PricingModel::one_time}), dice.between(0, 1'000'000));
    random.tax_rate_bps = dice.roll(0, bps_per_whole);
    random.tax_inclusive = dice.chance(50);
    const auto got = quote(random, {one_hour.start, one_hour.start + std::chrono::minutes{dice.roll(1, 10'000)}}, dice.roll(1, 50), {},
                           dice.between(0, 2'000'000));
    REQUIRE(got);
    Amount subtotal = 0, discount = 0, tax = 0, total = 0;
    bool right = !got->lines.empty();
    for (const auto& line : got->lines) {
      subtotal += line.subtotal_cents, discount += line.discount_cents, tax += line.tax_cents, total += line.total_cents;
      right &= !line.label.empty() && line.subtotal_cents == line.unit_cents * line.quantity;
      right &= line.total_cents == line.subtotal_cents - line.discount_cents + (random.tax_inclusive ? 0 : line.tax_cents);
    }
    right &= subtotal == got->subtotal_cents && discount == got->discount_cents && tax == got->tax_cents && total == got->total_cents;
    right &= discount >= 0 && discount <= subtotal && tax >= 0 && total >= 0;
    if (!right) FAIL("seed ", seed() + 3, ", round ", i, ": ", figures(got));
  }
}

TEST_CASE("an amount too large is an error, not a wrap") {
  constexpr Amount most = std::numeric_limits<Amount>::max();
  CHECK(price(offering(PricingModel::one_time, most), one_hour) == std::to_string(most) + " 0 0 " + std::to_string(most));
  CHECK(price(offering(PricingModel::one_time, most), one_hour, 2) == "amount_overflow");
  const Interval two_hours{one_hour.start, one_hour.start + std::chrono::hours{2}},
      two_days{one_hour.start, one_hour.start + std::chrono::hours{48}};
  CHECK(price(offering(PricingModel::hourly, most), two_hours) == "amount_overflow");
  CHECK(price(offering(PricingModel::daily, most), two_days) == "amount_overflow");
  auto taxed = offering(PricingModel::one_time, most);
  taxed.tax_rate_bps = 1;
  CHECK(price(taxed, one_hour) == "amount_overflow");
  taxed.tax_inclusive = true;
  CHECK(quote(taxed, one_hour, 1)->total_cents == most);
}

TEST_CASE("DAILY in a zone that does not exist is an error") {
  auto stay = offering(PricingModel::daily, 100);
  stay.time_zone = "Mars/Olympus";
  CHECK(price(stay, one_hour) == "invalid_parameter");
}

namespace {

PricingRule rule(std::string name, AdjustKind kind, std::int64_t value, int priority = 0) {
  static IdMinter ids(*new SeededRandom(7));
  PricingRule rule;
  rule.id = ids.make<PricingRuleId>(one_hour.start);
  rule.name = std::move(name);
  rule.adjust = {kind, value};
  rule.priority = priority;
  return rule;
}

/// `label:unit` of each line, the title left out.
std::string lines(const Result<Quote>& quote) {
  if (!quote) return outcome(quote);
  std::string text;
  for (const auto& line : quote->lines) {
    text.append(text.empty() ? "" : "; ").append(line.label.substr(line.label.find(", ") + 2)).append(": ");
    text += std::to_string(line.unit_cents);
    Amount sum = 0;
    for (const auto& step : line.steps) sum += step.amount_cents;
    CHECK(sum == line.unit_cents);
  }
  return text;
}

std::string priced(const Offering& offering, Interval interval, std::span<const PricingRule> rules, PriceFactors factors = {}) {
  factors.rules = rules;
  return lines(quote(offering, interval, 1, factors));
}

} // namespace

TEST_CASE("HOURLY is split where a rule starts or stops, and a run under the same rules is one line") {
  auto room = offering(PricingModel::hourly, 6000);
  room.time_zone = "America/New_York";
  std::vector<PricingRule> rules{rule("Evening", AdjustKind::percent, 50), rule("Weekend", AdjustKind::fixed, 1000, 1)};
  rules[0].when.local_time_range = {time("18:00"), time("22:00")};
  rules[1].when.days_of_week = DaySet::of({0, 6});
  // Friday 2026-05-15, 16:00 to 20:00.
  CHECK(priced(room, span("2026-05-15T16:00:00-04:00", "2026-05-15T20:00:00-04:00"), rules) ==
        "120 min by the hour: 12000; 120 min by the hour, Evening: 18000");
  // Through midnight into Saturday.
  CHECK(priced(room, span("2026-05-15T21:00:00-04:00", "2026-05-16T01:00:00-04:00"), rules) ==
        "60 min by the hour, Evening: 9000; 120 min by the hour: 12000; 60 min by the hour, Weekend: 7000");
}

TEST_CASE("rules apply by rising priority, ties by id, and never push a rate below zero or past the offering's bounds") {
  const auto thing = offering(PricingModel::one_time, 1000);
  const std::array upward{rule("Double", AdjustKind::percent, 100, 5), rule("Plus", AdjustKind::fixed, 300, 1)};
  CHECK(priced(thing, one_hour, upward) == "Once, Plus, Double: 2600");
  const std::array tie{rule("Half", AdjustKind::percent, -50), rule("Plus", AdjustKind::fixed, 300)};
  CHECK(priced(thing, one_hour, tie) == "Once, Half, Plus: 800");
  const std::array below{rule("Minus", AdjustKind::fixed, -5000), rule("Plus", AdjustKind::fixed, 20, 1)};
  CHECK(priced(thing, one_hour, below) == "Once, Minus, Plus: 20");
  const std::array last_word{rule("Half", AdjustKind::percent, -50), rule("Flat", AdjustKind::override_rate, 777, 9)};
  CHECK(priced(thing, one_hour, last_word) == "Once, Half, Flat: 777");
  auto bounded = thing;
  bounded.min_price_cents = 900;
  bounded.max_price_cents = 1500;
  CHECK(priced(bounded, one_hour, upward) == "Once, Plus, Double: 1500");
  CHECK(priced(bounded, one_hour, below) == "Once, Minus, Plus: 900");
  auto off = upward;
  off[0].active = false;
  CHECK(priced(thing, one_hour, off) == "Once, Plus: 1300");
}

TEST_CASE("percentages stay exact until a line is rounded") {
  // 1/3 off three times would lose a cent a step if each were rounded.
  const std::array thirds{rule("a", AdjustKind::percent, -33), rule("b", AdjustKind::percent, -33), rule("c", AdjustKind::percent, -33)};
  CHECK(priced(offering(PricingModel::one_time, 101), one_hour, thirds) == "Once, a, b, c: 30"); // 30.377…
  std::vector<PricingRule> many;
  for (int i = 0; i < 40; ++i) many.push_back(rule("x", AdjustKind::percent, 7));
  CHECK(priced(offering(PricingModel::one_time, 101), one_hour, many).ends_with(": 1512")); // 101 × 1.07⁴⁰ = 1512.43…
  std::vector<PricingRule> up_and_down;
  for (int i = 0; i < 50; ++i) up_and_down.push_back(rule("x", AdjustKind::percent, i % 2 == 0 ? -1 : 1));
  CHECK(priced(offering(PricingModel::hourly, 4500), one_hour, up_and_down).ends_with(": 4489")); // 4500 × 0.9999²⁵ = 4488.76…
  for (auto& rise : many) rise.adjust.value = 1000;
  CHECK(priced(offering(PricingModel::one_time, 101), one_hour, many) == "amount_overflow"); // 101 × 11⁴⁰
}

TEST_CASE("DAILY prices each day; a range past midnight belongs to the day it began on") {
  auto stay = offering(PricingModel::daily, 10'000);
  std::array weekend{rule("Weekend", AdjustKind::percent, 20)};
  weekend[0].when.days_of_week = DaySet::of({5, 6});
  // Thursday to Monday: Thursday, Friday, Saturday, Sunday nights.
  CHECK(priced(stay, span("2026-05-14T15:00:00Z", "2026-05-18T11:00:00Z"), weekend) ==
        "1 day: 10000; 2 days, Weekend: 24000; 1 day: 10000");
  auto night = offering(PricingModel::hourly, 6000);
  std::array late{rule("Late", AdjustKind::percent, 100)};
  late[0].when.days_of_week = DaySet::of({5});
  late[0].when.local_time_range = {time("22:00"), time("02:00")};
  CHECK(priced(night, span("2026-05-15T21:00:00Z", "2026-05-16T03:00:00Z"), late) ==
        "60 min by the hour: 6000; 240 min by the hour, Late: 48000; 60 min by the hour: 6000");
  CHECK(priced(night, span("2026-05-14T21:00:00Z", "2026-05-15T03:00:00Z"), late) == "360 min by the hour: 36000");
}

TEST_CASE("an hour that the clocks repeat counts both times, one that they skip not at all") {
  auto room = offering(PricingModel::hourly, 6000);
  room.time_zone = "America/New_York";
  std::array early{rule("Early", AdjustKind::override_rate, 12'000)};
  early[0].when.local_time_range = {time("01:30"), time("02:30")};
  // 01:30–02:00 twice, 02:00–02:30 once; 01:00–01:30 comes again in between.
  CHECK(priced(room, span("2026-11-01T00:00:00-04:00", "2026-11-01T04:00:00-05:00"), early) ==
        "90 min by the hour: 9000; 30 min by the hour, Early: 6000; 30 min by the hour: 3000; 60 min by the hour, Early: 12000; "
        "90 min by the hour: 9000");
  // On the day without 02:00–03:00, 01:30–02:00 is all there is.
  CHECK(priced(room, span("2026-03-08T00:00:00-05:00", "2026-03-08T04:00:00-04:00"), early) ==
        "90 min by the hour: 9000; 30 min by the hour, Early: 6000; 60 min by the hour: 6000");
}

TEST_CASE("lead time and occupancy are half-open, so that neighbouring rules never both hold") {
  const auto thing = offering(PricingModel::one_time, 1000);
  std::array lead{rule("Late", AdjustKind::percent, 10), rule("Early", AdjustKind::percent, -10)};
  lead[0].when.lead_time_hours = {0, 24};
  lead[1].when.lead_time_hours = {24, std::nullopt};
  const auto ahead = [&](milliseconds by) { return priced(thing, one_hour, lead, at_time(one_hour.start - by)); };
  CHECK(ahead(std::chrono::hours{24}) == "Once, Early: 900");
  CHECK(ahead(std::chrono::hours{24} - milliseconds{1}) == "Once, Late: 1100");
  CHECK(ahead(milliseconds{-1}) == "Once: 1000");

  std::array full{rule("Nearly full", AdjustKind::percent, 50)};
  full[0].when.occupancy_pct = {80, 100};
  const auto taken = [&](std::int64_t units, std::int64_t capacity) {
    PriceFactors factors;
    factors.taken = units;
    factors.capacity = capacity;
    return priced(thing, one_hour, full, factors);
  };
  CHECK(taken(4, 5) == "Once, Nearly full: 1500");
  CHECK(taken(7, 9) == "Once: 1000"); // 77.8 %
  CHECK(taken(5, 5) == "Once: 1000");
  CHECK(taken(0, 0) == "Once: 1000");
}

TEST_CASE("a pricing rule that makes no sense is refused, every fault at once") {
  const auto faults = [](std::string_view text) {
    json::Reader reader;
    PricingRule target;
    json::read_body(reader, json::parse(text).value(), target, json::Use::create);
    validate(target, reader);
    std::string all;
    for (const auto& fault : reader.faults) all.append(all.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
    return all;
  };
  CHECK(faults(R"({"name":"W","adjust":{"kind":"PERCENT","value":20},"when":{"daysOfWeek":[0,6]}})") == "");
  CHECK(faults(R"({"name":"","adjust":{"kind":"PERCENT","value":-101},"when":{"daysOfWeek":[7],"leadTimeHours":{}}})") ==
        "/name:too_short /when/daysOfWeek/0:too_large /adjust/value:too_small");
  CHECK(faults(R"({"name":"x","adjust":{"kind":"OVERRIDE","value":-1},"when":{"leadTimeHours":{"min":5,"max":5},)"
               R"("localDateRange":{"from":"2026-05-02","to":"2026-05-01"},"occupancyPct":{}}})") ==
        "/adjust/value:too_small /when/localDateRange/to:conflict /when/leadTimeHours/max:conflict /when/occupancyPct:required");
}
