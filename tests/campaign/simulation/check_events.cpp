// The outbox: every change has its event, once, and there is no event without a change.
#include "campaign/simulation/checks.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace orkestr::campaign {
namespace {

std::string label(EventType type, std::string_view subject) { return std::string{json::name_of(type)} + " " + std::string{subject}; }

std::vector<std::string> called_for(const Seen& seen) {
  using enum EventType;
  std::vector<std::string> events;
  const auto add = [&](EventType type, std::string_view subject) { events.push_back(label(type, subject)); };
  for (const auto& row : seen.after.bookings) {
    const auto* old = seen.before.find(row.id);
    if (old == nullptr) {
      add(booking_created, row.id.view());
      if (row.coupon_id) add(coupon_redeemed, row.id.view());
    }
    const auto before = old == nullptr ? BookingStatus::pending : old->status;
    if (row.status != before) {
      if (row.status == BookingStatus::confirmed) add(booking_confirmed, row.id.view());
      if (row.status == BookingStatus::cancelled) add(booking_cancelled, row.id.view());
      if (row.status == BookingStatus::completed) add(booking_completed, row.id.view());
      if (row.status == BookingStatus::refunded) add(booking_refunded, row.id.view());
    }
    if (old != nullptr && old->items[0].interval() != row.items[0].interval()) add(booking_rescheduled, row.id.view());
  }
  if (seen.step.kind == Kind::run_due)
    for (const auto& hold : seen.before.holds)
      if (seen.after.find(hold.id) == nullptr) add(hold_expired, hold.id.view());
  std::ranges::sort(events);
  return events;
}

/// The body says what the event is, whose, and of which booking in which state.
void check_body(const Seen& seen, const Event& event, Findings& findings) {
  const auto body = boost::json::parse(event.body);
  const auto& data = body.at("data").as_object();
  findings.check(says(body.at("id"), event.id.view()) && says(body.at("event"), json::name_of(event.type)) &&
                     says(body.at("tenantId"), seen.shop.tenant.view()) && says(body.at("timestamp"), to_string(event.created_at)) &&
                     event.created_at == seen.now,
                 "an event's envelope is wrong");
  const auto id = BookingId::parse(event.subject);
  const auto* booking = id ? seen.after.find(*id) : nullptr;
  if (booking == nullptr) return;
  findings.check(says(data.at("bookingId"), booking->id.view()), "an event is about another booking than it says");
  // In one step a new booking can have two states, and so can one whose move leaves nothing to be paid.
  const bool settled_by_moving = event.type == EventType::booking_rescheduled && booking->auto_approve &&
                                 booking->status == BookingStatus::confirmed && booking->confirmed_at == seen.now;
  if (settled_by_moving)
    findings.check(says(data.at("status"), "PENDING") || says(data.at("status"), "CONFIRMED"), "a move tells a state that it can't have");
  else if (event.type != EventType::booking_created && event.type != EventType::coupon_redeemed)
    findings.check(says(data.at("status"), json::name_of(booking->status)) &&
                       says(data.at("startsAt"), to_string(booking->items[0].starts_at)) && data.at("totalCents") == booking->total_cents,
                   "an event tells another state than the booking has");
}

} // namespace

void check_events(const Seen& seen, Findings& findings) {
  std::vector<std::string> found;
  for (const auto& [id, event] : seen.after.events) {
    if (seen.before.events.contains(id)) continue;
    found.push_back(label(event.type, event.subject));
    check_body(seen, event, findings);
  }
  std::ranges::sort(found);
  const auto expected = called_for(seen);
  findings.check(found == expected, [&] {
    std::string text = "the outbox has not one event for each change; called for:";
    for (const auto& one : expected) text += " " + one + ";";
    text += " found:";
    for (const auto& one : found) text += " " + one + ";";
    return text;
  });
}

} // namespace orkestr::campaign
