#include "orkestr/engine/calendar.hpp"

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

EventState state_of(const BookedTime& booked) {
  switch (booked.status) {
  case BookingStatus::pending: return EventState::tentative;
  case BookingStatus::confirmed:
  case BookingStatus::completed: return EventState::confirmed;
  case BookingStatus::cancelled: return EventState::cancelled;
  case BookingStatus::refunded: break;
  }
  return booked.took_place ? EventState::confirmed : EventState::cancelled; // money may go back afterwards
}

} // namespace

std::vector<CalendarEvent> calendar_events(std::span<const BookedTime> booked, std::string_view host, bool with_names,
                                           std::string_view link) {
  std::vector<CalendarEvent> events;
  events.reserve(booked.size());
  for (const auto& each : booked) {
    CalendarEvent event;
    event.uid = each.item_id.str() + "@" + std::string{host};
    event.sequence = each.sequence;
    event.state = state_of(each);
    event.changed_at = each.updated_at;
    event.starts_at = each.starts_at;
    event.ends_at = each.ends_at;
    event.summary = each.offering_title;
    if (each.quantity > 1) event.summary += " × " + std::to_string(each.quantity);
    if (with_names) event.summary += " – " + each.customer_name;
    event.description = "Booking " + each.booking_id.str() + ", " + std::string{json::name_of(each.status)};
    event.url = std::string{link} + each.booking_id.str();
    events.push_back(std::move(event));
  }
  std::ranges::sort(events, [](const auto& a, const auto& b) { return std::tie(a.starts_at.ms, a.uid) < std::tie(b.starts_at.ms, b.uid); });
  return events;
}

} // namespace orkestr::inline v1
