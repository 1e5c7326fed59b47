#include "pages/bookings.hpp"

namespace orkestr::server::pages {
namespace {

/// A time of the same length, from when to when, in the zone of the offering.
api::Response ask_whether(const Managed& managed, const Object& offering, const std::string& start, const std::string& end) {
  Page& page = managed.page;
  const auto zone = text_at(offering, "timeZone");
  Data data = managed.data(), now{Data::type::object}, then{Data::type::object};
  put_times(page, now, text_at(managed.item(), "startsAt"), text_at(managed.item(), "endsAt"), zone);
  put_times(page, then, start, end, zone);
  data.set("now", now);
  data.set("then", then);
  put(data, "start", start);
  put(data, "end", end);
  page.title = page.say("move.title");
  return page.answer("move_confirm", data);
}

} // namespace

api::Response move(Managed& managed) {
  Page& page = managed.page;
  const auto& item = managed.item();
  const auto starts = Instant::parse(text_at(item, "startsAt")), ends = Instant::parse(text_at(item, "endsAt"));
  Object offering;
  if (!starts || !ends || page.ask("/offerings/" + encode(text_at(item, "offeringId")), offering) != 200 ||
      !is_at(offering, "rescheduleAllowed"))
    return page.trouble(409, "move.not", "move.notText");
  std::string trouble;
  if (page.is_post()) {
    const auto form = form_of(page);
    Object moved;
    const int code = managed.ask("", moved, api::Method::patch,
                                 {{"itemId", text_at(item, "id")}, {"startsAt", at(form, "start")}, {"endsAt", at(form, "end")}});
    if (code == 200) return page.see(managed.link());
    if (code != 409 && code != 422 && code != 400) return page.trouble_of(code);
    page.status = 409;
    trouble = text_at(moved, "code") == "slot_unavailable" ? page.say("move.gone") : page.fault_words(moved);
  } else if (const auto start = at(page.query, "start"), end = at(page.query, "end"); Instant::parse(start) && Instant::parse(end)) {
    return ask_whether(managed, offering, start, end);
  }
  Data data = managed.data(), now{Data::type::object};
  put_times(page, now, text_at(item, "startsAt"), text_at(item, "endsAt"), text_at(offering, "timeZone"));
  data.set("now", now);
  put(data, "trouble", trouble);
  put(data, "action", page.base + "/bookings/" + managed.id + "/move");
  put(data, "method", "get");
  put(data, "home", managed.link());
  put(data, "away", page.say("nav.leaveIt"));
  put(data, "nonce", false);
  Query keep;
  if (managed.in_address) keep["token"] = managed.token;
  (void)put_calendar(page, data, offering,
                     {std::chrono::duration_cast<std::chrono::minutes>(*ends - *starts), true, integer_at(item, "quantity"), keep, keep});
  page.title = page.say("move.title");
  return page.answer("move", data);
}

} // namespace orkestr::server::pages
