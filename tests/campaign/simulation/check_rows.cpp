// Invariants of the rows as they are; see checks.hpp.
#include "campaign/simulation/checks.hpp"

#include <algorithm>

namespace orkestr::campaign {
namespace {

using storage::ClaimStatus;

/// Claims must be what bookings and holds say, word for word.
void check_claims(const Rows& rows, const Shop& shop, Findings& findings) {
  std::vector<std::string> expected, found;
  for (const auto& booking : rows.bookings) {
    if (booking.status != BookingStatus::pending && booking.status != BookingStatus::confirmed) continue;
    const auto status = booking.status == BookingStatus::confirmed ? ClaimStatus::confirmed : ClaimStatus::pending;
    for (const auto& item : booking.items)
      expected.push_back(text_of(shop.key_of(item.offering_id), {item.id, item.offering_id, item.interval(), item.quantity, status, {}}));
  }
  for (const auto& hold : rows.holds)
    expected.push_back(text_of(shop.key_of(hold.offering_id),
                               {hold.id, hold.offering_id, hold.interval(), hold.quantity, ClaimStatus::held, hold.expires_at}));
  for (const auto& claim : rows.claims) found.push_back(text_of(claim.key, claim.claim));
  std::ranges::sort(expected), std::ranges::sort(found);
  findings.check(expected == found, [&] {
    std::vector<std::string> missing, extra;
    std::ranges::set_difference(expected, found, std::back_inserter(missing));
    std::ranges::set_difference(found, expected, std::back_inserter(extra));
    std::string text = "occupancy is not what bookings and holds say:";
    for (const auto& one : missing) text += "\n    missing " + one;
    for (const auto& one : extra) text += "\n    extra   " + one;
    return text;
  });
}

/// At no instant more than there is. A hold that was past its expiry before the clock went back is no promise any more.
void check_capacity(const Rows& rows, const Shop& shop, const Ledger& ledger, Instant now, Findings& findings) {
  for (std::size_t i = 0; i < offerings.size(); ++i) {
    const std::string key = shop.key_of(shop.offering_ids[i]);
    std::vector<Taken> taken;
    for (const auto& booking : rows.bookings) {
      if (booking.status != BookingStatus::pending && booking.status != BookingStatus::confirmed) continue;
      for (const auto& item : booking.items)
        if (shop.key_of(item.offering_id) == key) taken.push_back({item.interval(), item.quantity});
    }
    for (const auto& hold : rows.holds)
      if (shop.key_of(hold.offering_id) == key && now < hold.expires_at && !ledger.lapsed.contains(hold.id.str()))
        taken.push_back({hold.interval(), hold.quantity});
    for (const auto& one : taken)
      findings.check(peak(taken, {one.interval.start, {one.interval.start.ms + 1}}) <= offerings[i].capacity, [&] {
        return "more than " + std::to_string(offerings[i].capacity) + " units of " + key + " are taken at " + to_string(one.interval.start);
      });
  }
}

void check_coupons(const Rows& rows, Findings& findings) {
  for (const auto& coupon : rows.coupons) {
    // A redemption counts from booking on, unless the booking dies before it was ever confirmed.
    std::int64_t live = 0, counted = 0;
    for (const auto& booking : rows.bookings)
      live += booking.coupon_id == coupon.id && (booking.confirmed_at || booking.status == BookingStatus::pending);
    for (const auto& [key, count] : rows.redemptions) {
      if (key.first != coupon.id.str()) continue;
      counted += count;
      findings.check(!coupon.max_per_customer || count <= *coupon.max_per_customer, "a customer used a coupon more often than allowed");
    }
    findings.check(coupon.redeemed_count == live, [&] {
      return "coupon " + coupon.code + " counts " + std::to_string(coupon.redeemed_count) + " redemptions, bookings " +
             std::to_string(live);
    });
    findings.check(counted == live, [&] { return "coupon " + coupon.code + " has redemptions of no booking, or lacks some"; });
    findings.check(!coupon.max_redemptions || coupon.redeemed_count <= *coupon.max_redemptions,
                   [&] { return "coupon " + coupon.code + " was redeemed more often than its cap"; });
  }
}

void check_money(const Booking& b, Findings& findings) {
  const auto wrong = [&](const char* what) { return [&b, what] { return "booking " + b.id.str() + ": " + what; }; };
  PriceLine sum;
  for (const auto& line : b.price_lines) {
    sum.subtotal_cents += line.subtotal_cents, sum.discount_cents += line.discount_cents;
    sum.tax_cents += line.tax_cents, sum.total_cents += line.total_cents;
    Amount steps = 0;
    for (const auto& step : line.steps) steps += step.amount_cents;
    findings.check(steps == line.unit_cents && line.unit_cents * line.quantity == line.subtotal_cents,
                   wrong("a line is not what its steps say"));
    findings.check(line.item_id && std::ranges::find(b.items, *line.item_id, &BookingItem::id) != b.items.end(),
                   wrong("a line of no item"));
  }
  findings.check(b.subtotal_cents == sum.subtotal_cents && b.discount_cents == sum.discount_cents && b.tax_cents == sum.tax_cents &&
                     b.total_cents == sum.total_cents,
                 wrong("its totals are not the sums of its lines"));
  Amount items = 0, paid = 0, refunded = 0;
  for (const auto& item : b.items) items += item.subtotal_cents;
  findings.check(items == b.subtotal_cents, wrong("its subtotal is not the sum of its items"));
  findings.check(b.discount_cents <= b.subtotal_cents && b.total_cents >= 0, wrong("it costs less than nothing"));
  for (const auto& payment : b.payments) {
    const bool counts = payment.status != PaymentStatus::failed && payment.status != PaymentStatus::pending;
    if (counts) paid += payment.amount_cents;
    refunded += payment.refunded_cents;
    const auto status = payment.refunded_cents == 0                      ? PaymentStatus::succeeded
                        : payment.refunded_cents == payment.amount_cents ? PaymentStatus::refunded
                                                                         : PaymentStatus::partially_refunded;
    findings.check(payment.refunded_cents <= payment.amount_cents && (counts ? payment.status == status : payment.refunded_cents == 0),
                   wrong("a payment's state is not what was refunded of it"));
  }
  findings.check(refunded <= paid, wrong("more was refunded than paid"));
  findings.check(b.status != BookingStatus::refunded || refunded >= b.total_cents, wrong("REFUNDED before all of it was"));
  if (b.refund_percent)
    findings.check(b.refund_cents == share(b.total_cents, *b.refund_percent, 100), wrong("refundCents is not its percentage of the total"));
}

void check_state(const Booking& b, Findings& findings) {
  using enum BookingStatus;
  const auto wrong = [&](const char* what) { return [&b, what] { return "booking " + b.id.str() + ": " + what; }; };
  findings.check(b.items.size() == 1 && b.items[0].starts_at < b.items[0].ends_at, wrong("its item is broken"));
  findings.check(b.status != pending || !b.confirmed_at, wrong("PENDING with confirmedAt"));
  findings.check((b.status != confirmed && b.status != completed) || b.confirmed_at, wrong("confirmed without confirmedAt"));
  findings.check(b.status != completed || b.completed_at, wrong("COMPLETED without completedAt"));
  findings.check((b.status == cancelled) <= b.cancelled_at.has_value(), wrong("CANCELLED without cancelledAt"));
  findings.check(!b.cancelled_at || b.status == cancelled || b.status == refunded, wrong("cancelledAt on what was not cancelled"));
  findings.check((b.status == cancelled || b.status == refunded) == b.refund_percent.has_value(),
                 wrong("refundPercent where none belongs, or none where it does"));
  findings.check(!b.payment_due_at || b.status == pending, wrong("a payment is due though it is not PENDING"));
  findings.check(!b.payment_due_at || b.paid_cents() < b.total_cents, wrong("a payment is due though nothing is owed"));
  const bool low_risk = b.risk_review_status == RiskReview::none || b.risk_review_status == RiskReview::approved;
  findings.check(b.status != pending || !b.auto_approve || !low_risk || b.paid_cents() < b.total_cents,
                 wrong("it confirms itself and nothing is owed, yet it is PENDING"));
  findings.check(b.risk_review_status != RiskReview::pending || b.status == pending,
                 wrong("a review is pending though the booking is not"));
}

} // namespace

void check_rows(const Rows& rows, const Shop& shop, const Ledger& ledger, Instant now, Findings& findings) {
  check_claims(rows, shop, findings);
  check_capacity(rows, shop, ledger, now, findings);
  check_coupons(rows, findings);
  for (const auto& booking : rows.bookings) check_money(booking, findings), check_state(booking, findings);
  for (std::string_view peer : peers) {
    const auto live = std::ranges::count_if(rows.holds, [&](const Hold& hold) {
      return hold.client == peer && now < hold.expires_at && !ledger.lapsed.contains(hold.id.str());
    });
    findings.check(live <= 20, "a client holds more than 20 slots");
  }
  for (const auto& hold : rows.holds)
    findings.check(hold.expires_at - hold.created_at == std::chrono::minutes{10}, "a hold does not last ten minutes");
  // What was acknowledged is there, whatever happened since.
  for (const auto& [step, id] : ledger.bookings)
    findings.check(rows.find(id) != nullptr, [&] { return "the booking acknowledged to step " + std::to_string(step) + " is gone"; });
  for (const auto& booking : rows.bookings)
    findings.check(std::ranges::any_of(ledger.bookings, [&](const auto& known) { return known.second == booking.id; }),
                   [&] { return "nobody was told of booking " + booking.id.str(); });
}

} // namespace orkestr::campaign
