#include "api/context.hpp"

namespace orkestr::inline v1::api {

/// The body of PATCH /v1/api/bookings/{id}.
struct BookingPatch {
  std::optional<BookingItemId> item_id;
  std::optional<Instant> starts_at, ends_at;
  std::optional<std::string> notes;
};

/// The body of POST /v1/api/bookings/{id}/cancel.
struct BookingCancel {
  std::optional<std::string> reason;
};

/// A body that may only be empty.
struct NoFields {};

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
  ORKESTR_TRY(filter.offering_id, call.query.parsed<OfferingId>("offeringId", "to be an offering's id"));
  ORKESTR_TRY(filter.customer_id, call.query.parsed<CustomerId>("customerId", "to be a customer's id"));
  return reply_list(tx.bookings().list(call.tenant.id, filter, and_one_more(page)), page.limit);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load(tx, call));
  return reply_with(booking);
}

} // namespace
} // namespace orkestr::inline v1::api

namespace orkestr::inline v1::json {
template <> struct Schema<api::BookingPatch> {
  using T = api::BookingPatch;
  static constexpr auto fields = std::make_tuple(field("itemId", &T::item_id, patch), field("startsAt", &T::starts_at, patch),
                                                 field("endsAt", &T::ends_at, patch), field("notes", &T::notes, patch, {0, 5000}));
};
template <> struct Schema<api::BookingCancel> {
  static constexpr auto fields = std::make_tuple(field("reason", &api::BookingCancel::reason, create, {0, 1000}));
};
template <> struct Schema<api::NoFields> { static constexpr auto fields = std::make_tuple(); };
} // namespace orkestr::inline v1::json

namespace orkestr::inline v1::api {
namespace {

Result<Reply> approve_booking(WriteContext& cx, const Call& call) {
  json::Reader reader;
  NoFields none;
  if (call.body) json::read_body(reader, *call.body, none, json::Use::create);
  ORKESTR_CHECK(reader.result());
  ORKESTR_TRY(const auto id, call.id<BookingId>());
  ORKESTR_TRY(const auto booking, approve(cx, id));
  return reply_with(booking);
}

Result<Reply> cancel_booking(WriteContext& cx, const Call& call) {
  json::Reader reader;
  BookingCancel input;
  if (call.body) json::read_body(reader, *call.body, input, json::Use::create);
  ORKESTR_CHECK(reader.result());
  ORKESTR_TRY(const auto id, call.id<BookingId>());
  ORKESTR_TRY(const auto booking, cancel(cx, id, std::move(input.reason)));
  return reply_with(booking);
}

Result<Reply> update(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(auto booking, load(cx.tx, call));
  ORKESTR_CHECK(check_match(call.request, json::to_json(booking)));
  json::Reader reader;
  BookingPatch input;
  json::read_body(reader, *call.body, input, json::Use::patch);
  const bool moves = input.starts_at || input.ends_at;
  if (reader.ok()) {
    const auto* object = call.body->if_object();
    if (object->empty()) reader.fault("too_few_items", "Give startsAt and endsAt to reschedule, or notes.");
    for (const char* name : {"itemId", "startsAt", "endsAt", "notes"})
      if (const auto* value = object->if_contains(name); value != nullptr && value->is_null())
        reader.fault_at(name, "not_nullable", "This field can't be null; leave it out.");
    if (reader.ok() && moves && !input.starts_at) reader.fault_at("startsAt", "required", "startsAt and endsAt go together.");
    if (reader.ok() && moves && !input.ends_at) reader.fault_at("endsAt", "required", "startsAt and endsAt go together.");
    if (reader.ok() && input.item_id && !moves) reader.fault_at("startsAt", "required", "An item is moved by startsAt and endsAt.");
  }
  ORKESTR_CHECK(reader.result());
  Amount difference = 0;
  if (moves) {
    ORKESTR_TRY(auto moved, reschedule(cx, booking.id, {input.item_id, {*input.starts_at, *input.ends_at}, Audience::provider}));
    booking = std::move(moved.booking);
    difference = moved.price_difference_cents;
  }
  if (input.notes) {
    ORKESTR_TRY(booking, edit_notes(cx, booking.id, std::move(*input.notes)));
  }
  Reply reply = reply_with(booking);
  if (moves) {
    // Not part of the resource: the tag is that of what GET answers.
    reply.tag = etag_of(reply.body);
    reply.body.pop_back();
    reply.body += ",\"priceDifferenceCents\":" + std::to_string(difference) + "}";
    reply.tagged = false;
  }
  return reply;
}

constexpr std::string_view filters[] = {"status", "offeringId", "customerId", "limit", "cursor"};

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
      {.method = M::get, .path = "/v1/api/bookings/{id}", .operation = "getBooking", .access = Access::read, .read = get},
      {.method = M::patch,
       .path = "/v1/api/bookings/{id}",
       .operation = "updateBooking",
       .access = Access::write,
       .body = required,
       .write = update},
      {.method = M::post,
       .path = "/v1/api/bookings/{id}/approve",
       .operation = "approveBooking",
       .access = Access::write,
       .body = optional,
       .write = approve_booking},
      {.method = M::post,
       .path = "/v1/api/bookings/{id}/cancel",
       .operation = "cancelBooking",
       .access = Access::write,
       .body = optional,
       .write = cancel_booking},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
