// Calendars as RFC 5545 has them, written by libical.
#pragma once

#include "orkestr/engine/calendar.hpp"

namespace orkestr::inline v1 {

/// The calendar as an iCalendar object to subscribe to (METHOD:PUBLISH), times in UTC. The same calendar is always the same text.
/// @thread_safety pure
[[nodiscard]] std::string write_ical(const Calendar& calendar);

} // namespace orkestr::inline v1
