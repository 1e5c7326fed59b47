#include "orkestr/engine/coupon.hpp"

#include "engine/fixtures.hpp"

#include <functional>

using namespace fixtures;

namespace {

const OfferingId here = OfferingId::from_body("00000000000000000000000001"),
                 elsewhere = OfferingId::from_body("00000000000000000000000002");
const Instant now = at("2026-05-12T12:00:00Z");
const Currency usd{}, eur = Currency::parse("EUR").value();

Coupon percent(std::int64_t amount) {
  Coupon coupon;
  coupon.amount = amount;
  return coupon;
}
Coupon fixed(Amount amount, Currency currency = usd) {
  Coupon coupon;
  coupon.kind = CouponKind::fixed;
  coupon.amount = amount;
  coupon.currency = currency;
  return coupon;
}
std::string worth(const Coupon& coupon, Amount subtotal) {
  const auto off = discount(coupon, {here, subtotal, usd, 0}, now);
  return off ? std::to_string(*off) : outcome(off);
}

} // namespace

TEST_CASE("PERCENT rounds half away from zero, FIXED stops at the subtotal") {
  CHECK(worth(percent(25), 23'900) == "5975");
  CHECK(worth(percent(50), 101) == "51");
  CHECK(worth(percent(1), 49) == "0");
  CHECK(worth(percent(1), 50) == "1");
  CHECK(worth(percent(100), 2300) == "2300");
  CHECK(worth(percent(10), 0) == "0");
  CHECK(worth(fixed(500), 2000) == "500");
  CHECK(worth(fixed(500), 500) == "500");
  CHECK(worth(fixed(500), 499) == "499");
  CHECK(worth(percent(100), std::numeric_limits<Amount>::max()) == "9223372036854775807");
}

TEST_CASE("each refusal has its code, and the first that applies is the one told") {
  struct Ill {
    std::string_view code;
    std::function<void(Coupon&)> cause, cure;
  };
  const CouponUse use{here, 1000, usd, 3};
  // In the order of the checks. All causes hold at once; curing one shows the next.
  const Ill ills[] = {
      {"coupon_unknown", [](Coupon& c) { c.deleted_at = now; }, [](Coupon& c) { c.deleted_at.reset(); }},
      {"coupon_inactive", [](Coupon& c) { c.active = false; }, [](Coupon& c) { c.active = true; }},
      {"coupon_not_started", [](Coupon& c) { c.valid_from = now + milliseconds{1}; }, [](Coupon& c) { c.valid_from = now; }},
      {"coupon_expired", [](Coupon& c) { c.valid_until = now - milliseconds{1}; }, [](Coupon& c) { c.valid_until = now; }},
      {"coupon_not_applicable", [](Coupon& c) { c.offering_ids = {elsewhere}; },
       [](Coupon& c) {
         c.offering_ids = {elsewhere, here};
       }},
      {"coupon_currency", [](Coupon& c) { c.currency = eur; }, [](Coupon& c) { c.currency = usd; }},
      {"coupon_below_minimum", [](Coupon& c) { c.min_subtotal_cents = 1001; }, [](Coupon& c) { c.min_subtotal_cents = 1000; }},
      {"coupon_exhausted", [](Coupon& c) { c.max_redemptions = 5, c.redeemed_count = 5; }, [](Coupon& c) { c.redeemed_count = 4; }},
      {"coupon_customer_limit", [](Coupon& c) { c.max_per_customer = 3; }, [](Coupon& c) { c.max_per_customer = 4; }},
  };
  Coupon all = fixed(100);
  for (const auto& ill : ills) {
    Coupon alone = fixed(100);
    ill.cause(alone);
    CHECK(outcome(discount(alone, use, now)) == ill.code);
    ill.cure(alone); // stands exactly on the boundary
    CHECK(outcome(discount(alone, use, now)) == "ok");
    ill.cause(all);
  }
  for (const auto& ill : ills) {
    const auto refused = discount(all, use, now);
    CHECK(outcome(refused) == ill.code);
    CHECK_FALSE(refused.error().detail.empty());
    ill.cure(all);
  }
  CHECK(outcome(discount(all, use, now)) == "ok");
}

TEST_CASE("redemptions beyond the cap stay refused") {
  Coupon coupon = fixed(100);
  coupon.max_redemptions = 5, coupon.redeemed_count = 6;
  CHECK(worth(coupon, 1000) == "coupon_exhausted");
}

TEST_CASE("codes compare case-blind and trimmed") {
  CHECK(fold_code("  Summer-25\t\r\n") == "SUMMER-25");
  CHECK(fold_code("a b") == "A B");
  CHECK(fold_code("\u00e4") == "\u00e4"); // letters beyond ASCII stay
  CHECK(fold_code("") == "");
  CHECK(trim(" \t\v\f\r\n").empty());
  for (std::string_view good : {"A", "SAVE 10", " x ", "\u00e9t\u00e9"}) CHECK(json::is_coupon_code(good));
  for (std::string_view bad : {"", "  ", "\t", "a\nb", "a\x7f"}) CHECK_FALSE(json::is_coupon_code(bad));
}

TEST_CASE("a coupon is checked as a whole") {
  const auto faults = [](const Coupon& coupon) {
    json::Reader reader;
    validate(coupon, reader);
    std::string text;
    for (const auto& fault : reader.faults) text.append(text.empty() ? "" : " ").append(fault.pointer).append(":").append(fault.code);
    return text;
  };
  CHECK(faults(percent(100)).empty());
  CHECK(faults(percent(101)) == "/amount:too_large");
  CHECK(faults(fixed(1'000'000)).empty());
  auto coupon = fixed(1);
  coupon.currency.reset();
  CHECK(faults(coupon) == "/currency:required");
  coupon = percent(5);
  coupon.currency = usd;
  coupon.valid_from = now, coupon.valid_until = now - milliseconds{1};
  CHECK(faults(coupon) == "/currency:conflict /validUntil:conflict");
  coupon.valid_until = now, coupon.currency.reset();
  CHECK(faults(coupon).empty());
}
