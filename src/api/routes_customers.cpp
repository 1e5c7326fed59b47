// How customers come in without a password, and the list of their bookings.
#include "api/bodies.hpp"
#include "api/customer_bodies.hpp"

namespace orkestr::inline v1::api {
namespace {

Result<Reply> create_link(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<CustomerLinkDraft>(call));
  ORKESTR_CHECK(send_customer_link(cx, draft.email, make_link_token(call.platform.random())));
  return Reply{202, "{}", {}, false};
}

Result<Reply> create_session(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto draft, body_of<CustomerSessionDraft>(call));
  const auto token = make_session_token(call.platform.random());
  ORKESTR_TRY(const auto session, open_customer_session(cx, draft.link, token));
  return Reply{201, json::to_json(OpenedSession{token, session.expires_at, session.email}), std::string{call.path} + "/current", false};
}

Result<Reply> end_session(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(end_customer_session(cx, bearer(call.request)));
  return Reply{204, {}, {}, false};
}

Result<Reply> list_own(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto session, find_customer_session(tx, call.tenant.id, bearer(call.request), call.now));
  ORKESTR_TRY(const auto page, call.query.page());
  storage::BookingFilter filter;
  ORKESTR_TRY(filter.status, call.query.enumeration<BookingStatus>("status"));
  std::vector<CustomersBooking> rows;
  if (const auto customer = tx.customers().find_by_email(call.tenant.id, session.email).get()) {
    filter.customer_id = customer->id;
    for (auto& booking : tx.bookings().list(call.tenant.id, filter, and_one_more(page))) rows.push_back({std::move(booking)});
  }
  return reply_list(std::move(rows), page.limit);
}

constexpr std::string_view parameters[] = {"status", "limit", "cursor"};

} // namespace

std::span<const Route> customer_routes() {
  using M = Method;
  using enum Route::Body;
  constexpr auto visitor = Access::visitor;
  static constexpr Route routes[] = {
      {.method = M::post,
       .path = "/v1/public/{tenant}/customer-links",
       .operation = "createCustomerLink",
       .access = visitor,
       .body = required,
       .write = create_link},
      {.method = M::post,
       .path = "/v1/public/{tenant}/customer-sessions",
       .operation = "createCustomerSession",
       .access = visitor,
       .body = required,
       .write = create_session,
       .secret_answer = true},
      {.method = M::del,
       .path = "/v1/public/{tenant}/customer-sessions/current",
       .operation = "endCustomerSession",
       .access = visitor,
       .write = end_session,
       .session = true},
      {.method = M::get,
       .path = "/v1/public/{tenant}/bookings",
       .operation = "listOwnBookings",
       .access = visitor,
       .parameters = parameters,
       .read = list_own,
       .session = true},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
