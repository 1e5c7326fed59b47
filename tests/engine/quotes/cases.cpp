// Random but pointed questions to quote(), each with its answer, for compare.py to work out once more.
//   quote_cases SEED COUNT    one case a line, as compact JSON
#include "orkestr/engine/pricing.hpp"

#include "engine/random_schedule.hpp"

#include <iostream>

using namespace fixtures;

namespace {

constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;

struct Case {
  Offering offering;
  Interval interval;
  int quantity = 1;
  std::vector<PricingRule> rules;
  PriceFactors factors;
  Amount discount_cents = 0;
  std::optional<Coupon> coupon;

  [[nodiscard]] Result<Quote> ask() const {
    return coupon ? quote(offering, interval, quantity, factors, *coupon, 0) : quote(offering, interval, quantity, factors, discount_cents);
  }
};

class CaseMaker {
 public:
  explicit CaseMaker(std::uint64_t seed) : dice_(seed) {
    for (const char* name : odd_zones) places_.push_back({name, transitions(*date::locate_zone(name))});
  }

  /// The case borrows its own rules: it stays where it is.
  void fill(Case& c) {
    const Place& place = dice_.pick(places_);
    offer(c.offering);
    c.offering.time_zone = place.name;
    c.interval = interval(place, c.offering.pricing_model);
    start_ = ZoneClock(fixtures::zone(place.name)).to_local(c.interval.start);
    days_ = static_cast<int>(c.interval.length().count() / day) + 1;
    c.quantity = !large_ ? dice_.chance(50) ? 1 : dice_.roll(2, 9) : dice_.roll(1, 1'000'000);

    lead_ = dice_.chance(5) ? -dice_.between(0, 3) : dice_.between(0, dice_.chance(50) ? 6 : 200);
    static constexpr std::int64_t near[] = {0, 0, 0, -1, 1, minute, -minute, hour / 2};
    c.factors.now = c.interval.start - milliseconds{lead_ * hour + dice_.pick(near)};
    c.factors.capacity = dice_.chance(10) ? 0 : dice_.between(1, 30);
    c.factors.taken = dice_.between(0, c.factors.capacity + (dice_.chance(10) ? 3 : 0));
    percent_ = c.factors.capacity == 0 ? 0 : static_cast<int>(100 * c.factors.taken / c.factors.capacity);
    for (int n = dice_.roll(0, 6); n > 0; --n) c.rules.push_back(rule(c, n));
    c.factors.rules = c.rules;
    reduce(c);
    // HOURLY without a rule to look at does not ask for its zone.
    if (c.offering.pricing_model != PricingModel::hourly && dice_.roll(1, 1000) == 1) c.offering.time_zone = "Nowhere/Land";
  }

 private:
  struct Place {
    std::string name;
    std::vector<std::int64_t> transitions;
  };

  Amount amount(Amount usual) {
    static constexpr Amount odd[] = {0, 1, 2, 3, 50, 99, 100, 101, 333, 999, 1000, 4500};
    if (large_) return dice_.between(json::max_price / 1000, json::max_price);
    return dice_.chance(40) ? dice_.pick(odd) : dice_.between(0, usual);
  }

  void offer(Offering& o) {
    static constexpr PricingModel models[] = {PricingModel::hourly, PricingModel::hourly,   PricingModel::hourly,      PricingModel::daily,
                                              PricingModel::daily,  PricingModel::one_time, PricingModel::subscription};
    static constexpr const char* currencies[] = {"USD", "EUR", "JPY", "KWD", "INR"};
    static constexpr int taxes[] = {0, 0, 1, 700, 825, 1900, 2000, 5000, 10'000};
    large_ = dice_.chance(3);
    o.title = "Studio";
    o.pricing_model = dice_.pick(models);
    o.currency = Currency::parse(dice_.pick(currencies)).value();
    o.base_price_cents = amount(20'000);
    if (dice_.chance(25)) o.min_price_cents = o.base_price_cents * dice_.roll(0, 100) / 100;
    if (dice_.chance(25)) o.max_price_cents = o.base_price_cents * dice_.roll(100, 300) / 100;
    o.tax_rate_bps = dice_.chance(70) ? dice_.pick(taxes) : dice_.roll(0, 10'000);
    o.tax_inclusive = dice_.chance(50);
  }

  /// In whole minutes; half of them near a change of the clocks, some at its very instant.
  Interval interval(const Place& place, PricingModel model) {
    static constexpr std::int64_t grids[] = {1, 5, 15, 30, 60};
    const bool change = !place.transitions.empty() && dice_.chance(50);
    const std::int64_t anchor = change ? dice_.pick(place.transitions) : dice_.between(first_second, last_second);
    const std::int64_t grid = dice_.pick(grids);
    std::int64_t length = 0; // minutes
    if (model == PricingModel::daily) {
      static constexpr std::int64_t odds[] = {0, 0, 0, 1, -1, 30, -30, 60, -60};
      length =
          dice_.between(0, dice_.chance(90) ? 8 : 70) * 1440 + (dice_.chance(60) ? dice_.pick(odds) : dice_.between(0, 1439) / grid * grid);
      length = length > 0 ? length : grid;
    } else if (change && dice_.chance(2)) {
      length = dice_.between(1, 3 * 1440);
    } else {
      length = std::max(grid, dice_.between(1, dice_.chance(70) ? 180 : 480) / grid * grid);
    }
    std::int64_t start = anchor / 60 / grid * grid;
    if (change) start = anchor / 60 - (dice_.chance(15) ? 0 : dice_.chance(20) ? length : (dice_.between(-120, length + 60) / grid * grid));
    if (dice_.chance(10)) start -= start % 1440; // midnight, in UTC and around it
    return {{start * minute}, {(start + length) * minute}};
  }

  LocalTime time_of_day(bool end) {
    static constexpr int grids[] = {60, 60, 30, 15, 1};
    const int grid = dice_.pick(grids), aim = start_.second_of_day() / 60 + dice_.roll(-120, 360);
    const int minutes = ((dice_.chance(70) ? aim : dice_.roll(0, 1439)) + 1440) % 1440 / grid * grid;
    return {static_cast<std::int16_t>(end && minutes == 0 && dice_.chance(50) ? 1440 : minutes)};
  }

  std::optional<NumberRange> around(int value) {
    NumberRange range;
    const int shape = dice_.roll(0, 2);
    if (shape != 0) range.min = std::max(0, value + dice_.roll(-2, 1));
    if (shape != 1) range.max = std::max(range.min.value_or(0) + 1, value + dice_.roll(-1, 3));
    return range;
  }

  /// One that a validated request could have made, aimed so that its conditions often hold for a part of the interval.
  PricingRule rule(const Case& c, int number) {
    static constexpr std::int64_t percents[] = {-100, -99, -50, -33, -10, -1, 0, 1, 7, 10, 25, 33, 50, 100, 1000};
    PricingRule rule;
    std::string body(id_body_size, '0');
    body[0] = dice_.pick(std::string_view{"09az"});
    body.back() = static_cast<char>('0' + number);
    rule.id = PricingRuleId::from_body(body);
    rule.name = "Rule";
    rule.priority = dice_.roll(-1, 2);
    rule.active = dice_.chance(92);
    auto& when = rule.when;
    if (dice_.chance(35))
      for (int n = dice_.roll(1, 5); n > 0; --n) when.days_of_week.add((start_.date() + dice_.roll(-1, 5)).day_of_week());
    if (dice_.chance(55)) {
      when.local_time_range = LocalTimeRange{time_of_day(false), time_of_day(true)};
      if (dice_.chance(5)) when.local_time_range->to = when.local_time_range->from;
    }
    if (dice_.chance(25)) {
      LocalDateRange range;
      const int shape = dice_.roll(0, 2);
      if (shape != 0) range.from = start_.date() + dice_.roll(-2, std::min(days_, 9));
      if (shape != 1) range.to = std::max(range.from.value_or(start_.date() + -2), start_.date() + dice_.roll(-2, std::min(days_, 9)));
      when.local_date_range = range;
    }
    if (dice_.chance(15)) when.lead_time_hours = around(static_cast<int>(lead_));
    if (dice_.chance(15)) when.occupancy_pct = around(percent_);
    const int kind = dice_.roll(1, 100);
    if (kind <= 55)
      rule.adjust = {AdjustKind::percent, dice_.chance(70) ? dice_.pick(percents) : dice_.between(-100, 1000)};
    else if (kind <= 85)
      rule.adjust = {AdjustKind::fixed, (dice_.chance(50) ? 1 : -1) * amount(c.offering.base_price_cents + 100)};
    else
      rule.adjust = {AdjustKind::override_rate, amount(20'000)};
    return rule;
  }

  /// None, some, all or more than all of the subtotal, given or by a coupon.
  void reduce(Case& c) {
    const int kind = dice_.roll(1, 100);
    if (kind <= 30) return;
    const auto plain = quote(c.offering, c.interval, c.quantity, c.factors);
    const Amount subtotal = plain ? plain->subtotal_cents : 1'000'000;
    const Amount off = dice_.chance(15)   ? subtotal + dice_.between(0, 5)
                       : dice_.chance(30) ? dice_.between(0, 9)
                                          : dice_.between(0, subtotal);
    if (kind <= 65) {
      c.discount_cents = off;
      return;
    }
    c.coupon.emplace();
    c.coupon->code = "SAVE";
    if (kind <= 85) {
      c.coupon->amount = dice_.roll(1, 100);
    } else {
      c.coupon->kind = CouponKind::fixed;
      c.coupon->amount = std::max<Amount>(1, off);
      c.coupon->currency = dice_.chance(97) ? c.offering.currency : Currency::parse("CHF").value();
    }
  }

  Dice dice_;
  std::vector<Place> places_;
  LocalDateTime start_;
  std::int64_t lead_ = 0;
  int days_ = 1, percent_ = 0;
  bool large_ = false;
};

std::string to_json(const Case& c) {
  std::string text;
  json::Writer w(text);
  const auto put = [&](std::string_view key, const auto& value) {
    w.key(key);
    json::write(w, value);
  };
  w.begin_object();
  put("zone", c.offering.time_zone);
  put("model", c.offering.pricing_model);
  put("base", c.offering.base_price_cents);
  put("min", c.offering.min_price_cents);
  put("max", c.offering.max_price_cents);
  put("taxBps", c.offering.tax_rate_bps);
  put("taxInclusive", c.offering.tax_inclusive);
  put("currency", c.offering.currency);
  put("start", c.interval.start.ms);
  put("end", c.interval.end.ms);
  put("quantity", c.quantity);
  put("now", c.factors.now.ms);
  put("taken", c.factors.taken);
  put("capacity", c.factors.capacity);
  put("discount", c.discount_cents);
  w.key("coupon");
  if (c.coupon) {
    w.begin_object();
    put("kind", c.coupon->kind);
    put("amount", c.coupon->amount);
    put("currency", c.coupon->currency);
    w.end_object();
  } else {
    w.null();
  }
  w.key("rules");
  w.begin_array();
  for (const auto& rule : c.rules) {
    w.begin_object();
    put("id", rule.id);
    put("priority", rule.priority);
    put("active", rule.active);
    put("when", rule.when);
    put("adjust", rule.adjust);
    w.end_object();
  }
  w.end_array();
  if (const auto quote = c.ask()) {
    put("quote", *quote);
    put("fullRefund", multiply_divide(quote->total_cents, 100, 100).value());
  } else {
    put("error", std::string{info(quote.error().code).name});
  }
  w.end_object();
  return text;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: quote_cases SEED COUNT\n";
    return 2;
  }
  CaseMaker maker(std::strtoull(argv[1], nullptr, 10));
  for (std::uint64_t left = std::strtoull(argv[2], nullptr, 10); left > 0; --left) {
    Case c;
    maker.fill(c);
    std::cout << to_json(c) << '\n';
  }
  return std::cout.flush() ? 0 : 1;
}
