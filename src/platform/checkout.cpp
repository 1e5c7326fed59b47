#include "base/sha256.hpp"
#include "base/text.hpp"
#include "platform/claims.hpp"
#include "platform/mails.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

/// @param found the customer of that address, if there is one
Customer customer_for(WriteContext& cx, const BookRequest& request, const std::optional<Customer>& found) {
  Customer customer = found.value_or(Customer{});
  customer.name = request.customer_name;
  if (request.customer_phone) customer.phone = request.customer_phone;
  if (request.customer_locale) customer.locale = request.customer_locale;
  if (found) {
    const bool same = found->name == customer.name && found->phone == customer.phone && found->locale == customer.locale;
    if (!same) cx.tx.customers().update(cx.tenant, customer);
    return customer;
  }
  customer.id = cx.make_id<CustomerId>();
  customer.email = request.customer_email;
  customer.created_at = cx.now;
  cx.tx.customers().insert(cx.tenant, customer);
  return customer;
}

/// Finds the coupon, asks it for its discount on the plain price, and counts the redemption.
Result<Quote> redeem(WriteContext& cx, Booking& booking, const Offering& offering, const BookingItem& item, const PriceFactors& factors,
                     const std::string& code) {
  const auto coupon = cx.tx.coupons().find_by_code(cx.tenant, fold_code(code));
  if (!coupon) return fail(Code::coupon_unknown, "There is no such coupon.");
  const auto used = cx.tx.coupons().redemptions_of(cx.tenant, coupon->id, booking.customer_id);
  ORKESTR_TRY(auto priced, quote(offering, item.interval(), item.quantity, factors, *coupon, used));
  if (!cx.tx.coupons().redeem(cx.tenant, coupon->id, booking.id, booking.customer_id))
    return fail(Code::coupon_exhausted, "The coupon has been used up.");
  booking.coupon_id = coupon->id;
  booking.coupon_code = coupon->code;
  booking.coupon_kind = coupon->kind;
  booking.coupon_amount = coupon->amount;
  return priced;
}

Error price_changed(const Quote& quote, Amount expected) {
  Error error = fail(Code::price_changed, "The total is " + std::to_string(quote.total_cents) + ", not " + std::to_string(expected) +
                                              "; show the new quote and send its total.");
  error.members = "\"quote\":" + json::to_json(quote);
  return error;
}

void emit_redeemed(WriteContext& cx, const Booking& booking) {
  std::string data;
  json::Writer w(data);
  w.begin_object();
  w.key("couponId");
  w.string(booking.coupon_id->view());
  w.key("code");
  w.string(*booking.coupon_code);
  w.key("bookingId");
  w.string(booking.id.view());
  w.key("discountCents");
  w.integer(booking.discount_cents);
  w.end_object();
  cx.emit(EventType::coupon_redeemed, booking.id.view(), data);
}

bool is_coupon_refusal(Code code) { return code >= Code::coupon_unknown && code <= Code::coupon_customer_limit; }

} // namespace

storage::Later<RiskFacts> gather_risk_facts(const storage::ReadTransaction& tx, TenantId tenant, const BookRequest& request,
                                            Currency currency, Instant start, Instant now) {
  using storage::AttemptKind;
  using storage::AttemptTrait;
  const auto& client = request.client;
  constexpr std::chrono::hours hour{1}, day{24};
  // A median of few bookings says nothing.
  constexpr std::size_t fewest = 10, most = 31;
  storage::RiskQuery query{{}, request.customer_email, 30, currency, most};
  std::vector<int RiskFacts::*> counts;
  const auto ask = [&](int RiskFacts::*count, AttemptKind kind, AttemptTrait trait, const std::optional<std::string>& value,
                       std::chrono::hours window) {
    if (!value) return;
    query.attempts.push_back({kind, trait, *value, now - window});
    counts.push_back(count);
  };
  const std::optional<std::string> email = ascii_lower(request.customer_email);
  ask(&RiskFacts::attempts_by_email, AttemptKind::booking, AttemptTrait::email, email, hour);
  ask(&RiskFacts::attempts_by_ip, AttemptKind::booking, AttemptTrait::ip, client.ip, hour);
  ask(&RiskFacts::attempts_by_device, AttemptKind::booking, AttemptTrait::device, client.device, hour);
  ask(&RiskFacts::attempts_by_card, AttemptKind::booking, AttemptTrait::card, client.card, day);
  ask(&RiskFacts::refused_coupons, AttemptKind::coupon_refused, AttemptTrait::email, email, day);
  ask(&RiskFacts::refused_coupons, AttemptKind::coupon_refused, AttemptTrait::ip, client.ip, day);
  ask(&RiskFacts::unpaid_holds, AttemptKind::hold_lapsed, AttemptTrait::ip, client.ip, day);
  RiskFacts facts;
  facts.email = request.customer_email;
  facts.lead = start - now;
  facts.customer_country = client.country;
  facts.ip_country = client.ip_country;
  facts.card_country = client.card_country;
  const auto answer = [facts, counts, asked = tx.risk().look_back(tenant, query)]() mutable {
    auto numbers = asked.get();
    // What is asked by two traits counts by the one that says more.
    for (std::size_t i = 0; i < counts.size(); ++i) facts.*counts[i] = std::max(facts.*counts[i], numbers.attempts[i]);
    if (auto& totals = numbers.totals; totals.size() >= fewest) {
      const auto middle = totals.begin() + static_cast<std::ptrdiff_t>(totals.size() / 2);
      std::ranges::nth_element(totals, middle);
      facts.median_cents = *middle;
    }
    facts.first_time = numbers.history.confirmed == 0;
    facts.past_cancellations = numbers.history.cancelled;
    facts.past_refunds = numbers.history.refunded;
    facts.past_disputes = numbers.history.disputed;
    return facts;
  };
  return storage::Later<RiskFacts>{answer};
}

Result<Booking> book(WriteContext& cx, const BookRequest& request) {
  auto known_customer = cx.tx.customers().find_by_email(cx.tenant, request.customer_email);
  OfferingId offering_id = request.offering_id;
  claims::Wanted wanted{request.interval, request.quantity, {}, request.audience};
  if (request.hold_id) {
    ORKESTR_TRY(const Hold held, claims::live_hold(cx.tx, cx.tenant, *request.hold_id, cx.now));
    offering_id = held.offering_id;
    wanted = {held.interval(), held.quantity, held.id, Audience::provider};
  }
  ORKESTR_TRY(const auto view, claims::bookable(cx.tx, cx.tenant, offering_id, request.audience));
  const Offering& offering = view.offering;
  auto past = gather_risk_facts(cx.tx, cx.tenant, request, offering.currency, wanted.interval.start, cx.now);

  Booking booking;
  booking.id = cx.make_id<BookingId>();
  BookingItem item;
  item.id = cx.make_id<BookingItemId>();
  item.booking_id = booking.id;
  item.offering_id = offering.id;
  item.offering_title = offering.title;
  item.starts_at = wanted.interval.start;
  item.ends_at = wanted.interval.end;
  item.quantity = wanted.quantity;
  ORKESTR_TRY(const Units units,
              claims::take(cx, view, wanted, {item.id, offering.id, item.interval(), item.quantity, storage::ClaimStatus::pending, {}}));
  if (request.hold_id) {
    cx.tx.occupancy().erase(cx.tenant, *request.hold_id);
    cx.tx.holds().erase(cx.tenant, *request.hold_id);
  }

  booking.customer = customer_for(cx, request, known_customer.get());
  booking.customer_id = booking.customer.id;
  const auto rules = claims::pricing_rules(cx.tx, cx.tenant, offering);
  const PriceFactors factors{rules, cx.now, units.capacity - units.remaining, units.capacity};
  Quote price;
  if (request.coupon_code) {
    ORKESTR_TRY(price, redeem(cx, booking, offering, item, factors, *request.coupon_code));
  } else {
    ORKESTR_TRY(price, quote(offering, item.interval(), item.quantity, factors));
  }
  if (request.expected_total_cents && *request.expected_total_cents != price.total_cents)
    return price_changed(price, *request.expected_total_cents);
  item.unit_price_cents = price.unit_cents();
  item.subtotal_cents = price.subtotal_cents;
  booking.items.push_back(item);
  booking.price_lines = std::move(price.lines);
  for (auto& line : booking.price_lines) line.item_id = item.id;
  booking.subtotal_cents = price.subtotal_cents;
  booking.discount_cents = price.discount_cents;
  booking.tax_cents = price.tax_cents;
  booking.total_cents = price.total_cents;
  booking.currency = price.currency;
  booking.policy = offering.cancellation_policy;
  booking.auto_approve = offering.auto_approve;
  booking.notes = request.notes;
  booking.source = request.source;
  booking.created_at = booking.updated_at = cx.now;
  if (request.pay_online && booking.total_cents > 0) booking.payment_due_at = cx.now + payment_time;
  if (request.manage_token) booking.manage_token_hash = hex(sha256(*request.manage_token));

  auto facts = past.get();
  facts.amount_cents = booking.total_cents;
  const auto risk = assess(facts, cx.tx.risk().policy(cx.tenant).value_or(RiskPolicy{}));
  if (risk.blocked) return fail(Code::booking_blocked, "This booking can't be made online; contact the provider.");
  booking.risk_score = risk.score;
  booking.risk_reasons = risk.reasons;
  if (risk.held) booking.risk_review_status = RiskReview::pending;

  cx.tx.bookings().insert(cx.tenant, booking);
  cx.audit("booking.create", booking.id);
  cx.emit(EventType::booking_created, booking.id.view(), booking_event_data(booking));
  if (booking.coupon_id) emit_redeemed(cx, booking);
  claims::confirm_if_settled(cx, booking, claims::Told::by_maker);
  mails::tell_customer(cx, booking.status == BookingStatus::confirmed ? BookingMail::confirmed : BookingMail::received, booking,
                       request.manage_token.value_or(""));
  if (booking.status == BookingStatus::pending && !booking.payment_due_at)
    cx.notify({{},
               {},
               NotificationKind::generic,
               "New booking to decide on: " + item.offering_title,
               "/provider/bookings/" + booking.id.str(),
               booking.id.str(),
               {},
               {}});
  return booking;
}

Checkout check_out(WriteContext& cx, const BookRequest& request) {
  storage::Attempt attempt{cx.make_id<AttemptId>(),
                           storage::AttemptKind::booking,
                           ascii_lower(request.customer_email),
                           request.client.ip,
                           request.client.device,
                           request.client.card,
                           cx.now};
  cx.tx.risk().insert(cx.tenant, attempt);
  auto booking = cx.tx.nested([&] { return book(cx, request); });
  if (!booking && is_coupon_refusal(booking.error().code)) {
    attempt.id = cx.make_id<AttemptId>();
    attempt.kind = storage::AttemptKind::coupon_refused;
    cx.tx.risk().insert(cx.tenant, attempt);
  }
  if (!booking) return {{}, std::move(booking).error()};
  return {std::move(*booking), {}};
}

std::string make_manage_token(Random& random) { return "bmt_" + make_token(random).secret; }

Result<Booking> find_managed(const storage::ReadTransaction& tx, TenantId tenant, BookingId id, std::string_view token, Instant now) {
  auto booking = tx.bookings().find(tenant, id);
  if (is_session_token(token)) {
    ORKESTR_TRY(const auto session, find_customer_session(tx, tenant, token, now));
    if (!booking || ascii_lower(booking->customer.email) != session.email)
      return fail(Code::not_found, "There is no such booking of yours.");
    return std::move(*booking);
  }
  const std::string hash = hex(sha256(token));
  if (!booking || !booking->manage_token_hash || booking->manage_token_hash->size() != hash.size() ||
      CRYPTO_memcmp(booking->manage_token_hash->data(), hash.data(), hash.size()) != 0)
    return fail(Code::not_found, "There is no such booking, or the token is not its own.");
  return std::move(*booking);
}

} // namespace orkestr::inline v1
