#include "api/slots.hpp"

#include <algorithm>
#include <charconv>

namespace orkestr::inline v1::api {
namespace {

Result<Instant> boundary(const Query& query, std::string_view name, ZoneClock& clock) {
  ORKESTR_TRY(const std::string text, query.required(name));
  if (const auto date = LocalDate::parse(text)) return clock.to_instant(LocalDateTime::of(*date, {0}));
  if (const auto instant = Instant::parse(text)) return *instant;
  return Query::invalid(name, "to be a date such as 2026-05-12 or a time such as 2026-05-12T15:00:00Z");
}

Result<int> quantity_of(const Query& query) {
  const auto* text = query.find("quantity");
  if (text == nullptr) return 1;
  int number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number < 1 || number > 100'000)
    return Query::invalid("quantity", "to be a number from 1 to 100000");
  return number;
}

/// What the query asks about slots. `explain=all` lists every slot with its reason, `explain=<time>` explains one start.
struct Question {
  int quantity = 1;
  Zone viewer;
  std::optional<BookingId> own; ///< whose claims don't count
  bool explain_all = false;
  std::optional<Instant> explain_instant;
  std::optional<LocalDateTime> explain_wall;
};

Result<Question> question_of(const Query& query, Zone zone) {
  Question q;
  q.viewer = zone;
  ORKESTR_TRY(q.quantity, quantity_of(query));
  if (const auto* name = query.find("timeZone")) {
    const auto found = Zone::find(*name);
    if (!found) return Query::invalid("timeZone", "to be an IANA name such as Europe/Madrid");
    q.viewer = *found;
  }
  ORKESTR_TRY(q.own, query.parsed<BookingId>("excludeBookingId", "to be a booking's id"));
  if (const auto* text = query.find("explain")) {
    q.explain_all = *text == "all";
    q.explain_instant = Instant::parse(*text);
    q.explain_wall = LocalDateTime::parse(*text);
    if (!q.explain_all && !q.explain_instant && !q.explain_wall)
      return Query::invalid("explain", "to be all, a time such as 2026-05-12T15:00:00Z, or a local one such as 2026-05-12T11:00");
  }
  return q;
}

void append_offset(std::string& out, std::int64_t seconds) {
  out += seconds < 0 ? '-' : '+';
  const auto minutes = (seconds < 0 ? -seconds : seconds) / 60;
  for (const auto part : {minutes / 60, minutes % 60})
    out.append(1, static_cast<char>('0' + part / 10)).append(1, static_cast<char>('0' + part % 10));
  out.insert(out.size() - 2, 1, ':');
}

void append_wall(std::string& out, Instant at, ZoneClock& clock) {
  out += R"("localStart":")";
  append(out, clock.to_local(at));
  out += R"(","utcOffset":")";
  append_offset(out, clock.offset(at));
  out += '"';
}

void write_explanation(json::Writer& w, const Explanation& explanation) {
  w.begin_object();
  w.key("offered");
  w.boolean(explanation.reason == SlotReason::offered);
  w.key("reason");
  json::write(w, explanation.reason);
  w.key("detail");
  w.string(explanation.detail);
  w.end_object();
}

} // namespace

Result<Interval> range_of(const Query& query, Zone zone) {
  ZoneClock clock(zone);
  ORKESTR_TRY(const Instant from, boundary(query, "from", clock));
  ORKESTR_TRY(const Instant to, boundary(query, "to", clock));
  // Some hours' grace for a range of dates that holds an autumn change; expand() allows the same.
  if (to <= from || to - from > std::chrono::days{max_range_days} + std::chrono::hours{3})
    return fail(Code::range_too_long, "from must be before to, and at most 366 days before it.");
  return Interval{from, to};
}

void append_slot_members(std::string& out, const Slot& slot) {
  const auto number = [&](int value) {
    char digits[12];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  };
  out += R"("startsAt":")";
  append(out, slot.interval.start);
  out += R"(","endsAt":")";
  append(out, slot.interval.end);
  out += R"(","capacity":)";
  number(slot.capacity);
  out += R"(,"remaining":)";
  number(slot.remaining);
}

Result<Reply> slots_reply(const storage::ReadTransaction& tx, const Call& call, const AvailabilityView& view) {
  ORKESTR_TRY(const Schedule schedule, view.schedule());
  ORKESTR_TRY(const Interval range, range_of(call.query, schedule.zone));
  ORKESTR_TRY(const Question q, question_of(call.query, schedule.zone));
  const Offering& offering = view.offering;
  const auto taken_in = [&](Interval interval) -> std::vector<Occupancy> {
    auto claims = tx.occupancy().in_range(call.tenant.id, capacity_key(offering), occupancy_range(schedule, interval), call.now);
    if (q.own)
      if (const auto booking = tx.bookings().find(call.tenant.id, *q.own))
        std::erase_if(claims, [&](const storage::Claim& claim) {
          return std::ranges::any_of(booking->items, [&](const BookingItem& item) { return claim.holder == storage::Holder{item.id}; });
        });
    return occupancies(claims);
  };
  const auto taken = taken_in(range);
  std::vector<ExplainedSlot> slots;
  if (q.explain_all) {
    ORKESTR_TRY(slots, explain(schedule, range, q.quantity, taken, call.now));
  } else {
    ORKESTR_TRY(const auto free, expand(schedule, range, taken, Audience::customer, call.now));
    for (const auto& slot : free)
      if (slot.remaining >= q.quantity) slots.push_back({slot, SlotReason::offered});
  }
  const auto rules = tx.pricing_rules().of(call.tenant.id, offering.id);

  Reply reply;
  reply.tagged = false;
  reply.body.reserve(512 + slots.size() * 200);
  json::Writer w(reply.body);
  w.begin_object();
  w.key("offeringId");
  w.string(offering.id.view());
  w.key("timeZone");
  w.string(q.viewer.name());
  w.key("quantity");
  w.integer(q.quantity);
  w.key("currency");
  w.string(offering.currency.code());
  ZoneClock clock(q.viewer);
  w.key("slots");
  w.array(slots, [&](std::string& out, const ExplainedSlot& explained) {
    const Slot& slot = explained.slot;
    out += '{';
    append_slot_members(out, slot);
    out += ',';
    append_wall(out, slot.interval.start, clock);
    const auto price = quote(offering, slot.interval, q.quantity, {rules, call.now, slot.capacity - slot.remaining, slot.capacity});
    out += R"(,"priceCents":)" + (price ? std::to_string(price->total_cents) : "null");
    if (q.explain_all) out.append(R"(,"reason":")").append(json::name_of(explained.reason)).append("\"");
    out += '}';
  });
  if (q.explain_instant) {
    w.key("explanation");
    const Instant at = *q.explain_instant;
    write_explanation(w, explain_at(schedule, at, q.quantity, taken_in({at, at + milliseconds{1}}), call.now));
  } else if (q.explain_wall) {
    w.key("explanation");
    ZoneClock own(schedule.zone);
    const Instant at = own.to_instant(*q.explain_wall);
    write_explanation(w, explain_at(schedule, *q.explain_wall, q.quantity, taken_in({at, at + milliseconds{1}}), call.now));
  }
  w.key("tzdbVersion");
  w.string(tzdb_version());
  w.key("computedAt");
  json::write(w, call.now);
  w.end_object();
  return reply;
}

namespace {

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const std::string text, call.query.required("offeringId"));
  ORKESTR_CHECK(call.query.required("from"));
  ORKESTR_CHECK(call.query.required("to"));
  const auto id = OfferingId::parse(text);
  if (!id) return fail(Code::not_found, "There is no such offering.");
  ORKESTR_TRY(const auto view, load_availability(tx, call.tenant.id, *id));
  return slots_reply(tx, call, view);
}

} // namespace

std::span<const Route> slot_routes() {
  static constexpr std::string_view parameters[] = {"offeringId", "from", "to", "quantity", "timeZone", "excludeBookingId", "explain"};
  static constexpr Route routes[] = {{.method = Method::get,
                                      .path = "/v1/api/slots",
                                      .operation = "listSlots",
                                      .access = Access::read,
                                      .parameters = parameters,
                                      .read = get}};
  return routes;
}

} // namespace orkestr::inline v1::api
