// The rules of booking once more, in plain words; see expectation.hpp.
#include "campaign/simulation/expectation.hpp"

#include "campaign/simulation/requests.hpp"

#include <algorithm>

namespace orkestr::campaign {
namespace {

const OfferingSpec& spec_of(int offering) { return offerings[static_cast<std::size_t>(offering)]; }

std::int64_t redemptions_by(const Rows& rows, CouponId coupon, std::string_view email) {
  const auto lower = [](std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return text;
  };
  for (const auto& booking : rows.bookings) {
    if (lower(booking.customer.email) != lower(std::string{email})) continue;
    const auto found = rows.redemptions.find({coupon.str(), booking.customer_id.str()});
    return found == rows.redemptions.end() ? 0 : found->second;
  }
  return 0;
}

std::int64_t redeemed(const Rows& rows, CouponId coupon) {
  std::int64_t sum = 0;
  for (const auto& [key, count] : rows.redemptions)
    if (key.first == coupon.str()) sum += count;
  return sum;
}

struct Deal {
  std::optional<Code> refusal;
  Price price;
};

/// Whether the slot or hold can be had, with its coupon, and for how much.
Deal deal(const Step& step, const Wanted& wanted, const Rows& before, const Shop& shop, Instant now) {
  if (wanted.lapsed) return {Code::hold_expired, {}};
  const auto& spec = spec_of(wanted.offering);
  const auto offering = shop.offering_ids[static_cast<std::size_t>(wanted.offering)];
  const auto own = wanted.hold ? storage::Holder{*wanted.hold} : storage::Holder{};
  const auto found =
      room(spec, wanted.interval, wanted.quantity, taken_of(before, shop, shop.key_of(offering), now, own), wanted.audience, now);
  if (!found.fits) return {found.refusal, {}};
  const Amount base = before.prices.at(offering.str());
  const Price plain = price(spec, base, wanted.interval, wanted.quantity, found.remaining, {});
  if (step.coupon < 0 || step.kind == Kind::hold) return {{}, plain};
  const auto i = static_cast<std::size_t>(step.coupon);
  if (i >= coupons.size()) return {Code::coupon_unknown, plain};
  const auto used = redemptions_by(before, shop.coupon_ids[i], emails[static_cast<std::size_t>(step.email)]);
  if (const auto refusal = coupon_refusal(coupons[i], plain.subtotal, used, redeemed(before, shop.coupon_ids[i]), now))
    return {refusal, plain};
  return {{}, price(spec, base, wanted.interval, wanted.quantity, found.remaining, Discount{coupons[i].kind, coupons[i].amount})};
}

Expectation expect_slot(const Step& step, const Ledger& ledger, const Rows& before, const Shop& shop, Instant now) {
  Expectation expected;
  const auto wanted = wanted_of(step, ledger, before, shop, now);
  if (!wanted) return expected;
  const std::string_view peer = peers[static_cast<std::size_t>(step.peer)];
  if (step.kind == Kind::hold &&
      std::ranges::count_if(before.holds, [&](const Hold& hold) { return hold.client == peer && now < hold.expires_at; }) >= 20) {
    expected.refusal = Code::too_many_holds;
    return expected;
  }
  const auto made = deal(step, *wanted, before, shop, now);
  expected.refusal = made.refusal;
  if (made.refusal || step.kind == Kind::hold) return expected;
  expected.price = made.price;
  if (step.kind == Kind::quote) return expected;
  expected.may_be_blocked = true;
  const auto total = expected_total(step, ledger, before, shop, now);
  if (total && *total != made.price.total) expected.refusal = Code::price_changed;
  return expected;
}

bool low_risk(const Booking& booking) {
  return booking.risk_review_status == RiskReview::none || booking.risk_review_status == RiskReview::approved;
}

Expectation expect_move(const Step& step, const Booking& booking, const Rows& before, const Shop& shop, Instant now) {
  const auto refused = [](Code code) {
    Expectation expected;
    expected.refusal = code;
    return expected;
  };
  if (booking.status != BookingStatus::pending && booking.status != BookingStatus::confirmed) return refused(Code::invalid_transition);
  if (step.interval.end <= step.interval.start) return refused(Code::invalid_fields);
  Expectation expected;
  expected.price = Price{booking.subtotal_cents, booking.discount_cents, booking.tax_cents, booking.total_cents};
  const auto& item = booking.items[0];
  if (step.interval == item.interval()) return expected;
  const auto& spec = spec_of(shop.index_of(item.offering_id));
  const Audience audience = step.via == Via::library ? step.audience : step.via == Via::key ? Audience::provider : Audience::customer;
  if (audience == Audience::customer && !spec.reschedule_allowed) return refused(Code::reschedule_not_allowed);
  const auto found =
      room(spec, step.interval, item.quantity, taken_of(before, shop, shop.key_of(item.offering_id), now, item.id), audience, now);
  if (!found.fits) return refused(*found.refusal);
  if (step.interval.length() == item.interval().length()) return expected;
  std::optional<Discount> discount;
  if (booking.coupon_kind == CouponKind::percent) discount = Discount{CouponKind::percent, *booking.coupon_amount};
  if (booking.coupon_kind == CouponKind::fixed) discount = Discount{CouponKind::fixed, booking.discount_cents};
  expected.price = price(spec, before.prices.at(item.offering_id.str()), step.interval, item.quantity, found.remaining, discount);
  return expected;
}

Expectation expect_on(const Step& step, const Booking& booking, const Rows& before, const Shop& shop, Instant now) {
  using enum BookingStatus;
  Expectation expected;
  const auto status = booking.status;
  const auto allow = [&](bool allowed, BookingStatus next) {
    if (allowed)
      expected.status = next;
    else
      expected.refusal = Code::invalid_transition;
  };
  const Amount paid = booking.paid_cents(), total = booking.total_cents;
  switch (step.kind) {
  case Kind::approve: allow(status == pending, confirmed); break;
  case Kind::decline: allow(status == pending, cancelled); break;
  case Kind::cancel: allow(status == pending || status == confirmed, cancelled); break;
  case Kind::review:
    allow(booking.risk_review_status == RiskReview::pending, !step.yes                               ? cancelled
                                                             : booking.auto_approve && paid >= total ? confirmed
                                                                                                     : pending);
    break;
  case Kind::pay: {
    const Amount amount = amount_of(step, booking);
    allow(status != cancelled && status != refunded, status);
    if (step.via == Via::key && amount < 1) expected.refusal = Code::invalid_fields;
    if (expected.refusal) break;
    if (amount < 1 || amount > total - paid) expected.refusal = Code::invalid_fields;
    if (status == pending && step.yes && booking.auto_approve && low_risk(booking) && paid + amount >= total) expected.status = confirmed;
    break;
  }
  case Kind::refund: {
    const Amount amount = amount_of(step, booking);
    allow(status != pending && status != refunded, status);
    if (step.via == Via::key && amount < 1) expected.refusal = Code::invalid_fields;
    if (expected.refusal) break;
    if (amount < 1 || amount > paid - booking.refunded_cents()) expected.refusal = Code::invalid_fields;
    if (booking.refunded_cents() + amount >= std::max(total, paid)) expected.status = refunded;
    break;
  }
  case Kind::reschedule: return expect_move(step, booking, before, shop, now);
  default: break;
  }
  return expected;
}

Expectation expect_again(const Step& step, const Ledger& ledger, const Rows& before, const Shop& shop, Instant now) {
  const auto* asked = ledger.repeated(step);
  if (asked == nullptr) return {};
  auto request = ledger.requests.at(step.from);
  if (step.kind == Kind::other_body) request.body.insert(1, " ");
  const auto record = before.answers.find(request.kept_as());
  if (record != before.answers.end() && now - record->second.created_at < std::chrono::hours{24}) {
    const auto kept = ledger.answers.find(request.kept_as());
    Expectation expected;
    expected.replay = kept != ledger.answers.end() && kept->second.request == request;
    if (!expected.replay) expected.refusal = Code::idempotency_mismatch;
    return expected;
  }
  return expect(*asked, ledger, before, shop, now);
}

} // namespace

std::optional<Amount> expected_total(const Step& step, const Ledger& ledger, const Rows& before, const Shop& shop, Instant now) {
  if (step.expected == Expected::unsaid) return {};
  if (step.total) return step.total;
  const auto wanted = wanted_of(step, ledger, before, shop, now);
  const Amount total = wanted ? deal(step, *wanted, before, shop, now).price.total : 0;
  return step.expected == Expected::right ? total : total + 100;
}

Expectation expect(const Step& step, const Ledger& ledger, const Rows& before, const Shop& shop, Instant now) {
  switch (step.kind) {
  case Kind::hold:
  case Kind::quote:
  case Kind::book:
  case Kind::check_out: {
    auto expected = expect_slot(step, ledger, before, shop, now);
    expected.keeps_answer = step.via != Via::library;
    return expected;
  }
  case Kind::release_hold: {
    Expectation expected;
    const auto id = ledger.hold(step);
    const auto* hold = id ? before.find(*id) : nullptr;
    if (hold == nullptr || hold->expires_at <= now) expected.refusal = Code::not_found;
    return expected;
  }
  case Kind::again:
  case Kind::other_body: return expect_again(step, ledger, before, shop, now);
  case Kind::by_stranger: {
    Expectation expected;
    expected.refusal = Code::not_found;
    return expected;
  }
  case Kind::run_due:
  case Kind::reprice:
  case Kind::advance:
  case Kind::jump_back:
  case Kind::crash: return {};
  default: break;
  }
  const auto* booking = ledger.booking(step, before);
  if (booking == nullptr) return {};
  auto expected = expect_on(step, *booking, before, shop, now);
  // An answer to what never began is not kept, so that the corrected request may use its key.
  expected.keeps_answer = step.via != Via::library && step.kind != Kind::reschedule && expected.refusal != Code::invalid_fields;
  return expected;
}

} // namespace orkestr::campaign
