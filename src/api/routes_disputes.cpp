// Disputes, as the customer with a booking's manage token and as the provider. One resource is a thread, with its messages; lists have
// none.
#include "api/bodies.hpp"
#include "api/storefront.hpp"
#include "api/trust_bodies.hpp"

namespace orkestr::inline v1::api {
namespace {

using enum DisputeParty;

/// The dispute that a path names and who acts in it. @errors `not_found`
struct Place {
  DisputeId id;
  DisputeActor by;
};

Result<Dispute> load_one(const storage::ReadTransaction& tx, const Call& call, std::size_t index) {
  ORKESTR_TRY(const auto id, call.id<DisputeId>(index));
  auto dispute = tx.disputes().find(call.tenant.id, id);
  if (!dispute) return fail(Code::not_found, "There is no such dispute.");
  return std::move(*dispute);
}
/// Of the booking whose token the caller has.
Result<Dispute> load_customers(const storage::ReadTransaction& tx, const Call& call, const Booking& booking) {
  ORKESTR_TRY(auto dispute, load_one(tx, call, 2));
  if (dispute.booking_id != booking.id) return fail(Code::not_found, "There is no such dispute.");
  return dispute;
}

template <DisputeParty party> Result<Place> place_of(WriteContext& cx, const Call& call) {
  if constexpr (party == customer) {
    ORKESTR_TRY(const auto booking, managed(cx, call));
    ORKESTR_TRY(const auto dispute, load_customers(cx.tx, call, booking));
    return Place{dispute.id, {party, cx.actor.id}};
  } else {
    ORKESTR_TRY(const auto dispute, load_one(cx.tx, call, 0));
    return Place{dispute.id, {party, cx.actor.id}};
  }
}

template <DisputeParty party>
Result<Reply> reply_thread(const storage::ReadTransaction& tx, const Call& call, DisputeId id, int status = 200) {
  ORKESTR_TRY(auto thread, find_dispute(tx, call.tenant.id, id));
  if constexpr (party == customer)
    return reply_with(CustomersThread(std::move(thread)), status);
  else
    return reply_with(thread, status);
}

template <DisputeParty party> Result<Reply> open(WriteContext& cx, const Call& call) {
  BookingId booking;
  if constexpr (party == customer) {
    ORKESTR_TRY(const auto of, managed(cx, call));
    booking = of.id;
  } else {
    ORKESTR_TRY(booking, call.id<BookingId>());
    if (!cx.tx.bookings().find(cx.tenant, booking)) return fail(Code::not_found, "There is no such booking.");
  }
  ORKESTR_TRY(auto draft, body_of<Dispute>(call));
  ORKESTR_TRY(const auto dispute, open_dispute(cx, booking, std::move(draft), {party, cx.actor.id}));
  ORKESTR_TRY(auto reply, reply_thread<party>(cx.tx, call, dispute.id, 201));
  reply.location = (party == customer ? std::string{call.path} : "/v1/provider/disputes") + "/" + dispute.id.str();
  return reply;
}

template <DisputeParty party> Result<Reply> post(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto place, place_of<party>(cx, call));
  ORKESTR_TRY(auto draft, body_of<DisputeMessage>(call));
  ORKESTR_TRY(auto message, post_message(cx, place.id, std::move(draft), place.by));
  Reply reply{201, {}, std::string{call.path.substr(0, call.path.rfind('/'))}, false};
  reply.body = party == customer ? json::to_json(CustomersMessage{std::move(message)}) : json::to_json(message);
  return reply;
}

template <DisputeParty party, Result<Dispute> (*act)(WriteContext&, DisputeId, const DisputeActor&)>
Result<Reply> action(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto place, place_of<party>(cx, call));
  ORKESTR_CHECK(body_of<NoFields>(call));
  ORKESTR_CHECK(act(cx, place.id, place.by));
  return reply_thread<party>(cx.tx, call, place.id);
}

Result<Reply> resolve(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto place, place_of<provider>(cx, call));
  ORKESTR_TRY(auto decision, body_of<DisputeDecision>(call));
  ORKESTR_CHECK(resolve_dispute(cx, place.id, std::move(decision), place.by));
  return reply_thread<provider>(cx.tx, call, place.id);
}

Result<Reply> list_customers(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load_managed(tx, call));
  ORKESTR_TRY(const auto page, call.query.page());
  std::vector<CustomersDispute> rows;
  for (auto& dispute : tx.disputes().of_booking(call.tenant.id, booking.id)) rows.push_back({std::move(dispute)});
  return reply_children(std::move(rows), page);
}

Result<Reply> get_customers(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto booking, load_managed(tx, call));
  ORKESTR_TRY(const auto dispute, load_customers(tx, call, booking));
  return reply_thread<customer>(tx, call, dispute.id);
}

Result<Reply> list(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto page, call.query.page());
  storage::DisputeFilter filter;
  ORKESTR_TRY(filter.status, call.query.enumeration<DisputeStatus>("status"));
  ORKESTR_TRY(filter.booking_id, call.query.parsed<BookingId>("bookingId", "to be a booking's id"));
  return reply_list(tx.disputes().list(call.tenant.id, filter, and_one_more(page)), page.limit);
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto id, call.id<DisputeId>());
  return reply_thread<provider>(tx, call, id);
}

constexpr std::string_view filters[] = {"status", "bookingId", "limit", "cursor"};

constexpr Route act_on(std::string_view path, std::string_view operation, DisputeParty party, WriteHandler write,
                       Route::Body body = Route::Body::required, Role role = Role::staff) {
  return {.method = Method::post,
          .path = path,
          .operation = operation,
          .access = party == customer ? Access::visitor : Access::admin,
          .body = body,
          .write = write,
          .managed = party == customer,
          .role = role};
}

} // namespace

std::span<const Route> dispute_routes() {
  using M = Method;
  using enum Route::Body;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/public/{tenant}/bookings/{bookingId}/disputes",
       .operation = "listOwnDisputes",
       .access = Access::visitor,
       .parameters = list_parameters,
       .read = list_customers,
       .managed = true},
      act_on("/v1/public/{tenant}/bookings/{bookingId}/disputes", "openOwnDispute", customer, open<customer>),
      {.method = M::get,
       .path = "/v1/public/{tenant}/bookings/{bookingId}/disputes/{disputeId}",
       .operation = "getOwnDispute",
       .access = Access::visitor,
       .read = get_customers,
       .managed = true},
      act_on("/v1/public/{tenant}/bookings/{bookingId}/disputes/{disputeId}/messages", "postOwnDisputeMessage", customer, post<customer>),
      act_on("/v1/public/{tenant}/bookings/{bookingId}/disputes/{disputeId}/escalate", "escalateOwnDispute", customer,
             action<customer, escalate_dispute>, optional),
      act_on("/v1/public/{tenant}/bookings/{bookingId}/disputes/{disputeId}/withdraw", "withdrawOwnDispute", customer,
             action<customer, withdraw_dispute>, optional),
      act_on("/v1/provider/bookings/{id}/disputes", "openDispute", provider, open<provider>),
      {.method = M::get,
       .path = "/v1/provider/disputes",
       .operation = "listDisputes",
       .access = Access::admin,
       .parameters = filters,
       .read = list},
      {.method = M::get, .path = "/v1/provider/disputes/{id}", .operation = "getDispute", .access = Access::admin, .read = get},
      act_on("/v1/provider/disputes/{id}/messages", "postDisputeMessage", provider, post<provider>),
      act_on("/v1/provider/disputes/{id}/escalate", "escalateDispute", provider, action<provider, escalate_dispute>, optional),
      act_on("/v1/provider/disputes/{id}/withdraw", "withdrawDispute", provider, action<provider, withdraw_dispute>, optional),
      act_on("/v1/provider/disputes/{id}/resolve", "resolveDispute", provider, resolve, required, Role::admin),
  };
  return routes;
}

} // namespace orkestr::inline v1::api
