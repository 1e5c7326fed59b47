// Calendars to subscribe to: their addresses, and what is behind them.
#include "api/bodies.hpp"
#include "api/calendar_bodies.hpp"

#include "orkestr/adapters/ical.hpp"
#include "orkestr/platform/calendars.hpp"

namespace orkestr::inline v1::api {
namespace {

/// Whose calendar a call to /v1/provider is about.
CalendarOwner owner_of(const Call& call) {
  return {call.member ? CalendarOwnerKind::member : CalendarOwnerKind::key, std::string{call.caller()}};
}

/// Whose a customer's session is. @errors `unauthenticated`
Result<CalendarOwner> customer_of(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const auto session, find_customer_session(tx, call.tenant.id, bearer(call.request), call.now));
  const auto customer = tx.customers().find_by_email(call.tenant.id, session.email).get();
  if (!customer) return fail(Code::not_found, "There are no bookings under this address.");
  return CalendarOwner{CalendarOwnerKind::customer, customer->id.str()};
}

Result<Reply> make_for(WriteContext& cx, const Call& call, const CalendarOwner& owner) {
  const auto token = make_calendar_token(call.platform.random());
  put_calendar_token(cx, owner, token);
  return Reply{201, json::to_json(MadeCalendar{calendar_url(call.platform.storefront(), call.tenant, token)}), std::string{call.path},
               false};
}

Result<Reply> erase_for(WriteContext& cx, const CalendarOwner& owner) {
  if (!erase_calendar_tokens(cx, owner)) return fail(Code::not_found, "There is no calendar.");
  return Reply{204, {}, {}, false};
}

CalendarState state_of(const storage::ReadTransaction& tx, const Call& call) {
  const auto token = tx.calendar_tokens().find_of(call.tenant.id, owner_of(call));
  return {{}, token ? std::optional{token->created_at} : std::nullopt};
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) { return reply_with(state_of(tx, call)); }
Result<Reply> make(WriteContext& cx, const Call& call) { return make_for(cx, call, owner_of(call)); }
Result<Reply> remove(WriteContext& cx, const Call& call) {
  ORKESTR_CHECK(check_match(call.request, json::to_json(state_of(cx.tx, call))));
  return erase_for(cx, owner_of(call));
}

Result<Reply> make_own(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto owner, customer_of(cx.tx, call));
  return make_for(cx, call, owner);
}
Result<Reply> remove_own(WriteContext& cx, const Call& call) {
  ORKESTR_TRY(const auto owner, customer_of(cx.tx, call));
  return erase_for(cx, owner);
}

Result<Reply> feed(const Call& call) {
  auto& platform = call.platform;
  ORKESTR_TRY(const auto calendar, platform.store().read([&](const storage::ReadTransaction& tx) {
    return read_calendar(tx, call.ids[0], platform.storefront(), platform.base_domain(), call.now);
  }));
  Reply reply;
  reply.body = write_ical(calendar);
  reply.content_type = "text/calendar; charset=utf-8";
  reply.disposition = "inline; filename=\"bookings.ics\"";
  return reply;
}

} // namespace

std::span<const Route> calendar_routes() {
  using M = Method;
  constexpr auto admin = Access::admin;
  constexpr std::string_view path = "/v1/provider/calendar-token", own_path = "/v1/public/{tenant}/calendar-token";
  static constexpr Route routes[] = {
      {.method = M::get, .path = path, .operation = "getCalendarToken", .access = admin, .read = get, .role = Role::client},
      {.method = M::post,
       .path = path,
       .operation = "makeCalendarToken",
       .access = admin,
       .write = make,
       .secret_answer = true,
       .role = Role::client},
      {.method = M::del, .path = path, .operation = "removeCalendarToken", .access = admin, .write = remove, .role = Role::client},
      {.method = M::post,
       .path = own_path,
       .operation = "makeOwnCalendarToken",
       .access = Access::visitor,
       .write = make_own,
       .secret_answer = true,
       .session = true},
      {.method = M::del,
       .path = own_path,
       .operation = "removeOwnCalendarToken",
       .access = Access::visitor,
       .write = remove_own,
       .session = true},
      {.method = M::get, .path = "/calendar/{token}.ics", .operation = "getCalendar", .access = Access::open, .act = feed},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
