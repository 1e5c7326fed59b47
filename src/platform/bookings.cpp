#include "orkestr/platform/use_cases.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

using storage::Claim;

Result<Booking> find_booking(const WriteContext& cx, BookingId id) {
  auto booking = cx.tx.bookings().find(cx.tenant, id);
  if (!booking) return fail(Code::not_found, "There is no such booking.");
  return std::move(*booking);
}

/// The offering's schedule, loaded even when the offering is deleted: its bookings can still be moved.
Result<AvailabilityView> schedule_of(const WriteContext& cx, OfferingId id, bool even_deleted) {
  auto offering = even_deleted ? cx.tx.offerings().find_even_deleted(cx.tenant, id) : cx.tx.offerings().find(cx.tenant, id);
  if (!offering) return fail(Code::not_found, "There is no such offering.");
  return AvailabilityView{
      std::move(*offering), cx.tx.availability().rules(cx.tenant, id), cx.tx.availability().exceptions(cx.tenant, id), {}, {}};
}

Result<void> check_duration(const Offering& offering, Interval interval) {
  const std::int64_t minutes = interval.length().count() / 60'000;
  if (offering.min_duration_minutes && minutes < *offering.min_duration_minutes)
    return fail(Code::duration_not_allowed, "The shortest duration is " + std::to_string(*offering.min_duration_minutes) + " minutes.");
  if (offering.max_duration_minutes && minutes > *offering.max_duration_minutes)
    return fail(Code::duration_not_allowed, "The longest duration is " + std::to_string(*offering.max_duration_minutes) + " minutes.");
  return {};
}

/// The one way to take units: locks the offering, reads what others took, asks the engine, and claims.
/// `claim` replaces what its item held before, which does not stand in its way.
Result<void> take(WriteContext& cx, const AvailabilityView& view, const Claim& claim, Audience audience) {
  if (claim.interval.end <= claim.interval.start) return fail(Code::slot_unavailable, "The end must be after the start.");
  if (claim.interval.length() > std::chrono::days{max_range_days})
    return fail(Code::duration_not_allowed, "A booking spans at most 366 days.");
  ORKESTR_CHECK(check_duration(view.offering, claim.interval));
  auto& occupancy = cx.tx.occupancy();
  occupancy.lock(cx.tenant, claim.offering_id);
  ORKESTR_TRY(const Schedule schedule, view.schedule());
  std::vector<Occupancy> taken;
  for (const auto& other : occupancy.in_range(cx.tenant, claim.offering_id, occupancy_range(schedule, claim.interval)))
    if (other.item_id != claim.item_id) taken.push_back({other.interval, other.quantity});
  const bool whole_days = view.offering.pricing_model == PricingModel::daily;
  ORKESTR_CHECK(check_bookable(schedule, claim.interval, claim.quantity, whole_days, taken, audience, cx.now));
  occupancy.put(cx.tenant, claim);
  return {};
}

void free_slots(WriteContext& cx, const Booking& booking) {
  for (const auto& item : booking.items) cx.tx.occupancy().erase(cx.tenant, item.id);
}

/// Claims carry the booking's state, so that readers of availability need no join.
void mark_claims(WriteContext& cx, const Booking& booking) {
  for (const auto& item : booking.items)
    cx.tx.occupancy().put(cx.tenant, {item.id, item.offering_id, item.interval(), item.quantity, booking.status});
}

void store(WriteContext& cx, Booking& booking) {
  booking.updated_at = cx.now;
  cx.tx.bookings().update(cx.tenant, booking);
}

Customer customer_for(WriteContext& cx, const BookRequest& request) {
  auto found = cx.tx.customers().find_by_email(cx.tenant, request.customer_email);
  Customer customer = found.value_or(Customer{});
  customer.name = request.customer_name;
  if (request.customer_phone) customer.phone = request.customer_phone;
  if (request.customer_locale) customer.locale = request.customer_locale;
  if (found) {
    cx.tx.customers().update(cx.tenant, customer);
    return customer;
  }
  customer.id = cx.make_id<CustomerId>();
  customer.email = request.customer_email;
  customer.created_at = cx.now;
  cx.tx.customers().insert(cx.tenant, customer);
  return customer;
}

/// Ends a booking that has not happened: slots go back, and a coupon too when the booking was never confirmed.
Result<Booking> end(WriteContext& cx, Booking booking, BookingAction action, int percent, std::optional<std::string> reason) {
  const bool was_pending = booking.status == BookingStatus::pending;
  ORKESTR_TRY(booking.status, next_status(booking.status, action));
  booking.refund_percent = percent;
  ORKESTR_TRY(booking.refund_cents, multiply_divide(booking.total_cents, percent, 100));
  booking.cancelled_at = cx.now;
  booking.cancel_reason = std::move(reason);
  store(cx, booking);
  free_slots(cx, booking);
  if (was_pending && booking.coupon_id) cx.tx.coupons().give_back(cx.tenant, *booking.coupon_id, booking.id);
  cx.emit(EventType::booking_cancelled, booking.id.view(), booking_event_data(booking));
  return booking;
}

void add_line(Booking& booking, const PriceLine& line) {
  booking.price_lines.push_back(line);
  booking.subtotal_cents += line.subtotal_cents;
  booking.discount_cents += line.discount_cents;
  booking.tax_cents += line.tax_cents;
  booking.total_cents += line.total_cents;
}

/// Prices one item of a booking anew, with the coupon as it was when it was redeemed.
Result<void> reprice(Booking& booking, std::size_t index, const Offering& offering) {
  BookingItem& item = booking.items[index];
  ORKESTR_TRY(const Quote plain, quote(offering, item.interval(), item.quantity));
  Amount discount = 0;
  if (booking.coupon_kind == CouponKind::fixed)
    discount = booking.price_lines[index].discount_cents;
  else if (booking.coupon_amount) {
    ORKESTR_TRY(discount, multiply_divide(plain.subtotal_cents, *booking.coupon_amount, 100));
  }
  ORKESTR_TRY(const Quote priced, quote(offering, item.interval(), item.quantity, {}, discount));
  item.unit_price_cents = priced.lines[0].unit_cents;
  item.subtotal_cents = priced.subtotal_cents;
  auto lines = std::move(booking.price_lines);
  lines[index] = priced.lines[0];
  booking.price_lines.clear();
  booking.subtotal_cents = booking.discount_cents = booking.tax_cents = booking.total_cents = 0;
  for (const auto& line : lines) add_line(booking, line);
  return {};
}

} // namespace

Result<Booking> book(WriteContext& cx, const BookRequest& request) {
  ORKESTR_TRY(const AvailabilityView view, schedule_of(cx, request.offering_id, false));
  const Offering& offering = view.offering;
  if (request.audience == Audience::customer && offering.status != OfferingStatus::published)
    return fail(Code::not_found, "There is no such offering.");
  if (request.quantity < 1) return fail(Code::slot_unavailable, "The quantity must be at least 1.");

  Booking booking;
  booking.id = cx.make_id<BookingId>();
  BookingItem item{cx.make_id<BookingItemId>(),
                   booking.id,
                   offering.id,
                   offering.title,
                   request.interval.start,
                   request.interval.end,
                   request.quantity,
                   0,
                   0};
  ORKESTR_CHECK(take(cx, view, {item.id, offering.id, request.interval, request.quantity, BookingStatus::pending}, request.audience));

  booking.customer = customer_for(cx, request);
  booking.customer_id = booking.customer.id;
  Quote price;
  if (request.coupon_code) {
    const auto coupon = cx.tx.coupons().find_by_code(cx.tenant, fold_code(*request.coupon_code));
    if (!coupon) return fail(Code::coupon_unknown, "There is no such coupon.");
    const auto used = cx.tx.coupons().redemptions_of(cx.tenant, coupon->id, booking.customer_id);
    ORKESTR_TRY(price, quote(offering, request.interval, request.quantity, {{}, cx.now}, *coupon, used));
    if (!cx.tx.coupons().redeem(cx.tenant, coupon->id, booking.id, booking.customer_id))
      return fail(Code::coupon_exhausted, "The coupon has been used up.");
    booking.coupon_id = coupon->id;
    booking.coupon_code = coupon->code;
    booking.coupon_kind = coupon->kind;
    booking.coupon_amount = coupon->amount;
  } else {
    ORKESTR_TRY(price, quote(offering, request.interval, request.quantity));
  }
  for (const auto& line : price.lines) add_line(booking, line);
  item.unit_price_cents = price.lines[0].unit_cents;
  item.subtotal_cents = price.subtotal_cents;
  booking.items.push_back(item);
  booking.currency = price.currency;
  booking.policy = offering.cancellation_policy;
  booking.notes = request.notes;
  booking.source = request.source;
  booking.created_at = booking.updated_at = cx.now;
  cx.tx.bookings().insert(cx.tenant, booking);
  cx.emit(EventType::booking_created, booking.id.view(), booking_event_data(booking));
  if (booking.coupon_id) {
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
  return booking;
}

Result<Booking> approve(WriteContext& cx, BookingId id) {
  ORKESTR_TRY(Booking booking, find_booking(cx, id));
  ORKESTR_TRY(booking.status, next_status(booking.status, BookingAction::approve));
  booking.confirmed_at = cx.now;
  store(cx, booking);
  mark_claims(cx, booking);
  cx.emit(EventType::booking_confirmed, booking.id.view(), booking_event_data(booking));
  return booking;
}

Result<Booking> decline(WriteContext& cx, BookingId id, std::optional<std::string> reason) {
  ORKESTR_TRY(Booking booking, find_booking(cx, id));
  return end(cx, std::move(booking), BookingAction::decline, 100, std::move(reason));
}

Result<Booking> cancel(WriteContext& cx, BookingId id, std::optional<std::string> reason) {
  ORKESTR_TRY(Booking booking, find_booking(cx, id));
  const int percent = refund_terms(booking.policy, booking.created_at, booking.first_start(), cx.now).percent;
  return end(cx, std::move(booking), BookingAction::cancel, percent, std::move(reason));
}

Result<Booking> complete(WriteContext& cx, BookingId id) {
  ORKESTR_TRY(Booking booking, find_booking(cx, id));
  if (cx.now < booking.last_end())
    return fail(Code::invalid_transition, "The booking has not ended yet, so it can't go from CONFIRMED to COMPLETED.");
  ORKESTR_TRY(booking.status, next_status(booking.status, BookingAction::complete));
  booking.completed_at = cx.now;
  store(cx, booking);
  free_slots(cx, booking);
  cx.emit(EventType::booking_completed, booking.id.view(), booking_event_data(booking));
  return booking;
}

Result<Rescheduled> reschedule(WriteContext& cx, BookingId id, const RescheduleRequest& request) {
  ORKESTR_TRY(Booking booking, find_booking(cx, id));
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
    ORKESTR_TRY(const AvailabilityView view, schedule_of(cx, found->offering_id, true));
    if (request.audience == Audience::customer && !view.offering.reschedule_allowed)
      return fail(Code::reschedule_not_allowed, "This offering's bookings can't be rescheduled; cancel and book again instead.");
    ORKESTR_CHECK(take(cx, view, {found->id, found->offering_id, request.interval, found->quantity, booking.status}, request.audience));
    found->starts_at = request.interval.start;
    found->ends_at = request.interval.end;
    const Amount before = booking.total_cents;
    if (previous.length() != request.interval.length())
      ORKESTR_CHECK(reprice(booking, static_cast<std::size_t>(found - booking.items.begin()), view.offering));
    result.price_difference_cents = booking.total_cents - before;
    cx.tx.bookings().update_item(cx.tenant, *found);
    store(cx, booking);
    cx.emit(EventType::booking_rescheduled, booking.id.view(), booking_event_data(booking, &*found, previous));
  }
  result.booking = std::move(booking);
  return result;
}

Result<Booking> edit_notes(WriteContext& cx, BookingId id, std::string notes) {
  ORKESTR_TRY(Booking booking, find_booking(cx, id));
  booking.notes = std::move(notes);
  store(cx, booking);
  return booking;
}

} // namespace orkestr::inline v1
