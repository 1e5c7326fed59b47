#include "api/offering_rows.hpp"
#include "api/slots.hpp"

#include <algorithm>

namespace orkestr::inline v1::api {
namespace {

void write_claim(json::Writer& w, const storage::Claim& claim) {
  w.begin_object();
  w.key("startsAt");
  json::write(w, claim.interval.start);
  w.key("endsAt");
  json::write(w, claim.interval.end);
  w.key("quantity");
  w.integer(claim.quantity);
  w.key("status");
  json::write(w, claim.status);
  w.end_object();
}

Result<Reply> get(const storage::ReadTransaction& tx, const Call& call) {
  ORKESTR_TRY(const std::string id_text, call.query.required("offeringId"));
  const auto id = OfferingId::parse(id_text);
  ORKESTR_CHECK(call.query.required("from"));
  ORKESTR_CHECK(call.query.required("to"));
  const auto* expand = call.query.find("expand");
  if (expand != nullptr && *expand != "slots") return Query::invalid("expand", "to be slots");
  if (!id) return fail(Code::not_found, "There is no such offering.");
  ORKESTR_TRY(auto view, load_availability(tx, call.tenant.id, *id));
  ORKESTR_TRY(const Zone zone, Zone::find(view.offering.time_zone));
  ORKESTR_TRY(const Interval range, range_of(call.query, zone));
  ZoneClock clock(zone);
  ORKESTR_CHECK(fill_availability(tx, call.tenant.id, view, range, expand != nullptr, Audience::provider, call.now));
  std::erase_if(view.exceptions, [&](const AvailabilityException& exception) {
    return !Interval{clock.to_instant(exception.starts_at), clock.to_instant(exception.ends_at, Ambiguous::later)}.overlaps(range);
  });

  Reply reply;
  reply.tagged = false;
  reply.body.reserve(512 + view.slots.size() * 104 + view.booked.size() * 100);
  json::Writer w(reply.body);
  w.begin_object();
  w.key("offeringId");
  w.string(view.offering.id.view());
  w.key("timeZone");
  w.string(view.offering.time_zone);
  w.key("rules");
  json::write(w, view.rules);
  w.key("exceptions");
  json::write(w, view.exceptions);
  w.key("booked");
  w.begin_array();
  for (const auto& claim : view.booked) write_claim(w, claim);
  w.end_array();
  if (expand != nullptr) {
    w.key("slots");
    w.array(view.slots, [](std::string& out, const Slot& slot) {
      out += '{';
      append_slot_members(out, slot);
      out += '}';
    });
    w.key("tzdbVersion");
    w.string(tzdb_version());
    w.key("computedAt");
    json::write(w, call.now);
  }
  w.end_object();
  return reply;
}

} // namespace

template <> struct RowKind<AvailabilityRule> {
  static auto all(const storage::ReadTransaction& tx, TenantId tenant, OfferingId offering) {
    return tx.availability().rules(tenant, offering);
  }
  static auto create(WriteContext& cx, const AvailabilityRule& draft, json::Reader& reader) { return create_rule(cx, draft, reader); }
  static auto update(WriteContext& cx, const AvailabilityRule& row, json::Reader& reader) { return update_rule(cx, row, reader); }
  static void erase(WriteContext& cx, RuleId id) { delete_rule(cx, id); }
};
template <> struct RowKind<AvailabilityException> {
  static auto all(const storage::ReadTransaction& tx, TenantId tenant, OfferingId offering) {
    return tx.availability().exceptions(tenant, offering);
  }
  static auto create(WriteContext& cx, const AvailabilityException& draft, json::Reader& reader) {
    return create_exception(cx, draft, reader);
  }
  static auto update(WriteContext& cx, const AvailabilityException& row, json::Reader& reader) { return update_exception(cx, row, reader); }
  static void erase(WriteContext& cx, ExceptionId id) { delete_exception(cx, id); }
};

namespace {

constexpr std::string_view parameters[] = {"offeringId", "from", "to", "expand"};
constexpr std::string_view rules_path = "/v1/provider/offerings/{id}/availability/rules";
constexpr std::string_view rule_path = "/v1/provider/offerings/{id}/availability/rules/{ruleId}";
constexpr std::string_view exceptions_path = "/v1/provider/offerings/{id}/availability/exceptions";
constexpr std::string_view exception_path = "/v1/provider/offerings/{id}/availability/exceptions/{exceptionId}";

} // namespace

std::span<const Route> availability_routes() {
  using M = Method;
  using enum Route::Body;
  using Rule = AvailabilityRule;
  using Exception = AvailabilityException;
  constexpr auto admin = Access::admin;
  static constexpr Route routes[] = {
      {.method = M::get,
       .path = "/v1/api/availability",
       .operation = "getAvailability",
       .access = Access::read,
       .parameters = parameters,
       .read = get},
      {.method = M::get,
       .path = rules_path,
       .operation = "listAvailabilityRules",
       .access = admin,
       .parameters = list_parameters,
       .read = list_rows<Rule>},
      {.method = M::post,
       .path = rules_path,
       .operation = "createAvailabilityRule",
       .access = admin,
       .body = required,
       .write = create_row<Rule>},
      {.method = M::get, .path = rule_path, .operation = "getAvailabilityRule", .access = admin, .read = get_row<Rule>},
      {.method = M::patch,
       .path = rule_path,
       .operation = "updateAvailabilityRule",
       .access = admin,
       .body = required,
       .write = update_row<Rule>},
      {.method = M::del, .path = rule_path, .operation = "deleteAvailabilityRule", .access = admin, .write = remove_row<Rule>},
      {.method = M::get,
       .path = exceptions_path,
       .operation = "listAvailabilityExceptions",
       .access = admin,
       .parameters = list_parameters,
       .read = list_rows<Exception>},
      {.method = M::post,
       .path = exceptions_path,
       .operation = "createAvailabilityException",
       .access = admin,
       .body = required,
       .write = create_row<Exception>},
      {.method = M::get, .path = exception_path, .operation = "getAvailabilityException", .access = admin, .read = get_row<Exception>},
      {.method = M::patch,
       .path = exception_path,
       .operation = "updateAvailabilityException",
       .access = admin,
       .body = required,
       .write = update_row<Exception>},
      {.method = M::del,
       .path = exception_path,
       .operation = "deleteAvailabilityException",
       .access = admin,
       .write = remove_row<Exception>},
  };
  return routes;
}

} // namespace orkestr::inline v1::api
