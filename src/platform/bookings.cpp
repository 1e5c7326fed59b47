#include "platform/bookings.hpp"
#include "platform/claims.hpp"
#include "platform/mails.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

using bookings::end;
using bookings::free_slots;
using bookings::store;

storage::ClaimStatus claim_status(BookingStatus status) {
  return status == BookingStatus::confirmed ? storage::ClaimStatus::confirmed : storage::ClaimStatus::pending;
}

/// Claims carry the booking's state, so that readers of availability need no join.
void confirm(WriteContext& cx, Booking& booking) {
  booking.status = BookingStatus::confirmed;
  booking.confirmed_at = cx.now;
  booking.payment_due_at.reset();
  store(cx, booking);
  cx.audit("booking.confirm", booking.id);
  for (const auto& item : booking.items) cx.tx.occupancy().set_status(cx.tenant, item.id, storage::ClaimStatus::confirmed);
  cx.emit(EventType::booking_confirmed, booking.id.view(), booking_event_data(booking));
}

/// Prices one item of a booking anew, with the coupon as it was when it was redeemed.
Result<void> reprice(Booking& booking, BookingItem& item, const Offering& offering, const PriceFactors& factors) {
  // Lines of other items stay. Bookings of one item keep theirs without a name in older rows.
  std::vector<PriceLine> lines;
  Amount old_discount = 0;
  for (auto& line : booking.price_lines) {
    if (booking.items.size() == 1 || line.item_id == item.id)
      old_discount += line.discount_cents;
    else
      lines.push_back(std::move(line));
  }
  ORKESTR_TRY(const Quote plain, quote(offering, item.interval(), item.quantity, factors));
  Amount discount = old_discount;
  if (booking.coupon_kind == CouponKind::percent && booking.coupon_amount) {
    ORKESTR_TRY(discount, multiply_divide(plain.subtotal_cents, *booking.coupon_amount, 100));
  }
  ORKESTR_TRY(const Quote priced, quote(offering, item.interval(), item.quantity, factors, discount));
  item.unit_price_cents = priced.unit_cents();
  item.subtotal_cents = priced.subtotal_cents;
  for (const auto& line : priced.lines) lines.emplace_back(line).item_id = item.id;
  booking.price_lines = std::move(lines);
  booking.subtotal_cents = booking.discount_cents = booking.tax_cents = booking.total_cents = 0;
  for (const auto& line : booking.price_lines) {
    booking.subtotal_cents += line.subtotal_cents;
    booking.discount_cents += line.discount_cents;
    booking.tax_cents += line.tax_cents;
    booking.total_cents += line.total_cents;
  }
  return {};
}

bool low_risk(const Booking& booking) {
  return booking.risk_review_status == RiskReview::none || booking.risk_review_status == RiskReview::approved;
}

} // namespace

Result<Booking> bookings::find(const WriteContext& cx, BookingId id) {
  auto booking = cx.tx.bookings().find(cx.tenant, id);
  if (!booking) return fail(Code::not_found, "There is no such booking.");
  return std::move(*booking);
}

void bookings::free_slots(WriteContext& cx, const Booking& booking) {
  for (const auto& item : booking.items) cx.tx.occupancy().erase(cx.tenant, item.id);
}

void bookings::store(WriteContext& cx, Booking& booking) {
  booking.updated_at = cx.now;
  ++booking.sequence;
  cx.tx.bookings().update(cx.tenant, booking);
}

Error bookings::at_most(std::string_view what, Amount most) {
  json::Reader reader;
  reader.fault_at("amountCents", most > 0 ? "too_large" : "conflict", std::string{what} + " is " + std::to_string(most) + ".");
  return reader.result().error();
}

Result<Booking> bookings::end(WriteContext& cx, Booking booking, BookingAction action, int percent, std::optional<std::string> reason) {
  const bool was_pending = booking.status == BookingStatus::pending;
  ORKESTR_TRY(booking.status, next_status(booking.status, action));
  booking.refund_percent = percent;
  ORKESTR_TRY(booking.refund_cents, multiply_divide(booking.total_cents, percent, 100));
  booking.cancelled_at = cx.now;
  booking.payment_due_at.reset();
  if (booking.risk_review_status == RiskReview::pending) booking.risk_review_status = RiskReview::rejected;
  booking.cancel_reason = std::move(reason);
  booking.ended_by = action;
  store(cx, booking);
  cx.audit("booking." + std::string{json::name_of(action)}, booking.id);
  free_slots(cx, booking);
  money::settle_end(cx, booking);
  if (was_pending && booking.coupon_id) cx.tx.coupons().give_back(cx.tenant, *booking.coupon_id, booking.id);
  cx.emit(EventType::booking_cancelled, booking.id.view(), booking_event_data(booking));
  mails::tell_customer(cx, BookingMail::cancelled, booking);
  return booking;
}

void claims::confirm_if_settled(WriteContext& cx, Booking& booking, Told told) {
  const bool settled = booking.owed_cents() == 0 && !booking.all_returned(); // at the gateway, without us
  if (!booking.auto_approve || !settled || !low_risk(booking) || !next_status(booking.status, BookingAction::pay)) return;
  confirm(cx, booking);
  if (told == Told::at_once) mails::tell_customer(cx, BookingMail::confirmed, booking);
}

Result<Booking> approve(WriteContext& cx, BookingId id) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  ORKESTR_CHECK(next_status(booking.status, BookingAction::approve));
  if (booking.risk_review_status == RiskReview::pending) booking.risk_review_status = RiskReview::approved;
  confirm(cx, booking);
  mails::tell_customer(cx, BookingMail::confirmed, booking);
  return booking;
}

Result<Booking> decline(WriteContext& cx, BookingId id, std::optional<std::string> reason) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  return end(cx, std::move(booking), BookingAction::decline, 100, std::move(reason));
}

Result<CancellationTerms> cancellation_terms(const Booking& booking, Instant now) {
  ORKESTR_CHECK(next_status(booking.status, BookingAction::cancel));
  const auto terms = refund_terms(booking.policy, booking.created_at, booking.first_start(), now);
  ORKESTR_TRY(const Amount cents, multiply_divide(booking.total_cents, terms.percent, 100));
  return CancellationTerms{booking.id, terms.percent, cents, booking.currency, terms.grace, terms.tier};
}

Result<Booking> cancel(WriteContext& cx, BookingId id, std::optional<std::string> reason) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  ORKESTR_TRY(const auto terms, cancellation_terms(booking, cx.now));
  return end(cx, std::move(booking), BookingAction::cancel, terms.refund_percent, std::move(reason));
}

Result<Booking> expire_payment(WriteContext& cx, BookingId id) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  if (!booking.payment_due_at || cx.now < *booking.payment_due_at)
    return fail(Code::invalid_transition, "No payment is overdue, so the booking can't go from PENDING to CANCELLED.");
  return end(cx, std::move(booking), BookingAction::expire, 100, "payment_timeout");
}

Result<Booking> review_risk(WriteContext& cx, BookingId id, bool approved) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  if (booking.risk_review_status != RiskReview::pending)
    return fail(Code::invalid_transition, "The risk review is " + std::string{json::name_of(booking.risk_review_status)} +
                                              ", so it can't be made " + (approved ? "APPROVED" : "REJECTED") + ".");
  booking.risk_review_status = approved ? RiskReview::approved : RiskReview::rejected;
  if (!approved) return end(cx, std::move(booking), BookingAction::decline, 100, "risk_rejected");
  store(cx, booking);
  cx.audit("booking.risk_approve", id);
  claims::confirm_if_settled(cx, booking);
  return booking;
}

Result<Booking> record_payment(WriteContext& cx, BookingId id, const PaymentRecord& record) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  if (booking.status == BookingStatus::cancelled || booking.status == BookingStatus::refunded)
    return fail(Code::invalid_transition, "A booking that is " + std::string{json::name_of(booking.status)} +
                                              " takes no payment; it must be PENDING, CONFIRMED or COMPLETED.");
  const Amount owed = booking.owed_cents();
  if (record.amount_cents < 1 || record.amount_cents > owed) return bookings::at_most("What is owed", owed);
  Payment payment{cx.make_id<PaymentId>(), booking.id, record.succeeded ? PaymentStatus::succeeded : PaymentStatus::failed,
                  record.amount_cents,     0,          booking.currency,
                  record.provider,         cx.now};
  cx.tx.bookings().insert_payment(cx.tenant, payment);
  cx.audit("payment.record", payment.id);
  booking.payments.push_back(std::move(payment));
  if (record.succeeded && record.amount_cents == owed) booking.payment_due_at.reset();
  store(cx, booking);
  if (record.succeeded) claims::confirm_if_settled(cx, booking);
  return booking;
}

Result<Booking> complete(WriteContext& cx, BookingId id) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  if (cx.now < booking.last_end())
    return fail(Code::invalid_transition, "The booking has not ended yet, so it can't go from CONFIRMED to COMPLETED.");
  ORKESTR_TRY(booking.status, next_status(booking.status, BookingAction::complete));
  booking.completed_at = cx.now;
  store(cx, booking);
  cx.audit("booking.complete", id);
  free_slots(cx, booking);
  money::end_subscription(cx, booking);
  cx.emit(EventType::booking_completed, booking.id.view(), booking_event_data(booking));
  return booking;
}

Result<Rescheduled> reschedule(WriteContext& cx, BookingId id, const RescheduleRequest& request) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  ORKESTR_TRY(booking.status, next_status(booking.status, BookingAction::reschedule));
  auto found = booking.items.begin();
  if (request.item_id) found = std::ranges::find(booking.items, *request.item_id, &BookingItem::id);
  json::Reader reader;
  if (found == booking.items.end())
    reader.fault_at("itemId", "not_found", "The booking has no such item.");
  else if (!request.item_id && booking.items.size() > 1)
    reader.fault_at("itemId", "required", "The booking has several items; say which one moves.");
  if (request.interval.end <= request.interval.start) reader.fault_at("endsAt", "conflict", "endsAt must be after startsAt.");
  ORKESTR_CHECK(reader.result());

  const Interval previous = found->interval();
  Rescheduled result;
  if (previous != request.interval) {
    ORKESTR_TRY(const auto view, load_availability_even_deleted(cx.tx, cx.tenant, found->offering_id));
    if (request.audience == Audience::customer && !view.offering.reschedule_allowed)
      return fail(Code::reschedule_not_allowed, "This offering's bookings can't be rescheduled; cancel and book again instead.");
    ORKESTR_TRY(const Units units,
                claims::take(cx, view, {request.interval, found->quantity, found->id, request.audience},
                             {found->id, found->offering_id, request.interval, found->quantity, claim_status(booking.status), {}}));
    found->starts_at = request.interval.start;
    found->ends_at = request.interval.end;
    const Amount before = booking.total_cents;
    if (previous.length() != request.interval.length()) {
      const auto rules = claims::pricing_rules(cx.tx, cx.tenant, view.offering);
      ORKESTR_CHECK(reprice(booking, *found, view.offering, {rules, cx.now, units.capacity - units.remaining, units.capacity}));
    }
    result.price_difference_cents = booking.total_cents - before;
    if (booking.owed_cents() == 0) booking.payment_due_at.reset();
    cx.tx.bookings().update_item(cx.tenant, *found);
    store(cx, booking);
    cx.audit("booking.reschedule", id);
    money::follow_move(cx, booking, result.price_difference_cents != 0);
    cx.emit(EventType::booking_rescheduled, booking.id.view(), booking_event_data(booking, &*found, previous));
    mails::tell_customer(cx, BookingMail::moved, booking);
    if (result.price_difference_cents < 0) claims::confirm_if_settled(cx, booking); // it may have been paid for already
  }
  result.booking = std::move(booking);
  return result;
}

Result<Booking> edit_notes(WriteContext& cx, BookingId id, std::string notes) {
  ORKESTR_TRY(Booking booking, bookings::find(cx, id));
  booking.notes = std::move(notes);
  store(cx, booking);
  cx.audit("booking.edit_notes", id);
  return booking;
}

} // namespace orkestr::inline v1
