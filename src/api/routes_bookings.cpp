#include "api/bodies.hpp"
#include "api/slots.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Booking> load(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<BookingId>());
  auto booking = tx.bookings().find(call.tenant.id, id);
  if (!booking) return fail(Code::not_found, "There is no such booking.");
  return std::move(*booking);
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  storage::BookingFilter filter;
  ORKESTR_TRY(filter.status, call.query.enumeration<BookingStatus>("status"));
  ORKESTR_TRY(filter.risk_review, call.query.enumeration<RiskReview>("riskReviewStatus"));
  ORKESTR_TRY(filter.offering_id, call.query.parsed<OfferingId>("offeringId", "to be an offering's id"));
  ORKESTR_TRY(filter.customer_id, call.query.parsed<CustomerId>("customerId", "to be a customer's id"));
  ORKESTR_TRY(filter.coupon_id, call.query.parsed<CouponId>("couponId", "to be a coupon's id"));
  if (call.query.find("from") != nullptr || call.query.find("to") != nullptr) {
    ORKESTR_TRY(const auto zone, Zone::find(call.tenant.time_zone));
    ORKESTR_TRY(filter.starting, range_of(call.query, zone));
  }
  return reply_list(tx.bookings().list(call.tenant.id, filter, and_one_more(page)), page.limit);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load(tx, call));
  return reply_with(booking);
}

Result<Reply> create(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto draft, body_of<KeyBookingDraft>(call));
  ORKESTR_TRY(auto request, book_request(draft));
  request.audience = Audience::provider;
  request.source = std::move(draft.source);
  request.client.ip = draft.client.ip_address;
  request.client.ip_country = draft.client.ip_country;
  request.client.card = draft.client.card_fingerprint;
  request.client.card_country = draft.client.card_country;
  const auto done = check_out(cx, request);
  return done.booking ? reply_created(call, *done.booking) : reply_refused(done.refusal);
}

Result<Reply> approve_booking(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto id, call.id<BookingId>());
  ORKESTR_TRY(const auto booking, approve(cx, id));
  return reply_with(booking);
}

Result<Reply> decline_booking(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto input, body_of<BookingCancel>(call));
  ORKESTR_TRY(const auto id, call.id<BookingId>());
  ORKESTR_TRY(const auto booking, decline(cx, id, std::move(input.reason)));
  return reply_with(booking);
}

Result<Reply> cancel_booking(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto input, body_of<BookingCancel>(call));
  ORKESTR_TRY(const bool dry, dry_run(call));
  ORKESTR_TRY(const auto id, call.id<BookingId>());
  if (dry) {
    ORKESTR_TRY(const auto booking, load(cx.tx, call));
    ORKESTR_TRY(const auto terms, cancellation_terms(booking, call.now));
    return reply_untagged(terms);
  }
  ORKESTR_TRY(const auto booking, cancel(cx, id, std::move(input.reason)));
  return reply_with(booking);
}

template <bool approved> Result<Reply> review(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_TRY(const auto id, call.id<BookingId>());
  ORKESTR_TRY(const auto booking, review_risk(cx, id, approved));
  return reply_with(booking);
}

Result<Reply> add_payment(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto unpaid, load(cx.tx, call));
  ORKESTR_TRY(auto input, body_of<PaymentDraft>(call));
  ORKESTR_TRY(const auto booking, record_payment(cx, unpaid.id, {input.amount_cents, std::move(input.provider), true}));
  return reply_with(booking);
}

Result<Reply> add_refund(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto paid, load(cx.tx, call));
  ORKESTR_TRY(const auto input, body_of<RefundDraft>(call));
  ORKESTR_TRY(const auto booking, start_refund(cx, paid.id, input.amount_cents, RefundReason::provider));
  return reply_with(booking);
}

Result<Reply> update(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto booking, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(booking)));
  ORKESTR_TRY(auto input, body_of<BookingPatch>(call, json::Use::patch));
  ORKESTR_TRY(const auto move, move_of(call, input, Audience::provider));
  Amount difference = 0;
  if (move) {
    ORKESTR_TRY(auto moved, reschedule(cx, booking.id, *move));
    booking = std::move(moved.booking);
    difference = moved.price_difference_cents;
  }
  if (input.notes) {
    ORKESTR_TRY(booking, edit_notes(cx, booking.id, std::move(*input.notes)));
  }
  return move ? moved_reply(json::to_json(booking), difference) : reply_with(booking);
}

constexpr std::string_view filters[] = {"status", "offeringId", "customerId", "couponId", "riskReviewStatus",
                                        "from",   "to",         "limit",      "cursor"};

/// An action on a booking: POST, mostly without a body.
constexpr Route action(std::string_view path, std::string_view operation, Access access, WriteHandler write,
                       Route::Body body = Route::Body::optional, std::span<const std::string_view> parameters = {},
                       Role role = Role::staff) {
  return {.method = Method::post,
          .path = path,
          .operation = operation,
          .access = access,
          .parameters = parameters,
          .body = body,
          .write = write,
          .role = role};
}

} // namespace

std::span<const Route> booking_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/api/bookings",
       .operation = "listBookings",
       .access = Access::read,
       .parameters = filters,
       .read = list},
      {.method = M::post,
       .path = "/v1/api/bookings",
       .operation = "createBooking",
       .access = Access::write,
       .body = required,
       .write = create},
      {.method = M::get, .path = "/v1/api/bookings/{id}", .operation = "getBooking", .access = Access::read, .read = get},
      {.method = M::patch,
       .path = "/v1/api/bookings/{id}",
       .operation = "updateBooking",
       .access = Access::write,
       .body = required,
       .write = update,
       .role = Role::staff},
      action("/v1/api/bookings/{id}/approve", "approveBooking", Access::write, approve_booking),
      action("/v1/api/bookings/{id}/cancel", "cancelBooking", Access::write, cancel_booking, optional, dry_run_parameter),
      {.method = M::get,
       .path = "/v1/provider/bookings",
       .operation = "listProviderBookings",
       .access = Access::admin,
       .parameters = filters,
       .read = list},
      {.method = M::get, .path = "/v1/provider/bookings/{id}", .operation = "getProviderBooking", .access = Access::admin, .read = get},
      action("/v1/provider/bookings/{id}/approve", "approveProviderBooking", Access::admin, approve_booking),
      action("/v1/provider/bookings/{id}/decline", "declineBooking", Access::admin, decline_booking),
      action("/v1/provider/bookings/{id}/cancel", "cancelProviderBooking", Access::admin, cancel_booking, optional, dry_run_parameter),
      action("/v1/provider/bookings/{id}/risk-approve", "approveBookingRisk", Access::admin, review<true>),
      action("/v1/provider/bookings/{id}/risk-reject", "rejectBookingRisk", Access::admin, review<false>),
      action("/v1/provider/bookings/{id}/payments", "recordPayment", Access::admin, add_payment, required, {}, Role::admin),
      action("/v1/provider/bookings/{id}/refunds", "recordRefund", Access::admin, add_refund, required, {}, Role::admin),
  };
  return routes;
}

} // namespace orkestr::inline v1::api
